"""Seasons of many series at once: classical decomposition, and a test whether there is one."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def seasonal_figure(values: Array, season_length: int, *, multiplicative: bool) -> Array:
    """Return the mean deviation from the moving average at each place of the season.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_timepoints)
        Right-aligned, NaN in front; at least two seasons each.
    season_length : int
        Steps of a season.
    multiplicative : bool
        Whether the deviation is a factor (of mean 1) or a difference (of mean 0).

    Returns
    -------
    ndarray of shape (n_series, season_length)
        Place `k` belongs to time points `k, k + season_length, …` of `values`.
    """
    weights = np.ones(season_length + 1 - season_length % 2)
    if season_length % 2 == 0:
        weights[[0, -1]] = 0.5
    weights /= season_length
    half = len(weights) // 2
    windows = np.lib.stride_tricks.sliding_window_view(values, len(weights), axis=1)
    trend = np.full(values.shape, np.nan)
    trend[:, half : values.shape[1] - half] = windows @ weights
    with np.errstate(all="ignore"):
        deviation = values / trend if multiplicative else values - trend
    n_seasons = -(-values.shape[1] // season_length)
    padded = np.full((len(values), n_seasons * season_length), np.nan)
    padded[:, : values.shape[1]] = deviation
    places = padded.reshape(len(values), n_seasons, season_length)
    known = np.isfinite(places)
    figure = np.where(known, places, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    if multiplicative:
        figure = np.where(figure > 0, figure, 1e-3)
        return figure / figure.mean(axis=1, keepdims=True)
    return figure - figure.mean(axis=1, keepdims=True)


def is_seasonal(values: Array, season_length: int) -> NDArray[np.bool_]:
    """Return whether the autocorrelation at the season stands out, at a level of 10 %, as Theta methods ask.

    References
    ----------
    Fiorucci et al. (2016), https://doi.org/10.1016/j.ijforecast.2016.02.005.
    """
    known = np.isfinite(values)
    n = known.sum(axis=1)
    centred = np.where(known, values - _mean(values, known)[:, None], 0)
    variance = np.einsum("ij,ij->i", centred, centred)
    variance[variance <= 0] = np.inf
    correlation = [
        np.einsum("ij,ij->i", centred[:, lag:], centred[:, :-lag]) / variance for lag in range(1, season_length + 1)
    ]
    limit = 1.645 * np.sqrt((1 + 2 * np.sum(np.square(correlation[:-1]), axis=0)) / n)
    return (np.abs(correlation[-1]) > limit) & (n >= 2 * season_length + 1)


def _mean(values: Array, known: NDArray[np.bool_]) -> Array:
    return np.where(known, values, 0).sum(axis=1) / known.sum(axis=1)
