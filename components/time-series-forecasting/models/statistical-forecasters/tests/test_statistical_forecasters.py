"""Models find what is in a series, series do not disturb each other, and odd ones have a documented answer."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.models.statistical_forecasters import AutoARIMA, AutoETS, AutoTheta
from stac.models.statistical_forecasters._ets import fit_ets
from stac.models.statistical_forecasters._minimize import minimize
from stac.models.statistical_forecasters._season import is_seasonal, seasonal_figure
from stac.models.statistical_forecasters._smoothing import forecast_ets
from stac.testing.component_checks import assert_clear_error, forecaster_checks, package_checks

COMPONENT = Path(__file__).parents[1]
FORECASTERS = [
    AutoARIMA(season_length=4, freq=1, max_order=2, max_seasonal_order=1),
    AutoETS(season_length=4, freq=1, models=("ADN", "AAA", "MAM")),
    AutoTheta(season_length=4, freq=1, models=("OTM", "DSTM")),
]
QUANTILES = (0.1, 0.5, 0.9)


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", forecaster_checks())
@pytest.mark.parametrize("forecaster", [AutoARIMA, AutoETS, AutoTheta])
def test_contract(forecaster, check):
    check(forecaster())


def make(*series):
    """Make a table of series that end at the same time."""
    parts = [
        pd.DataFrame({"unique_id": f"s{i}", "ds": np.arange(1000 - len(y), 1000), "y": np.asarray(y, float)})
        for i, y in enumerate(series)
    ]
    return pd.concat(parts, ignore_index=True)


def seasonal(n=80, m=4, slope=0.5, noise=0.5, seed=0, factor=False):
    """Make a series with level, trend, season and noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    place = np.sin(2 * np.pi * t / m) + 0.5 * (t % m == 0)
    base = 50 + slope * t
    return (base * (1 + 0.2 * place) if factor else base + 8 * place) + noise * rng.normal(size=n)


@pytest.mark.parametrize("forecaster", FORECASTERS)
@pytest.mark.parametrize("factor", [False, True])
def test_trend_and_season_are_found(forecaster, factor):
    y = seasonal(92, noise=0.3, factor=factor)
    forecast = forecaster.fit(make(y[:80])).predict(12, quantiles=QUANTILES)
    naive = np.abs(y[80:] - y[76:80][np.arange(12) % 4]).mean()
    assert np.abs(forecast["forecast"] - y[80:]).mean() < 0.8 * naive
    assert (forecast["q0.1"] < forecast["q0.5"]).all()
    assert (forecast["q0.5"] < forecast["q0.9"]).all()


@pytest.mark.parametrize("forecaster", FORECASTERS)
def test_series_do_not_disturb_each_other(forecaster):
    series = [seasonal(n, seed=n) for n in (50, 7, 2)]
    together = forecaster.fit(make(*series)).predict(6, quantiles=QUANTILES)
    for i, y in enumerate(series):
        alone = forecaster.fit(make(y)).predict(6, quantiles=QUANTILES)
        rows = together[together["unique_id"] == f"s{i}"]
        np.testing.assert_allclose(rows.iloc[:, 2:], alone.iloc[:, 2:], rtol=1e-6)


@pytest.mark.parametrize("forecaster", FORECASTERS)
def test_units_do_not_matter(forecaster):
    y = seasonal()
    one = forecaster.fit(make(y)).predict(6, quantiles=QUANTILES).iloc[:, 2:]
    other = forecaster.fit(make(1e6 * y)).predict(6, quantiles=QUANTILES).iloc[:, 2:]
    np.testing.assert_allclose(other, 1e6 * one, rtol=1e-6)


@settings(max_examples=10, deadline=None)
@given(
    st.sampled_from(FORECASTERS),
    st.lists(
        st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=25), min_size=1, max_size=3
    ),
)
def test_any_series_gives_finite_forecasts(forecaster, series):
    forecast = forecaster.fit(make(*series)).predict(9, quantiles=QUANTILES)
    assert np.isfinite(forecast.iloc[:, 2:]).all(axis=None)
    assert (forecast["q0.1"] <= forecast["q0.9"]).all()


@pytest.mark.parametrize("forecaster", FORECASTERS)
@pytest.mark.parametrize("value", [0.0, 5.0, -0.1, 1e12])
def test_constant_series_stay_constant(forecaster, value):
    forecast = forecaster.fit(make([value] * 30)).predict(5, quantiles=QUANTILES)
    assert (forecast.iloc[:, 2:] == value).all(axis=None)


@pytest.mark.parametrize("forecaster", FORECASTERS)
def test_short_series_repeat_their_last_value(forecaster):
    forecast = forecaster.fit(make([3.0, 5.0], [7.0], [1.0, 2.0, 9.0])).predict(3, quantiles=QUANTILES)
    np.testing.assert_allclose(forecast["forecast"], np.repeat([5.0, 7.0, 9.0], 3), rtol=1e-3)
    assert (forecast["q0.1"] <= forecast["forecast"]).all()


def test_series_shorter_than_two_seasons_get_no_season():
    model = AutoETS(season_length=12, freq=1).fit(make(seasonal(24, m=12), seasonal(60, m=12)))
    assert model.model_[0][2] == "N"
    assert model.model_[1][2] != "N"


def test_multiplicative_models_are_for_positive_series():
    y = seasonal(factor=True)
    assert "M" in AutoETS(season_length=4).fit(make(y)).model_[0]
    assert "M" not in AutoETS(season_length=4).fit(make(y - y.max())).model_[0]


@pytest.mark.parametrize(
    "forecaster", [AutoETS(season_length=1, freq=1, models="ANN"), AutoARIMA(season_length=1, freq=1, max_order=1)]
)
def test_intervals_of_noise_cover_as_they_say(forecaster):
    rng = np.random.default_rng(0)
    walks = rng.normal(size=(200, 60)).cumsum(axis=1)
    forecast = forecaster.fit(make(*walks[:, :50])).predict(4, quantiles=(0.1, 0.9))
    order = pd.DataFrame(walks[:, 50:54], index=[f"s{i}" for i in range(200)])
    actual = order.loc[forecast["unique_id"].unique()].to_numpy().ravel()
    assert 0.7 < ((forecast["q0.1"] <= actual) & (actual <= forecast["q0.9"])).mean() < 0.85


def test_spread_of_simple_smoothing_follows_the_formula():
    fitted = fit_ets(np.random.default_rng(0).normal(size=(1, 80)).cumsum(axis=1) + 50, 1, ("ANN",))
    alpha, sigma = fitted.parameters[0, 0], fitted.sigma[0]
    expected = sigma * np.sqrt(1 + np.arange(8) * alpha**2)
    np.testing.assert_allclose(forecast_ets(fitted, 8)[1][0], expected)


@pytest.mark.parametrize("model", ["AAN", "ADA", "MAM", "MNA", "MDM"])
def test_spread_is_that_of_simulated_errors(model):
    fitted = fit_ets(seasonal(60, noise=1.5, factor=True)[None], 4, (model, "ANN"))
    assert fitted.model[0] == model
    point, spread = forecast_ets(fitted, 7)
    paths = simulate(fitted, 7, 40_000)
    np.testing.assert_allclose(paths.mean(axis=0), point[0], rtol=0.01)
    np.testing.assert_allclose(paths.std(axis=0), spread[0], rtol=0.05)


def simulate(fitted, horizon, n):
    """Run the model's equations, written out, with random errors."""
    rng = np.random.default_rng(0)
    (alpha, beta, gamma, phi), model = fitted.parameters[0], fitted.model[0]
    level, trend = np.full(n, fitted.level[0]), np.full(n, fitted.trend[0])
    season, paths = np.repeat(fitted.season[:, :1], n, axis=1), []
    for h in range(horizon):
        base, place = level + phi * trend, season[h % len(season)].copy()
        mean = base * place if model[2] == "M" else base + place
        error = fitted.sigma[0] * rng.normal(size=n) * (mean if model[0] == "M" else 1)
        paths.append(mean + error)
        change = error / place if model[2] == "M" else error
        level, trend = base + alpha * change, phi * trend + beta * change
        season[h % len(season)] += gamma * (error / base if model[2] == "M" else error)
    return np.array(paths).T


def test_theta_of_a_straight_line_goes_on_with_it():
    forecast = AutoTheta(season_length=1, models=("DOTM",)).fit(make(np.arange(40.0))).predict(5)
    np.testing.assert_allclose(forecast["forecast"], np.arange(40, 45), rtol=0.01)


def test_only_the_end_of_long_series_counts():
    y = np.r_[np.full(500, 1e3), seasonal(100)]
    short = AutoETS(season_length=4, max_length=100).fit(make(y)).predict(4)
    np.testing.assert_allclose(short["forecast"], AutoETS(season_length=4).fit(make(y[-100:])).predict(4)["forecast"])


def test_season_follows_from_the_frequency():
    table = pd.DataFrame({"ds": pd.date_range("2015-01-31", periods=50, freq="ME"), "y": seasonal(50, m=12)})
    for forecaster in (AutoARIMA(max_order=1), AutoETS(models="ANN"), AutoTheta(models="STM")):
        assert forecaster.fit(table).season_length_ == 12
        assert forecaster.predict(2)["ds"].tolist() == [pd.Timestamp("2019-03-31"), pd.Timestamp("2019-04-30")]


def test_chunks_do_not_show_in_the_result(monkeypatch):
    series = [seasonal(n, seed=n) for n in (40, 30, 38)]
    for forecaster in FORECASTERS:
        whole = forecaster.fit(make(*series)).predict(3, quantiles=QUANTILES)
        with monkeypatch.context() as patch:
            patch.setattr("stac.models.statistical_forecasters._arima._MOST_SERIES", 2)
            patch.setattr("stac.models.statistical_forecasters._arima_search._MOST_CELLS", 14 * 40 * 9)
            patch.setattr("stac.models.statistical_forecasters._ets._MOST_CELLS", 1)
            patch.setattr("stac.models.statistical_forecasters._theta._MOST_CELLS", 1)
            chunked = forecaster.fit(make(*series)).predict(3, quantiles=QUANTILES)
        np.testing.assert_allclose(chunked.iloc[:, 2:], whole.iloc[:, 2:], rtol=1e-6)


# ---------------------------------------------------------------------------------------------- the parts


def test_minima_in_a_box_are_found():
    centre = np.array([[0.3, 0.7], [2.0, 0.5], [0.9, -1.0]])

    def bowl(points):
        return ((points - centre[:, None]) ** 2 * [1, 10]).sum(axis=2)

    points, values = minimize(bowl, np.full((3, 2), 0.5), np.zeros(2), np.ones(2), n_iterations=80)
    np.testing.assert_allclose(points, np.clip(centre, 0, 1), atol=0.02)
    np.testing.assert_allclose(values, bowl(points[:, None])[:, 0])


def test_the_season_of_a_line_and_a_pattern_is_the_pattern():
    pattern = np.array([3.0, -1, 0, -2])
    values = np.tile(pattern, 8) + np.arange(32)
    values[:3] = np.nan
    np.testing.assert_allclose(seasonal_figure(values[None], 4, multiplicative=False)[0], pattern, atol=1e-9)
    factors = np.array([1.2, 0.9, 1.1, 0.8])
    found = seasonal_figure(100 * np.tile(factors, 8)[None], 4, multiplicative=True)[0]
    np.testing.assert_allclose(found, factors)


def test_noise_is_mostly_not_seasonal():
    noise = np.random.default_rng(0).normal(size=(200, 60))
    assert is_seasonal(noise, 4).mean() < 0.2
    assert is_seasonal(noise + 3 * np.tile([1, 0, -1, 0], 15), 4).all()


# ---------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("forecaster", [AutoARIMA, AutoETS, AutoTheta])
def test_bad_input_is_explained(forecaster):
    table = make(seasonal(20))
    assert_clear_error(forecaster(season_length=0).fit, table, mentions=("season_length",))
    assert_clear_error(forecaster(season_length=12, max_length=20).fit, table, mentions=("max_length", "25"))
    assert_clear_error(forecaster(4).fit, table.drop(index=3), mentions=("fill_gaps",))
    table.loc[5, "y"] = np.nan
    assert_clear_error(forecaster(4).fit, table, mentions=("missing", "'s0'"))


@pytest.mark.parametrize("forecaster", [AutoETS, AutoTheta])
def test_unknown_models_are_explained(forecaster):
    assert_clear_error(forecaster(models=("XYZ",)).fit, make(seasonal(20)), mentions=("XYZ", "choose from"))
    assert_clear_error(forecaster(models=()).fit, make(seasonal(20)), mentions=("choose from",))
