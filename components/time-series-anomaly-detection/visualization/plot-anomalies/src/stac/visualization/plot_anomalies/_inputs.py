"""Check what is to be drawn."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def check_series(series: ArrayLike) -> NDArray[np.float64]:
    """Return (n_channels, n_timepoints), infinite values as NaN."""
    values = np.asarray(series)
    if values.dtype.kind not in "fiub":
        raise TypeError(f"series holds {values.dtype} values: give numbers")
    if values.ndim == 1:
        values = values[None]
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"series has shape {values.shape}: give one series, (n_channels, n_timepoints), with values")
    return _finite(values)


def check_scores(scores: ArrayLike, n_timepoints: int) -> NDArray[np.float64]:
    """Return (n_timepoints,), infinite values as NaN."""
    values = np.asarray(scores)
    if values.dtype.kind not in "fiub":
        raise TypeError(f"scores hold {values.dtype} values: give numbers, higher = more anomalous")
    if values.shape != (n_timepoints,):
        raise ValueError(
            f"scores have shape {values.shape} and the series {n_timepoints} time points: give one score for each"
        )
    return _finite(values)


def check_labels(labels: ArrayLike, n_timepoints: int) -> NDArray[np.bool_]:
    """Return booleans (n_timepoints,)."""
    values = np.asarray(labels)
    if values.shape != (n_timepoints,):
        raise ValueError(
            f"labels have shape {values.shape} and the series {n_timepoints} time points: give one boolean for each"
        )
    if values.dtype.kind not in "biuf" or not np.isin(values, (0, 1)).all():
        raise ValueError("labels are not booleans (nor 0 and 1): mark anomalous time points with True, others False")
    return values.astype(bool)


def check_times(time: Any, dt: float | None, n_timepoints: int) -> NDArray[Any]:
    """Return the time of each point."""
    if time is None:
        if dt is not None and not (isinstance(dt, int | float | np.number) and np.isfinite(dt) and dt > 0):
            raise ValueError(f"dt is {dt!r}: give the sampling interval, a number above 0")
        return np.arange(n_timepoints) * (1 if dt is None else dt)
    if dt is not None:
        raise ValueError("both time and dt are given: give one of them")
    times = np.asarray(time)
    if times.shape != (n_timepoints,):
        raise ValueError(f"time has shape {times.shape}: give one value for each time point, ({n_timepoints},)")
    if times.dtype.kind not in "fiuM" or (np.diff(times) <= np.zeros(1, np.diff(times[:2]).dtype)).any():
        raise ValueError(
            "time does not rise from point to point: give numbers or datetime64, sorted and without repeats"
        )
    return times


def find_ranges(marks: NDArray[np.bool_], most: int | None = None) -> list[tuple[int, int]]:
    """Return first points and last points plus one of all runs of True; joined across small gaps if there are many."""
    edges = np.flatnonzero(np.diff(marks.astype(np.int8), prepend=0, append=0))
    starts, stops = edges[::2], edges[1::2]
    if most is not None and len(starts) > most:
        apart = np.append(True, starts[1:] - stops[:-1] > len(marks) // most)
        starts, stops = starts[apart], stops[np.append(np.flatnonzero(apart)[1:] - 1, len(stops) - 1)]
    return list(zip(starts.tolist(), stops.tolist(), strict=True))


def _finite(values: NDArray) -> NDArray[np.float64]:
    values = values.astype(np.float64)
    return np.where(np.isfinite(values), values, np.nan)
