"""Metrics that look at time points one by one."""

import warnings

import numpy as np
from numpy.typing import ArrayLike

from stac.metrics.anomaly_metrics._inputs import Bools, Floats, check_pair, check_threshold, find_ranges


def auc_pr(labels: ArrayLike, scores: ArrayLike) -> float:
    """Average precision: the area under the precision-recall curve of single time points.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    scores : array-like of shape (n_timepoints,)
        Higher = more anomalous.

    Returns
    -------
    float
        Between 0 and 1; scores drawn by lot reach about the share of anomalous time points.

    Examples
    --------
    >>> auc_pr([False, True, False, True], [0.1, 0.9, 0.8, 0.7])
    0.8333333333333333
    """
    _, hits, detected = _curve(*check_pair(labels, scores))
    return float(np.dot(np.diff(hits, prepend=0), hits / detected) / hits[-1])


def auc_roc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve of single time points: how often an anomalous point outscores a normal one.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    scores : array-like of shape (n_timepoints,)
        Higher = more anomalous.

    Returns
    -------
    float
        Between 0 and 1; 0.5 for scores drawn by lot.

    Examples
    --------
    >>> auc_roc([False, True, False, True], [0.1, 0.9, 0.8, 0.7])
    0.75
    """
    _, hits, detected = _curve(*check_pair(labels, scores))
    false = np.append(0, detected - hits)
    hits = np.append(0, hits)
    return float(np.dot(np.diff(false), (hits[1:] + hits[:-1]) / 2) / (false[-1] * hits[-1]))


def best_f1(labels: ArrayLike, scores: ArrayLike, *, threshold: float | None = None) -> float:
    """F1 of single time points, at the best threshold or at a given one.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    scores : array-like of shape (n_timepoints,)
        Higher = more anomalous; ``score >= threshold`` is a detection.
    threshold : float, optional
        By default the best one of all: it looks at the labels, so it is what no threshold can exceed.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> best_f1([False, True, False, True], [0.1, 0.9, 0.8, 0.7])
    0.8
    >>> best_f1([False, True, False, True], [0.1, 0.9, 0.8, 0.7], threshold=0.85)
    0.6666666666666666
    """
    marks, values = check_pair(labels, scores)
    return _f1(marks, values, threshold)


def best_threshold(labels: ArrayLike, scores: ArrayLike) -> float:
    """Threshold of the best F1 of single time points; choose it on other data than you judge on.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    scores : array-like of shape (n_timepoints,)
        Higher = more anomalous.

    Returns
    -------
    float
        One of the scores; ``score >= threshold`` is a detection. The highest, where several are equally good.

    Examples
    --------
    >>> best_threshold([False, True, False, True], [0.1, 0.9, 0.8, 0.7])
    0.7
    """
    marks, values = check_pair(labels, scores)
    thresholds, hits, detected = _curve(marks, values)
    return float(thresholds[np.argmax(2 * hits / (detected + hits[-1]))])


def point_adjusted_f1(labels: ArrayLike, scores: ArrayLike, *, threshold: float | None = None) -> float:
    """F1 after counting a whole anomaly as detected when one of its points is: not to be trusted, and it warns.

    Scores drawn by lot do well here, the better the longer the anomalies are, and better than published networks on
    common data sets. It is here to compare with papers that report nothing else.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    scores : array-like of shape (n_timepoints,)
        Higher = more anomalous; ``score >= threshold`` is a detection.
    threshold : float, optional
        By default the best one of all.

    Returns
    -------
    float
        Between 0 and 1.

    Warns
    -----
    UserWarning
        Always.

    References
    ----------
    Kim, S., et al. (2022). Towards a rigorous evaluation of time-series anomaly detection. AAAI, 36, 7194-7201.
    DOI 10.1609/aaai.v36i7.20680

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     point_adjusted_f1([False, True, True, True], [0.1, 0.9, 0.0, 0.0])
    1.0
    """
    marks, values = check_pair(labels, scores)
    warnings.warn(
        "point-adjusted F1 overestimates: one detected point counts for its whole anomaly, so that even scores drawn "
        "by lot do well (Kim et al. 2022); judge by vus_pr, range_f1 or affiliation_f1",
        UserWarning,
        stacklevel=2,
    )
    starts, stops = find_ranges(marks)
    edges = np.column_stack([starts, stops]).ravel()
    highest = np.maximum.reduceat(np.append(values, -np.inf), edges)[::2]
    values[marks] = np.repeat(highest, stops - starts)
    return _f1(marks, values, threshold)


def _f1(marks: Bools, values: Floats, threshold: float | None) -> float:
    if threshold is None:
        _, hits, detected = _curve(marks, values)
        return float((2 * hits / (detected + hits[-1])).max())
    found = values >= check_threshold(threshold)
    return float(2 * np.count_nonzero(found & marks) / (found.sum() + marks.sum()))


def _curve(marks: Bools, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return every distinct score, highest first, how many anomalous points reach it, and how many points."""
    order = np.argsort(-values, kind="stable")
    ordered = values[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    return ordered[last], np.cumsum(marks[order], dtype=np.float64)[last], last + 1.0
