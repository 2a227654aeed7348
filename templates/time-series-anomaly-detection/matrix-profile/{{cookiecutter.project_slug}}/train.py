"""Finds anomalies in a series by its matrix profile, and records the run.   make train, or: python train.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Literal

import numpy as np
from jsonargparse import auto_cli
from rich.console import Console
from stac.data_ingestion.anomaly_archive import load_anomaly
from stac.data_processing.anomaly_threshold import pot_threshold
from stac.models.isolation_forest_windows import IsolationForestWindows
from stac.models.matrix_profile import MatrixProfileDetector
from stac.models.spectral_residual import SpectralResidual
from stac.models.sub_pca import SubPca
from stac.tracking.record_anomalies import record_anomalies
from stac.tracking.run_report import write_report
from stac.tracking.track_run import track_run


@dataclass
class Config:
    """Find anomalies in a series by its matrix profile, compare other detectors, and record the run.

    Args:
        data: file (.csv with a row for each time point, .txt), or name of a set
        n_train: time points of the training part; by default what is usual for the set, or a third of a file
        label_column: column that holds the labels, if it is not found by itself; false if there is none
        window: time points of a window; by default the period that the training part shows
        compare_with: where windows look for their like: in the training part, the scored series, or both
        risk: probability of an alarm at a normal time point
        compare: run other detectors beside it
        seed: rules every draw
        runs_folder: where runs are kept
    """

    data: str = "kdd_tsad_135"
    n_train: int | None = None
    label_column: Literal[False] | str | None = None
    window: int | None = None
    compare_with: Literal["training", "series", "both"] = "training"
    risk: float = 1e-3
    compare: bool = True
    seed: int = 0
    runs_folder: str = "runs"


def main(config: Config) -> None:
    """Load, score, compare, and leave a run folder with everything in it."""
    train, test, labels = load_anomaly(config.data, n_train=config.n_train, label_column=config.label_column)
    profile = MatrixProfileDetector(config.window, config.compare_with).fit(train)
    # Each window of the training part is compared with the rest of it: these scores are as honest as those of new ones.
    threshold = pot_threshold(profile.score_samples(train), config.risk)

    name = f"matrix-profile-{Path(config.data).stem}"
    project = "{{ cookiecutter.project_name }}"
    with track_run(project, name, config, seed=config.seed, runs_folder=config.runs_folder) as run:
        run.log_dataset("train", train[None], source=config.data)
        run.log_dataset("test", test[None], labels, source=config.data)
        run.log_scalar("window", profile.window_)
        with TemporaryDirectory() as folder:
            np.savez(Path(folder, "detector.npz"), training=train, window=profile.window_)
            run.log_model("detector", Path(folder, "detector.npz"))

        detectors = {"Matrix profile": profile} | (baselines(profile.window_, run.seed) if config.compare else {})
        scores, seconds = {}, {}
        for detector_name, detector in detectors.items():
            with Console(stderr=True).status(f"{detector_name}: scoring {test.shape[1]:,} time points"):
                start = perf_counter()
                scores[detector_name] = detector.fit(train).score_samples(test)
                seconds[detector_name] = perf_counter() - start
        record_anomalies(run, test, scores, threshold, labels=labels, window=profile.window_, seconds=seconds)
    print(f"Report   {write_report(run.folder)}\nNow:     make detect DATA=new.csv")


def baselines(window: int, seed: int) -> dict:
    """Return the detectors that stand beside it, by name."""
    return {
        "Sub-PCA": SubPca(window),
        "Isolation forest": IsolationForestWindows(window, random_state=seed),
        "Spectral residual": SpectralResidual(),
    }


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False, default_config_files=["config.yaml"]))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
