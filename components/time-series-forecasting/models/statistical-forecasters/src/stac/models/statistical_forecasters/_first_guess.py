"""Where the fit of an ARMA model begins: regression on past values, and on errors of a long autoregression."""

import numpy as np
from numpy.typing import NDArray

from stac.models.statistical_forecasters._polynomials import MOST, MOST_SEASONAL, N_PARAMETERS, parameters_of

Array = NDArray[np.float64]


class FirstGuess:
    """Products of all lagged values and errors of each series, of which each model takes those it needs.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_timepoints)
        Left-aligned, 0 behind the end.
    n : ndarray of shape (n_series,)
        Lengths.
    season_length : int
        1 for no season.

    References
    ----------
    Hannan & Rissanen (1982), Recursive estimation of mixed autoregressive-moving average order,
    https://doi.org/10.1093/biomet/69.1.81.
    """

    def __init__(self, values: Array, n: NDArray[np.intp], season_length: int) -> None:
        known = np.arange(values.shape[1]) < n[:, None]
        rest = (values - (values.sum(axis=1) / n)[:, None]) * known
        errors = _long_errors(rest, known, min(season_length + MOST + 1, values.shape[1] // 4))
        lags = [*range(1, MOST + 1)], [season_length * k for k in range(1, MOST_SEASONAL + 1)]
        columns = np.stack(
            [_later(source, lag) for part in lags for source in (rest, errors) for lag in part] + [rest], axis=1
        )
        columns *= known[:, None]
        self._products = columns @ columns.transpose(0, 2, 1)

    def __call__(self, rows: NDArray[np.intp], free: NDArray[np.bool_]) -> Array:
        """Return parameters for pairs of series and models, (n_rows, N_PARAMETERS)."""
        products = self._products[rows]
        system = products[:, :-1, :-1] * (free[:, :, None] & free[:, None])
        ridge = np.where(free, 1e-3 * products[:, -1, -1, None] + 1e-30, 1.0)
        system[:, np.arange(N_PARAMETERS), np.arange(N_PARAMETERS)] += ridge
        found = np.linalg.solve(system, (products[:, :-1, -1] * free)[:, :, None])[:, :, 0]
        return parameters_of(found) * free


def _long_errors(rest: Array, known: NDArray[np.bool_], order: int) -> Array:
    """Return errors of an autoregression by the equations of Yule and Walker."""
    if order < 1:
        return rest
    covariance = np.stack(
        [np.einsum("it,it->i", rest[:, lag:], rest[:, : rest.shape[1] - lag]) for lag in range(order + 1)], axis=1
    )
    covariance[:, 0] = covariance[:, 0] * (1 + 1e-6) + 1e-30
    at = np.arange(order)
    weights = np.linalg.solve(covariance[:, np.abs(at[:, None] - at)], covariance[:, 1:, None])[:, :, 0]
    errors = rest.copy()
    for lag in range(1, order + 1):
        errors -= weights[:, lag - 1 : lag] * _later(rest, lag)
    return errors * known


def _later(values: Array, lag: int) -> Array:
    moved = np.zeros_like(values)
    if lag < values.shape[1]:
        moved[:, lag:] = values[:, : values.shape[1] - lag]
    return moved
