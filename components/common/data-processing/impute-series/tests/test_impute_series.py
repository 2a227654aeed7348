"""Gaps are filled from what is known around them, known values stay, and what cannot be filled is said."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from stac.data_processing.impute_series import impute_series
from stac.data_processing.impute_series._fill import FILL
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
NAN = np.nan


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


series = st_numpy.arrays(
    np.float32,
    st_numpy.array_shapes(min_dims=1, max_dims=3, max_side=12),
    elements=st.floats(-1e6, 1e6, width=32) | st.just(NAN),
)


@settings(max_examples=30)
@given(series)
def test_lines_agree_with_numpy(X):
    filled = impute_series(X, all_missing=7).reshape(-1, X.shape[-1])
    for row, result in zip(X.reshape(-1, X.shape[-1]), filled, strict=True):
        known = np.flatnonzero(~np.isnan(row))
        expected = np.interp(np.arange(len(row)), known, row[known]) if len(known) else np.full(len(row), 7)
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=0.2)


@settings(max_examples=30)
@given(series, st.sampled_from([m for m in FILL if m != "seasonal"] + [3.5]))
def test_known_values_stay_and_nothing_is_missing(X, method):
    before = X.copy()
    filled = impute_series(X, method, all_missing=0)
    assert filled.shape == X.shape
    assert filled.dtype == np.float32
    assert np.isfinite(filled).all()
    known = ~np.isnan(X)
    np.testing.assert_array_equal(filled[known], X[known])
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("linear", [1, 1, 2, 3, 4, 4]),
        ("nearest", [1, 1, 1, 4, 4, 4]),
        ("forward", [1, 1, 1, 1, 4, 4]),
        ("backward", [1, 1, 4, 4, 4, 4]),
        ("mean", [2.5, 1, 2.5, 2.5, 4, 2.5]),
        ("median", [2.5, 1, 2.5, 2.5, 4, 2.5]),
        (0, [0, 1, 0, 0, 4, 0]),
    ],
)
def test_each_method_fills_its_way(method, expected):
    assert impute_series(np.array([NAN, 1, NAN, NAN, 4, NAN]), method).tolist() == expected


def test_forward_never_looks_ahead():
    x = np.array([1, NAN, 3, NAN, NAN, 6])
    for end in range(1, len(x)):
        np.testing.assert_array_equal(impute_series(x[:end], "forward"), impute_series(x, "forward")[:end])


def test_seasonal_finds_trend_and_season():
    time = np.arange(60)
    X = np.stack([np.sin(2 * np.pi * time / 12) * a + b * time for a, b in ((1, 0), (5, 0.3), (0.1, -2))])
    gaps = X.copy()
    gaps[0, 20:27], gaps[1, 40:48], gaps[2, 30:33] = NAN, NAN, NAN
    filled = impute_series(gaps, "seasonal", season_length=12)
    np.testing.assert_allclose(filled, X, atol=0.6)
    assert np.abs(filled - X).max() < np.abs(impute_series(gaps) - X).max() / 4


def test_a_phase_that_was_never_seen_falls_back_to_the_line():
    x = np.tile(np.array([0.0, 0.0, NAN, 0.0]), 3)
    np.testing.assert_allclose(impute_series(x, "seasonal", season_length=4), 0, atol=1e-12)


def test_long_gaps_can_stay():
    x = np.array([NAN, NAN, 1, NAN, 3, NAN, NAN, NAN, 5, NAN])
    filled = impute_series(x, max_gap=2)
    np.testing.assert_array_equal(filled, [1, 1, 1, 2, 3, NAN, NAN, NAN, 5, 5])


def test_unequal_lengths_come_back_as_a_list():
    filled = impute_series([np.array([[1, NAN, 3]]), np.array([[NAN, 2]], np.float32)])
    assert [x.tolist() for x in filled] == [[[1, 2, 3]], [[2, 2]]]
    assert [x.dtype for x in filled] == [np.float64, np.float32]


def test_blocks_do_not_show_in_the_result(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3, 40)).astype(np.float32)
    X[rng.random(X.shape) < 0.3] = NAN
    whole = impute_series(X, "seasonal", season_length=7)
    monkeypatch.setattr("stac.data_processing.impute_series.BLOCK_SIZE", 1)
    np.testing.assert_allclose(impute_series(X, "seasonal", season_length=7), whole, rtol=1e-6)


def test_bad_input_is_explained():
    X = np.zeros((4, 2, 5))
    X[3, 1] = NAN
    assert_clear_error(impute_series, X, mentions=("X[3, 1]", "all_missing"))
    assert_clear_error(impute_series, [X[0], X[3]], mentions=("X[1][1]",))
    assert_clear_error(impute_series, np.array([1, np.inf]), mentions=("X holds infinities",))
    assert_clear_error(impute_series, np.array([[1, 2], [NAN, -np.inf]]), mentions=("X[1]", "infinities"))
    assert_clear_error(impute_series, [], mentions=("empty",))
    assert_clear_error(impute_series, np.zeros((2, 0)), mentions=("(2, 0)",))
    assert_clear_error(impute_series, np.array(["a"]), mentions=("numbers",))
    assert_clear_error(impute_series, [1.0, NAN], mentions=("X[0]", "shape ()"))
    assert_clear_error(impute_series, X, "spline", mentions=("spline", "linear"))
    assert_clear_error(impute_series, X, NAN, mentions=("nan", "number"))
    assert_clear_error(impute_series, X, "seasonal", mentions=("season_length",))
    assert_clear_error(impute_series, X, "seasonal", season_length=3, mentions=("5 time points", "two seasons of 3"))
    assert_clear_error(impute_series, X, max_gap=0, mentions=("max_gap=0",))
