"""Finds anomalies in a series, and records the run.   make train, or: python train.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jsonargparse import auto_cli
from stac.data_ingestion.anomaly_archive import load_anomaly
from stac.data_processing.anomaly_threshold import pot_threshold
from ITS_MODULE import ITS_CLASS
from stac.tracking.record_anomalies import record_anomalies
from stac.tracking.run_report import write_report
from stac.tracking.track_run import track_run


@dataclass
class Config:
    """Find anomalies in a series, and record the run.

    Args:
        data: file (.csv with a row for each time point, .txt), or name of a set
        n_train: time points of the training part; by default what is usual for the set, or a third of a file
        label_column: column that holds the labels, if it is not found by itself; false if there is none
        risk: probability of an alarm at a normal time point
        seed: rules every draw
        runs_folder: where runs are kept
    """

    data: str = "kdd_tsad_135"
    n_train: int | None = None
    label_column: Literal[False] | str | None = None
    risk: float = 1e-3
    seed: int = 0
    runs_folder: str = "runs"


def main(config: Config) -> None:
    """Load, score, and leave a run folder with everything in it."""
    train, test, labels = load_anomaly(config.data, n_train=config.n_train, label_column=config.label_column)
    name = f"@{ cookiecutter.technique }@-{Path(config.data).stem}"
    project = "{{ cookiecutter.project_name }}"
    with track_run(project, name, config, seed=config.seed, runs_folder=config.runs_folder) as run:
        run.log_dataset("train", train[None], source=config.data)
        run.log_dataset("test", test[None], labels, source=config.data)
        model = make_model().fit(train)
        threshold = pot_threshold(model.score_samples(train), config.risk)
        record_anomalies(run, test, {"ITS_CLASS": model.score_samples(test)}, threshold, labels=labels)
    print(f"Report   {write_report(run.folder)}\nNow:     make detect DATA=new.csv")


def make_model() -> ITS_CLASS:
    """Return the detector, untrained."""
    # Fill me in: your detector, or its parameters. Those that are worth asking for go into Config and config.yaml.
    return ITS_CLASS()
{% include "main.py" %}
