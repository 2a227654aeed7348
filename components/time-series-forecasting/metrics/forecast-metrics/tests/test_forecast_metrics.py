"""Scores agree with their definitions, written out, and series that cannot be scaled do not spoil the mean."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.metrics.forecast_metrics import (
    coverage,
    forecast_metrics,
    interval_width,
    mase,
    rmsse,
    smape,
    weighted_quantile_loss,
)
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def make(n_series=3, n_history=30, horizon=6, seed=0, freq="MS"):
    """Make histories of different lengths, what came after, and forecasts of it."""
    rng = np.random.default_rng(seed)
    history, actual = [], []
    for i in range(n_series):
        n = n_history + i
        ds = pd.date_range("2020-01-01", periods=n + horizon, freq=freq)
        rows = pd.DataFrame({"unique_id": f"s{i}", "ds": ds, "y": rng.normal(5, 1, n + horizon)})
        history.append(rows.iloc[:n])
        actual.append(rows.iloc[n:])
    history, actual = pd.concat(history, ignore_index=True), pd.concat(actual, ignore_index=True)
    forecast = actual[["unique_id", "ds"]].assign(forecast=rng.normal(5, 1, len(actual)))
    for level, shift in ((0.1, -1.2), (0.5, 0.1), (0.9, 1.1)):
        forecast[f"q{level}"] = forecast["forecast"] + shift
    return actual, forecast, history


def by_series(actual, forecast, history):
    """Yield what belongs to each series, as arrays."""
    for name in actual["unique_id"].unique():
        rows = forecast[forecast["unique_id"] == name].set_index("ds")
        y = actual[actual["unique_id"] == name].set_index("ds")["y"].reindex(rows.index)
        yield name, y, rows, history.loc[history["unique_id"] == name, "y"].to_numpy()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 8), st.integers(1, 12))
def test_scores_are_their_definitions(seed, n_series, horizon, season):
    actual, forecast, history = make(n_series, horizon=horizon, seed=seed)
    scores = forecast_metrics(actual, forecast.sample(frac=1, random_state=0), history, season_length=season)
    table = scores.per_series.set_index("unique_id")
    loss = size = 0
    for name, y, rows, past in by_series(actual, forecast, history):
        error = y - rows["forecast"]
        naive = past[season:] - past[:-season]
        pinball = [np.where(y > rows[f"q{q}"], q, q - 1) * (y - rows[f"q{q}"]) for q in (0.1, 0.5, 0.9)]
        expected = {
            "mase": error.abs().mean() / np.abs(naive).mean(),
            "rmsse": np.sqrt((error**2).mean() / (naive**2).mean()),
            "smape": (200 * error.abs() / (y.abs() + rows["forecast"].abs())).mean(),
            "mae": error.abs().mean(),
            "wql": 2 * np.sum(pinball) / 3 / y.abs().sum(),
            "coverage_80": ((rows["q0.1"] <= y) & (y <= rows["q0.9"])).mean(),
            "width_80": 2.3,
        }
        assert table.loc[name].to_dict() == pytest.approx(expected)
        loss, size = loss + 2 * np.sum(pinball) / 3, size + y.abs().sum()
    assert scores.overall["wql"][0] == pytest.approx(loss / size)
    for name in ("mase", "rmsse", "smape", "mae", "coverage_80"):
        assert scores.overall[name][0] == pytest.approx(table[name].mean())
    assert scores.notes == []


def test_single_scores_are_those_of_the_table():
    actual, forecast, history = make()
    table = forecast_metrics(actual, forecast, history).per_series.set_index("unique_id")
    single = {
        "mase": mase(actual, forecast, history),
        "rmsse": rmsse(actual, forecast, history),
        "smape": smape(actual, forecast),
        "wql": weighted_quantile_loss(actual, forecast),
        "coverage_80": coverage(actual, forecast),
        "width_80": interval_width(actual, forecast, level=0.8),
    }
    for name, values in single.items():
        np.testing.assert_allclose(values, table[name])
        assert values.index.tolist() == ["s0", "s1", "s2"]


def test_season_follows_from_the_frequency():
    actual, forecast, history = make(freq="QS")
    expected = mase(actual, forecast, history, season_length=4)
    pd.testing.assert_series_equal(mase(actual, forecast, history), expected)


def test_only_the_history_before_the_forecast_counts():
    actual, forecast, history = make()
    everything = pd.concat([history, actual])
    expected = mase(actual, forecast, history)
    pd.testing.assert_series_equal(mase(actual, forecast, everything), expected)


def test_models_and_cutoffs_are_averaged_apart():
    actual, forecast, history = make(n_series=2, horizon=4)
    early = forecast.groupby("unique_id").head(2).assign(cutoff=1, model="a")
    late = forecast.groupby("unique_id").tail(2).assign(cutoff=2, model="a")
    everything = pd.concat([history, actual])
    both = forecast_metrics(actual, pd.concat([early, late, early.assign(model="b")]), everything)
    assert both.overall["model"].tolist() == ["a", "b"]
    assert both.overall["n_series"].tolist() == [2, 2]
    one = forecast_metrics(actual, early, everything).per_series["mase"]
    two = forecast_metrics(actual, late, everything).per_series["mase"]
    table = both.per_series
    np.testing.assert_allclose(table.loc[table["model"] == "a", "mase"], (one + two) / 2)
    np.testing.assert_allclose(table.loc[table["model"] == "b", "mase"], one)


def test_a_table_that_holds_both_is_enough():
    actual, forecast, history = make()
    joined = forecast.merge(actual, on=["unique_id", "ds"]).assign(model="m", cutoff=0)
    expected = forecast_metrics(actual, forecast, history).overall
    result = forecast_metrics(joined, training=history).overall
    pd.testing.assert_frame_equal(result.drop(columns="model"), expected)
    pd.testing.assert_frame_equal(forecast_metrics(pd.concat([joined] * 2), forecast, history).overall, expected)


def test_what_needs_other_columns_is_left_out():
    actual, forecast, _ = make()
    assert forecast_metrics(actual, forecast[["unique_id", "ds", "forecast"]]).overall.columns.tolist() == [
        "smape",
        "mae",
        "n_series",
    ]


def test_intervals_need_both_ends():
    actual, forecast, _ = make()
    forecast["q0.025"], forecast["q0.975"] = forecast["q0.1"] - 1, forecast["q0.9"] + 1
    forecast["q0.2"] = forecast["q0.1"]
    columns = forecast_metrics(actual, forecast).overall.columns
    assert [name for name in columns if name.startswith("coverage")] == ["coverage_80", "coverage_95"]


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9])
def test_constant_history_gives_nan_and_a_note(value):
    actual, forecast, history = make()
    history.loc[history["unique_id"] == "s1", "y"] = value
    scores = forecast_metrics(actual, forecast, history)
    table = scores.per_series.set_index("unique_id")
    assert table[["mase", "rmsse"]].isna().all(axis=1).tolist() == [False, True, False]
    assert scores.overall["mase"][0] == pytest.approx(table["mase"].dropna().mean())
    assert "1 series have a history that repeats itself exactly" in scores.notes[0]


def test_history_of_one_season_gives_nan_and_a_note():
    actual, forecast, history = make(n_history=12)
    scores = forecast_metrics(actual, forecast, history, season_length=13)
    assert scores.per_series["mase"].isna().tolist() == [True, True, False]
    assert "no history longer than the season of 13" in scores.notes[0]
    unknown = forecast_metrics(actual, forecast, history[history["unique_id"] != "s0"], season_length=1)
    assert unknown.per_series["mase"].isna().tolist() == [True, False, False]


def test_zeros_are_no_division_by_zero():
    actual, forecast, _ = make()
    actual["y"] = forecast["forecast"] = 0.0
    scores = forecast_metrics(actual, forecast)
    assert scores.overall["smape"][0] == 0
    assert np.isnan(scores.overall["wql"][0])


def test_missing_actual_values_do_not_count():
    actual, forecast, history = make()
    actual.loc[0, "y"] = np.nan
    history.loc[3, "y"] = np.nan
    scores = forecast_metrics(actual.drop(index=7), forecast, history)
    assert scores.notes == ["2 of 18 forecasts have no actual value and do not count."]
    assert scores.per_series["mase"].notna().all()


def test_times_with_zones_and_whole_numbers_work():
    actual, forecast, history = make()
    expected = mase(actual, forecast, history, season_length=1)
    for convert in (
        lambda ds: ds.dt.tz_localize("Asia/Tokyo"),
        lambda ds: ds.dt.year * 12 + ds.dt.month,
    ):
        tables = [table.assign(ds=convert(table["ds"])) for table in (actual, forecast, history)]
        pd.testing.assert_series_equal(mase(*tables, season_length=1), expected)


# ---------------------------------------------------------------------------------------------- bad input


def test_bad_tables_are_explained():
    actual, forecast, history = make()
    assert_clear_error(forecast_metrics, [1], forecast, mentions=("list", "DataFrame"))
    assert_clear_error(forecast_metrics, actual.drop(columns="y"), forecast, mentions=("actual", "'y'"))
    assert_clear_error(forecast_metrics, actual, actual, mentions=("forecast lacks ['forecast']",))
    assert_clear_error(forecast_metrics, actual.iloc[:0], forecast, mentions=("actual is empty",))
    assert_clear_error(forecast_metrics, actual, forecast.assign(unique_id=1), mentions=("unique_id is",))
    other_zone = forecast.assign(ds=forecast["ds"].dt.tz_localize("UTC"))
    assert_clear_error(forecast_metrics, actual, other_zone, mentions=("ds is", "UTC"))
    elsewhere = forecast.assign(unique_id="other")
    assert_clear_error(forecast_metrics, actual, elsewhere, mentions=("no forecast has an actual value",))
    twice = pd.concat([actual, actual.assign(y=0)])
    assert_clear_error(forecast_metrics, twice, forecast, mentions=("two values", "'s0'"))
    assert_clear_error(forecast_metrics, actual, forecast, history.drop(index=4), mentions=("fill_gaps",))


def test_bad_forecasts_are_explained():
    actual, forecast, _ = make()
    forecast.loc[3, "q0.5"] = np.nan
    assert_clear_error(forecast_metrics, actual, forecast, mentions=("q0.5", "1 rows", "'s0'"))
    assert_clear_error(
        forecast_metrics, actual, forecast.assign(forecast="?"), mentions=("the column forecast", "holds")
    )


def test_quantiles_are_needed_where_asked_for():
    actual, forecast, _ = make()
    point = forecast[["unique_id", "ds", "forecast"]]
    assert_clear_error(weighted_quantile_loss, actual, point, mentions=("no quantiles", "q0.1"))
    assert_clear_error(coverage, actual, forecast, level=0.5, mentions=("q0.25 and q0.75",))
