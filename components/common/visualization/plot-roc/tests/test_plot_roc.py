"""The picture shows the curves, their intervals and the working point that the numbers say."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from stac.metrics.roc_analysis import roc_auc, roc_band, roc_curve, signal_efficiency
from stac.testing.component_checks import assert_clear_error, package_checks
from stac.visualization.plot_roc import plot_roc

COMPONENT = Path(__file__).parents[1]
pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def scores(n=400, skill=1.5, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.3
    return y, skill * y + rng.normal(size=n)


def curve_of(ax, name):
    return next(line for line in ax.lines if line.get_label().startswith(name))


def texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def render(ax, file_format="png"):
    buffer = io.BytesIO()
    ax.figure.savefig(buffer, format=file_format)
    return buffer.getvalue()


def test_line_is_the_curve_and_shade_is_the_band():
    case = scores()
    ax = plot_roc({"net": case})
    fpr, tpr, _ = roc_curve(*case)
    np.testing.assert_allclose(curve_of(ax, "net").get_xdata(), fpr)
    np.testing.assert_allclose(curve_of(ax, "net").get_ydata(), tpr)
    edges = ax.collections[0].get_paths()[0].vertices
    band = roc_band(*case)
    assert {round(float(y), 9) for y in band.high} <= {round(float(y), 9) for y in edges[:, 1]}


def test_legend_says_area_and_efficiency_with_intervals():
    case = scores()
    ax = plot_roc({"net": case}, background_rejection=0.9)
    name, auc, efficiency = texts(ax)[0].split("\n")
    expected = roc_auc(*case)
    assert name == "net"
    assert auc == f"AUC {expected.value:.2f} ({expected.low:.2f} to {expected.high:.2f})"
    assert efficiency.startswith(f"{100 * signal_efficiency(*case, 0.9).value:.0f} %")
    assert efficiency.endswith("at 90 % rejection")


def test_all_curves_have_the_same_decimals():
    ax = plot_roc({"much": scores(50_000), "little": scores(200)}, band=None)
    assert [len(text.split("AUC ")[1].split(" ")[0]) for text in texts(ax)] == [5, 5]


def test_groups_widen_the_interval():
    y, score = (np.repeat(column, 5) for column in scores())
    plain = plot_roc({"net": (y, score)})
    grouped = plot_roc({"net": (y, score)}, groups=np.arange(len(y)) // 5)
    assert texts(plain) != texts(grouped)


def test_working_point_is_marked_on_the_curve():
    case = scores()
    ax = plot_roc({"net": case}, background_rejection=0.95)
    marker = next(line for line in ax.lines if line.get_marker() == "o")
    assert marker.get_xdata()[0] == pytest.approx(0.05)
    assert marker.get_ydata()[0] == pytest.approx(signal_efficiency(*case, 0.95).value)


def test_small_print_says_band_and_numbers():
    y, score = scores()
    ax = plot_roc({"a": (y, score), "b": (y, -score)}, band="simultaneous")
    assert ax.get_title(loc="left") == f"band: 95 % for the whole curve  ·  {y.sum()} signal, {(~y).sum()} background"
    assert "signal" not in plot_roc({"a": (y, score), "b": scores(100)}).get_title(loc="left")


def test_logarithmic_axis_starts_at_one_background_instance():
    y, score = scores()
    ax = plot_roc({"net": (y, score)}, log_x=True)
    assert ax.get_xscale() == "log"
    assert ax.get_xlim()[0] == pytest.approx(1 / (~y).sum())


def test_tie_is_bent_on_a_logarithmic_axis():
    y, score = scores()
    line = curve_of(plot_roc({"ties": (y, score > 1)}, log_x=True), "ties")
    x, height = line.get_data()
    assert len(x) > 20
    fpr, tpr, _ = roc_curve(y, score > 1)
    np.testing.assert_allclose(height, np.interp(x, fpr, tpr))


@pytest.mark.parametrize("log_x", [False, True])
def test_many_instances_are_drawn_with_few_points(log_x):
    case = scores(200_000)
    ax = plot_roc({"net": case}, log_x=log_x)
    x, height = curve_of(ax, "net").get_data()
    assert 300 < len(x) < 5000
    assert len(render(ax, "svg")) < 400_000
    fpr, tpr, _ = roc_curve(*case)
    np.testing.assert_allclose(height, np.interp(x, fpr, tpr), atol=4e-3)


def test_given_axes_are_used():
    ax = Figure().add_subplot()
    assert plot_roc({"net": scores()}, ax) is ax


def test_picture_is_the_same_every_time():
    assert render(plot_roc({"net": scores()})) == render(plot_roc({"net": scores()}))


def test_dollar_in_a_name_is_no_formula():
    render(plot_roc({"a $ b $ c": scores()}))


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=20), st.booleans())
def test_any_scores_can_be_drawn(pairs, log_x):
    y, score = zip((True, 3), (False, 2), *pairs, strict=True)
    plot_roc({"net": (y, score)}, log_x=log_x, background_rejection=0.9).figure.draw_without_rendering()


@pytest.mark.parametrize(
    ("curves", "options", "words"),
    [
        ({}, {}, "at least one"),
        ((np.array([True, False]), np.array([1, 0])), {}, "mapping"),
        ({"net": [1, 2, 3]}, {}, "curve 'net'"),
        ({"net": ([True, True], [1, 2])}, {}, "curve 'net': y_true holds one class only"),
        ({"net": ([True, False], [1, np.nan])}, {}, "curve 'net': score holds NaN"),
        ({"net": ([True, False], ["a", "b"])}, {}, "curve 'net': score holds"),
        ({"net": ([True, False], [1, 2])}, {"band": "wide"}, "pointwise"),
        ({"net": ([True, False], [1, 2])}, {"confidence": 95}, "confidence"),
        ({"net": ([True, False], [1, 2])}, {"background_rejection": 95}, "background_rejection"),
    ],
)
def test_wrong_input_is_explained(curves, options, words):
    assert_clear_error(plot_roc, curves, **options, mentions=(words,))


def test_pyplot_is_not_touched(tmp_path):
    code = (
        "import sys; from stac.visualization.plot_roc import plot_roc; "
        "plot_roc({'a': ([0, 1], [1, 2])}).figure.savefig('r.png'); print('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout.strip() == "False"
