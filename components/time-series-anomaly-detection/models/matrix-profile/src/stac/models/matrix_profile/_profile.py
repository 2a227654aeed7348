"""The matrix profile of a series, or of one series in another; whole, or as far as one is willing to wait."""

import math
import os
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.data_processing.check_series import check_series
from stac.models.matrix_profile._compiled import CompiledJoin, compiled_join
from stac.models.matrix_profile._join import Join
from stac.models.matrix_profile._windows import Windows


class MatrixProfile(NamedTuple):
    """Nearest neighbour of each window; the window that starts at time point i is window i."""

    distances: NDArray[np.float64]  # (n_windows,); infinite where nothing was compared yet
    neighbours: NDArray[np.intp]  # (n_windows,), where the nearest neighbour starts; -1 where nothing was compared
    window: int
    share: float  # of all comparisons, 0 to 1


def matrix_profile(
    series: ArrayLike,
    window: int,
    other: ArrayLike | None = None,
    *,
    exclusion: int | None = None,
    best_channels: int | None = None,
    share: float = 1.0,
    max_seconds: float | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
) -> MatrixProfile:
    """Return the distance of each window of a series to its nearest neighbour, and where that is.

    The distance is Euclidean between z-normalised windows: it compares shapes, not offsets or amplitudes. It lies
    between 0 and ``2 * sqrt(window)``.

    Parameters
    ----------
    series : array-like of shape (n_channels, n_timepoints) or (n_timepoints,)
        Without missing values.
    window : int
        Time points in a window, 3 or more.
    other : array-like of shape (n_channels, n_timepoints_other), optional
        Where neighbours are looked for; by default in the series itself.
    exclusion : int, optional
        In the series itself, windows that start this near are no neighbours; by default a quarter of the window,
        rounded up.
    best_channels : int, optional
        With several channels, the distance is the root of the mean square over so many channels, the ones that agree
        best for each pair of windows; by default over all.
    share : float, default=1.0
        Part of the comparisons to make, above 0: a quick estimate from above, as windows are compared in a random
        order.
    max_seconds : float, optional
        Stop comparing after this time. The result depends on the machine then.
    seed : int, default=0
        Of the order of comparisons.
    n_jobs : int, optional
        Threads; by default as many as there are processors.

    Returns
    -------
    MatrixProfile
        ``distances``, ``neighbours``, ``window`` and the ``share`` of comparisons made.

    Raises
    ------
    ValueError
        If a series is too short for the window, holds NaN or infinities or has other dimensions, the channels
        differ, or a parameter is out of range.
    TypeError
        If a series does not hold numbers.

    References
    ----------
    Yeh, C.-C. M., et al. (2016). Matrix Profile I. ICDM, 1317-1322. DOI 10.1109/ICDM.2016.0179
    Yeh, C.-C. M., et al. (2017). Matrix Profile VI (several channels). ICDM, 565-574. DOI 10.1109/ICDM.2017.66

    Examples
    --------
    >>> import numpy as np
    >>> series = np.sin(2 * np.pi * np.arange(1000) / 50)
    >>> series[600:620] = 0.3
    >>> profile = matrix_profile(series, window=50)
    >>> int(profile.distances.argmax()), round(float(profile.distances.max()), 1)
    (567, 2.5)
    """
    if not (isinstance(share, int | float) and 0 < share <= 1):
        raise ValueError(f"share is {share!r}: give the part of the comparisons to make, above 0 and up to 1")
    if max_seconds is not None and not max_seconds > 0:
        raise ValueError(f"max_seconds is {max_seconds!r}: give a number of seconds above 0, or None")
    deadline = np.inf if max_seconds is None else time.perf_counter() + max_seconds
    join = make_join(series, window, other, exclusion, best_channels, seed, n_jobs)
    join.work(math.ceil(share * join.n_tiles), deadline)
    return _result(join)


def converging_profiles(
    series: ArrayLike,
    window: int,
    other: ArrayLike | None = None,
    *,
    n_stages: int = 10,
    exclusion: int | None = None,
    best_channels: int | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Iterator[MatrixProfile]:
    """Yield better and better estimates of a matrix profile, the last one exact: look, and stop when it will do.

    Parameters
    ----------
    series, window, other, exclusion, best_channels, seed, n_jobs
        As in ``matrix_profile``.
    n_stages : int, default=10
        How many profiles to yield, each after the same amount of work.

    Yields
    ------
    MatrixProfile
        Its distances only ever get smaller; ``share`` says how far it is.

    Examples
    --------
    >>> import numpy as np
    >>> series = np.random.default_rng(0).normal(size=3000).cumsum()
    >>> [round(profile.share, 1) for profile in converging_profiles(series, 100, n_stages=4)]
    [0.3, 0.5, 0.8, 1.0]
    """
    if not isinstance(n_stages, int | np.integer) or n_stages < 1:
        raise ValueError(f"n_stages is {n_stages!r}: give how many profiles to yield, 1 or more")
    join = make_join(series, window, other, exclusion, best_channels, seed, n_jobs)
    for stage in range(1, n_stages + 1):
        join.work(math.ceil(stage / n_stages * join.n_tiles) - join.n_done)
        yield _result(join)


def make_join(
    series: Any,
    window: int,
    other: Any,
    exclusion: int | None,
    best_channels: int | None,
    seed: int,
    n_jobs: int | None,
) -> Join | CompiledJoin:
    """Check everything and prepare the comparison."""
    window = check_window(window)
    exclusion = check_exclusion(exclusion, window)
    series = check_series(series, min_timepoints=window, why="a window")
    if other is not None:
        other = check_series(other, min_timepoints=window, why="a window", n_channels=len(series))
    elif series.shape[1] < window + 2 * exclusion + 1:
        raise ValueError(
            f"The series has {series.shape[1]} time points: with windows of {window} and an exclusion of {exclusion}, "
            f"{window + 2 * exclusion + 1} are needed for each window to have a neighbour; take a shorter window."
        )
    if best_channels is None:
        best_channels = len(series)
    if not isinstance(best_channels, int | np.integer) or not 1 <= best_channels <= len(series):
        raise ValueError(f"best_channels is {best_channels!r}: give 1 to {len(series)}, the channels of the series")
    n_jobs = check_jobs(n_jobs)
    compiled = compiled_join(series, other, window, exclusion, seed, n_jobs)
    if compiled is not None:
        return compiled
    a = Windows.of(series, window)
    b = None if other is None else Windows.of(other, window)
    return Join(a, b, exclusion, int(best_channels), seed, n_jobs)


def check_window(window: Any) -> int:
    """Return the length of a window."""
    if isinstance(window, bool) or not isinstance(window, int | np.integer) or window < 3:
        raise ValueError(f"window is {window!r}: give a whole number of time points, 3 or more (less has no shape)")
    return int(window)


def check_exclusion(exclusion: Any, window: int) -> int:
    """Return how near windows are no neighbours."""
    if exclusion is None:
        return math.ceil(window / 4)
    if isinstance(exclusion, bool) or not isinstance(exclusion, int | np.integer) or exclusion < 0:
        raise ValueError(f"exclusion is {exclusion!r}: give a whole number of time points, 0 or more, or None")
    return int(exclusion)


def check_jobs(n_jobs: Any) -> int:
    """Return how many threads to use."""
    if n_jobs is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int | np.integer) or n_jobs < 1:
        raise ValueError(f"n_jobs is {n_jobs!r}: give a number of threads, 1 or more, or None for all processors")
    return int(n_jobs)


def _result(join: Join | CompiledJoin) -> MatrixProfile:
    distances, neighbours = join.finish()
    return MatrixProfile(distances, neighbours, join.length, join.n_done / join.n_tiles)
