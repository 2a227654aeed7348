"""Fit the tail of a distribution: a generalised Pareto law for what lies above a high threshold."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FEWEST = 10  # excesses for a shape; with less, the tail is taken as exponential
LOWEST_SHAPE = -1.0  # of a tail that ends with a step; below, the likelihood has no maximum
N_GRID, N_ZOOMS = 41, 4


class Tail(NamedTuple):
    """Shape (0: exponential, above: heavy, below: bounded) and scale of the excesses."""

    shape: float
    scale: float

    def quantile(self, ratio: float) -> float:
        """Return the excess that a share of ``ratio`` of all excesses goes beyond."""
        if abs(self.shape) < 1e-9:
            return float(-self.scale * np.log(ratio))
        return float(self.scale / self.shape * np.expm1(-self.shape * np.log(ratio)))


def fit_tail(excesses: NDArray[np.float64]) -> Tail:
    """Fit by maximum likelihood; ``excesses`` are above 0.

    Shape and scale follow from one number, shape / scale (Grimshaw 1993), whose likelihood is looked at on a grid
    that zooms in: no start to choose, and no root to miss.
    """
    mean = excesses.mean()
    unit = excesses / mean
    if len(unit) < FEWEST or np.ptp(unit) < 1e-9:
        return Tail(0.0, float(mean))
    end = -1 / unit.max()
    near_end = end * (1 - np.geomspace(1e-9, 1, N_GRID))
    grid = np.unique(np.concatenate([near_end, [0.0], np.geomspace(1e-3, 1e3, 2 * N_GRID)]))
    for _ in range(N_ZOOMS):
        best = int(_likelihood(grid, unit).argmax())
        grid = np.linspace(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)], N_GRID)
    ratio = grid[_likelihood(grid, unit).argmax()]
    shape = float(np.log1p(ratio * unit).mean())
    scale = shape / ratio if abs(ratio) > 1e-12 else 1.0
    return Tail(shape, float(scale * mean))


def _likelihood(ratios: NDArray[np.float64], unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean log likelihood for each shape / scale."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shape = np.log1p(np.multiply.outer(ratios, unit)).mean(axis=1)
        scale = np.where(np.abs(ratios) > 1e-12, shape / ratios, 1.0)
        return np.where(shape >= LOWEST_SHAPE, -np.log(scale) - shape - 1, -np.inf)
