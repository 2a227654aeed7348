"""The area under the curve and its uncertainty: DeLong's variance, and Newcombe's interval where that says nothing."""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray


def influence(y: NDArray[np.bool_], score: NDArray[np.floating]) -> tuple[float, NDArray[np.float64]]:
    """Return the AUC and what each instance adds to its error, (n_instances,), in O(n log n).

    An instance's placement is the share of the other class that it beats, ties counting half. DeLong's variance is that
    of the placements' means.
    """
    placements = np.empty(len(y))
    signal, background = np.flatnonzero(y), np.flatnonzero(~y)
    signal = signal[np.argsort(score[signal])]
    background = background[np.argsort(score[background])]
    placements[signal] = _share_beaten(score[signal], score[background])
    placements[background] = 1 - _share_beaten(score[background], score[signal])
    auc = float(placements[signal].mean())
    counts = np.where(y, len(signal), len(background))
    return auc, (placements - auc) / counts


def _share_beaten(ours: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.float64]:
    below = np.searchsorted(others, ours, side="left")
    up_to = np.searchsorted(others, ours, side="right")
    return (below + up_to) / (2 * len(others))


def variance(y: NDArray[np.bool_], influences: NDArray[np.float64], groups: NDArray[np.intp] | None) -> float:
    """Return the variance of the sum of influences: within each class, or between groups where there are groups."""
    if groups is not None:
        sums = np.bincount(groups, weights=influences)
        return float(np.sum(sums**2) * len(sums) / (len(sums) - 1))
    total = 0.0
    for members in (y, ~y):
        n = np.count_nonzero(members)
        if n == 1:
            return math.nan  # one instance says nothing about how much another would differ
        total += float(np.sum(influences[members] ** 2) * n / (n - 1))
    return total


def logit_interval(auc: float, var: float, confidence: float) -> tuple[float, float]:
    """Return a normal interval of the log odds, which stays inside 0 to 1 and covers better than that of the AUC."""
    centre = math.log(auc / (1 - auc))
    half_width = normal_quantile(confidence) * math.sqrt(var) / (auc * (1 - auc))
    return _expit(centre - half_width), _expit(centre + half_width)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def newcombe_interval(auc: float, n_signal: int, n_background: int, confidence: float) -> tuple[float, float]:
    """Return the AUCs whose own variance just allows the one observed (Newcombe's method 5)."""
    z = normal_quantile(confidence)

    def edge(end: float) -> float:
        inside, outside = auc, end
        for _ in range(60):
            middle = (inside + outside) / 2
            allowed = abs(middle - auc) <= z * math.sqrt(_expected_variance(middle, n_signal, n_background))
            inside, outside = (middle, outside) if allowed else (inside, middle)
        return (inside + outside) / 2

    return edge(0.0), edge(1.0)


def _expected_variance(auc: float, n_signal: int, n_background: int) -> float:
    mean_count = (n_signal + n_background) / 2 - 1
    pairs = (1 - auc) / (2 - auc) + auc / (1 + auc)
    return auc * (1 - auc) * (1 + mean_count * pairs) / (n_signal * n_background)


def normal_quantile(confidence: float) -> float:
    """Return how many standard deviations either side hold this share of a normal distribution."""
    return NormalDist().inv_cdf((1 + confidence) / 2)
