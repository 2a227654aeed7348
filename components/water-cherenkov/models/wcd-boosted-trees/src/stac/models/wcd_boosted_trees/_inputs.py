"""Check feature tables, targets, groups and parameters before LightGBM sees them."""

from typing import Any

import numpy as np


def check_table(X: Any, n_features: int | None = None) -> np.ndarray:
    """Return X as C-contiguous float32 (n_instances, n_features); NaN stands for a missing value."""
    table = np.asarray(X)
    if table.dtype.kind not in "fiub":
        raise TypeError(f"X holds {table.dtype} values: give numbers, one row per instance, one column per feature")
    if table.ndim != 2:
        raise ValueError(f"X has shape {table.shape}: give a table of features, (n_instances, n_features)")
    if table.size == 0:
        raise ValueError(f"X has shape {table.shape}: it is empty, give at least one row and one column")
    if n_features is not None and table.shape[1] != n_features:
        raise ValueError(f"X has {table.shape[1]} features and fit saw {n_features}: give the same columns")
    if table.dtype.kind == "f" and not np.isfinite(table).all():  # one pass where all is well
        bad = np.argwhere(np.isinf(table))
        if len(bad):
            raise ValueError(
                f"X holds {len(bad)} infinities, first in row {bad[0][0]}, column {bad[0][1]}: give numbers"
            )
    with np.errstate(over="ignore"):
        table = np.ascontiguousarray(table, dtype=np.float32)
    if np.isinf(table).any():
        raise ValueError("X holds numbers that become infinite in float32: scale or clip the feature")
    return table


def check_labels(y: Any, n_instances: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted classes and the number of each instance's class."""
    labels = _column(y, "y", n_instances)
    if labels.dtype.kind == "O":
        if len({str if isinstance(label, str) else type(label) for label in labels.tolist()}) > 1:
            raise TypeError("y mixes labels of different types: give strings, numbers or booleans")
        labels = np.array(labels.tolist())
    if labels.dtype.kind not in "biufU":
        raise TypeError(f"y holds {labels.dtype} labels: give strings, numbers or booleans")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ValueError("y holds NaN or infinity: leave out instances without a label")
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"y holds one class only, {classes[0].item()!r}: give at least two to tell apart")
    return classes, codes


def check_codes(y: Any, n_instances: int, classes: np.ndarray) -> np.ndarray:
    """Return the number of each validation instance's class."""
    labels = _column(y, "y of the validation part", n_instances)
    codes = np.searchsorted(classes, labels).clip(max=len(classes) - 1)
    unknown = classes[codes] != labels
    if unknown.any():
        raise ValueError(
            f"y of the validation part holds {labels[unknown][0]!r}, a class that is not in y of the training"
        )
    return codes


def check_target(y: Any, n_instances: int, name: str = "y") -> np.ndarray:
    """Return a target of finite numbers as float64."""
    target = _column(y, name, n_instances)
    if target.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {target.dtype} values: give one number per instance")
    if not np.isfinite(target).all():
        raise ValueError(f"{name} holds NaN or infinity in {(~np.isfinite(target)).sum()} places: leave them out")
    return target.astype(np.float64)


def _column(values: Any, name: str, n_instances: int) -> np.ndarray:
    column = np.asarray(values) if hasattr(values, "dtype") else np.asarray(values, dtype=object)
    if column.dtype.kind == "O" and column.ndim == 1 and len({type(value) for value in column.tolist()}) == 1:
        column = np.array(column.tolist())
    if column.shape != (n_instances,):
        raise ValueError(f"{name} has shape {column.shape} and X has {n_instances} rows: give one value per row")
    return column


def check_names(names: Any, X: Any, n_features: int) -> list[str]:
    """Return the names of the features: as given, of a data frame's columns, or numbered."""
    if names is None:
        names = getattr(X, "columns", None)
    if names is None:
        return [f"feature_{number}" for number in range(n_features)]
    names = [str(name) for name in names]
    if len(names) != n_features or len(set(names)) != n_features:
        raise ValueError(
            f"feature_names holds {len(set(names))} different names and X {n_features} columns: give one each"
        )
    return names


def check_parameters(params: dict[str, Any]) -> None:
    """Say which parameter is out of range."""
    for name, least in (("n_estimators", 1), ("n_leaves", 2), ("min_samples_leaf", 1), ("patience", 1)):
        value = params[name]
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name} is {value!r}: give a whole number of at least {least}")
    for name, low, high in (
        ("learning_rate", 0, 1),
        ("feature_fraction", 0, 1),
        ("sample_fraction", 0, 1),
        ("l2", -1, np.inf),
        ("validation_fraction", -1, 0.9),
    ):
        value = params[name]
        if not isinstance(value, int | float | np.number) or not max(low, 0) <= value <= high or value == low:
            raise ValueError(f"{name} is {value!r}: give a number from {max(low, 0)} to {high}")
    n_jobs = params["n_jobs"]
    if not isinstance(n_jobs, int | np.integer) or n_jobs == 0 or n_jobs < -1:
        raise ValueError(f"n_jobs is {n_jobs!r}: give a number of threads, or -1 for one per processor")


def check_class_weight(class_weight: Any, classes: np.ndarray, codes: np.ndarray) -> np.ndarray | None:
    """Return the weight of each class."""
    if class_weight is None:
        return None
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise ValueError(f"class_weight is {class_weight!r}: give 'balanced', a weight for each class, or None")
        return len(codes) / (len(classes) * np.bincount(codes))
    names = classes.tolist()
    try:
        weights = np.array([float(dict(class_weight)[name]) for name in names])
    except (KeyError, TypeError, ValueError):
        raise ValueError(
            f"class_weight does not hold a number for each of the classes {names}: give {{class: weight}}"
        ) from None
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise ValueError(f"class_weight holds {weights.tolist()}: give numbers above 0")
    return weights


def split_rows(
    codes: np.ndarray | None, n_instances: int, groups: Any, fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return training and validation rows: whole groups, or the same share of each class; in ascending order."""
    if groups is not None:
        validation = _split_groups(_column(groups, "groups", n_instances), fraction, rng)
    else:
        parts = (
            [np.arange(n_instances)] if codes is None else [np.flatnonzero(codes == c) for c in range(codes.max() + 1)]
        )
        if min(len(part) for part in parts) < 2:
            raise ValueError("a class has one instance only: give at least 2, or set validation_fraction=0")
        validation = np.zeros(n_instances, dtype=bool)
        for part in parts:
            n_drawn = int(np.clip(round(fraction * len(part)), 1, len(part) - 1))
            validation[rng.permutation(part)[:n_drawn]] = True
    if codes is not None and len(np.unique(codes[~validation])) < len(np.unique(codes)):
        raise ValueError("a class is in so few groups that none is left for training: give more groups or validation=")
    return np.flatnonzero(~validation), np.flatnonzero(validation)


def _split_groups(groups: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    names, numbers = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise ValueError("groups holds one group only: give at least 2, or leave groups out")
    n_drawn = int(np.clip(round(fraction * len(names)), 1, len(names) - 1))
    return np.isin(numbers, rng.permutation(len(names))[:n_drawn])
