"""The diagram shows the curve, its intervals and errors that the numbers say, and the histogram below fits it."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from stac.metrics.probability_calibration import expected_calibration_error, reliability_curve
from stac.testing.component_checks import assert_clear_error, package_checks
from stac.visualization.plot_calibration import plot_calibration

COMPONENT = Path(__file__).parents[1]
pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def probabilities(n=1000, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.random(n)
    return rng.random(n) < p, p


def render(ax):
    buffer = io.BytesIO()
    ax.figure.savefig(buffer)
    return buffer.getvalue()


def test_points_and_bars_are_the_reliability_curve():
    case = probabilities()
    ax = plot_calibration({"net": case}, n_bins=7)
    curve = reliability_curve(*case, n_bins=7)
    x, y = ax.containers[0].lines[0].get_data()
    np.testing.assert_allclose(x, curve.predicted)
    np.testing.assert_allclose(y, curve.observed)
    bars = np.array(ax.containers[0].lines[2][0].get_segments())
    np.testing.assert_allclose(bars[:, :, 1], np.column_stack([curve.observed_low, curve.observed_high]))


def test_legend_says_the_error_and_what_of_it_is_chance():
    case = probabilities()
    (text,) = plot_calibration({"net": case}).get_legend().get_texts()
    assert text.get_text().startswith(f"net\ncalibration error {expected_calibration_error(*case):.3f} (chance 0.0")


def test_histogram_below_holds_all_instances_on_the_same_axis():
    ax = plot_calibration({"net": probabilities(), "other": probabilities(seed=1)})
    below = ax.figure.axes[-1]
    assert below is not ax
    for outline in below.patches:
        assert outline.get_data().values.sum() == pytest.approx(1)
    assert below.get_xlim() == ax.get_xlim()
    assert below.get_xlabel() == "Predicted probability"
    ax.figure.draw_without_rendering()
    assert below.get_window_extent().y1 < ax.get_window_extent().y0


def test_given_subplot_keeps_its_place():
    figure = Figure(figsize=(8, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    assert plot_calibration({"net": probabilities()}, left) is left
    figure.draw_without_rendering()
    assert left.get_window_extent().x1 < right.get_window_extent().x0
    assert len(figure.axes) == 3


def test_axes_placed_by_hand_get_an_inset():
    ax = Figure().add_axes((0.2, 0.4, 0.6, 0.5))
    plot_calibration({"net": probabilities()}, ax)
    assert len(ax.child_axes) == 1
    render(ax)


def test_picture_is_the_same_every_time():
    assert render(plot_calibration({"a $ b $": probabilities()})) == render(
        plot_calibration({"a $ b $": probabilities()})
    )


@settings(deadline=None, max_examples=10)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=20))
def test_any_probabilities_can_be_drawn(pairs):
    plot_calibration({"net": tuple(zip(*pairs, strict=True))}).figure.draw_without_rendering()


@pytest.mark.parametrize(
    ("models", "options", "words"),
    [
        ({}, {}, "at least one"),
        ((np.array([True]), np.array([0.5])), {}, "mapping"),
        ({"net": [1, 2, 3]}, {}, "model 'net'"),
        ({"net": ([], [])}, {}, "model 'net': probability has shape"),
        ({"net": ([True, False], [0.1, 1.7])}, {}, "model 'net': probability goes from"),
        ({"net": ([True, False], [0.1, np.nan])}, {}, "NaN"),
        ({"net": ([True, False], ["a", "b"])}, {}, "numbers"),
        ({"net": (["a", "b"], [0.1, 0.2])}, {}, "booleans"),
        ({"net": ([True, False], [0.1, 0.2])}, {"n_bins": 0}, "n_bins"),
        ({"net": ([True, False], [0.1, 0.2])}, {"confidence": 95}, "confidence"),
    ],
)
def test_wrong_input_is_explained(models, options, words):
    assert_clear_error(plot_calibration, models, **options, mentions=(words,))


def test_pyplot_is_not_touched(tmp_path):
    code = (
        "import sys; from stac.visualization.plot_calibration import plot_calibration as p; "
        "p({'a': ([0, 1], [0.1, 0.9])}).figure.savefig('c.png'); print('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout.strip() == "False"
