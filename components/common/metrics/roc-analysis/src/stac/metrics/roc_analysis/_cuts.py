"""Cuts on a score: efficiency at a background rejection, its threshold, and F1."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from stac.metrics.roc_analysis._auc import normal_quantile
from stac.metrics.roc_analysis._bootstrap import roc_counts
from stac.metrics.roc_analysis._curves import Estimate, roc_band, roc_curve
from stac.metrics.roc_analysis._inputs import check_scores, check_share


class BestF1(NamedTuple):
    """F1 with its interval, the threshold it holds for, and the precision and recall there."""

    value: float
    low: float
    high: float
    threshold: float
    precision: float
    recall: float


def signal_efficiency(
    y_true: ArrayLike,
    score: ArrayLike,
    background_rejection: float = 0.95,
    *,
    confidence: float = 0.95,
    n_resamples: int = 10_000,
    seed: int = 0,
) -> Estimate:
    """Return the share of the signal that is accepted where a given share of the background is rejected.

    The interval knows that the threshold, too, comes from these instances.

    Parameters
    ----------
    y_true, score : array-like (n_instances,)
        As in `roc_curve`.
    background_rejection : float
        The share of the background to reject, such as 0.95 or 0.99. Where a tie stands at that place, it is the value
        of the straight line through the tie, as if lots were drawn.
    confidence : float
        How often such intervals hold the true value, between 0 and 1.
    n_resamples : int
        Draws of the Bayesian bootstrap.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    Estimate
        `value, low, high`.

    Raises
    ------
    TypeError, ValueError
        As in `roc_curve`, or if a parameter is out of range.

    References
    ----------
    Gu, Ghosal & Roy (2008), Bayesian bootstrap estimation of ROC curve, https://doi.org/10.1002/sim.3366.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> y = rng.random(2000) < 0.1
    >>> efficiency, low, high = signal_efficiency(y, 2 * y + rng.normal(size=2000))
    >>> print(f"{efficiency:.2f} ({low:.2f} to {high:.2f})")
    0.59 (0.51 to 0.66)
    """
    fpr = 1 - check_share(background_rejection, "background_rejection", 0.95)
    band = roc_band(y_true, score, fpr=[fpr], confidence=confidence, n_resamples=n_resamples, seed=seed)
    return Estimate(float(band.tpr[0]), float(band.low[0]), float(band.high[0]))


def threshold_at_rejection(y_true: ArrayLike, score: ArrayLike, background_rejection: float = 0.95) -> float:
    """Return the least threshold whose cut `score >= threshold` rejects at least this share of the background.

    Parameters
    ----------
    y_true, score : array-like (n_instances,)
        As in `roc_curve`; best of a validation part, so that the cut is honest on the test part.
    background_rejection : float
        The share of the background to reject, such as 0.95 or 0.99.

    Returns
    -------
    float
        One of the scores; infinity where only a cut that accepts nothing is strict enough.

    Raises
    ------
    TypeError, ValueError
        As in `signal_efficiency`.

    Examples
    --------
    >>> threshold_at_rejection([False, False, False, True], [0.1, 0.2, 0.7, 0.8], 0.5)
    0.7
    """
    check_share(background_rejection, "background_rejection", 0.95)
    fpr, _, thresholds = roc_curve(y_true, score)
    # 1 - 0.95 is a little more than 0.05: that must not cost an instance.
    allowed = np.flatnonzero(fpr <= 1 - background_rejection + 1e-12)
    return float(thresholds[allowed[-1]])


def best_f1(y_true: ArrayLike, score: ArrayLike, threshold: float | None = None, *, confidence: float = 0.95) -> BestF1:
    """Return F1 at a threshold, or at the threshold where it is best.

    The best threshold of the instances it is judged on flatters: choose it on a validation part and pass it on,
    `best_f1(y_test, score_test, best_f1(y_validation, score_validation).threshold)`.

    Parameters
    ----------
    y_true, score : array-like (n_instances,)
        As in `roc_curve`.
    threshold : float, optional
        `score >= threshold` is accepted; by default the one with the best F1 here.
    confidence : float
        How often such intervals hold the true value of a given threshold, between 0 and 1.

    Returns
    -------
    BestF1
        `value, low, high, threshold, precision, recall`. Precision is NaN where nothing is accepted.

    Raises
    ------
    TypeError, ValueError
        As in `roc_curve`, or if a parameter is out of range.

    Notes
    -----
    F1 depends only on the share of right ones among the true and the accepted signal. That share is binomial, and its
    Wilson interval, turned into F1, is the one returned.

    References
    ----------
    Wilson (1927), https://doi.org/10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> best = best_f1([False, True, False, True], [0.1, 0.9, 0.3, 0.6])
    >>> best.value, best.threshold
    (1.0, 0.6)
    >>> best_f1([False, True, True], [0.7, 0.9, 0.2], best.threshold).value
    0.5
    """
    y, (values,) = check_scores(y_true, score=score)
    check_share(confidence, "confidence", 0.95)
    if threshold is None:
        false, true, thresholds = roc_counts(y, values)
        place = int(np.argmax(2 * true / (true + false + np.count_nonzero(y))))
        threshold, false, true = thresholds[place], false[place], true[place]
    elif not np.isscalar(threshold) or isinstance(threshold, str) or np.isnan(threshold):
        raise ValueError(f"threshold is {threshold!r}: give a number, or None for the one with the best F1")
    else:
        accepted = values >= threshold
        true, false = np.count_nonzero(accepted & y), np.count_nonzero(accepted & ~y)
    n_signal = np.count_nonzero(y)
    involved = n_signal + false  # truly signal, accepted, or both
    low, high = _wilson(true / involved, int(involved), confidence)
    precision = float(true / (true + false)) if true + false else math.nan
    return BestF1(_f1(true / involved), _f1(low), _f1(high), float(threshold), precision, float(true / n_signal))


def _f1(share: float) -> float:
    return float(2 * share / (1 + share))


def _wilson(share: float, n: int, confidence: float) -> tuple[float, float]:
    """Return Wilson's interval of a binomial share."""
    z = normal_quantile(confidence)
    centre = share + z**2 / (2 * n)
    half_width = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    low, high = (centre - half_width) / scale, (centre + half_width) / scale
    return min(max(low, 0.0), share), max(min(high, 1.0), share)  # rounding must not push the share out
