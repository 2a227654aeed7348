"""Affiliation precision, recall and F1: how near detections and anomalies are to each other, against chance."""

import numpy as np
from numpy.typing import ArrayLike

from stac.metrics.anomaly_metrics._inputs import Bools, Floats, Ints, find_ranges
from stac.metrics.anomaly_metrics._ranges import PrecisionRecall, check_detections, f1_of_scores, harmonic


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
    return _affiliation_scores(*check_detections(labels, detections))


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
    return f1_of_scores(labels, scores, threshold, _affiliation_scores)


def _affiliation_scores(marks: Bools, found: Bools) -> PrecisionRecall:
    if not found.any():
        return PrecisionRecall(0.0, 0.0, 0.0)
    starts, stops = find_ranges(marks)
    middles = (stops[:-1] + starts[1:]) / 2
    zones = np.append(0, middles), np.append(middles, len(marks))
    detected = find_ranges(found)
    precision = _affiliation_precision(starts, stops, zones, detected)
    return harmonic(precision, _affiliation_recall(marks, found, starts, stops, zones, detected))


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
    return float(np.mean(value[total > 0] / total[total > 0]))


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
    lost_of_each = np.bincount(owner, lost, minlength=len(starts))
    return float(np.mean(1 - lost_of_each / (stops - starts)))


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
