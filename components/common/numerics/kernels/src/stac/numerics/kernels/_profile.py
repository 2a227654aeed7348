"""The matrix profile: distances of windows to their nearest neighbours, of one series, of two, or point by point."""

import ctypes
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.numerics.kernels._library import in_threads, kernel
from stac.numerics.kernels._series import check_floats, check_integer

BAND = 64  # diagonals that a thread takes at a time: a multiple of what the kernel walks at once
RENEW = 1024  # appended points after which covariances are computed anew
NOT_SEEN = -2.0


class Profile(NamedTuple):
    """Correlation of each window with its most similar one (-2 where there is none), and where that starts (-1)."""

    left: NDArray[np.float64]  # among earlier windows; among all of the other series
    left_index: NDArray[np.int64]
    right: NDArray[np.float64]  # among later windows
    right_index: NDArray[np.int64]

    def best(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the better of both sides; of equals the later one."""
        is_right = self.right >= self.left
        return np.where(is_right, self.right, self.left), np.where(is_right, self.right_index, self.left_index)


class Windows(ctypes.Structure):
    """The windows of one series, as the kernels read them: the same order as in c/kernels.h."""

    _fields_ = [
        ("n", ctypes.c_int64),
        ("length", ctypes.c_int64),
        *[(name, ctypes.c_void_p) for name in ("series", "mean", "inverse", "df", "dg")],
    ]

    @classmethod
    def of(cls, series: NDArray[np.float64], length: int, rounding: float) -> "Windows":
        """Measure the windows; arrays live as long as what is returned."""
        n = len(series) - length + 1
        parts = np.empty((4, n))
        kernel("measure_windows")(series.ctypes.data, n, length, rounding, *(part.ctypes.data for part in parts))
        windows = cls(n, length, series.ctypes.data, *(part.ctypes.data for part in parts))
        windows.arrays = series, parts
        return windows

    @property
    def has_constants(self) -> bool:
        return not self.arrays[1][1].all()


def self_join(x: ArrayLike, length: int, exclusion: int, n_jobs: int | None = 1) -> Profile:
    """Find the most similar earlier and later window of each window of a series.

    Parameters
    ----------
    x : array-like of shape (n_timepoints,)
        Finite numbers.
    length : int
        Time points of a window, at least 3.
    exclusion : int
        Windows that start this near are no neighbours.
    n_jobs : int or None, default=1
        Threads; -1 for one per processor, None for ``OMP_NUM_THREADS``, else all processors. They do not change a bit.

    Returns
    -------
    Profile
        Correlations, in double precision: the distance is ``sqrt(2 * length * (1 - correlation))``. A constant window
        counts as half correlated with others, and fully with constant ones.

    Raises
    ------
    ValueError, TypeError
        If no window fits, or ``x`` holds no numbers, NaN or infinities.

    References
    ----------
    Y. Zhu et al., "Matrix Profile II", ICDM 2016, https://doi.org/10.1109/ICDM.2016.0085; for the recurrence of
    covariances Z. Zimmerman et al., "Matrix Profile XIV: Scaling time series motif discovery with GPUs", SoCC 2019,
    https://doi.org/10.1145/3357223.3362721

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(np.arange(200) / 3)
    >>> correlation, neighbour = self_join(x, 20, 5).best()
    >>> bool(correlation.min() > 0.99)
    True
    """
    windows = _windows(x, length)
    exclusion = check_integer("exclusion", exclusion, 0)
    right, right_index, left, left_index = _walk(windows, windows, exclusion + 1, n_jobs)
    return Profile(left, left_index, right, right_index)


def ab_join(a: ArrayLike, b: ArrayLike, length: int, n_jobs: int | None = 1) -> Profile:
    """Find the most similar window of series b for each window of series a.

    Parameters
    ----------
    a, b : array-like of shape (n_timepoints,)
        Finite numbers; the lengths may differ.
    length : int
        Time points of a window, at least 3.
    n_jobs : int or None, default=1
        Threads, as in ``self_join``.

    Returns
    -------
    Profile
        Of the windows of a: ``left`` among windows of b that start earlier (at a smaller index), ``right`` among the
        others.

    Raises
    ------
    ValueError, TypeError
        If no window fits, or a series holds no numbers, NaN or infinities.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(np.arange(200) / 3)
    >>> correlation, neighbour = ab_join(x[:50], x, 20).best()
    >>> bool(correlation.min() > 0.99)
    True
    """
    a, b = _windows(a, length), _windows(b, length)
    right, right_index, _, _ = _walk(a, b, 0, n_jobs)
    _, _, left, left_index = _walk(b, a, 1, n_jobs)
    return Profile(left, left_index, right, right_index)


class StreamingProfile:
    """The most similar earlier window of each new window, while a series is being recorded.

    Parameters
    ----------
    length : int
        Time points of a window, at least 3.
    exclusion : int
        Windows that start this near are no neighbours.

    Examples
    --------
    >>> import numpy as np
    >>> stream = StreamingProfile(length=20, exclusion=5)
    >>> correlation, neighbour = stream.append(np.sin(np.arange(200) / 3))
    >>> len(correlation), bool(correlation[-1] > 0.99)
    (181, True)
    """

    def __init__(self, length: int, exclusion: int) -> None:
        self.length = check_integer("length", length, 3)
        self.exclusion = check_integer("exclusion", exclusion, 0)
        self.n = 0  # time points seen
        self._series = np.empty(1024)
        self._parts = np.empty((4, 1024))
        self._covariances = np.empty(1024)

    def append(self, points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Add time points; return correlation and start of the nearest earlier window for each window that ends there.

        Parameters
        ----------
        points : array-like of shape (n_new,)
            Finite numbers.

        Returns
        -------
        correlation, neighbour : ndarray
            One for each new window; -2 and -1 where there is no earlier one.

        Raises
        ------
        ValueError, TypeError
            If points are no numbers, NaN or infinities.
        """
        points = _one_series(points)
        self._grow(self.n + len(points))
        self._series[self.n : self.n + len(points)] = points
        n_old, self.n = max(self.n - self.length + 1, 0), self.n + len(points)
        n = max(self.n - self.length + 1, 0)
        self._measure(n_old, n)
        windows = Windows(n, self.length, self._series.ctypes.data, *(part.ctypes.data for part in self._parts))
        best, where = np.empty(n - n_old), np.empty(n - n_old, np.int64)
        call = kernel("profile_append")
        for i in range(n_old, n):
            at, last = i - n_old, i - self.exclusion - 1
            place = best.ctypes.data + 8 * at, where.ctypes.data + 8 * at
            call(ctypes.addressof(windows), i, 0, last, i % RENEW == 0, self._covariances.ctypes.data, *place)
        return best, where

    def _grow(self, n: int) -> None:
        """Make room for n time points."""
        if n > len(self._series):
            more = max(n, 2 * len(self._series))
            old, self._series = self._series, np.empty(more)
            self._series[: len(old)] = old
            old, self._parts = self._parts, np.empty((4, more))
            self._parts[:, : old.shape[1]] = old
            old, self._covariances = self._covariances, np.empty(more)
            self._covariances[: len(old)] = old

    def _measure(self, n_old: int, n: int) -> None:
        """Measure the new windows, and the one before them, which the recurrence needs."""
        start = max(n_old - 1, 0)
        if n > start:
            new = np.empty((4, n - start))
            places = (part.ctypes.data for part in new)
            series = self._series.ctypes.data + 8 * start
            kernel("measure_windows")(series, n - start, self.length, np.finfo(np.float32).eps, *places)
            self._parts[:, n_old:n] = new[:, n_old - start :]


def _walk(a: Windows, b: Windows, first: int, n_jobs: int | None) -> list[NDArray]:
    """Compare the windows i of a with i + first, i + first + 1, ... of b; each thread fills arrays of its own."""
    call = kernel("profile_diagonals")
    found: list[list[NDArray]] = []
    constants = a.has_constants or b.has_constants
    free: list[list[NDArray]] = []  # arrays of threads that wait

    def work(start: int, stop: int, halt: object) -> None:
        try:
            mine = free.pop()
        except IndexError:
            mine = [array for n in (a.n, b.n) for array in (np.full(n, NOT_SEEN), np.full(n, -1))]
            found.append(mine)
        places = (array.ctypes.data for array in mine)
        call(ctypes.addressof(a), ctypes.addressof(b), first + start, first + stop, constants, *places, halt)
        free.append(mine)

    in_threads(work, max(b.n - first, 0), BAND, n_jobs)
    return _merge(found, a.n, b.n)


def _merge(found: list[list[NDArray]], n_a: int, n_b: int) -> list[NDArray]:
    """Take the best of all threads; of equals the diagonal nearest to the first, whichever thread walked it."""
    if not found:
        return [array for n in (n_a, n_b) for array in (np.full(n, NOT_SEEN), np.full(n, -1))]
    result = found[0]
    for other in found[1:]:
        for values, places, new, new_places in (
            (*result[:2], *other[:2]),
            (*result[2:], *other[2:]),
        ):
            own = np.arange(len(values))
            nearer = np.abs(new_places - own) < np.abs(places - own)
            better = (new > values) | ((new == values) & nearer & (new_places >= 0))
            values[better], places[better] = new[better], new_places[better]
    return result


def _windows(x: ArrayLike, length: int) -> Windows:
    x = _one_series(x)
    length = check_integer("length", length, 3, len(x))
    return Windows.of(x, length, float(np.finfo(np.float32).eps))


def _one_series(x: ArrayLike) -> NDArray[np.float64]:
    x = check_floats(x)
    if x.ndim != 1:
        raise ValueError(f"x has shape {x.shape}: give one channel of one series, (n_timepoints,).")
    return x.astype(np.float64)
