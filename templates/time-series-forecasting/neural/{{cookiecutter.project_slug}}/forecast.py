"""Says what comes next, by the network of a run.   make forecast DATA=new.csv, or: python forecast.py --help"""

import sys
from dataclasses import dataclass

import pandas as pd
from jsonargparse import auto_cli
from stac.data_ingestion.forecasting_archive import load_forecasting
from stac.models.nhits import NHits
from stac.tracking.record_forecasts import write_forecasts
from stac.tracking.track_run import find_run


@dataclass
class Config:
    """Say what comes next, by the network of a run, without training again.

    Args:
        data: file (.csv) with the columns unique_id, ds, y, or name of a data set; by default that of the run
        future: file (.csv) with unique_id, ds and the columns known in advance, if the network learnt with some
        horizon: steps to forecast; by default all that the network learnt
        run: run whose network is used, by its folder or id
        output: file that is written, a line for each series and time; a picture is drawn beside it
    """

    data: str | None = None
    future: str | None = None
    horizon: int | None = None
    run: str = "latest"
    output: str = "forecast.csv"


def main(config: Config) -> None:
    """Load network and series, forecast, write."""
    run = find_run(config.run, status="completed")
    network = NHits.load(run.folder / "models" / "nhits.safetensors")
    frame = load_forecasting(config.data or run.config["data"])
    future = None if config.future is None else pd.read_csv(config.future, parse_dates=["ds"])
    horizon = config.horizon or network.horizon_
    forecast = network.predict(horizon, quantiles=run.config["quantiles"], future=future, history=frame)
    for path in write_forecasts(config.output, forecast, frame):
        print(path)


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
