"""Baselines come out to a few hundredths of a count, whatever pulses, rounding and broken photomultipliers do."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.trace_baseline import estimate_baseline, subtract_baseline
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def counts(baseline=50.3, noise=0.5, n_stations=300, n_bins=768, seed=0):
    return np.random.default_rng(seed).normal(baseline, noise, (n_stations, 3, n_bins)).round().astype(np.float32)


@pytest.mark.parametrize("value", [45.0, 50.3, 50.5, 56.75])
@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_fractions_of_a_count_are_resolved(value, noise):
    baseline, spread = estimate_baseline(counts(value, noise))
    assert abs(baseline.mean() - value) < 0.02 * max(1, noise)
    rounded = np.hypot(noise, 12**-0.5)
    assert spread.mean() == pytest.approx(rounded, rel=0.08)


def test_pulses_in_the_window_do_not_bias():
    quiet = counts()
    pulses = quiet.copy()
    pulses[:, :, 30:50] += np.round(40 * np.exp(-np.arange(20) * 25 / 60))  # a muon
    pulses[:, :, 70:90] += 300
    expected, noise = estimate_baseline(quiet)
    baseline, noise_with_pulses = estimate_baseline(pulses)
    assert abs((baseline - expected).mean()) < 0.01
    assert noise_with_pulses.mean() == pytest.approx(noise.mean(), rel=0.1)


def test_tails_of_pulses_do_not_bias():
    quiet = counts(n_stations=1000)
    muon = quiet + np.round(40 * np.exp(-np.maximum(np.arange(768) - 30, 0) / 2.4)) * (np.arange(768) >= 30)
    bias = [(estimate_baseline(muon, tail=tail)[0] - estimate_baseline(quiet)[0]).mean() for tail in (0, 8)]
    assert abs(bias[1]) < 0.003 < abs(bias[0])


def test_forty_percent_of_pulses_are_survived():
    traces = counts()
    traces[:, :, 60:100] += 100
    assert abs(estimate_baseline(traces)[0] - 50.3).max() < 0.4


def test_later_bins_do_not_matter():
    traces = counts()
    expected = estimate_baseline(traces, n_bins=80)
    traces[:, :, 80:] = np.nan
    np.testing.assert_array_equal(estimate_baseline(traces, n_bins=80), expected)


def test_short_traces_use_a_quarter():
    traces = counts(n_bins=30)
    traces[:, :, 7:] += 1000
    assert abs(estimate_baseline(traces)[0] - 50.3).mean() < 0.3


def test_missing_photomultipliers_may_hold_anything():
    traces, mask = counts(), np.ones((300, 3), bool)
    mask[::2, 1] = False
    expected, _ = estimate_baseline(traces, pmt_mask=mask)
    traces[~mask] = np.nan
    baseline, noise = estimate_baseline(traces, pmt_mask=mask)
    np.testing.assert_array_equal(baseline, expected)
    assert not baseline[~mask].any()
    assert not noise[~mask].any()
    assert not subtract_baseline(traces, baseline, pmt_mask=mask)[~mask].any()


def test_a_station_alone_gives_what_it_gives_among_others(monkeypatch):
    traces = counts()
    together = estimate_baseline(traces)
    alone = np.stack([estimate_baseline(traces[i : i + 1]) for i in range(5)], axis=1)[:, :, 0]
    np.testing.assert_array_equal(np.stack(together)[:, :5], alone)
    monkeypatch.setattr("stac.data_processing.trace_baseline.BLOCK_SIZE", 1)
    np.testing.assert_array_equal(estimate_baseline(traces), together)


def test_whole_numbers_are_taken_as_they_come():
    traces = counts()
    expected = estimate_baseline(traces)
    as_integers = traces.astype(np.uint16)
    np.testing.assert_array_equal(estimate_baseline(as_integers), expected)
    above = subtract_baseline(as_integers, expected[0])
    assert above.dtype == np.float32
    np.testing.assert_array_equal(above, subtract_baseline(traces, expected[0]))


@settings(deadline=None, max_examples=25)
@given(st.floats(-1000, 1000, width=32), st.integers(1, 40), st.integers(1, 4))
def test_constant_traces_have_their_value_and_no_noise(value, n_bins, n_pmts):
    traces = np.full((2, n_pmts, n_bins), value, np.float32)
    baseline, noise = estimate_baseline(traces)
    np.testing.assert_allclose(baseline, value, rtol=1e-6)
    assert not noise.any()


def test_no_stations_give_empty_arrays():
    baseline, noise = estimate_baseline(np.empty((0, 3, 768)))
    assert baseline.shape == noise.shape == (0, 3)


def test_input_is_not_changed():
    traces = counts()
    before = traces.copy()
    subtract_baseline(traces, estimate_baseline(traces)[0])
    np.testing.assert_array_equal(traces, before)


def test_bad_input_is_explained():
    traces = counts(n_stations=4)
    broken = traces.copy()
    broken[2, 1, 5] = np.nan
    assert_clear_error(estimate_baseline, broken, mentions=("traces[2, 1]", "pmt_mask"))
    assert_clear_error(estimate_baseline, traces[0], mentions=("n_stations",))
    assert_clear_error(estimate_baseline, traces[:, :, :0], mentions=("n_bins",))
    assert_clear_error(estimate_baseline, traces, n_bins=769, mentions=("769", "768"))
    assert_clear_error(estimate_baseline, traces, clip=0, mentions=("clip",))
    assert_clear_error(estimate_baseline, traces, pmt_mask=np.ones(3), mentions=("pmt_mask", "(4, 3)"))
    assert_clear_error(estimate_baseline, traces.astype(str), mentions=("numbers",))
    assert_clear_error(subtract_baseline, traces, np.zeros((4, 2)), mentions=("(4, 3)",))
    assert_clear_error(subtract_baseline, traces, np.full((4, 3), np.nan), mentions=("NaN",))
