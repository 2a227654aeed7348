"""What can be used comes back as it is; what cannot is named."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as st_numpy

from stac.data_processing.check_series import check_series
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@settings(max_examples=25, deadline=None)
@given(st_numpy.arrays(np.float32, st_numpy.array_shapes(min_dims=1, max_dims=2, max_side=9)))
def test_finite_series_pass_and_others_do_not(series):
    if np.isfinite(series).all():
        np.testing.assert_array_equal(check_series(series), np.atleast_2d(series))
    else:
        assert_clear_error(check_series, series)


def test_floating_point_series_are_not_copied():
    series = np.ones((2, 5), np.float32)
    assert check_series(series) is series


def test_whole_numbers_and_lists_become_float64():
    assert check_series(np.arange(5)).dtype == np.float64
    assert check_series([[True, False]]).dtype == np.float64


def test_sums_that_overflow_are_no_gap():
    check_series(np.full((2, 5), 1e308))


def test_bad_input_is_explained():
    series = np.ones((2, 50))
    gap, hole, infinite = series.copy(), series.copy(), series.copy()
    gap[1, 7:9], hole[1], infinite[0, 3] = np.nan, np.nan, -np.inf
    assert_clear_error(check_series, gap, mentions=("channel 1", "2 of 50", "first at 7"))
    assert_clear_error(check_series, hole, mentions=("channel 1", "throughout"))
    assert_clear_error(check_series, infinite, mentions=("channel 0", "infinit", "time point 3"))
    assert_clear_error(check_series, series.astype(str), mentions=("numbers",))
    assert_clear_error(check_series, series[None], mentions=("(1, 2, 50)", "n_timepoints"))
    assert_clear_error(check_series, np.array(3.0), mentions=("n_timepoints",))
    assert_clear_error(check_series, series[:0], mentions=("(0, 50)",))
    assert_clear_error(check_series, series[:, :0], mentions=("0 time points",))
    assert_clear_error(check_series, series, min_timepoints=51, why="a window", mentions=("50", "51 of a window"))
    assert_clear_error(check_series, series, n_channels=3, mentions=("2 channels", "3", "same channels"))
    assert_clear_error(check_series, series, n_channels=50, mentions=("transpose",))
