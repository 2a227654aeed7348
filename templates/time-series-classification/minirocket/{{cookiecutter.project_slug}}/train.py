"""Trains a MiniROCKET classifier and records the run.   make train, or: python train.py --help"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from jsonargparse import auto_cli
from rich.console import Console
from rich.table import Table
from stac.data_ingestion.series_files import read_series
from stac.data_ingestion.ucr_archive import load_ucr
from stac.data_processing.split_series import stratified_split
from stac.metrics.classification_metrics import (
    bootstrap_intervals,
    classification_metrics,
    confusion_matrix,
    per_class_table,
)
from stac.models.minirocket import MiniRocketClassifier
from stac.tracking.run_report import write_report
from stac.tracking.track_run import track_run
from stac.visualization.plot_series import plot_series


@dataclass
class Config:
    """Train a MiniROCKET classifier and record the run.

    Args:
        data: file of series (.csv, .ts, .npz, .parquet), or name of a UCR data set
        test_data: file of the test part; without one, test_size of each class is set aside
        test_size: share of each class that is set aside for the test
        label_column: column that holds the class, if it is not found by itself
        n_features: features that MiniROCKET computes
        seed: rules every draw
        n_jobs: threads, -1 for all cores
        runs_folder: where runs are kept
    """

    data: str = "OSULeaf"
    test_data: str | None = None
    test_size: float = 0.3
    label_column: str | None = None
    n_features: int = 10_000
    seed: int = 0
    n_jobs: int = -1
    runs_folder: str = "runs"


def main(config: Config) -> None:
    """Load, train, evaluate, and leave a run folder with everything in it."""
    X_train, y_train, X_test, y_test = load_data(config)
    name = f"minirocket-{Path(config.data).stem}"
    project = "{{ cookiecutter.project_name }}"
    with track_run(project, name, config, seed=config.seed, runs_folder=config.runs_folder) as run:
        run.log_dataset("train", X_train, y_train, source=config.data)
        run.log_dataset("test", X_test, y_test, source=config.test_data or config.data)
        run.log_figure("training series", plot_series(X_train, y_train))

        model = MiniRocketClassifier(n_features=config.n_features, random_state=run.seed, n_jobs=config.n_jobs)
        with Console(stderr=True).status(f"Training on {len(X_train):,} series"):
            model.fit(X_train, y_train)

        # The test part is used once, here; nothing above has seen it.
        with Console(stderr=True).status(f"Classifying {len(X_test):,} series"):
            probabilities = model.predict_proba(X_test)
        predictions = model.classes_[probabilities.argmax(axis=1)]
        scored = (y_test, predictions, probabilities, model.classes_)
        metrics = metrics_table(classification_metrics(*scored), bootstrap_intervals(*scored, random_state=run.seed))
        run.log_scalars({row["metric"]: row["value"] for row in metrics})
        run.log_table("metrics", metrics)
        run.log_table("per class", per_class_table(*scored))
        run.log_confusion_matrix(*confusion_matrix(y_test, predictions, model.classes_))
        with TemporaryDirectory() as folder:
            run.log_model("classifier", model.save(Path(folder, "classifier.npz")))
            run.log_artifact("predictions", write_predictions(Path(folder, "predictions.csv"), *scored))
    show(metrics, run.folder)


def load_data(config: Config) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return X_train, y_train, X_test, y_test, which share no instance."""
    if not Path(config.data).suffix:
        return load_ucr(config.data)  # with the split that everybody uses
    X, y = read_labelled(config.data, config.label_column)
    if config.test_data:
        return X, y, *read_labelled(config.test_data, config.label_column)
    train, test = stratified_split(y, test_size=config.test_size, random_state=config.seed)
    return X[train], y[train], X[test], y[test]


def read_labelled(path: str, label_column: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Return series of equal length and their labels."""
    X, y = read_series(path, label_column=label_column)
    if y is None:
        raise ValueError(f"{path} has no labels: add a column 'label', or name the column with --label_column.")
    if isinstance(X, list):
        raise ValueError(f"The series in {path} have different lengths, MiniROCKET needs one: cut or resample them.")
    return X, y


def metrics_table(metrics: dict[str, float], intervals: dict[str, tuple[float, float]]) -> list[dict]:
    """Return one row a metric: its value and the ends of its 95 % bootstrap interval."""
    return [
        {"metric": name, "value": value, "low": intervals[name][0], "high": intervals[name][1]}
        for name, value in metrics.items()
    ]


def write_predictions(path: Path, y_test, predictions, probabilities, classes) -> Path:
    """Write what the model said of every test instance."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["label", "prediction", *(f"probability_{name}" for name in classes)])
        rows.writerows([*row[:2], *row[2].round(6)] for row in zip(y_test, predictions, probabilities, strict=True))
    return path


def show(metrics: list[dict], run_folder: Path) -> None:
    """Print the metrics and where to see the rest."""
    table = Table("test part", "value", "95 % interval")
    for row in metrics:
        table.add_row(row["metric"], f"{row['value']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}")
    console = Console()
    console.print(table)
    console.print(f"Report   {write_report(run_folder)}", soft_wrap=True)


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False, default_config_files=["config.yaml"]))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
