"""Raw counts become calibrated traces: signals come back to a few per cent, and broken photomultipliers are caught."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from stac.data_processing.signal_window import find_signal_window
from stac.data_processing.trace_baseline import estimate_baseline, subtract_baseline
from stac.data_processing.vem_calibration import station_signal, to_vem_charge, to_vem_peak
from stac.data_processing.wcd_preprocessing import WcdPreprocessing
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
UB = SimpleNamespace(
    name="ub",
    n_pmts=3,
    n_bins=768,
    bin_ns=25.0,
    noise_adc=0.5,
    n_bits=10,
    vem_peak_adc=35.0,
    vem_charge_adc=113.0,
    gain_ratio=32.0,
    start_bin=240,
)
UUB = SimpleNamespace(
    **{
        **vars(UB),
        "n_bins": 2048,
        "bin_ns": 25 / 3,
        "noise_adc": 2.0,
        "n_bits": 12,
        "vem_peak_adc": 215.0,
        "vem_charge_adc": 1600.0,
        "start_bin": 660,
    }
)
TANK = SimpleNamespace(
    **{
        **vars(UB),
        "n_pmts": 4,
        "n_bins": 30,
        "bin_ns": 1.0,
        "n_bits": 12,
        "vem_peak_adc": 100.0,
        "vem_charge_adc": 600.0,
        "gain_ratio": None,
        "start_bin": 4,
    }
)
FIELDS = ("traces_vem_peak", "pmt_mask", "signal_vem_charge", "start", "stop", "saturated", "recovered")


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def simulate(detector=UB, sizes=(5.0, 20.0, 60.0, 150.0), n=5, seed=0):
    """Return high gain, low gain and the true signals in VEM charge: one pulse per station, shared by its PMTs."""
    rng = np.random.default_rng(seed)
    sizes = np.repeat(np.asarray(sizes, np.float32), n)
    age = np.arange(detector.n_bins) - detector.start_bin
    pulse = np.where(age >= 0, np.exp(-np.maximum(age, 0) * detector.vem_peak_adc / detector.vem_charge_adc), 0)
    signal = sizes[:, None, None] * detector.vem_charge_adc * pulse / pulse.sum()
    shape = (len(sizes), detector.n_pmts, detector.n_bins)
    baseline = rng.uniform(45, 57, shape[:2])[..., None]
    high, low = (
        np.clip(baseline + signal / ratio + rng.normal(0, detector.noise_adc, shape), 0, 2**detector.n_bits - 1)
        .round()
        .astype(np.float32)
        for ratio in (1, detector.gain_ratio or 1)
    )
    return high, (None if detector.gain_ratio is None else low), sizes


@pytest.mark.parametrize("detector", [UB, UUB, TANK], ids=["ub", "uub", "tank"])
def test_signals_come_back(detector):
    high, low, sizes = simulate(detector, (5.0, 15.0, 30.0) if detector is TANK else (5.0, 20.0, 60.0, 500.0))
    result = WcdPreprocessing.for_detector(detector).transform(high, low)
    unsaturated = ~result.saturated.any(axis=1)
    np.testing.assert_allclose(result.signal_vem_charge[unsaturated], sizes[unsaturated], rtol=0.05)
    assert (abs(result.start - detector.start_bin + 1) <= 1).all()
    assert result.usable.all()
    assert unsaturated.all()


def test_chain_is_its_steps_one_after_the_other():
    high, _, _ = simulate(sizes=(3.0, 10.0))
    mask = np.random.default_rng(0).random(high.shape[:2]) < 0.8
    mask[:, 0] = True
    result = WcdPreprocessing(length=None, baseline_bins=200).transform(high, pmt_mask=mask)
    baseline, noise = estimate_baseline(high, n_bins=200, pmt_mask=mask)
    above = subtract_baseline(high, baseline, pmt_mask=mask)
    start, stop = find_signal_window(to_vem_peak(above, 35), mask)
    charge = to_vem_charge(above, 113, start=start, stop=stop)
    np.testing.assert_array_equal(result.traces_vem_peak, to_vem_peak(above, 35))
    np.testing.assert_array_equal(result.baseline, baseline)
    np.testing.assert_array_equal(result.noise, noise)
    np.testing.assert_array_equal((result.start, result.stop), (start, stop))
    np.testing.assert_allclose(result.signal_vem_charge, station_signal(charge, mask), rtol=1e-6)


def test_signals_start_at_the_same_bin():
    high, low, _ = simulate()
    high[::2], low[::2] = np.roll(high[::2], 100, axis=2), np.roll(low[::2], 100, axis=2)
    result = WcdPreprocessing(length=120, before=6).transform(high, low)
    assert result.traces_vem_peak.shape == (20, 3, 120)
    assert set(result.traces_vem_peak.mean(axis=1).argmax(axis=1)) == {7}


def test_saturated_signals_are_recovered_or_flagged():
    high, low, sizes = simulate(sizes=(5.0, 300.0, 5000.0), n=3)
    result = WcdPreprocessing().transform(high, low)
    assert result.recovered.tolist() == [[False] * 3] * 3 + [[True] * 3] * 3 + [[False] * 3] * 3
    assert result.saturated.tolist() == [[False] * 3] * 6 + [[True] * 3] * 3
    np.testing.assert_allclose(result.signal_vem_charge[3:6], sizes[3:6], rtol=0.05)
    assert WcdPreprocessing().transform(high).saturated.tolist() == [[False] * 3] * 3 + [[True] * 3] * 6


def test_missing_photomultipliers_never_count():
    high, low, _ = simulate()
    mask = np.array([[True, False, True]] * 20)
    expected = WcdPreprocessing().transform(high, low, mask)
    for value in (np.nan, 1023.0, -7.0):
        high[:, 1] = low[:, 1] = value
        result = WcdPreprocessing().transform(high, low, mask)
        for name in (*FIELDS, "baseline", "noise"):
            np.testing.assert_array_equal(getattr(result, name), getattr(expected, name), err_msg=name)
    assert not result.traces_vem_peak[:, 1].any()


def test_stations_without_photomultipliers_keep_their_row():
    high, low, _ = simulate()
    mask = np.ones((20, 3), bool)
    mask[4] = False
    result = WcdPreprocessing().transform(high, low, mask)
    assert np.flatnonzero(~result.usable).tolist() == [4]
    assert len(result) == 20
    assert result.signal_vem_charge[4] == result.start[4] == result.stop[4] == 0


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda high, low: high.__setitem__((7, 1, 300), np.nan), "NaN"),
        (lambda high, low: high.__setitem__((7, 1, 300), np.inf), "NaN"),
        (lambda high, low: high.__isub__(0).__setitem__((7, 1), high[7, 1] - 200), "negative baseline"),
        (lambda high, low: high.__setitem__((7, 1), 1023), "saturated baseline"),
        (lambda high, low: (high.__setitem__((7, 1, 300), 1023), low.__setitem__((7, 1, 5), np.nan)), "low gain"),
        (lambda high, low: (high.__setitem__((7, 1, 300), 1023), low.__setitem__((7, 1), -9)), "low gain"),
        (lambda high, low: (high.__setitem__((7, 1, 300), 1023), low.__setitem__((7, 1), 1023)), "low gain"),
    ],
)
def test_broken_photomultipliers_are_named_or_masked(spoil, words):
    high, low, _ = simulate(sizes=(5.0,), n=10)
    spoil(high, low)
    assert_clear_error(WcdPreprocessing().transform, high, low, mentions=("PMT 1", "station 7", words))
    result = WcdPreprocessing(on_bad_pmt="mask").transform(high, low)
    assert np.argwhere(~result.pmt_mask).tolist() == [[7, 1]]
    assert np.isfinite(result.traces_vem_peak).all()
    assert not result.traces_vem_peak[7, 1].any()
    np.testing.assert_allclose(result.signal_vem_charge, 5, rtol=0.1)


def test_mask_of_the_caller_is_not_changed():
    high, low, _ = simulate()
    high[7, 1] = np.nan
    mask, before = np.ones((20, 3), bool), high.copy()
    WcdPreprocessing(on_bad_pmt="mask").transform(high, low, mask)
    assert mask.all()
    np.testing.assert_array_equal(high, before)


def test_blocks_and_threads_do_not_show_in_the_result(monkeypatch):
    high, low, _ = simulate(sizes=(5.0, 300.0, 5000.0))
    whole = WcdPreprocessing().transform(high, low)
    monkeypatch.setattr("stac.data_processing.wcd_preprocessing.BLOCK_SIZE", 1)
    for n_jobs in (1, 2):
        result = WcdPreprocessing(n_jobs=n_jobs).transform(high, low)
        for name in FIELDS:
            np.testing.assert_array_equal(getattr(result, name), getattr(whole, name), err_msg=name)


def test_errors_in_threads_name_the_right_station(monkeypatch):
    monkeypatch.setattr("stac.data_processing.wcd_preprocessing.BLOCK_SIZE", 1)
    high, low, _ = simulate()
    high[13, 2, 5] = np.nan
    assert_clear_error(WcdPreprocessing(n_jobs=2).transform, high, low, mentions=("PMT 2", "station 13"))


def test_whole_counts_are_taken_as_they_come():
    high, low, _ = simulate(sizes=(5.0, 300.0))
    expected = WcdPreprocessing().transform(high, low)
    result = WcdPreprocessing().transform(high.astype(np.uint16), low.astype(np.uint16))
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(result, name), getattr(expected, name), err_msg=name)


def test_each_photomultiplier_may_have_its_calibration():
    high, low, sizes = simulate(sizes=(20.0,))
    peaks, charges = (35.0, 70.0, 35.0), (113.0, 226.0, 113.0)
    result = WcdPreprocessing(vem_peak_adc=peaks, vem_charge_adc=charges).transform(high, low)
    np.testing.assert_allclose(result.signal_vem_charge, sizes * 2.5 / 3, rtol=0.05)


def test_calibrated_traces_skip_the_first_steps():
    high, low, sizes = simulate()
    traces = WcdPreprocessing(length=None).transform(high, low).traces_vem_peak
    mask = np.array([[True, True, False]] * 20)
    traces[:, 2] = np.nan
    result = WcdPreprocessing().transform_calibrated(traces, mask)
    np.testing.assert_allclose(result.signal_vem_charge, sizes, rtol=0.05)
    assert result.baseline is None
    assert result.noise is None
    assert not result.saturated.any()
    assert result.traces_vem_peak.shape == (20, 3, 120)
    assert not result.traces_vem_peak[:, 2].any()


def test_true_traces_are_cut_alike():
    high, low, _ = simulate()
    preprocessing = WcdPreprocessing()
    result = preprocessing.transform(high, low)
    truth = preprocessing.cut(high[:, 0], result.start)
    assert truth.shape == (20, 120)
    np.testing.assert_array_equal(truth, preprocessing.cut(high, result.start)[:, 0])
    assert WcdPreprocessing(length=None).cut(high, result.start) is high


def test_detectors_set_the_parameters():
    assert WcdPreprocessing.for_detector(UB).length == 120
    assert WcdPreprocessing.for_detector(UUB).length == 360
    assert WcdPreprocessing.for_detector(TANK).length is None
    assert WcdPreprocessing.for_detector(UB, length=64, n_jobs=2).length == 64
    noisy = SimpleNamespace(**{**vars(UB), "noise_adc": 3.5})
    assert WcdPreprocessing.for_detector(noisy).threshold == pytest.approx(0.5)
    without_start = SimpleNamespace(**{name: value for name, value in vars(UB).items() if name != "start_bin"})
    assert WcdPreprocessing.for_detector(without_start).baseline_bins is None


def test_no_stations_give_empty_arrays():
    result = WcdPreprocessing().transform(np.empty((0, 3, 768)), np.empty((0, 3, 768)))
    assert result.traces_vem_peak.shape == (0, 3, 120)
    assert len(result) == 0


def test_unknown_electronics_are_explained():
    assert_clear_error(WcdPreprocessing.for_detector, "auger-xyz", mentions=("auger-xyz", "electronics"))
    assert_clear_error(WcdPreprocessing.for_detector, SimpleNamespace(n_pmts=3), mentions=("n_bins",))


def test_bad_input_is_explained():
    high, low, _ = simulate(n=1)
    ub = WcdPreprocessing.for_detector(UB)
    assert_clear_error(ub.transform, high[:, :, :700], mentions=("700", "768"))
    assert_clear_error(ub.transform, high[:, :2], mentions=("2, 768", "3, 768"))
    assert_clear_error(ub.transform, high[0], mentions=("n_stations",))
    assert_clear_error(ub.transform, high.astype(str), mentions=("numbers",))
    assert_clear_error(ub.transform, high, low[:, :, :100], mentions=("low_gain", "same"))
    assert_clear_error(ub.transform, high, low, np.zeros((4, 3), bool), mentions=("No PMT", "4 stations"))
    assert_clear_error(ub.transform, high, low, np.ones(3, bool), mentions=("pmt_mask", "(4, 3)"))
    assert_clear_error(WcdPreprocessing(gain_ratio=None).transform, high, low, mentions=("gain_ratio",))
    assert_clear_error(WcdPreprocessing(on_bad_pmt="ignore").transform, high, mentions=("ignore", "mask"))
    assert_clear_error(WcdPreprocessing(n_jobs=0).transform, high, mentions=("n_jobs",))
    assert_clear_error(WcdPreprocessing(baseline_bins=900).transform, high, mentions=("900",))
    broken = high / 35
    broken[2, 1, 3] = np.nan
    assert_clear_error(WcdPreprocessing().transform_calibrated, broken, mentions=("PMT 1", "station 2"))
