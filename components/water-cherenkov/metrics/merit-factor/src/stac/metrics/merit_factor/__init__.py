"""Say how well a variable separates two primaries: the distance of their means in units of their spread."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Estimate", "merit_factor"]

_MOST_CHUNKS = 4000
_BLOCK = 400_000  # draws held at once


class Estimate(NamedTuple):
    """A value and the ends of its confidence interval."""

    value: float
    low: float
    high: float


def merit_factor(
    first: ArrayLike, second: ArrayLike, *, confidence: float = 0.95, n_resamples: int = 1000, seed: int = 0
) -> Estimate:
    """Return the distance of two means over the root of the summed variances, with a bootstrap interval.

    It looks at means and variances only: of skewed variables the area under the ROC curve says more.

    Parameters
    ----------
    first, second : array-like (n_first,) and (n_second,)
        A variable, or a model's score, of instances of either primary; at least two each. Instances must be
        independent: of stations of one event give one number per event.
    confidence : float
        How often such intervals hold the true value, between 0 and 1.
    n_resamples : int
        Draws of the bootstrap.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    Estimate
        `value, low, high`. Infinity where both variances are 0 and the means differ; NaN where they do not.

    Raises
    ------
    TypeError
        If something is not a number.
    ValueError
        If there are less than two instances of a primary, something is NaN or infinite, or a parameter is out of range.

    References
    ----------
    The Pierre Auger Collaboration (2016), The Pierre Auger Observatory Upgrade: preliminary design report,
    https://arxiv.org/abs/1604.03637.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> photon, proton = rng.normal(0, 1, size=500), rng.normal(2, 1, size=800)
    >>> value, low, high = merit_factor(photon, proton)
    >>> print(f"{value:.1f} ({low:.1f} to {high:.1f})")
    1.4 (1.3 to 1.5)
    """
    a, b = _numbers(first, "first"), _numbers(second, "second")
    if isinstance(confidence, str) or not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence!r}: give a number between 0 and 1, for example 0.95")
    if isinstance(n_resamples, bool) or not isinstance(n_resamples, int | np.integer) or n_resamples < 100:
        raise ValueError(f"n_resamples is {n_resamples!r}: give a whole number of at least 100")
    distance = float(a.mean() - b.mean())
    spread = math.sqrt(a.var(ddof=1) + b.var(ddof=1))
    if spread == 0:
        value = math.inf if distance else math.nan
        return Estimate(value, value, value)
    rng = np.random.default_rng(seed)
    (means_a, variances_a), (means_b, variances_b) = (_draw(values, n_resamples, rng) for values in (a, b))
    with np.errstate(divide="ignore", invalid="ignore"):
        # With the sign of the observed one: a bare distance could not come near zero, and its interval would miss it.
        drawn = np.copysign(1, distance) * (means_a - means_b) / np.sqrt(variances_a + variances_b)
    value = abs(distance) / spread
    low, high = np.quantile(drawn[np.isfinite(drawn)], [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(value, float(min(max(low, 0), value)), float(max(high, value)))


def _draw(
    values: NDArray[np.float64], n_resamples: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and variance of each resample; many values are dealt into chunks, and whole chunks are drawn."""
    centre, n_values = values.mean(), len(values)
    n_chunks = min(n_values, _MOST_CHUNKS)
    chunk = rng.permutation(n_values) % n_chunks if n_values > n_chunks else np.arange(n_values)
    sums = [np.bincount(chunk, weights=(values - centre) ** power, minlength=n_chunks) for power in (0, 1, 2)]
    totals = np.empty((3, n_resamples))
    step = max(1, _BLOCK // n_chunks)
    for start in range(0, n_resamples, step):
        drawn = rng.integers(0, n_chunks, size=(min(step, n_resamples - start), n_chunks))
        for total, column in zip(totals, sums, strict=True):
            total[start : start + step] = column[drawn].sum(axis=1)
    n, first, second = totals
    # A resample varies less than what it was drawn from, by (n - 1) / n, and so did that.
    variances = (second - first**2 / n).clip(min=0) / n * (n_values / (n_values - 1)) ** 2
    return centre + first / n, variances


def _numbers(values: ArrayLike, name: str) -> NDArray[Any]:
    numbers = np.asarray(values)
    if numbers.dtype.kind not in "iufb":
        raise TypeError(f"{name} holds {numbers.dtype} values: give one number per instance")
    if numbers.ndim != 1 or len(numbers) < 2:
        raise ValueError(f"{name} has shape {numbers.shape}: give one number per instance, at least two")
    bad = ~np.isfinite(numbers)
    if bad.any():
        raise ValueError(f"{name} holds NaN or infinity in {bad.sum()} places, first at {bad.argmax()}: leave them out")
    return numbers.astype(np.float64)
