"""Classifies new series with a trained network.   make predict DATA=new.csv, or: python predict.py --help"""

import sys
from dataclasses import dataclass

from jsonargparse import auto_cli
from stac.data_ingestion.series_files import read_series
from stac.tracking.record_classification import write_predictions
from stac.tracking.track_run import find_run

from train import NETWORKS


@dataclass
class Config:
    """Classify new series with the network of a run.

    Args:
        data: file of series (.csv, .ts, .npz, .parquet)
        label_column: column that holds a class, which is then read past, if it is not found by itself
        run: run whose network is used, by its folder or id
        output: file that is written, one line a series
    """

    data: str
    label_column: str | None = None
    run: str = "latest"
    output: str = "predictions.csv"


def main(config: Config) -> None:
    """Read, predict, write."""
    X, _ = read_series(config.data, label_column=config.label_column)
    run = find_run(config.run, status="completed")
    logged = next(event for event in run.events if event["kind"] == "model")
    model = NETWORKS[logged["name"]].load(run.folder / logged["path"])
    output = write_predictions(config.output, model.predict_proba(X), model.classes_)
    print(f"{len(X)} series classified with {run.folder}: {output}")


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
