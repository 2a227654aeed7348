"""Thresholds of scores that are all there."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.data_processing.anomaly_threshold._pareto import fit_tail

FEWEST_SCORES = 20


def quantile_threshold(scores: ArrayLike, quantile: float = 0.99) -> float:
    """Return the least threshold that at most ``1 - quantile`` of the scores reach.

    Parameters
    ----------
    scores : array-like of shape (n_timepoints,)
        Of a part that is mostly normal; higher = more anomalous.
    quantile : float, default=0.99
        Between 0 and 1.

    Returns
    -------
    float
        ``score >= threshold`` is an alarm. Where scores tie, ties are below: constant scores raise no alarm.

    Raises
    ------
    ValueError
        If scores are empty or not finite, or the quantile is out of range.
    TypeError
        If scores are not numbers.

    Examples
    --------
    >>> quantile_threshold([3, 1, 4, 1, 5, 9, 2, 6, 5, 3], quantile=0.8)
    6.0
    """
    scores = check_scores(scores)
    check_share(quantile, "quantile")
    ordered = np.sort(scores)
    n_below = int(np.ceil(quantile * len(ordered) - 1e-9))
    tied = ordered[min(n_below, len(ordered) - 1)]
    if n_below < len(ordered) and (n_below == 0 or ordered[n_below - 1] < tied):
        return float(tied)
    above = np.searchsorted(ordered, ordered[n_below - 1], side="right")
    return float(ordered[above]) if above < len(ordered) else float(np.nextafter(ordered[-1], np.inf))


def pot_threshold(scores: ArrayLike, risk: float = 1e-4, *, initial: float = 0.98) -> float:
    """Return the threshold that normal scores reach with a small probability, even one never seen: from their tail.

    Peaks over threshold: what lies above a high quantile follows a generalised Pareto law whatever the distribution
    of the scores (Pickands, Balkema, de Haan), and that law tells how far the tail goes on.

    Parameters
    ----------
    scores : array-like of shape (n_timepoints,)
        Of a part that is mostly normal, 20 or more; higher = more anomalous.
    risk : float, default=1e-4
        Probability of an alarm at a normal time point.
    initial : float, default=0.98
        Quantile above which the tail begins. It needs some ten scores above for a shape; with fewer the tail is
        taken as exponential.

    Returns
    -------
    float
        ``score >= threshold`` is an alarm. Scores without a tail (constant ones) get the next number above them.

    Raises
    ------
    ValueError
        If scores are fewer than 20 or not finite, or a parameter is out of range.
    TypeError
        If scores are not numbers.

    References
    ----------
    Siffer, A., et al. (2017). Anomaly detection in streams with extreme value theory. KDD, 1067-1075.
    DOI 10.1145/3097983.3098144

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.random.default_rng(0).exponential(size=20_000)
    >>> bool(8 < pot_threshold(scores, risk=1e-4) < 11)  # -log(1e-4) is 9.2
    True
    """
    scores = check_scores(scores)
    check_share(risk, "risk")
    check_share(initial, "initial")
    if len(scores) < FEWEST_SCORES:
        raise ValueError(f"There are {len(scores)} scores: a tail needs {FEWEST_SCORES} or more, better thousands")
    start = float(np.quantile(scores, initial))
    excesses = scores[scores > start] - start
    return tail_threshold(start, excesses, len(scores), risk, float(scores.max()), scores)


def tail_threshold(
    start: float, excesses: NDArray, n_scores: float, risk: float, highest: float, scores: NDArray | None = None
) -> float:
    """Return where the tail that begins at ``start`` has the probability ``risk``."""
    if len(excesses) == 0:
        return float(np.nextafter(highest, np.inf))
    ratio = risk * n_scores / len(excesses)
    if ratio >= 1:  # not in the tail: the scores themselves say it
        return start if scores is None else quantile_threshold(scores, 1 - risk)
    threshold = start + fit_tail(excesses).quantile(ratio)
    return float(np.clip(threshold, np.nextafter(start, np.inf), np.finfo(np.float64).max))


def check_scores(scores: Any) -> NDArray[np.float64]:
    """Return finite scores (n,), float64."""
    values = np.asarray(scores)
    if values.dtype.kind not in "fiub":
        raise TypeError(f"scores hold {values.dtype}: give numbers, higher = more anomalous")
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"scores have shape {values.shape}: give one score for each time point, (n_timepoints,)")
    values = values.astype(np.float64)
    n_bad = int(np.count_nonzero(~np.isfinite(values)))
    if n_bad:
        raise ValueError(f"scores hold {n_bad} NaN or infinite values of {len(values)}: give finite numbers")
    return values


def check_share(value: Any, name: str) -> None:
    """Refuse what is not between 0 and 1."""
    if not isinstance(value, int | float | np.number) or not 0 < value < 1:
        raise ValueError(f"{name} is {value!r}: give a number between 0 and 1")
