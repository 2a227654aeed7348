"""The same profiles by compiled kernels, where they are installed and do it well: one channel, not too loud."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from stac.numerics import kernels
except ImportError:  # the extra "fast": the same results, sooner
    kernels = None


class CompiledJoin:
    """What ``Join`` does, diagonal by diagonal: pieces of them are in place of tiles."""

    def __init__(self, profile: Any, length: int, n_jobs: int) -> None:
        self.profile, self.length, self.n_jobs = profile, length, n_jobs

    @property
    def n_tiles(self) -> int:
        """How many pieces of work there are."""
        return self.profile.n_pieces

    @property
    def n_done(self) -> int:
        """How many of them are done."""
        return self.profile.n_done

    def work(self, n_tiles: int, deadline: float = np.inf) -> None:
        """Look at the next pieces, until the deadline (of ``time.perf_counter``)."""
        self.profile.advance(n_tiles, self.n_jobs, deadline)

    def finish(self) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Return distances and neighbours as far as known: infinite and -1 for windows not compared yet."""
        return self.profile.nearest(self.n_jobs)


def compiled_join(
    series: NDArray, other: NDArray | None, length: int, exclusion: int, seed: int, n_jobs: int
) -> CompiledJoin | None:
    """Return the join, or None where numpy does it: no kernels, several channels, or too wide a range."""
    if not is_available(series):
        return None
    both = series[0], None if other is None else other[0]
    profile = kernels.PartialProfile(*both, length=length, exclusion=exclusion, seed=seed)
    return CompiledJoin(profile, length, n_jobs) if profile.is_reliable else None


def is_available(series: NDArray) -> bool:
    """Return whether kernels can be used for a series (n_channels, n_timepoints)."""
    return kernels is not None and kernels.in_use() and len(series) == 1


def compiled_stream(length: int, exclusion: int, history: int | None) -> Any:
    """Return what takes points, of one channel, and gives the nearest earlier windows."""
    return kernels.StreamingProfile(length, exclusion, history)
