"""Trends go, seasons can stay, differences find their way back, and gaps do not matter."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.detrend_series import detrend, difference, undo_difference
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
NAN = np.nan


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def draw(*shape):
    return np.random.default_rng(0).normal(size=shape)


@settings(max_examples=25)
@given(n=st.integers(1, 40), degree=st.integers(0, 3), gaps=st.booleans())
def test_polynomials_agree_with_numpy(n, degree, gaps):
    X = draw(3, 2, n)
    if gaps:
        X[np.random.default_rng(1).random(X.shape) < 0.3] = NAN
    result = detrend(X, degree)
    time = np.linspace(-1, 1, n)
    for row, x in zip(result.reshape(-1, n), X.reshape(-1, n), strict=True):
        known = ~np.isnan(x)
        if known.sum() > degree:
            expected = x - np.polynomial.Polynomial.fit(time[known], x[known], degree)(time) if n > 1 else x - x
            np.testing.assert_allclose(row, expected, atol=1e-6)
        else:
            np.testing.assert_allclose(row[known], 0, atol=1e-6)
        np.testing.assert_array_equal(np.isnan(row), ~known)


@settings(max_examples=25)
@given(n=st.integers(1, 40), window=st.integers(1, 15), gaps=st.booleans())
def test_moving_mean_is_the_mean_of_what_is_around(n, window, gaps):
    x = draw(n)
    if gaps:
        x[np.random.default_rng(1).random(n) < 0.3] = NAN
    _, trend = detrend(x, window=window, return_trend=True)
    offsets = np.arange(-(window // 2), window // 2 + 1)
    weights = np.where((window % 2 == 0) & (abs(offsets) == window // 2), 0.5, 1)
    for t in range(n):
        inside = (t + offsets >= 0) & (t + offsets < n)
        around, weight = x[(t + offsets)[inside]], weights[inside]
        known = ~np.isnan(around)
        if known.any():
            assert trend[t] == pytest.approx(np.average(around[known], weights=weight[known]))


def test_a_window_of_a_season_leaves_the_season():
    time = np.arange(60)
    season = np.sin(2 * np.pi * time / 12)
    result = detrend(season + 3 * time, window=12)
    np.testing.assert_allclose(result[6:-6], season[6:-6], atol=1e-9)


def test_series_and_trend_add_up():
    X = draw(3, 2, 50).astype(np.float32)
    for parameters in ({}, {"degree": 2}, {"window": 7}):
        series, trend = detrend(X, return_trend=True, **parameters)
        assert series.dtype == trend.dtype == np.float32
        np.testing.assert_allclose(series + trend, X, atol=1e-5)


@pytest.mark.parametrize("parameters", [{"degree": 0}, {"degree": 2}, {"window": 4}])
def test_constant_series_become_zeros(parameters):
    X = np.full((2, 3, 30), 123456.789, np.float32)
    np.testing.assert_allclose(detrend(X, **parameters), 0, atol=1e-9)


def test_small_signal_on_a_large_offset_keeps_its_digits():
    signal = np.sin(np.arange(1000) / 10)
    for parameters in ({"degree": 0}, {"window": 51}):
        result = detrend((signal + 1000).astype(np.float32), **parameters)
        np.testing.assert_allclose(result, detrend(signal, **parameters), atol=2e-4)


def test_all_missing_stays_missing():
    X = np.full((2, 10), NAN)
    assert np.isnan(detrend(X)).all()
    assert np.isnan(detrend(X, window=3)).all()
    assert np.isnan(difference(X)).all()


def test_unequal_lengths_come_back_as_a_list():
    X = [np.arange(5.0)[None], np.arange(3)[None]]
    for result in (detrend(X), detrend(X, window=2), detrend(X, return_trend=True)[1]):
        assert [x.shape for x in result] == [(1, 5), (1, 3)]
    assert [x.tolist() for x in difference(X)] == [[[1, 1, 1, 1]], [[1, 1]]]


@settings(max_examples=25)
@given(order=st.integers(1, 3), lag=st.integers(1, 5), extra=st.integers(1, 20))
def test_differences_there_and_back(order, lag, extra):
    k = order * lag
    X = draw(2, 3, k + extra)
    differences = difference(X, order, lag=lag)
    assert differences.shape == (2, 3, extra)
    if lag == 1:
        np.testing.assert_allclose(differences, np.diff(X, order), atol=1e-9)
    np.testing.assert_allclose(undo_difference(differences, X[..., :k], order, lag=lag), X[..., k:], atol=1e-9)


def test_forecast_differences_continue_the_series():
    x = np.array([1.0, 2, 4, 7])
    assert undo_difference(np.array([1.0, 1.0]), x[-2:], order=2).tolist() == [11, 16]


def test_blocks_do_not_show_in_the_result(monkeypatch):
    X = draw(20, 2, 30)
    X[3, 1, 4:9] = NAN
    whole = detrend(X, 2), detrend(X, window=5)
    monkeypatch.setattr("stac.data_processing.detrend_series.BLOCK_SIZE", 1)
    np.testing.assert_allclose(detrend(X, 2), whole[0], atol=1e-12)
    np.testing.assert_allclose(detrend(X, window=5), whole[1], atol=1e-12)


def test_bad_input_is_explained():
    x = np.zeros((2, 5))
    for function in (detrend, difference):
        assert_clear_error(function, [], mentions=("empty",))
        assert_clear_error(function, np.zeros((2, 0)), mentions=("(2, 0)",))
        assert_clear_error(function, [x, np.array("a")], mentions=("X[1]", "numbers"))
    assert_clear_error(detrend, x, -1, mentions=("degree=-1",))
    assert_clear_error(detrend, x, 1.5, mentions=("degree=1.5",))
    assert_clear_error(detrend, x, window=0, mentions=("window=0",))
    assert_clear_error(difference, x, 2, lag=3, mentions=("5 time points", "more than 6"))
    assert_clear_error(difference, [x, x[:, :1]], mentions=("X[1]", "1 time points"))
    assert_clear_error(difference, x, lag=0, mentions=("lag=0",))
    assert_clear_error(undo_difference, x, x[:, :2], mentions=("(2, 2)", "(2, 1)"))
