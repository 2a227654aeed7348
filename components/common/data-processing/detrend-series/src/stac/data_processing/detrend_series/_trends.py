"""Trends of blocks of rows: each function prepares what all rows share and returns what finds a block's trends."""

from collections.abc import Callable

import numpy as np

Fit = Callable[[np.ndarray], np.ndarray]


def polynomial(n: int, degree: int) -> Fit:
    """Least-squares polynomials; missing values do not count."""
    powers = np.polynomial.legendre.legvander(np.linspace(-1, 1, n) if n > 1 else np.zeros(1), min(degree, n - 1))
    basis = np.linalg.qr(powers)[0]  # (n, n_coefficients), orthonormal: coefficients are mere products
    products = (basis[:, :, None] * basis[:, None, :]).reshape(n, -1)

    def fit(rows: np.ndarray) -> np.ndarray:
        # Around one value of the row, so that a large offset does not swallow the digits.
        offset = rows[:, :1].astype(np.float64)
        offset[np.isnan(offset)] = 0
        around = rows - offset
        coefficients = around @ basis
        gappy = np.isnan(coefficients).any(axis=1)
        if gappy.any():
            known = ~np.isnan(around[gappy])
            right = np.where(known, around[gappy], 0) @ basis
            left = (known @ products).reshape(-1, basis.shape[1], basis.shape[1])
            # The pseudo-inverse also does where there are fewer known values than coefficients, or none.
            coefficients[gappy] = np.einsum("ijk,ik->ij", np.linalg.pinv(left, hermitian=True), right)
        return coefficients @ basis.T + offset

    return fit


def moving_mean(n: int, window: int) -> Fit:
    """Means over a window around each point, cut off at the ends; missing values do not count.

    Of an even window, the two points at its ends count half, so that it stays centred.
    """
    # Points are taken as steps of width one, whose integral is known at halves.
    low = np.maximum(2 * np.arange(n) + 1 - window, 0)
    high = np.minimum(2 * np.arange(n) + 1 + window, 2 * n)

    def integral(values: np.ndarray) -> np.ndarray:
        total = np.zeros((len(values), 2 * n + 1))
        np.cumsum(values, axis=1, out=total[:, 2::2])
        total[:, 1::2] = (total[:, :-1:2] + total[:, 2::2]) / 2
        return np.take(total, high, axis=1) - np.take(total, low, axis=1)

    def fit(rows: np.ndarray) -> np.ndarray:
        missing = np.isnan(rows)
        if not missing.any():
            offset = rows[:, :1].astype(np.float64)
            return integral(rows - offset) * (2 / (high - low)) + offset
        known = integral(~missing)
        return np.divide(integral(np.where(missing, 0, rows)), known, out=np.zeros(known.shape), where=known > 0.25)

    return fit
