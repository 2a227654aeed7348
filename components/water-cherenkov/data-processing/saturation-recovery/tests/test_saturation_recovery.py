"""What the high gain cannot show comes from the low gain; what neither shows is flagged."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.saturation_recovery import recover_saturation
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
LIMIT = 1023 - 50


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def channels(peaks, ratio=32):
    """Return the true counts above the baseline, and both channels, without noise."""
    true = np.asarray(peaks, np.float32)[:, :, None] * np.exp(-np.arange(60, dtype=np.float32) / 8)
    return true, np.minimum(true, LIMIT), np.minimum(true / ratio, LIMIT)


def test_signals_are_recovered_over_the_whole_range():
    true, high, low = channels([[50, 900, 5_000], [970, 20_000, 31_000]])
    traces, saturated = recover_saturation(high, low, gain_ratio=32, saturation_adc=LIMIT)
    np.testing.assert_allclose(traces, true, rtol=1e-5)
    assert not saturated.any()


def test_only_saturated_bins_are_replaced():
    _, high, low = channels([[5_000]])
    traces, _ = recover_saturation(high, low * 0 + 500, gain_ratio=32, saturation_adc=LIMIT)
    clipped = high >= LIMIT
    assert (traces[clipped] == 16_000).all()
    np.testing.assert_array_equal(traces[~clipped], high[~clipped])


def test_both_channels_saturated_is_flagged():
    true, high, low = channels([[100, 5_000, 50_000]])
    traces, saturated = recover_saturation(high, low, gain_ratio=32, saturation_adc=LIMIT)
    assert saturated.tolist() == [[False, False, True]]
    assert traces[0, 2].max() == LIMIT * 32 < true[0, 2].max()


def test_without_a_low_gain_saturation_is_flagged():
    _, high, _ = channels([[100, 5_000]])
    traces, saturated = recover_saturation(high, saturation_adc=LIMIT)
    assert saturated.tolist() == [[False, True]]
    np.testing.assert_array_equal(traces, high)


def test_limits_and_ratios_may_differ_between_photomultipliers():
    high = np.full((2, 2, 4), 900, np.float32)
    low = np.full((2, 2, 4), 100, np.float32)
    limit = np.array([[900, 950], [950, 900]])
    traces, _ = recover_saturation(high, low, gain_ratio=np.array([20, 40]), saturation_adc=limit)
    np.testing.assert_array_equal(traces[:, :, 0], [[2000, 900], [900, 4000]])


def test_rounding_of_the_baseline_does_not_hide_saturation():
    baseline = np.float32(50.3)
    high = np.full((1, 1, 3), 1023, np.float32) - baseline
    _, saturated = recover_saturation(high, saturation_adc=1023 - np.float64(50.3))
    assert saturated.all()


def test_a_low_gain_below_the_limit_does_not_lower_the_signal():
    traces, _ = recover_saturation(np.full((1, 1, 3), LIMIT), np.zeros((1, 1, 3)), saturation_adc=LIMIT)
    assert (traces == LIMIT).all()


def test_missing_photomultipliers_never_count():
    _, high, low = channels([[5_000, 50_000]])
    mask = np.array([[True, False]])
    expected, _ = recover_saturation(high, low, saturation_adc=LIMIT, pmt_mask=mask)
    high[~mask] = low[~mask] = np.nan
    traces, saturated = recover_saturation(high, low, saturation_adc=np.where(mask, LIMIT, -1), pmt_mask=mask)
    np.testing.assert_array_equal(traces, expected)
    assert not traces[0, 1].any()
    assert not saturated.any()


@settings(deadline=None, max_examples=25)
@given(st.floats(1, 30_000), st.floats(5, 40))
def test_recovered_signals_are_right_for_any_size_and_ratio(peak, ratio):
    true, high, low = channels([[min(peak, LIMIT * ratio)]], ratio)
    traces, _ = recover_saturation(high, low, gain_ratio=ratio, saturation_adc=LIMIT)
    np.testing.assert_allclose(traces, true, rtol=2e-3)


def test_input_is_not_changed():
    _, high, low = channels([[5_000]])
    before = high.copy(), low.copy()
    recover_saturation(high, low, saturation_adc=LIMIT)
    np.testing.assert_array_equal((high, low), before)


def test_bad_input_is_explained():
    _, high, low = channels([[1, 2], [3, 4]])
    assert_clear_error(recover_saturation, high, low[:, :, :9], saturation_adc=LIMIT, mentions=("low_gain", "same"))
    assert_clear_error(recover_saturation, high, low, saturation_adc=-5, mentions=("saturation_adc", "positive"))
    assert_clear_error(recover_saturation, high, low, gain_ratio=0, saturation_adc=9, mentions=("gain_ratio",))
    assert_clear_error(recover_saturation, high, low, gain_ratio=None, saturation_adc=9, mentions=("gain_ratio",))
    assert_clear_error(recover_saturation, high, low, saturation_adc=np.ones(5), mentions=("saturation_adc", "(2,)"))
    assert_clear_error(recover_saturation, high[0], saturation_adc=LIMIT, mentions=("n_stations",))
    assert_clear_error(recover_saturation, high.astype(str), saturation_adc=LIMIT, mentions=("numbers",))
    assert_clear_error(recover_saturation, high, saturation_adc=9, pmt_mask=[True], mentions=("pmt_mask",))
