"""ARIMA models: what is known of simulated series is found, the likelihood is exact, and limits are kept."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stac.models.statistical_forecasters import AutoARIMA
from stac.models.statistical_forecasters._arima import fit_arima, forecast_arima
from stac.models.statistical_forecasters._arma import Batch
from stac.models.statistical_forecasters._differences import difference_orders, kpss, seasonal_strength
from stac.models.statistical_forecasters._polynomials import N_PARAMETERS, coefficients, expand, parameters_of
from stac.testing.component_checks import assert_clear_error


def simulated(phi=(), theta=(), n=600, n_series=1, seed=0):
    """Simulate series of an ARMA model, given its polynomials without the leading 1, in B, as they are written."""
    errors = np.random.default_rng(seed).normal(size=(n_series, n + 200))
    values = np.zeros_like(errors)
    for t in range(len(phi) + len(theta) + 1, n + 200):
        values[:, t] = errors[:, t] + sum(c * errors[:, t - 1 - j] for j, c in enumerate(theta))
        values[:, t] += sum(c * values[:, t - 1 - j] for j, c in enumerate(phi))
    return values[:, 200:]


def table(*series):
    """Make a table of series."""
    return pd.concat(pd.DataFrame({"unique_id": str(i), "ds": range(len(y)), "y": y}) for i, y in enumerate(series))


# ---------------------------------------------------------------------------------------------- what is found


@pytest.mark.parametrize(
    ("phi", "theta", "column", "expected"),
    [((0.7,), (), 0, 0.7), ((), (0.6,), 5, 0.6), ((0, 0, 0, 0.6), (), 10, 0.6), ((), (0, 0, 0, -0.6), 12, -0.6)],
)
def test_parameters_of_simulated_series_are_found(phi, theta, column, expected):
    fitted = fit_arima(5 + simulated(phi, theta, n_series=10), 4, most=1, most_seasonal=1)
    assert np.median(coefficients(fitted.parameters)[:, column]) == pytest.approx(expected, abs=0.06)
    assert np.median(fitted.sigma) == pytest.approx(1, abs=0.06)
    assert np.median(fitted.mean[fitted.orders[:, 6] == 1]) == pytest.approx(5, abs=0.3)


def test_two_parameters_of_one_model_are_found():
    fitted = fit_arima(simulated((1.2, -0.5), (), n_series=16), 1, most=2)
    second = fitted.parameters[(fitted.orders[:, :3] == [2, 0, 0]).all(axis=1)]
    assert len(second) > 7
    np.testing.assert_allclose(np.median(coefficients(second)[:, :2], axis=0), [1.2, -0.5], atol=0.06)


def test_random_walks_are_differenced_and_noise_is_not():
    noise = np.random.default_rng(0).normal(size=(40, 100))
    assert difference_orders(noise, 1)[0].mean() < 0.2
    assert difference_orders(noise.cumsum(axis=1), 1)[0].mean() > 0.8
    assert difference_orders(noise.cumsum(axis=1).cumsum(axis=1), 1)[0].mean() > 1.6


def test_strong_seasons_are_differenced():
    noise = np.random.default_rng(0).normal(size=(20, 96))
    pattern = 4 * np.sin(np.arange(96) * np.pi / 6)
    assert (seasonal_strength(noise, 12) < 0.64).all()
    assert (seasonal_strength(noise + pattern, 12) > 0.64).all()
    np.testing.assert_array_equal(difference_orders(noise + pattern, 12), [[0] * 20, [1] * 20])


def test_kpss_follows_its_formula():
    y = np.random.default_rng(0).normal(size=10).cumsum()  # so short that no lag counts
    rest = y - y.mean()
    assert kpss(y[None])[0] == pytest.approx((rest.cumsum() ** 2).sum() / 100 / rest.var())


# ---------------------------------------------------------------------------------------------- forecasts


def test_a_straight_line_goes_on():
    forecast = AutoARIMA(season_length=4, freq=1).fit(table(3 + 2.0 * np.arange(30))).predict(5, quantiles=(0.9,))
    np.testing.assert_allclose(forecast["forecast"], 3 + 2.0 * np.arange(30, 35))
    np.testing.assert_allclose(forecast["q0.9"], forecast["forecast"], rtol=1e-6)


def test_a_high_level_hides_nothing():
    y = simulated((0.8,), (), n=200)
    low, high = fit_arima(y, 1, most=1), fit_arima(y + 1e9, 1, most=1)
    assert high.model[0] == "(1,0,0) with mean"
    np.testing.assert_allclose(high.sigma, low.sigma, rtol=0.01)
    np.testing.assert_allclose(high.mean, 1e9 + y.mean(), atol=1)


def test_a_repeated_season_goes_on():
    y = np.tile([5.0, 1, 8, 2], 12)
    forecast = AutoARIMA(season_length=4, freq=1).fit(table(y)).predict(8)
    np.testing.assert_allclose(forecast["forecast"], y[:8])


def test_spread_of_an_integrated_moving_average_follows_the_formula():
    fitted = fit_arima(simulated((), (-0.5,), n=300).cumsum(axis=1), 1)
    assert fitted.model[0] == "(0,1,1)"
    effect = 1 + coefficients(fitted.parameters)[0, 5]
    expected = fitted.sigma[0] * np.sqrt(1 + np.arange(6) * effect**2)
    np.testing.assert_allclose(forecast_arima(fitted, 1, 6)[1][0], expected)


def test_forecasts_are_those_of_the_equations():
    y = 50 + simulated((0.8,), (), n=200)
    fitted = fit_arima(y, 1, most=1)
    assert fitted.model[0] == "(1,0,0) with mean"
    phi, mean = coefficients(fitted.parameters)[0, 0], fitted.mean[0]
    expected = mean + phi ** np.arange(1, 6) * (y[0, -1] - mean)
    np.testing.assert_allclose(forecast_arima(fitted, 1, 5)[0][0], expected)


@pytest.mark.parametrize("m", [2, 7, 24, 30, 60])
def test_seasons_of_any_length(m):
    y = 100 + 10 * np.sin(np.arange(4 * m) * 2 * np.pi / m) + np.random.default_rng(0).normal(size=4 * m)
    model = AutoARIMA(season_length=m, freq=1, max_order=1).fit(table(y))
    forecast = model.predict(m)["forecast"]
    assert np.abs(forecast - 100 - 10 * np.sin(np.arange(m) * 2 * np.pi / m)).mean() < 3
    assert f"[{m}]" in model.model_[0]


# ---------------------------------------------------------------------------------------------- the parts


@settings(max_examples=25, deadline=None)
@given(arrays(float, (1, N_PARAMETERS), elements=st.floats(-3, 3)))
def test_models_are_stationary_and_invertible(parameters):
    found = coefficients(parameters)
    for moving in (False, True):
        assert (np.abs(np.roots(expand(found, 1, moving=moving)[0])) < 1).all()
    np.testing.assert_allclose(coefficients(parameters_of(found, limit=1 - 1e-12)), found, atol=1e-6)


def a_batch():
    """Make series of different lengths, and a model with all kinds of parameters."""
    rng = np.random.default_rng(0)
    n = np.array([48, 40, 30])
    values = (1 + rng.normal(size=(3, 48)).cumsum(axis=1)) * (np.arange(48) < n[:, None])
    free = np.isin(np.arange(N_PARAMETERS), [0, 1, 5, 10, 12]) & np.ones((3, 1), dtype=bool)
    return Batch(values, n, 4), free * rng.normal(size=free.shape) / 2, free, np.array([True, False, True])


def test_the_likelihood_is_that_of_a_normal_distribution():
    batch, parameters, _, constant = a_batch()
    found = batch.likelihood(np.arange(3), parameters, constant)
    for i, n in enumerate(batch.n):
        phi, theta = (expand(coefficients(parameters[i : i + 1]), 4, moving=moving)[0] for moving in (False, True))
        effects = np.zeros(1500)
        for t in range(1500):
            back = effects[max(t - len(phi) + 1, 0) : t][::-1]
            effects[t] = (theta[t] if t < len(theta) else 0) - phi[1 : len(back) + 1] @ back
        gamma = np.array([effects[: 1500 - lag] @ effects[lag:] for lag in range(n)])
        covariance = gamma[np.abs(np.arange(n)[:, None] - np.arange(n))]
        y, one, inverse = batch.values[i, :n], np.ones(n), np.linalg.inv(covariance)
        mean = one @ inverse @ y / (one @ inverse @ one) if constant[i] else 0
        squares = (y - mean) @ inverse @ (y - mean)
        expected = n * np.log(2 * np.pi * squares / n) + n + np.linalg.slogdet(covariance)[1]
        assert found.value[i] == pytest.approx(expected)
        assert found.mean[i] == pytest.approx(mean)


def test_the_slope_of_the_squares_is_their_derivative():
    batch, parameters, free, constant = a_batch()
    gradient = batch.squares(np.arange(3), parameters, free, constant)[1]
    for k in np.flatnonzero(free[0]):
        move = 1e-5 * (np.arange(N_PARAMETERS) == k)
        up, down = (batch.squares(np.arange(3), parameters + s * move, free, constant)[0] for s in (1, -1))
        np.testing.assert_allclose(gradient[:, k], (up - down) / 2e-5, rtol=1e-4, atol=1e-4)


# ---------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("name", ["max_order", "max_seasonal_order"])
@pytest.mark.parametrize("value", [-1, 6, 1.5, True])
def test_bad_orders_are_explained(name, value):
    assert_clear_error(AutoARIMA(4, **{name: value}).fit, table(np.arange(20.0)), mentions=(name, "whole number"))
