"""Dynamic time warping within a band: squared distances of pairs of series, and the search for the nearest one."""

import ctypes

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.numerics.kernels._library import in_threads, kernel

CELLS = 2**20  # of the band, that a thread takes at a time
PADDING = 8  # numbers behind the last one that kernels may read: a vector of the widest instruction set


class Series(ctypes.Structure):
    """Series of any lengths, zeros behind their ends, as the kernels read them: the same order as in c/kernels.h."""

    _fields_ = [
        *[(name, ctypes.c_int64) for name in ("n", "n_channels", "longest")],
        *[(name, ctypes.c_void_p) for name in ("values", "lengths")],
    ]

    @classmethod
    def of(cls, values: NDArray[np.float64], lengths: NDArray[np.int64]) -> "Series":
        """Copy the values and point at the arrays, which live as long as what is returned."""
        padded = np.zeros(values.size + PADDING)
        padded[: values.size] = values.ravel()
        values = padded[: values.size].reshape(values.shape)
        series = cls(*values.shape, values.ctypes.data, lengths.ctypes.data)
        series.arrays = values, lengths
        return series


def dtw_of_pairs(
    A: ArrayLike,
    B: ArrayLike,
    pairs: tuple[ArrayLike, ArrayLike],
    radii: ArrayLike,
    *,
    lengths: tuple[ArrayLike, ArrayLike] | None = None,
    limits: ArrayLike | None = None,
    n_jobs: int | None = 1,
) -> NDArray[np.float64]:
    """Compute squared distances under dynamic time warping, of pairs of series.

    Parameters
    ----------
    A, B : array-like of shape (n_instances, n_channels, n_timepoints)
        Finite numbers; channels are warped together.
    pairs : two array-likes of shape (n_pairs,)
        Which of A goes with which of B.
    radii : array-like of shape (n_pairs,), or int
        How far a path may leave the diagonal, in time points; at least the difference of the lengths.
    lengths : two array-likes, optional
        Time points of each series in A and in B, where they differ.
    limits : array-like of shape (n_pairs,), optional
        A distance beyond its limit may come back as infinity, much sooner.
    n_jobs : int or None, default=1
        Threads; -1 for one per processor, None for ``OMP_NUM_THREADS``, else all processors.

    Returns
    -------
    ndarray of shape (n_pairs,), float64
        Sums over the cheapest path, in double precision.

    Raises
    ------
    ValueError, TypeError
        If shapes, indices, lengths or radii do not fit.

    References
    ----------
    H. Sakoe, S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE TASSP 26 (1978),
    https://doi.org/10.1109/TASSP.1978.1163055

    Examples
    --------
    >>> import numpy as np
    >>> a, b = np.array([[[0.0, 1.0, 2.0]]]), np.array([[[0.0, 0.0, 2.0]]])
    >>> dtw_of_pairs(a, b, ([0], [0]), radii=2)
    array([1.])
    """
    A, B = _values("A", A), _values("B", B)
    if A.shape[1] != B.shape[1]:
        raise ValueError(f"A has {A.shape[1]} channels and B {B.shape[1]}: give series of the same channels.")
    lengths_a, lengths_b = (
        _lengths(values, None if lengths is None else lengths[side]) for side, values in enumerate((A, B))
    )
    i, j = _indices("first", pairs[0], len(A)), _indices("second", pairs[1], len(B))
    if i.shape != j.shape:
        raise ValueError(f"pairs have shapes {i.shape} and {j.shape}: give as many of A as of B.")
    radii = np.ascontiguousarray(np.broadcast_to(np.asarray(radii, np.int64), i.shape))
    if (radii < np.abs(lengths_a[i] - lengths_b[j])).any():
        raise ValueError("a radius is smaller than the difference of the lengths: no path fits; widen it.")
    limits = None if limits is None else np.ascontiguousarray(np.broadcast_to(np.asarray(limits, float), i.shape))
    a, b = Series.of(A, lengths_a), Series.of(_reversed(B, lengths_b), lengths_b)
    out = np.empty(len(i))
    call = kernel("dtw_pairs")

    def work(start: int, stop: int, halt: object) -> None:
        scratch = np.empty(4 * (max(A.shape[2], B.shape[2]) + 2 + PADDING))
        places = (array.ctypes.data for array in (i, j, radii))
        limit = None if limits is None else limits.ctypes.data
        series = ctypes.addressof(a), ctypes.addressof(b)
        call(*series, *places, limit, start, stop, out.ctypes.data, scratch.ctypes.data, halt)

    cells = A.shape[2] * min(B.shape[2], 2 * int(radii.max(initial=0)) + 1) * A.shape[1]
    in_threads(work, len(i), max(1, CELLS // cells), n_jobs)
    return out


def nearest_by_dtw(
    queries: ArrayLike,
    references: ArrayLike,
    window: float,
    *,
    lengths: tuple[ArrayLike, ArrayLike] | None = None,
    n_jobs: int | None = 1,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the nearest reference of each query under dynamic time warping, and compute few distances for it.

    Parameters
    ----------
    queries, references : array-like of shape (n_instances, n_channels, n_timepoints)
        Finite numbers; channels are warped together.
    window : float
        How far a path may leave the diagonal, 0 to 1: a share of the longer series, rounded up to time points, and at
        least the difference of the lengths.
    lengths : two array-likes, optional
        Time points of each query and of each reference, where they differ.
    n_jobs : int or None, default=1
        Threads; -1 for one per processor, None for ``OMP_NUM_THREADS``, else all processors. They do not change a bit.

    Returns
    -------
    nearest : ndarray of shape (n_queries,), int64
        Indices of references; of equally near ones the first.
    distances : ndarray of shape (n_queries,), float64
        Squared distances, the same bits as ``dtw_of_pairs`` gives.

    Raises
    ------
    ValueError, TypeError
        If shapes, lengths or the window do not fit.

    Notes
    -----
    References are looked at in the order of a lower bound, LB_Keogh with the first and last points of LB_Kim, until
    the bound exceeds the least distance. Cells that cost too much, with the bound of what is ahead, are left out.

    References
    ----------
    E. Keogh, C. A. Ratanamahatana, "Exact indexing of dynamic time warping", Knowledge and Information Systems 7
    (2005), https://doi.org/10.1007/s10115-004-0154-9; T. Rakthanmanon et al., "Searching and mining trillions of time
    series subsequences under dynamic time warping", KDD 2012, https://doi.org/10.1145/2339530.2339576

    Examples
    --------
    >>> import numpy as np
    >>> bumps = np.exp(-((np.arange(50) - np.array([[10], [40]])) ** 2) / 9)[:, None]
    >>> nearest_by_dtw(np.roll(bumps, 3, axis=2), bumps, window=0.1)[0]
    array([0, 1])
    """
    queries, references = _values("queries", queries), _values("references", references)
    if queries.shape[1] != references.shape[1]:
        raise ValueError(
            f"queries have {queries.shape[1]} channels and references {references.shape[1]}: give the same."
        )
    if not 0 <= window <= 1:
        raise ValueError(f"window is {window!r}: give a share of the length, from 0 to 1.")
    lengths_q, lengths_r = (
        _lengths(values, None if lengths is None else lengths[side])
        for side, values in enumerate((queries, references))
    )
    q, r = Series.of(queries, lengths_q), Series.of(references, lengths_r)
    count = max(queries.shape[2], references.shape[2])
    shortest = min(lengths_q.min(), lengths_r.min())
    radius = int(min(count, max(np.ceil(window * count - 1e-9), count - shortest)))
    low, high = _envelopes(r, count, radius, n_jobs)
    nearest, distances = np.empty(len(queries), np.int64), np.empty(len(queries))
    call = kernel("dtw_nearest")
    room = 3 * (count * r.n_channels + PADDING) + 2 * (count + 2 * radius) + 8 * (count + 2 + PADDING)

    def work(start: int, stop: int, halt: object) -> None:
        heap, scratch = np.empty(r.n, np.int64), np.empty(r.n + room)
        places = nearest.ctypes.data, distances.ctypes.data, heap.ctypes.data, scratch.ctypes.data
        both = ctypes.addressof(q), ctypes.addressof(r), low.ctypes.data, high.ctypes.data
        call(*both, count, radius, window, start, stop, *places, scratch.ctypes.data + 8 * r.n, halt)

    cells = len(references) * count * min(count, 2 * radius + 1) * r.n_channels
    in_threads(work, len(queries), max(1, CELLS // cells), n_jobs)
    return nearest, distances


def _envelopes(series: Series, count: int, radius: int, n_jobs: int | None) -> tuple[NDArray, NDArray]:
    """Return the least and the largest values around each of `count` points, flat and with padding."""
    size = series.n * series.n_channels * count + PADDING
    low, high = np.zeros(size), np.zeros(size)
    call = kernel("dtw_envelopes")

    def work(start: int, stop: int, halt: object) -> None:
        scratch = np.empty(2 * (count + 2 * radius))
        places = (array.ctypes.data for array in (low, high, scratch))
        call(ctypes.addressof(series), start, stop, count, radius, *places, halt)

    in_threads(work, series.n, max(1, CELLS // (count * series.n_channels)), n_jobs)
    return low, high


def _values(name: str, X: ArrayLike) -> NDArray[np.float64]:
    X = np.asarray(X)
    if X.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {X.dtype}: give numbers.")
    if X.ndim != 3 or 0 in X.shape:
        raise ValueError(f"{name} has shape {X.shape}: give series, (n_instances, n_channels, n_timepoints).")
    return np.ascontiguousarray(X, np.float64)


def _lengths(values: NDArray, lengths: ArrayLike | None) -> NDArray[np.int64]:
    if lengths is None:
        return np.full(len(values), values.shape[2])
    lengths = np.ascontiguousarray(lengths, np.int64)
    if lengths.shape != values.shape[:1] or lengths.min() < 1 or lengths.max() > values.shape[2]:
        raise ValueError(f"lengths must be {len(values)} whole numbers from 1 to {values.shape[2]}.")
    return lengths


def _indices(which: str, indices: ArrayLike, n: int) -> NDArray[np.int64]:
    indices = np.ascontiguousarray(indices)
    if indices.ndim != 1 or indices.dtype.kind not in "iu":
        raise ValueError(f"the {which} of the pairs must be whole numbers, (n_pairs,).")
    if len(indices) and (indices.min() < 0 or indices.max() >= n):
        raise ValueError(f"the {which} of the pairs must lie from 0 to {n - 1}.")
    return indices.astype(np.int64)


def _reversed(values: NDArray[np.float64], lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the series backwards, zeros still behind their ends: then both walk forwards along an anti-diagonal."""
    place = lengths[:, None] - 1 - np.arange(values.shape[2])
    taken = np.take_along_axis(values, np.maximum(place, 0)[:, None], axis=2)
    return np.where(place[:, None] >= 0, taken, 0)
