"""Brings series to another, or to one common, number of time points."""

from collections.abc import Sequence

import numpy as np

from stac.data_processing.resample_series._methods import METHODS

try:
    from stac.numerics import kernels
except ImportError:  # the extra "fast": the same results, sooner
    kernels = None

__all__ = ["resample_series"]

# Values in a block: few enough that the passes over it find it in the cache, many enough to hide numpy's calls.
BLOCK_SIZE = 64 * 1024
WORTH_A_CALL = 16 * 1024  # new values from which the compiled kernel is the faster way


def resample_series(
    X: np.ndarray | Sequence[np.ndarray], n_timepoints: int | None = None, method: str = "linear"
) -> np.ndarray:
    """Resample series, of equal or unequal lengths, to one number of time points.

    Parameters
    ----------
    X : ndarray of shape (..., n_timepoints_before), or list of such arrays
        One series (n_timepoints_before,) or (n_channels, n_timepoints_before), or many; a list holds series of
        unequal lengths. NaN marks a missing value.
    n_timepoints : int, optional
        Time points of the result; by default those of the longest series.
    method : {"linear", "nearest", "mean", "fourier"}, default="linear"
        "linear" and "nearest" lay the new points evenly from the first to the last old one and take the value on the
        line between neighbours, or that of the nearest. "mean" divides the whole time into equal parts and averages
        each; "fourier" keeps the frequencies that fit and treats the series as periodic. These two let no fast wiggle
        pass for a slow one when there are fewer points than before.

    Returns
    -------
    ndarray of shape (..., n_timepoints) or, of a list, (n_instances, ..., n_timepoints)
        A new array: float64 where ``X`` is, else float32.

    Raises
    ------
    ValueError
        If ``X`` or a series in it is empty, series of a list have different channels, a parameter is out of range, or
        with "fourier" a value is missing.
    TypeError
        If ``X`` does not hold numbers, or ``n_timepoints`` is no whole number.

    Examples
    --------
    >>> import numpy as np
    >>> resample_series(np.array([0, 1, 2, 3, 4]), 9).tolist()
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]
    >>> resample_series([np.array([[0, 1, 2]]), np.array([[0, 4]])], 3).tolist()
    [[[0.0, 1.0, 2.0]], [[0.0, 2.0, 4.0]]]
    """
    if method not in METHODS:
        raise ValueError(f"method={method!r} is unknown: use one of {', '.join(METHODS)}.")
    if n_timepoints is not None and (isinstance(n_timepoints, bool) or not isinstance(n_timepoints, int | np.integer)):
        raise TypeError(f"n_timepoints={n_timepoints!r} is no whole number: pass an integer of at least 1.")
    if n_timepoints is not None and n_timepoints < 1:
        raise ValueError(f"n_timepoints={n_timepoints} is too small: pass an integer of at least 1.")
    if not isinstance(X, list | tuple):
        x = _as_floats(np.asarray(X), "X")
        return _resample(x, x.shape[-1] if n_timepoints is None else int(n_timepoints), method, "X")
    return _resample_list([_as_floats(np.asarray(x), f"X[{i}]") for i, x in enumerate(X)], n_timepoints, method)


def _resample_list(series: list[np.ndarray], n_timepoints: int | None, method: str) -> np.ndarray:
    if not series:
        raise ValueError("X is an empty list: pass at least one series.")
    shape = series[0].shape[:-1]
    members: dict[int, list[int]] = {}
    for i, x in enumerate(series):
        if x.shape[:-1] != shape:
            raise ValueError(
                f"X[{i}] has shape {x.shape}, X[0] {series[0].shape}: all but the time points must be the same."
            )
        members.setdefault(x.shape[-1], []).append(i)
    n_after = max(members) if n_timepoints is None else int(n_timepoints)
    out = np.empty((len(series), *shape, n_after), np.result_type(*series))
    for same_length in members.values():  # together, which takes one call instead of many
        name = (
            f"X[{same_length[0]}]" if len(same_length) == 1 else f"One of X[{same_length[0]}], X[{same_length[1]}], …"
        )
        out[same_length] = _resample(np.stack([series[i] for i in same_length]), n_after, method, name)
    return out


def _resample(x: np.ndarray, n_after: int, method: str, name: str) -> np.ndarray:
    n = x.shape[-1]
    fits = method == "linear" and x.dtype == np.float32 and min(n, n_after) > 1
    if kernels is not None and fits and x.size // n * n_after >= WORTH_A_CALL and kernels.in_use():
        return kernels.resample_linear(x, n_after)
    rows = x.reshape(-1, x.shape[-1])
    out = np.empty((len(rows), n_after), x.dtype)
    resample_block = METHODS[method](rows.shape[1], n_after, x.dtype)
    step = max(1, BLOCK_SIZE // max(rows.shape[1], n_after))
    for start in range(0, len(rows), step):
        resample_block(rows[start : start + step], out[start : start + step])
    if method == "fourier" and np.isnan(out[:, 0]).any() and np.isnan(rows).any():
        raise ValueError(f'{name} has missing values, which method="fourier" cannot bridge: fill them first.')
    return out.reshape(*x.shape[:-1], n_after)


def _as_floats(x: np.ndarray, name: str) -> np.ndarray:
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {x.dtype}, expected numbers: convert it with .astype('float32').")
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"{name} has shape {x.shape}, expected (..., n_timepoints) with at least one value.")
    return x if x.dtype in (np.float32, np.float64) else x.astype(np.float32)
