"""Checks of series and numbers that come from a user."""

from collections.abc import Sequence
from operator import index

import numpy as np


def checked_list(X: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the series of a list as floating-point arrays with the same channels."""
    if len(X) == 0:
        raise ValueError("X is an empty list: pass at least one series.")
    series = [as_floats(np.asarray(x), f"X[{i}]") for i, x in enumerate(X)]
    for i, x in enumerate(series):
        if x.shape[:-1] != series[0].shape[:-1] or x.ndim > 2:
            raise ValueError(
                f"X[{i}] has shape {x.shape}, X[0] {series[0].shape}: expected (n_channels, n_timepoints) "
                "with the same channels."
            )
    return series


def of_same_length(series: list[np.ndarray]) -> list[list[int]]:
    """Return the indices of series that have the same length, together."""
    members: dict[int, list[int]] = {}
    for i, x in enumerate(series):
        members.setdefault(x.shape[-1], []).append(i)
    return list(members.values())


def taper_named(name: str, length: int, dtype: np.dtype) -> np.ndarray:
    """Return the window that scipy knows by this name."""
    from scipy.signal import get_window

    try:
        return get_window(name, length).astype(dtype)
    except (ValueError, TypeError):
        pass
    raise ValueError(f'window={name!r} is unknown to scipy.signal.get_window: use a name such as "hann" or "boxcar".')


def as_floats(x: np.ndarray, name: str) -> np.ndarray:
    """Return an array as float32 or float64."""
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {x.dtype}, expected numbers: convert it with .astype('float32').")
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"{name} has shape {x.shape}, expected (..., n_timepoints) with at least one value.")
    return x if x.dtype in (np.float32, np.float64) else x.astype(np.float32)


def whole(value: int, name: str, least: int) -> int:
    """Return a whole number that is large enough."""
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} is no whole number: pass an integer of at least {least}.") from None
    if number < least:
        raise ValueError(f"{name}={value} is too small: pass an integer of at least {least}.")
    return number
