"""Trains a classifier of series and records the run.   make train, or: python train.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path

from jsonargparse import auto_cli
from stac.data_ingestion.labelled_series import load_labelled
from ITS_MODULE import ITS_CLASS
from stac.tracking.record_classification import record_classification
from stac.tracking.run_report import write_report
from stac.tracking.track_run import track_run


@dataclass
class Config:
    """Train a classifier of series and record the run.

    Args:
        data: file of series (.csv, .ts, .npz, .parquet), or name of a UCR data set
        test_data: file of the test part; without one, test_size of each class is set aside
        test_size: share of each class that is set aside for the test
        label_column: column that holds the class, if it is not found by itself
        seed: rules every draw
        runs_folder: where runs are kept
    """

    data: str = "OSULeaf"
    test_data: str | None = None
    test_size: float = 0.3
    label_column: str | None = None
    seed: int = 0
    runs_folder: str = "runs"


def main(config: Config) -> None:
    """Load, train, evaluate, and leave a run folder with everything in it."""
    X_train, y_train, X_test, y_test = load_labelled(
        config.data,
        test_data=config.test_data,
        test_size=config.test_size,
        label_column=config.label_column,
        random_state=config.seed,
    )
    name = f"@{ cookiecutter.technique }@-{Path(config.data).stem}"
    project = "{{ cookiecutter.project_name }}"
    with track_run(project, name, config, seed=config.seed, runs_folder=config.runs_folder) as run:
        run.log_dataset("train", X_train, y_train, source=config.data)
        run.log_dataset("test", X_test, y_test, source=config.test_data or config.data)
        model = make_model().fit(X_train, y_train)
        # The test part is used once, here; nothing above has seen it.
        record_classification(run, y_test, {"ITS_CLASS": (model.predict_proba(X_test), model.classes_)})
    print(f"Report   {write_report(run.folder)}\nNow:     make predict DATA=new.csv")


def make_model() -> ITS_CLASS:
    """Return the model, untrained."""
    # Fill me in: your model, or its parameters. Those that are worth asking for go into Config and config.yaml.
    return ITS_CLASS()
{% include "main.py" %}
