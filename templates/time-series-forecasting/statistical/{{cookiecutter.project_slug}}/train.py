"""Compares statistical forecasters on the past, and records the run.   make train, or: python train.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path

from jsonargparse import auto_cli
from stac.data_ingestion.forecasting_archive import load_forecasting
from stac.models.forecast_ensemble import ForecastEnsemble
from stac.models.seasonal_naive import SeasonalNaive
from stac.models.statistical_forecasters import AutoARIMA, AutoETS, AutoTheta
from stac.tracking.record_forecasts import record_forecasts
from stac.tracking.run_report import write_report
from stac.tracking.track_run import track_run
from stac.training.backtest import backtest


@dataclass
class Config:
    """Compare statistical forecasters on the past, and record the run.

    Args:
        data: file (.csv) with the columns unique_id, ds, y, or name of a data set
        horizon: steps to forecast; by default what is usual for the frequency
        season_length: steps in a season; by default from the frequency
        n_windows: how often the past is cut, to forecast what followed
        quantiles: levels that are forecast beside the mean
        seed: rules every draw
        runs_folder: where runs are kept
    """

    data: str = "tourism"
    horizon: int | None = None
    season_length: int | None = None
    n_windows: int = 2
    quantiles: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 0.9)
    seed: int = 0
    runs_folder: str = "runs"


def main(config: Config) -> None:
    """Load, backtest, and leave a run folder with everything in it."""
    frame = load_forecasting(config.data)
    horizon = config.horizon or frame.attrs["horizon"]
    season_length = config.season_length or frame.attrs["season_length"]
    name = f"statistical-{Path(config.data).stem}"
    project = "{{ cookiecutter.project_name }}"
    with track_run(project, name, config, seed=config.seed, runs_folder=config.runs_folder) as run:
        run.log_dataset("series", frame["y"].to_numpy(), source=config.data)
        table = backtest(
            forecasters(season_length), frame, horizon, n_windows=config.n_windows, quantiles=config.quantiles
        )
        record_forecasts(run, table, frame, season_length=season_length)
    print(f"Report   {write_report(run.folder)}\nNow:     make forecast")


def forecasters(season_length: int) -> dict:
    """Return the models by name: the one to use first, the baseline last."""
    members = {
        "AutoETS": AutoETS(season_length),
        "AutoTheta": AutoTheta(season_length),
        "AutoARIMA": AutoARIMA(season_length),
    }
    return {"Ensemble": ForecastEnsemble(members), **members, "Seasonal naive": SeasonalNaive(season_length)}


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False, default_config_files=["config.yaml"]))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
