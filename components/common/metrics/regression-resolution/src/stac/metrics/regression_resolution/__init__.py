"""Say how far off estimates are, and how much they scatter, with an interval around each number."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.metrics.regression_resolution._bootstrap import draw_moments, draw_quantiles

__all__ = ["Estimate", "Resolution", "bias_and_resolution"]

_ONE_SIGMA = np.array([0.15865525, 0.5, 0.84134475])  # the quantiles at -1, 0 and 1 standard deviation of a normal


class Estimate(NamedTuple):
    """A value and the ends of its confidence interval."""

    value: float
    low: float
    high: float


class Resolution(NamedTuple):
    """Bias and resolution of estimates, in the unit of the target, or as shares of it."""

    bias_mean: Estimate
    bias_median: Estimate
    std: Estimate  #: standard deviation of the error; one outlier moves it
    half_width_68: Estimate  #: half the width of the middle 68 % of the errors; outliers do not move it
    n: int


def bias_and_resolution(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    relative: bool = False,
    confidence: float = 0.95,
    n_resamples: int = 1000,
    seed: int = 0,
) -> Resolution:
    """Return the bias (mean and median error) and the resolution (standard deviation, 68 % half width) of estimates.

    Parameters
    ----------
    y_true, y_pred : array-like (n_instances,)
        True values and estimates, at least two; the error is estimate minus truth.
    relative : bool
        Whether the error is divided by the true value, which must then not be 0.
    confidence : float
        How often such intervals hold the true value, between 0 and 1.
    n_resamples : int
        Draws of the bootstrap.
    seed : int
        The same seed gives the same intervals.

    Returns
    -------
    Resolution
        `bias_mean, bias_median, std, half_width_68`, each with `value, low, high`, and `n`. For normal errors `std` and
        `half_width_68` are the same; where `std` is much larger there are outliers.

    Raises
    ------
    TypeError
        If something is not a number.
    ValueError
        If lengths differ, there are less than two instances, something is NaN or infinite, a true value is 0 with
        `relative`, or a parameter is out of range.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, https://doi.org/10.1201/9780429246593.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> energy = rng.uniform(1, 10, size=2000)
    >>> result = bias_and_resolution(energy, energy * rng.normal(1.05, 0.1, size=2000), relative=True)
    >>> round(result.bias_mean.value, 2), round(result.half_width_68.value, 1), result.std.low < 0.1 < result.std.high
    (0.05, 0.1, True)
    """
    error = _errors(y_true, y_pred, relative)
    _check_parameters(confidence, n_resamples)
    rng = np.random.default_rng(seed)
    low, median, high = np.quantile(error, _ONE_SIGMA)
    means, stds = draw_moments(error, n_resamples, rng)
    lows, medians, highs = draw_quantiles(error, _ONE_SIGMA, n_resamples, rng)
    drawn = {
        "bias_mean": (error.mean(), means),
        "bias_median": (median, medians),
        "std": (error.std(ddof=1), stds),
        "half_width_68": ((high - low) / 2, (highs - lows) / 2),
    }
    return Resolution(**{name: _estimate(*both, confidence) for name, both in drawn.items()}, n=len(error))


def _estimate(value: Any, drawn: NDArray[np.float64], confidence: float) -> Estimate:
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(float(value), float(min(low, value)), float(max(high, value)))


def _errors(y_true: ArrayLike, y_pred: ArrayLike, relative: bool) -> NDArray[np.float64]:
    true, pred = _numbers(y_true, "y_true"), _numbers(y_pred, "y_pred")
    if true.shape != pred.shape:
        raise ValueError(f"y_true has {len(true)} values and y_pred {len(pred)}: give one estimate for each")
    if len(true) < 2:
        raise ValueError(f"y_true has {len(true)} values: a resolution needs at least two")
    if not relative:
        return pred - true
    if (true == 0).any():
        raise ValueError(f"y_true is 0 in {(true == 0).sum()} places: relative errors need true values other than 0")
    return (pred - true) / true


def _numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    numbers = np.asarray(values)
    if numbers.dtype.kind not in "iufb":
        raise TypeError(f"{name} holds {numbers.dtype} values: give one number per instance")
    if numbers.ndim != 1:
        raise ValueError(f"{name} has shape {numbers.shape}: give one number per instance, (n_instances,)")
    bad = ~np.isfinite(numbers)
    if bad.any():
        raise ValueError(f"{name} holds NaN or infinity in {bad.sum()} places, first at {bad.argmax()}: leave them out")
    return numbers.astype(np.float64)


def _check_parameters(confidence: Any, n_resamples: Any) -> None:
    if isinstance(confidence, str) or not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence!r}: give a number between 0 and 1, for example 0.95")
    if isinstance(n_resamples, bool) or not isinstance(n_resamples, int | np.integer) or n_resamples < 100:
        raise ValueError(f"n_resamples is {n_resamples!r}: give a whole number of at least 100")
