"""Turns what callers pass into arrays the method can take, or says what is wrong with it."""

from numbers import Integral
from typing import Any

import numpy as np

SHORTEST = 9
LARGEST = 1e36  # sums of a few dozen of these still fit in float32


def check_series(X: Any, shortest: int = SHORTEST, largest: float = LARGEST) -> np.ndarray:
    """Return `X` as float32 (n_instances, n_channels, n_timepoints); float32 input is not copied."""
    if not isinstance(X, np.ndarray):
        X = _stack(X)
    if X.dtype.kind not in "fiub":
        raise TypeError(f"X holds {X.dtype}, expected numbers: convert it with X.astype('float32').")
    if X.ndim != 3:
        hint = "X[:, None, :] makes one channel of it" if X.ndim == 2 else "stack the series along a first axis"
        raise ValueError(
            f"X has shape {X.shape}, expected three dimensions (n_instances, n_channels, n_timepoints): {hint}."
        )
    if X.size == 0:
        raise ValueError(f"X is empty (shape {X.shape}): pass at least one series.")
    if X.shape[2] < shortest:
        raise ValueError(
            f"The series have {X.shape[2]} time points, too few for kernels {SHORTEST} long: resample or pad them to "
            f"at least {shortest}."
        )
    low, high = X.min(), X.max()  # no copy; NaN and infinities show in them
    if np.isnan(low):
        raise ValueError("X holds missing values (NaN): fill or interpolate them first.")
    if np.isinf(low) or np.isinf(high):
        raise ValueError("X holds infinities: replace them, or leave these series out.")
    if max(-float(low), float(high)) > largest:
        raise ValueError(f"X holds values beyond {largest:g}: scale the series (say, standardise them) first.")
    return X.astype(np.float32, copy=False)


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


def check_same_shape(X: np.ndarray, n_channels: int, n_timepoints: int) -> None:
    """Refuse series of another shape than those the model was fitted on."""
    if X.shape[1] != n_channels:
        raise ValueError(f"X has {X.shape[1]} channels, but fit saw {n_channels}: pass the same channels.")
    if X.shape[2] != n_timepoints:
        raise ValueError(
            f"X has {X.shape[2]} time points, but fit saw {n_timepoints}: resample, cut or pad to the same length."
        )


def check_parameters(
    fewest: int, n_features: Any, max_dilations_per_kernel: Any, random_state: Any, n_jobs: Any
) -> None:
    """Refuse parameters that are no integers or out of range; `n_features` is at least `fewest`."""
    _check_integer("n_features", n_features, fewest)
    _check_integer("max_dilations_per_kernel", max_dilations_per_kernel, 1)
    if random_state is not None:
        _check_integer("random_state", random_state, 0, 2**32 - 1)
    if n_jobs != -1:
        _check_integer("n_jobs", n_jobs, 1)


def _check_integer(name: str, value: Any, smallest: int, largest: int = 2**31 - 1) -> None:
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name}={value!r} is no integer: pass one from {smallest} to {largest}.")
    if not smallest <= value <= largest:
        raise ValueError(f"{name}={value!r} is out of range: pass an integer from {smallest} to {largest}.")


def _stack(X: Any) -> np.ndarray:
    """Make one array of a list of series; lists of unequal lengths are what people try."""
    if isinstance(X, list | tuple):
        shapes = {np.shape(x) for x in X if isinstance(x, np.ndarray)}
        if len(shapes) > 1:
            raise ValueError(
                f"X holds series of different shapes, such as {sorted(shapes)[:2]}: the kernels need equal "
                "lengths; resample or pad them."
            )
    try:
        return np.asarray(X)
    except ValueError as error:
        raise ValueError("X is a list of series that make no array: resample or pad them to one length.") from error
