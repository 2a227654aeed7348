"""Compare all windows with all others: tiles of correlations by matrix products, in a random order."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stac.models.matrix_profile._windows import BLOCK_SIZE, Float32s, Floats, Ints, Windows, correlate, exact_distances

NOT_SEEN = np.float32(-np.inf)


class Join:
    """The best correlation of each window of a so far, and in which block of b it was found.

    A tile needs its largest values only, which is one pass for rows and one for columns. Where in the block the
    neighbour lies, and its distance in float64, is found out at the end, once for each window.
    """

    def __init__(self, a: Windows, b: Windows | None, exclusion: int, n_best: int, seed: int, n_jobs: int) -> None:
        self.a, self.b, self.is_self = a, (a if b is None else b), b is None
        self.exclusion, self.n_best, self.n_jobs = exclusion, n_best, n_jobs
        self.tiles = _order_tiles(a.n_blocks, self.b.n_blocks, self.is_self, np.random.default_rng(seed))
        self.n_tiles, self.n_done, self.length = len(self.tiles), 0, a.length
        self.best = np.full(a.n_windows, NOT_SEEN)
        self.source = np.full(a.n_windows, self.b.n_blocks)
        self._lock = threading.Lock()

    def work(self, n_tiles: int, deadline: float = np.inf) -> None:
        """Look at the next tiles, until the deadline (of ``time.perf_counter``)."""
        todo = iter(self.tiles[self.n_done : self.n_done + n_tiles].tolist())
        with one_blas_thread(), ThreadPoolExecutor(self.n_jobs) as pool:
            workers = [pool.submit(self._work_through, todo, deadline) for _ in range(self.n_jobs)]
            self.n_done += sum(worker.result() for worker in workers)

    def finish(self) -> tuple[Floats, Ints]:
        """Return distances and neighbours as far as known: infinite and -1 for windows not compared yet."""
        distances, neighbours = np.full(self.a.n_windows, np.inf), np.full(self.a.n_windows, -1)
        order = np.argsort(self.source, kind="stable")
        groups = np.split(order, np.searchsorted(self.source[order], np.arange(1, self.b.n_blocks + 1)))

        def locate(block: int) -> None:
            for start in range(0, len(groups[block]), BLOCK_SIZE):
                at = groups[block][start : start + BLOCK_SIZE]
                neighbours[at] = self._locate(at, block)
                distances[at] = exact_distances(self.a, at, self.b, neighbours[at], self.n_best)

        with one_blas_thread(), ThreadPoolExecutor(self.n_jobs) as pool:
            list(pool.map(locate, range(self.b.n_blocks)))
        return distances, neighbours

    def _work_through(self, todo: Iterator[list[int]], deadline: float) -> int:
        memory = np.empty(BLOCK_SIZE**2, np.float32)
        n_done = 0
        while time.perf_counter() < deadline:
            with self._lock:
                tile = next(todo, None)
            if tile is None:
                break
            self._look_at(tile[0], tile[1], memory)
            n_done += 1
        return n_done

    def _look_at(self, row: int, column: int, memory: Float32s) -> None:
        rows, columns = self.a.span(row), self.b.span(column)
        halves = self.a.halves(rows), self.b.halves(columns)
        tile = correlate(self.a.block(row), self.b.block(column), halves, self.n_best, memory)
        self._exclude(tile, np.arange(rows.start, rows.stop), columns)
        self._keep(rows, tile.max(axis=1), column)
        if self.is_self and row != column:
            self._keep(columns, tile.max(axis=0), row)

    def _locate(self, at: Ints, block: int) -> Ints:
        columns = self.b.span(block)
        halves = self.a.halves(at), self.b.halves(columns)
        tile = correlate(self.a.normalized(at), self.b.block(block), halves, self.n_best)
        self._exclude(tile, at, columns)
        return columns.start + tile.argmax(axis=1)

    def _exclude(self, tile: Float32s, rows: Ints, columns: slice) -> None:
        """Leave out what is too near to be a neighbour."""
        near = self.is_self and rows[0] < columns.stop + self.exclusion and rows[-1] >= columns.start - self.exclusion
        if near:
            gaps = rows[:, None] - np.arange(columns.start, columns.stop)
            tile[np.abs(gaps) <= self.exclusion] = NOT_SEEN

    def _keep(self, windows: slice, best: Float32s, source: int) -> None:
        """Keep what is better; of equals, the one of the first block, so that the order of work does not show."""
        with self._lock:
            old, old_source = self.best[windows], self.source[windows]
            better = (best > old) | ((best == old) & (source < old_source) & (best > NOT_SEEN))
            np.copyto(old, best, where=better)
            np.copyto(old_source, source, where=better)


def _order_tiles(n_rows: int, n_columns: int, is_self: bool, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return pairs of blocks, (n, 2), in rounds of random distance, each of which meets every block of windows."""
    rows = np.arange(n_rows)
    shifts = rng.permutation(n_columns // 2 + 1 if is_self else n_columns)
    tiles = np.array([np.column_stack([rows, (rows + shift) % n_columns]) for shift in shifts]).reshape(-1, 2)
    if not is_self:
        return tiles
    if n_columns % 2 == 0:  # the longest distance meets each pair twice
        gap = np.abs(tiles[:, 1] - tiles[:, 0])
        tiles = tiles[(gap != n_columns // 2) | (tiles[:, 0] < tiles[:, 1])]
    return np.sort(tiles, axis=1)


def one_blas_thread() -> Any:
    """Keep BLAS to one thread in each of ours: its own wait busily for each other, which is slow on a busy machine."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")
