"""The picture shows the median and band of each class, says what it leaves out, and survives real data."""

import io
import subprocess
import sys
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from matplotlib.figure import Figure

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.visualization.plot_series import plot_series
from stac.visualization.plot_series._groups import _quantiles

COMPONENT = Path(__file__).parents[1]
pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def walks(n_instances=40, n_channels=1, n_timepoints=50, seed=0):
    return np.random.default_rng(seed).normal(size=(n_instances, n_channels, n_timepoints)).cumsum(-1)


def medians(ax):
    return [line for line in ax.lines if not line.get_label().startswith("_")]


def render(ax, file_format="png"):
    buffer = io.BytesIO()
    ax.figure.savefig(buffer, format=file_format)
    return buffer.getvalue()


def small_print(ax):
    return ax.get_title(loc="left")


def test_line_is_the_median_and_band_holds_the_middle_80_percent():
    X = walks()
    ax = plot_series(X)
    (median,) = medians(ax)
    np.testing.assert_allclose(median.get_ydata(), np.median(X[:, 0], axis=0))
    (band,) = ax.collections
    edges = band.get_paths()[0].vertices
    low, high = np.quantile(X[:, 0], [0.1, 0.9], axis=0)
    at_20 = edges[edges[:, 0] == 20][:, 1]
    np.testing.assert_allclose(sorted(set(at_20)), [low[20], high[20]])


def test_up_to_three_classes_share_one_scale_with_a_legend():
    ax = plot_series(walks(), ["a", "b"] * 20)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a (20 series)", "b (20 series)"]
    assert len(ax.collections) == 2
    assert len(ax.lines) == 2 * (1 + 3)


def test_more_classes_get_lanes_that_do_not_overlap():
    ax = plot_series(walks(), np.arange(40) % 5)
    assert [text.get_text() for text in ax.texts] == [f"{label} (8 series)" for label in range(5)]
    assert ax.get_legend() is None
    spans = [band.get_paths()[0].vertices[:, 1] for band in ax.collections]
    assert all(upper.min() > lower.max() for upper, lower in pairwise(spans))


def test_ticks_of_lanes_show_true_values():
    X = walks()
    ax = plot_series(X, np.arange(40) % 4)
    ticks = {label.get_text() for label in ax.get_yticklabels()}
    assert "0" in ticks
    first = medians(ax)[0].get_ydata()
    np.testing.assert_allclose(first, np.median(X[::4, 0], axis=0))  # the first lane is not shifted


def test_lanes_can_be_chosen():
    assert plot_series(walks(), [0, 1] * 20, lanes=True).texts
    assert plot_series(walks(), np.arange(40) % 5, lanes=False).get_legend()


def test_missing_values_are_left_out():
    X = walks()
    X[3, 0, 10:20] = np.nan
    X[:, 0, 30] = np.nan
    X[5, 0, 5] = np.inf
    (median,) = medians(plot_series(X))
    X[5, 0, 5] = np.nan
    drawn = np.arange(50) != 30
    np.testing.assert_allclose(median.get_ydata()[drawn], np.nanmedian(X[:, 0, drawn], axis=0))
    assert np.isnan(median.get_ydata()[30])


def test_unequal_lengths_end_where_they_end():
    X = [np.zeros((1, 10)), np.zeros((1, 10)), np.full((1, 15), 2.0)]
    ax = plot_series(X)
    np.testing.assert_allclose(medians(ax)[0].get_ydata(), [0] * 10 + [2] * 5)
    assert ax.get_xlim() == (0, 14)
    as_objects = np.empty(3, dtype=object)
    as_objects[:] = X
    assert render(plot_series(as_objects)) == render(ax)


def test_all_channels_get_a_row_each():
    axes = plot_series(walks(n_channels=3), channel=None)
    assert [ax.get_ylabel() for ax in axes] == ["Channel 0", "Channel 1", "Channel 2"]
    assert isinstance(plot_series(walks(), channel=None), np.ndarray)


def test_one_channel_is_chosen():
    X = walks(n_channels=3)
    ax = plot_series(X, channel=-1)
    assert ax.get_ylabel() == "Channel 2"
    np.testing.assert_allclose(medians(ax)[0].get_ydata(), np.median(X[:, 2], axis=0))


@pytest.mark.parametrize(
    ("how", "label", "end"),
    [
        ({}, "Time point", 49),
        ({"dt": 0.5}, "Time", 24.5),
        ({"dt": 0.5, "unit": "s"}, "Time (s)", 24.5),
        ({"time": np.linspace(3, 4, 50), "unit": "h"}, "Time (h)", 4),
    ],
)
def test_time_axis(how, label, end):
    ax = plot_series(walks(), **how)
    assert ax.get_xlabel() == label
    assert ax.get_xlim()[1] == pytest.approx(end)


def test_small_print_says_what_is_left_out():
    ax = plot_series(walks(60), np.arange(60) % 20, max_classes=6, max_series=2)
    assert "first 6 of 20 classes" in small_print(ax)
    assert "from 2 series a class" in small_print(ax)
    assert "from" not in small_print(plot_series(walks()))


def test_picture_is_the_same_every_time():
    assert render(plot_series(walks(), max_series=10)) == render(plot_series(walks(), max_series=10))


def test_input_is_not_changed():
    X = walks()
    X[0, 0, 0] = np.inf
    before = X.copy()
    plot_series(X)
    np.testing.assert_array_equal(X, before)


def test_long_series_are_drawn_with_few_points():
    (median,) = medians(plot_series(walks(5, n_timepoints=20_000), n_examples=0))
    assert len(median.get_xdata()) <= 1000


def test_dense_plot_stays_a_small_svg():
    ax = plot_series(walks(120, n_timepoints=2000), np.arange(120) % 12)
    assert len(render(ax, "svg")) < 600_000


def test_given_axes_are_used():
    axes = Figure().subplots(2, 1)
    assert plot_series(walks(), ax=axes[1]) is axes[1]
    assert plot_series(walks(n_channels=2), channel=None, ax=axes)[0] is axes[0]


def test_only_missing_values_are_said():
    ax = plot_series(np.full((3, 1, 5), np.nan))
    assert ax.texts[0].get_text() == "all values are missing"


@settings(deadline=None, max_examples=12)
@given(
    st_numpy.arrays(
        np.float32,
        st_numpy.array_shapes(min_dims=3, max_dims=3, max_side=4),
        elements=st.floats(width=32, min_value=-1e6, max_value=1e6) | st.just(np.nan) | st.just(np.inf),
    ),
    st.integers(1, 6),
    st.booleans(),
)
def test_any_series_can_be_drawn(X, n_classes, lanes):
    axes = plot_series(X, np.arange(len(X)) % n_classes, channel=None, lanes=lanes)
    axes[0].figure.draw_without_rendering()
    assert len(axes) == X.shape[1]
    assert all(len(ax.collections) == min(n_classes, len(X)) for ax in axes)


@settings(deadline=None)
@given(st_numpy.arrays(np.float64, (7, 4), elements=st.floats(-1e6, 1e6) | st.just(np.nan)))
def test_quantiles_agree_with_numpy(values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # columns without a value
        expected = np.nanquantile(values, [0.1, 0.5, 0.9], axis=0)
    np.testing.assert_allclose(_quantiles(values, (0.1, 0.5, 0.9)), expected, rtol=1e-9, atol=1e-6)


def test_pyplot_is_not_touched(tmp_path):
    code = (
        "import sys, numpy as np; from stac.visualization.plot_series import plot_series; "
        "plot_series(np.ones((2, 1, 9))).figure.savefig('s.png'); print('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.ones((3, 4)), "X[:, None, :]"),
        (np.ones(4), "(n_instances, n_channels, n_timepoints)"),
        (np.ones((0, 1, 5)), "nothing to draw"),
        (np.ones((2, 1, 0)), "nothing to draw"),
        (np.ones((2, 0, 5)), "nothing to draw"),
        ([], "nothing to draw"),
        ([[1.0, 2.0], [1.0]], "series[None, :]"),
        ([np.ones((1, 3)), np.ones((2, 3))], "channels"),
        (np.full((1, 1, 2), "a"), "numbers"),
    ],
)
def test_wrong_series_are_explained(X, words):
    assert_clear_error(plot_series, X, mentions=(words,))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"y": [0, 1]}, "one label per series"),
        ({"channel": 1}, "channel is 1"),
        ({"dt": 0}, "dt"),
        ({"dt": 1, "time": np.arange(50)}, "one of them"),
        ({"time": np.arange(49)}, "(50,)"),
        ({"max_series": 0}, "max_series"),
        ({"max_classes": 0}, "max_classes"),
        ({"n_examples": -1}, "n_examples"),
        ({"channel": None, "ax": Figure().subplots(2, 1)}, "one for each"),
    ],
)
def test_wrong_parameters_are_explained(wrong, words):
    assert_clear_error(plot_series, walks(), **wrong, mentions=(words,))
