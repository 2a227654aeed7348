"""Say how good a classifier is: single numbers, a row for each class, and an interval around every number.

A value that is not defined is NaN, never a silent zero, and an average over classes leaves it out: the recall
of a class that never occurs, the precision of a class that is never predicted, a ROC AUC where there is
nothing to rank.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.metrics.classification_metrics._bootstrap import resampled_label_metrics, resampled_proba_metrics
from stac.metrics.classification_metrics._inputs import check_inputs
from stac.metrics.classification_metrics._values import (
    count_pairs,
    label_metrics,
    one_vs_rest_auc,
    per_class,
    proba_metrics,
)

__all__ = ["bootstrap_intervals", "classification_metrics", "confusion_matrix", "per_class_table"]


def classification_metrics(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    y_proba: ArrayLike | None = None,
    classes: Sequence[Any] | None = None,
) -> dict[str, float]:
    """Return accuracy, balanced accuracy and macro F1; with probabilities also log loss and ROC AUC.

    Parameters
    ----------
    y_true, y_pred : array-like (n_instances,)
        The true and the predicted labels: strings, numbers or booleans, the same kind in both.
    y_proba : array-like (n_instances, n_classes), optional
        Predicted probabilities. For two classes also `(n_instances,)`: the probability of the second class.
    classes : sequence, optional
        The class of each column of `y_proba` (a model's `classes_`). By default the sorted labels of `y_true`
        and `y_pred`; needed when a class of the model occurs in neither.

    Returns
    -------
    dict
        `accuracy`; `balanced_accuracy`, the mean recall of the classes in `y_true`; `macro_f1`, the mean F1
        of the classes in `y_true` or `y_pred`; and with `y_proba` `log_loss` (natural logarithm; lower is
        better) and `roc_auc`: for two classes that of the second, otherwise the mean of one class against the
        rest over the classes in `y_true`. `roc_auc` is NaN where `y_true` holds one class only.

    Raises
    ------
    TypeError
        If the labels are of mixed kinds.
    ValueError
        If lengths or columns do not fit, there is nothing to score, a label is not in `classes`, or `y_proba`
        does not hold probabilities.

    Examples
    --------
    >>> classification_metrics(["a", "b", "b", "b"], ["a", "b", "b", "a"])
    {'accuracy': 0.75, 'balanced_accuracy': 0.8333333333333333, 'macro_f1': 0.7333333333333334}
    """
    true, pred, proba, class_labels = check_inputs(y_true, y_pred, y_proba, classes)
    values = label_metrics(count_pairs(true, pred, len(class_labels)))
    if proba is not None:
        values |= proba_metrics(true, proba)
    return {name: float(value) for name, value in values.items()}


def per_class_table(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    y_proba: ArrayLike | None = None,
    classes: Sequence[Any] | None = None,
) -> dict[str, list[Any]]:
    """Return one row for each class, as a dictionary of columns of plain Python values.

    Parameters
    ----------
    y_true, y_pred, y_proba, classes
        As in `classification_metrics`.

    Returns
    -------
    dict
        `class`, `n` (instances of the class in `y_true`), `precision`, `recall`, `f1`, and with `y_proba`
        `roc_auc` (the class against the rest). What is not defined is NaN.

    Raises
    ------
    TypeError, ValueError
        As in `classification_metrics`.

    Examples
    --------
    >>> table = per_class_table(["a", "b", "b", "b"], ["a", "b", "b", "a"])
    >>> table["class"], table["n"], table["precision"]
    (['a', 'b'], [1, 3], [0.5, 1.0])
    """
    true, pred, proba, class_labels = check_inputs(y_true, y_pred, y_proba, classes)
    columns = {"class": class_labels} | per_class(count_pairs(true, pred, len(class_labels)))
    if proba is not None:
        columns["roc_auc"] = one_vs_rest_auc(true, proba)
    return {name: column.tolist() for name, column in columns.items()}


def confusion_matrix(
    y_true: ArrayLike, y_pred: ArrayLike, classes: Sequence[Any] | None = None
) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Count how often each true class (row) was predicted as each class (column).

    Parameters
    ----------
    y_true, y_pred : array-like (n_instances,)
        The true and the predicted labels.
    classes : sequence, optional
        The order of rows and columns; by default the sorted labels of both.

    Returns
    -------
    matrix : int64 array (n_classes, n_classes)
        The counts.
    classes : array (n_classes,)
        The class of each row and column.

    Raises
    ------
    TypeError, ValueError
        As in `classification_metrics`; a label that is not in `classes` is an error, not dropped.

    Examples
    --------
    >>> matrix, classes = confusion_matrix(["a", "b", "b", "b"], ["a", "b", "b", "a"])
    >>> matrix.tolist(), classes.tolist()
    ([[1, 0], [1, 2]], ['a', 'b'])
    """
    true, pred, _, class_labels = check_inputs(y_true, y_pred, None, classes)
    return count_pairs(true, pred, len(class_labels)), class_labels


def bootstrap_intervals(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    y_proba: ArrayLike | None = None,
    classes: Sequence[Any] | None = None,
    *,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    random_state: int | np.random.Generator | None = 0,
) -> dict[str, tuple[float, float]]:
    """Return a percentile bootstrap interval for each value of `classification_metrics`.

    Instances are drawn with replacement, so the interval says how the value would vary with another test set
    of this size; it says nothing about training the model again.

    Parameters
    ----------
    y_true, y_pred, y_proba, classes
        As in `classification_metrics`.
    n_resamples : int
        How many times the instances are drawn.
    confidence : float
        The share of resamples inside the interval, between 0 and 1.
    random_state : int, Generator or None
        The same number gives the same intervals; None gives new ones at every call.

    Returns
    -------
    dict
        `{metric: (low, high)}`. A resample in which a metric is not defined is left out of its interval; a
        metric that is never defined has `(nan, nan)`.

    Raises
    ------
    TypeError, ValueError
        As in `classification_metrics`, and if `n_resamples` or `confidence` is out of range.

    References
    ----------
    Efron, B., & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapter 13. Chapman & Hall.
    https://doi.org/10.1201/9780429246593

    Examples
    --------
    >>> low, high = bootstrap_intervals([0, 1] * 50, [0, 1] * 40 + [1, 0] * 10)["accuracy"]
    >>> 0.65 < low < 0.80 < high < 0.95
    True
    """
    if isinstance(n_resamples, bool) or not isinstance(n_resamples, int | np.integer) or n_resamples < 1:
        raise ValueError(f"n_resamples is {n_resamples!r}: give a whole number of at least 1, for example 1000")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence!r}: give a number between 0 and 1, for example 0.95")
    true, pred, proba, class_labels = check_inputs(y_true, y_pred, y_proba, classes)
    rng = np.random.default_rng(random_state)
    values = resampled_label_metrics(count_pairs(true, pred, len(class_labels)), n_resamples, rng)
    if proba is not None:
        values |= resampled_proba_metrics(true, proba, n_resamples, rng)
    return {name: _interval(resampled, confidence) for name, resampled in values.items()}


def _interval(resampled: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    defined = resampled[~np.isnan(resampled)]
    if defined.size == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
