"""Polynomials of seasonal ARMA models, and numbers without limits that stand for them."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST, MOST_SEASONAL = 5, 2  # orders
BLOCKS = ((0, 5, -1), (5, 10, 1), (10, 12, -1), (12, 14, 1))  # columns of phi, theta, and of the seasonal ones; signs
N_PARAMETERS = 14
BOUND = 3.0  # of arctanh of a partial autocorrelation


def coefficients(parameters: NDArray) -> NDArray:
    """Return polynomial coefficients of stationary and invertible models, from any numbers.

    The numbers are arctanh of partial autocorrelations; the signs are those of 1 - phi B and 1 + theta B.

    References
    ----------
    Monahan (1984), A note on enforcing stationarity in autoregressive-moving average models,
    https://doi.org/10.1093/biomet/71.2.403.
    """
    partial = np.tanh(parameters)
    result = np.empty_like(partial)
    for first, end, sign in BLOCKS:
        block = partial[..., first:end].copy()
        for k in range(1, end - first):
            block[..., :k] -= block[..., k : k + 1] * block[..., k - 1 :: -1]
        result[..., first:end] = block if sign < 0 else -block
    return result


def parameters_of(found: Array, limit: float = 0.9) -> Array:
    """Return the parameters of given coefficients, of the nearest model well inside where those are outside."""
    result = np.empty_like(found)
    for first, end, sign in BLOCKS:
        block = found[..., first:end] if sign < 0 else -found[..., first:end]
        block = block.copy()
        for k in range(end - first - 1, -1, -1):
            last = np.clip(block[..., k : k + 1], -limit, limit)
            block[..., k : k + 1] = last
            if k:
                block[..., :k] = (block[..., :k] + last * block[..., k - 1 :: -1]) / (1 - last**2)
        result[..., first:end] = np.arctanh(block)
    return result


def expand(found: Array, season_length: int, *, moving: bool) -> Array:
    """Return the product of the plain and the seasonal polynomial, 1 first: of theta, or of phi with its signs."""
    sign = 1 if moving else -1
    plain, seasonal = (5, 12) if moving else (0, 10)
    size = MOST + MOST_SEASONAL * season_length
    result = np.zeros((len(found), size + 1))
    for i in range(MOST + 1):
        one = sign * found[:, plain + i - 1] if i else 1.0
        for j in range(MOST_SEASONAL + 1):
            other = sign * found[:, seasonal + j - 1] if j else 1.0
            result[:, i + j * season_length] += one * other
    return result
