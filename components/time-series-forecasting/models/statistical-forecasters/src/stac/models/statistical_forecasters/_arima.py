"""Seasonal ARIMA models: series are differenced, models chosen for many at once, and forecasts taken from them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stac.models.statistical_forecasters._arima_search import MODELS, Found, search
from stac.models.statistical_forecasters._arma import Batch
from stac.models.statistical_forecasters._differences import difference_orders
from stac.models.statistical_forecasters._polynomials import MOST, MOST_SEASONAL, N_PARAMETERS, coefficients, expand

Array = NDArray[np.float64]
Index = NDArray[np.intp]

_FEWEST = 5  # values, from which a model is chosen
_LONGEST_EXACT = 24  # season, up to which the likelihood is exact
_MOST_SERIES = 500  # that are searched at once


class Fitted(NamedTuple):
    """The chosen model of each series, and what its forecasts follow from."""

    model: NDArray[np.str_]
    orders: Index  # (n_series, 7): p, d, q, P, D, Q, whether there is a constant
    parameters: Array  # (n_series, N_PARAMETERS): phi, theta, seasonal phi, seasonal theta
    mean: Array  # of the differences
    last: Array  # (n_series, n_lags): the last values
    errors: Array  # (n_series, n_lags): the last errors
    sigma: Array
    aicc: Array


def fit_arima(values: Array, season_length: int, most: int = MOST, most_seasonal: int = MOST_SEASONAL) -> Fitted:
    """Choose and fit a model for each series.

    A stepwise search goes to the least AICc. Models are fitted by conditional sums of squares and judged by their exact
    likelihood.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_timepoints)
        Right-aligned, NaN in front.
    season_length : int
        1 for no season.
    most, most_seasonal : int
        The greatest p and q, and the greatest P and Q.

    References
    ----------
    Hyndman & Khandakar (2008), Automatic time series forecasting: the forecast package for R,
    https://doi.org/10.18637/jss.v027.i03.
    """
    n_series, n_lags = len(values), MOST + (MOST_SEASONAL + 1) * season_length + 2
    n = (~np.isnan(values)).sum(axis=1)
    orders = np.zeros((n_series, 7), dtype=np.intp)
    for length in np.unique(n):
        rows = np.flatnonzero(n == length)
        orders[rows, 1] = 1
        if length >= _FEWEST:
            orders[rows, 1], orders[rows, 4] = difference_orders(values[rows, -length:], season_length)
    last = np.zeros((n_series, n_lags))
    known = min(n_lags, values.shape[1])
    last[:, n_lags - known :] = np.nan_to_num(values[:, values.shape[1] - known :])
    mean, sigma, aicc = np.zeros((3, n_series))
    parameters = np.zeros((n_series, N_PARAMETERS))
    fitted = Fitted(np.empty(0, str), orders, parameters, mean, last, np.zeros_like(last), sigma, aicc)
    width = _width(n)
    for d, seasonal_d, size in np.unique(np.column_stack([orders[:, [1, 4]], width]), axis=0):
        same = np.flatnonzero((orders[:, 1] == d) & (orders[:, 4] == seasonal_d) & (width == size))
        for i in range(0, len(same), _MOST_SERIES):
            rows = same[i : i + _MOST_SERIES]
            moved = _difference(values[rows, -size:], d, seasonal_d, season_length)
            batch, scale = _batch(moved, size, season_length)
            limits = _limits(batch, n[rows] >= _FEWEST, d + seasonal_d < 2, most, most_seasonal)
            _fill(fitted, rows, batch, scale, search(batch, limits))
    return fitted._replace(model=_names(orders, season_length))


def forecast_arima(fitted: Fitted, season_length: int, horizon: int) -> tuple[Array, Array]:
    """Return point forecasts and their spread, (n_series, horizon)."""
    found = coefficients(fitted.parameters)
    phi, theta = (expand(found, season_length, moving=moving) for moving in (False, True))
    n_series, n_lags = fitted.last.shape
    drift = phi.sum(axis=1) * fitted.mean
    past = np.zeros((n_series, n_lags + 1))
    past[:, : phi.shape[1]] = phi
    for column, lag, most in ((1, 1, 2), (4, season_length, 1)):
        for k in range(most):
            moved = np.zeros_like(past)
            moved[:, lag:] = past[:, :-lag]
            past -= moved * (fitted.orders[:, column] > k)[:, None]
    past, theta = -past[:, :0:-1], theta[:, :0:-1]  # the farthest lag first
    values = np.concatenate([fitted.last, np.zeros((n_series, horizon))], axis=1)
    errors = np.concatenate([fitted.errors, np.zeros((n_series, horizon))], axis=1)
    effects = np.zeros((n_series, n_lags + horizon))  # of one error, on what follows
    effects[:, n_lags] = 1
    for h in range(horizon):
        to = n_lags + h
        values[:, to] = drift + np.einsum("ij,ij->i", past, values[:, to - n_lags : to])
        values[:, to] += np.einsum("ij,ij->i", theta, errors[:, to - theta.shape[1] : to])
        if h:
            effects[:, to] = np.einsum("ij,ij->i", past, effects[:, to - n_lags : to])
            effects[:, to] += theta[:, -h] if h <= theta.shape[1] else 0
    spread = fitted.sigma[:, None] * np.sqrt(np.cumsum(effects[:, n_lags:] ** 2, axis=1))
    return values[:, n_lags:], spread


def _fill(fitted: Fitted, rows: Index, batch: Batch, scale: Array, found: Found) -> None:
    """Write down what the search found, in the units of the series."""
    at_end = batch.likelihood(np.arange(len(rows)), found.parameters, MODELS[found.model, 4] == 1)
    fitted.orders[rows[:, None], [0, 2, 3, 5, 6]] = MODELS[found.model]
    fitted.parameters[rows] = found.parameters
    fitted.mean[rows] = np.where(MODELS[found.model, 4] == 1, at_end.mean + batch.offset, 0) * scale
    fitted.aicc[rows] = found.aicc + 2 * batch.n * np.log(scale)
    n_free = MODELS[found.model].sum(axis=1)
    fitted.sigma[rows] = np.sqrt(at_end.squares / np.maximum(batch.n - n_free, 1)) * scale
    place = batch.n[:, None] - fitted.errors.shape[1] + np.arange(fitted.errors.shape[1])
    errors = np.take_along_axis(at_end.errors, np.maximum(place, 0), axis=1)
    fitted.errors[rows] = np.where(place >= 0, errors, 0) * scale[:, None]


def _width(n: Index) -> Index:
    """Return lengths rounded up, so that series of like length are fitted together, whoever is beside them."""
    n = np.maximum(n, 16)
    unit = 2 ** (np.floor(np.log2(n)).astype(np.intp) - 2)
    return -(-n // unit) * unit


def _difference(values: Array, d: int, seasonal_d: int, season_length: int) -> Array:
    if seasonal_d:
        values = values[:, season_length:] - values[:, :-season_length]
    return np.diff(values, n=d, axis=1)


def _batch(moved: Array, width: int, season_length: int) -> tuple[Batch, Array]:
    """Return series that begin at the left, of unit scale, and their scale."""
    known = ~np.isnan(moved)
    n = np.maximum(known.sum(axis=1), 1)
    place = np.minimum((moved.shape[1] - n)[:, None] + np.arange(moved.shape[1]), moved.shape[1] - 1)
    left = np.zeros((len(moved), int(width)))
    left[:, : moved.shape[1]] = np.take_along_axis(np.where(known, moved, 0), place, axis=1)
    inside = np.arange(width) < n[:, None]
    mean = left.sum(axis=1, where=inside) / n
    left = (left - mean[:, None]) * inside
    straight = np.abs(left).max(axis=1) < 1e-12 * np.abs(mean)
    left[straight] = 0
    scale = np.sqrt(np.einsum("ij,ij->i", left, left) / n)
    scale = np.where(scale == 0, np.where(mean == 0, 1, np.abs(mean)), scale)
    exact = season_length <= _LONGEST_EXACT
    return Batch(left / scale[:, None], n, season_length, offset=mean / scale, exact=exact), scale


def _limits(batch: Batch, chosen: NDArray[np.bool_], constant: bool, most: int, most_seasonal: int) -> Index:
    """Return the greatest orders of each series: short ones have few, and those that are straight lines none."""
    n, m = batch.n, batch.season_length
    straight = ~batch.values.any(axis=1)
    plain = np.where(chosen & ~straight, np.minimum(most, n // 3), 0)
    if m > _LONGEST_EXACT:
        most_seasonal = min(most_seasonal, 1)
    seasonal = np.where(chosen & ~straight, np.minimum(most_seasonal, n // (3 * m)), 0) if m > 1 else 0 * n
    return np.column_stack([plain, plain, seasonal, seasonal, chosen & constant]).astype(np.intp)


def _names(orders: Index, season_length: int) -> NDArray[np.str_]:
    names = []
    for p, d, q, seasonal_p, seasonal_d, seasonal_q, constant in orders.tolist():
        season = f"({seasonal_p},{seasonal_d},{seasonal_q})[{season_length}]" if season_length > 1 else ""
        words = " with drift" if d + seasonal_d else " with mean"
        names.append(f"({p},{d},{q}){season}{words * constant}")
    return np.array(names)
