"""The forecast is the last season, its spread follows the formula, and short series have a documented answer."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.models.seasonal_naive import SeasonalNaive
from stac.testing.component_checks import assert_clear_error, forecaster_checks, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", forecaster_checks(missing_values=True))
def test_contract(check):
    check(SeasonalNaive())


def make(*series):
    """Make a table of series that end at the same time."""
    parts = [
        pd.DataFrame({"unique_id": f"s{i}", "ds": np.arange(100 - len(y), 100), "y": np.asarray(y, float)})
        for i, y in enumerate(series)
    ]
    return pd.concat(parts, ignore_index=True)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), min_size=1, max_size=5),
    st.integers(1, 12),
    st.integers(1, 40),
)
def test_forecasts_are_the_formula_of_each_series(series, season, horizon):
    model = SeasonalNaive(season, freq=1).fit(make(*series))
    forecast = model.predict(horizon, quantiles=[0.5, 0.8413447460685429])
    assert len(forecast) == horizon * len(series)
    for i, y in enumerate(np.array(one) for one in series):
        rows = forecast[forecast["unique_id"] == f"s{i}"]
        steps = np.arange(horizon)
        assert rows["ds"].tolist() == (100 + steps).tolist()
        expected = y[-season:][steps % season] if len(y) >= season else np.full(horizon, y[-1])
        np.testing.assert_array_equal(rows["forecast"], expected)
        np.testing.assert_allclose(rows["q0.5"], expected, atol=1e-9)
        lag = season if len(y) > season else 1
        sigma = np.sqrt(np.mean((y[lag:] - y[:-lag]) ** 2)) if len(y) > 1 else 0
        np.testing.assert_allclose(rows["q0.841345"] - expected, sigma * np.sqrt(steps // lag + 1), atol=1e-9)


def test_season_follows_from_the_frequency():
    months = pd.date_range("2020-01-31", periods=30, freq="ME")
    table = pd.DataFrame({"ds": months, "y": np.arange(30.0)})
    model = SeasonalNaive().fit(table)
    assert model.season_length_ == 12
    forecast = model.predict(14)
    assert forecast["forecast"].tolist() == [*range(18, 30), 18, 19]
    assert forecast["ds"].tolist() == pd.date_range("2022-07-31", periods=14, freq="ME").tolist()


def test_missing_values_take_those_of_the_season_before():
    y = [1, 2, 3, 4, 5, np.nan]
    model = SeasonalNaive(3).fit(make(y, [np.nan, np.nan, 7, 8, 9, 10]))
    forecast = model.predict(3)["forecast"].tolist()
    assert forecast == [4, 5, 3, 8, 9, 10]
    assert np.isfinite(model.sigma_).all()


def test_intervals_of_seasonal_walks_cover_as_they_say():
    rng = np.random.default_rng(0)
    walks = rng.normal(size=(400, 40, 4)).cumsum(axis=1).reshape(400, 160)
    forecast = SeasonalNaive(4).fit(make(*walks[:, :80])).predict(8, quantiles=(0.1, 0.9))
    names = [f"s{i}" for i in range(400)]
    actual = pd.DataFrame(walks[:, 80:88], index=names).loc[forecast["unique_id"].unique()].to_numpy().ravel()
    assert np.mean((forecast["q0.1"] <= actual) & (actual <= forecast["q0.9"])) == pytest.approx(0.8, abs=0.03)


# ---------------------------------------------------------------------------------------------- bad input


def test_bad_input_is_explained():
    assert_clear_error(SeasonalNaive(0).fit, make([1, 2]), mentions=("season_length",))
    assert_clear_error(SeasonalNaive(1.5).fit, make([1, 2]), mentions=("season_length",))
    assert_clear_error(SeasonalNaive(2).fit, make([1, 2, 3], [np.nan, np.nan]), mentions=("'s1'", "NaN"))
    assert_clear_error(SeasonalNaive(2).fit, make([1, 2, 3, 4]).drop(index=2), mentions=("fill_gaps",))
    assert_clear_error(SeasonalNaive(2).fit, make([1]), mentions=("freq=",))
