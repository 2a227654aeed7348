"""What the trees see of a series at one moment about a later one, for many series and moments at once."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

N_SEASONS = 3  # that are looked back at the place of the target
N_WEEKS = 2  # looked back at in the same way, where a season is a day
N_MEANS = 4  # seasons whose means are seen, the last one included


@dataclass(frozen=True)
class Rows:
    """A table of features, and what undoes the scaling."""

    features: np.ndarray  # (n, n_features) float32
    target: np.ndarray  # (n,) scaled, NaN where unknown
    level: np.ndarray  # (n,)
    scale: np.ndarray  # (n,)


def window_length(season_length: int, horizon: int, n_lags: int) -> int:
    """Return how many time points of the past are looked at."""
    longest = max((N_SEASONS + 2 + -(-horizon // season_length)) * season_length, n_lags, 8)
    week = _week(season_length)
    return max(longest, (N_WEEKS + -(-horizon // week)) * week) if week else longest


def feature_rows(
    y: np.ndarray,
    columns: np.ndarray,
    series: np.ndarray,
    ends: np.ndarray,
    steps: np.ndarray,
    season_length: int,
    n_lags: int,
    horizon: int,
) -> Rows:
    """Return a row for each series, end of the past and step after it (from 1); `columns` may reach beyond `y`.

    All values are relative to the level and scale of their own past, so that trees can carry over from one series to
    another, and follow trends beyond what they have seen.
    """
    length = window_length(season_length, horizon, n_lags)
    # Each moment is looked at once, then its features are repeated for the steps asked for.
    moments, moment = np.unique(series * (y.shape[1] + 1) + ends, return_inverse=True)
    rows, stops = np.divmod(moments, y.shape[1] + 1)
    windows = sliding_window_view(np.pad(y, ((0, 0), (length, 0)), constant_values=np.nan), length, axis=1)
    past = windows[rows, stops]
    level, scale = _level_and_scale(past, season_length)
    past = np.divide(past - level, scale, out=np.zeros_like(past), where=scale > 0).astype(np.float32)
    seasonal = _seasonal(past, moment, steps, season_length)
    place = (steps - 1) % season_length
    height = np.divide(level, scale, out=np.zeros_like(level), where=scale > 0)
    own = np.column_stack([past[:, : -n_lags - 1 : -1], _summary(past, season_length), height])
    known = columns[series, ends + steps - 1]
    features = np.column_stack([steps, place, seasonal, own[moment], known]).astype(np.float32)
    values = np.pad(y, ((0, 0), (0, horizon)), constant_values=np.nan)[series, ends + steps - 1]
    level, scale = level[moment, 0], scale[moment, 0]
    target = np.divide(values - level, scale, out=np.full(len(values), np.nan), where=scale > 0)
    return Rows(features, target, level, scale)


def feature_names(season_length: int, n_lags: int, horizon: int, columns: tuple[str, ...]) -> list[str]:
    """Return the names of the columns of `feature_rows`."""
    seasonal = [f"season_{k}" for k in range(1, N_SEASONS + 1)] + ["season_mean", "before_season", "after_season"]
    seasonal += [f"week_{k}" for k in range(1, N_WEEKS + 1)] + ["week_mean"] if _week(season_length) else []
    lags = [f"lag_{k}" for k in range(1, n_lags + 1)]
    n_before = min(window_length(season_length, horizon, n_lags) // max(season_length, 4), N_MEANS)
    means = [f"mean_of_season_{k + 1}" for k in range(1, n_before)]
    summary = ["mean_half_season", "mean_two_seasons", "mean", "mean_quarter_season", *means, "spread_season", "spread"]
    return ["step", "place_in_season", *seasonal, *lags, *summary, "level", *columns]


def _week(season_length: int) -> int:
    """Return the steps of a week where a season is a day, else 0: days of work and rest differ."""
    return 7 * season_length if season_length in (24, 48, 96, 144, 288) else 0


def _seasonal(past: np.ndarray, moment: np.ndarray, steps: np.ndarray, season_length: int) -> np.ndarray:
    """Return values at the target's place in the last seasons, their mean, and the last one's neighbours."""
    newest = past.shape[1] - 1 + steps - -(-steps // season_length) * season_length
    last = np.stack([past[moment, newest - k * season_length] for k in range(N_SEASONS)], axis=1)
    neighbours = [past[moment, newest - 1], past[moment, np.minimum(newest + 1, past.shape[1] - 1)]]
    return np.column_stack([last, _mean(last), *neighbours, *_weekly(past, moment, steps, season_length)])


def _weekly(past: np.ndarray, moment: np.ndarray, steps: np.ndarray, season_length: int) -> list[np.ndarray]:
    week = _week(season_length)
    if not week:
        return []
    newest = past.shape[1] - 1 + steps - -(-steps // week) * week
    weeks = [past[moment, newest - k * week] for k in range(N_WEEKS)]
    return [*weeks, _mean(np.stack(weeks, axis=1))]


def _summary(past: np.ndarray, season_length: int) -> np.ndarray:
    season = max(season_length, 4)
    now = past[:, -season:]
    n_before = min(past.shape[1] // season, N_MEANS)
    before = [_mean(past[:, -(k + 1) * season : -k * season]) for k in range(1, n_before)]
    return np.column_stack(
        [
            _mean(past[:, -max(season // 2, 2) :]),
            _mean(past[:, -2 * season :]),
            _mean(past),
            _mean(past[:, -max(season // 4, 2) :]),
            *before,
            _mean(np.abs(now)),
            _mean(np.abs(past)),
        ]
    )


def _level_and_scale(past: np.ndarray, season_length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the last season, and the mean change from season to season; a scale of 0 means no change."""
    level = _mean(past[:, -max(season_length, 4) :])
    level = np.where(np.isnan(level), _mean(past), level)
    scale = _mean(np.abs(past[:, season_length:] - past[:, :-season_length]))
    scale = np.where(scale > 0, scale, _mean(np.abs(past - level)))
    return level, np.where(scale > 1e-9 * np.abs(level), scale, 0.0)


def _mean(x: np.ndarray) -> np.ndarray:
    """Return the mean of what is known in each row, (n, 1); NaN where nothing is."""
    known = ~np.isnan(x)
    with np.errstate(invalid="ignore"):
        return np.where(known, x, 0).sum(1, keepdims=True) / known.sum(1, keepdims=True)
