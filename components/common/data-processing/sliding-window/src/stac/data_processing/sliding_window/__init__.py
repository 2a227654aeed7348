"""Cuts series into sliding windows without a copy, and brings window results back to time points."""

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

__all__ = ["count_windows", "reassemble", "sliding_windows", "spread_scores", "window_targets"]


def sliding_windows(X: np.ndarray | Sequence[np.ndarray], length: int, stride: int = 1) -> Any:
    """Cut series into windows along time: a view, which takes no memory and microseconds.

    Parameters
    ----------
    X : ndarray of shape (..., n_timepoints), or list of such arrays
        One series (n_timepoints,) or (n_channels, n_timepoints), or many; any kind of values. A list holds series
        of unequal lengths.
    length : int
        Time points in a window.
    stride : int, default=1
        Time points from the start of one window to the start of the next. What is left at the end and does not
        fill a window is not in any.

    Returns
    -------
    ndarray of shape (n_windows, ..., length), or list of such arrays
        Windows in order of time; a read-only view of ``X`` (``.copy()`` makes it an array of its own).

    Raises
    ------
    ValueError
        If a series is shorter than the window, or ``length`` or ``stride`` is below 1.
    TypeError
        If ``length`` or ``stride`` is no whole number.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]])  # two channels
    >>> sliding_windows(x, length=3, stride=2).tolist()
    [[[0, 1, 2], [5, 6, 7]], [[2, 3, 4], [7, 8, 9]]]
    """
    if not isinstance(X, list | tuple):
        return _windows(np.asarray(X), length, stride)
    if len(X) == 0:
        raise ValueError("X is an empty list: pass at least one series.")
    return [_windows(np.asarray(x), length, stride) for x in X]


def window_targets(
    X: np.ndarray, length: int, horizon: int, *, stride: int = 1, gap: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Pair every window with what follows it: inputs and targets of a forecaster, both views.

    Parameters
    ----------
    X : ndarray of shape (..., n_timepoints)
        One series (n_timepoints,) or (n_channels, n_timepoints), or many.
    length : int
        Time points in a window.
    horizon : int
        Time points that follow it and are to be forecast.
    stride : int, default=1
        Time points from the start of one window to the start of the next.
    gap : int, default=0
        Time points between a window and its target, which are in neither.

    Returns
    -------
    windows : ndarray of shape (n_windows, ..., length)
    targets : ndarray of shape (n_windows, ..., horizon)
        Read-only views of ``X``.

    Raises
    ------
    ValueError
        If ``X`` is shorter than a window, gap and target together, or a number is out of range.
    TypeError
        If a number is no whole number.

    Examples
    --------
    >>> import numpy as np
    >>> windows, targets = window_targets(np.arange(6), length=3, horizon=1)
    >>> windows.tolist(), targets.tolist()
    ([[0, 1, 2], [1, 2, 3], [2, 3, 4]], [[3], [4], [5]])
    """
    length, horizon = _whole(length, "length", 1), _whole(horizon, "horizon", 1)
    gap = _whole(gap, "gap", 0)
    whole = _windows(np.asarray(X), length + gap + horizon, stride)
    return whole[..., :length], whole[..., length + gap :]


def count_windows(n_timepoints: int, length: int, stride: int = 1) -> int:
    """Return how many windows ``sliding_windows`` cuts: 0 where a series is too short.

    Parameters
    ----------
    n_timepoints, length, stride : int
        Time points of the series and of a window, and from one window's start to the next.

    Returns
    -------
    int
        Number of windows.

    Examples
    --------
    >>> count_windows(10, length=4, stride=3), count_windows(3, length=4)
    (3, 0)
    """
    n_timepoints = _whole(n_timepoints, "n_timepoints", 0)
    length, stride = _whole(length, "length", 1), _whole(stride, "stride", 1)
    return max(0, (n_timepoints - length) // stride + 1)


def reassemble(
    windows: np.ndarray, n_timepoints: int | None = None, *, stride: int = 1, reduce: str = "mean"
) -> np.ndarray:
    """Bring windows back to time points: overlapping windows are averaged, or the largest value counts.

    Parameters
    ----------
    windows : ndarray of shape (n_windows, ..., length)
        Values of windows as ``sliding_windows`` cuts them, such as reconstructions or point scores. A missing value
        (NaN) makes its time point missing.
    n_timepoints : int, optional
        Length of the series; by default what the windows cover.
    stride : int, default=1
        As the windows were cut.
    reduce : {"mean", "max"}, default="mean"
        What becomes of values of the same time point.

    Returns
    -------
    ndarray of shape (..., n_timepoints)
        Floating-point values; NaN where no window is.

    Raises
    ------
    ValueError
        If there is no window, or they cover more than ``n_timepoints``, or ``reduce`` is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> reassemble(np.array([[1, 2, 3], [4, 5, 6]]), n_timepoints=5).tolist()
    [1.0, 3.0, 4.0, 6.0, nan]
    """
    windows, stride = np.asarray(windows), _whole(stride, "stride", 1)
    if windows.ndim < 2 or windows.size == 0:
        raise ValueError(f"windows have shape {windows.shape}, expected (n_windows, ..., length) with at least one.")
    if reduce not in ("mean", "max"):
        raise ValueError(f'reduce={reduce!r} is unknown: use "mean" or "max".')
    if windows.dtype.kind not in "fiub":
        raise TypeError(f"windows hold {windows.dtype}, expected numbers: convert them with .astype('float32').")
    (n, length), shape = (len(windows), windows.shape[-1]), windows.shape[1:-1]
    covered = (n - 1) * stride + length
    n_timepoints = covered if n_timepoints is None else _whole(n_timepoints, "n_timepoints", 1)
    if n_timepoints < covered:
        raise ValueError(
            f"{n} windows of {length} with stride {stride} cover {covered} time points, more than "
            f"n_timepoints={n_timepoints}: pass the stride and length they were cut with."
        )
    add, start = (np.add, 0) if reduce == "mean" else (np.maximum, -np.inf)
    dtype = windows.dtype if windows.dtype.kind == "f" else np.float64
    total, count = np.full((*shape, n_timepoints), start, dtype), np.zeros(n_timepoints, np.int64)
    # Point k of all windows at once, or all points of window i: whichever is the shorter loop.
    if length <= n:
        pieces = (
            (slice(k, k + (n - 1) * stride + 1, stride), np.moveaxis(windows[..., k], 0, -1)) for k in range(length)
        )
    else:
        pieces = ((slice(i * stride, i * stride + length), windows[i]) for i in range(n))
    for where, values in pieces:
        add(total[..., where], values, out=total[..., where])
        count[where] += 1
    total[..., count == 0] = np.nan
    return total / np.maximum(count, 1).astype(dtype) if reduce == "mean" else total


def spread_scores(
    scores: np.ndarray, length: int, n_timepoints: int | None = None, *, stride: int = 1, reduce: str = "mean"
) -> np.ndarray:
    """Turn one score for each window into one for each time point, from the windows that cover it.

    Parameters
    ----------
    scores : ndarray of shape (n_windows,)
        Score of each window, in order of time.
    length : int
        Time points in a window.
    n_timepoints : int, optional
        Length of the series; by default what the windows cover. Points after the last window take its last value.
    stride : int, default=1
        As the windows were cut; where it leaves points between windows, they take the value before them.
    reduce : {"mean", "max"}, default="mean"
        What becomes of the scores of windows that overlap.

    Returns
    -------
    ndarray of shape (n_timepoints,)
        Finite where the scores are.

    Raises
    ------
    ValueError
        If there is no score, it has other dimensions, or windows cover more than ``n_timepoints``.

    Examples
    --------
    >>> import numpy as np
    >>> spread_scores(np.array([0.0, 1.0, 0.0]), length=2, n_timepoints=5).tolist()
    [0.0, 0.5, 0.5, 0.0, 0.0]
    """
    scores, length = np.asarray(scores), _whole(length, "length", 1)
    if scores.ndim != 1 or scores.size == 0:
        raise ValueError(f"scores have shape {scores.shape}, expected (n_windows,): one score for each window.")
    stride = _whole(stride, "stride", 1)
    points = reassemble(
        np.broadcast_to(scores[:, None], (len(scores), length)), n_timepoints, stride=stride, reduce=reduce
    )
    at = np.arange(len(points))
    last_covered = np.minimum(at // stride, len(scores) - 1) * stride + length - 1
    return points[np.minimum(at, last_covered)]


def _windows(x: np.ndarray, length: int, stride: int) -> np.ndarray:
    length, stride = _whole(length, "length", 1), _whole(stride, "stride", 1)
    if x.ndim == 0:
        raise ValueError("X is a single number, expected series (..., n_timepoints): np.array(X) makes one of a list.")
    if x.shape[-1] < length:
        raise ValueError(
            f"X has {x.shape[-1]} time points, fewer than the {length} of a window: "
            "pass longer series or a smaller length."
        )
    windows = np.lib.stride_tricks.sliding_window_view(x, length, axis=-1)[..., ::stride, :]
    return np.moveaxis(windows, -2, 0)


def _whole(value: int, name: str, least: int) -> int:
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} is no whole number: pass an integer of at least {least}.") from None
    if number < least:
        raise ValueError(f"{name}={value} is too small: pass an integer of at least {least}.")
    return number
