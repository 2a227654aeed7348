"""Volume under the surface: range-based ROC and PR curves for every width of the buffer around anomalies."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from stac.metrics.anomaly_metrics._inputs import Bools, Floats, Ints, check_pair, find_ranges

MOST_BUFFER = 500  # of the default: longer anomalies would make the volume slow and the buffers meaningless


def vus_pr(
    labels: ArrayLike, scores: ArrayLike, *, sliding_window: int | None = None, n_thresholds: int | None = 250
) -> float:
    """Volume under the range-based precision-recall surface, the measure to rank detectors by.

    Around each anomaly lies a buffer in which detections count in part, so that a score that is a little early or
    late is not punished like one elsewhere. The area under the curve is averaged over all buffers up to the window.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    scores : array-like of shape (n_timepoints,)
        Higher = more anomalous.
    sliding_window : int, optional
        Widest buffer, in time points, both sides together: the period of the series, or the window of the detectors
        compared. By default the median length of the anomalies, at most 500. Compare only values of the same window.
    n_thresholds : int or None, default=250
        Thresholds at evenly spaced ranks of the scores, as in the published implementation; None takes every score.

    Returns
    -------
    float
        Between 0 and 1; scores drawn by lot reach about the share of anomalous time points.

    Raises
    ------
    ValueError
        If labels are of one kind only, lengths differ, a score is not finite, or a parameter is out of range.
    TypeError
        If scores are not numbers.

    References
    ----------
    Paparrizos, J., et al. (2022). Volume under the surface. PVLDB, 15, 2774-2787. DOI 10.14778/3551793.3551830

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.arange(300) // 20 == 5
    >>> scores = np.exp(-(((np.arange(300) - 118) / 10.0) ** 2))  # eight points late
    >>> round(vus_pr(labels, scores), 2), round(vus_pr(labels, scores, sliding_window=60), 2)
    (0.84, 0.94)
    """
    return volumes(labels, scores, sliding_window, n_thresholds).pr


def vus_roc(
    labels: ArrayLike, scores: ArrayLike, *, sliding_window: int | None = None, n_thresholds: int | None = 250
) -> float:
    """Volume under the range-based ROC surface; parameters and errors as in ``vus_pr``.

    Where anomalies are rare, it is close to 1 for anything that is not bad: look at ``vus_pr`` first.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    scores : array-like of shape (n_timepoints,)
        Higher = more anomalous.
    sliding_window : int, optional
        Widest buffer, in time points.
    n_thresholds : int or None, default=250
        Thresholds at evenly spaced ranks of the scores; None takes every score.

    Returns
    -------
    float
        Between 0 and 1; scores drawn by lot reach about 0.5 or less.

    References
    ----------
    Paparrizos, J., et al. (2022). Volume under the surface. PVLDB, 15, 2774-2787. DOI 10.14778/3551793.3551830

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.arange(300) // 20 == 5
    >>> round(vus_roc(labels, labels + 0.0, sliding_window=0), 2)
    1.0
    """
    return volumes(labels, scores, sliding_window, n_thresholds).roc


class Volumes(NamedTuple):
    """Both volumes of the same surface."""

    pr: float
    roc: float


def volumes(labels: ArrayLike, scores: ArrayLike, sliding_window: int | None, n_thresholds: int | None) -> Volumes:
    """Return both volumes.

    A time point is detected from one threshold on: its step. What is detected at each threshold is then a cumulative
    histogram of steps, and no time point outside the buffers has to be looked at twice.
    """
    marks, values = check_pair(labels, scores)
    starts, stops = find_ranges(marks)
    widest = _check_window(sliding_window, stops - starts)
    step, n_steps = _steps(values, n_thresholds)
    detected = np.cumsum(np.bincount(step, minlength=n_steps))
    hits = np.cumsum(np.bincount(step[marks], minlength=n_steps))
    buffers = _Buffers(marks, starts, stops, widest // 2)
    areas = []
    first = _first_step_of_ranges(step, starts, stops, widest // 2)
    for width in range(widest + 1):
        partial = buffers.partial_hits(step, n_steps, width)
        found = _share_of_ranges_found(first[width // 2], starts, stops, width // 2, n_steps)
        areas.append(_areas(hits, partial, detected, found, len(values), marks.sum()))
    roc, pr = np.mean(areas, axis=0)
    return Volumes(float(pr), float(roc))


def _check_window(sliding_window: int | None, lengths: Ints) -> int:
    if sliding_window is None:
        return int(min(np.median(lengths), MOST_BUFFER))
    if isinstance(sliding_window, bool) or not isinstance(sliding_window, int | np.integer) or sliding_window < 0:
        raise ValueError(f"sliding_window is {sliding_window!r}: give a number of time points, 0 or more, or None")
    return int(sliding_window)


def _steps(scores: Floats, n_thresholds: int | None) -> tuple[Ints, int]:
    """Return from which threshold on, counted from the strictest, each point is detected; and how many there are."""
    if n_thresholds is None:
        thresholds = np.unique(scores)[::-1]
    elif isinstance(n_thresholds, int | np.integer) and n_thresholds >= 2:
        ranks = np.linspace(0, len(scores) - 1, n_thresholds).astype(np.intp)
        thresholds = np.sort(scores)[::-1][ranks]
    else:
        raise ValueError(f"n_thresholds is {n_thresholds!r}: give a whole number, 2 or more, or None for every score")
    return np.searchsorted(-thresholds, -scores, side="left"), len(thresholds)


class _Buffers:
    """The points beside the anomalies, with their distance to each anomaly that reaches them, nearest first."""

    def __init__(self, marks: Bools, starts: Ints, stops: Ints, reach: int) -> None:
        distance = np.repeat(np.arange(1, reach + 1), 2 * len(starts))
        point = np.concatenate([starts, stops - 1])
        side = np.repeat([-1, 1], len(starts))
        point = np.tile(point, reach) + distance * np.tile(side, reach)
        inside = (point >= 0) & (point < len(marks))
        inside[inside] &= ~marks[point[inside]]  # within an anomaly a point counts in full already
        self.points, self.place = np.unique(point[inside], return_inverse=True)
        self.distance = distance[inside]

    def partial_hits(self, step: Ints, n_steps: int, width: int) -> Floats:
        """Return what detections in buffers count, at each threshold."""
        n_near = np.searchsorted(self.distance, width // 2, side="right")
        if n_near == 0:
            return np.zeros(n_steps)
        weight = np.sqrt(1 - self.distance[:n_near] / width)
        weight = np.minimum(np.bincount(self.place[:n_near], weight, minlength=len(self.points)), 1)
        return np.cumsum(np.bincount(step[self.points], weight, minlength=n_steps))


def _first_step_of_ranges(step: Ints, starts: Ints, stops: Ints, reach: int) -> Ints:
    """Return (reach + 1, n_ranges): at which threshold each range with its buffer is first touched."""
    edges = np.column_stack([starts, stops]).ravel()
    first = [np.minimum.reduceat(np.append(step, np.iinfo(step.dtype).max), edges)[::2]]
    for distance in range(1, reach + 1):
        before, after = np.maximum(starts - distance, 0), np.minimum(stops - 1 + distance, len(step) - 1)
        first.append(np.minimum(first[-1], np.minimum(step[before], step[after])))
    return np.array(first)


def _share_of_ranges_found(first: Ints, starts: Ints, stops: Ints, reach: int, n_steps: int) -> Floats:
    """Return the share of ranges that are touched at each threshold; ranges whose buffers meet are one."""
    apart = np.append(True, stops[:-1] - 1 + reach < starts[1:] - reach)
    first = np.minimum.reduceat(first, np.flatnonzero(apart))
    return np.cumsum(np.bincount(first, minlength=n_steps)) / len(first)


def _areas(
    hits: Ints, partial: Floats, detected: Ints, found: Floats, n_timepoints: int, n_anomalous: int
) -> tuple[float, float]:
    """Return the areas under the ROC and the precision-recall curve for one buffer."""
    true = hits + partial
    positive = n_anomalous + partial / 2
    tpr = np.concatenate([[0], np.minimum(true / positive, 1) * found, [1]])
    fpr = np.concatenate([[0], (detected - true) / (n_timepoints - positive), [1]])
    roc = np.dot(np.diff(fpr), (tpr[1:] + tpr[:-1]) / 2)
    return roc, np.dot(np.diff(tpr[:-1]), true / detected)
