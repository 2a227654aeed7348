"""Windows of many series, scaled one by one, without a loop over series or windows."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

LARGEST = 30.0  # scaled values are cut here: what lies further out is an accident that should not rule the weights


@dataclass(frozen=True)
class Windows:
    """Scaled windows: `inputs` of the network, and what undoes the scaling."""

    inputs: tuple[np.ndarray | None, ...]
    target: np.ndarray  # (n, 2, horizon): scaled values, 0 where missing, and their weights
    level: np.ndarray  # (n, 1)
    scale: np.ndarray  # (n, 1)


def training_windows(
    y: np.ndarray,
    columns: np.ndarray,
    n_past: int,
    input_length: int,
    horizon: int,
    season_length: int,
    n_windows: int,
    rng: np.random.Generator,
) -> Windows:
    """Draw windows in which enough of the past and some of the future is known."""
    known = np.concatenate([np.zeros((len(y), 1), np.int64), np.cumsum(~np.isnan(y), axis=1)], axis=1)
    ends = np.arange(y.shape[1])  # the windows' futures begin here
    in_past = known[:, ends] - known[:, np.maximum(ends - input_length, 0)]
    in_future = known[:, np.minimum(ends + horizon, y.shape[1])] - known[:, ends]
    possible = np.flatnonzero((in_past >= np.minimum(season_length + 1, known[:, -1:] // 2)) & (in_past > 0) & (in_future > 0))
    if len(possible) > n_windows:
        possible = np.sort(rng.choice(possible, n_windows, replace=False))
    series, ends = np.divmod(possible, y.shape[1])
    return windows_at(y, columns, series, ends, n_past, input_length, horizon, season_length)


def windows_at(
    y: np.ndarray,
    columns: np.ndarray,
    series: np.ndarray,
    ends: np.ndarray,
    n_past: int,
    input_length: int,
    horizon: int,
    season_length: int,
) -> Windows:
    """Take the windows whose futures begin at column `ends` of rows `series`; `columns` reaches `horizon` further."""
    padding = ((0, 0), (input_length, horizon))
    values = sliding_window_view(np.pad(y, padding, constant_values=np.nan), input_length + horizon, axis=1)
    values = values[series, ends]
    past, future = values[:, :input_length], values[:, input_length:]
    level, scale = _level_and_scale(past, season_length)
    target = np.stack([_scaled(future, level, scale), ~np.isnan(future) & (scale > 0)], axis=1)
    past_columns = future_columns = None
    if columns.shape[2]:
        padded = np.pad(columns, (*padding, (0, 0)))
        beside = sliding_window_view(np.nan_to_num(padded), input_length + horizon, axis=1)
        if n_past:
            past_columns = np.ascontiguousarray(beside[series, ends, :n_past, :input_length].transpose(0, 2, 1))
        future_columns = np.ascontiguousarray(beside[series, ends, :, input_length:].transpose(0, 2, 1))
    inputs = (_scaled(past, level, scale), (~np.isnan(past)).astype(np.float32), past_columns, future_columns)
    return Windows(inputs, target.astype(np.float32), level, scale)


def _level_and_scale(past: np.ndarray, season_length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the last season, and the mean change from season to season; a scale of 0 means no change."""
    level = _mean(past[:, -max(season_length, 4) :])
    level = np.where(np.isnan(level), _mean(past), level)
    scale = _mean(np.abs(past[:, season_length:] - past[:, :-season_length]))
    spread = _mean(np.abs(past - level))
    scale = np.where(scale > 0, scale, spread)
    return level, np.where(scale > 1e-9 * np.abs(level), scale, 0.0)


def _mean(x: np.ndarray) -> np.ndarray:
    """Return the mean of what is known in each row, (n, 1); NaN where nothing is."""
    known = ~np.isnan(x)
    with np.errstate(invalid="ignore"):
        return np.where(known, x, 0).sum(1, keepdims=True) / known.sum(1, keepdims=True)


def _scaled(x: np.ndarray, level: np.ndarray, scale: np.ndarray) -> np.ndarray:
    scaled = np.divide(x - level, scale, out=np.zeros_like(x), where=scale > 0)
    return np.nan_to_num(np.clip(scaled, -LARGEST, LARGEST)).astype(np.float32)
