"""Trains a network that finds anomalies in a series, and records the run.   make train, or: python train.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Literal

from jsonargparse import auto_cli
from rich.console import Console
from stac.data_ingestion.anomaly_archive import load_anomaly
from stac.data_processing.anomaly_threshold import pot_threshold
from stac.models.anomaly_autoencoder import AnomalyAutoencoder
from stac.models.isolation_forest_windows import IsolationForestWindows
from stac.models.matrix_profile import MatrixProfileDetector
from stac.models.sub_pca import SubPca
from stac.tracking.record_anomalies import record_anomalies
from stac.tracking.run_report import write_report
from stac.tracking.track_run import track_run

SHARE_FOR_THRESHOLD = 0.2  # of the training part, at its end


@dataclass
class Config:
    """Train a network that finds anomalies in a series, compare other detectors, and record the run.

    Args:
        data: file (.csv with a row for each time point, .txt), or name of a set
        n_train: time points of the training part; by default what is usual for the set, or a third of a file
        label_column: column that holds the labels, if it is not found by itself; false if there is none
        window: time points of a window, rounded up to a multiple of 8; by default the period of the training part
        n_latent: numbers that a window is compressed to
        epochs: passes over the training part, at most
        risk: probability of an alarm at a normal time point
        compare: run other detectors beside it
        seed: rules every draw
        runs_folder: where runs are kept
    """

    data: str = "kdd_tsad_135"
    n_train: int | None = None
    label_column: Literal[False] | str | None = None
    window: int | None = None
    n_latent: int = 16
    epochs: int = 40
    risk: float = 1e-3
    compare: bool = True
    seed: int = 0
    runs_folder: str = "runs"


def main(config: Config) -> None:
    """Load, train, compare, and leave a run folder with everything in it."""
    train, test, labels = load_anomaly(config.data, n_train=config.n_train, label_column=config.label_column)
    name = f"autoencoder-{Path(config.data).stem}"
    project = "{{ cookiecutter.project_name }}"
    with track_run(project, name, config, seed=config.seed, runs_folder=config.runs_folder) as run:
        run.log_dataset("train", train[None], source=config.data)
        run.log_dataset("test", test[None], labels, source=config.data)

        # A network rebuilds too well what it was trained on: the threshold is that of one that has not seen the end.
        settings = {"n_latent": config.n_latent, "epochs": config.epochs, "random_state": run.seed}
        n_seen = round((1 - SHARE_FOR_THRESHOLD) * train.shape[1])
        trial = AnomalyAutoencoder(config.window, **settings).fit(train[:, :n_seen], progress=True)
        threshold = pot_threshold(trial.score_samples(train[:, n_seen:]), config.risk)

        start = perf_counter()
        network = AnomalyAutoencoder(trial.window_, **settings).fit(train, run=run, progress=True)
        scores = {"Autoencoder": network.score_samples(test)}
        seconds = {"Autoencoder": perf_counter() - start}
        run.log_scalar("window", network.window_)
        with TemporaryDirectory() as folder:
            run.log_model("detector", network.save(Path(folder, "detector.safetensors")))

        others = baselines(network.window_, run.seed) if config.compare else {}
        for detector_name, detector in others.items():
            with Console(stderr=True).status(f"{detector_name}: scoring {test.shape[1]:,} time points"):
                start = perf_counter()
                scores[detector_name] = detector.fit(train).score_samples(test)
                seconds[detector_name] = perf_counter() - start
        record_anomalies(run, test, scores, threshold, labels=labels, window=network.window_, seconds=seconds)
    print(f"Report   {write_report(run.folder)}\nNow:     make detect DATA=new.csv")


def baselines(window: int, seed: int) -> dict:
    """Return the detectors that stand beside it, by name."""
    return {
        "Sub-PCA": SubPca(window),
        "Matrix profile": MatrixProfileDetector(window, compare_with="training"),
        "Isolation forest": IsolationForestWindows(window, random_state=seed),
    }


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False, default_config_files=["config.yaml"]))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
