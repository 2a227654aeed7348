"""The trees beat the last season, keep their intervals in order, see nothing of the future, and bear short series."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stac.models.lag_trees import LagTrees
from stac.models.lag_trees._boosting import training_rows
from stac.models.lag_trees._features import feature_names, feature_rows
from stac.testing.component_checks import assert_clear_error, forecaster_checks, package_checks

COMPONENT = Path(__file__).parents[1]
MODEL = LagTrees


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", forecaster_checks(missing_values=True, gaps=True))
def test_contract(check):
    check(LagTrees(n_estimators=30, learning_rate=0.2, min_samples_leaf=5))


def small(**params):
    """Return a forecaster that is quick to fit."""
    return LagTrees(**{"n_estimators": 60, "learning_rate": 0.2, "min_samples_leaf": 5} | params)


def make(n=60, n_series=3, freq="MS", noise=1.0, seed=0):
    """Make a table of seasonal series with trends, of very different size."""
    rng = np.random.default_rng(seed)
    times = pd.date_range("2015-01-01", periods=n, freq=freq)
    t, parts = np.arange(n), []
    for i in range(n_series):
        size = 10.0**i
        y = size * (20 + 0.1 * t + 4 * np.sin(2 * np.pi * t / 12 + i) + noise * rng.normal(size=n))
        parts.append(pd.DataFrame({"unique_id": f"s{i}", "ds": times, "y": y}))
    return pd.concat(parts, ignore_index=True)


def split(frame, horizon):
    """Return what came before the last `horizon` times, and these."""
    times = np.sort(frame["ds"].unique())[-horizon]
    return frame[frame["ds"] < times], frame[frame["ds"] >= times]


def error_and_naive(model, frame, horizon, **options):
    """Return the mean absolute errors, relative to each series' size, of a model and of the last season."""
    train, test = split(frame, horizon)
    test = test.sort_values(["unique_id", "ds"])
    forecast = model.fit(train).predict(horizon, **options)
    size = train.groupby("unique_id")["y"].apply(lambda y: y.abs().mean())
    last = train.groupby("unique_id", group_keys=False).tail(12).sort_values(["unique_id", "ds"])["y"].to_numpy()
    size = test["unique_id"].map(size).to_numpy()
    actual = test["y"].to_numpy()
    return np.mean(np.abs(forecast["forecast"] - actual) / size), np.mean(np.abs(last[: len(actual)] - actual) / size)


def test_series_of_any_size_are_forecast_better_than_by_their_last_season():
    ours, naive = error_and_naive(small(), make(n=96, n_series=4), 12)
    assert ours < 0.95 * naive


def test_intervals_hold_about_what_they_promise():
    frame = make(n=120, n_series=4, noise=3.0)
    train, test = split(frame, 12)
    forecast = small().fit(train).predict(12, quantiles=(0.1, 0.9))
    inside = (test["y"].to_numpy() >= forecast["q0.1"]) & (test["y"].to_numpy() <= forecast["q0.9"])
    assert 0.5 < inside.mean() <= 1.0


def test_what_is_known_in_the_future_is_used():
    frame = make(n=96, noise=0.1)
    rng = np.random.default_rng(1)
    frame["promotion"] = rng.integers(0, 2, len(frame))
    size = frame.groupby("unique_id")["y"].transform("mean")
    frame["y"] += 0.5 * size * frame["promotion"]
    train, test = split(frame, 6)
    model = small().fit(train)
    with_it = model.predict(6, future=test.drop(columns="y"))
    without = small(exogenous=()).fit(train).predict(6)
    actual = test["y"].to_numpy()
    assert np.abs(with_it["forecast"] / actual - 1).mean() < 0.6 * np.abs(without["forecast"] / actual - 1).mean()
    assert_clear_error(model.predict, 6, mentions=("future is missing", "promotion"))
    assert_clear_error(model.predict, 6, future=test.iloc[1:], mentions=("1 of 18", "'s0'"))


def test_other_series_can_be_forecast_without_learning_again():
    frame, others = make(), make(n=70, n_series=2, seed=5).assign(unique_id=lambda x: "new " + x["unique_id"])
    model = small().fit(frame)
    own = model.predict(4, quantiles=(0.1, 0.9))
    pd.testing.assert_frame_equal(model.predict(4, quantiles=(0.1, 0.9), history=frame), own)
    forecast = model.predict(4, history=others)
    assert forecast["unique_id"].unique().tolist() == ["new s0", "new s1"]
    assert forecast["ds"].min() > others["ds"].max()
    last = others.groupby("unique_id")["y"].mean().to_numpy()
    assert (np.abs(forecast.groupby("unique_id")["forecast"].mean() / last - 1) < 0.5).all()
    short = model.predict(4, history=others.groupby("unique_id").tail(5))
    assert np.isfinite(short["forecast"]).all()
    pd.testing.assert_frame_equal(model.predict(4, quantiles=(0.1, 0.9)), own)
    days = others.assign(ds=pd.date_range("2020-01-01", periods=len(others), freq="D"))
    assert_clear_error(model.predict, 4, history=days, mentions=("MS",))
    assert_clear_error(model.predict, 4, history=others.drop(columns="y"), mentions=("'y'",))


def test_another_seed_gives_another_forecast():
    frame = make(n=30)
    first, other = (small(random_state=seed).fit(frame).predict(4)["forecast"] for seed in (0, 1))
    assert not np.array_equal(first, other)


def test_a_file_gives_the_same_forecast_without_the_data(tmp_path):
    frame = make().assign(price=1.5)
    model = small().fit(frame)
    again = MODEL.load(model.save(tmp_path / "model.file"))
    future = split(frame, 4)[1].assign(ds=lambda x: x["ds"] + pd.DateOffset(months=4))
    expected = model.predict(4, quantiles=(0.1,), future=future)
    pd.testing.assert_frame_equal(again.predict(4, quantiles=(0.1,), future=future), expected)
    assert again.get_params() == model.get_params()


# ---------------------------------------------------------------------------------------------- bad input


def test_numbers_as_times_have_the_season_they_are_given():
    frame = pd.DataFrame({"ds": range(80), "y": 5.0 + np.arange(80) % 7})
    forecast = small(season_length=7).fit(frame).predict(7)
    assert forecast["ds"].tolist() == list(range(80, 87))
    assert np.abs(forecast["forecast"] - (5 + np.arange(80, 87) % 7)).mean() < 1.0


def test_what_was_not_learnt_is_refused():
    assert_clear_error(small(horizon=6).fit(make()).predict, 7, mentions=("6 steps", "horizon=7"))


def test_a_table_of_one_value_is_refused():
    assert_clear_error(small().fit, pd.DataFrame({"ds": [1, 2], "y": [1.0, np.nan]}), mentions=("longer series",))


@pytest.mark.parametrize(
    ("name", "value"),
    [("horizon", 0), ("n_lags", 1.5), ("n_estimators", 0), ("n_leaves", 1), ("learning_rate", 0), ("half_life", -1),
     ("feature_fraction", 2), ("max_rows", None), ("n_jobs", 0), ("season_length", 0)],
)  # fmt: skip
def test_parameters_out_of_range_are_refused(name, value):
    assert_clear_error(small(**{name: value}).fit, make(), mentions=(name,))


def test_files_that_changed_are_refused(tmp_path):
    path = small().fit(make()).save(tmp_path / "trees.json")
    document = json.loads(path.read_text())
    document["content"]["horizon"] = 3
    path.write_text(json.dumps(document))
    assert_clear_error(LagTrees.load, path, mentions=("has changed",))
    path.write_text("{")
    assert_clear_error(LagTrees.load, path, mentions=("damaged",))


# ---------------------------------------------------------------------------------------------- features


def test_rows_hold_what_their_names_say():
    y = np.arange(100.0, 148.0)[None] + 10 * (np.arange(48) % 12 == 3)
    columns = np.zeros((1, 60, 1), np.float32)
    columns[0, :, 0] = np.arange(60)
    rows = feature_rows(y, columns, np.array([0]), np.array([40]), np.array([5]), 12, 6, 12)
    names = feature_names(12, 6, 12, ("when",))
    assert rows.features.shape == (1, len(names))
    row = dict(zip(names, rows.features[0], strict=True))
    back = {name: value * rows.scale[0] + rows.level[0] for name, value in row.items()}
    assert back["lag_1"] == pytest.approx(y[0, 39], rel=1e-5)
    assert back["lag_6"] == pytest.approx(y[0, 34], rel=1e-5)
    assert back["season_1"] == pytest.approx(y[0, 44 - 12], rel=1e-5)
    assert back["season_3"] == pytest.approx(y[0, 44 - 36], rel=1e-5)
    assert back["before_season"] == pytest.approx(y[0, 44 - 13], rel=1e-5)
    assert back["mean_of_season_2"] == pytest.approx(y[0, 16:28].mean(), rel=1e-5)
    assert (row["step"], row["when"]) == (5, 44)
    assert rows.target[0] * rows.scale[0] + rows.level[0] == pytest.approx(y[0, 44])


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_rows_do_not_depend_on_the_unit(unit):
    y = 20 + np.random.default_rng(0).normal(size=(1, 48))
    arguments = np.empty((1, 60, 0)), np.array([0]), np.array([40]), np.array([5]), 12, 6, 12
    np.testing.assert_allclose(
        feature_rows(unit * y, *arguments).features, feature_rows(y, *arguments).features, rtol=1e-4, atol=1e-6
    )


def test_hours_look_a_week_back():
    y = np.random.default_rng(0).normal(size=(1, 600))
    rows = feature_rows(y, np.empty((1, 648, 0)), np.array([0]), np.array([500]), np.array([30]), 24, 24, 48)
    names = feature_names(24, 24, 48, ())
    assert rows.features.shape == (1, len(names))
    row = {name: x * rows.scale[0] + rows.level[0] for name, x in zip(names, rows.features[0], strict=True)}
    assert row["week_1"] == pytest.approx(y[0, 529 - 168], abs=1e-4)
    assert row["week_2"] == pytest.approx(y[0, 529 - 336], abs=1e-4)
    assert row["season_1"] == pytest.approx(y[0, 529 - 48], abs=1e-4)


def test_rows_see_nothing_after_the_end_of_their_past():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(3, 80))
    changed = y.copy()
    changed[:, 50:] = 1e6
    columns = np.empty((3, 92, 0), np.float32)
    series, ends, steps = np.repeat([0, 1, 2], 12), np.full(36, 50), np.tile(np.arange(1, 13), 3)
    first, again = (feature_rows(x, columns, series, ends, steps, 12, 12, 12) for x in (y, changed))
    np.testing.assert_array_equal(first.features, again.features)


def test_many_moments_are_drawn_when_there_are_too_many_rows():
    y = np.random.default_rng(0).normal(size=(2, 3000))
    columns = np.empty((2, 3000, 0), np.float32)
    rows, ends, targets = training_rows(y, columns, 24, 24, 48, 5000, np.random.default_rng(0))
    assert 4000 < len(rows.target) <= 5000
    assert len(np.unique(ends)) > 500
    assert (targets >= ends).all()
    assert (targets < ends + 48).all()


def test_threads_give_the_same_bits():
    frame = make(n=24, n_series=1)
    one, two = (small(n_jobs=n, n_estimators=5).fit(frame).predict(3)["forecast"] for n in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_importances_are_named():
    table = small().fit(make()).importance_table()
    assert next(iter(table)).startswith(("season", "lag", "mean"))
    assert sum(table.values()) == pytest.approx(1)
