"""Classifies new series as a run did.   make predict DATA=new.csv, or: python predict.py --help"""

import sys
from dataclasses import dataclass

from jsonargparse import auto_cli
from stac.data_ingestion.labelled_series import load_labelled
from stac.data_ingestion.series_files import read_series
from stac.tracking.record_classification import write_predictions
from stac.tracking.track_run import find_run

from train import make_model


@dataclass
class Config:
    """Classify new series with the model of a run, which is trained again on the run's data.

    Args:
        data: file of series (.csv, .ts, .npz, .parquet)
        label_column: column that holds a class, which is then read past, if it is not found by itself
        run: run whose data and settings are used, by its folder or id
        output: file that is written, one line a series
    """

    data: str
    label_column: str | None = None
    run: str = "latest"
    output: str = "predictions.csv"


def main(config: Config) -> None:
    """Read, train as the run did, predict, write."""
    X, _ = read_series(config.data, label_column=config.label_column)
    run = find_run(config.run, status="completed")
    settings = run.config
    X_train, y_train, _, _ = load_labelled(
        settings["data"],
        test_data=settings["test_data"],
        test_size=settings["test_size"],
        label_column=settings["label_column"],
        random_state=settings["seed"],
    )
    # Fill me in: where training takes long, save the model when it is trained (run.log_model), and load it here.
    model = make_model().fit(X_train, y_train)
    output = write_predictions(config.output, model.predict_proba(X), model.classes_)
    print(f"{len(X)} series classified as in {run.folder}: {output}")
{% include "main_apply.py" %}
