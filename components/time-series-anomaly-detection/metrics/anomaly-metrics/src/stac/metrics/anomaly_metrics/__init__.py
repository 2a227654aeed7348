"""Metrics of anomaly detection in time series that the field trusts: VUS-PR first, and why not point-adjusted F1.

Labels are booleans, one per time point, True where anomalous; a higher score is more anomalous, and ``score >=
threshold`` is a detection.
"""

from numpy.typing import ArrayLike

from stac.metrics.anomaly_metrics._affiliation import affiliation_f1, affiliation_precision_recall
from stac.metrics.anomaly_metrics._points import auc_pr, auc_roc, best_f1, best_threshold, point_adjusted_f1
from stac.metrics.anomaly_metrics._ranges import PrecisionRecall, range_f1, range_precision_recall
from stac.metrics.anomaly_metrics._vus import volumes, vus_pr, vus_roc

__all__ = [
    "PrecisionRecall",
    "affiliation_f1",
    "affiliation_precision_recall",
    "anomaly_metrics",
    "auc_pr",
    "auc_roc",
    "best_f1",
    "best_threshold",
    "point_adjusted_f1",
    "range_f1",
    "range_precision_recall",
    "vus_pr",
    "vus_roc",
]


def anomaly_metrics(
    labels: ArrayLike, scores: ArrayLike, *, sliding_window: int | None = None, threshold: float | None = None
) -> dict[str, float]:
    """All metrics at once.

    Parameters
    ----------
    labels : array-like of bool, shape (n_timepoints,)
        True where a time point is anomalous.
    scores : array-like of shape (n_timepoints,)
        Higher = more anomalous; one for each time point, all finite.
    sliding_window : int, optional
        Widest buffer of the volumes, in time points: the period of the series, or the window of the detectors
        compared. By default the median length of the anomalies, at most 500.
    threshold : float, optional
        Of the three F1. By default the best one for each: what no threshold can exceed, not what a user will see.

    Returns
    -------
    dict of str to float
        ``vus_pr``, ``vus_roc``, ``auc_pr``, ``auc_roc``, ``f1``, ``range_f1``, ``affiliation_f1``.

    Raises
    ------
    ValueError
        If labels are of one kind only, lengths differ, a score is not finite, or a parameter is out of range.
    TypeError
        If scores are not numbers.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.arange(300) // 20 == 5
    >>> scores = np.exp(-(((np.arange(300) - 118) / 10.0) ** 2))  # eight points late
    >>> {name: round(value, 2) for name, value in anomaly_metrics(labels, scores).items()}
    {'vus_pr': 0.84, 'vus_roc': 0.99, ..., 'affiliation_f1': 0.98}
    """
    both = volumes(labels, scores, sliding_window, n_thresholds=250)
    return {
        "vus_pr": both.pr,
        "vus_roc": both.roc,
        "auc_pr": auc_pr(labels, scores),
        "auc_roc": auc_roc(labels, scores),
        "f1": best_f1(labels, scores, threshold=threshold),
        "range_f1": range_f1(labels, scores, threshold=threshold),
        "affiliation_f1": affiliation_f1(labels, scores, threshold=threshold),
    }
