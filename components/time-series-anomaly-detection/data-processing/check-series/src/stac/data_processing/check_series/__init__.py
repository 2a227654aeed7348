"""Checks one series before a detector works on it, and says in one sentence what is wrong with it."""

from typing import Any

import numpy as np

__all__ = ["check_series"]


def check_series(series: Any, *, min_timepoints: int = 1, n_channels: int | None = None, why: str = "") -> np.ndarray:
    """Return the series as an array of channels, or raise an error that says what to do.

    Parameters
    ----------
    series : array-like of shape (n_channels, n_timepoints) or (n_timepoints,)
        One series.
    min_timepoints : int, default=1
        Time points it must have.
    n_channels : int, optional
        Channels it must have, such as those seen in ``fit``.
    why : str, default=""
        What needs so many time points, for the message: ``"a window"``.

    Returns
    -------
    ndarray of shape (n_channels, n_timepoints), float32 or float64
        The series; without a copy where that is possible.

    Raises
    ------
    ValueError
        If the series has other dimensions or channels, is empty or too short, or holds NaN or infinities.
    TypeError
        If it does not hold numbers.

    Examples
    --------
    >>> check_series([1, 2, 3])
    array([[1., 2., 3.]])
    >>> check_series([1, 2, 3], min_timepoints=10, why="a window")
    Traceback (most recent call last):
    ...
    ValueError: The series has 3 time points, fewer than the 10 of a window: pass a longer one.
    """
    series = np.asarray(series)
    if series.dtype.kind not in "fiub":
        raise TypeError(f"The series holds {series.dtype}, expected numbers: convert it with .astype('float32').")
    if series.ndim == 1:
        series = series[None]
    if series.ndim != 2 or series.shape[0] == 0:
        raise ValueError(
            f"The series has shape {series.shape}, expected (n_channels, n_timepoints): pass one series at a time."
        )
    if series.shape[1] < max(min_timepoints, 1):
        needed = f"the {min_timepoints} of {why}" if why else f"the {max(min_timepoints, 1)} that are needed"
        raise ValueError(f"The series has {series.shape[1]} time points, fewer than {needed}: pass a longer one.")
    if n_channels is not None and series.shape[0] != n_channels:
        hint = "transpose it" if series.shape[1] == n_channels else "pass the same channels"
        raise ValueError(f"The series has {series.shape[0]} channels, but fit saw {n_channels}: {hint}.")
    if series.dtype not in (np.float32, np.float64):
        series = series.astype(np.float64)
    _refuse_gaps(series)
    return series


def _refuse_gaps(series: np.ndarray) -> None:
    if np.isfinite(np.einsum("ij->", series, dtype=np.float64)):  # one number tells of any gap, without a mask
        return
    finite = np.isfinite(series)
    if finite.all():
        return
    channel = int((~finite).any(axis=1).argmax())
    missing = np.isnan(series[channel])
    if missing.all():
        raise ValueError(f"Channel {channel} of the series is NaN throughout: leave it out.")
    if not missing.any():
        raise ValueError(
            f"Channel {channel} of the series holds infinities, the first at time point "
            f"{int((~finite[channel]).argmax())}: correct them."
        )
    raise ValueError(
        f"Channel {channel} of the series holds NaN at {missing.sum()} of {missing.size} time points, the first "
        f"at {int(missing.argmax())}: fill the gaps first, for instance by interpolation."
    )
