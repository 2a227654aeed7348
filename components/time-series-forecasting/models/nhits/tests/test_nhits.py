"""The networks beat the last season, keep quantiles in order, see nothing of the future, and bear short series."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stac.models.nhits import NHits, NHitsNetwork
from stac.models.nhits._quantiles import LEVELS, quantile_at
from stac.models.nhits._windows import shown_steps, training_windows, windows_at
from stac.testing.component_checks import assert_clear_error, forecaster_checks, package_checks

COMPONENT = Path(__file__).parents[1]
MODEL = NHits


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", forecaster_checks(missing_values=True, gaps=True))
def test_contract(check):
    check(NHits(n_networks=1, n_steps=20, width=8, batch_size=32, learning_rate=1e-2, input_length=16))


def small(**params):
    """Return a forecaster that is quick to fit, and knows little."""
    return NHits(**{"n_networks": 1, "n_steps": 15, "width": 16, "batch_size": 64, "learning_rate": 1e-2} | params)


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
    ours, naive = error_and_naive(small(n_steps=60), make(n=96, n_series=4), 12)
    assert ours < 0.95 * naive


def test_intervals_hold_about_what_they_promise():
    frame = make(n=120, n_series=4, noise=3.0)
    train, test = split(frame, 12)
    forecast = small(n_steps=60).fit(train).predict(12, quantiles=(0.1, 0.9))
    inside = (test["y"].to_numpy() >= forecast["q0.1"]) & (test["y"].to_numpy() <= forecast["q0.9"])
    assert 0.5 < inside.mean() <= 1.0


def test_what_is_known_in_the_future_is_used():
    frame = make(n=96, noise=0.1)
    frame["promotion"] = np.random.default_rng(1).integers(0, 2, len(frame))
    effect = 0.5 * frame.groupby("unique_id")["y"].transform("mean")
    frame["y"] += effect * frame["promotion"]
    train, test = split(frame, 6)
    model, future = small(horizon=6, n_steps=120).fit(train), test.drop(columns="y")
    with_it, without = (model.predict(6, future=future.assign(promotion=x))["forecast"].to_numpy() for x in (1, 0))
    assert ((with_it - without) / effect[test.index]).mean() > 0.5
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
    forecast = small(season_length=7, n_steps=40).fit(frame).predict(7)
    assert forecast["ds"].tolist() == list(range(80, 87))
    assert np.abs(forecast["forecast"] - (5 + np.arange(80, 87) % 7)).mean() < 1.0


def test_what_was_not_learnt_is_refused():
    assert_clear_error(small(horizon=6).fit(make()).predict, 7, mentions=("6 steps", "horizon=7"))


def test_a_table_of_one_value_is_refused():
    assert_clear_error(small().fit, pd.DataFrame({"ds": [1, 2], "y": [1.0, np.nan]}), mentions=("longer series",))


@pytest.mark.parametrize(
    ("name", "value"),
    [("horizon", 0), ("input_length", 1), ("n_networks", 0), ("n_steps", 1.5), ("dropout", 1), ("pooling", (1,)),
     ("downsampling", (0, 1, 1)), ("season_length", 0), ("batch_size", None)],
)  # fmt: skip
def test_parameters_out_of_range_are_refused(name, value):
    assert_clear_error(small(**{name: value}).fit, make(), mentions=(name,))


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"nothing of ours")
    assert_clear_error(NHits.load, path, mentions=("safetensors",))


# ---------------------------------------------------------------------------------------------- windows, network


def test_windows_hold_scaled_past_and_future():
    y = np.arange(40.0)[None] ** 1.5
    windows = windows_at(y, np.empty((1, 40, 0)), np.array([0, 0]), np.array([30, 4]), (12, 6, 4, 0))
    past, observed, *_ = windows.inputs
    np.testing.assert_allclose(past[0] * windows.scale[0] + windows.level[0], y[0, 18:30], rtol=1e-5)
    np.testing.assert_allclose(windows.target[0, 0] * windows.scale[0] + windows.level[0], y[0, 30:36], rtol=1e-5)
    assert observed[1].tolist() == [0] * 8 + [1] * 4
    assert (past[1, :8] == 0).all()


@pytest.mark.parametrize(
    ("n_shown", "season", "expected"),
    [(7, 4, [0, 1, 2, 3, 4, 5, 6]), (5, 4, [0, 1, 2, 3, 4, 1, 2]), (3, 4, [0, 1, 2, 2, 2, 2, 2])],
)
def test_steps_that_no_window_shows_repeat_the_last_season_shown(n_shown, season, expected):
    assert shown_steps(7, n_shown, season).tolist() == expected


def test_few_windows_take_no_more_steps_than_asked_for(monkeypatch):
    seen = []
    monkeypatch.setattr("stac.models.nhits._training.fit_torch", lambda *args, **options: seen.append(options))
    small(n_steps=7).fit(make(n=4))
    small(n_steps=7, batch_size=5, max_windows=30).fit(make())
    assert [options["epochs"] for options in seen] == [7, 1]


def test_equal_quantiles_stay_equal_between_and_beyond():
    values = np.full(len(LEVELS), 7.1)
    assert {float(quantile_at(values, level)) for level in (0.001, 0.07, 0.1, 0.61, 0.999)} == {7.1}


def test_windows_see_nothing_of_their_future():
    y = np.random.default_rng(0).normal(size=(2, 60))
    changed = y.copy()
    changed[:, 40:] = 1e6
    first, again = (
        windows_at(x, np.empty((2, 60, 0)), np.array([0, 1]), np.array([40, 40]), (24, 12, 12, 0)).inputs
        for x in (y, changed)
    )
    np.testing.assert_array_equal(first[0], again[0])


def test_windows_at_the_end_weigh_only_what_is_known():
    windows = training_windows(
        np.random.default_rng(0).normal(size=(1, 30)),
        np.empty((1, 30, 0)),
        (12, 6, 4, 0),
        10**6,
        np.random.default_rng(0),
    )
    assert sorted(set(windows.target[:, 1].sum(axis=1))) == [1, 2, 3, 4, 5, 6]


def test_columns_of_past_and_future_stand_at_their_times():
    y = np.random.default_rng(0).normal(size=(1, 40))
    columns = np.stack([np.arange(46.0), -np.arange(46.0)], axis=1)[None]
    windows = windows_at(y, columns, np.array([0]), np.array([40]), (12, 6, 4, 1))
    assert windows.inputs[2][0, :, 0].tolist() == list(range(28, 40))
    assert windows.inputs[3][0, :, 1].tolist() == [-x for x in range(40, 46)]


@pytest.mark.parametrize(("input_length", "horizon"), [(2, 1), (13, 5), (64, 24)])
def test_the_network_takes_any_lengths(input_length, horizon):
    import torch

    network = NHitsNetwork(input_length, horizon, 3, 1, 2, width=8)
    output = network(
        torch.randn(4, input_length),
        torch.ones(4, input_length),
        torch.randn(4, input_length, 1),
        torch.randn(4, horizon, 2),
    )
    assert output.shape == (4, horizon, 3)
    output.sum().backward()
    assert all(x.grad is not None for name, x in network.named_parameters() if not name.startswith("blocks.2.past"))
