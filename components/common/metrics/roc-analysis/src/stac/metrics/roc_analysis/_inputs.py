"""Check labels, scores and parameters before anything is computed."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def check_scores(y_true: ArrayLike, **scores: ArrayLike) -> tuple[NDArray[np.bool_], list[NDArray[np.floating]]]:
    """Return labels as booleans and each score as floats, or say what is wrong."""
    y = check_labels(y_true)
    checked = [_check_score(score, name, len(y)) for name, score in scores.items()]
    if y.all() or not y.any():
        kind = "signal" if y.all() else "background"
        raise ValueError(f"y_true holds one class only, {len(y)} times {kind}: a ROC needs signal and background")
    return y, checked


def check_labels(y_true: ArrayLike) -> NDArray[np.bool_]:
    """Return labels (n,) as booleans."""
    y = np.asarray(y_true)
    if y.ndim != 1:
        raise ValueError(f"y_true has shape {y.shape}: give one label per instance, (n_instances,)")
    if y.size == 0:
        raise ValueError("y_true is empty: there is nothing to analyse")
    if y.dtype.kind != "b":
        if y.dtype.kind not in "iuf" or not np.isin(y, (0, 1)).all():
            some = ", ".join(repr(label) for label in y[:3].tolist())
            raise ValueError(
                f"y_true holds {some} …: give booleans, True for signal, for example y_true=labels == 'muon'"
            )
        y = y.astype(bool)
    return y


def _check_score(score: ArrayLike, name: str, n_instances: int) -> NDArray[np.floating]:
    values = np.asarray(score)
    if values.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {values.dtype} values: give one number per instance, higher for signal")
    if values.shape != (n_instances,):
        hint = "; of predict_proba take the column of the signal, [:, 1]" if values.ndim == 2 else ""
        raise ValueError(f"{name} has shape {values.shape} and y_true {n_instances} labels: give one each{hint}")
    bad = ~np.isfinite(values)
    if bad.any():
        raise ValueError(f"{name} holds NaN or infinity in {bad.sum()} places, first at {bad.argmax()}: give numbers")
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def check_groups(groups: ArrayLike | None, n_instances: int) -> NDArray[np.intp] | None:
    """Return the number of each instance's group, from 0 on, or None."""
    if groups is None:
        return None
    labels = np.asarray(groups)
    if labels.shape != (n_instances,):
        raise ValueError(f"groups has shape {labels.shape} and y_true {n_instances} labels: give one each")
    names, numbers = np.unique(labels, return_inverse=True)
    if len(names) < 2:
        raise ValueError("groups holds one group only: an interval needs at least two, better many")
    return numbers


def check_share(value: Any, name: str, example: float) -> float:
    """Return a number strictly between 0 and 1."""
    if isinstance(value, str) or not np.isscalar(value) or not 0 < float(value) < 1:
        raise ValueError(f"{name} is {value!r}: give a number between 0 and 1, for example {example}")
    return float(value)


def check_count(value: Any, name: str, least: int) -> int:
    """Return a whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} is {value!r}: give a whole number of at least {least}")
    return int(value)
