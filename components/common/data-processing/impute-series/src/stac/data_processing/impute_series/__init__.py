"""Fills missing values of time series from what is known around them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from stac.data_processing.impute_series._fill import FILL, gap_lengths

__all__ = ["impute_series"]

# Values in a block: few enough that the passes over it find it in the cache, many enough to hide numpy's calls.
BLOCK_SIZE = 64 * 1024


def impute_series(
    X: np.ndarray | Sequence[np.ndarray],
    method: str | float = "linear",
    *,
    season_length: int | None = None,
    max_gap: int | None = None,
    all_missing: float | None = None,
) -> Any:
    """Fill missing values (NaN), every channel of every series from its own known values.

    Parameters
    ----------
    X : ndarray of shape (..., n_timepoints), or list of such arrays
        One series (n_timepoints,) or (n_channels, n_timepoints), or many; a list holds series of unequal lengths.
    method : {"linear", "nearest", "forward", "backward", "mean", "median", "seasonal"} or number, default="linear"
        "linear" draws a line from the last known to the next known value; "forward" repeats the last known one (the
        only method that never looks ahead, after the first known value), "backward" the next, "nearest" the nearer.
        "seasonal" adds the usual course of a season to the line. A number fills with that number.
        Before the first and after the last known value, neighbours from one side decide.
    season_length : int, optional
        Time points in a season, for "seasonal": 24 for hourly values with a daily course.
    max_gap : int, optional
        Longest gap that is filled, in time points; longer ones stay missing. By default all are filled.
    all_missing : float, optional
        What a channel without any known value is filled with; by default it is an error.

    Returns
    -------
    ndarray, or list of ndarray
        A new array (or list of arrays) of the same shape: float64 where ``X`` is, else float32.

    Raises
    ------
    ValueError
        If a channel has no known value (see ``all_missing``), ``X`` is empty or holds infinities, a parameter is out
        of range, or for "seasonal" a series has less than two seasons.
    TypeError
        If ``X`` does not hold numbers.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([np.nan, 1, np.nan, np.nan, 4, np.nan])
    >>> impute_series(x).tolist()
    [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]
    >>> impute_series(x, "forward", max_gap=1).tolist()
    [1.0, 1.0, nan, nan, 4.0, 4.0]
    """
    _check_parameters(method, season_length, max_gap)
    options = (method, season_length, max_gap, all_missing)
    if not isinstance(X, list | tuple):
        return _impute(np.asarray(X), "X", *options)
    if len(X) == 0:
        raise ValueError("X is an empty list: pass at least one series.")
    return [_impute(np.asarray(x), f"X[{i}]", *options) for i, x in enumerate(X)]


def _impute(
    x: np.ndarray,
    name: str,
    method: str | float,
    season_length: int | None,
    max_gap: int | None,
    all_missing: float | None,
) -> np.ndarray:
    filled = _as_new_floats(x, name)
    n = filled.shape[-1]
    if method == "seasonal" and season_length is not None and n < 2 * season_length:
        raise ValueError(
            f"{name} has {n} time points, less than two seasons of {season_length}: pass longer series, or "
            'method="linear".'
        )
    rows = filled.reshape(-1, n)
    finite = np.isfinite(rows)
    gappy = np.flatnonzero(~finite.all(axis=1))
    step = max(1, BLOCK_SIZE // n)
    for start in range(0, len(gappy), step):
        chosen = gappy[start : start + step]
        block = rows[chosen]
        missing = np.isnan(block)
        _refuse_infinities(chosen[(missing == finite[chosen]).any(axis=1)], name, filled.shape)
        empty = missing.all(axis=1)
        _fill_empty(block, empty, chosen, all_missing, name, filled.shape)
        missing[empty] = False
        values = FILL[method](block, missing, season_length) if isinstance(method, str) else method
        if max_gap is None:
            block[missing] = values
        else:
            short = gap_lengths(missing) <= max_gap
            block[np.nonzero(missing)] = np.where(short, values, np.nan)
        rows[chosen] = block
    return filled


def _fill_empty(
    block: np.ndarray, empty: np.ndarray, rows: np.ndarray, value: float | None, name: str, shape: tuple[int, ...]
) -> None:
    if not empty.any():
        return
    if value is None:
        raise ValueError(
            f"{_place(name, rows[empty.argmax()], shape)} has no known value: leave it out, or fill it with "
            "all_missing=0."
        )
    block[empty] = value


def _refuse_infinities(rows: np.ndarray, name: str, shape: tuple[int, ...]) -> None:
    if len(rows):
        raise ValueError(
            f"{_place(name, rows[0], shape)} holds infinities: set them to NaN where they stand for missing values."
        )


def _place(name: str, row: int, shape: tuple[int, ...]) -> str:
    """Return how a user would index the series, such as ``X[3, 0]``."""
    indices = np.unravel_index(row, shape[:-1]) if len(shape) > 1 else ()
    return name + (f"[{', '.join(str(i) for i in indices)}]" if indices else "")


def _as_new_floats(x: np.ndarray, name: str) -> np.ndarray:
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {x.dtype}, expected numbers: convert it with .astype('float32').")
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"{name} has shape {x.shape}, expected (..., n_timepoints) with at least one value.")
    return np.array(x, dtype=np.float64 if x.dtype == np.float64 else np.float32, order="C")


def _check_parameters(method: str | float, season_length: int | None, max_gap: int | None) -> None:
    if isinstance(method, str):
        if method not in FILL:
            raise ValueError(f"method={method!r} is unknown: use one of {', '.join(FILL)}, or a number.")
    elif isinstance(method, bool) or not isinstance(method, int | float | np.number) or not np.isfinite(method):
        raise ValueError(f"method={method!r} is neither a method nor a finite number: use one of {', '.join(FILL)}.")
    whole = int | np.integer
    if method == "seasonal" and not (isinstance(season_length, whole) and season_length > 1):
        raise ValueError(
            f'season_length={season_length!r}, but method="seasonal" needs the time points in a season, 2 or more.'
        )
    if max_gap is not None and not (isinstance(max_gap, whole) and max_gap > 0):
        raise ValueError(f"max_gap={max_gap!r} is no number of time points: pass 1 or more, or None for all gaps.")
