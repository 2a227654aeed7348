"""The shower is found and the rest is not, for every electronics; cutting aligns what was found."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from stac.data_processing.signal_window import cut_signal_window, find_signal_window
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def quiet(n_stations=1, n_pmts=3, n_bins=200, seed=0):
    return np.random.default_rng(seed).normal(0, 0.015, (n_stations, n_pmts, n_bins)).astype(np.float32)


def window(traces, mask=None, **parameters):
    start, stop = find_signal_window(traces, mask, **parameters)
    return list(zip(start.tolist(), stop.tolist(), strict=True))


def test_window_reaches_one_bin_beyond_the_signal():
    traces = quiet()
    traces[0, :, 40:50] += 1
    assert window(traces) == [(39, 51)]
    assert window(traces, look_back=4, look_ahead=0) == [(36, 50)]


def test_window_ends_with_the_trace():
    traces = quiet()
    traces[0, :, :3] += 1
    traces[0, :, 5:] += 1
    assert window(traces) == [(0, 200)]


def test_one_photomultiplier_alone_is_no_coincidence():
    traces = quiet()
    traces[0, 1, 40:50] += 5
    assert window(traces) == [(0, 0)]
    assert window(traces, min_pmts=1) == [(39, 51)]


def test_the_only_working_photomultiplier_is_enough():
    traces = quiet()
    traces[0, 1, 40:50] += 5
    assert window(traces, np.array([[False, True, False]])) == [(39, 51)]
    assert window(traces, np.array([[False, True, True]])) == [(0, 0)]


def test_stations_without_photomultiplier_or_signal_have_empty_windows():
    traces = quiet(2)
    traces[1] += 5
    assert window(traces, np.array([[True] * 3, [False] * 3])) == [(0, 0), (0, 0)]


def test_gaps_up_to_the_limit_are_bridged():
    traces = quiet()
    traces[0, :, 40:50] += 2
    traces[0, :, 60:65] += 1  # ten bins without signal
    assert window(traces, max_gap_ns=250) == [(39, 66)]
    assert window(traces, max_gap_ns=225) == [(39, 51)]


def test_the_largest_segment_wins_wherever_it_is():
    traces = quiet(2, n_bins=400)
    traces[0, :, 40:45] += 1
    traces[0, :, 300:310] += 3
    traces[1, :, 40:50] += 3
    traces[1, :, 300:305] += 1
    assert window(traces) == [(299, 311), (39, 51)]


def test_short_segments_can_be_dropped():
    traces = quiet(n_bins=400)
    traces[0, :, 40] += 50
    traces[0, :, 300:310] += 3
    assert window(traces) == [(39, 42)]
    assert window(traces, min_bins=2) == [(299, 311)]


@pytest.mark.parametrize(("n_pmts", "n_bins", "bin_ns"), [(3, 768, 25.0), (3, 2048, 25 / 3), (4, 30, 1.0)])
def test_gap_is_in_nanoseconds(n_pmts, n_bins, bin_ns):
    traces = quiet(n_pmts=n_pmts, n_bins=n_bins)
    traces[0, :, 5:10] += 2
    traces[0, :, 15:17] += 1
    assert window(traces, bin_ns=bin_ns, max_gap_ns=5 * bin_ns) == [(4, 18)]
    assert window(traces, bin_ns=bin_ns, max_gap_ns=4 * bin_ns) == [(4, 11)]


shapes = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 30))
samples = st_numpy.arrays(np.float32, shapes, elements=st.sampled_from([0.0, 0.05, 0.25, 1.0, 4.0]))


def slow_window(traces, mask, gap):
    """Station by station, bin by bin, as the definition reads."""
    windows = []
    for station, works in zip(traces, mask, strict=True):
        needed = min(2, works.sum())
        hits = [b for b in range(station.shape[1]) if needed and (station[works, b] > 0.1).sum() >= needed]
        segments = []
        for b in hits:
            if segments and b - segments[-1][-1] <= gap + 1:
                segments[-1].append(b)
            else:
                segments.append([b])
        if not segments:
            windows.append((0, 0))
            continue
        best = max(segments, key=lambda bins: station[works][:, bins].sum())
        windows.append((max(best[0] - 1, 0), min(best[-1] + 2, station.shape[1])))
    return windows


@settings(deadline=None, max_examples=50)
@given(samples, st.integers(0, 5), st.randoms(use_true_random=False))
def test_result_agrees_with_the_definition(traces, gap, random):
    mask = np.array([[random.random() < 0.8 for _ in range(traces.shape[1])] for _ in traces])
    assert window(traces, mask, max_gap_ns=25 * gap) == slow_window(traces, mask, gap)


@settings(deadline=None, max_examples=25)
@given(samples, st.permutations(range(4)))
def test_order_of_photomultipliers_does_not_matter(traces, order):
    order = [pmt for pmt in order if pmt < traces.shape[1]]
    assert window(traces) == window(traces[:, order])


def test_missing_photomultipliers_may_hold_anything():
    traces, mask = quiet(), np.array([[True, True, False]])
    traces[0, :2, 40:50] += 1
    expected = window(traces, mask)
    for value in (np.nan, np.inf, 1e9):
        traces[0, 2] = value
        assert window(traces, mask) == expected


def test_blocks_do_not_show_in_the_result(monkeypatch):
    traces = quiet(20)
    for station in range(20):
        traces[station, :, 5 * station : 5 * station + 9] += 1
    whole, cut = window(traces), cut_signal_window(traces, np.arange(20) * 7, 30, before=3)
    monkeypatch.setattr("stac.data_processing.signal_window.BLOCK_SIZE", 1)
    assert window(traces) == whole
    np.testing.assert_array_equal(cut_signal_window(traces, np.arange(20) * 7, 30, before=3), cut)


@settings(deadline=None, max_examples=50)
@given(samples, st.integers(-40, 40), st.integers(1, 40), st.integers(0, 10))
def test_cut_shifts_and_pads_with_zeros(traces, start, length, before):
    n_stations, n_pmts, n_bins = traces.shape
    cut = cut_signal_window(traces, np.full(n_stations, start), length, before=before)
    expected = np.zeros((n_stations, n_pmts, length), np.float32)
    for place in range(length):
        if 0 <= start - before + place < n_bins:
            expected[:, :, place] = traces[:, :, start - before + place]
    np.testing.assert_array_equal(cut, expected)


def test_cut_keeps_the_dtype_and_takes_no_stations():
    assert cut_signal_window(np.ones((2, 1, 9), np.int16), np.array([1, 2]), 4).dtype == np.int16
    assert cut_signal_window(np.ones((0, 3, 9)), np.empty(0, int), 4).shape == (0, 3, 4)
    assert window(np.ones((0, 3, 9))) == []


def test_bad_input_is_explained():
    traces = quiet(4)
    broken = traces.copy()
    broken[2, 1, 7] = np.nan
    assert_clear_error(find_signal_window, broken, mentions=("traces[2, 1]", "pmt_mask"))
    assert_clear_error(find_signal_window, traces[0], mentions=("n_stations",))
    assert_clear_error(find_signal_window, traces.astype(str), mentions=("numbers",))
    assert_clear_error(find_signal_window, traces, np.ones((4, 2)), mentions=("pmt_mask", "(4, 3)"))
    assert_clear_error(find_signal_window, traces, threshold=0, mentions=("threshold",))
    assert_clear_error(find_signal_window, traces, bin_ns=-1, mentions=("bin_ns",))
    assert_clear_error(find_signal_window, traces, look_back=-1, mentions=("look_back",))
    assert_clear_error(cut_signal_window, traces, np.zeros(3, int), 5, mentions=("start", "4"))
    assert_clear_error(cut_signal_window, traces, np.zeros(4), 5, mentions=("whole",))
    assert_clear_error(cut_signal_window, traces, np.zeros(4, int), 0, mentions=("length",))
