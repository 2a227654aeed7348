"""The value of a year ago against the last value, on a series with a season."""

import tempfile

import numpy as np
import pandas as pd

from stac.models.seasonal_naive import SeasonalNaive
from stac.tracking.record_forecasts import record_forecasts
from stac.tracking.track_run import track_run
from stac.training.backtest import backtest

t = np.arange(96)
season = 10 + 3 * np.sin(2 * np.pi * t / 12) + np.random.default_rng(0).normal(0, 0.5, 96)
frame = pd.DataFrame({"unique_id": "demand", "ds": pd.date_range("2016-01-01", periods=96, freq="MS"), "y": season})
models = {"a year ago": SeasonalNaive(), "last value": SeasonalNaive(season_length=1)}
table = backtest(models, frame, horizon=12, quantiles=(0.1, 0.5, 0.9))
with (
    tempfile.TemporaryDirectory() as folder,
    track_run("demand", "baselines", runs_folder=folder, clearml="off") as run,
):
    record_forecasts(run, table, frame)
