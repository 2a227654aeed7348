"""Trains a network that forecasts many series, and records the run.   make train, or: python train.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from jsonargparse import auto_cli
from stac.data_ingestion.forecasting_archive import load_forecasting
from stac.models.lag_trees import LagTrees
from stac.models.nhits import NHits
from stac.models.seasonal_naive import SeasonalNaive
from stac.models.statistical_forecasters import AutoETS
from stac.tracking.record_forecasts import record_forecasts
from stac.tracking.run_report import write_report
from stac.tracking.track_run import track_run
from stac.training.backtest import backtest


@dataclass
class Config:
    """Compare a network with other forecasters on the past, train it on everything, and record the run.

    Args:
        data: file (.csv) with the columns unique_id, ds, y and others known in advance, or name of a data set
        horizon: steps to forecast; by default what is usual for the frequency
        season_length: steps in a season; by default from the frequency
        input_length: steps of the past that the network sees
        n_networks: networks that are trained from different first weights, and averaged
        n_steps: steps of the training of a network
        batch_size: windows of series in a step
        learning_rate: largest step size of the schedule
        n_windows: how often the past is cut, to forecast what followed
        quantiles: levels that are forecast beside the median
        compare: judge trees and exponential smoothing beside it
        seed: rules every draw
        runs_folder: where runs are kept
    """

    data: str = "aus_retail"
    horizon: int | None = None
    season_length: int | None = None
    input_length: int | None = None
    n_networks: int = 1
    n_steps: int = 400
    batch_size: int = 256
    learning_rate: float = 1e-3
    n_windows: int = 2
    quantiles: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 0.9)
    compare: bool = True
    seed: int = 0
    runs_folder: str = "runs"


def main(config: Config) -> None:
    """Load, backtest, train on everything, and leave a run folder with all of it."""
    frame = load_forecasting(config.data)
    horizon = config.horizon or frame.attrs["horizon"]
    season_length = config.season_length or frame.attrs["season_length"]
    exogenous = frame.attrs["exogenous"]
    name = f"nhits-{Path(config.data).stem}"
    project = "{{ cookiecutter.project_name }}"
    with track_run(project, name, config, seed=config.seed, runs_folder=config.runs_folder) as run:
        run.log_dataset("series", frame["y"].to_numpy(), source=config.data)
        network = NHits(
            horizon,
            config.input_length,
            season_length,
            n_networks=config.n_networks,
            n_steps=config.n_steps,
            batch_size=config.batch_size,
            learning_rate=config.learning_rate,
            random_state=run.seed,
        )
        models = {"N-HiTS": network}
        if config.compare:
            models["Trees on lags"] = LagTrees(horizon, season_length, random_state=run.seed)
            models["AutoETS"] = AutoETS(season_length)
        models["Seasonal naive"] = SeasonalNaive(season_length)
        options = {"n_windows": config.n_windows, "quantiles": config.quantiles, "exogenous": exogenous}
        # The windows of all series end at the same times: none tells the network of another's future.
        table = backtest(models, frame, horizon, common_times=True, **options)
        record_forecasts(run, table, frame, season_length=season_length)

        network.fit(frame, run=run, progress=True)
        with TemporaryDirectory() as folder:
            run.log_model("nhits", network.save(Path(folder, "nhits.safetensors")))
    print(f"Report   {write_report(run.folder)}\nNow:     make forecast")


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False, default_config_files=["config.yaml"]))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
