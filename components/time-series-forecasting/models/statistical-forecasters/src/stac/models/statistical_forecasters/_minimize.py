"""Nelder and Mead's simplex method on many small problems at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Where to look along the line from the worst corner through the middle of the others, in units of that distance.
_STEPS = np.array([1.0, 2.0, 0.5, -0.5])


def minimize(
    function: Callable[[Array], Array], start: Array, low: Array, high: Array, *, n_iterations: int = 60
) -> tuple[Array, Array]:
    """Minimise one function of a few bounded parameters for each problem.

    Parameters
    ----------
    function : callable
        Takes points (n_problems, n_points, n_parameters), returns values (n_problems, n_points); infinity is allowed.
    start : ndarray of shape (n_problems, n_parameters)
        Where to begin.
    low, high : ndarray of shape (n_parameters,)
        The box.

    Returns
    -------
    ndarray of shape (n_problems, n_parameters), ndarray of shape (n_problems,)
        The best points and their values.

    References
    ----------
    Nelder & Mead (1965), A simplex method for function minimization, https://doi.org/10.1093/comjnl/7.4.308.
    """
    n_parameters, width = start.shape[1], high - low
    width = np.where(width > 0, width, 1)

    def inside(points: Array) -> Array:
        """Fold what is outside of the box back into it: cutting it off would flatten the simplex."""
        folded = np.abs((points - low) / width % 2)
        return np.where(high > low, low + width * np.where(folded > 1, 2 - folded, folded), low)

    corners = np.repeat(start[:, None], n_parameters + 1, axis=1)
    for i in range(n_parameters):
        move = 0.2 * (high[i] - low[i])
        corners[:, i + 1, i] += np.where(start[:, i] + move > high[i], -move, move)
    values = function(inside(corners))
    for _ in range(n_iterations):
        order = np.argsort(values, axis=1, kind="stable")
        corners = np.take_along_axis(corners, order[:, :, None], axis=1)
        values = np.take_along_axis(values, order, axis=1)
        middle = corners[:, :-1].mean(axis=1)
        line = middle - corners[:, -1]
        tried = middle[:, None] + _STEPS[:, None] * line[:, None]
        found = function(inside(tried))
        best = found.argmin(axis=1)
        rows = np.arange(len(best))
        better = found[rows, best] < values[:, -2]
        corners[better, -1] = tried[rows, best][better]
        values[better, -1] = found[rows, best][better]
        if not better.all():  # shrink towards the best corner
            stuck = ~better
            corners[stuck] = (corners[stuck] + corners[stuck, :1]) / 2
            values[stuck] = function(inside(corners))[stuck]
    best = values.argmin(axis=1)
    rows = np.arange(len(best))
    return inside(corners[rows, best]), values[rows, best]
