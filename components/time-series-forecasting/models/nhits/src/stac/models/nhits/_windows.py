"""Windows of many series, each scaled by its own past, without a loop over series or windows."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

LARGEST = 30.0  # scaled values are cut here: what lies further out is an accident that should not rule the weights

Shape = tuple[int, int, int, int]  # input_length, horizon, season_length, n_past


@dataclass(frozen=True)
class Windows:
    """What the network takes, what it should say, and what undoes the scaling."""

    inputs: tuple[np.ndarray | None, ...]
    target: np.ndarray  # (n, 2, horizon) float32: scaled values, 0 where missing, and their weights
    level: np.ndarray  # (n, 1)
    scale: np.ndarray  # (n, 1)


def training_windows(
    y: np.ndarray, columns: np.ndarray, shape: Shape, n_windows: int, rng: np.random.Generator
) -> Windows:
    """Draw windows in which enough of the past (a season, half of a short series) and some of the future is known."""
    input_length, horizon, season_length, _ = shape
    n_times = y.shape[1]
    known = np.concatenate([np.zeros((len(y), 1), np.int64), np.cumsum(~np.isnan(y), axis=1)], axis=1)
    ends = np.arange(n_times)  # here begin the futures
    in_past = known[:, ends] - known[:, np.maximum(ends - input_length, 0)]
    in_future = known[:, np.minimum(ends + horizon, n_times)] - known[:, ends]
    enough = np.clip(known[:, -1:] // 2, 1, min(season_length + 1, input_length))
    possible = np.flatnonzero((in_past >= enough) & (in_future > 0))
    if len(possible) > n_windows:
        possible = np.sort(rng.choice(possible, n_windows, replace=False))
    series, ends = np.divmod(possible, n_times)
    return windows_at(y, columns, series, ends, shape)


def windows_at(y: np.ndarray, columns: np.ndarray, series: np.ndarray, ends: np.ndarray, shape: Shape) -> Windows:
    """Return the windows of rows `series` whose futures begin at `ends`; `columns` may reach further than `y`."""
    input_length, horizon, season_length, n_past = shape
    n_columns = max(columns.shape[1], y.shape[1]) + horizon

    def taken(array: np.ndarray, fill: float) -> np.ndarray:
        after = n_columns - array.shape[1]
        padded = np.pad(array, ((0, 0), (input_length, after)), constant_values=fill)
        return sliding_window_view(padded, input_length + horizon, axis=1)[series, ends]

    values = taken(y, np.nan)
    past, future = values[:, :input_length], values[:, input_length:]
    level, scale = _level_and_scale(past, season_length)
    target = np.stack([_scaled(future, level, scale), ~np.isnan(future) & (scale > 0)], axis=1)
    beside = [np.nan_to_num(taken(columns[..., i], 0)) for i in range(columns.shape[2])]
    past_columns = np.stack([x[:, :input_length] for x in beside[:n_past]], axis=2) if n_past else None
    future_columns = np.stack([x[:, input_length:] for x in beside], axis=2) if beside else None
    inputs = _scaled(past, level, scale), (~np.isnan(past)).astype(np.float32), past_columns, future_columns
    return Windows(inputs, target.astype(np.float32), level, scale)


def shown_steps(horizon: int, n_shown: int, season_length: int) -> np.ndarray:
    """Return for each step the one to forecast it by: what no window has shown repeats the last season shown."""
    steps = np.arange(horizon)
    period = season_length if season_length <= n_shown else 1
    return np.where(steps < n_shown, steps, n_shown - period + (steps - n_shown) % period)


def column_scaling(columns: np.ndarray, n_exogenous: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of the exogenous columns; those of the calendar stay as they are."""
    mean, scale = np.zeros(columns.shape[2], np.float32), np.ones(columns.shape[2], np.float32)
    for i in range(n_exogenous):
        values = columns[..., i][~np.isnan(columns[..., i])].astype(np.float64)
        if len(values):
            mean[i], std = values.mean(), values.std()
            scale[i] = std if std > 1e-6 * abs(mean[i]) else 1.0
    return mean, scale


def _level_and_scale(past: np.ndarray, season_length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the last season, and the mean change from season to season; a scale of 0 means no change."""
    level = _mean(past[:, -max(season_length, 4) :])
    level = np.where(np.isnan(level), _mean(past), level)
    level = np.nan_to_num(level)  # nothing is known: there is no window to learn from, and 0 to forecast from
    scale = _mean(np.abs(past[:, season_length:] - past[:, :-season_length]))
    scale = np.where(scale > 0, scale, _mean(np.abs(past - level)))
    return level, np.where(scale > 1e-9 * np.abs(level), scale, 0.0)


def _mean(x: np.ndarray) -> np.ndarray:
    """Return the mean of what is known in each row, (n, 1); NaN where nothing is."""
    known = ~np.isnan(x)
    with np.errstate(invalid="ignore"):
        return np.where(known, x, 0).sum(1, keepdims=True) / known.sum(1, keepdims=True)


def _scaled(x: np.ndarray, level: np.ndarray, scale: np.ndarray) -> np.ndarray:
    scaled = np.divide(x - level, scale, out=np.zeros_like(x), where=scale > 0)
    return np.nan_to_num(np.clip(scaled, -LARGEST, LARGEST)).astype(np.float32)
