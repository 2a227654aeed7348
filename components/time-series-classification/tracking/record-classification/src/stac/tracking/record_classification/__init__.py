"""Records how classifiers did on a test part, and prints it."""

import csv
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stac.metrics.classification_metrics import (
    bootstrap_intervals,
    classification_metrics,
    confusion_matrix,
    per_class_table,
)
from stac.tracking.track_run import print_table

if TYPE_CHECKING:
    from stac.tracking.track_run import Run

__all__ = ["record_classification", "write_predictions"]

Guesses = tuple[np.ndarray, np.ndarray]


def record_classification(run: "Run", y_test: np.ndarray, models: Mapping[str, Guesses]) -> list[dict[str, Any]]:
    """Record what models say of the test part; the first one is the run's own, the others stand beside it.

    Parameters
    ----------
    run : stac.tracking.track_run.Run
        Gets the scalars, the tables "metrics", "per class" and, for several models, "models", the confusion matrix
        and the predictions.
    y_test : ndarray of shape (n_instances,)
        True classes.
    models : mapping of str to (probabilities, classes)
        Of each model its probabilities (n_instances, n_classes) and the classes of their columns.

    Returns
    -------
    list of dict
        The metrics of the first model: ``metric, value, low, high``, ends of a 95 % bootstrap interval.

    Raises
    ------
    ValueError
        If there is no model, or probabilities do not fit the classes and the test part.

    Examples
    --------
    >>> import tempfile
    >>> from stac.tracking.track_run import track_run
    >>> y, classes = np.array(["a", "b"] * 10), np.array(["a", "b"])
    >>> with tempfile.TemporaryDirectory() as folder, track_run("p", "n", runs_folder=folder, clearml="off") as run:
    ...     rows = record_classification(run, y, {"model": (np.tile([[0.9, 0.1]], (20, 1)), classes)})
    ┏━━━...
    >>> rows[0]["metric"], rows[0]["value"]
    ('accuracy', 0.5)
    """
    _check(y_test, models)
    name, (probabilities, classes) = next(iter(models.items()))
    predictions = classes[probabilities.argmax(axis=1)]
    scored = (y_test, predictions, probabilities, classes)
    metrics = _metrics(scored, run.seed)
    run.log_scalars({row["metric"]: row["value"] for row in metrics})
    run.log_table("metrics", metrics)
    run.log_table("per class", per_class_table(*scored))
    run.log_confusion_matrix(*confusion_matrix(y_test, predictions, classes))
    with tempfile.TemporaryDirectory() as folder:
        path = write_predictions(Path(folder, "predictions.csv"), probabilities, classes, y_test)
        run.log_artifact("predictions", path)
    if len(models) > 1:
        rows = [_compared(name, key, y_test, models, run.seed) for key in models]
        run.log_table("models", rows)
        shown = ["accuracy", "macro_f1", "log_loss"]
        plain = [[row["model"], *(row[name].split(" ")[0] for name in shown), list(row.values())[-1]] for row in rows]
        print_table(["test part", *shown, list(rows[0])[-1]], plain)
    else:
        rows = [[row["metric"], f"{row['value']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}"] for row in metrics]
        print_table(["test part", "value", "95 % interval"], rows)
    return metrics


def write_predictions(
    path: str | Path, probabilities: np.ndarray, classes: np.ndarray, y: np.ndarray | None = None
) -> Path:
    """Write the class and the probabilities of each instance as CSV, all or nothing.

    Parameters
    ----------
    path : str or Path
        File that is written; an older one is replaced when the new one is complete.
    probabilities : ndarray of shape (n_instances, n_classes)
        What a model says.
    classes : ndarray of shape (n_classes,)
        Classes of the columns.
    y : ndarray of shape (n_instances,), optional
        True classes, which become the column "label".

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path = Path(path)
    labels = [] if y is None else [("label", y)]
    columns = [*labels, ("prediction", classes[probabilities.argmax(axis=1)])]
    columns += [(f"probability_{c}", probabilities[:, i].round(6)) for i, c in enumerate(classes)]
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow([name for name, _ in columns])
            rows.writerows(zip(*(column.tolist() for _, column in columns), strict=True))
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return path


def _check(y_test: np.ndarray, models: Mapping[str, Guesses]) -> None:
    if not models:
        raise ValueError("There is no model: give at least one as {'name': (probabilities, classes)}.")
    for name, (probabilities, classes) in models.items():
        expected = (len(y_test), len(classes))
        if probabilities.shape != expected:
            raise ValueError(
                f"The probabilities of {name} have shape {probabilities.shape}, expected {expected}: "
                "a row for each instance of the test part, a column for each class."
            )


def _metrics(scored: tuple[np.ndarray, ...], seed: int) -> list[dict[str, Any]]:
    """Return one row a metric: its value and the ends of its 95 % bootstrap interval."""
    intervals = bootstrap_intervals(*scored, random_state=seed)
    return [
        {"metric": name, "value": value, "low": intervals[name][0], "high": intervals[name][1]}
        for name, value in classification_metrics(*scored).items()
    ]


def _compared(first: str, name: str, y_test: np.ndarray, models: Mapping[str, Guesses], seed: int) -> dict[str, str]:
    """Return a model's row of the comparison, in words."""
    right = {key: classes[p.argmax(axis=1)] == y_test for key, (p, classes) in models.items()}
    probabilities, classes = models[name]
    scored = (y_test, classes[probabilities.argmax(axis=1)], probabilities, classes)
    row = {"model": name}
    row |= {m["metric"]: f"{m['value']:.3f} ({m['low']:.3f} to {m['high']:.3f})" for m in _metrics(scored, seed)}
    more = right[first].astype(float) - right[name]
    draws = np.random.default_rng(seed).integers(len(more), size=(1000, len(more)))
    low, high = np.quantile(more[draws].mean(axis=1), [0.025, 0.975])
    row[f"{first} gets more right"] = "" if name == first else f"{more.mean():+.3f} ({low:+.3f} to {high:+.3f})"
    return row
