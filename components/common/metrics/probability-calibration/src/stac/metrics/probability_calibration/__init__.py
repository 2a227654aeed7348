"""Say whether probabilities mean what they say, and mend those of an over-confident network."""

import math
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.metrics.probability_calibration._inputs import check_binary, check_bins
from stac.metrics.probability_calibration._temperature import apply_temperature, fit_temperature

__all__ = [
    "BrierScore",
    "ReliabilityCurve",
    "apply_temperature",
    "brier_score",
    "calibration_error_by_chance",
    "expected_calibration_error",
    "fit_temperature",
    "reliability_curve",
]


class ReliabilityCurve(NamedTuple):
    """A row for each bin with instances, each array (n_bins,)."""

    low: NDArray[np.float64]  #: the least and the greatest probability in the bin
    high: NDArray[np.float64]
    n: NDArray[np.intp]  #: instances
    predicted: NDArray[np.float64]  #: mean probability
    observed: NDArray[np.float64]  #: share of True …
    observed_low: NDArray[np.float64]  #: … and its Wilson interval
    observed_high: NDArray[np.float64]


class BrierScore(NamedTuple):
    """The mean squared error of probabilities: `value = reliability - resolution + uncertainty + within_bins`."""

    value: float
    reliability: float  #: how far bins are off: 0 is calibrated
    resolution: float  #: how much bins differ: more is better
    uncertainty: float  #: of the labels alone
    within_bins: float  #: what the bins are too coarse to see


def reliability_curve(
    y_true: ArrayLike,
    probability: ArrayLike,
    *,
    n_bins: int = 10,
    bins: Literal["mass", "width"] = "mass",
    confidence: float = 0.95,
) -> ReliabilityCurve:
    """Compare probabilities with how often it was true, bin by bin.

    Parameters
    ----------
    y_true : array-like (n_instances,)
        Booleans, or 1 and 0.
    probability : array-like (n_instances,)
        Of True, from 0 to 1.
    n_bins : int
        How many bins at most.
    bins : {"mass", "width"}
        Equally many instances in each bin, or bins of equal width. Instances of one probability are never torn apart.
    confidence : float
        Of the Wilson intervals, between 0 and 1.

    Returns
    -------
    ReliabilityCurve
        `low, high, n, predicted, observed, observed_low, observed_high`; bins without instances are left out.

    Raises
    ------
    TypeError
        If probabilities are no numbers.
    ValueError
        If labels are not boolean, lengths differ, nothing is given, a probability is NaN or not from 0 to 1, or a
        parameter is out of range.

    References
    ----------
    Wilson (1927), https://doi.org/10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> curve = reliability_curve([0, 0, 1, 0, 1, 1], [0.1, 0.1, 0.1, 0.8, 0.8, 0.8], n_bins=2)
    >>> curve.predicted.round(2).tolist(), curve.observed.round(2).tolist()
    ([0.1, 0.8], [0.33, 0.67])
    """
    y, p = check_binary(y_true, probability)
    if isinstance(confidence, str) or not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence!r}: give a number between 0 and 1, for example 0.95")
    place = _bins(p, check_bins(n_bins), bins)
    n, (sum_p, sum_y) = np.bincount(place), _sums(place, p, y)
    low, high = np.full(len(n), np.inf), np.full(len(n), -np.inf)
    np.minimum.at(low, place, p)
    np.maximum.at(high, place, p)
    observed = sum_y / n
    return ReliabilityCurve(low, high, n, sum_p / n, observed, *_wilson(observed, n, confidence))


def brier_score(y_true: ArrayLike, probability: ArrayLike, *, n_bins: int = 10) -> BrierScore:
    """Return the Brier score and its parts: reliability, resolution and uncertainty.

    Parameters
    ----------
    y_true, probability : array-like (n_instances,)
        As in `reliability_curve`.
    n_bins : int
        Bins of equally many instances for the parts; the score itself needs none.

    Returns
    -------
    BrierScore
        `value, reliability, resolution, uncertainty, within_bins`. Murphy's parts are exact where all probabilities of
        a bin are the same; what they differ inside is `within_bins`, mostly tiny.

    Raises
    ------
    TypeError, ValueError
        As in `reliability_curve`.

    References
    ----------
    Murphy (1973), https://doi.org/10.1175/1520-0450(1973)012<0595:ANVPOT>2.0.CO;2; within bins: Stephenson, Coelho &
    Jolliffe (2008), https://doi.org/10.1175/2007WAF2006116.1.

    Examples
    --------
    >>> score = brier_score([0, 0, 1, 1], [0.1, 0.1, 0.1, 0.9], n_bins=2)
    >>> round(score.value, 4), score.uncertainty
    (0.21, 0.25)
    """
    y, p = check_binary(y_true, probability)
    place = _bins(p, check_bins(n_bins))
    n, (sum_p, sum_y) = np.bincount(place), _sums(place, p, y)
    share = y.mean()
    value = float(np.mean((p - y) ** 2))
    reliability = float(np.sum((sum_p - sum_y) ** 2 / n) / len(y))
    resolution = float(np.sum(n * (sum_y / n - share) ** 2) / len(y))
    uncertainty = float(share * (1 - share))
    return BrierScore(value, reliability, resolution, uncertainty, value - reliability + resolution - uncertainty)


def expected_calibration_error(y_true: ArrayLike, probability: ArrayLike, *, n_bins: int = 10) -> float:
    """Return the mean distance between probability and share of True, over bins of equally many instances.

    It is never 0, even of perfect probabilities: compare it with `calibration_error_by_chance`.

    Parameters
    ----------
    y_true, probability : array-like (n_instances,)
        As in `reliability_curve`.
    n_bins : int
        How many bins.

    Returns
    -------
    float
        From 0 to 1, 0 is calibrated.

    Raises
    ------
    TypeError, ValueError
        As in `reliability_curve`.

    References
    ----------
    Naeini, Cooper & Hauskrecht (2015), https://doi.org/10.1609/aaai.v29i1.9602; bins of equal mass: Nixon et al.
    (2019), Measuring calibration in deep learning.

    Examples
    --------
    >>> round(expected_calibration_error([0, 1, 1, 1], [0.3, 0.3, 0.9, 0.9], n_bins=2), 3)
    0.15
    """
    y, p = check_binary(y_true, probability)
    sum_p, sum_y = _sums(_bins(p, check_bins(n_bins)), p, y)
    return float(np.abs(sum_p - sum_y).sum() / len(y))


def calibration_error_by_chance(probability: ArrayLike, *, n_bins: int = 10) -> float:
    """Return the calibration error to expect of these probabilities if they were perfectly calibrated.

    Parameters
    ----------
    probability : array-like (n_instances,)
        Of True, from 0 to 1.
    n_bins : int
        As in `expected_calibration_error`.

    Returns
    -------
    float
        The mean, with the number of True in a bin taken for normal.

    Raises
    ------
    TypeError, ValueError
        As in `reliability_curve`.

    Examples
    --------
    >>> p = np.random.default_rng(0).random(1000)
    >>> round(calibration_error_by_chance(p), 3)
    0.032
    """
    _, p = check_binary(np.zeros(np.shape(probability), dtype=bool), probability)
    (variance,) = _sums(_bins(p, check_bins(n_bins)), p * (1 - p))
    return float(np.sqrt(variance * 2 / math.pi).sum() / len(p))


def _bins(p: NDArray[np.float64], n_bins: int, bins: str = "mass") -> NDArray[np.intp]:
    """Return the bin of each instance, from 0 on, none of them empty."""
    if bins == "width":
        place = np.minimum((p * n_bins).astype(np.intp), n_bins - 1)
    elif bins == "mass":
        n_below = np.searchsorted(np.sort(p), p, side="left")  # the same for the same probability
        place = n_below * n_bins // len(p)
    else:
        raise ValueError(f"bins is {bins!r}: give 'mass' (equally many instances) or 'width'")
    return np.unique(place, return_inverse=True)[1]


def _sums(place: NDArray[np.intp], *columns: NDArray) -> list[NDArray[np.float64]]:
    return [np.bincount(place, weights=column) for column in columns]


def _wilson(
    share: NDArray[np.float64], n: NDArray[np.intp], confidence: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    centre = share + z**2 / (2 * n)
    half_width = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    low, high = (centre - half_width) / scale, (centre + half_width) / scale
    return np.minimum(low.clip(min=0), share), np.maximum(high.clip(max=1), share)
