"""Trains a MiniROCKET classifier and records the run.   make train, or: python train.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from jsonargparse import auto_cli
from rich.console import Console
from stac.data_ingestion.labelled_series import load_labelled
from stac.models.minirocket import MiniRocketClassifier
from stac.tracking.record_classification import record_classification
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
    X_train, y_train, X_test, y_test = load_labelled(
        config.data,
        test_data=config.test_data,
        test_size=config.test_size,
        label_column=config.label_column,
        random_state=config.seed,
    )
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
        record_classification(run, y_test, {"MiniROCKET": (probabilities, model.classes_)})
        with TemporaryDirectory() as folder:
            run.log_model("classifier", model.save(Path(folder, "classifier.npz")))
    print(f"Report   {write_report(run.folder)}")


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False, default_config_files=["config.yaml"]))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
