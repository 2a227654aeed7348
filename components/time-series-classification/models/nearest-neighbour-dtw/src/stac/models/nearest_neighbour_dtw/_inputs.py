"""Turns what callers pass into arrays the method can take, or says what is wrong with it."""

import os
from numbers import Integral, Real
from typing import Any

import numpy as np

from stac.models.nearest_neighbour_dtw._warping import Series

LARGEST = 1e150  # squares of these still fit in double precision


def check_series(X: Any, dtype: type, name: str = "X") -> Series:
    """Return an array (n_instances, n_channels, n_timepoints), or a list of (n_channels, n_timepoints_i)."""
    if isinstance(X, np.ndarray) and X.dtype != object:
        if X.ndim != 3:
            hint = f"{name}[:, None, :] makes one channel of it" if X.ndim == 2 else "stack series along a first axis"
            raise ValueError(
                f"{name} has shape {X.shape}, expected three axes (n_instances, n_channels, n_timepoints): {hint}."
            )
        if X.size == 0:
            raise ValueError(f"{name} is empty (shape {X.shape}): pass at least one series.")
        return Series(_check_numbers(X, dtype, name), np.full(len(X), X.shape[2]))
    if not isinstance(X, list | tuple | np.ndarray):
        raise TypeError(f"{name} is a {type(X).__name__}, expected an array or a list of arrays, one for each series.")
    if len(X) == 0:
        raise ValueError(f"{name} is empty (no series): pass at least one series.")
    parts = [check_one(x, dtype, f"{name}[{number}]") for number, x in enumerate(X)]
    n_channels = {len(part) for part in parts}
    if len(n_channels) > 1:
        raise ValueError(f"The series of {name} have unequal numbers of channels {sorted(n_channels)}: pass the same.")
    lengths = np.array([part.shape[1] for part in parts])
    values = np.zeros((len(parts), n_channels.pop(), lengths.max()), dtype)
    for row, part in zip(values, parts, strict=True):
        row[:, : part.shape[1]] = part
    return Series(values, lengths)


def check_one(x: Any, dtype: type, name: str, one_dimension: bool = False) -> np.ndarray:
    """Return one series (n_channels, n_timepoints); where allowed, one channel may come without its axis."""
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} makes no array: pass one of shape (n_channels, n_timepoints).") from error
    if one_dimension and x.ndim == 1:
        x = x[None]
    if x.ndim != 2:
        raise ValueError(f"{name} has shape {x.shape}, expected one series (n_channels, n_timepoints): reshape it.")
    if x.size == 0:
        raise ValueError(f"{name} is empty (shape {x.shape}): leave it out.")
    return _check_numbers(x, dtype, name)


def check_labels(y: Any, n_instances: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted classes, and for each label the position of its class."""
    y = np.asarray(y)
    if y.dtype == object:
        kinds = {type(label) for label in y.ravel()}
        if kinds != {str}:
            names = sorted(kind.__name__ for kind in kinds)
            raise TypeError(f"y mixes labels of the types {names}: make all of them strings, or all integers.")
        y = y.astype(str)
    if y.ndim != 1:
        raise ValueError(f"y has shape {y.shape}, expected one label per series: ({n_instances},).")
    if len(y) != n_instances:
        raise ValueError(f"X has {n_instances} series, but y has {len(y)} labels: pass one label per series.")
    if y.dtype.kind == "f" and not np.all(np.mod(y, 1) == 0):
        raise ValueError("y holds numbers that are not whole, so it names no classes: pass integers or strings.")
    if n_instances == 1:
        raise ValueError("There is one training series only: a classifier needs at least two, of different classes.")
    classes, labels = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"All labels are {classes[0]!r}: a classifier needs at least two different classes.")
    return classes, labels


def check_same_channels(a: int, b: int, first: str, second: str) -> None:
    """Refuse series with other channels than those they are compared with."""
    if a != b:
        raise ValueError(f"{first} has {a} channels, but {second} {b}: pass the same channels.")


def check_window(window: Any, learnable: bool = False) -> float | str:
    """Return the window as a share of the length, from 0 to 1, or "learned"."""
    if window is None or (isinstance(window, str) and window == "full"):
        return 1.0
    if learnable and isinstance(window, str) and window == "learned":
        return "learned"
    options = "a share of the length from 0 to 1, None for no limit" + (', or "learned"' if learnable else "")
    if isinstance(window, bool) or not isinstance(window, Real):
        raise TypeError(f"window={window!r} is no number: pass {options}.")
    if not 0 <= window <= 1:
        raise ValueError(f"window={window!r} is out of range: pass {options}.")
    return float(window)


def check_n_jobs(n_jobs: Any) -> int:
    """Return the number of threads; -1 means one for each processor."""
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral):
        raise TypeError(f"n_jobs={n_jobs!r} is no integer: pass the number of threads, or -1 for one per processor.")
    if n_jobs != -1 and n_jobs < 1:
        raise ValueError(f"n_jobs={n_jobs!r} is out of range: pass 1 or more, or -1 for one per processor.")
    if n_jobs > 0:
        return int(n_jobs)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_numbers(x: np.ndarray, dtype: type, name: str) -> np.ndarray:
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {x.dtype}, expected numbers: convert it with astype('float32').")
    low, high = float(x.min()), float(x.max())  # no copy; NaN and infinities show in them
    if np.isnan(low):
        raise ValueError(f"{name} holds missing values (NaN): fill or interpolate them first.")
    if np.isinf(low) or np.isinf(high):
        raise ValueError(f"{name} holds infinities: replace them, or leave these series out.")
    largest = min(LARGEST, float(np.finfo(dtype).max))
    if max(-low, high) > largest:
        raise ValueError(f"{name} holds values beyond {largest:.3g}: scale the series (say, standardise them) first.")
    return np.ascontiguousarray(x, dtype)
