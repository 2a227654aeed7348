"""Records what detectors find in a series, and prints it."""

import csv
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stac.metrics.anomaly_metrics import affiliation_f1, anomaly_metrics, range_f1
from stac.tracking.track_run import print_table

if TYPE_CHECKING:
    from stac.tracking.track_run import Run

__all__ = ["Detection", "detections_above", "record_anomalies", "write_detections"]

METRICS = ("vus_pr", "vus_roc", "auc_pr", "affiliation_f1", "range_f1")


class Detection(NamedTuple):
    """A stretch of a series whose scores reach a threshold: time points from ``start`` up to and without ``end``.

    Examples
    --------
    >>> Detection(start=40, end=45, peak=42, score=3.5).end
    45
    """

    start: int
    end: int
    peak: int
    score: float


def detections_above(scores: np.ndarray, threshold: float, *, merge_within: int = 0) -> list[Detection]:
    """Return the stretches whose scores reach a threshold, the highest peak first.

    Parameters
    ----------
    scores : ndarray of shape (n_timepoints,)
        Higher = more anomalous.
    threshold : float
        Scores from it on count as anomalous.
    merge_within : int, default=0
        Stretches with at most so many time points between them are one.

    Returns
    -------
    list of Detection
        By the height of their peaks.

    Raises
    ------
    ValueError
        If scores are no vector of finite numbers, or ``merge_within`` is negative.

    Examples
    --------
    >>> detections_above(np.array([0, 2, 0, 3, 0, 0, 5.0]), 1.5, merge_within=1)
    [Detection(start=6, end=7, peak=6, score=5.0), Detection(start=1, end=4, peak=3, score=3.0)]
    """
    scores = np.asarray(scores, np.float64)
    if scores.ndim != 1 or not np.isfinite(scores).all():
        raise ValueError(f"scores have shape {scores.shape}, expected one finite number for each time point.")
    if merge_within < 0:
        raise ValueError(f"merge_within={merge_within}: give a number of time points, 0 or more.")
    above = np.flatnonzero(scores >= threshold)
    parts = np.split(above, np.flatnonzero(np.diff(above) > merge_within + 1) + 1) if len(above) else []
    found = []
    for part in parts:
        peak = int(part[scores[part].argmax()])
        found.append(Detection(int(part[0]), int(part[-1]) + 1, peak, float(scores[peak])))
    return sorted(found, key=lambda detection: -detection.score)


def record_anomalies(
    run: "Run",
    series: np.ndarray,
    scores: Mapping[str, np.ndarray],
    threshold: float,
    *,
    labels: np.ndarray | None = None,
    window: int = 0,
    seconds: Mapping[str, float] | None = None,
) -> list[Detection]:
    """Record what detectors say of a series; the first one is the run's own, the others stand beside it.

    Parameters
    ----------
    run : stac.tracking.track_run.Run
        Gets the tables "detections" and, with labels, "detectors" and scalars; pictures; scores as CSV.
    series : ndarray of shape (n_channels, n_timepoints)
        What was looked at.
    scores : mapping of str to ndarray of shape (n_timepoints,)
        Of each detector, higher = more anomalous.
    threshold : float
        Of the first detector: scores from it on are detections.
    labels : ndarray of shape (n_timepoints,), bool, optional
        Where the anomalies are, if it is known. Without any anomaly among them there are no metrics.
    window : int, default=0
        Window of the detector: detections closer than half of it are one, and it is the buffer of the VUS metrics.
    seconds : mapping of str to float, optional
        How long each detector took.

    Returns
    -------
    list of Detection
        What the first detector found, the highest peak first.

    Raises
    ------
    ValueError
        If there is no detector, or scores or labels do not fit the series.

    Examples
    --------
    >>> from stac.tracking.track_run import track_run
    >>> series = np.sin(np.arange(400) / 5)[None]
    >>> series[0, 200:205] = 3
    >>> with tempfile.TemporaryDirectory() as folder, track_run("p", "n", runs_folder=folder, clearml="off") as run:
    ...     found = record_anomalies(run, series, {"height": np.abs(series[0])}, threshold=2)
    ┏━━━...
    >>> found[0].start, found[0].end
    (200, 205)
    """
    from stac.tracking.record_anomalies._figures import plot_detections, plot_overview

    series = np.atleast_2d(series)
    _check(series, scores, labels)
    own = next(iter(scores.values()))
    found = detections_above(own, threshold, merge_within=window // 2)
    run.log_scalars({"threshold": float(threshold), "n_detections": float(len(found))})
    if labels is not None and labels.any() and not labels.all():
        _record_metrics(run, scores, threshold, labels, window, seconds or {})
    run.log_table("detections", [_row(detection, labels) for detection in found[:50]])
    run.log_figure("Series and scores", plot_overview(series, own, labels, threshold))
    if found:
        run.log_figure("Detections", plot_detections(series, own, found, labels, threshold, window))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "scores.csv")
        columns = np.column_stack([*scores.values()])
        np.savetxt(path, columns, "%.6g", delimiter=",", header=",".join(scores), comments="")
        run.log_artifact("scores", path)
        run.log_artifact("detections", write_detections(Path(folder, "detections.csv"), found))
    _print_detections(found, labels)
    return found


def write_detections(path: str | Path, found: Sequence[Detection]) -> Path:
    """Write detections as CSV, all or nothing.

    Parameters
    ----------
    path : str or Path
        File that is written; an older one is replaced when the new one is complete.
    found : sequence of Detection
        What ``detections_above`` returned.

    Returns
    -------
    Path
        The file, with the columns ``start, end, peak, score``.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path = Path(path)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(Detection._fields)
            rows.writerows([*detection[:3], f"{detection.score:.6g}"] for detection in found)
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return path


def _check(series: np.ndarray, scores: Mapping[str, np.ndarray], labels: np.ndarray | None) -> None:
    n = series.shape[1]
    if not scores:
        raise ValueError("There is no detector: give at least one as {'name': scores}.")
    for name, values in [*scores.items(), *([("labels", labels)] if labels is not None else [])]:
        if np.shape(values) != (n,):
            raise ValueError(f"{name}: shape {np.shape(values)}, expected {(n,)}, one for each time point.")


def _record_metrics(
    run: "Run",
    scores: Mapping[str, np.ndarray],
    threshold: float,
    labels: np.ndarray,
    window: int,
    seconds: Mapping[str, float],
) -> None:
    rows = {name: anomaly_metrics(labels, values, sliding_window=window or None) for name, values in scores.items()}
    own = next(iter(scores.values()))
    # Those of anomaly_metrics are the best that any threshold reaches; these are what a user of this one sees.
    at_threshold = {
        "affiliation_f1_at_threshold": affiliation_f1(labels, own, threshold=threshold),
        "range_f1_at_threshold": range_f1(labels, own, threshold=threshold),
    }
    first = next(iter(rows.values()))
    run.log_scalars({name: first[name] for name in METRICS} | at_threshold)
    table = [
        {"detector": name} | {key: round(row[key], 3) for key in METRICS} | {"seconds": _rounded(seconds.get(name))}
        for name, row in rows.items()
    ]
    run.log_table("detectors", table)
    print_table([*table[0]], [[*row.values()] for row in table])


def _row(detection: Detection, labels: np.ndarray | None) -> dict[str, Any]:
    row: dict[str, Any] = detection._asdict() | {"score": float(f"{detection.score:.4g}")}
    if labels is not None:
        row["labelled"] = "yes" if labels[detection.start : detection.end].any() else "no"
    return row


def _rounded(seconds: float | None) -> float | str:
    return "" if seconds is None else round(seconds, 2)


def _print_detections(found: Sequence[Detection], labels: np.ndarray | None) -> None:
    rows = [[*_row(detection, labels).values()] for detection in found[:10]]
    headings = ["start", "end", "peak", "score", *([] if labels is None else ["labelled"])]
    print_table(headings, rows or [["none", *[""] * (len(headings) - 1)]])
    print(f"{len(found)} detection{'s' * (len(found) != 1)}" + " (the highest ten are shown)" * (len(found) > 10))
