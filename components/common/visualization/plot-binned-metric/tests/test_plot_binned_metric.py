"""The picture shows each value in its bin, its interval, gaps as gaps, and how many instances stand behind."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.visualization.plot_binned_metric import plot_binned_metric

COMPONENT = Path(__file__).parents[1]
pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def table(value=(0.9, 0.8, 0.7), edges=(100, 200, 400, 1000), n=(50, 400, 30)):
    value = np.array(value)
    low, high = np.array(edges[:-1]), np.array(edges[1:])
    return {"low": low, "high": high, "value": value, "value_low": value - 0.1, "value_high": value + 0.05, "n": n}


def points(ax):
    return [container.lines[0].get_data() for container in ax.containers if hasattr(container, "has_yerr")]


def render(ax):
    buffer = io.BytesIO()
    ax.figure.savefig(buffer)
    return buffer.getvalue()


def test_one_model_stands_in_the_middle_of_bins_and_spans_them():
    ax = plot_binned_metric({"net": table()})
    ((x, y),) = points(ax)
    np.testing.assert_allclose(x, [150, 300, 700])
    np.testing.assert_allclose(y, [0.9, 0.8, 0.7])
    across, up = (lines.get_segments() for lines in ax.containers[0].lines[2])
    np.testing.assert_allclose(across[2], [[400, 0.7], [1000, 0.7]])
    np.testing.assert_allclose(up[2], [[700, 0.6], [700, 0.75]])
    assert ax.get_legend() is None


@pytest.mark.parametrize("log_x", [False, True])
def test_models_stand_side_by_side_inside_their_bins(log_x):
    ax = plot_binned_metric({"a": table(), "b": table(), "c": table()}, log_x=log_x)
    xs = np.array([x for x, _ in points(ax)])
    assert (np.diff(xs, axis=0) > 0).all()
    assert ((xs > [100, 200, 400]) & (xs < [200, 400, 1000])).all()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b", "c"]


def test_middle_of_a_logarithmic_bin_is_geometric():
    ((x, _),) = points(plot_binned_metric({"net": table()}, log_x=True))
    np.testing.assert_allclose(x, np.sqrt([100 * 200, 200 * 400, 400 * 1000]))


def test_gap_stays_a_gap():
    ((_, y),) = points(plot_binned_metric({"net": table((0.9, np.nan, 0.7))}))
    assert np.isnan(y[1])
    ax = plot_binned_metric({"net": table((np.nan,) * 3)})
    assert ax.texts[0].get_text() == "no bin has a value"
    render(ax)


def test_counts_are_bars_at_the_foot():
    ax = plot_binned_metric({"net": table()})
    heights = [patch.get_height() for patch in ax.patches]
    np.testing.assert_allclose(np.array(heights) / max(heights), np.array([50, 400, 30]) / 400)
    assert max(heights) < 0.15
    assert "at most 400" in ax.get_title(loc="left")
    assert ax.get_ylim()[0] < 0.6 - 0.05
    assert not plot_binned_metric({"net": table()}, counts=False).patches


def test_table_of_values_alone_is_enough():
    ax = plot_binned_metric({"net": {"low": [0, 1], "high": [1, 2], "value": [3, 4]}})
    assert points(ax)[0][1].tolist() == [3, 4]


def test_infinite_bins_are_as_wide_as_their_neighbours():
    ax = plot_binned_metric({"net": table(edges=(-np.inf, 0, 100, np.inf))})
    assert ax.get_xlim() == (-100, 200)
    assert plot_binned_metric({"net": {"low": [0], "high": [np.inf], "value": [1]}}).get_xlim() == (0, 1)


def test_reference_and_labels_are_drawn():
    ax = plot_binned_metric({"net": table()}, xlabel="Distance (m)", ylabel="AUC", reference=0.5)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Distance (m)", "AUC")
    assert any(set(line.get_ydata()) == {0.5} for line in ax.lines)


def test_given_axes_are_used_and_dollars_are_no_formula():
    ax = Figure().add_subplot()
    assert plot_binned_metric({"a $ b $": table(), "c": table()}, ax) is ax
    render(ax)


def test_picture_is_the_same_every_time():
    assert render(plot_binned_metric({"net": table()})) == render(plot_binned_metric({"net": table()}))


@settings(deadline=None, max_examples=15)
@given(st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), min_size=1, max_size=6), st.integers(1, 4), st.booleans())
def test_any_values_can_be_drawn(values, n_models, log_x):
    one = table(values, np.arange(1, len(values) + 2), np.arange(len(values)))
    plot_binned_metric({str(i): one for i in range(n_models)}, log_x=log_x).figure.draw_without_rendering()


@pytest.mark.parametrize(
    ("tables", "options", "words"),
    [
        ({}, {}, "at least one"),
        (table(), {}, "is a ndarray"),
        ([table()], {}, "mapping"),
        ({"net": {"low": [0], "high": [1]}}, {}, "lacks ['value']"),
        ({"net": {"low": [0], "high": [1], "value": [1, 2]}}, {}, "lengths"),
        ({"net": {"low": [], "high": [], "value": []}}, {}, "lengths"),
        ({"net": {"low": [0], "high": [1], "value": ["a"]}}, {}, "column 'value'"),
        ({"net": {"low": [1, 0], "high": [2, 1], "value": [1, 2]}}, {}, "ascend"),
        ({"net": {"low": [0, 1], "high": [1, 2], "value": [1, 2]}}, {"log_x": True}, "above 0"),
    ],
)
def test_wrong_input_is_explained(tables, options, words):
    assert_clear_error(plot_binned_metric, tables, **options, mentions=(words,))


def test_pyplot_is_not_touched(tmp_path):
    code = (
        "import sys; from stac.visualization.plot_binned_metric import plot_binned_metric as p; "
        "p({'a': {'low': [0], 'high': [1], 'value': [1]}}).figure.savefig('b.png'); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout.strip() == "False"
