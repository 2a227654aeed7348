"""Normalised windows of a series, made block by block and compared exactly where it counts."""

from typing import Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Float32s = NDArray[np.float32]
Ints = NDArray[np.intp]

BLOCK_SIZE = 512  # windows: a tile of their correlations stays in the cache, and hides the calls around it
MOST_KEPT = 256 * 2**20  # bytes of normalised windows that are kept; beyond, each block is made again when needed


class Windows:
    """All windows of one series: means and deviations in float64, normalised values in float32.

    Normalised windows have mean 0 and length 1 (in the Euclidean sense), so that products are correlations. A window
    whose spread is no more than the rounding of its values is constant, has no shape, and becomes zeros.
    """

    def __init__(self, series: Floats, mean: Floats, scale: Floats, length: int) -> None:
        self.series, self.views = series, window_views(series, length)
        self.mean, self.scale, self.length = mean, scale, length
        self.n_windows, self.n_channels = self.views.shape[:2]
        self.n_blocks = -(-self.n_windows // BLOCK_SIZE)
        self._has_constants = not scale.all()
        self._kept: list[Float32s] | None = None

    @classmethod
    def of(cls, series: NDArray, length: int) -> Self:
        """Return the windows of a series (n_channels, n_timepoints); their blocks are kept where memory allows."""
        rounding = np.finfo(series.dtype).eps
        series = series.astype(np.float64)
        largest = np.abs(series).max(axis=1, keepdims=True)
        series = np.ldexp(series, -np.frexp(largest)[1])  # so that no square of it can overflow
        windows = cls(series, *measure(series, length, rounding), length)
        if windows.views.size * 4 <= MOST_KEPT:
            windows._kept = [windows.normalized(windows.span(block)) for block in range(windows.n_blocks)]
        return windows

    def span(self, block: int) -> slice:
        """Return which windows are in a block."""
        return slice(block * BLOCK_SIZE, min((block + 1) * BLOCK_SIZE, self.n_windows))

    def block(self, block: int) -> Float32s:
        """Return the windows of a block, (n, n_channels, length)."""
        return self.normalized(self.span(block)) if self._kept is None else self._kept[block]

    def normalized(self, windows: slice | Ints, dtype: type = np.float32) -> NDArray:
        """Return these windows, (n, n_channels, length)."""
        values = self.views[windows] - self.mean[windows, :, None]
        out: NDArray = np.empty(values.shape, dtype)
        return np.multiply(values, self.scale[windows, :, None], out=out, casting="same_kind")

    def halves(self, windows: slice | Ints) -> Float32s | None:
        """Return 0.5 for each constant window, else 0, (n, n_channels); None if there is no constant one."""
        if not self._has_constants:
            return None
        constant = self.scale[windows] == 0
        return np.float32(0.5) * constant if constant.any() else None


def window_views(series: Floats, length: int) -> Floats:
    """Return (n_windows, n_channels, length) without a copy."""
    return sliding_window_view(series, length, axis=1).transpose(1, 0, 2)


def measure(series: Floats, length: int, rounding: float) -> tuple[Floats, Floats]:
    """Return (n_windows, n_channels) each: the mean, and 1 / (deviation * sqrt(length)), or 0 for a constant window."""
    views = window_views(series, length)
    mean, scale = np.empty(views.shape[:2]), np.empty(views.shape[:2])
    step = max(1, 2**17 // (length * views.shape[1]))
    for start in range(0, len(views), step):
        part = slice(start, start + step)
        values = views[part]
        mean[part] = np.add.reduce(values, axis=2) / length
        deviations = values - mean[part, :, None]
        squares = np.einsum("icj,icj->ic", deviations, deviations)
        constant = squares <= length * (4 * rounding * np.abs(mean[part]) + 1e-30) ** 2
        scale[part] = np.where(constant, 0, 1 / np.sqrt(np.where(constant, 1, squares)))
    return mean, scale


def correlate(
    a: Float32s,
    b: Float32s,
    halves: tuple[Float32s | None, Float32s | None],
    n_best: int,
    memory: Float32s | None = None,
) -> Float32s:
    """Return the correlation of each window of a with each of b, (n_a, n_b): the mean of the best channels.

    A constant window counts as half correlated with one that is not, and fully with another constant one.
    """
    n_channels = a.shape[1]
    if n_best == n_channels:
        out = None if memory is None else memory[: len(a) * len(b)].reshape(len(a), len(b))
        total = np.matmul(a.reshape(len(a), -1), b.reshape(len(b), -1).T, out=out)
        if halves[0] is not None:
            total += halves[0].sum(axis=1)[:, None]
        if halves[1] is not None:
            total += halves[1].sum(axis=1)
        return total if n_channels == 1 else np.multiply(total, np.float32(1 / n_channels), out=total)
    each = np.matmul(a.transpose(1, 0, 2), b.transpose(1, 2, 0))
    if halves[0] is not None:
        each += halves[0].T[:, :, None]
    if halves[1] is not None:
        each += halves[1].T[:, None]
    each.partition(n_channels - n_best, axis=0)
    return each[n_channels - n_best :].mean(axis=0)


def exact_distances(a: Windows, at: Ints, b: Windows, neighbours: Ints, n_best: int) -> Floats:
    """Return the distances of pairs of windows, (n,), in float64: root of the mean square of the best channels."""
    distances = np.empty(len(at))
    step = max(1, 2**16 // (a.length * a.n_channels))
    for start in range(0, len(at), step):
        part = slice(start, start + step)
        difference = a.normalized(at[part], np.float64)
        difference -= b.normalized(neighbours[part], np.float64)
        squares = a.length * np.einsum("icj,icj->ic", difference, difference)
        if n_best < a.n_channels:
            squares = np.sort(squares, axis=1)[:, :n_best]
        distances[part] = np.sqrt(squares.mean(axis=1))
    return distances
