"""Check labels and probabilities, and turn labels into class numbers, before anything is computed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_KINDS = {"b": "booleans", "i": "numbers", "u": "numbers", "f": "numbers", "U": "strings", "S": "bytes"}
_SUM_TOLERANCE = 1e-3  # float32 softmax stays far below it, forgotten classes far above


def check_inputs(
    y_true: ArrayLike, y_pred: ArrayLike, y_proba: ArrayLike | None, classes: Sequence[Any] | None
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.floating] | None, NDArray[Any]]:
    """Return class numbers of both, the probabilities and the classes, or say what is wrong."""
    true, pred = _labels(y_true, "y_true"), _labels(y_pred, "y_pred")
    if len(true) == 0:
        raise ValueError("y_true is empty: there is nothing to score")
    if len(true) != len(pred):
        raise ValueError(f"y_true has {len(true)} labels and y_pred has {len(pred)}: give one prediction per instance")
    _same_kind(true, "y_true", pred, "y_pred")
    class_labels = np.unique(np.concatenate([true, pred])) if classes is None else _classes(classes, true)
    proba = None if y_proba is None else _probabilities(y_proba, len(true), class_labels, classes is None)
    return _codes(true, "y_true", class_labels), _codes(pred, "y_pred", class_labels), proba, class_labels


def _labels(values: ArrayLike, name: str) -> NDArray[Any]:
    # A list goes through objects: numpy would quietly turn ["a", 1] into two strings.
    labels = np.asarray(values) if hasattr(values, "dtype") else np.asarray(values, dtype=object)
    if labels.ndim != 1:
        hint = "; for one-hot or probability columns use .argmax(axis=1)" if labels.ndim == 2 else ""
        raise ValueError(f"{name} has shape {labels.shape}: give one label per instance, (n_instances,){hint}")
    if labels.dtype.kind not in _KINDS and len(labels):
        labels = _plain(labels.astype(object), name)
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        raise ValueError(f"{name} holds {np.isnan(labels).sum()} NaN: leave out instances without a label")
    return labels


def _plain(labels: NDArray[np.object_], name: str) -> NDArray[Any]:
    """Turn Python objects of one kind into an array of that kind."""
    plain = np.array(labels.tolist()) if len({_kind(label) for label in labels}) == 1 else labels
    if plain.dtype.kind not in _KINDS:
        types = ", ".join(sorted({type(label).__name__ for label in labels}))
        raise TypeError(f"{name} holds labels of type {types}: give strings, numbers or booleans, not a mixture")
    return plain


def _kind(label: Any) -> str:
    return _KINDS.get(np.asarray(label).dtype.kind, "others")


def _same_kind(a: NDArray[Any], a_name: str, b: NDArray[Any], b_name: str) -> None:
    a_kind, b_kind = _KINDS[a.dtype.kind], _KINDS[b.dtype.kind]
    if a_kind != b_kind:
        raise TypeError(f"{a_name} holds {a_kind} and {b_name} holds {b_kind}: give the same kind of label in both")


def _classes(classes: Sequence[Any], true: NDArray[Any]) -> NDArray[Any]:
    class_labels = _labels(classes, "classes")
    if len(class_labels) == 0:
        raise ValueError("classes is empty: leave it out, or give every class once")
    names, counts = np.unique(class_labels, return_counts=True)
    if (counts > 1).any():
        raise ValueError(f"classes holds {names[counts.argmax()].item()!r} twice: give every class once")
    _same_kind(true, "y_true", class_labels, "classes")
    return class_labels


def _codes(labels: NDArray[Any], name: str, class_labels: NDArray[Any]) -> NDArray[np.intp]:
    order = np.argsort(class_labels)
    places = np.searchsorted(class_labels, labels, sorter=order)
    codes: NDArray[np.intp] = order[places.clip(max=len(order) - 1)]
    unknown = class_labels[codes] != labels
    if unknown.any():
        known = ", ".join(repr(label) for label in class_labels[:8].tolist())
        known += f", … ({len(class_labels)} in all)" if len(class_labels) > 8 else ""
        raise ValueError(
            f"{name} holds {labels[unknown][0].item()!r}, not in classes ({known}): give every class that occurs"
        )
    return codes


def _probabilities(
    y_proba: ArrayLike, n_instances: int, class_labels: NDArray[Any], guessed: bool
) -> NDArray[np.floating]:
    proba = np.asarray(y_proba)
    if proba.dtype.kind not in "fiub":
        raise TypeError(f"y_proba holds {proba.dtype} values: give numbers between 0 and 1")
    if proba.dtype.kind != "f":
        proba = proba.astype(np.float64)
    if proba.ndim == 1 and len(class_labels) == 2:
        proba = np.stack([1 - proba, proba], axis=1)
    if proba.ndim != 2 or len(proba) != n_instances:
        raise ValueError(
            f"y_proba has shape {proba.shape}: give one row per instance, one column per class, "
            f"({n_instances}, {len(class_labels)})"
        )
    if proba.shape[1] != len(class_labels):
        where = "y_true and y_pred hold" if guessed else "classes holds"
        raise ValueError(
            f"y_proba has {proba.shape[1]} columns and {where} {len(class_labels)} classes: "
            "pass the class of each column, classes=model.classes_"
        )
    _check_values(proba)
    return proba


def _check_values(proba: NDArray[np.floating]) -> None:
    bad = ~np.isfinite(proba).all(axis=1)
    if bad.any():
        raise ValueError(f"y_proba holds NaN or infinity in {bad.sum()} rows, first in row {bad.argmax()}")
    bad = ((proba < 0) | (proba > 1 + _SUM_TOLERANCE)).any(axis=1)
    if bad.any():
        raise ValueError(
            f"y_proba holds values outside 0 to 1 in {bad.sum()} rows, first in row {bad.argmax()}: "
            "give probabilities; scores and logits need a softmax first"
        )
    sums = proba.sum(axis=1, dtype=np.float64)
    bad = np.abs(sums - 1) > _SUM_TOLERANCE
    if bad.any():
        raise ValueError(
            f"y_proba sums to {sums[bad][0]:.4g} instead of 1 in row {bad.argmax()} ({bad.sum()} such rows): "
            "give probabilities of all classes; divide each row by its sum if that is what you mean"
        )
