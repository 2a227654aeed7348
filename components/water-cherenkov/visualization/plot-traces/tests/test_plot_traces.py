"""The picture shows each PMT, their mean and the truth, names what is missing, and survives real data."""

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
from matplotlib.patches import StepPatch

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.visualization.plot_traces import plot_trace_gallery, plot_traces

COMPONENT = Path(__file__).parents[1]
pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def station(n_pmts=3, n_bins=768, start=240, seed=0):
    rng = np.random.default_rng(seed)
    pulse = np.zeros(n_bins)
    pulse[start:] = 5 * np.exp(-np.arange(n_bins - start) / 4)
    return pulse * rng.normal(1, 0.1, (n_pmts, 1)) + rng.normal(0, 0.02, (n_pmts, n_bins))


def steps(ax, filled=False):
    return [patch for patch in ax.patches if isinstance(patch, StepPatch) and patch.get_fill() == filled]


def values(patch):
    return patch.get_data().values


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def render(figure, file_format="svg"):
    buffer = io.BytesIO()
    figure.savefig(buffer, format=file_format)
    return buffer.getvalue()


def test_each_pmt_and_their_mean_are_drawn():
    traces = station(n_bins=30, start=5)
    *pmts, mean = steps(plot_traces(traces, bin_ns=1))
    for pmt, trace in zip(pmts, traces, strict=True):
        np.testing.assert_allclose(values(pmt), trace)
    np.testing.assert_allclose(values(mean), traces.mean(axis=0))


def test_missing_pmt_is_named_and_does_not_count():
    traces = station(n_bins=30, start=5)
    traces[1] = 0
    ax = plot_traces(traces, [True, False, True], bin_ns=1)
    assert legend(ax) == ["mean", "PMT 1", "PMT 3", "PMT 2 missing"]
    np.testing.assert_allclose(values(steps(ax)[-1]), traces[[0, 2]].mean(axis=0))


def test_station_without_pmts_says_so():
    ax = plot_traces(np.zeros((3, 50)), [False] * 3, bin_ns=25)
    assert ax.texts[0].get_text() == "all PMTs are missing"
    assert legend(ax) == ["PMT 1, 2, 3 missing"]


def test_time_axis_is_in_nanoseconds():
    ax = plot_traces(station(n_bins=30, start=5), bin_ns=8)
    assert ax.get_xlim() == (0, 240)
    assert ax.get_xlabel() == "Time (ns)"
    assert ax.get_ylabel() == "Signal (VEM peak)"


def test_view_is_where_the_signal_is():
    low, high = plot_traces(station(), bin_ns=25).get_xlim()
    assert 200 * 25 < low < 240 * 25
    assert 255 * 25 < high < 300 * 25
    assert plot_traces(station(), bin_ns=25, zoom=False).get_xlim() == (0, 768 * 25)
    assert plot_traces(np.zeros((3, 768)), bin_ns=25).get_xlim() == (0, 768 * 25)


def test_signal_window_is_marked():
    ax = plot_traces(station(), bin_ns=25, start=238, stop=250)
    marks = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() not in ("-", "None")]
    assert marks == [238 * 25, 250 * 25]
    assert "signal window" in ax.get_title("left")
    assert "signal window" not in plot_traces(station(), bin_ns=25, start=-1, stop=-1).get_title("left")


def test_true_components_lie_on_top_of_each_other():
    em, muon = np.arange(30.0), np.full(30, 2.0)
    ax = plot_traces(np.ones((3, 30)), bin_ns=1, em_trace=em, muon_trace=muon, truth_scale=2)
    below, above = steps(ax, filled=True)
    np.testing.assert_allclose(values(below), 2 * em)
    np.testing.assert_allclose(values(above), 2 * (em + muon))
    assert f"muons (true, {60 / (60 + em.sum()):.0%})" in legend(ax)
    assert "electromagnetic (true)" in legend(ax)
    assert ax.get_title("left") == ""


def test_truth_without_scale_gets_the_area_of_the_mean_and_says_so():
    traces = station(n_bins=60, start=10)
    ax = plot_traces(traces, bin_ns=1, muon_trace=traces[0] ** 2)
    assert values(steps(ax, filled=True)[0]).sum() == pytest.approx(traces.mean(axis=0).sum())
    assert "scaled" in ax.get_title("left")


def test_title_and_unit_are_written():
    ax = plot_traces(station(), bin_ns=25, title="tank $7", unit="counts")
    assert ax.get_title("left") == r"tank \$7"
    assert ax.get_ylabel() == "Signal (counts)"


def test_given_axes_are_used():
    ax = Figure().add_subplot()
    assert plot_traces(station(), bin_ns=25, ax=ax) is ax


def test_input_is_not_changed_and_picture_stays_the_same():
    traces = station()
    traces[0, 300] = np.inf
    before = traces.copy()
    first = plot_traces(traces, bin_ns=25)
    np.testing.assert_array_equal(traces, before)
    assert render(first.figure, "png") == render(plot_traces(traces, bin_ns=25).figure, "png")


def test_gallery_has_a_panel_for_each_station():
    traces = np.stack([station(seed=i) for i in range(5)])
    mask = np.ones((5, 3), bool)
    mask[4, 0] = False
    figure = plot_trace_gallery(traces, ["a", "b", "c", "d", "$e"], mask, bin_ns=25, title="Wrong ones")
    assert [ax.get_title("left") for ax in figure.axes] == ["a", "b", "c", "d", r"\$e"]
    assert [text.get_text() for ax in figure.axes for text in ax.texts] == ["PMT 1 missing"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["mean", "each PMT"]
    assert figure.get_suptitle() == "Wrong ones"


def test_gallery_draws_the_first_ones_and_says_so():
    traces = np.stack([station(n_bins=40, start=5)] * 20)
    figure = plot_trace_gallery(traces, bin_ns=1, max_stations=4)
    assert len(figure.axes) == 4
    assert "first 4 of 20 stations" in figure.get_suptitle()


def test_gallery_takes_truth_and_windows_of_each_station():
    traces = np.stack([station(), station()])
    truth = traces.mean(axis=1).clip(0)
    figure = plot_trace_gallery(
        traces, bin_ns=25, em_trace=truth, muon_trace=truth, start=np.array([238, -1]), stop=np.array([260, -1])
    )
    assert [len(steps(ax, filled=True)) for ax in figure.axes] == [2, 2]
    n_lines = [len(ax.lines) for ax in figure.axes]
    assert n_lines[0] == n_lines[1] + 2
    assert len(figure.legends[0].get_texts()) == 4


def test_gallery_of_long_traces_stays_a_small_svg():
    traces = np.stack([station(n_bins=2048)] * 12)
    assert len(render(plot_trace_gallery(traces, bin_ns=25 / 3, zoom=False))) < 1_500_000


@settings(deadline=None, max_examples=8)
@given(
    st_numpy.arrays(
        np.float32,
        st_numpy.array_shapes(min_dims=3, max_dims=3, max_side=5),
        elements=st.floats(width=32, min_value=-1e6, max_value=1e6) | st.just(np.nan) | st.just(np.inf),
    ),
    st.data(),
)
def test_any_traces_can_be_drawn(traces, data):
    mask = data.draw(st_numpy.arrays(bool, traces.shape[:2]))
    truth = np.abs(np.nan_to_num(traces[:, 0], posinf=0)) if data.draw(st.booleans()) else None
    figure = plot_trace_gallery(traces, pmt_mask=mask, bin_ns=25, muon_trace=truth)
    figure.draw_without_rendering()
    plot_traces(traces[0], mask[0], bin_ns=25).figure.draw_without_rendering()


def test_pyplot_is_not_touched(tmp_path):
    code = (
        "import sys, numpy as np; from stac.visualization.plot_traces import plot_traces; "
        "plot_traces(np.ones((2, 9)), bin_ns=1).figure.savefig('s.png'); print('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"traces": np.ones(9)}, "traces[None]"),
        ({"traces": np.ones((2, 3, 9))}, "plot_trace_gallery"),
        ({"traces": np.ones((0, 9))}, "(n_pmts, n_bins)"),
        ({"traces": [[1.0, 2.0], [1.0]]}, "different lengths"),
        ({"traces": np.full((3, 40), "a")}, "numbers"),
        ({"pmt_mask": [True]}, "3 PMTs"),
        ({"bin_ns": 0}, "bin_ns"),
        ({"bin_ns": np.nan}, "bin_ns"),
        ({"em_trace": np.ones(39)}, "em_trace"),
        ({"muon_trace": np.ones((3, 40))}, "muon_trace"),
        ({"muon_trace": np.ones(40), "truth_scale": -1}, "truth_scale"),
        ({"start": 41}, "start"),
        ({"start": 20, "stop": 20}, "no bin"),
    ],
)
def test_wrong_input_is_explained(wrong, words):
    arguments = {"traces": np.ones((3, 40)), "bin_ns": 1} | wrong
    assert_clear_error(plot_traces, **arguments, mentions=(words,))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"traces": np.ones((3, 40))}, "traces[None]"),
        ({"traces": np.ones((0, 3, 40))}, "one at least"),
        ({"titles": ["a"]}, "titles"),
        ({"titles": "ab"}, "titles"),
        ({"pmt_mask": np.ones((3, 2))}, "pmt_mask"),
        ({"n_columns": 0}, "n_columns"),
        ({"max_stations": 0}, "max_stations"),
    ],
)
def test_wrong_input_of_a_gallery_is_explained(wrong, words):
    arguments = {"traces": np.ones((2, 3, 40)), "bin_ns": 1} | wrong
    assert_clear_error(plot_trace_gallery, **arguments, mentions=(words,))
