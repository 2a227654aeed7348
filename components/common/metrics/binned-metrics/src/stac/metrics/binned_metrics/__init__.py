"""Evaluate any metric in bins of a variable or of two, to see where a model is good and where it is not."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["metric_in_bins", "metric_in_bins_of_two"]


def metric_in_bins(
    metric: Callable[..., Any],
    variable: ArrayLike,
    *arrays: ArrayLike,
    bins: int | Sequence[float] | NDArray[Any] = 8,
    min_count: int = 1,
) -> dict[str, NDArray[Any]]:
    """Evaluate a metric in each bin of a variable.

    Parameters
    ----------
    metric : callable
        Called with the part of each array that lies in the bin; returns a number, or a sequence that starts with
        value, low and high. Where it raises ValueError, as with one class only, the value is NaN and the note says why.
    variable : array-like (n_instances,)
        What to bin by: finite numbers.
    *arrays : array-like (n_instances, …)
        What the metric takes.
    bins : int or ascending sequence of edges
        A number of bins that hold equally many instances, or edges (infinite ones allowed). A bin includes its lower
        edge; the last one also its upper. Instances outside the edges are left out.
    min_count : int
        A bin with fewer instances is NaN.

    Returns
    -------
    dict of arrays (n_bins,)
        `low, high, centre` of the bin (that of an infinite one ends with the data), `n` instances in it, `value,
        value_low, value_high` (NaN where the metric gives no interval), and `note`: why a value is missing, else empty.

    Raises
    ------
    TypeError
        If an array or the variable is not an array of the right kind, or the metric returns something else.
    ValueError
        If lengths differ, the variable holds NaN, edges do not ascend, or the metric raises ValueError in every bin.

    Examples
    --------
    >>> distance, error = np.array([100, 300, 900, 950]), np.array([1.0, 3.0, 5.0, 7.0])
    >>> table = metric_in_bins(np.mean, distance, error, bins=[0, 500, 1000, 1500])
    >>> table["n"].tolist(), table["value"].tolist()
    ([2, 2, 0], [2.0, 6.0, nan])
    """
    values, columns = _check_variable(variable, "variable"), [_check_array(array) for array in arrays]
    _check_lengths(len(values), columns, min_count)
    edges = _edges(values, bins, "bins")
    table = _evaluate(metric, _bin_of(values, edges), len(edges) - 1, columns, min_count)
    ends = np.where(np.isinf(edges), np.clip(edges, values.min(), values.max()), edges)
    return {"low": edges[:-1], "high": edges[1:], "centre": (ends[:-1] + ends[1:]) / 2, **table}


def metric_in_bins_of_two(
    metric: Callable[..., Any],
    x: ArrayLike,
    y: ArrayLike,
    *arrays: ArrayLike,
    x_bins: int | Sequence[float] | NDArray[Any] = 5,
    y_bins: int | Sequence[float] | NDArray[Any] = 5,
    min_count: int = 1,
) -> dict[str, NDArray[Any]]:
    """Evaluate a metric in each cell of two variables.

    Parameters
    ----------
    metric, *arrays, min_count
        As in `metric_in_bins`.
    x, y : array-like (n_instances,)
        The two variables to bin by.
    x_bins, y_bins : int or ascending sequence of edges
        As `bins` of `metric_in_bins`; equally many instances in each row and in each column, not in each cell.

    Returns
    -------
    dict of arrays
        `x_edges (n_x + 1,)`, `y_edges (n_y + 1,)`, and `(n_y, n_x)` each, rows of rising y as `Axes.pcolormesh` draws
        them: `n, value, value_low, value_high, note`.

    Raises
    ------
    TypeError, ValueError
        As in `metric_in_bins`.

    Examples
    --------
    >>> table = metric_in_bins_of_two(np.mean, [1, 2, 1], [5, 5, 9], [10, 20, 30], x_bins=[0, 2, 4], y_bins=[4, 8, 12])
    >>> table["value"].tolist()
    [[10.0, 20.0], [30.0, nan]]
    """
    x_values, y_values = _check_variable(x, "x"), _check_variable(y, "y")
    columns = [_check_array(array) for array in arrays]
    _check_lengths(len(x_values), [y_values, *columns], min_count)
    x_edges, y_edges = _edges(x_values, x_bins, "x_bins"), _edges(y_values, y_bins, "y_bins")
    x_bin, y_bin = _bin_of(x_values, x_edges), _bin_of(y_values, y_edges)
    shape = len(y_edges) - 1, len(x_edges) - 1
    cell = np.where((x_bin < 0) | (y_bin < 0), -1, y_bin * shape[1] + x_bin)
    table = _evaluate(metric, cell, shape[0] * shape[1], columns, min_count)
    return {"x_edges": x_edges, "y_edges": y_edges, **{name: column.reshape(shape) for name, column in table.items()}}


def _evaluate(
    metric: Callable[..., Any], bin_of: NDArray[np.intp], n_bins: int, columns: list[NDArray[Any]], min_count: int
) -> dict[str, NDArray[Any]]:
    """Return n, value, value_low, value_high and note of each bin."""
    order = np.argsort(bin_of, kind="stable")
    starts = np.searchsorted(bin_of[order], np.arange(n_bins + 1))
    counts = np.diff(starts)
    if not counts.any():
        raise ValueError("no instance lies in the bins: compare the edges, and their unit, with the variable")
    results = np.full((n_bins, 3), np.nan)
    notes, first_error = [""] * n_bins, None
    for number, count in enumerate(counts):
        if count < max(min_count, 1):
            notes[number] = f"{count} instances"
            continue
        members = order[starts[number] : starts[number + 1]]
        try:
            results[number] = _value_and_interval(metric(*(column[members] for column in columns)))
        except ValueError as error:
            notes[number] = str(error)
            first_error = first_error or error
    if first_error is not None and all(notes):
        raise ValueError(f"the metric failed in every bin, first with: {str(first_error)[:300]}") from first_error
    value, low, high = results.T
    return {"n": counts, "value": value, "value_low": low, "value_high": high, "note": np.array(notes)}


def _value_and_interval(result: Any) -> tuple[float, float, float]:
    try:
        numbers = np.asarray(result, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.empty((0, 0))
    if numbers.ndim == 0:
        return float(numbers), np.nan, np.nan
    if numbers.ndim == 1 and len(numbers) >= 3:
        return float(numbers[0]), float(numbers[1]), float(numbers[2])
    raise TypeError(f"the metric returned {str(result)[:60]!r}: let it return a number, or (value, low, high)")


def _check_variable(variable: ArrayLike, name: str) -> NDArray[np.float64]:
    values = np.asarray(variable)
    if values.dtype.kind not in "iufb":
        raise TypeError(f"{name} holds {values.dtype} values: give one number per instance")
    if values.ndim != 1:
        raise ValueError(f"{name} has shape {values.shape}: give one number per instance, (n_instances,)")
    if values.size == 0:
        raise ValueError(f"{name} is empty: there is nothing to bin")
    bad = ~np.isfinite(values)
    if bad.any():
        raise ValueError(
            f"{name} holds NaN or infinity in {bad.sum()} places, first at {bad.argmax()}: leave those instances out"
        )
    return values.astype(np.float64)


def _check_array(array: ArrayLike) -> NDArray[Any]:
    column = np.asarray(array)
    if column.ndim == 0:
        raise TypeError(
            f"an array for the metric is {str(array)[:40]!r}: give arrays (n_instances, …) after the variable"
        )
    return column


def _check_lengths(n_instances: int, columns: list[NDArray[Any]], min_count: int) -> None:
    if not columns:
        raise ValueError(
            "there are no arrays for the metric: give them after the variable, as in (metric, distance, y)"
        )
    lengths = [len(column) for column in columns]
    if set(lengths) != {n_instances}:
        raise ValueError(
            f"the variable has {n_instances} instances and the arrays have {lengths}: give as many in each"
        )
    if isinstance(min_count, bool) or not isinstance(min_count, int | np.integer) or min_count < 0:
        raise ValueError(f"min_count is {min_count!r}: give a whole number of instances")


def _edges(values: NDArray[np.float64], bins: Any, name: str) -> NDArray[np.float64]:
    """Return ascending edges; of a number of bins, quantiles (fewer bins where values repeat)."""
    if isinstance(bins, int | np.integer) and not isinstance(bins, bool):
        if bins < 1:
            raise ValueError(f"{name} is {bins}: give at least one bin, or edges")
        edges = np.unique(np.quantile(values, np.linspace(0, 1, int(bins) + 1), method="linear"))
        return edges if len(edges) > 1 else np.array([values[0] - 0.5, values[0] + 0.5])
    try:
        edges = np.asarray(bins, dtype=np.float64)
    except (TypeError, ValueError):
        edges = np.empty(0)
    if edges.ndim != 1 or len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise ValueError(f"{name} is {str(bins)[:80]}: give a number of bins, or at least two ascending edges")
    return edges


def _bin_of(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the bin of each value, -1 outside."""
    numbers = np.searchsorted(edges, values, side="right") - 1
    numbers[values == edges[-1]] = len(edges) - 2
    numbers[numbers == len(edges) - 1] = -1
    return numbers
