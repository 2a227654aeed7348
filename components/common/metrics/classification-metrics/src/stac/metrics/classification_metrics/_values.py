"""Compute the metrics from checked, integer-coded labels; what is not defined is NaN."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


def count_pairs(true: NDArray[np.intp], pred: NDArray[np.intp], n_classes: int) -> NDArray[np.int64]:
    """Return the confusion matrix, rows true and columns predicted."""
    counts = np.bincount(true * n_classes + pred, minlength=n_classes**2)
    return counts.reshape(n_classes, n_classes).astype(np.int64, copy=False)


def per_class(matrix: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Return the columns n, precision, recall and f1 of one confusion matrix, or of a stack of them."""
    hits = np.einsum("...ii->...i", matrix)
    actual, predicted = matrix.sum(axis=-1), matrix.sum(axis=-2)
    return {
        "n": actual,
        "precision": divide(hits, predicted),
        "recall": divide(hits, actual),
        "f1": divide(2 * hits, actual + predicted),
    }


def label_metrics(matrix: NDArray[np.int64]) -> dict[str, Any]:
    """Return accuracy, balanced accuracy and macro F1 of one confusion matrix, or of a stack of them."""
    columns = per_class(matrix)
    return {
        "accuracy": divide(np.einsum("...ii->...", matrix), matrix.sum(axis=(-2, -1))),
        "balanced_accuracy": mean_of_defined(columns["recall"]),
        "macro_f1": mean_of_defined(columns["f1"]),
    }


def proba_metrics(true: NDArray[np.intp], proba: NDArray[np.floating]) -> dict[str, Any]:
    """Return log loss and ROC AUC."""
    aucs = one_vs_rest_auc(true, proba)
    return {
        "log_loss": instance_losses(true, proba).mean(),
        "roc_auc": mean_of_defined(aucs[auc_columns(proba)]),
    }


def instance_losses(true: NDArray[np.intp], proba: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return minus the logarithm of the probability that each instance's true class was given."""
    given = proba[np.arange(len(true)), true]
    # A probability of exactly zero would make the whole loss infinite; the type's precision is all we know
    # anyway.
    losses: NDArray[np.float64] = -np.log(np.clip(given, np.finfo(proba.dtype).eps, 1), dtype=np.float64)
    return losses


def auc_columns(proba: NDArray[np.floating]) -> slice:
    """Return the classes whose AUC is averaged: of two only the second, which says the same as the first."""
    return slice(1, None) if proba.shape[1] == 2 else slice(None)


class Ranking(NamedTuple):
    """What the area under one ROC curve depends on."""

    positives: NDArray[np.intp]  # instances of the class, by rising score
    negatives: NDArray[np.intp]  # all others, by rising score
    below: NDArray[np.intp]  # for each positive, how many negatives score less …
    up_to: NDArray[np.intp]  # … and how many score less or the same


def rank(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> Ranking:
    """Sort instances by score and count, for each positive, the negatives it beats."""
    scores = np.ascontiguousarray(scores)
    order = np.argsort(scores)
    is_positive = positive[order]
    positives, negatives = order[is_positive], order[~is_positive]
    below = np.searchsorted(scores[negatives], scores[positives], side="left")
    up_to = np.searchsorted(scores[negatives], scores[positives], side="right")
    return Ranking(positives, negatives, below, up_to)


def one_vs_rest_auc(true: NDArray[np.intp], proba: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return for each class the chance that it outscores another instance; ties count half."""
    aucs = np.full(proba.shape[1], np.nan)
    for label, scores in enumerate(proba.T):
        ranking = rank(scores, true == label)
        wins = (ranking.below + ranking.up_to).sum() / 2
        aucs[label] = divide(wins, len(ranking.positives) * len(ranking.negatives))
    return aucs


def divide(numerator: ArrayLike, denominator: ArrayLike) -> NDArray[np.float64]:
    """Return the quotient, and NaN where the denominator is zero."""
    denominator = np.asarray(denominator)
    quotient = np.full(np.broadcast_shapes(np.shape(numerator), denominator.shape), np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient


def mean_of_defined(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the last axis without its NaNs."""
    defined = ~np.isnan(values)
    return divide(np.where(defined, values, 0).sum(axis=-1), defined.sum(axis=-1))
