"""Single passes over series: z-scores, windows, resampling, rolling statistics, autocorrelation."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.numerics.kernels._library import in_threads, kernel

PIECE = 2**18  # numbers that a thread takes at a time
NOT_FINITE = "X holds NaN, infinities or numbers beyond single precision: impute or rescale them first."


class RollingStatistics(NamedTuple):
    """Of each window: (..., n_timepoints - length + 1) each."""

    mean: NDArray[np.float64]
    standard_deviation: NDArray[np.float64]
    minimum: NDArray[np.float32]
    maximum: NDArray[np.float32]


def z_normalize(X: ArrayLike, n_jobs: int | None = 1, *, allow_missing: bool = False) -> NDArray[np.float32]:
    """Give each series mean 0 and standard deviation 1; constant ones become zeros.

    Constant is what spreads no more than numbers of its size are rounded in single precision: by less than 4 units in
    the last place.

    Parameters
    ----------
    X : array-like of shape (..., n_timepoints)
        Finite numbers, taken as float32.
    n_jobs : int or None, default=1
        Threads; -1 for one per processor, None for ``OMP_NUM_THREADS``, else all processors.
    allow_missing : bool, default=False
        Whether series with NaN or infinities are no error, but become NaN as a whole.

    Returns
    -------
    ndarray of the same shape, float32
        Sums are in double precision.

    Raises
    ------
    ValueError, TypeError
        If ``X`` holds no numbers, no time points, or (unless allowed) NaN or infinities.

    Examples
    --------
    >>> import numpy as np
    >>> z_normalize([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]]).round(3)
    array([[-1.225,  0.   ,  1.225],
           [ 0.   ,  0.   ,  0.   ]], dtype=float32)
    """
    X = check_floats(X, finite=False)  # the kernel sees what is not finite, and marks it
    out, n = np.empty_like(X), X.shape[-1]
    call = kernel("z_normalize")
    in_threads(
        lambda start, stop, halt: call(X.ctypes.data, n, start, stop, out.ctypes.data, halt),
        *(X.size // n, max(1, PIECE // n), n_jobs),
    )
    if not allow_missing and np.isnan(out[..., 0]).any():
        raise ValueError(NOT_FINITE)
    return out


def copy_windows(X: ArrayLike, length: int, stride: int = 1, n_jobs: int | None = 1) -> NDArray[np.float32]:
    """Copy the windows of one series, ``stride`` points apart, into an array of their own.

    Parameters
    ----------
    X : array-like of shape (n_channels, n_timepoints) or (n_timepoints,)
        One series, taken as float32.
    length : int
        Time points of a window.
    stride : int, default=1
        Time points from the start of one to that of the next.
    n_jobs : int or None, default=1
        Threads, as in ``z_normalize``.

    Returns
    -------
    ndarray of shape (n_windows, n_channels, length), float32
        Without the axis of channels where ``X`` has none.

    Raises
    ------
    ValueError, TypeError
        If no window fits, or ``X`` is no series of numbers.

    Examples
    --------
    >>> import numpy as np
    >>> copy_windows([1.0, 2.0, 3.0, 4.0, 5.0], length=3, stride=2)
    array([[1., 2., 3.],
           [3., 4., 5.]], dtype=float32)
    """
    X = check_floats(X, finite=False)
    if X.ndim > 2:
        raise ValueError(f"X has shape {X.shape}: give one series, (n_channels, n_timepoints) or (n_timepoints,).")
    n_channels, n = (1, *X.shape)[-2:]
    length, stride = check_integer("length", length, 1, n), check_integer("stride", stride, 1)
    out = np.empty(((n - length) // stride + 1, *X.shape[:-1], length), np.float32)
    call = kernel("copy_windows")
    in_threads(
        lambda start, stop, halt: call(
            X.ctypes.data, n_channels, n, length, stride, start, stop, out.ctypes.data, halt
        ),
        *(len(out), max(1, PIECE // (n_channels * length)), n_jobs),
    )
    return out


def resample_linear(X: ArrayLike, n_timepoints: int, n_jobs: int | None = 1) -> NDArray[np.float32]:
    """Resample series of equal length by straight lines between their points; first and last points stay.

    Parameters
    ----------
    X : array-like of shape (..., n_timepoints)
        At least two time points, taken as float32.
    n_timepoints : int
        Time points wanted, at least 2.
    n_jobs : int or None, default=1
        Threads, as in ``z_normalize``.

    Returns
    -------
    ndarray of shape (..., n_timepoints), float32
        As ``numpy.interp`` gives, within single precision; NaN where a neighbour is, but not where a point is hit.

    Raises
    ------
    ValueError, TypeError
        If there are fewer than two time points, or ``X`` holds no numbers.

    Examples
    --------
    >>> import numpy as np
    >>> resample_linear([0.0, 2.0, 4.0], 5)
    array([0., 1., 2., 3., 4.], dtype=float32)
    """
    X = check_floats(X, finite=False)
    n, m = check_integer("the length of X", X.shape[-1], 2), check_integer("n_timepoints", n_timepoints, 2)
    left, rest = np.divmod(np.arange(m) * (n - 1), m - 1)  # whole numbers: a point that is hit, is hit exactly
    neighbours, share = np.array([left, left + (rest > 0)], np.int32), (rest / (m - 1)).astype(np.float32)
    out = np.empty((*X.shape[:-1], m), np.float32)
    call = kernel("resample_linear")
    in_threads(
        lambda start, stop, halt: call(
            *(X.ctypes.data, n, neighbours.ctypes.data, share.ctypes.data, m, start, stop, out.ctypes.data, halt)
        ),
        *(X.size // n, max(1, PIECE // (n + m)), n_jobs),
    )
    return out


def rolling_statistics(X: ArrayLike, length: int, n_jobs: int | None = 1) -> RollingStatistics:
    """Compute mean, standard deviation, minimum and maximum of each window, in time that the length does not change.

    Parameters
    ----------
    X : array-like of shape (..., n_timepoints)
        Finite numbers, taken as float32.
    length : int
        Time points of a window.
    n_jobs : int or None, default=1
        Threads, as in ``z_normalize``.

    Returns
    -------
    RollingStatistics
        ``mean`` and ``standard_deviation`` in double, ``minimum`` and ``maximum`` in single precision.

    Raises
    ------
    ValueError, TypeError
        If no window fits, or ``X`` holds no numbers, NaN or infinities.

    References
    ----------
    M. van Herk, "A fast algorithm for local minimum and maximum filters on rectangular and octagonal kernels",
    Pattern Recognition Letters 13 (1992), https://doi.org/10.1016/0167-8655(92)90069-C

    Examples
    --------
    >>> import numpy as np
    >>> rolling_statistics([1.0, 3.0, 2.0, 8.0], 2).maximum
    array([3., 3., 8.], dtype=float32)
    """
    X = check_floats(X)
    n = X.shape[-1]
    length = check_integer("length", length, 1, n)
    shape = (*X.shape[:-1], n - length + 1)
    result = RollingStatistics(*(np.empty(shape, dtype) for dtype in (np.float64, np.float64, np.float32, np.float32)))
    call = kernel("rolling_statistics")

    def work(start: int, stop: int, halt: object) -> None:
        scratch = np.empty(2 * n, np.float32)
        outputs = (part.ctypes.data for part in result)
        call(X.ctypes.data, n, length, start, stop, *outputs, scratch.ctypes.data, halt)

    in_threads(work, X.size // n, max(1, PIECE // n), n_jobs)
    return result


def autocorrelation(X: ArrayLike, n_lags: int, n_jobs: int | None = 1) -> NDArray[np.float64]:
    """Compute the autocorrelation at the lags 0, 1, ..., directly: for a few lags faster than by Fourier transforms.

    Parameters
    ----------
    X : array-like of shape (..., n_timepoints)
        Finite numbers, taken as float32.
    n_lags : int
        Lags, from 0 on; at most ``n_timepoints``.
    n_jobs : int or None, default=1
        Threads, as in ``z_normalize``.

    Returns
    -------
    ndarray of shape (..., n_lags), float64
        1 at lag 0; 0 at the others of a constant series. Divided by the variance of the whole series.

    Raises
    ------
    ValueError, TypeError
        If there are more lags than time points, or ``X`` holds no numbers, NaN or infinities.

    Examples
    --------
    >>> import numpy as np
    >>> autocorrelation([1.0, -1.0, 1.0, -1.0], 3)
    array([ 1.  , -0.75,  0.5 ])
    """
    X = check_floats(X)
    n = X.shape[-1]
    n_lags = check_integer("n_lags", n_lags, 1, n)
    out = np.empty((*X.shape[:-1], n_lags))
    call = kernel("autocorrelation")

    def work(start: int, stop: int, halt: object) -> None:
        scratch = np.empty(n)
        call(X.ctypes.data, n, n_lags, start, stop, out.ctypes.data, scratch.ctypes.data, halt)

    in_threads(work, X.size // n, max(1, PIECE // (n * n_lags)), n_jobs)
    return out


def check_floats(X: ArrayLike, finite: bool = True) -> NDArray[np.float32]:
    """Return the numbers as a C-contiguous, aligned array of float32, (..., n_timepoints) with at least one."""
    try:
        X = np.asarray(X)
    except ValueError as error:
        raise ValueError("X has rows of different lengths: give series of equal length.") from error
    if X.dtype.kind not in "fiub":
        raise TypeError(f"X holds {X.dtype}: give numbers.")
    if X.ndim == 0 or X.shape[-1] == 0:
        raise ValueError(f"X has shape {X.shape}: give series with at least one time point.")
    if X.dtype != np.float32:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            X = X.astype(np.float32)
    X = np.require(X, requirements="CA")
    if finite and not np.isfinite(X).all():
        raise ValueError(NOT_FINITE)
    return X


def check_integer(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return a whole number within its limits."""
    wrong = isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least
    if wrong or (most is not None and value > most):
        raise ValueError(
            f"{name} is {value!r}: give a whole number from {least}{'' if most is None else f' to {most}'}."
        )
    return int(value)
