"""Curves, their areas and their bands."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.metrics.roc_analysis._auc import influence, logit_interval, newcombe_interval, normal_quantile, variance
from stac.metrics.roc_analysis._bootstrap import (
    draw_curves,
    interpolate,
    pointwise_band,
    roc_counts,
    simultaneous_band,
)
from stac.metrics.roc_analysis._inputs import check_count, check_groups, check_scores, check_share


class Estimate(NamedTuple):
    """A value and the ends of its confidence interval."""

    value: float
    low: float
    high: float


class RocCurve(NamedTuple):
    """A point for each distinct score, from (0, 0) to (1, 1), each array (n_points,)."""

    fpr: NDArray[np.float64]  #: background efficiency: the share of the background that is accepted
    tpr: NDArray[np.float64]  #: signal efficiency: the share of the signal that is accepted
    threshold: NDArray[np.floating]  #: what `score >= threshold` accepts; infinity at (0, 0)


class RocBand(NamedTuple):
    """A ROC curve on a grid and the band around it, each array (n_points,)."""

    fpr: NDArray[np.float64]
    tpr: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


class Comparison(NamedTuple):
    """The difference of two areas, its interval, and the chance of one so large where there is none."""

    difference: float
    low: float
    high: float
    p_value: float


def roc_curve(y_true: ArrayLike, score: ArrayLike) -> RocCurve:
    """Return signal efficiency against background efficiency, a point for each distinct score.

    Parameters
    ----------
    y_true : array-like (n_instances,)
        True for signal, False for background (or 1 and 0).
    score : array-like (n_instances,)
        Higher means more signal-like. Instances of one score pass a threshold together.

    Returns
    -------
    RocCurve
        `fpr, tpr, threshold`.

    Raises
    ------
    TypeError
        If the score does not hold numbers.
    ValueError
        If a label is not boolean, there is one class only, lengths differ, nothing is given, or a score is NaN or
        infinite.

    Examples
    --------
    >>> fpr, tpr, threshold = roc_curve([False, True, False, True], [0.1, 0.9, 0.4, 0.4])
    >>> fpr.tolist(), tpr.tolist(), threshold.tolist()
    ([0.0, 0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 1.0], [inf, 0.9, 0.4, 0.1])
    """
    y, (values,) = check_scores(y_true, score=score)
    background, signal, thresholds = roc_counts(y, values)
    fpr, tpr = (np.append(0, counts) / counts[-1] for counts in (background, signal))
    return RocCurve(fpr, tpr, np.append(np.inf, thresholds))


def roc_auc(
    y_true: ArrayLike, score: ArrayLike, *, confidence: float = 0.95, groups: ArrayLike | None = None
) -> Estimate:
    """Return the area under the ROC curve with DeLong's confidence interval.

    It is the chance that a signal instance scores higher than a background one, ties counting half. The interval is
    normal in the log odds of the area. Where DeLong's variance says nothing (a perfect separation, a single instance
    of a class) it is Newcombe's.

    Parameters
    ----------
    y_true, score : array-like (n_instances,)
        As in `roc_curve`.
    confidence : float
        How often such intervals hold the true value, between 0 and 1.
    groups : array-like (n_instances,), optional
        What instances belong together, such as the stations of one event: they vary together, which makes the interval
        wider.

    Returns
    -------
    Estimate
        `value, low, high`.

    Raises
    ------
    TypeError, ValueError
        As in `roc_curve`, or if `groups` does not fit or `confidence` is not between 0 and 1.

    References
    ----------
    DeLong, DeLong & Clarke-Pearson (1988), https://doi.org/10.2307/2531595; Sun & Xu (2014),
    https://doi.org/10.1109/LSP.2014.2337313 (in O(n log n)); Obuchowski (1997), https://doi.org/10.2307/2533958
    (groups); Newcombe (2006), https://doi.org/10.1002/sim.2324.

    Examples
    --------
    >>> auc, low, high = roc_auc([False, True] * 50, [0.1, 0.9, 0.4, 0.3] * 25)
    >>> print(f"{auc:.2f} ({low:.2f} to {high:.2f})")
    0.75 (0.64 to 0.84)
    """
    y, (values,) = check_scores(y_true, score=score)
    confidence, numbers = check_share(confidence, "confidence", 0.95), check_groups(groups, len(y))
    auc, influences = influence(y, values)
    var = variance(y, influences, numbers)
    if 0 < auc < 1 and var > 0:
        return Estimate(auc, *logit_interval(auc, var, confidence))
    return Estimate(auc, *newcombe_interval(auc, *_class_sizes(y, numbers), confidence))


def delong_test(
    y_true: ArrayLike,
    score_a: ArrayLike,
    score_b: ArrayLike,
    *,
    confidence: float = 0.95,
    groups: ArrayLike | None = None,
) -> Comparison:
    """Compare the areas under the ROC curves of two scores on the same instances.

    Two intervals may well overlap and the areas still differ clearly, because both scores meet the same instances: this
    test takes that into account.

    Parameters
    ----------
    y_true : array-like (n_instances,)
        As in `roc_curve`.
    score_a, score_b : array-like (n_instances,)
        The two scores; their scales need not be the same.
    confidence : float
        Of the interval of the difference, between 0 and 1.
    groups : array-like (n_instances,), optional
        What instances belong together, as in `roc_auc`.

    Returns
    -------
    Comparison
        `difference` (area of a minus area of b), `low, high, p_value` (two-sided). With a single instance of a class
        the last three are NaN.

    Raises
    ------
    TypeError, ValueError
        As in `roc_auc`.

    References
    ----------
    DeLong, DeLong & Clarke-Pearson (1988), https://doi.org/10.2307/2531595; Sun & Xu (2014),
    https://doi.org/10.1109/LSP.2014.2337313.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> y = rng.random(2000) < 0.3
    >>> hint = y + rng.normal(size=2000)
    >>> difference, low, high, p = delong_test(y, hint, hint + rng.normal(size=2000))
    >>> low > 0, p < 0.001
    (True, True)
    """
    y, (a, b) = check_scores(y_true, score_a=score_a, score_b=score_b)
    confidence, numbers = check_share(confidence, "confidence", 0.95), check_groups(groups, len(y))
    (auc_a, influences_a), (auc_b, influences_b) = influence(y, a), influence(y, b)
    difference, error = auc_a - auc_b, math.sqrt(variance(y, influences_a - influences_b, numbers))
    half_width = normal_quantile(confidence) * error
    p_value = math.erfc(abs(difference) / error / math.sqrt(2)) if error != 0 else float(difference == 0)
    return Comparison(difference, max(difference - half_width, -1.0), min(difference + half_width, 1.0), p_value)


def roc_band(
    y_true: ArrayLike,
    score: ArrayLike,
    *,
    fpr: ArrayLike | None = None,
    confidence: float = 0.95,
    simultaneous: bool = False,
    n_resamples: int = 2000,
    seed: int = 0,
) -> RocBand:
    """Return a confidence band around the ROC curve by the Bayesian bootstrap.

    Its time does not depend on the number of instances, once they are sorted.

    Parameters
    ----------
    y_true, score : array-like (n_instances,)
        As in `roc_curve`.
    fpr : array-like (n_points,), optional
        Ascending background efficiencies to say it for, from 0 to 1; by default about 200, dense towards zero.
    confidence : float
        Pointwise: the chance that the band holds the true curve at any one point; simultaneous: along its whole length.
    simultaneous : bool
        Whether the band is for the curve as a whole, which makes it wider.
    n_resamples : int
        How many curves are drawn.
    seed : int
        The same seed gives the same band.

    Returns
    -------
    RocBand
        `fpr, tpr, low, high`.

    Raises
    ------
    TypeError, ValueError
        As in `roc_curve`, or if a parameter is out of range.

    References
    ----------
    Gu, Ghosal & Roy (2008), Bayesian bootstrap estimation of ROC curve, https://doi.org/10.1002/sim.3366; band of equal
    ranks: Myllymäki et al. (2017), https://doi.org/10.1111/rssb.12172.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> y = rng.random(500) < 0.3
    >>> band = roc_band(y, y + rng.normal(size=500), fpr=[0.01, 0.1])
    >>> bool((band.low < band.tpr).all() and (band.tpr < band.high).all())
    True
    """
    y, (values,) = check_scores(y_true, score=score)
    check_share(confidence, "confidence", 0.95)
    check_count(n_resamples, "n_resamples", 100)
    background, signal, _ = roc_counts(y, values)
    grid = _default_grid(int(background[-1])) if fpr is None else _check_grid(fpr)
    allowed, whole = grid * background[-1], np.rint(grid * background[-1])
    allowed = np.where(np.abs(allowed - whole) < 1e-6, whole, allowed)  # rounding must not cost an instance
    tpr = interpolate(allowed, background, signal) / signal[-1]
    curves = draw_curves(background, signal, grid, n_resamples, np.random.default_rng(seed))
    low, high = (simultaneous_band if simultaneous else pointwise_band)(curves, confidence)
    return RocBand(grid, tpr, np.minimum(low, tpr), np.maximum(high, tpr))


def _class_sizes(y: NDArray[np.bool_], groups: NDArray[np.intp] | None) -> tuple[int, int]:
    """Return how many independent signal and background instances there are at least."""
    signal, background = (y, ~y) if groups is None else (np.unique(groups[y]), np.unique(groups[~y]))
    if groups is None:
        return int(np.count_nonzero(signal)), int(np.count_nonzero(background))
    return len(signal), len(background)


def _default_grid(n_background: int) -> NDArray[np.float64]:
    fine = np.geomspace(min(1 / n_background, 0.01), 1, 100)
    return np.unique(np.concatenate([[0], fine, np.linspace(0, 1, 101)]).round(12))


def _check_grid(fpr: ArrayLike) -> NDArray[np.float64]:
    grid = np.asarray(fpr, dtype=np.float64)
    if grid.ndim != 1 or grid.size == 0 or not ((grid >= 0) & (grid <= 1)).all() or (np.diff(grid) < 0).any():
        raise ValueError("fpr is not a list of ascending numbers from 0 to 1: give background efficiencies")
    return grid
