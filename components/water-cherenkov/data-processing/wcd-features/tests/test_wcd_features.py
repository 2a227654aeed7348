"""Features are what their definitions say, finite, and blind to the order of PMTs and to what a missing one holds."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from stac.data_processing.wcd_features import FEATURES, wcd_features
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
NAMES = list(FEATURES)
DETECTORS = pytest.mark.parametrize(
    ("n_pmts", "n_bins", "bin_ns"), [(3, 768, 25.0), (4, 30, 1.0), (3, 2048, 25 / 3), (1, 1, 25.0)]
)


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def stations(n_stations=20, n_pmts=3, n_bins=120, seed=0):
    """Return traces of a few pulses with noise."""
    rng = np.random.default_rng(seed)
    bins = np.arange(n_bins)
    traces = rng.normal(0, 0.015, (n_stations, n_pmts, n_bins))
    for _ in range(4):
        age = bins - rng.integers(0, max(n_bins // 2, 1), (n_stations, 1, 1))
        pulse = np.where(age >= 0, np.exp(-np.maximum(age, 0) / 2.4), 0)
        traces += rng.gamma(2, 1, (n_stations, n_pmts, 1)) * pulse
    return traces.astype(np.float32)


def feature(name, traces, mask=None, bin_ns=25.0):
    return wcd_features(traces, mask, bin_ns=bin_ns, names=[name])[:, 0]


def one(values, n_bins=40, at=10):
    """Return one station with one PMT whose trace holds the values."""
    trace = np.zeros((1, 1, n_bins), np.float32)
    trace[0, 0, at : at + len(values)] = values
    return trace


def slow_features(station, works, bin_ns):
    """Features of one station (n_pmts, n_bins), sample by sample, as the definitions read."""
    station = np.asarray(station, float)[works]
    if len(station) == 0:
        return dict.fromkeys(NAMES, 0.0)

    def times(trace):
        signal, total, running, found = np.where(trace > 0.05, trace, 0), 0.0, 0.0, []
        total = signal.sum()
        for share in (0.1, 0.5, 0.9):
            running = 0.0
            for place, value in enumerate(signal):
                if total and running + value >= share * total:
                    found.append(place + (share * total - running) / value)
                    break
                running += value
        return found or [0, 0, 0]

    trace = station.mean(axis=0)
    n_bins, above = len(trace), trace > 0.05
    signal = np.where(above, trace, 0)
    some = above.any()
    first = np.flatnonzero(above)[0] if some else 0
    weight = signal / signal.sum() if some else signal
    time = np.arange(n_bins) - first + 0.5
    centroid = (weight * time).sum()
    width = np.sqrt((weight * (time - centroid) ** 2).sum())
    z = (time - centroid) / width if width > 1e-3 else np.zeros(n_bins)
    padded = np.concatenate(([0], signal, [0]))
    rise = np.diff(padded)[:-1]
    runs = [padded[0]] + [b for a, b in pairwise(padded) if a != b]
    t10, t50, t90 = times(trace)
    early, late = min(300 / bin_ns, n_bins / 5), min(1000 / bin_ns, n_bins / 3)
    charge, peak = station.sum(axis=1) * bin_ns, station.max(axis=1)
    seen = peak > 0.05
    area_over_peak = np.where(seen, charge / np.where(seen, peak, 1), 0)
    pmt_times = np.array([times(pmt) for pmt in station])
    q, p = np.where(seen, np.maximum(charge, 0), 0), np.where(seen, peak, 0)
    per_pmt = {
        "charge": charge,
        "peak": peak,
        "area_over_peak": area_over_peak,
        "rise_time": (pmt_times[:, 1] - pmt_times[:, 0]) * bin_ns,
        "fall_time": (pmt_times[:, 2] - pmt_times[:, 1]) * bin_ns,
    }
    ranked = {
        f"{name}_{rank}_pmt": function(value)
        for name, value in per_pmt.items()
        for rank, function in (("largest", np.max), ("middle", np.median), ("smallest", np.min))
    }
    return {
        "charge_vem_peak_ns": trace.sum() * bin_ns,
        "peak_vem_peak": trace.max(),
        "area_over_peak_ns": trace.sum() * bin_ns / trace.max() if some else 0,
        "rise_time_ns": (t50 - t10) * bin_ns,
        "fall_time_ns": (t90 - t50) * bin_ns,
        "half_time_ns": (t50 - first) * bin_ns,
        "peak_time_ns": (trace.argmax() - first + 0.5) * bin_ns if some else 0,
        "time_over_threshold_ns": (trace > 0.2).sum() * bin_ns,
        "centroid_ns": centroid * bin_ns,
        "width_ns": width * bin_ns,
        "skewness": (weight * z**3).sum(),
        "kurtosis": (weight * z**4).sum() - 3 if width > 1e-3 else 0,
        "n_peaks": sum(b > max(a, c, 0.5) for a, b, c in zip(runs, runs[1:], runs[2:], strict=False)),
        "n_jumps": (rise > 0.5).sum(),
        "jump_sum_vem_peak": rise[rise > 0.5].sum(),
        "largest_jump_vem_peak": max(rise.max(), 0),
        "early_fraction": weight[time < early].sum(),
        "late_fraction": weight[time > late].sum(),
        **ranked,
        "charge_fraction_largest_pmt": q.max() / q.sum() if q.sum() else 0,
        "charge_fraction_smallest_pmt": q.min() / q.sum() if q.sum() else 0,
        "charge_asymmetry": (q.max() - q.min()) / (q.max() + q.min()) if q.max() else 0,
        "charge_spread": q.std() / q.mean() if q.mean() else 0,
        "peak_asymmetry": (p.max() - p.min()) / (p.max() + p.min()) if p.max() else 0,
    }


@DETECTORS
def test_features_agree_with_their_definitions(n_pmts, n_bins, bin_ns):
    traces = stations(30, n_pmts, n_bins)
    mask = np.random.default_rng(1).random((30, n_pmts)) < 0.8
    features = wcd_features(traces, mask, bin_ns=bin_ns)
    for station, works, row in zip(traces, mask, features, strict=True):
        expected = slow_features(station, works, bin_ns)
        for name, value in zip(NAMES, row, strict=True):
            assert value == pytest.approx(expected[name], rel=2e-3, abs=2e-3), name


# Multiples of 1/16, so that sums are exact and no sample lies on a threshold by rounding.
shapes = st.tuples(st.integers(1, 4), st.sampled_from([1, 2, 4]), st.integers(1, 25))
samples = st_numpy.arrays(np.float32, shapes, elements=st.integers(-2, 80).map(lambda n: n / 16))


@settings(deadline=None, max_examples=60)
@given(samples, st.booleans())
def test_any_trace_agrees_with_the_definitions(traces, sparse):
    traces = traces * (traces > 3) if sparse else traces
    everything = np.ones(traces.shape[1], bool)
    for station, row in zip(traces, wcd_features(traces), strict=True):
        expected = slow_features(station, everything, 25.0)
        for name, value in zip(NAMES, row, strict=True):
            assert value == pytest.approx(expected[name], rel=2e-3, abs=2e-3), name


@settings(deadline=None, max_examples=25)
@given(st_numpy.arrays(np.float32, shapes, elements=st.floats(-1e5, 1e5, width=32)))
def test_features_are_always_finite(traces):
    features = wcd_features(traces)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


@DETECTORS
def test_empty_and_one_bin_signals_are_finite(n_pmts, n_bins, bin_ns):
    empty = np.zeros((2, n_pmts, n_bins), np.float32)
    assert not wcd_features(empty, bin_ns=bin_ns).any()
    empty[:, :, n_bins // 2] = 3
    features = dict(zip(NAMES, wcd_features(empty, bin_ns=bin_ns)[0], strict=True))
    assert features["width_ns"] == features["skewness"] == features["kurtosis"] == 0
    assert features["rise_time_ns"] == pytest.approx(0.4 * bin_ns)
    assert features["area_over_peak_ns"] == pytest.approx(bin_ns)


@settings(deadline=None, max_examples=25)
@given(samples, st.permutations(range(4)))
def test_order_of_photomultipliers_does_not_matter(traces, order):
    order = [pmt for pmt in order if pmt < traces.shape[1]]
    np.testing.assert_allclose(wcd_features(traces[:, order]), wcd_features(traces), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e9, -5.0])
def test_missing_photomultipliers_may_hold_anything(value):
    traces, mask = stations(), np.random.default_rng(1).random((20, 3)) < 0.6
    traces[~mask] = 0
    expected = wcd_features(traces, mask)
    traces[~mask] = value
    np.testing.assert_array_equal(wcd_features(traces, mask), expected)


def test_a_missing_photomultiplier_is_as_if_it_were_not_there():
    traces = stations()
    mask = np.array([[True, False, True]] * 20)
    np.testing.assert_allclose(wcd_features(traces, mask), wcd_features(traces[:, [0, 2]]), rtol=1e-5, atol=1e-6)


def test_stations_without_a_photomultiplier_have_zeros():
    assert not wcd_features(stations(), np.zeros((20, 3), bool)).any()


def test_shapes_do_not_depend_on_where_the_signal_lies():
    early, late = one([1, 3, 2, 0.5], at=2), one([1, 3, 2, 0.5], at=30)
    np.testing.assert_allclose(wcd_features(early), wcd_features(late), rtol=1e-6)


def test_noise_hardly_moves_the_shape_of_a_small_signal():
    pulse = np.exp(-np.arange(40) / 2.4)
    quiet = one(pulse, 768, at=240)
    noisy = quiet + np.random.default_rng(0).normal(0, 0.01, quiet.shape).astype(np.float32)
    for name in ("rise_time_ns", "fall_time_ns", "width_ns", "centroid_ns"):
        assert feature(name, noisy)[0] == pytest.approx(feature(name, quiet)[0], rel=0.1)


def test_times_are_interpolated_within_bins():
    assert feature("rise_time_ns", one([1, 1]))[0] == pytest.approx((1.0 - 0.2) * 25)
    assert feature("fall_time_ns", one([1, 3]))[0] == pytest.approx((1 + 2.6 / 3 - 1 - 1 / 3) * 25)
    finer = np.repeat(stations(1, n_bins=60, seed=3).clip(0), 5, axis=2)
    assert feature("rise_time_ns", finer, bin_ns=5.0)[0] == pytest.approx(feature("rise_time_ns", finer[..., ::5])[0])


def test_times_scale_with_the_width_of_a_bin():
    traces = stations(5, n_bins=30)
    for name in ("rise_time_ns", "width_ns", "area_over_peak_ns", "charge_vem_peak_ns"):
        np.testing.assert_allclose(feature(name, traces, bin_ns=1.0) * 25, feature(name, traces), rtol=1e-5)


@pytest.mark.parametrize(
    ("values", "n_peaks", "n_jumps"),
    [
        ([1], 1, 1),
        ([0.4], 0, 0),
        ([1, 2, 1], 1, 2),
        ([2, 1, 2], 2, 2),
        ([2, 2, 1], 1, 1),
        ([1, 2, 2, 3], 1, 3),
        ([3, 2, 2, 1], 1, 1),
        ([2, 1.6, 1.9, 1], 2, 1),
    ],
)
def test_peaks_and_jumps_are_counted(values, n_peaks, n_jumps):
    assert feature("n_peaks", one(values))[0] == n_peaks
    assert feature("n_jumps", one(values))[0] == n_jumps


def test_blocks_threads_and_neighbours_do_not_show(monkeypatch):
    traces, mask = stations(50), np.random.default_rng(1).random((50, 3)) < 0.8
    whole = wcd_features(traces, mask)
    monkeypatch.setattr("stac.data_processing.wcd_features.BLOCK_SIZE", 1)
    np.testing.assert_allclose(wcd_features(traces, mask), whole, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(wcd_features(traces, mask, n_jobs=2), whole, rtol=1e-6, atol=1e-6)


def test_names_choose_columns_in_their_order():
    traces = stations()
    chosen = wcd_features(traces, names=["skewness", "n_jumps"])
    np.testing.assert_array_equal(chosen, wcd_features(traces)[:, [NAMES.index("skewness"), NAMES.index("n_jumps")]])
    assert wcd_features(traces, names=[]).shape == (20, 0)


def test_no_stations_give_no_rows():
    assert wcd_features(np.empty((0, 3, 768))).shape == (0, len(FEATURES))


def test_every_feature_has_a_definition_with_a_source():
    assert all(text.endswith(".") and len(text) > 40 for text in FEATURES.values())
    assert all("doi:" in text or "arXiv:" in text or "moment" in text for text in FEATURES.values())


def test_input_is_not_changed():
    traces = stations()
    before = traces.copy()
    wcd_features(traces, np.random.default_rng(1).random((20, 3)) < 0.6)
    np.testing.assert_array_equal(traces, before)


def test_bad_input_is_explained():
    traces = stations(4)
    broken = traces.copy()
    broken[2, 1, 7] = np.nan
    assert_clear_error(wcd_features, broken, mentions=("traces[2, 1]", "pmt_mask"))
    assert_clear_error(wcd_features, traces[0], mentions=("n_stations",))
    assert_clear_error(wcd_features, traces.astype(str), mentions=("numbers",))
    assert_clear_error(wcd_features, traces, np.ones((4, 2)), mentions=("pmt_mask", "(4, 3)"))
    assert_clear_error(wcd_features, traces, names=["colour"], mentions=("colour", "FEATURES"))
    assert_clear_error(wcd_features, traces, names="skewness", mentions=("skewness",))
    assert_clear_error(wcd_features, traces, bin_ns=0, mentions=("bin_ns",))
