"""Draw ROC curves from the Bayesian bootstrap without drawing a single instance.

The Bayesian bootstrap gives each instance a random weight. What a ROC curve needs of these weights has known
distributions: how many background instances pass a cut with a given true efficiency is binomial, and the weight of
k signal instances is a Gamma variable. So a curve costs two draws for each of its points, whatever the number of
instances.
"""

import numpy as np
from numpy.typing import NDArray

_PRIOR = 0.5  # of an instance at either end (Jeffreys): keeps intervals of perfect scores from shrinking to a point


def roc_counts(y: NDArray[np.bool_], score: NDArray[np.floating]) -> tuple[NDArray, NDArray, NDArray]:
    """Return how many background and signal instances reach each distinct score, and the scores, highest first."""
    order = np.argsort(score)[::-1]
    ranked, is_signal = score[order], y[order]
    last = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
    signal = np.cumsum(is_signal)[last]
    return last + 1 - signal, signal, ranked[last]


def interpolate(x: NDArray, background: NDArray, signal: NDArray) -> NDArray[np.float64]:
    """Return how many signal instances come before one more than `x` background ones; within a tie, in proportion."""
    # Where several points have the same x, numpy takes the last: the highest. Below 0 it takes the first: none.
    return np.interp(x, np.append(0, background), np.append(0, signal))


def draw_curves(
    background: NDArray, signal: NDArray, fpr: NDArray[np.float64], n_resamples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the signal efficiency at each `fpr` (ascending), of each drawn curve: (n_resamples, n_points)."""
    n_background, n_signal = background[-1], signal[-1]
    steps = np.diff(fpr, prepend=0, append=1).clip(0)
    passed = rng.multinomial(n_background, steps / steps.sum(), size=n_resamples)[:, :-1].cumsum(axis=1)
    # The cut lies somewhere between the last instance that passes and the first that does not: above all of them, even.
    inside = rng.random((n_resamples, 1))
    tighter, looser = (interpolate(count, background, signal) for count in (passed - 1, passed))
    reached = tighter * (1 - inside) + looser * inside
    shapes = np.diff(reached, axis=1, prepend=0, append=n_signal)
    shapes[:, 0] += _PRIOR
    shapes[:, -1] += _PRIOR
    weights = rng.standard_gamma(shapes)
    return weights[:, :-1].cumsum(axis=1) / weights.sum(axis=1, keepdims=True)


def pointwise_band(curves: NDArray[np.float64], confidence: float) -> tuple[NDArray, NDArray]:
    """Return the quantiles that hold this share of the curves at each point."""
    low, high = np.quantile(curves, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return low, high


def simultaneous_band(curves: NDArray[np.float64], confidence: float) -> tuple[NDArray, NDArray]:
    """Return the band of equal ranks that holds this share of the curves along their whole length."""
    ordered = np.sort(curves, axis=0)
    ranks = curves.argsort(axis=0).argsort(axis=0)
    # How far from the edge a curve stays: at its most extreme point.
    depths = np.minimum(ranks, len(curves) - 1 - ranks).min(axis=1)
    depth = np.sort(depths)[int(np.floor((1 - confidence) * len(curves)))]
    return ordered[depth], ordered[len(curves) - 1 - depth]
