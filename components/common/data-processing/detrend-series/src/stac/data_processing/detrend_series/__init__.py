"""Takes trends and seasons out of series by fitting or differencing, and puts differences back."""

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from stac.data_processing.detrend_series._trends import moving_mean, polynomial

__all__ = ["detrend", "difference", "undo_difference"]

# Values in a block: few enough that the passes over it find it in the cache, many enough to hide numpy's calls.
BLOCK_SIZE = 64 * 1024


def detrend(
    X: np.ndarray | Sequence[np.ndarray], degree: int = 1, *, window: int | None = None, return_trend: bool = False
) -> Any:
    """Subtract from every channel its own trend: a fitted polynomial, or a moving mean.

    Parameters
    ----------
    X : ndarray of shape (..., n_timepoints), or list of such arrays
        One series (n_timepoints,) or (n_channels, n_timepoints), or many; a list holds series of unequal lengths.
        Missing values (NaN) do not count and stay missing.
    degree : int, default=1
        Of the polynomial, fitted by least squares: 0 subtracts the mean, 1 a line, 2 a parabola.
    window : int, optional
        Subtract instead the mean of so many time points around each one; with the length of a season, the season stays
        and the level goes. Near the ends it is the mean of those that are there.
    return_trend : bool, default=False
        Return the trend, too: series and trend add up to ``X``.

    Returns
    -------
    ndarray, or list of ndarray, or a pair of them with ``return_trend``
        New arrays of the same shape: float64 where ``X`` is, else float32.

    Raises
    ------
    ValueError
        If a series is empty, or ``degree`` or ``window`` is out of range.
    TypeError
        If ``X`` does not hold numbers.

    Examples
    --------
    >>> import numpy as np
    >>> detrend(np.array([1, 3, 5, 7]), degree=0).round(3).tolist()
    [-3.0, -1.0, 1.0, 3.0]
    >>> detrend(np.array([1, 1, 4, 1, 1]), window=3).tolist()
    [0.0, -1.0, 2.0, -1.0, 0.0]
    """
    degree = _whole(degree, "degree", 0)
    if window is not None:
        window = _whole(window, "window", 1)
    if isinstance(X, list | tuple):
        if len(X) == 0:
            raise ValueError("X is an empty list: pass at least one series.")
        pairs = [_detrend(_as_floats(np.asarray(x), f"X[{i}]"), degree, window) for i, x in enumerate(X)]
        series, trends = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return (series, trends) if return_trend else series
    pair = _detrend(_as_floats(np.asarray(X), "X"), degree, window)
    return pair if return_trend else pair[0]


def difference(X: np.ndarray | Sequence[np.ndarray], order: int = 1, *, lag: int = 1) -> Any:
    """Return what changed since ``lag`` time points ago.

    Parameters
    ----------
    X : ndarray of shape (..., n_timepoints), or list of such arrays
        One series (n_timepoints,) or (n_channels, n_timepoints), or many; a list holds series of unequal lengths.
    order : int, default=1
        How often differences are taken: 1 takes a level out, 2 a line.
    lag : int, default=1
        Time points back; the length of a season takes the season out.

    Returns
    -------
    ndarray of shape (..., n_timepoints - order * lag), or list of such arrays
        float64 where ``X`` is, else float32; NaN where either value is missing.

    Raises
    ------
    ValueError
        If a series is no longer than ``order * lag``, or a parameter is out of range.
    TypeError
        If ``X`` does not hold numbers.

    Examples
    --------
    >>> import numpy as np
    >>> difference(np.array([1, 2, 4, 7])).tolist()
    [1.0, 2.0, 3.0]
    """
    order, lag = _whole(order, "order", 1), _whole(lag, "lag", 1)
    if isinstance(X, list | tuple):
        if len(X) == 0:
            raise ValueError("X is an empty list: pass at least one series.")
        return [_difference(_as_floats(np.asarray(x), f"X[{i}]"), order, lag, f"X[{i}]") for i, x in enumerate(X)]
    return _difference(_as_floats(np.asarray(X), "X"), order, lag, "X")


def undo_difference(differences: np.ndarray, before: np.ndarray, order: int = 1, *, lag: int = 1) -> np.ndarray:
    """Turn differences, such as forecast ones, back into values that continue a series.

    Parameters
    ----------
    differences : ndarray of shape (..., n_timepoints)
        As ``difference`` gives them, or forecasts of them.
    before : ndarray of shape (..., order * lag)
        The values of the series right before those to be returned: of a round trip the first, of a forecast the last.
    order, lag : int, default=1
        As in ``difference``.

    Returns
    -------
    ndarray of shape (..., n_timepoints)
        The values that follow ``before``; a missing difference makes all that build on it missing.

    Raises
    ------
    ValueError
        If ``before`` does not fit, or a parameter is out of range.
    TypeError
        If there are no numbers.

    Examples
    --------
    >>> import numpy as np
    >>> undo_difference(np.array([2.0, 3.0]), before=np.array([2.0])).tolist()
    [4.0, 7.0]
    """
    order, lag = _whole(order, "order", 1), _whole(lag, "lag", 1)
    differences, before = _as_floats(np.asarray(differences), "differences"), _as_floats(np.asarray(before), "before")
    if before.shape != (*differences.shape[:-1], order * lag):
        raise ValueError(
            f"before has shape {before.shape}, expected {(*differences.shape[:-1], order * lag)}: the "
            f"order * lag = {order * lag} values right before those to be returned."
        )
    values = differences.astype(np.float64)
    starts = [before.astype(np.float64)]
    for _ in range(order - 1):
        starts.append(starts[-1][..., lag:] - starts[-1][..., :-lag])
    for start in reversed(starts):
        for phase in range(min(lag, values.shape[-1])):
            first = start[..., start.shape[-1] - lag + phase, None]
            values[..., phase::lag] = first + values[..., phase::lag].cumsum(axis=-1)
    return values.astype(differences.dtype)


def _detrend(x: np.ndarray, degree: int, window: int | None) -> tuple[np.ndarray, np.ndarray]:
    rows = x.reshape(-1, x.shape[-1])
    fit = polynomial(rows.shape[1], degree) if window is None else moving_mean(rows.shape[1], window)
    trend = np.empty(rows.shape, x.dtype)
    series = np.empty(rows.shape, x.dtype)
    step = max(1, BLOCK_SIZE // rows.shape[1])
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        fitted = fit(rows[block])
        trend[block] = fitted
        np.subtract(rows[block], fitted, out=series[block], casting="same_kind")
    return series.reshape(x.shape), trend.reshape(x.shape)


def _difference(x: np.ndarray, order: int, lag: int, name: str) -> np.ndarray:
    if x.shape[-1] <= order * lag:
        raise ValueError(
            f"{name} has {x.shape[-1]} time points, but differences of order {order} and lag {lag} need more than "
            f"{order * lag}: pass longer series or smaller numbers."
        )
    for _ in range(order):
        x = x[..., lag:] - x[..., :-lag]
    return x


def _as_floats(x: np.ndarray, name: str) -> np.ndarray:
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {x.dtype}, expected numbers: convert it with .astype('float32').")
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"{name} has shape {x.shape}, expected (..., n_timepoints) with at least one value.")
    return x if x.dtype in (np.float32, np.float64) else x.astype(np.float32)


def _whole(value: int, name: str, least: int) -> int:
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} is no whole number: pass an integer of at least {least}.") from None
    if number < least:
        raise ValueError(f"{name}={value} is too small: pass an integer of at least {least}.")
    return number
