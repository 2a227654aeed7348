"""Judges a forecaster on the past, and records the run.   make train, or: python train.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path

from jsonargparse import auto_cli
from stac.data_ingestion.forecasting_archive import load_forecasting
from ITS_MODULE import ITS_CLASS
from stac.tracking.record_forecasts import record_forecasts
from stac.tracking.run_report import write_report
from stac.tracking.track_run import track_run
from stac.training.backtest import backtest


@dataclass
class Config:
    """Judge a forecaster on the past, and record the run.

    Args:
        data: file (.csv) with the columns unique_id, ds, y, or name of a data set
        horizon: steps to forecast; by default what is usual for the frequency
        n_windows: how often the past is cut, to forecast what followed
        quantiles: levels that are forecast beside the mean
        seed: rules every draw
        runs_folder: where runs are kept
    """

    data: str = "tourism"
    horizon: int | None = None
    n_windows: int = 2
    quantiles: tuple[float, ...] = (0.1, 0.5, 0.9)
    seed: int = 0
    runs_folder: str = "runs"


def main(config: Config) -> None:
    """Load, backtest, and leave a run folder with everything in it."""
    frame = load_forecasting(config.data)
    horizon = config.horizon or frame.attrs["horizon"]
    name = f"@{ cookiecutter.technique }@-{Path(config.data).stem}"
    project = "{{ cookiecutter.project_name }}"
    with track_run(project, name, config, seed=config.seed, runs_folder=config.runs_folder) as run:
        run.log_dataset("series", frame["y"].to_numpy(), source=config.data)
        models = {"ITS_CLASS": make_model()}
        table = backtest(models, frame, horizon, n_windows=config.n_windows, quantiles=config.quantiles)
        record_forecasts(run, table, frame, season_length=frame.attrs["season_length"])
    print(f"Report   {write_report(run.folder)}\nNow:     make forecast")


def make_model() -> ITS_CLASS:
    """Return the model, untrained."""
    # Fill me in: your model, or its parameters. Those that are worth asking for go into Config and config.yaml.
    return ITS_CLASS()
{% include "main.py" %}
