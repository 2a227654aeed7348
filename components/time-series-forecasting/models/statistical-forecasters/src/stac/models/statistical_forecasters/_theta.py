"""Theta models, standard and optimised, static and dynamic, fitted to many series at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stac.models.statistical_forecasters._minimize import minimize
from stac.models.statistical_forecasters._season import is_seasonal, seasonal_figure

Array = NDArray[np.float64]

# S: theta is 2, O: it is optimised; D in front: the trend line follows the data.
MODELS = ("STM", "OTM", "DSTM", "DOTM")

# first level (0: least value, 1: greatest), alpha, 1 - 1 / theta
_LOW, _HIGH = np.array([-0.5, 0.1, 0.0]), np.array([1.5, 0.99, 0.99])
_N_UNCOUNTED = 3  # first errors, when there is hardly a line yet
_MOST_CELLS = 2_000_000


class Fitted(NamedTuple):
    """The chosen model of each series, and its state at the end."""

    model: NDArray[np.str_]
    parameters: Array  # (n_series, 3): first level, alpha, theta
    n: NDArray[np.intp]
    level: Array
    mean: Array
    intercept: Array
    slope: Array
    sigma: Array
    season: Array  # (n_series, season_length), the next place first
    factor: NDArray[np.bool_]  # whether the season multiplies


def fit_theta(values: Array, season_length: int, models: tuple[str, ...] = MODELS) -> Fitted:
    """Choose and fit a model for each series, the one with the least AICc.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_timepoints)
        Right-aligned, NaN in front.
    season_length : int
        1 for no season.
    models : tuple of str
        Which ones to choose from.
    """
    step = max(1, _MOST_CELLS // (4 * values.shape[1]))
    parts = [_fit(values[i : i + step], season_length, models) for i in range(0, len(values), step)]
    return Fitted(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _fit(values: Array, season_length: int, models: tuple[str, ...]) -> Fitted:
    adjusted, season, factor = _without_season(values, season_length)
    scale = np.nanmean(np.abs(adjusted), axis=1)
    scale[scale == 0] = 1
    adjusted = adjusted / scale[:, None]
    first = np.isnan(values).sum(axis=1)
    n = values.shape[1] - first
    low, high = np.nanmin(adjusted, axis=1), np.nanmax(adjusted, axis=1)
    begin = adjusted[np.arange(len(n)), first]
    counts = np.arange(values.shape[1])[:, None] >= first + _N_UNCOUNTED
    lines = {dynamic: _lines(adjusted, first, dynamic) for dynamic in (False, True)}
    found = []
    for model in models:
        free = np.array([True, True, "O" in model])
        line = lines[model.startswith("D")]

        def squares(points: Array, line: tuple = line) -> Array:
            level = low[:, None] + points[:, :, 0] * (high - low)[:, None]
            errors = _recursion(adjusted, first, line, level, points[:, :, 1], points[:, :, 2])[0]
            errors *= counts[:, :, None]
            return np.einsum("tnp,tnp->np", errors, errors)

        start = np.column_stack([(begin - low) / np.where(high > low, high - low, 1), np.full((len(n), 2), 0.5)])
        box = np.where(free, _LOW, 0.5), np.where(free, _HIGH, 0.5)
        points, value = minimize(squares, start, *box, n_iterations=40)
        k = 1 + free.sum()
        penalty = 2 * k + 2 * k * (k + 1) / np.maximum(n - k - 1, 0.1)
        found.append((n * np.log(np.maximum(value, 1e-20 * n)) + penalty, points, value))
    best = np.argmin([one[0] for one in found], axis=0)
    rows = np.arange(len(n))
    points, value = (np.array([one[i] for one in found])[best, rows] for i in (1, 2))
    names = np.array(models)[best]
    short = n < 8  # nothing to estimate: the last value
    points[short, 1:] = (1.0, 0.0)
    level = np.where(short, begin, low + points[:, 0] * (high - low))
    dynamic = np.array([name.startswith("D") for name in names])
    line = tuple(np.where(dynamic, lines[True][i], lines[False][i]) for i in (0, 1))
    errors, at_end = _recursion(adjusted, first, line, level[:, None], points[:, 1:2], points[:, 2:3])
    value[short] = (errors[:, short, 0] ** 2).sum(axis=0)
    k = np.where(short, 1, 2 + np.array(["O" in name for name in names]))
    sigma = np.sqrt(value / np.maximum(n - k - np.where(short, 0, _N_UNCOUNTED), 1)) * scale
    parameters = np.column_stack([level * scale, points[:, 1], 1 / (1 - points[:, 2])])
    mean = np.nanmean(adjusted, axis=1) * scale
    state = at_end[:, 0] * scale, mean, line[0][-1] * scale, line[1][-1] * scale
    return Fitted(names, parameters, n, *state, sigma, season, factor)


def _without_season(values: Array, season_length: int) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return values without season, the season from the next place on, and whether it is a factor."""
    n_series, n_timepoints = values.shape
    figure, factor = np.zeros((n_series, season_length)), np.zeros(n_series, dtype=bool)
    if season_length > 1 and n_timepoints > 2 * season_length:
        seasonal = is_seasonal(values, season_length)
        factor = seasonal & (np.nanmin(values, axis=1) >= 0)
        for chosen, multiplicative in ((factor, True), (seasonal & ~factor, False)):
            if chosen.any():
                figure[chosen] = seasonal_figure(values[chosen], season_length, multiplicative=multiplicative)
    along = figure[:, np.arange(n_timepoints) % season_length]
    with np.errstate(all="ignore"):
        adjusted = np.where(factor[:, None], values / along, values - along)
    return adjusted, np.roll(figure, -(n_timepoints % season_length), axis=1), factor


def _lines(values: Array, first: NDArray[np.intp], dynamic: bool) -> tuple[Array, Array]:
    """Return intercept and slope of the straight line through the values before each time, (n_timepoints + 1, n)."""
    known = ~np.isnan(values)
    y = np.where(known, values, 0).T
    t = np.where(known, np.arange(values.shape[1]) - first[:, None] + 1, 0).T.astype(float)
    n, sum_y, sum_ty = t, np.cumsum(y, axis=0), np.cumsum(t * y, axis=0)
    with np.errstate(all="ignore"):
        mean = sum_y / n
        slope = (sum_ty - (n + 1) / 2 * sum_y) * 12 / (n * (n**2 - 1))
    slope = np.where(n > 1, slope, 0)
    intercept = np.where(n > 0, mean - (n + 1) / 2 * slope, 0)
    if not dynamic:
        return tuple(np.repeat(one[-1:], len(one) + 1, axis=0) for one in (intercept, slope))
    return tuple(np.concatenate([np.zeros((1, one.shape[1])), one]) for one in (intercept, slope))


def _recursion(
    values: Array, first: NDArray[np.intp], line: tuple[Array, Array], level: Array, alpha: Array, weight: Array
) -> tuple[Array, Array]:
    """Return errors (n_timepoints, n_series, n_points) and the last level (n_series, n_points)."""
    errors = np.empty((values.shape[1], *level.shape))
    power, level, keep = np.ones_like(level), level.copy(), 1 - alpha
    latest = int(first.max())
    for t, y in enumerate(values.T[:, :, None]):
        intercept, slope = line[0][t][:, None], line[1][t][:, None]
        after = power * keep
        mean = level + weight * (power * intercept + (1 - after) / alpha * slope)
        if t < latest:
            waiting = t < first
            y = np.where(waiting[:, None], level, y)
            after[waiting], mean[waiting] = 1, level[waiting]
        np.subtract(y, mean, out=errors[t])
        level += alpha * (y - level)
        power = after
    return errors, level


def forecast_theta(fitted: Fitted, horizon: int) -> tuple[Array, Array]:
    """Return point forecasts and their spread, (n_series, horizon): that of simple exponential smoothing."""
    alpha, weight = fitted.parameters[:, 1], 1 - 1 / fitted.parameters[:, 2]
    level, mean, intercept, slope = fitted.level, fitted.mean, fitted.intercept, fitted.slope
    n = fitted.n.astype(float)
    dynamic = np.array([name.startswith("D") for name in fitted.model])
    point = np.empty((len(level), horizon))
    for h in range(horizon):
        decay = (1 - alpha) ** n
        point[:, h] = level + weight * (decay * intercept + (1 - decay * (1 - alpha)) / alpha * slope)
        level = level + alpha * (point[:, h] - level)
        n = n + 1
        new_slope = ((n - 2) * slope + 6 * (point[:, h] - mean) / n) / (n + 1)
        mean = ((n - 1) * mean + point[:, h]) / n
        slope = np.where(dynamic, new_slope, slope)
        intercept = np.where(dynamic, mean - (n + 1) / 2 * new_slope, intercept)
    spread = fitted.sigma[:, None] * np.sqrt(1 + np.arange(horizon) * alpha[:, None] ** 2)
    season = fitted.season[:, np.arange(horizon) % fitted.season.shape[1]]
    factor = fitted.factor[:, None]
    return np.where(factor, point * season, point + season), np.where(factor, spread * season, spread)
