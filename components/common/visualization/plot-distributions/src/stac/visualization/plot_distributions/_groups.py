"""Checks the values and sorts them by class; finds the range that is worth drawing, and smooth densities."""

from typing import Any, NamedTuple

import numpy as np


class Group(NamedTuple):
    """The finite values of one class, and what the class is called in the picture."""

    label: str
    values: np.ndarray


def group_values(values: Any, y: Any, max_classes: int) -> tuple[int, list[Group]]:
    """Return how many classes there are, and the values of the first ones."""
    numbers = np.asarray(values)
    if numbers.dtype.kind not in "fiub":
        raise TypeError(f"values hold {numbers.dtype}, expected numbers: convert them with .astype(float).")
    if numbers.ndim != 1:
        raise ValueError(f"values have shape {numbers.shape}, expected (n_instances,): choose a feature, values[:, 0].")
    if numbers.size == 0:
        raise ValueError("values are empty: there is nothing to draw.")
    numbers = numbers.astype(np.float64)
    if y is None:
        return 1, [_group("all", numbers)]
    labels = np.asarray(y)
    if labels.shape != numbers.shape:
        raise ValueError(
            f"y has shape {labels.shape}, but there are {numbers.size} values: pass one class for each value."
        )
    classes, codes = np.unique(labels.astype(str) if labels.dtype == object else labels, return_inverse=True)
    return len(classes), [_group(str(c), numbers[codes == i]) for i, c in enumerate(classes[:max_classes])]


def visible_range(groups: list[Group]) -> tuple[float, float]:
    """Return where the values lie, without those so far away that they would squeeze the rest."""
    values = np.concatenate([group.values for group in groups])
    if values.size == 0:
        return 0.0, 1.0
    low, first, last, high = np.quantile(values, [0, 0.005, 0.995, 1])
    width = last - first
    if width > 0 and high - low > 5 * width:
        low, high = max(low, first - width / 2), min(high, last + width / 2)
    margin = 0.02 * (high - low) or max(abs(low), 1) / 2
    return float(low - margin), float(high + margin)


def density(values: np.ndarray, low: float, high: float, n_points: int) -> np.ndarray:
    """Return a Gaussian kernel density (Silverman's rule of thumb) at evenly spaced points; zeros without values."""
    if values.size == 0:
        return np.zeros(n_points)
    step = (high - low) / (n_points - 1)
    q25, q75 = np.quantile(values, [0.25, 0.75])
    spreads = [spread for spread in (values.std(), (q75 - q25) / 1.34) if spread > 0]
    width = max(0.9 * min(spreads, default=0) * values.size**-0.2, 2 * step)
    # A fine histogram, then smoothed: the same to the eye, and quick for millions of values.
    edges = low + step * (np.arange(n_points + 1) - 0.5)
    counts = np.histogram(values, edges)[0] / (values.size * step)
    reach = int(np.ceil(4 * width / step))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / width) ** 2)
    return np.convolve(counts, kernel / kernel.sum())[reach : reach + n_points]


def _group(label: str, numbers: np.ndarray) -> Group:
    finite = numbers[np.isfinite(numbers)]
    n_missing = numbers.size - finite.size
    counts = f"{finite.size:,}" + (f", {n_missing:,} missing" if n_missing else "")
    return Group(f"{label} ({counts})".replace("$", r"\$"), finite)
