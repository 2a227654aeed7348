"""The ways to resample: each function prepares what all rows share and returns what resamples a block of rows.

That takes rows ``(n_rows, n)`` and writes ``(n_rows, m)`` into ``out``.
"""

from collections.abc import Callable

import numpy as np

Resample = Callable[[np.ndarray, np.ndarray], None]


def linear(n: int, m: int, dtype: np.dtype) -> Resample:
    """Values on the line between the two neighbours."""
    left, share = _left_and_share(n, m)
    right = np.minimum(left + (share > 0), n - 1)  # a point that is hit needs no neighbour, which may be missing
    share = share.astype(dtype)

    def resample(rows: np.ndarray, out: np.ndarray) -> None:
        # mode="clip" writes into `out` without a buffer; the indices are within bounds anyway.
        np.take(rows, left, axis=1, out=out, mode="clip")
        rise = np.take(rows, right, axis=1, mode="clip")
        with np.errstate(invalid="ignore"):
            rise -= out
            rise *= share
            out += rise

    return resample


def nearest(n: int, m: int, dtype: np.dtype) -> Resample:
    """Values of the nearest point, of two equally near ones the later."""
    left, share = _left_and_share(n, m)
    at = left + (share >= 0.5)

    def resample(rows: np.ndarray, out: np.ndarray) -> None:
        np.take(rows, at, axis=1, out=out, mode="clip")

    return resample


def mean(n: int, m: int, dtype: np.dtype) -> Resample:
    """Means of equal parts of the time; a point on a border counts in both, by its share; missing ones do not count."""
    edges = np.arange(m + 1) * n  # in units of 1/m of a time step, so that they are exact
    left, share = edges // m, edges % m / m

    def sum_of_parts(values: np.ndarray) -> np.ndarray:
        total = np.zeros((len(values), n + 2))
        np.cumsum(values, axis=1, out=total[:, 1 : n + 1])
        total[:, -1] = total[:, -2]
        until = np.take(total, left, axis=1)
        until += share * (np.take(total, left + 1, axis=1) - until)
        return np.diff(until, axis=1)

    def resample(rows: np.ndarray, out: np.ndarray) -> None:
        missing = np.isnan(rows)
        if not missing.any():
            # Around the first value, so that a small signal on a large offset keeps its digits.
            first = rows[:, :1].astype(np.float64)
            out[:] = sum_of_parts(rows - first) * (m / n) + first
            return
        known = sum_of_parts(~missing)
        total = sum_of_parts(np.where(missing, 0, rows))
        out[:] = np.divide(total, known, out=np.full(known.shape, np.nan), where=known > 1e-9)

    return resample


def fourier(n: int, m: int, dtype: np.dtype) -> Resample:
    """Values of the sum of sines and cosines through all points, without frequencies that m points cannot show."""
    from scipy import fft

    kept = min(n, m) // 2 + 1
    factor = np.full(kept, m / n, dtype)
    if n != m and min(n, m) % 2 == 0:
        # The highest frequency of an even number of points stands for itself and its mirror image.
        factor[-1] *= 2 if m < n else 0.5

    def resample(rows: np.ndarray, out: np.ndarray) -> None:
        spectrum = np.zeros((len(rows), m // 2 + 1), np.complex64 if dtype == np.float32 else np.complex128)
        np.multiply(fft.rfft(rows, axis=1)[:, :kept], factor, out=spectrum[:, :kept])
        out[:] = fft.irfft(spectrum, n=m, axis=1)

    return resample


def _left_and_share(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the left neighbours of m points, evenly from the first to the last of n, and how far they are from it."""
    place, unit = (np.arange(m) * (n - 1), m - 1) if m > 1 else (np.array([n - 1]), 2)  # a single one in the middle
    return place // unit, place % unit / unit


METHODS: dict[str, Callable[[int, int, np.dtype], Resample]] = {
    "linear": linear,
    "nearest": nearest,
    "mean": mean,
    "fourier": fourier,
}
