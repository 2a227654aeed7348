"""Estimates how long one repetition of a series is, as the length of the windows to compare."""

import numpy as np

__all__ = ["estimate_window_length"]

MIN_CORRELATION = 0.1  # a peak below it is noise, not a repetition
NEARLY_HIGHEST = 0.9  # of the highest peak: the first one that reaches it is the period, later ones are its multiples


def estimate_window_length(
    series: np.ndarray, *, low: int = 10, high: int | None = None, default: int | None = None
) -> int:
    """Return the period of a series, from its autocorrelation.

    The autocorrelation of the channels, each without its linear trend and at unit variance, is averaged. Of its
    peaks between ``low`` and ``high``, the first that is nearly as high as the highest is the period.

    Parameters
    ----------
    series : ndarray of shape (n_channels, n_timepoints) or (n_timepoints,)
        One series without missing values. Constant channels do not count.
    low : int, default=10
        Shortest length that is returned.
    high : int, optional
        Longest length that is returned; by default a third of the series, and no more than 1000.
    default : int, optional
        What is returned when nothing repeats itself; by default 100. It is moved between ``low`` and ``high``.

    Returns
    -------
    int
        Time points of a window, from ``low`` to ``high``.

    Raises
    ------
    ValueError
        If the series is shorter than ``3 * low``, holds NaN or infinities or has other dimensions, or ``low`` and
        ``high`` do not fit each other and the series.
    TypeError
        If the series does not hold numbers.

    References
    ----------
    A. Ermshaus, P. Schäfer, U. Leser, "Window size selection in unsupervised time series analytics: a review and
    benchmark", AALTD 2022, https://doi.org/10.1007/978-3-031-24378-3_6

    Examples
    --------
    >>> import numpy as np
    >>> estimate_window_length(np.sin(2 * np.pi * np.arange(1000) / 50))
    50
    """
    series, eps = _as_series(series)
    n = series.shape[1]
    if low < 2 or n < 3 * low:
        raise ValueError(
            f"The series has {n} time points and low={low}: three windows must fit in, of two time points at least; "
            f"pass a longer series or another low."
        )
    high = min(n // 3, 1000) if high is None else high
    if not low <= high < n:
        raise ValueError(f"high={high} is not between low={low} and the last time point {n - 1}: choose one that is.")
    length = _first_high_peak(_autocorrelation(series, high + 2, eps)[low - 1 :])
    if length is None:
        return int(np.clip(100 if default is None else default, low, high))
    return low + length


def _autocorrelation(series: np.ndarray, n_lags: int, eps: float) -> np.ndarray:
    """Return the mean autocorrelation of the channels that vary, at lags from 0 to n_lags - 1."""
    n = series.shape[1]
    n_lags = min(n_lags, n)
    varying = _detrended(series, eps)
    if not len(varying):
        return np.zeros(n_lags)
    length = 1 << (n + n_lags - 1).bit_length()  # zeros between end and beginning, so that they do not meet
    power = np.zeros(length // 2 + 1)
    for channel in varying:
        power += np.abs(np.fft.rfft(channel, length)) ** 2
    correlation = np.fft.irfft(power, length)[:n_lags] / len(varying)
    return correlation / (n - np.arange(n_lags))


def _detrended(series: np.ndarray, eps: float) -> np.ndarray:
    """Return the channels that vary by more than rounding, without their linear trends and at unit variance."""
    time = np.linspace(-1, 1, series.shape[1])
    centred = series - series.mean(axis=1, keepdims=True)
    rest = centred - np.outer(centred @ time / (time @ time), time)
    std = rest.std(axis=1)
    rounding = eps * np.abs(series).max(axis=1)
    varies = std > np.maximum(rounding, np.finfo(np.float32).tiny)
    return rest[varies] / std[varies, None]


def _first_high_peak(correlation: np.ndarray) -> int | None:
    """Return the place of the first nearly highest peak, counted from the second value, or None."""
    middle = correlation[1:-1]
    rises, falls = middle > correlation[:-2], middle >= correlation[2:]
    peaks = np.flatnonzero(rises & falls & (middle > MIN_CORRELATION))
    if not peaks.size:
        return None
    return int(peaks[middle[peaks] >= NEARLY_HIGHEST * middle[peaks].max()][0])


def _as_series(series: np.ndarray) -> tuple[np.ndarray, float]:
    """Return finite float64 of shape (n_channels, n_timepoints), and how large the rounding of its values can be."""
    series = np.asarray(series)
    if series.dtype.kind not in "fiub":
        raise TypeError(f"series holds {series.dtype}, expected numbers: convert it with series.astype('float32').")
    series = series[None] if series.ndim == 1 else series
    if series.ndim != 2 or series.size == 0:
        raise ValueError(f"series has shape {series.shape}, expected (n_channels, n_timepoints) with some values.")
    if not np.isfinite(series).all():
        raise ValueError("series holds NaN or infinities: fill the gaps first, for instance by interpolation.")
    rounding = 4 * np.finfo(series.dtype).eps if series.dtype.kind == "f" else 0.0
    return series.astype(np.float64), max(rounding, 1e-13)
