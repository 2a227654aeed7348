"""How often series have to be differenced: tests for a strong season and for a changing level."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_STRONG = 0.64  # season, from which it is differenced
_CRITICAL = 0.463  # of KPSS, 5 %
_SEASONS_AROUND = 11  # that a season is smoothed over


def seasonal_strength(values: Array, season_length: int) -> Array:
    """Return the share of the season in what is left without trend, between 0 and 1.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_timepoints)
        Without NaN, more than two seasons.
    season_length : int
        Steps of a season.

    References
    ----------
    Wang, Smith & Hyndman (2006), Characteristic-based clustering for time series data,
    https://doi.org/10.1007/s10618-005-0039-x. The decomposition is close to that of Cleveland, Cleveland, McRae &
    Terpenning (1990), STL: a seasonal-trend decomposition procedure based on loess, Journal of Official Statistics 6.
    """
    n_series, n = values.shape
    m = season_length
    n_seasons = -(-n // m)
    smooth = _local_fit(n_seasons, _SEASONS_AROUND, slopes=False)
    wide = int(np.ceil(1.5 * m / (1 - 1.5 / _SEASONS_AROUND))) | 1
    trend = season = np.zeros_like(values)
    for _ in range(2):
        rest = np.zeros((n_series, n_seasons * m))
        rest[:, :n] = values - trend
        if n < n_seasons * m:  # the last season, as far as it is missing, is like the one before
            rest[:, n:] = rest[:, n - m : n_seasons * m - m]
        season = (smooth @ rest.reshape(n_series, n_seasons, m)).reshape(n_series, -1)[:, :n]
        season = season - _local_lines(season, 2 * m + 1)
        trend = _local_lines(values - season, wide)
    rest = values - season - trend
    with np.errstate(all="ignore"):
        strength = 1 - rest.var(axis=1) / (rest + season).var(axis=1)
    return np.clip(np.nan_to_num(strength), 0, 1)


def kpss(values: Array) -> Array:
    """Return the KPSS statistic of a level: large where the level changes.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_timepoints)
        Without NaN.

    References
    ----------
    Kwiatkowski, Phillips, Schmidt & Shin (1992), Testing the null hypothesis of stationarity against the alternative of
    a unit root, https://doi.org/10.1016/0304-4076(92)90104-Y.
    """
    n = values.shape[1]
    rest = values - values.mean(axis=1, keepdims=True)
    n_lags = int(3 * np.sqrt(n) / 13)
    variance = np.einsum("ij,ij->i", rest, rest)
    for lag in range(1, n_lags + 1):
        weight = 2 * (1 - lag / (n_lags + 1))
        variance = variance + weight * np.einsum("ij,ij->i", rest[:, lag:], rest[:, :-lag])
    sums = np.cumsum(rest, axis=1)
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.einsum("ij,ij->i", sums, sums) / (n * variance))


def difference_orders(values: Array, season_length: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return d and D of series of the same length: D by the strength of the season, then d by KPSS."""
    n_series, n = values.shape
    ordinary, seasonal = np.zeros(n_series, dtype=np.intp), np.zeros(n_series, dtype=np.intp)
    if season_length > 1 and n > 2 * season_length:
        seasonal[:] = seasonal_strength(values, season_length) > _STRONG
    for order in (0, 1):
        rows = np.flatnonzero(seasonal == order)
        moved = values[rows]
        if order:
            moved = moved[:, season_length:] - moved[:, :-season_length]
        for _ in range(2):
            if moved.shape[1] < 4:
                break
            changing = (kpss(moved) > _CRITICAL) & (np.ptp(moved, axis=1) > 0)
            rows, moved = rows[changing], np.diff(moved[changing], axis=1)
            ordinary[rows] += 1
    return ordinary, seasonal


def _local_lines(values: Array, n_around: int) -> Array:
    """Smooth by straight lines through so many points around each."""
    n, half = values.shape[1], n_around // 2
    if n <= 2 * n_around:
        return values @ _local_fit(n, n_around).T
    weights = _local_fit(2 * n_around, n_around)
    result = np.empty_like(values)
    windows = np.lib.stride_tricks.sliding_window_view(values, n_around, axis=1)
    middle = weights[n_around, n_around - half : n_around + half + 1]
    result[:, half : n - half] = windows @ middle
    result[:, :half] = values[:, : 2 * n_around] @ weights[:half].T
    result[:, n - half :] = values[:, -2 * n_around :] @ weights[-half:].T
    return result


def _local_fit(n: int, n_around: int, *, slopes: bool = True) -> Array:
    """Return the matrix of a smoother by lines, or means, of the nearest points, with tricube weights."""
    at = np.arange(n, dtype=float)
    distance = np.abs(at[:, None] - at)
    reach = np.sort(distance, axis=1)[:, min(n_around, n) - 1] * max(1.0, n_around / n)
    weights = np.clip(1 - (distance / (reach[:, None] + 1e-3)) ** 3, 0, None) ** 3
    weights /= weights.sum(axis=1, keepdims=True)
    if not slopes:
        return weights
    offset = at - (weights @ at)[:, None]
    spread = (weights * offset**2).sum(axis=1)
    slope = np.where(spread > 1e-9, np.diag(offset) / np.maximum(spread, 1e-9), 0)
    return weights * (1 + slope[:, None] * offset)
