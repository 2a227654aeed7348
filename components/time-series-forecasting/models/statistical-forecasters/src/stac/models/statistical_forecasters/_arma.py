"""Seasonal ARMA models on many series at once: residuals, their derivatives, and the exact likelihood."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stac.models.statistical_forecasters._polynomials import (
    BLOCKS,
    MOST,
    MOST_SEASONAL,
    N_PARAMETERS,
    coefficients,
    expand,
)

Array = NDArray[np.float64]
Index = NDArray[np.intp]

_WRAP = 1e-10  # what is left of a value after one turn of the Fourier transform


class Likelihood(NamedTuple):
    """What the exact likelihood of each row is made of."""

    value: Array  # -2 log likelihood
    squares: Array
    mean: Array
    errors: Array  # (n_rows, n_timepoints)


class Batch:
    """Series of nearly the same length, without trend, as columns of frequencies.

    A division of polynomials is one of Fourier transforms, where values fade out as time goes on: so fast that hardly
    anything comes round. So a model of any order is fitted beside any other.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_timepoints)
        Left-aligned, 0 behind the end.
    n : ndarray of shape (n_series,)
        Lengths.
    season_length : int
        1 for no season.
    offset : ndarray of shape (n_series,), optional
        What was taken from the values, and counts in models without a mean: of large values only the rest is exact.
    exact : bool
        Whether what came before the first value counts, as in the exact likelihood; if not, it is taken as 0.
    """

    def __init__(
        self, values: Array, n: Index, season_length: int, *, offset: Array | None = None, exact: bool = True
    ) -> None:
        self.values, self.n, self.season_length, self.exact = values, n, season_length, exact
        self.offset = np.zeros(len(values)) if offset is None else offset
        self.width = values.shape[1]
        self._length = 2 * self.width
        fade = _WRAP ** (np.arange(self.width) / self._length)
        self._grow = 1 / fade
        self.known = np.arange(self.width) < n[:, None]
        self._series = np.fft.rfft(values * fade, self._length)
        self._ones = np.fft.rfft(self.known * fade, self._length)
        turn = np.exp(-2j * np.pi * np.arange(self.width + 1) / self._length) * _WRAP ** (1 / self._length)
        self._lags = turn ** np.arange(1, MOST + 1)[:, None]
        self._seasons = turn ** (season_length * np.arange(1, MOST_SEASONAL + 1)[:, None])

    def squares(self, rows: Index, parameters: Array, free: NDArray, constant: NDArray) -> tuple[Array, Array, Array]:
        """Return n log of the conditional sum of squares, its gradient, and its Gauss-Newton curvature.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,)
            Places of series.
        parameters : ndarray of shape (n_rows, N_PARAMETERS)
            See `coefficients`.
        free : ndarray of bool, shape (n_rows, N_PARAMETERS)
            Which of them the model has.
        constant : ndarray of bool, shape (n_rows,)
            Whether it has a mean.
        """
        phi, theta, seasonal_phi, seasonal_theta = self._polynomials(coefficients(parameters))
        under = 1 / (theta * seasonal_theta)
        ratio = phi * seasonal_phi * under
        moved = self._without_mean(rows, constant)
        errors = self._back(moved * ratio, rows)
        response = self._back(self._ones[rows] * ratio, rows) * constant[:, None]
        total = np.maximum(_dot(response, response), 1e-300)
        mean = _dot(errors, response) / total
        errors = errors - mean[:, None] * response
        moved = (moved - mean[:, None] * self._ones[rows]) * under
        slopes = np.zeros((len(rows), N_PARAMETERS, self.width))
        for (first, end, _), spectrum, step in zip(
            BLOCKS,
            (moved * seasonal_phi, moved * ratio / under / theta, moved * phi, moved * ratio / under / seasonal_theta),
            (1, 1, self.season_length, self.season_length),
            strict=True,
        ):
            base = self._back(spectrum, rows)
            for k in range(first, end):
                lag = step * (k - first + 1)
                if lag < self.width and free[:, k].any():
                    slopes[:, k, lag:] = -base[:, : self.width - lag]
        slopes *= self.known[rows][:, None]
        chain = np.imag(coefficients(parameters[:, None] + 1e-20j * np.eye(N_PARAMETERS))) / 1e-20
        chain *= free[:, :, None]
        along = chain @ (slopes @ response[:, :, None])
        curvature = chain @ (slopes @ slopes.transpose(0, 2, 1)) @ chain.transpose(0, 2, 1)
        curvature -= along @ along.transpose(0, 2, 1) / total[:, None, None]
        gradient = (chain @ (slopes @ errors[:, :, None]))[:, :, 0]
        square = np.maximum(_dot(errors, errors), 1e-20)
        weight = 2 * self.n[rows] / square
        return self.n[rows] * np.log(square), weight[:, None] * gradient, weight[:, None, None] * curvature

    def likelihood(self, rows: Index, parameters: Array, constant: NDArray) -> Likelihood:
        """Return the likelihood, with the mean that makes it greatest, and the errors.

        Residuals that begin with zeros are errors plus what is left of the values and errors before the first one:
        a vector as long as the greatest lag, whose covariance follows from the autocovariances.
        """
        found = coefficients(parameters)
        phi, theta, seasonal_phi, seasonal_theta = self._polynomials(found)
        ratio = phi * seasonal_phi / (theta * seasonal_theta)
        errors = self._back(self._without_mean(rows, constant) * ratio, rows)
        response = self._back(self._ones[rows] * ratio, rows) * constant[:, None]
        squares, cross, total = _dot(errors, errors), _dot(errors, response), _dot(response, response)
        determinant, before = np.zeros(len(rows)), None
        if self.exact:
            before, effect, impulse, determinant = self._before(rows, found, ratio, errors, response)
            squares = squares - np.einsum("bk,bk->b", effect[:, :, 0], before[:, :, 0])
            cross = cross - np.einsum("bk,bk->b", effect[:, :, 1], before[:, :, 0])
            total = total - np.einsum("bk,bk->b", effect[:, :, 1], before[:, :, 1])
        mean = np.where(constant, cross / np.where(constant, np.maximum(total, 1e-300), 1), 0)
        squares = np.maximum(squares - mean * cross, 1e-20)
        errors = errors - mean[:, None] * response
        if before is not None:
            left = before[:, :, 0] - mean[:, None] * before[:, :, 1]
            for k in range(min(left.shape[1], self.width)):
                errors[:, k:] -= left[:, k : k + 1] * impulse[:, : self.width - k]
        n = self.n[rows]
        value = n * np.log(2 * np.pi * squares / n) + n + determinant
        return Likelihood(np.where(np.isfinite(value), value, np.inf), squares, mean, errors * self.known[rows])

    def _without_mean(self, rows: Index, constant: NDArray) -> NDArray:
        """Return the spectra of values, with the offset where there is no mean to make up for it."""
        return self._series[rows] + np.where(constant, 0, self.offset[rows])[:, None] * self._ones[rows]

    def _polynomials(self, found: Array) -> tuple[NDArray, ...]:
        lags = (self._lags, self._lags, self._seasons, self._seasons)
        return tuple(
            1 + sign * (found[:, first:end] @ lag) for (first, end, sign), lag in zip(BLOCKS, lags, strict=True)
        )

    def _back(self, spectrum: NDArray, rows: Index) -> Array:
        return np.fft.irfft(spectrum, self._length)[:, : self.width] * (self._grow * self.known[rows])

    def _before(
        self, rows: Index, found: Array, ratio: NDArray, errors: Array, response: Array
    ) -> tuple[Array, Array, Array, Array]:
        """Return what is left from before (of errors and mean), its effects, its impulse, and the log determinant."""
        m = self.season_length
        phi, theta = (expand(found, m, moving=moving) for moving in (False, True))
        used = (np.abs(phi) + np.abs(theta)).any(axis=0).nonzero()[0]
        size = max(int(used.max()), 1)
        phi, theta = phi[:, : size + 1], theta[:, : size + 1]
        padded = np.fft.irfft(1 / ratio, self._length)[:, : min(size + 1, self.width)] * self._grow[: size + 1]
        weights = np.zeros((len(rows), size + 1))
        weights[:, : padded.shape[1]] = padded
        spectrum = self._polynomials(found)
        impulse = self._back(1 / (spectrum[1] * spectrum[3]), rows)
        covariance = _covariance_before(phi, theta, weights)
        effects = np.zeros((len(rows), size, 3))
        both = np.stack([errors, response, impulse], axis=1)
        for k in range(min(size, self.width)):
            effects[:, k] = np.einsum("bt,bct->bc", impulse[:, : self.width - k], both[:, :, k:])
        overlap = _overlap(effects[:, :, 2], impulse, self.n[rows])
        system = np.eye(size) + covariance @ overlap
        effects = effects[:, :, :2]
        determinant = np.linalg.slogdet(system)[1]
        return np.linalg.solve(system, covariance @ effects), effects, impulse, determinant


def _covariance_before(phi: Array, theta: Array, weights: Array) -> Array:
    """Return the covariance of what values and errors before the first one add to the first residuals."""
    size = phi.shape[1] - 1
    k, j = np.arange(size + 1)[:, None], np.arange(size + 1)

    def take(source: Array, index: Index) -> Array:
        padded = np.column_stack([source, np.zeros(len(source))])
        return padded[:, np.where((index >= 0) & (index <= size), index, size + 1)]

    system = take(phi, k - j)
    system[:, :, 1:] += take(phi, k + j)[:, :, 1:]
    right = take(theta, k + j) @ weights[:, :, None]
    gamma = np.linalg.solve(system, right)[:, :, 0]
    k, j = k[:size], j[:size]
    plain, moving = take(phi, k - j), take(theta, k - j)
    return plain @ take(gamma, np.abs(k - j)) @ plain.transpose(0, 2, 1) - moving @ moving.transpose(0, 2, 1)


def _overlap(first: Array, impulse: Array, n: Index) -> Array:
    """Return products of the impulse with itself, each moved by some steps, from those of the first one."""
    size = first.shape[1]
    place = n[:, None] - 1 - np.arange(size)
    ends = np.where(place >= 0, np.take_along_axis(impulse, np.maximum(place, 0), axis=1), 0)
    result = np.empty((len(first), size, size))
    result[:, 0], result[:, :, 0] = first, first
    for i in range(1, size):
        result[:, i, i:] = result[:, i - 1, i - 1 : -1] - ends[:, i - 1 : i] * ends[:, i - 1 : -1]
        result[:, i:, i] = result[:, i, i:]
    return result


def _dot(one: Array, other: Array) -> Array:
    return np.einsum("bt,bt->b", one, other)
