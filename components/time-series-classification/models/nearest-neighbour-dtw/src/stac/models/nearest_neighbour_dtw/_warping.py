"""Squared distances under dynamic time warping, of many pairs at once: the one place where the time goes."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from stac.models.nearest_neighbour_dtw._compiled import compiled_distances, is_available

# Cells of a diagonal, over all pairs of a batch: enough to hide the cost of a call, few enough to stay in the cache.
CELLS = 196_608
POINTS = 2**20  # time points of one side of a batch, at most
FEWEST_CELLS = 24  # of a diagonal, for which hopeless pairs are looked for and taken out


@dataclass
class Series:
    """Series of any lengths in one array, zeros behind their ends."""

    values: np.ndarray  # (n_instances, n_channels, longest)
    lengths: np.ndarray  # (n_instances,)

    @property
    def equal(self) -> bool:
        """Whether all are as long as the longest."""
        return bool((self.lengths == self.values.shape[2]).all())

    def scaled(self, scale: float) -> "Series":
        """Return the series times a number, in single precision."""
        values = self.values if scale == 1 else np.multiply(self.values, scale, dtype=np.float64)
        return Series(values.astype(np.float32, copy=False), self.lengths)

    def __getitem__(self, rows: slice | np.ndarray) -> "Series":
        return Series(self.values[rows], self.lengths[rows])

    def __len__(self) -> int:
        return len(self.values)


def radius_of(window: float, n: np.ndarray | int, m: np.ndarray | int) -> np.ndarray:
    """Return how far a path may leave the diagonal: a share of the longer series, at least what the lengths need."""
    return np.maximum(np.ceil(window * np.maximum(n, m) - 1e-9), np.abs(np.subtract(n, m))).astype(np.int64)


def squared_distances(
    A: Series,
    B: Series,
    i: np.ndarray,
    j: np.ndarray,
    window: float,
    limits: np.ndarray | None = None,
    n_jobs: int = 1,
    dtype: type = np.float64,
) -> np.ndarray:
    """Return the squared distances of the pairs (A[i], B[j]), computed in the precision asked for.

    With `limits`, one for each pair, distances beyond them may come back as infinity.
    """
    n, m = A.lengths[i], B.lengths[j]
    radii = radius_of(window, n, m)
    if is_available():
        sides = (A.values, A.lengths), (B.values, B.lengths)
        return compiled_distances(*sides, (i, j), radii, limits, n_jobs).astype(dtype, copy=False)
    result = np.empty(len(i), dtype)
    diagonal = min(radii.mean() + 1, A.values.shape[2], B.values.shape[2]) if len(i) else 1
    size = max(8, min(int(CELLS / diagonal), POINTS // max(A.values[0].size, B.values[0].size)))
    n_batches = -(-len(i) // size)
    if n_batches and len(i) * diagonal > CELLS // 4:
        n_batches = max(n_batches, n_jobs)

    def run(pairs: np.ndarray) -> None:
        limit = None if limits is None else limits[pairs]
        result[pairs] = _distances(A[i[pairs]], B[j[pairs]], radii[pairs], limit, dtype)

    order = np.lexsort((n + m, radii))  # alike ones go together
    in_threads(run, np.array_split(order, n_batches) if n_batches else [], n_jobs)
    return result


def in_threads(function: Callable, items: Iterable, n_jobs: int) -> None:
    """Call the function with each item; of several threads, the first error is raised."""
    items = list(items)
    if n_jobs == 1 or len(items) < 2:
        for item in items:
            function(item)
        return
    with ThreadPoolExecutor(n_jobs) as pool:
        list(pool.map(function, items))


def _distances(A: Series, B: Series, radii: np.ndarray, limits: np.ndarray | None, dtype: type) -> np.ndarray:
    """Return the squared distances of A[0] to B[0], A[1] to B[1], ..., anti-diagonal by anti-diagonal.

    Pairs are the last axis of all arrays, so that a step is one operation on one piece of memory. The cells (i, j) of
    diagonal d = i + j lie at i + 1, beside infinities where the band ends.
    """
    radius, narrower = int(radii.max()), radii < np.maximum(A.lengths, B.lengths) - 1
    narrower = bool(narrower.any()) and int(radii.min()) < radius
    n, m = int(A.lengths.max()), int(B.lengths.max())
    x = np.ascontiguousarray(A.values[:, :, :n].transpose(1, 2, 0), dtype)
    y = np.ascontiguousarray(B.values[:, :, m - 1 :: -1].transpose(1, 2, 0), dtype)
    result = np.full(len(A), np.inf, x.dtype)
    lanes, row, end = np.arange(len(A)), A.lengths, A.lengths + B.lengths - 2
    ends = set(end.tolist())
    before, last, this = (np.full((n + 1, len(A)), np.inf, x.dtype) for _ in range(3))
    before[0] = 0  # where all paths come from
    cost, other = np.empty((2, n, len(A)), x.dtype)
    look = max(8, (n + m) // 12) if limits is not None and min(radius, n, m) >= FEWEST_CELLS else n + m
    old = slice(0, 1)  # where the last diagonal lies
    for d in range(int(end.max()) + 1):
        low, high = max(0, d - m + 1, (d - radius + 1) // 2), min(n, d + 1, (d + radius) // 2 + 1)
        step, shift = cost[: high - low], m - 1 - d
        _squared_differences(x[:, low:high], y[:, low + shift : high + shift], step, other[: high - low])
        new = this[low + 1 : high + 1]
        np.minimum(last[low:high], last[low + 1 : high + 1], out=new)
        np.minimum(new, before[low:high], out=new)
        np.add(new, step, out=new)
        if narrower:
            np.copyto(new, np.inf, where=np.abs(2 * np.arange(low, high) - d)[:, None] > radii)
        this[low] = np.inf
        if high < n:
            this[high + 1] = np.inf
        if d in ends:
            done = np.flatnonzero(end == d)
            result[lanes[done]] = this[row[done], done]
        if d % look == look - 1:
            # Every path crosses two neighbouring diagonals in at least one cell.
            least = np.minimum(new.min(axis=0), last[old].min(axis=0))
            alive = (least <= limits) & (end > d)
            if 4 * np.count_nonzero(alive) < 3 * len(alive):
                if not alive.any():
                    break
                x, y, before, last, this = (np.compress(alive, part, axis=-1) for part in (x, y, before, last, this))
                cost, other = np.empty((2, n, len(x[0, 0])), x.dtype)
                lanes, row, end, radii, limits = (part[alive] for part in (lanes, row, end, radii, limits))
        old = slice(low + 1, high + 1)
        before, last, this = last, this, before
    return result


def _squared_differences(x: np.ndarray, y: np.ndarray, out: np.ndarray, other: np.ndarray) -> None:
    """Write the sum over channels of squared differences."""
    np.subtract(x[0], y[0], out=out)
    np.multiply(out, out, out=out)
    for channel in range(1, len(x)):
        np.subtract(x[channel], y[channel], out=other)
        np.multiply(other, other, out=other)
        np.add(out, other, out=out)
