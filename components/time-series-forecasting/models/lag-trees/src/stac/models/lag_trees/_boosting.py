"""Draw rows out of all series, grow the trees on what lies behind, and learn from what lies ahead how far they miss."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from stac.models.lag_trees._features import Rows, feature_rows

LEVELS = (0.005, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.995)
SCORES = [NormalDist().inv_cdf(level) for level in LEVELS]
LARGEST = 30.0  # scaled values are cut here: what lies further out is an accident
MIN_ROWS = 8  # fewer rows cannot be split in time
PATIENCE = 30
N_SPREAD_TREES, N_SPREAD_ROWS = 60, 50_000


@dataclass
class Fitted:
    """Trees of the forecast, trees of the logarithm of its error, and quantiles of the error in units of these."""

    point: Any
    spread: Any
    errors: list[float]

    def forecast(self, rows: Rows) -> np.ndarray:
        """Return the point forecast of each row in the units of the data."""
        return rows.level + rows.scale * self.point.predict(rows.features)

    def error(self, rows: Rows, level: float) -> np.ndarray:
        """Return what has to be added to the point forecast for a quantile."""
        error = np.interp(NormalDist().inv_cdf(level), SCORES, self.errors)
        return rows.scale * np.exp(self.spread.predict(rows.features)) * error


def training_rows(
    y: np.ndarray,
    columns: np.ndarray,
    season_length: int,
    n_lags: int,
    horizon: int,
    max_rows: int,
    rng: np.random.Generator,
) -> tuple[Rows, np.ndarray, np.ndarray]:
    """Return rows with a known target, the ends of their pasts, and the times of their targets."""
    n_times = y.shape[1]
    known = np.concatenate([np.zeros((len(y), 1), np.int64), np.cumsum(~np.isnan(y), axis=1)], axis=1)
    enough = np.clip(known[:, -1:] // 2, 1, season_length + 1)
    possible = np.flatnonzero(known[:, :n_times] >= enough)
    n_steps = horizon
    if len(possible) * horizon > max_rows:  # few steps of many moments tell more than all steps of few
        n_steps = min(horizon, max(8, max_rows // len(possible)))
        n_moments = min(len(possible), max(max_rows // n_steps, 1))
        possible = np.sort(rng.choice(possible, n_moments, replace=False))
    steps = np.tile(np.arange(1, horizon + 1), (len(possible), 1))
    steps = (rng.permuted(steps, axis=1)[:, :n_steps] if n_steps < horizon else steps).ravel()
    series, ends = np.divmod(np.repeat(possible, n_steps), n_times)
    targets = ends + steps - 1
    there = targets < n_times
    there[there] = ~np.isnan(y[series[there], targets[there]])
    series, ends, steps = series[there], ends[there], steps[there]
    rows = feature_rows(y, columns, series, ends, steps, season_length, n_lags, horizon)
    moving = rows.scale > 0
    if moving.any():  # pasts that never change tell nothing; if there are no others, they must do
        rows = Rows(rows.features[moving], rows.target[moving], rows.level[moving], rows.scale[moving])
        ends, steps = ends[moving], steps[moving]
    rows = Rows(rows.features, np.clip(np.nan_to_num(rows.target), -LARGEST, LARGEST), rows.level, rows.scale)
    return rows, ends, ends + steps - 1


def split_in_time(ends: np.ndarray, targets: np.ndarray, n_times: int, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows whose targets lie before a moment, and those whose pasts end after it."""
    cut = n_times - max(n_times // 5, min(horizon, n_times // 2))
    before, after = targets < cut, ends >= cut
    if before.sum() < MIN_ROWS // 2 or after.sum() < MIN_ROWS // 2:
        cut = np.median(targets)  # series of very different lengths, or too short for the horizon
        before, after = targets <= cut, targets >= cut
    return np.flatnonzero(before), np.flatnonzero(after)


def grow(
    rows: Rows, weights: np.ndarray, before: np.ndarray, after: np.ndarray, n_trees: int, params: dict[str, Any]
) -> Fitted:
    """Grow trees on rows `before` until those `after` are forecast no better, keep how far they miss, grow on all."""
    import lightgbm

    def dataset(chosen: Any, reference: Any = None) -> Any:
        return lightgbm.Dataset(rows.features[chosen], rows.target[chosen], weight=weights[chosen], reference=reference)

    early = dataset(before)
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    trial = lightgbm.train(params, early, n_trees, valid_sets=[dataset(after, early)], callbacks=[stop])
    point = lightgbm.train(params, dataset(slice(None)), max(1, trial.best_iteration))
    errors = rows.target[after] - trial.predict(rows.features[after], num_iteration=trial.best_iteration)
    stride = -(-len(errors) // N_SPREAD_ROWS)
    seen, sizes = rows.features[after][::stride], np.abs(errors[::stride])
    floor = 1e-2 * sizes.mean() + 1e-9
    small = params | {"objective": "l1", "num_leaves": 15, "min_data_in_leaf": max(params["min_data_in_leaf"], 100)}
    spread = lightgbm.train(small, lightgbm.Dataset(seen, np.log(sizes + floor)), N_SPREAD_TREES)
    quantiles = np.quantile(errors[::stride] / np.exp(spread.predict(seen)), LEVELS)
    return Fitted(_bare(point), _bare(spread), (quantiles - quantiles[LEVELS.index(0.5)]).tolist())


def _bare(booster: Any) -> Any:
    """Return the trees without the training data, as they would come back from a file."""
    import lightgbm

    return lightgbm.Booster(model_str=booster.model_to_string())
