"""A run gets all that a backtest tells of its forecaster, and the others beside it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stac.models.seasonal_naive import SeasonalNaive
from stac.testing.component_checks import assert_clear_error, package_checks
from stac.tracking.record_forecasts import record_forecasts, write_forecasts
from stac.tracking.track_run import read_run, track_run
from stac.training.backtest import backtest

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.fixture
def run(tmp_path):
    with track_run("test", "record", runs_folder=tmp_path, clearml="off") as run:
        yield run


def seasons(n_series=8, n=72, constant=()):
    months, draw, t = pd.date_range("2018-01-01", periods=n, freq="MS"), np.random.default_rng(0), np.arange(n)
    parts = []
    for i in range(n_series):
        y = 20 + 5 * np.sin(2 * np.pi * t / 12 + i) + draw.normal(0, 1, n)
        parts.append(pd.DataFrame({"unique_id": f"s{i}", "ds": months, "y": 3.0 if i in constant else y}))
    return pd.concat(parts, ignore_index=True)


def backtested(frame, quantiles=(0.1, 0.5, 0.9), **models):
    models = models or {"seasonal": SeasonalNaive(), "last": SeasonalNaive(season_length=1)}
    return backtest(models, frame, 6, n_windows=2, quantiles=quantiles)


def figures(run):
    return {event["name"] for event in read_run(run.folder).events if event["kind"] == "figure"}


def test_the_first_model_is_the_runs_own_and_the_others_stand_beside_it(run, capsys):
    frame = seasons()
    overall = record_forecasts(run, backtested(frame), frame)
    assert overall["model"].tolist() == ["seasonal", "last"]
    summary = read_run(run.folder).summary
    own = overall.iloc[0]
    assert summary["mase"] == pytest.approx(own["mase"])
    assert summary["mase_low"] < summary["mase"] < summary["mase_high"]
    assert {"wql", "coverage_80"} <= summary.keys()
    table = json.loads((run.folder / "tables" / "models.json").read_text())
    assert [row[0] for row in table["rows"]] == ["seasonal", "last"]
    assert "seasonal" in capsys.readouterr().out


def test_every_picture_is_drawn(run):
    frame = seasons()
    record_forecasts(run, backtested(frame), frame)
    assert figures(run) == {"Forecasts", "Error by step", "Skill by series", "Calibration"}


def test_all_forecasts_and_scores_are_kept_as_files(run):
    frame = seasons()
    table = backtested(frame)
    record_forecasts(run, table, frame)
    kept = pd.read_csv(next((run.folder / "artifacts").glob("backtest*")))
    assert len(kept) == len(table)
    scores = pd.read_csv(next((run.folder / "artifacts").glob("scores_per_series*")))
    assert len(scores) == 2 * 8


def test_points_without_quantiles_and_one_model_and_one_series(run):
    frame = seasons(1)
    record_forecasts(run, backtested(frame, quantiles=(), seasonal=SeasonalNaive()), frame)
    assert figures(run) == {"Forecasts", "Error by step"}
    assert "wql" not in read_run(run.folder).summary


def test_a_constant_series_has_no_score_and_is_told_of(run):
    frame = seasons(3, constant=[1])
    overall = record_forecasts(run, backtested(frame), frame)
    assert np.isfinite(overall["mase"]).all()
    notes = [event for event in read_run(run.folder).events if event["kind"] == "text"]
    assert notes


def test_the_same_backtest_gives_the_same_intervals(run):
    frame = seasons()
    table = backtested(frame)
    first, second = (record_forecasts(run, table, frame) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_forecasts_are_written_and_drawn_whole_or_not_at_all(tmp_path):
    frame = seasons(3)
    forecast = SeasonalNaive().fit(frame).predict(6, quantiles=(0.1, 0.9))
    written = write_forecasts(tmp_path / "forecast.csv", forecast, frame)
    assert [path.name for path in written] == ["forecast.csv", "forecast.png"]
    assert len(pd.read_csv(written[0])) == 18
    assert written[1].read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OSError, match="missing"):
        write_forecasts(tmp_path / "missing" / "forecast.csv", forecast, frame)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_table_that_is_no_backtest_is_explained(run):
    assert_clear_error(record_forecasts, run, seasons(), seasons(), mentions=("model", "backtest"))
