"""Range-based precision, recall and F1: each anomaly counts once."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.metrics.anomaly_metrics._inputs import (
    Bools,
    Floats,
    Ints,
    check_labels,
    check_marks,
    check_pair,
    check_same_length,
    check_threshold,
    find_ranges,
)

Bias = Literal["flat", "front", "middle", "back"]

N_THRESHOLDS = 250  # tried for the best one, dense among the highest scores


class PrecisionRecall(NamedTuple):
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float
    f1: float


def range_precision_recall(
    labels: ArrayLike, detections: ArrayLike, *, alpha: float = 0.2, bias: Bias = "flat"
) -> PrecisionRecall:
    """Range-based precision and recall: each range counts once, by how much of it overlaps and in how many pieces.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    detections : array-like of bool, shape (n_timepoints,)
        True where one was detected.
    alpha : float, default=0.2
        Share of the recall that is given for touching an anomaly at all, 0 to 1.
    bias : {"flat", "front", "middle", "back"}
        What part of a range matters most; "front" rewards early detection.

    Returns
    -------
    PrecisionRecall
        ``(precision, recall, f1)``; zeros where nothing was detected.

    References
    ----------
    Tatbul, N., et al. (2018). Precision and recall for time series. NeurIPS 31. arXiv 1803.03639

    Examples
    --------
    >>> labels = [0, 1, 1, 1, 1, 0, 0, 0]
    >>> range_precision_recall(labels, [0, 0, 1, 1, 1, 1, 0, 0], alpha=0)
    PrecisionRecall(precision=0.75, recall=0.75, f1=0.75)
    """
    marks, found = check_detections(labels, detections)
    _check_range_options(alpha, bias)
    return _range_scores(marks, found, alpha, bias)


def range_f1(
    labels: ArrayLike, scores: ArrayLike, *, threshold: float | None = None, alpha: float = 0.2, bias: Bias = "flat"
) -> float:
    """Range-based F1 of scores, at the best threshold or at a given one.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    scores : array-like of shape (n_timepoints,)
        Higher = more anomalous; ``score >= threshold`` is a detection. Detections (booleans) are scores, too.
    threshold : float, optional
        By default the best of 250, dense among the highest scores: it looks at the labels.
    alpha, bias
        As in ``range_precision_recall``.

    Returns
    -------
    float
        Between 0 and 1.

    References
    ----------
    Tatbul, N., et al. (2018). Precision and recall for time series. NeurIPS 31. arXiv 1803.03639

    Examples
    --------
    >>> range_f1([0, 1, 1, 1, 1, 0, 0, 0], [0, 0, 3, 3, 3, 3, 0, 0], alpha=0)
    0.75
    """
    _check_range_options(alpha, bias)
    return f1_of_scores(labels, scores, threshold, lambda marks, found: _range_scores(marks, found, alpha, bias))


def check_detections(labels: ArrayLike, detections: ArrayLike) -> tuple[Bools, Bools]:
    """Return both as booleans of the same length."""
    marks, found = check_labels(labels), check_marks(detections, "detections")
    check_same_length(marks, found, "detections")
    return marks, found


def _check_range_options(alpha: float, bias: str) -> None:
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha is {alpha!r}: give the share of the reward for touching an anomaly, 0 to 1")
    if bias not in ("flat", "front", "middle", "back"):
        raise ValueError(f"bias is {bias!r}: give 'flat', 'front', 'middle' or 'back'")


def f1_of_scores(
    labels: ArrayLike, scores: ArrayLike, threshold: float | None, measure: Callable[[Bools, Bools], PrecisionRecall]
) -> float:
    """Return the F1 at a threshold, or at the best of some."""
    marks, values = check_pair(labels, scores)
    if threshold is not None:
        return measure(marks, values >= check_threshold(threshold)).f1
    ranks = np.unique(np.geomspace(1, len(values), N_THRESHOLDS).round().astype(np.intp)) - 1
    candidates = np.unique(np.sort(values)[::-1][ranks])
    return max(measure(marks, values >= candidate).f1 for candidate in candidates)


def harmonic(precision: float, recall: float) -> PrecisionRecall:
    """Return precision and recall with their harmonic mean."""
    total = precision + recall
    return PrecisionRecall(float(precision), float(recall), float(2 * precision * recall / total) if total else 0.0)


def _range_scores(marks: Bools, found: Bools, alpha: float, bias: str) -> PrecisionRecall:
    if not found.any():
        return PrecisionRecall(0.0, 0.0, 0.0)
    precision = _range_overlap(find_ranges(found), find_ranges(marks & found), 0, bias)
    recall = _range_overlap(find_ranges(marks), find_ranges(marks & found), alpha, bias)
    return harmonic(precision, recall)


def _range_overlap(ranges: tuple[Ints, Ints], pieces: tuple[Ints, Ints], alpha: float, bias: str) -> float:
    """Return the mean reward of the ranges; every piece lies in one of them, and in one range of the other kind."""
    starts, stops = ranges
    owner = np.searchsorted(starts, pieces[0], side="right") - 1
    lengths = (stops - starts).astype(np.float64)
    weight = _positional(pieces[1] - starts[owner], lengths[owner], bias)
    weight -= _positional(pieces[0] - starts[owner], lengths[owner], bias)
    overlap = np.bincount(owner, weight, minlength=len(starts)) / _positional(lengths, lengths, bias)
    n_pieces = np.bincount(owner, minlength=len(starts))
    return float(np.mean(alpha * (n_pieces > 0) + (1 - alpha) * overlap / np.maximum(n_pieces, 1)))


def _positional(n: NDArray, length: Floats, bias: str) -> Floats:
    """Return the weight of the first n points of a range."""
    n = np.asarray(n, dtype=np.float64)
    if bias == "flat":
        return n
    if bias == "front":
        return n * (2 * length - n + 1) / 2
    if bias == "back":
        return n * (n + 1) / 2
    rising = np.minimum(n, np.floor(length / 2))
    falling = n - rising
    return rising * (rising + 1) / 2 + falling * (2 * (length - rising) - falling + 1) / 2
