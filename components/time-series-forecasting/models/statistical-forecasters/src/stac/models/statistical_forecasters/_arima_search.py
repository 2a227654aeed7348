"""The search for the orders of ARIMA models, many series and many models of each at once."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stac.models.statistical_forecasters._arma import Batch
from stac.models.statistical_forecasters._first_guess import FirstGuess
from stac.models.statistical_forecasters._polynomials import BLOCKS, BOUND, MOST, MOST_SEASONAL, N_PARAMETERS

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Objective = Callable[[Index, Array], tuple[Array, Array, Array]]

_SHAPE = (MOST + 1, MOST + 1, MOST_SEASONAL + 1, MOST_SEASONAL + 1, 2)
MODELS = np.array(np.unravel_index(np.arange(np.prod(_SHAPE)), _SHAPE)).T  # p, q, P, Q, whether there is a constant
_FREE = np.column_stack([MODELS[:, i : i + 1] > np.arange(end - first) for i, (first, end, _) in enumerate(BLOCKS)])
_FIRST = np.array([[2, 2, 1, 1, 1], [0, 0, 0, 0, 1], [1, 0, 1, 0, 1], [0, 1, 0, 1, 1], [0, 0, 0, 0, 0]])
_PAIRS = [(one, other) for one in (-1, 0, 1) for other in (-1, 0, 1) if one or other]
_MOVES = np.array([[*pair, 0, 0, 0] for pair in _PAIRS] + [[0, 0, *pair, 0] for pair in _PAIRS] + [[0] * 4 + [1]])
_EDGE = 0.99  # of partial autocorrelations: models nearer to a unit root are left out
_MOST_CELLS = 1_000_000
_MOST_ROUNDS = 20


class Found(NamedTuple):
    """Fitted models: rows of pairs of a series and a model."""

    series: Index
    model: Index
    parameters: Array
    aicc: Array


def search(batch: Batch, limits: Index) -> Found:
    """Return the model with the least AICc for each series, found step by step from a few small ones.

    Each step tries all neighbours of the best models so far; a series is done when none of them is better.

    Parameters
    ----------
    batch : Batch
        The series, differenced.
    limits : ndarray of shape (n_series, 5)
        The greatest p, q, P, Q, and whether there may be a constant.
    """
    guess = FirstGuess(batch.values, batch.n, batch.season_length)
    n_series = len(batch.n)
    count = MODELS.sum(axis=1) + 1
    open_ = (limits[:, None] >= MODELS).all(axis=2) & (batch.n[:, None] - count - 1 > 0)
    open_[:, 0] = True
    orders = np.minimum(_FIRST, limits[:, None])
    active, best = np.arange(n_series), None
    for _ in range(_MOST_ROUNDS):
        asked = np.zeros_like(open_)
        asked[active[:, None], np.ravel_multi_index(orders.transpose(2, 0, 1), _SHAPE)] = True
        series, model = np.nonzero(asked & open_)
        if not len(series):
            break
        open_[series, model] = False
        found = _fit(batch, guess, series, model)
        before = np.full(n_series, np.inf) if best is None else best.aicc
        best = _best(found if best is None else _joined([best, found]))
        active = np.flatnonzero(best.aicc < before)
        orders = MODELS[best.model[active]][:, None] + _MOVES
        orders[:, -1, -1] %= 2
        orders = np.clip(orders, 0, np.array(_SHAPE) - 1)
    return best


def _fit(batch: Batch, guess: FirstGuess, series: Index, model: Index) -> Found:
    parts = []
    for rows in _chunks(batch, series, model):
        own, free, constant = series[rows], _FREE[model[rows]], MODELS[model[rows], 4] == 1

        def squares(at: Index, points: Array, own=own, free=free, constant=constant) -> tuple[Array, Array, Array]:
            return batch.squares(own[at], points, free[at], constant[at])

        points = _descend(squares, guess(own, free), free, n_iterations=12, tolerance=1e-2)
        value = batch.likelihood(own, points, constant).value
        k = MODELS[model[rows]].sum(axis=1) + 1
        score = value + 2 * k + 2 * k * (k + 1) / np.maximum(batch.n[own] - k - 1, 0.1)
        score[(np.abs(np.tanh(points)) > _EDGE).any(axis=1)] = np.inf
        parts.append(Found(own, model[rows], points, score))
    return _joined(parts)


def _joined(parts: list[Found]) -> Found:
    return Found(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _best(found: Found) -> Found:
    """Return the best model of each series that is there."""
    order = np.lexsort((found.model, found.aicc, found.series))
    first = order[np.unique(found.series[order], return_index=True)[1]]
    return Found(*(part[first] for part in found))


def _chunks(batch: Batch, series: Index, model: Index) -> Iterator[Index]:
    """Give rows that fit into memory, with models of like lags together."""
    p, q, seasonal_p, seasonal_q, _ = MODELS[model].T
    longest = np.maximum(p + batch.season_length * seasonal_p, q + batch.season_length * seasonal_q)
    order = np.lexsort((model, series, longest))
    step = max(1, _MOST_CELLS // (N_PARAMETERS * batch.width))
    for i in range(0, len(order), step):
        yield order[i : i + step]


def _descend(
    objective: Objective, start: Array, free: NDArray[np.bool_], *, n_iterations: int, tolerance: float
) -> Array:
    """Minimise one function for each row by damped Newton steps.

    References
    ----------
    Marquardt (1963), An algorithm for least-squares estimation of nonlinear parameters,
    https://doi.org/10.1137/0111030.
    """
    points = start * free
    active = np.flatnonzero(free.any(axis=1))
    value, gradient, curvature = objective(np.arange(len(points)), points)
    damping = np.full(len(points), 1e-2)
    at = np.arange(N_PARAMETERS)
    for _ in range(n_iterations):
        if not len(active):
            break
        system = curvature[active]
        diagonal = system[:, at, at]
        extra = damping[active, None] * diagonal + 1e-6 * diagonal.max(axis=1, keepdims=True) + 1e-12
        system[:, at, at] += np.where(free[active], extra, 1.0)
        step = np.linalg.solve(system, gradient[active][:, :, None])[:, :, 0]
        tried = np.clip(points[active] - np.clip(step, -1, 1), -BOUND, BOUND) * free[active]
        new_value, new_gradient, new_curvature = objective(active, tried)
        gain = value[active] - new_value
        better = gain > 0
        rows = active[better]
        points[rows], value[rows] = tried[better], new_value[better]
        gradient[rows], curvature[rows] = new_gradient[better], new_curvature[better]
        damping[active] *= np.where(better, 0.2, 8.0)
        active = active[~(better & (gain < tolerance)) & (damping[active] < 1e5)]
    return points
