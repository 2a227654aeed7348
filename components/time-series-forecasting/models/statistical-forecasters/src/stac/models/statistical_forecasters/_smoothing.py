"""The recursion of exponential smoothing, and forecasts from its last state."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Fitted(NamedTuple):
    """The chosen model of each series, and its state at the end."""

    model: NDArray[np.str_]
    parameters: Array  # (n_series, 4): alpha, beta, gamma, phi
    level: Array
    trend: Array
    season: Array  # (season_length, n_series), the next place first
    sigma: Array  # spread of the errors, relative ones where the model's error is multiplicative
    aicc: Array


def smooth(
    values: Array,
    first: NDArray[np.intp],
    level: Array,
    trend: Array,
    season: Array,
    alpha: Array,
    beta: Array,
    gamma: Array,
    phi: Array,
    kind: str,
) -> tuple[Array, Array, Array, Array]:
    """Smooth all rows, one time point after the other; `season` is changed in place.

    Updates are the same for additive and multiplicative errors.
    """
    errors, means = np.empty(values.shape), np.empty(values.shape)
    m, latest = len(season), int(first.max())
    damped, base, change = np.empty_like(level), np.empty_like(level), np.empty_like(level)
    with np.errstate(all="ignore"):
        for t in range(len(values)):
            np.multiply(phi, trend, out=damped)
            np.add(level, damped, out=base)
            error, mean, place = errors[t], means[t], season[t % m]
            if t < latest:  # some series have not begun
                waiting = t < first
                np.copyto(damped, trend, where=waiting)
                np.copyto(base, level, where=waiting)
            if kind == "M":
                np.multiply(base, place, out=mean)
                np.subtract(values[t], mean, out=error)
            else:
                np.add(base, place, out=mean)
                np.subtract(values[t], mean, out=error)
            if t < latest:
                error[waiting] = 0
            change = error / place if kind == "M" else error
            np.add(base, alpha * change, out=level)
            np.add(damped, beta * change, out=trend)
            if kind == "M":
                place += gamma * error / base
            elif kind == "A":
                place += gamma * error
    return errors, means, level, trend


def forecast_ets(fitted: Fitted, horizon: int) -> tuple[Array, Array]:
    """Return point forecasts and their spread, (n_series, horizon).

    The spread is linear in the errors to come: exact for additive models, close to it for the others.

    References
    ----------
    Hyndman, Koehler, Ord & Snyder (2008), Forecasting with exponential smoothing, chapter 6,
    https://doi.org/10.1007/978-3-540-71918-2.
    """
    alpha, beta, gamma, phi = (column[:, None] for column in fitted.parameters.T)
    steps = np.arange(1, horizon + 1)
    m = len(fitted.season)
    damping = np.cumsum(phi**steps, axis=1)
    base = fitted.level[:, None] + damping * fitted.trend[:, None]
    place = fitted.season[(steps - 1) % m].T
    factor = np.array([name[2] == "M" for name in fitted.model])[:, None]
    relative = np.array([name[0] == "M" for name in fitted.model])[:, None]
    place = np.where(factor, place, 1.0)
    point = np.where(factor, base * place, base + fitted.season[(steps - 1) % m].T)
    own = (fitted.sigma[:, None] * np.where(relative, point, 1)) ** 2
    variance = own.copy()
    weight = alpha + beta * damping  # of an error j steps back, in column j - 1
    for back in range(1, horizon):
        effect = weight[:, back - 1 : back] * place[:, back:] / place[:, :-back]
        if back % m == 0:
            with np.errstate(all="ignore"):
                effect = effect + gamma * np.where(factor, base[:, back:] / base[:, :-back], 1)
        variance[:, back:] += effect**2 * own[:, :-back]
    return point, np.sqrt(variance)
