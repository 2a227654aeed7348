"""Turns what callers pass into arrays that networks take, or says what is wrong with it."""

from numbers import Integral, Real
from typing import Any

import numpy as np


def pad_series(X: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Return float32 (n_instances, n_channels, n_timepoints), and the lengths if they differ; what lacks is zero."""
    if not isinstance(X, np.ndarray):
        series = [np.asarray(x) for x in X]
        shapes = sorted({x.shape for x in series})
        if len(shapes) > 1:
            return _pad(series, shapes)
        X = np.array(series)
    X = _numbers(X)
    if X.ndim != 3:
        hint = "X[:, None, :] makes one channel of it" if X.ndim == 2 else "stack the series along a first axis"
        raise ValueError(f"X has shape {X.shape}, expected (n_instances, n_channels, n_timepoints): {hint}.")
    if X.size == 0:
        raise ValueError(f"X is empty (shape {X.shape}): pass at least one series of at least one time point.")
    return np.ascontiguousarray(_finite(X), dtype=np.float32), None


def check_labels(y: Any, n_instances: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted classes, and for each label the position of its class."""
    y = np.asarray(y)
    if y.dtype == object:
        kinds = sorted({type(label).__name__ for label in y.ravel()})
        if kinds != ["str"]:
            raise TypeError(f"y mixes labels of the types {kinds}: make all of them strings, or all integers.")
        y = y.astype(str)
    if y.shape != (n_instances,):
        count = f"{len(y)} labels" if y.ndim == 1 else f"shape {y.shape}"
        raise ValueError(f"X has {n_instances} series, but y has {count}: pass one label per series.")
    if y.dtype.kind not in "biuUSf" or (y.dtype.kind == "f" and not np.all(np.mod(y, 1) == 0)):
        raise ValueError(f"y holds {y.dtype} values that name no classes: pass integers, booleans or strings.")
    classes, target = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"All labels are of class {classes[0]!s}: a classifier needs at least two classes.")
    return classes, target


def check_parameters(classifier: Any) -> None:
    """Refuse what fit_torch does not see: the other parameters are checked there."""
    share, seed = classifier.validation_fraction, classifier.random_state
    for name in ("n_models", "batch_size"):
        value = getattr(classifier, name)
        if not _is_whole(value) or value < 1:
            raise ValueError(f"{name}={value!r} must be a whole number from 1.")
    if not isinstance(share, Real) or not 0 <= share < 1:
        raise ValueError(f"validation_fraction={share!r} must be a share of the series, from 0 to below 1.")
    if seed is not None and not (_is_whole(seed) and 0 <= seed < 2**32):
        raise ValueError(f"random_state={seed!r} must be a whole number from 0 to {2**32 - 1}, or None.")


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _pad(series: list[np.ndarray], shapes: list[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
    if any(len(shape) != 2 or 0 in shape for shape in shapes) or len({shape[0] for shape in shapes}) > 1:
        raise ValueError(
            f"The list holds arrays of shapes like {shapes[0]} and {shapes[-1]}, expected (n_channels, n_timepoints), "
            "the same channels in each, and at least one time point."
        )
    lengths = np.array([x.shape[1] for x in series])
    padded = np.zeros((len(series), shapes[0][0], lengths.max()), np.float32)
    for row, x in zip(padded, series, strict=True):
        row[:, : x.shape[1]] = _finite(_numbers(x))
    return padded, lengths


def _numbers(X: np.ndarray) -> np.ndarray:
    if X.dtype.kind not in "fiub":
        raise TypeError(f"X holds {X.dtype}, expected numbers: convert it with X.astype('float32').")
    return X


def _finite(X: np.ndarray) -> np.ndarray:
    low, high = X.min(), X.max()  # NaN and infinities show in them, without a copy
    if np.isnan(low):
        raise ValueError("X holds missing values (NaN): fill or interpolate them first.")
    if max(-float(low), float(high)) > 1e30:
        raise ValueError("X holds infinities, or values beyond 1e30: replace them, or scale the series first.")
    return X
