"""Check the series and reduce each class to what is drawn of it: median, band and examples."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

_MOST_POINTS = 1000  # of median and band: a picture is hardly wider

Series = NDArray[Any] | list[NDArray[Any]]


class Group(NamedTuple):
    """What is drawn of one class; arrays are `(n_channels, n_points)`."""

    label: str
    n_series: int
    n_used: int  # how many of them entered median and band
    points: slice  # which time points median and band stand for
    low: NDArray[np.floating]
    median: NDArray[np.floating]
    high: NDArray[np.floating]
    examples: list[NDArray[np.floating]]


def check_series(X: ArrayLike | Sequence[ArrayLike]) -> tuple[Series, int, int]:
    """Return the series, how many channels they have, and the length of the longest."""
    if isinstance(X, list | tuple) or getattr(getattr(X, "dtype", None), "kind", None) == "O":
        series: Series = [_check_numbers(np.asarray(one)) for one in X]  # type: ignore[union-attr]
        shapes = {one.shape[:-1] for one in series}
        if any(len(shape) != 1 for shape in shapes):
            raise ValueError(
                "X is a list whose members are not all 2-D: give arrays (n_channels, n_timepoints); "
                "a series of one channel is series[None, :]"
            )
        if len(shapes) > 1:
            raise ValueError(f"X holds series with {sorted(shape[0] for shape in shapes)} channels: give all the same")
    else:
        series = _check_numbers(np.asarray(X))
        if series.ndim != 3:
            fix = "; one channel: X[:, None, :], one series: X[None]" if series.ndim == 2 else ""
            raise ValueError(f"X has shape {series.shape}: give (n_instances, n_channels, n_timepoints){fix}")
    n_timepoints = max((one.shape[-1] for one in series), default=0)
    if n_timepoints == 0 or series[0].shape[0] == 0:
        raise ValueError("X holds no values: there is nothing to draw")
    return series, series[0].shape[0], n_timepoints


def _check_numbers(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind not in "fiub":
        raise TypeError(f"X holds {values.dtype} values: give numbers")
    return values


def check_times(time: ArrayLike | None, dt: float | None, n_timepoints: int) -> NDArray[Any]:
    """Return the time of each point."""
    if time is None:
        if dt is not None and not (np.isfinite(dt) and dt > 0):
            raise ValueError(f"dt is {dt!r}: give the sampling interval, a number above 0")
        return np.arange(n_timepoints) * (1 if dt is None else dt)
    if dt is not None:
        raise ValueError("both time and dt are given: give one of them")
    times = np.asarray(time)
    if times.shape != (n_timepoints,):
        raise ValueError(f"time has shape {times.shape}: give one value for each time point, ({n_timepoints},)")
    return times


def group_series(
    series: Series,
    y: ArrayLike | None,
    channels: list[int],
    n_timepoints: int,
    n_examples: int,
    max_series: int,
    max_classes: int,
) -> tuple[int, list[Group]]:
    """Return how many classes there are, and what is drawn of the first `max_classes`."""
    labels, codes = _check_labels(y, len(series))
    points = slice(None, None, -(-n_timepoints // _MOST_POINTS))
    groups = []
    for code, label in enumerate(labels[:max_classes]):
        members = np.flatnonzero(codes == code)
        used = _pick_evenly(members, max_series)
        low, median, high = _quantiles(_stack(series, used, channels, n_timepoints, points), (0.1, 0.5, 0.9))
        examples = [_finite(series[index][channels]) for index in _pick_evenly(members, n_examples)]
        groups.append(Group(label, len(members), len(used), points, low, median, high, examples))
    return len(labels), groups


def _check_labels(y: ArrayLike | None, n_series: int) -> tuple[list[str], NDArray[np.intp]]:
    if y is None:
        return ["all"], np.zeros(n_series, dtype=np.intp)
    labels = np.asarray(y)
    if labels.shape != (n_series,):
        raise ValueError(
            f"y has shape {labels.shape} and X {n_series} series: give one label per series, ({n_series},)"
        )
    classes, codes = np.unique(labels.astype(str) if labels.dtype == object else labels, return_inverse=True)
    return [str(label) for label in classes], codes


def _pick_evenly(members: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return `count` members (or all) spread over the data: no chance involved."""
    if len(members) <= count:
        return members
    return members[((np.arange(count) + 0.5) * len(members) / count).astype(np.intp)]


def _stack(
    series: Series, used: NDArray[np.intp], channels: list[int], n_timepoints: int, points: slice
) -> NDArray[np.floating]:
    """Return the used series as one array, shorter ones filled up with NaN."""
    if isinstance(series, np.ndarray):
        return _finite(np.stack([series[index, channels, points] for index in used]))
    stacked = np.full((len(used), len(channels), len(range(n_timepoints)[points])), np.nan)
    for row, index in enumerate(used):
        values = series[index][channels, points]
        stacked[row, :, : values.shape[-1]] = values
    return _finite(stacked)


def _finite(values: NDArray[Any]) -> NDArray[np.floating]:
    floats = values if values.dtype.kind == "f" else values.astype(np.float64)
    return np.where(np.isfinite(floats), floats, np.nan)


def _quantiles(values: NDArray[np.floating], shares: Sequence[float]) -> list[NDArray[np.floating]]:
    """Return quantiles over the first axis without NaNs; numpy's own would go point by point, and warn."""
    ordered = np.sort(values, axis=0)  # NaNs last
    last = np.maximum(np.isfinite(ordered).sum(axis=0) - 1, 0)
    results = []
    for share in shares:
        place = share * last
        below = place.astype(np.intp)
        low = np.take_along_axis(ordered, below[None], axis=0)[0]
        high = np.take_along_axis(ordered, np.minimum(below + 1, last)[None], axis=0)[0]
        results.append(low + (place - below) * (high - low))
    return results
