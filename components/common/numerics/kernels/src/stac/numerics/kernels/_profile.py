"""The matrix profile: distances of windows to their nearest neighbours, of one series, of two, or point by point."""

import ctypes
import time
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.numerics.kernels._library import in_threads, kernel
from stac.numerics.kernels._series import check_integer

BAND = 64  # diagonals that a thread takes at a time: a multiple of what the kernel walks at once
MOST_ROWS = 8192  # of a diagonal, after which covariances are computed anew, to keep rounding small
STEADY = 1e10  # that many rows over the square of loudness keep correlations correct to about 1e-6
AT_ONCE = 1024  # points that are appended, or windows that are compared, by one call
NOT_SEEN, NEVER = -2.0, 3.0  # below and above any correlation


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
    def of(cls, x: ArrayLike, length: int) -> Self:
        """Measure the windows; arrays live as long as what is returned."""
        x, rounding = check_points(x)
        length = check_integer("length", length, 3, len(x))
        x = np.ldexp(x, -np.frexp(np.abs(x).max())[1])  # so that no square of it can overflow
        n = len(x) - length + 1
        parts = np.empty((4, n))
        places = (part.ctypes.data for part in parts)
        kernel("measure_windows")(x.ctypes.data, n, length, rounding, *places)
        windows = cls(n, length, x.ctypes.data, *(part.ctypes.data for part in parts))
        windows.arrays = x, parts
        return windows

    @property
    def has_constants(self) -> bool:
        return not self.arrays[1][1].all()

    @property
    def loudness(self) -> float:
        """How many times as loud as its faintest window the series may be."""
        x, parts = self.arrays
        return _loudness(x.min(), x.max(), float(parts[1].max()), self.length)


def rows_between(a: Windows, b: Windows) -> int:
    """Return after how many rows of a diagonal covariances are computed anew."""
    return int(min(MOST_ROWS, max(1, STEADY / max(a.loudness * b.loudness, 1))))


def _loudness(least: float, most: float, inverse: float, length: int) -> float:
    """Return what the rounding of covariances is multiplied by in correlations, as a root for each of two windows.

    Covariances are rounded in proportion to what they are, and the updates of them in proportion to means.
    """
    spread, largest = most - least, max(-least, most)
    return float(np.sqrt(length * spread * (spread + largest / length)) * inverse)


def self_join(x: ArrayLike, length: int, exclusion: int, n_jobs: int | None = 1) -> Profile:
    """Find the most similar earlier and later window of each window of a series.

    Parameters
    ----------
    x : array-like of shape (n_timepoints,)
        Finite numbers, in single or double precision.
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
    windows = Windows.of(x, length)
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
    a, b = Windows.of(a, length), Windows.of(b, length)
    right, right_index, _, _ = _walk(a, b, 0, n_jobs)
    _, _, left, left_index = _walk(b, a, 1, n_jobs)
    return Profile(left, left_index, right, right_index)


class PartialProfile:
    """The nearest neighbour of each window in the series itself or in another one, as far as one is willing to wait.

    Parameters
    ----------
    a : array-like of shape (n_timepoints,)
        Finite numbers, in single or double precision.
    b : array-like of shape (n_timepoints_other,), optional
        Where neighbours are looked for; by default in the series itself.
    length : int
        Time points of a window, at least 3.
    exclusion : int, default=0
        In the series itself, windows that start this near are no neighbours.
    seed : int, default=0
        Of the order of the pieces of work, which is random: a part of them is an estimate from above.

    Attributes
    ----------
    n_pieces, n_done : int
        Pieces of about the same amount of work: how many there are, and how many are done.
    is_reliable : bool
        Whether correlations are correct to about 1e-6. They may not be where the series is some ten thousand times as
        loud as its faintest window that is not constant.

    Raises
    ------
    ValueError, TypeError
        If no window fits, or a series holds no numbers, NaN or infinities.

    Examples
    --------
    >>> import numpy as np
    >>> profile = PartialProfile(np.sin(np.arange(2000) / 3), length=20, exclusion=5)
    >>> profile.advance(profile.n_pieces)
    >>> distances, neighbours = profile.nearest()
    >>> bool(distances.max() < 0.1), bool((neighbours >= 0).all())
    (True, True)
    """

    def __init__(
        self, a: ArrayLike, b: ArrayLike | None = None, *, length: int, exclusion: int = 0, seed: int = 0
    ) -> None:
        self._a = Windows.of(a, length)
        self._b = self._a if b is None else Windows.of(b, length)
        exclusion = check_integer("exclusion", exclusion, 0)
        self._rows = rows_between(self._a, self._b)
        pieces = _pieces_of_one(self._a.n, exclusion + 1) if b is None else _pieces_of_two(self._a.n, self._b.n)
        order = np.random.default_rng(seed).permutation(len(pieces))
        self._pieces = [pieces[place] for place in order]
        self._is_done = np.zeros(len(pieces), bool)
        self._found: list[tuple[NDArray, NDArray]] = []  # by each thread
        self._free: list[tuple[NDArray, NDArray]] = []  # of threads that wait
        # What is found for the windows of b is not asked for.
        self._unused = None if b is None else (np.full(self._b.n, NEVER), np.full(self._b.n, -1))

    @property
    def n_pieces(self) -> int:
        """How many pieces of work there are."""
        return len(self._pieces)

    @property
    def n_done(self) -> int:
        """How many of them are done."""
        return int(np.count_nonzero(self._is_done))

    @property
    def is_reliable(self) -> bool:
        """Whether correlations are correct to about 1e-6."""
        return 4 * self._rows >= self._a.length

    def advance(self, n_pieces: int, n_jobs: int | None = 1, deadline: float = np.inf) -> None:
        """Do more pieces of work.

        Parameters
        ----------
        n_pieces : int
            How many.
        n_jobs : int or None, default=1
            Threads, as in ``self_join``: they do not change a bit.
        deadline : float, default=inf
            Begin none after this time of ``time.perf_counter()``.
        """
        todo = np.flatnonzero(~self._is_done)[: check_integer("n_pieces", n_pieces, 0)]
        call, constants = kernel("profile_diagonals"), self._a.has_constants or self._b.has_constants

        def work(start: int, stop: int, halt: object) -> None:
            if time.perf_counter() >= deadline:
                return
            mine = self._take()
            for is_turned, first, last in self._pieces[todo[start]]:
                sides = [(self._a, mine), (self._b, self._unused or mine)]
                (rows, for_rows), (columns, for_columns) = sides[::-1] if is_turned else sides
                places = (array.ctypes.data for array in (*for_rows, *for_columns))
                both = ctypes.addressof(rows), ctypes.addressof(columns)
                call(*both, first, last, self._rows, constants, *places, halt)
            self._free.append(mine)
            self._is_done[todo[start]] = not halt._obj.value

        in_threads(work, len(todo), 1, n_jobs)

    def nearest(self, n_jobs: int | None = 1) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return how far the nearest window is, as far as known, and where it starts.

        Parameters
        ----------
        n_jobs : int or None, default=1
            Threads, as in ``advance``.

        Returns
        -------
        distances : ndarray of shape (n_windows,), float64
            Euclidean, between z-normalised windows, computed from both in double precision; infinite where nothing
            was compared.
        neighbours : ndarray of shape (n_windows,), int64
            Of equals the first; -1 where nothing was compared.
        """
        best, where = self._take()
        for values, places in self._found:
            _keep_better(best, where, values, places)
        self._free.append((best, where))
        distances, neighbours = np.empty(self._a.n), where.copy()
        call = kernel("window_distances")

        def work(start: int, stop: int, halt: object) -> None:
            places = neighbours.ctypes.data + 8 * start, distances.ctypes.data + 8 * start
            call(ctypes.addressof(self._a), start, stop - start, ctypes.addressof(self._b), *places)

        in_threads(work, self._a.n, AT_ONCE, n_jobs)
        return distances, neighbours

    def _take(self) -> tuple[NDArray, NDArray]:
        """Return arrays that no other thread uses."""
        try:
            return self._free.pop()
        except IndexError:
            mine = np.full(self._a.n, NOT_SEEN), np.full(self._a.n, -1)
            self._found.append(mine)
            return mine


class StreamingProfile:
    """The nearest earlier window of each new window, while a series is being recorded.

    Parameters
    ----------
    length : int
        Time points of a window, at least 3.
    exclusion : int
        Windows that start this near are no neighbours.
    history : int, optional
        Compare only with the last so many time points, the new window included; by default with everything seen.

    Examples
    --------
    >>> import numpy as np
    >>> stream = StreamingProfile(length=20, exclusion=5)
    >>> correlation, neighbour, distance = stream.append(np.sin(np.arange(200) / 3))
    >>> len(correlation), bool(correlation[-1] > 0.99)
    (181, True)
    """

    def __init__(self, length: int, exclusion: int, history: int | None = None) -> None:
        self.length = check_integer("length", length, 3)
        self.exclusion = check_integer("exclusion", exclusion, 0)
        self.history = None if history is None else check_integer("history", history, self.length + self.exclusion + 1)
        self.n_seen = 0  # time points
        self._n = 0  # time points kept, and room for more
        self._series, self._parts, self._covariances = np.empty(0), np.empty((4, 0)), np.empty(0)
        self._anew = 0  # the window at which covariances were computed from scratch, or will be
        self._range = np.inf, -np.inf, 0.0  # least and largest value, largest inverse of a deviation

    def append(self, points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        """Add time points; return what is nearest for each window that ends there.

        Parameters
        ----------
        points : array-like of shape (n_new,)
            Finite numbers, in single or double precision.

        Returns
        -------
        correlation, neighbour, distance : ndarray
            One for each new window: correlation with the nearest earlier one, where that starts in the series as a
            whole, and the distance, as of ``PartialProfile``; -2, -1 and infinite where there is none.

        Raises
        ------
        ValueError, TypeError
            If points are no numbers, NaN or infinities.
        """
        points, rounding = check_points(points)
        parts = [self._append(points[at : at + AT_ONCE], rounding) for at in range(0, len(points), AT_ONCE)]
        if len(parts) == 1:
            return parts[0]
        correlation, neighbour, distance = (np.concatenate(column) for column in zip(*parts, strict=True))
        return correlation, neighbour, distance

    def _append(self, points: NDArray[np.float64], rounding: float) -> tuple[NDArray, NDArray, NDArray]:
        self._make_room(len(points))
        self._series[self._n : self._n + len(points)] = points
        old, self._n = max(self._n - self.length + 1, 0), self._n + len(points)
        self.n_seen += len(points)
        n = max(self._n - self.length + 1, 0)
        best, where, distances = np.empty(n - old), np.empty(n - old, np.int64), np.empty(n - old)
        if n == old:
            return best, where, distances
        self._measure(old, n, rounding)
        self._widen(points, self._parts[1, old:n])
        rows = int(min(AT_ONCE, max(1, STEADY / max(_loudness(*self._range, self.length), 1) ** 2)))
        first, step = self._parts.ctypes.data, 8 * self._parts.shape[1]
        windows = Windows(n, self.length, self._series.ctypes.data, *(first + step * part for part in range(4)))
        reach = n if self.history is None else self.history - self.length
        place, anew = ctypes.addressof(windows), self._anew
        results = best.ctypes.data, where.ctypes.data
        kernel("profile_append")(
            place, old, n, self.exclusion, reach, anew, rows, self._covariances.ctypes.data, *results
        )
        self._anew += (n - 1 - self._anew) // rows * rows
        kernel("window_distances")(place, old, n - old, place, where.ctypes.data, distances.ctypes.data)
        where[where >= 0] += self.n_seen - self._n
        return best, where, distances

    def _make_room(self, n_new: int) -> None:
        """Make room for more time points; forget what lies before the history when there is none."""
        if self._n + n_new <= len(self._series):
            return
        kept = self._n if self.history is None else min(self._n, self.history)
        gone, room = self._n - kept, 2 * kept + n_new + AT_ONCE
        series, parts, covariances = np.empty(room), np.empty((4, room)), np.empty(room)
        series[:kept], parts[:, :kept] = self._series[gone : self._n], self._parts[:, gone : self._n]
        covariances[:kept] = self._covariances[gone : self._n]
        self._series, self._parts, self._covariances = series, parts, covariances
        self._n, self._anew = kept, self._anew - gone
        self._range = np.inf, -np.inf, 0.0
        self._widen(series[:kept], parts[1, : max(kept - self.length + 1, 0)])

    def _widen(self, points: NDArray[np.float64], inverse: NDArray[np.float64]) -> None:
        """Note how loud the points and how faint the windows are."""
        least, most, largest = self._range
        self._range = points.min(initial=least), points.max(initial=most), inverse.max(initial=largest)

    def _measure(self, old: int, n: int, rounding: float) -> None:
        """Measure the new windows, and the one before them, which the recurrence needs."""
        start = max(old - 1, 0)
        new = np.empty((4, n - start))
        address, step = new.ctypes.data, 8 * (n - start)
        series = self._series.ctypes.data + 8 * start
        places = (address + step * part for part in range(4))
        kernel("measure_windows")(series, n - start, self.length, rounding, *places)
        self._parts[:, old:n] = new[:, old - start :]


def _pieces_of_one(n: int, first: int) -> list[list[tuple[bool, int, int]]]:
    """Return pieces of the diagonals first, ..., n - 1 of n windows with themselves, each with its complement.

    A diagonal k up to n / 2 meets all windows; with diagonal n - k each piece is about as much work.
    """
    half = max(first, n // 2) + 1
    pieces = []
    for low in range(first, half, BAND):
        high = min(low + BAND, half)
        complement = max(n - high + 1, half), n if low == first else max(n - low + 1, half)
        pieces.append([(False, low, high)] + ([(False, *complement)] if complement[0] < complement[1] else []))
    return pieces


def _pieces_of_two(n_a: int, n_b: int) -> list[list[tuple[bool, int, int]]]:
    """Return pieces of the pairs (i, i + k) and, turned, (j + k, j): each meets all windows of a, as often."""
    pieces = []
    for low in range(0, n_b, BAND):
        high = min(low + BAND, n_b)
        piece = [(False, low, high)]
        for shift in range(n_b, n_a + n_b, n_b):
            start, stop = max(shift - high + 1, 1), min(shift - low + 1, n_a)
            if start < stop:
                piece.append((True, start, stop))
        pieces.append(piece)
    return pieces


def _walk(a: Windows, b: Windows, first: int, n_jobs: int | None) -> list[NDArray]:
    """Compare the windows i of a with i + first, i + first + 1, ... of b; each thread fills arrays of its own."""
    call, constants, rows = kernel("profile_diagonals"), a.has_constants or b.has_constants, rows_between(a, b)
    rows = max(rows, a.length)
    free: list[list[NDArray]] = []  # arrays of threads that wait
    found = []

    def work(start: int, stop: int, halt: object) -> None:
        try:
            mine = free.pop()
        except IndexError:
            mine = [array for n in (a.n, b.n) for array in (np.full(n, NOT_SEEN), np.full(n, -1))]
            found.append(mine)
        places = (array.ctypes.data for array in mine)
        call(ctypes.addressof(a), ctypes.addressof(b), first + start, first + stop, rows, constants, *places, halt)
        free.append(mine)

    in_threads(work, max(b.n - first, 0), BAND, n_jobs)
    result = [array for n in (a.n, b.n) for array in (np.full(n, NOT_SEEN), np.full(n, -1))]
    for values_a, places_a, values_b, places_b in found:
        _keep_better(*result[:2], values_a, places_a)
        _keep_better(*result[2:], values_b, places_b)
    return result


def _keep_better(values: NDArray, places: NDArray, new: NDArray, new_places: NDArray) -> None:
    """Take over what is better; of equals the first, whichever thread found it."""
    better = (new > values) | ((new == values) & (new_places < places))
    np.copyto(values, new, where=better)
    np.copyto(places, new_places, where=better)


def check_points(x: ArrayLike) -> tuple[NDArray[np.float64], float]:
    """Return the points of one series in double precision, and what they were rounded to before."""
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"x holds {x.dtype}: give numbers.")
    if x.ndim != 1:
        raise ValueError(f"x has shape {x.shape}: give one channel of one series, (n_timepoints,).")
    if not len(x) or not np.isfinite(x).all():
        raise ValueError("x is empty, or holds NaN or infinities: fill or interpolate them first.")
    return x.astype(np.float64), float(np.finfo(np.float32 if x.dtype in (np.float16, np.float32) else np.float64).eps)
