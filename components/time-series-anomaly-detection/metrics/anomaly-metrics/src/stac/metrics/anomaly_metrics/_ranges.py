"""Metrics that look at anomalies as ranges: range-based and affiliation precision, recall and F1."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

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
    marks, found = _check_detections(labels, detections)
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
    return _f1_of_scores(labels, scores, threshold, lambda marks, found: _range_scores(marks, found, alpha, bias))


def affiliation_precision_recall(labels: ArrayLike, detections: ArrayLike) -> PrecisionRecall:
    """Affiliation precision and recall: how near detections are to anomalies, and the reverse, against chance.

    Each time point belongs to the nearest anomaly. There, precision is the mean probability that a point drawn by lot
    lies farther from the anomaly than a detected one, and recall that it lies farther from a point of the anomaly than
    the nearest detection. Detections drawn by lot get a precision of about 0.5 and, if there are enough, a recall
    near 1: an F1 of 2/3 means nothing was found.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    detections : array-like of bool, shape (n_timepoints,)
        True where one was detected.

    Returns
    -------
    PrecisionRecall
        ``(precision, recall, f1)``; zeros where nothing was detected.

    References
    ----------
    Huet, A., et al. (2022). Local evaluation of time series anomaly detection algorithms. KDD, 635-645.
    DOI 10.1145/3534678.3539339

    Examples
    --------
    >>> labels, detections = [0, 0, 0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 1, 1, 0, 0]
    >>> affiliation_precision_recall(labels, detections)
    PrecisionRecall(precision=0.8125, recall=0.9375, f1=0.8705357142857143)
    """
    return _affiliation_scores(*_check_detections(labels, detections))


def affiliation_f1(labels: ArrayLike, scores: ArrayLike, *, threshold: float | None = None) -> float:
    """Affiliation F1 of scores, at the best threshold or at a given one; 2/3 means nothing was found.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    scores : array-like of shape (n_timepoints,)
        Higher = more anomalous; ``score >= threshold`` is a detection. Detections (booleans) are scores, too.
    threshold : float, optional
        By default the best of 250, dense among the highest scores: it looks at the labels.

    Returns
    -------
    float
        Between 0 and 1.

    References
    ----------
    Huet, A., et al. (2022). Local evaluation of time series anomaly detection algorithms. KDD, 635-645.
    DOI 10.1145/3534678.3539339

    Examples
    --------
    >>> affiliation_f1([0, 0, 0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 7, 0, 0, 0])
    0.967741935483871
    """
    return _f1_of_scores(labels, scores, threshold, _affiliation_scores)


def _check_detections(labels: ArrayLike, detections: ArrayLike) -> tuple[Bools, Bools]:
    marks, found = check_labels(labels), check_marks(detections, "detections")
    check_same_length(marks, found, "detections")
    return marks, found


def _check_range_options(alpha: float, bias: str) -> None:
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha is {alpha!r}: give the share of the reward for touching an anomaly, 0 to 1")
    if bias not in ("flat", "front", "middle", "back"):
        raise ValueError(f"bias is {bias!r}: give 'flat', 'front', 'middle' or 'back'")


def _f1_of_scores(
    labels: ArrayLike, scores: ArrayLike, threshold: float | None, measure: Callable[[Bools, Bools], PrecisionRecall]
) -> float:
    marks, values = check_pair(labels, scores)
    if threshold is not None:
        return measure(marks, values >= check_threshold(threshold)).f1
    ranks = np.unique(np.geomspace(1, len(values), N_THRESHOLDS).round().astype(np.intp)) - 1
    candidates = np.unique(np.sort(values)[::-1][ranks])
    return max(measure(marks, values >= candidate).f1 for candidate in candidates)


def _harmonic(precision: float, recall: float) -> PrecisionRecall:
    total = precision + recall
    return PrecisionRecall(float(precision), float(recall), float(2 * precision * recall / total) if total else 0.0)


# Range-based


def _range_scores(marks: Bools, found: Bools, alpha: float, bias: str) -> PrecisionRecall:
    if not found.any():
        return PrecisionRecall(0.0, 0.0, 0.0)
    precision = _range_overlap(find_ranges(found), find_ranges(marks & found), 0, bias)
    recall = _range_overlap(find_ranges(marks), find_ranges(marks & found), alpha, bias)
    return _harmonic(precision, recall)


def _range_overlap(ranges: tuple[Ints, Ints], pieces: tuple[Ints, Ints], alpha: float, bias: str) -> float:
    """Return the mean reward of the ranges; every piece lies in one of them, and in one range of the other kind."""
    starts, stops = ranges
    owner = np.searchsorted(starts, pieces[0], side="right") - 1
    lengths = (stops - starts).astype(np.float64)
    weight = _positional(pieces[1] - starts[owner], lengths[owner], bias)
    weight -= _positional(pieces[0] - starts[owner], lengths[owner], bias)
    overlap = np.bincount(owner, weight, minlength=len(starts)) / _positional(lengths, lengths, bias)
    n_pieces = np.bincount(owner, minlength=len(starts))
    return np.mean(alpha * (n_pieces > 0) + (1 - alpha) * overlap / np.maximum(n_pieces, 1))


def _positional(n: Floats, length: Floats, bias: str) -> Floats:
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


# Affiliation


def _affiliation_scores(marks: Bools, found: Bools) -> PrecisionRecall:
    if not found.any():
        return PrecisionRecall(0.0, 0.0, 0.0)
    starts, stops = find_ranges(marks)
    middles = (stops[:-1] + starts[1:]) / 2
    zones = np.append(0, middles), np.append(middles, len(marks))
    detected = find_ranges(found)
    precision = _affiliation_precision(starts, stops, zones, detected)
    return _harmonic(precision, _affiliation_recall(marks, found, starts, stops, zones, detected))


def _affiliation_precision(
    starts: Ints, stops: Ints, zones: tuple[Floats, Floats], detected: tuple[Ints, Ints]
) -> float:
    low, high, owner = _cut_at_zones(zones, *detected)
    left, right = zones[0][owner], zones[1][owner]
    start, stop = starts[owner], stops[owner]
    inside = np.maximum(np.minimum(high, stop) - np.maximum(low, start), 0)
    reach_left, reach_right, size = start - left, right - stop, right - left
    value = inside.astype(np.float64)
    for near, far, reach, other in (
        (start - high, start - low, reach_left, reach_right),
        (low - stop, high - stop, reach_right, reach_left),
    ):
        near, far = np.maximum(near, 0), np.maximum(far, 0)
        # Nearer to the anomaly than d are: the anomaly, d on this side, and as much as there is on the other.
        nearer = (stop - start) * (far - near) + (far**2 - near**2) / 2
        nearer += _integral_of_minimum(far, other) - _integral_of_minimum(near, other)
        value += np.where(reach > 0, (far - near) - nearer / size, 0)
    n_zones = len(starts)
    total = np.bincount(owner, high - low, minlength=n_zones)
    value = np.bincount(owner, value, minlength=n_zones)
    return np.mean(value[total > 0] / total[total > 0])


def _affiliation_recall(
    marks: Bools, found: Bools, starts: Ints, stops: Ints, zones: tuple[Floats, Floats], detected: tuple[Ints, Ints]
) -> float:
    gap_start, gap_stop = (edge.astype(np.float64) for edge in find_ranges(marks & ~found))
    owner = np.searchsorted(starts, gap_start, side="right") - 1
    left, right = zones[0][owner], zones[1][owner]
    # The detections next to each gap, where they reach into the zone.
    before = np.append(-np.inf, detected[1])[np.searchsorted(detected[1], gap_start, side="right")]
    after = np.append(detected[0], np.inf)[np.searchsorted(detected[0], gap_stop, side="left")]
    before = np.where(before > left, before, -np.inf)
    after = np.where(after < right, after, np.inf)
    nothing_near = np.isinf(before) & np.isinf(after)
    with np.errstate(invalid="ignore"):
        middle = np.where(np.isinf(after), gap_stop, np.where(np.isinf(before), gap_start, (before + after) / 2))
    middle = np.clip(middle, gap_start, gap_stop)
    lost = np.zeros(len(owner))
    for detection, near, far, edge in ((before, gap_start, middle, right), (after, gap_stop, middle, left)):
        known = np.isfinite(detection)
        one, two, room = (np.abs(edge_ - detection)[known] for edge_ in (near, far, edge))
        lost[known] += (_nearer_than_detection(two, room) - _nearer_than_detection(one, room)) / (right - left)[known]
    lost = np.where(nothing_near, gap_stop - gap_start, lost)
    lost = np.bincount(owner, lost, minlength=len(starts))
    return np.mean(1 - lost / (stops - starts))


def _cut_at_zones(zones: tuple[Floats, Floats], starts: Ints, stops: Ints) -> tuple[Floats, Floats, Ints]:
    """Return the parts of the ranges in each zone, and which zone that is."""
    first = np.searchsorted(zones[1], starts, side="right")
    last = np.searchsorted(zones[0], stops, side="left") - 1
    counts = last - first + 1
    owner = np.repeat(first, counts) + np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    low = np.maximum(np.repeat(starts, counts), zones[0][owner])
    return low, np.minimum(np.repeat(stops, counts), zones[1][owner]), owner


def _integral_of_minimum(t: Floats, bound: Floats) -> Floats:
    """Return the integral of min(x, bound) over x from 0 to t."""
    capped = np.minimum(t, bound)
    return capped**2 / 2 + bound * (t - capped)


def _nearer_than_detection(t: Floats, room: Floats) -> Floats:
    """Return the integral, over distances x from 0 to t, of how much lies nearer: x + min(x, room - x)."""
    rising = np.minimum(t, room / 2)
    falling = t - rising
    return t**2 / 2 + rising**2 / 2 + falling * (room - rising) - falling**2 / 2
