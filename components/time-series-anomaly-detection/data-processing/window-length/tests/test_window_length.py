"""Periods are found at any scale, and what does not repeat itself gives the default."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from stac.data_processing.window_length import estimate_window_length
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def beat(period, n=3000, noise=0.1, seed=0):
    time = np.arange(n)
    shape = np.sin(2 * np.pi * time / period) + 0.7 * np.sin(4 * np.pi * time / period + 1)
    return shape + noise * np.random.default_rng(seed).normal(size=n)


@settings(max_examples=25, deadline=None)
@given(st.integers(12, 300), st.floats(-1e4, 1e4), st.floats(1e-3, 1e5), st.integers(0, 99))
def test_the_period_is_found_at_any_scale_and_offset(period, offset, scale, seed):
    found = estimate_window_length(offset + scale * beat(period, seed=seed))
    assert abs(found - period) <= 1 + 0.02 * period


def test_a_trend_does_not_hide_the_period():
    assert estimate_window_length(beat(40) + np.linspace(0, 200, 3000)) == 40


def test_multiples_of_the_period_are_not_taken():
    assert estimate_window_length(beat(25, noise=0), high=900) == 25


def test_channels_count_alike_whatever_their_scale():
    series = np.stack([beat(30), 1e-4 * beat(30, seed=1), np.full(3000, 7.0)])
    assert estimate_window_length(series.astype(np.float32)) == 30


def test_bounds_are_kept():
    assert estimate_window_length(beat(60), low=70) == 120
    assert 10 <= estimate_window_length(beat(60), high=50) <= 50


@pytest.mark.parametrize("series", [np.zeros(500), np.full((2, 500), 0.1), np.arange(500) * 0.3 + 7])
def test_what_does_not_repeat_itself_gives_the_default(series):
    assert estimate_window_length(series) == 100
    assert estimate_window_length(series, default=30) == 30
    assert estimate_window_length(series, default=3) == 10


def test_noise_gives_the_default():
    assert estimate_window_length(np.random.default_rng(0).normal(size=5000), high=500) == 100


@settings(max_examples=25, deadline=None)
@given(
    st_numpy.arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(30, 90)),
        elements=st.floats(-(2.0**100), 2.0**100, width=32),
    )
)
def test_any_finite_series_gives_a_length_between_the_bounds(series):
    before = series.copy()
    assert 10 <= estimate_window_length(series) <= series.shape[1] // 3
    np.testing.assert_array_equal(series, before)


def test_bad_input_is_explained():
    series = beat(20)
    assert_clear_error(estimate_window_length, series[:29], mentions=("29 time points", "low=10"))
    assert_clear_error(estimate_window_length, series, high=3000, mentions=("high=3000", "2999"))
    assert_clear_error(estimate_window_length, series, low=50, high=40, mentions=("high=40", "low=50"))
    assert_clear_error(estimate_window_length, np.where(series > 1, np.nan, series), mentions=("NaN",))
    assert_clear_error(estimate_window_length, series.astype(str), mentions=("numbers",))
    assert_clear_error(estimate_window_length, series[None, None], mentions=("n_channels, n_timepoints",))
    assert_clear_error(estimate_window_length, series[:0], mentions=("shape",))


def test_the_rounding_of_a_ramp_is_no_repetition():
    assert estimate_window_length((np.arange(3000) * 0.3 + 7).astype(np.float32)) == 100
