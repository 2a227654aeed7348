"""Trains networks that classify series, and records the run.   make train, or: python train.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from jsonargparse import auto_cli
from stac.data_ingestion.labelled_series import load_labelled
from stac.models.inception_time import InceptionTimeClassifier
from stac.models.lite_time import LiteTimeClassifier
from stac.models.minirocket import MiniRocketClassifier
from stac.models.recurrent_classifier import RecurrentClassifier
from stac.tracking.record_classification import record_classification
from stac.tracking.run_report import write_report
from stac.tracking.track_run import track_run
from stac.visualization.plot_series import plot_series

NETWORKS = {
    "inception-time": InceptionTimeClassifier,
    "lite-time": LiteTimeClassifier,
    "recurrent": RecurrentClassifier,
}


@dataclass
class Config:
    """Train networks that classify series, compare them with MiniROCKET, and record the run.

    Args:
        data: file of series (.csv, .ts, .npz, .parquet), or name of a UCR data set
        test_data: file of the test part; without one, test_size of each class is set aside
        test_size: share of each class that is set aside for the test
        label_column: column that holds the class, if it is not found by itself
        network: network that classifies
        n_models: networks that are trained from different first weights, and averaged
        epochs: passes over the training part; by default what suits the network and the number of series
        batch_size: series in a step of the training
        learning_rate: largest step size of the schedule; by default what suits the network
        compare: train MiniROCKET beside it, where all series have the same length
        checkpoints: folder of checkpoints; with one, an interrupted training goes on where it stopped
        seed: rules every draw
        runs_folder: where runs are kept
    """

    data: str = "ItalyPowerDemand"
    test_data: str | None = None
    test_size: float = 0.3
    label_column: str | None = None
    network: Literal["inception-time", "lite-time", "recurrent"] = "{{ cookiecutter.network }}"
    n_models: int = 2
    epochs: int | None = None
    batch_size: int = 16
    learning_rate: float | None = None
    compare: bool = True
    checkpoints: str | None = None
    seed: int = 0
    runs_folder: str = "runs"


def main(config: Config) -> None:
    """Load, train, compare, and leave a run folder with everything in it."""
    X_train, y_train, X_test, y_test = load_labelled(
        config.data,
        test_data=config.test_data,
        test_size=config.test_size,
        label_column=config.label_column,
        equal_length=False,
        random_state=config.seed,
    )
    name = f"{config.network}-{Path(config.data).stem}"
    project = "{{ cookiecutter.project_name }}"
    with track_run(project, name, config, seed=config.seed, runs_folder=config.runs_folder) as run:
        run.log_dataset("train", X_train, y_train, source=config.data)
        run.log_dataset("test", X_test, y_test, source=config.test_data or config.data)
        run.log_figure("training series", plot_series(X_train, y_train))

        given = {"epochs": config.epochs, "learning_rate": config.learning_rate}
        model = NETWORKS[config.network](
            n_models=config.n_models,
            batch_size=config.batch_size,
            random_state=run.seed,
            **{name: value for name, value in given.items() if value is not None},
        )
        checkpoint = Path(config.checkpoints, f"{config.network}.pt") if config.checkpoints else None
        model.fit(X_train, y_train, checkpoint=checkpoint, run=run, progress=True)
        with TemporaryDirectory() as folder:
            run.log_model(config.network, model.save(Path(folder, "classifier.safetensors")))

        # The test part is used once, here; nothing above has seen it.
        probabilities = {config.network: (model.predict_proba(X_test), model.classes_)}
        if config.compare and not isinstance(X_train, list) and not isinstance(X_test, list):
            rocket = MiniRocketClassifier(random_state=run.seed, n_jobs=-1).fit(X_train, y_train)
            probabilities["MiniROCKET"] = (rocket.predict_proba(X_test), rocket.classes_)
        record_classification(run, y_test, probabilities)
    print(f"Report   {write_report(run.folder)}")


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False, default_config_files=["config.yaml"]))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
