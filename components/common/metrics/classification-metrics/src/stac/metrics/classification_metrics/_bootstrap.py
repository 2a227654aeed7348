"""Compute every metric on many resamples at once, without building the resamples."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stac.metrics.classification_metrics._values import (
    Ranking,
    auc_columns,
    divide,
    instance_losses,
    label_metrics,
    mean_of_defined,
    rank,
)

_BLOCK = 320_000  # weights held at once: small enough for the processor's cache


def resampled_label_metrics(
    matrix: NDArray[np.int64], n_resamples: int, rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """Return the label metrics of each resample, each `(n_resamples,)`.

    Drawing instances with replacement draws the cells of the confusion matrix from a multinomial
    distribution.
    """
    n_instances = matrix.sum()
    drawn = rng.multinomial(n_instances, matrix.ravel() / n_instances, size=n_resamples)
    return label_metrics(drawn.reshape(n_resamples, *matrix.shape))


def resampled_proba_metrics(
    true: NDArray[np.intp], proba: NDArray[np.floating], n_resamples: int, rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """Return log loss and ROC AUC of each resample, each `(n_resamples,)`.

    A resample is a weight for each instance: how often it was drawn. Scores are sorted once, for all
    resamples.
    """
    n_instances, n_classes = proba.shape
    losses = instance_losses(true, proba)
    rankings = [rank(proba[:, label], true == label) for label in range(n_classes)[auc_columns(proba)]]
    log_loss, roc_auc = np.empty(n_resamples), np.empty(n_resamples)
    block = max(1, _BLOCK // n_instances)
    for start in range(0, n_resamples, block):
        part = slice(start, min(start + block, n_resamples))
        weights = _draw_weights(n_instances, part.stop - part.start, rng)
        log_loss[part] = losses @ weights / n_instances
        aucs = np.stack([_weighted_auc(ranking, weights) for ranking in rankings], axis=-1)
        roc_auc[part] = mean_of_defined(aucs)
    return {"log_loss": log_loss, "roc_auc": roc_auc}


def _draw_weights(n_instances: int, n_resamples: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """Return how often each instance (row) is drawn in each resample (column)."""
    drawn = rng.integers(0, n_instances, size=(n_resamples, n_instances), dtype=np.uint32)
    weights = np.array([np.bincount(row, minlength=n_instances) for row in drawn], dtype=np.int32)
    return np.ascontiguousarray(weights.T)  # picking whole rows by rank is what makes the AUC fast


def _weighted_auc(ranking: Ranking, weights: NDArray[np.int32]) -> NDArray[Any]:
    """Return the AUC of each resample: the Mann-Whitney statistic with weighted instances."""
    positives = weights[ranking.positives]
    negatives = np.zeros((len(ranking.negatives) + 1, weights.shape[1]), dtype=np.int32)
    np.cumsum(weights[ranking.negatives], axis=0, out=negatives[1:])
    beaten = negatives[ranking.below] + negatives[ranking.up_to]  # twice, so that a tie counts one
    wins = np.einsum("ij,ij->j", positives, beaten, dtype=np.float64)
    pairs = positives.sum(axis=0, dtype=np.float64) * negatives[-1]
    return divide(wins, 2 * pairs)
