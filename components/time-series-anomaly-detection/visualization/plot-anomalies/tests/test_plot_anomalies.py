"""The picture shows every spike, gap, label and detection, and wrong input is explained."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from matplotlib.figure import Figure

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.visualization.plot_anomalies import plot_anomalies

COMPONENT = Path(__file__).parents[1]
SERIES = np.sin(np.arange(300) / 9)
LABELS = np.isin(np.arange(300) // 10, [7, 20])


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def render(axes, kind="png"):
    file = io.BytesIO()
    axes[0].figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
    return file.getvalue()


def legend(axes):
    return [text.get_text() for text in axes[0].get_legend().get_texts()]


def test_rows_are_channels_and_scores():
    axes = plot_anomalies(np.array([SERIES, -SERIES]), np.abs(SERIES), channel_names=["a", "b"])
    assert [axis.get_ylabel() for axis in axes] == ["a", "b", "Score"]
    assert len(plot_anomalies(SERIES)) == 1


def test_many_channels_share_a_row():
    axes = plot_anomalies(np.random.default_rng(0).normal(size=(30, 50)), np.zeros(50))
    assert len(axes) == 2
    assert axes[0].get_ylabel() == "30 channels"
    assert len(axes[0].lines) == 30


def test_labels_and_detections_are_counted_and_drawn_in_all_rows():
    scores = np.where(np.isin(np.arange(300), [75, 76, 205, 250]), 3.0, 0.0)
    axes = plot_anomalies(SERIES, scores, LABELS, threshold=2)
    assert legend(axes) == ["labelled (2 anomalies)", "detected (3 ranges)"]
    assert len(axes[0].patches) == 2 + 3
    assert len(axes[1].patches) == 2
    dots = axes[1].lines[-1]
    assert dots.get_xdata().tolist() == [75, 76, 205, 250]


def test_threshold_may_change():
    scores = np.linspace(0, 1, 300)
    axes = plot_anomalies(SERIES, scores, threshold=np.where(np.arange(300) < 150, 0.4, 2.0))
    assert axes[1].lines[-1].get_xdata().tolist() == np.flatnonzero((scores >= 0.4) & (np.arange(300) < 150)).tolist()


def test_no_detection_is_said():
    assert legend(plot_anomalies(SERIES, np.zeros(300), threshold=1)) == ["detected (0 ranges)"]


def test_spikes_and_gaps_of_a_long_series_are_kept():
    series = np.random.default_rng(0).normal(size=200_000)
    series[123_456], series[77] = 50, -60
    series[150_000:150_200] = np.nan
    (line,) = plot_anomalies(series)[0].lines
    assert len(line.get_xdata()) < 10_000
    assert (np.nanmin(line.get_ydata()), np.nanmax(line.get_ydata())) == (-60, 50)
    inside = (line.get_xdata() >= 150_000) & (line.get_xdata() < 150_200)
    assert np.isnan(line.get_ydata()[inside]).all()
    assert inside.any()


def test_long_series_stay_small_files():
    n = 200_000
    scores = np.random.default_rng(0).normal(size=n)
    axes = plot_anomalies(scores.cumsum(), scores, scores > 1, threshold=1)
    assert len(render(axes, "svg")) < 2_500_000


def test_short_anomalies_in_a_long_series_are_visible():
    labels = np.arange(1_000_000) == 400_000
    (patch,) = plot_anomalies(np.zeros(1_000_000), labels=labels)[0].patches
    assert patch.get_linewidth() > 0.5


@pytest.mark.parametrize(
    ("how", "label", "end"),
    [
        ({}, "Time point", 299),
        ({"dt": 0.5, "unit": "s"}, "Time (s)", 149.5),
        ({"time": np.linspace(3, 4, 300), "unit": "h"}, "Time (h)", 4),
    ],
)
def test_time_axis(how, label, end):
    axes = plot_anomalies(SERIES, **how)
    assert axes[-1].get_xlabel() == label
    assert axes[-1].get_xlim()[1] == pytest.approx(end)


def test_datetimes_can_be_given():
    time = np.datetime64("2024-01-01") + np.arange(300) * np.timedelta64(1, "h")
    assert render(plot_anomalies(SERIES, np.abs(SERIES), LABELS, 0.9, time=time))


def test_only_missing_values_are_said():
    assert plot_anomalies(np.full(5, np.nan))[0].texts[0].get_text() == "all values are missing"


def test_given_axes_are_used():
    given_axes = Figure().subplots(2, 1)
    assert plot_anomalies(SERIES, SERIES, ax=given_axes)[1] is given_axes[1]


@settings(deadline=None, max_examples=6)
@given(
    st_numpy.arrays(
        np.float64,
        st_numpy.array_shapes(min_dims=2, max_dims=2, max_side=10),
        elements=st.floats(-1e6, 1e6) | st.just(np.nan) | st.just(np.inf),
    ),
    st.floats(-1, 1),
)
def test_any_series_can_be_drawn(series, threshold):
    labels = np.arange(series.shape[1]) % 3 == 0
    axes = plot_anomalies(series, series[0], labels, threshold)
    axes[0].figure.draw_without_rendering()


def test_input_is_not_changed():
    series, before = np.array([1.0, np.inf, 2.0]), np.array([1.0, np.inf, 2.0])
    plot_anomalies(series, series)
    np.testing.assert_array_equal(series, before)


def test_pyplot_is_not_touched(tmp_path):
    code = (
        "import sys; from stac.visualization.plot_anomalies import plot_anomalies; "
        "plot_anomalies([1, 2, 3])[0].figure.savefig('s.png'); print('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("series", "words"),
    [([], "with values"), (np.ones((1, 1, 5)), "n_timepoints"), (["a"], "numbers")],
)
def test_wrong_series_is_explained(series, words):
    assert_clear_error(plot_anomalies, series, mentions=(words,))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"scores": np.ones(299)}, "one score for each"),
        ({"scores": ["a"] * 300}, "numbers"),
        ({"labels": np.ones(299)}, "one boolean for each"),
        ({"labels": np.arange(300)}, "booleans"),
        ({"threshold": 1.0}, "without scores"),
        ({"scores": SERIES, "threshold": [1.0, 2.0]}, "threshold"),
        ({"scores": SERIES, "threshold": np.nan}, "threshold"),
        ({"dt": 0}, "dt"),
        ({"dt": 1, "time": np.arange(300)}, "one of them"),
        ({"time": np.arange(299)}, "(300,)"),
        ({"time": np.arange(300)[::-1]}, "rise"),
        ({"channel_names": ["a", "b"]}, "channel_names"),
        ({"scores": SERIES, "ax": Figure().subplots()}, "one for each"),
    ],
)
def test_wrong_parameters_are_explained(wrong, words):
    assert_clear_error(plot_anomalies, SERIES, **wrong, mentions=(words,))
