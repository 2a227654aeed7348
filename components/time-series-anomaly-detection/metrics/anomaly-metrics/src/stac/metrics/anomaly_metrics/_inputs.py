"""Check labels and scores, and find the ranges of marked time points."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def check_labels(labels: ArrayLike, name: str = "labels") -> Bools:
    """Return labels (n_timepoints,) as booleans, of both kinds."""
    values = check_marks(labels, name)
    n_anomalous = int(values.sum())
    if n_anomalous in (0, len(values)):
        what = "no time point" if n_anomalous == 0 else "every time point"
        raise ValueError(f"{name} mark {what} of {len(values)} as anomalous: metrics need both kinds to compare them")
    return values


def check_marks(marks: ArrayLike, name: str) -> Bools:
    """Return marks (n_timepoints,) as booleans."""
    values = np.asarray(marks)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"{name} have shape {values.shape}: give one boolean for each time point, (n_timepoints,)")
    if values.dtype.kind == "b":
        return values
    if values.dtype.kind not in "iuf" or not np.isin(values, (0, 1)).all():
        raise ValueError(f"{name} are not booleans (nor 0 and 1): mark anomalous time points with True, others False")
    return values == 1


def check_pair(labels: ArrayLike, scores: ArrayLike) -> tuple[Bools, Floats]:
    """Return labels as booleans and scores as float64, of the same length."""
    marks = check_labels(labels)
    values = np.asarray(scores)
    if values.dtype.kind not in "fiub":
        raise TypeError(f"scores hold {values.dtype}: give one number for each time point, higher = more anomalous")
    check_same_length(marks, values, "scores")
    values = values.astype(np.float64)
    n_bad = int(np.count_nonzero(~np.isfinite(values)))
    if n_bad:
        raise ValueError(f"scores hold {n_bad} NaN or infinite values of {len(values)}: give finite numbers")
    return marks, values


def check_same_length(labels: Bools, values: NDArray[Any], name: str) -> None:
    """Refuse anything but one value for each label."""
    if values.shape != labels.shape:
        raise ValueError(
            f"{name} have shape {values.shape} and labels {labels.shape}: give one value for each time point "
            "(scores of windows must be spread back to time points first)"
        )


def check_threshold(threshold: Any) -> float:
    """Return a finite threshold."""
    if not isinstance(threshold, int | float | np.number) or not np.isfinite(threshold):
        raise ValueError(f"threshold is {threshold!r}: give a finite number in the units of the scores, or None")
    return float(threshold)


def find_ranges(marks: Bools) -> tuple[Ints, Ints]:
    """Return first points and last points plus one of all runs of True."""
    edges = np.flatnonzero(np.diff(marks.astype(np.int8), prepend=0, append=0))
    return edges[::2], edges[1::2]
