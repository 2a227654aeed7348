"""Check labels and probabilities before anything is computed."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def check_binary(y_true: ArrayLike, probability: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return labels as booleans and probabilities of True as float64, both (n_instances,)."""
    p = check_probability(probability)
    y = np.asarray(y_true)
    if p.ndim != 1:
        raise ValueError(
            f"probability has shape {p.shape}: give one per instance, of a table the signal's column, [:, 1]"
        )
    if y.shape != p.shape:
        raise ValueError(f"y_true has shape {y.shape} and probability {p.shape}: give one label and one each")
    if y.dtype.kind != "b":
        if y.dtype.kind not in "iuf" or not np.isin(y, (0, 1)).all():
            some = ", ".join(repr(label) for label in y[:3].tolist())
            raise ValueError(f"y_true holds {some} …: give booleans, for example y_true=labels == 'muon'")
        y = y.astype(bool)
    return y, p


def check_probability(probability: ArrayLike) -> NDArray[np.float64]:
    """Return probabilities as float64."""
    p = np.asarray(probability)
    if p.dtype.kind not in "fiub":
        raise TypeError(f"probability holds {p.dtype} values: give numbers between 0 and 1")
    if p.size == 0 or p.ndim == 0:
        raise ValueError(f"probability has shape {p.shape}: give at least one instance")
    p = p.astype(np.float64)
    if np.isnan(p).any():
        raise ValueError(f"probability holds NaN in {np.isnan(p).sum()} places: leave those instances out")
    if p.min() < 0 or p.max() > 1:
        raise ValueError(
            f"probability goes from {p.min():.4g} to {p.max():.4g}: give 0 to 1; logits need a sigmoid first"
        )
    return p


def check_classes(y_true: ArrayLike, p: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the column of each instance's class in p (n_instances, n_classes)."""
    sums = p.sum(axis=1)
    if p.shape[1] < 2 or np.abs(sums - 1).max() > 1e-3:
        raise ValueError(
            "the rows of probability do not sum to 1: give the probabilities of all classes, one column each"
        )
    codes = np.asarray(y_true)
    if codes.shape != (len(p),):
        raise ValueError(f"y_true has shape {codes.shape} and probability {len(p)} rows: give one label each")
    if codes.dtype.kind == "b":
        codes = codes.astype(np.intp)
    if codes.dtype.kind not in "iu" or codes.min() < 0 or codes.max() >= p.shape[1]:
        raise ValueError(
            f"y_true must hold the column of each instance's class, 0 to {p.shape[1] - 1}: "
            "with names use np.searchsorted(model.classes_, y)"
        )
    return codes


def check_bins(n_bins: Any) -> int:
    """Return a whole number of at least 1."""
    if isinstance(n_bins, bool) or not isinstance(n_bins, int | np.integer) or n_bins < 1:
        raise ValueError(f"n_bins is {n_bins!r}: give a whole number of at least 1")
    return int(n_bins)
