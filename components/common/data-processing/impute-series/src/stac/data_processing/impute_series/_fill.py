"""Values for the gaps of a block of rows: one function for each method.

Each takes ``rows (n_rows, n_timepoints)``, the mask of what is missing (no row entirely) and the season's length, and
returns the values of the missing points in the order of ``np.nonzero``.
"""

from collections.abc import Callable

import numpy as np


def linear(rows: np.ndarray, missing: np.ndarray, season_length: int | None = None) -> np.ndarray:
    """Return values on the line between the known neighbours."""
    row, at, before, after = _neighbours(missing)
    weight = ((at - before) / np.maximum(after - before, 1)).astype(rows.dtype)
    return (1 - weight) * rows[row, before] + weight * rows[row, after]


def nearest(rows: np.ndarray, missing: np.ndarray, season_length: int | None = None) -> np.ndarray:
    """Return the nearer known value, of two equally near ones the earlier."""
    row, at, before, after = _neighbours(missing)
    return rows[row, np.where(abs(at - before) <= abs(after - at), before, after)]


def forward(rows: np.ndarray, missing: np.ndarray, season_length: int | None = None) -> np.ndarray:
    """Return the last known value, at the beginning the first."""
    row, _, before, _ = _neighbours(missing)
    return rows[row, before]


def backward(rows: np.ndarray, missing: np.ndarray, season_length: int | None = None) -> np.ndarray:
    """Return the next known value, at the end the last."""
    row, _, _, after = _neighbours(missing)
    return rows[row, after]


def mean(rows: np.ndarray, missing: np.ndarray, season_length: int | None = None) -> np.ndarray:
    """Return the mean of the known values of the row."""
    means = np.asarray(np.mean(rows, axis=1, dtype=np.float64, where=~missing))
    return means[np.nonzero(missing)[0]]


def median(rows: np.ndarray, missing: np.ndarray, season_length: int | None = None) -> np.ndarray:
    """Return the median of the known values of the row."""
    n_known = rows.shape[1] - missing.sum(axis=1, keepdims=True)
    ordered = np.sort(rows, axis=1)  # missing values come last
    low = np.take_along_axis(ordered, (n_known - 1) // 2, axis=1)
    high = np.take_along_axis(ordered, n_known // 2, axis=1)
    return (low / 2 + high / 2)[np.nonzero(missing)[0], 0]


def seasonal(rows: np.ndarray, missing: np.ndarray, season_length: int) -> np.ndarray:
    """Return the line between known neighbours plus the mean course of a season around the trend."""
    n_rows, n = rows.shape
    known = ~missing
    wide = np.where(known, rows, 0).astype(np.float64)
    n_known = known.sum(axis=1, keepdims=True)
    # The least-squares line through the known values, so that a trend does not pass for a season.
    time = np.where(known, np.arange(n), 0)
    time_around = np.where(known, np.arange(n) - time.sum(axis=1, keepdims=True) / n_known, 0)
    around = np.where(known, wide - wide.sum(axis=1, keepdims=True) / n_known, 0)
    spread = np.einsum("ij,ij->i", time_around, time_around)
    slope = np.einsum("ij,ij->i", time_around, around) / np.maximum(spread, 1)
    around -= slope[:, None] * time_around

    n_seasons = -(-n // season_length)
    padding = ((0, 0), (0, n_seasons * season_length - n))
    by_season = (n_rows, n_seasons, season_length)
    total = np.pad(around, padding).reshape(by_season).sum(axis=1)
    count = np.pad(known, padding).reshape(by_season).sum(axis=1)
    course = np.tile(total / np.maximum(count, 1), (1, n_seasons))[:, :n]
    return linear(rows - course, missing) + course[missing]


def gap_lengths(missing: np.ndarray) -> np.ndarray:
    """Return for each missing point how long its gap is."""
    before, after = _known_before_and_after(missing)
    return (after - before - 1)[missing]


def _neighbours(missing: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return row and time of each missing point, and the times of its known neighbours, one standing in for both."""
    before, after = _known_before_and_after(missing)
    row, at = np.nonzero(missing)
    before, after = before[row, at], after[row, at]
    return row, at, np.where(before < 0, after, before), np.where(after == missing.shape[1], before, after)


def _known_before_and_after(missing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n = missing.shape[1]
    at = np.arange(n, dtype=np.int32)
    before = np.maximum.accumulate(np.where(missing, np.int32(-1), at), axis=1)
    after = np.minimum.accumulate(np.where(missing, np.int32(n), at)[:, ::-1], axis=1)[:, ::-1]
    return before, after


FILL: dict[str, Callable[..., np.ndarray]] = {
    "linear": linear,
    "nearest": nearest,
    "forward": forward,
    "backward": backward,
    "mean": mean,
    "median": median,
    "seasonal": seasonal,
}
