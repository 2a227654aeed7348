"""Says what comes next, with the settings of a run.   make forecast DATA=my.csv, or: python forecast.py --help"""

import sys
from dataclasses import dataclass

from jsonargparse import auto_cli
from stac.data_ingestion.forecasting_archive import load_forecasting
from stac.tracking.record_forecasts import write_forecasts
from stac.tracking.track_run import find_run

from train import make_model


@dataclass
class Config:
    """Learn from all of the series and say what comes next.

    Args:
        data: file (.csv) with the columns unique_id, ds, y, or name of a data set; by default that of the run
        run: run whose settings are used, by its folder or id
        output: file that is written, a line for each series and time; a picture is drawn beside it
    """

    data: str | None = None
    run: str = "latest"
    output: str = "forecast.csv"


def main(config: Config) -> None:
    """Load, fit on everything, forecast, write."""
    settings = find_run(config.run, status="completed").config
    frame = load_forecasting(config.data or settings["data"])
    horizon = settings["horizon"] or frame.attrs["horizon"]
    forecast = make_model().fit(frame).predict(horizon, quantiles=settings["quantiles"])
    for path in write_forecasts(config.output, forecast, frame):
        print(path)
{% include "main_apply.py" %}
