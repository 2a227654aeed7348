"""Magnitude spectra, spectrograms and named spectral features of many series at once."""

from collections.abc import Callable, Sequence

import numpy as np

from stac.data_processing.spectral_features._check import as_floats, checked_list, of_same_length, taper_named, whole
from stac.data_processing.spectral_features._describe import describe_power, feature_names

__all__ = ["fourier_features", "frequencies", "magnitude_spectrum", "spectrogram"]

# Values in a block: few enough that the passes over it find it in the cache, many enough to hide the calls.
BLOCK_SIZE = 64 * 1024


def magnitude_spectrum(
    X: np.ndarray | Sequence[np.ndarray], *, n_fft: int | None = None, window: str | None = None
) -> np.ndarray:
    """Return the absolute values of the discrete Fourier transform along time.

    Parameters
    ----------
    X : ndarray of shape (..., n_timepoints), or list of such arrays
        One series (n_timepoints,) or (n_channels, n_timepoints), or many; a list holds series of unequal lengths.
    n_fft : int, optional
        Points of the transform: shorter series are filled up with zeros, longer ones cut. By default the number of
        time points, of a list that of the longest, so that a column is the same frequency everywhere.
    window : str, optional
        Name of a window of ``scipy.signal.get_window``, such as "hann", that series are multiplied with; none by
        default.

    Returns
    -------
    ndarray of shape (..., n_fft // 2 + 1)
        Sums, not means: a sine of amplitude a that fits gives a * n_timepoints / 2. In the unit of ``X``; float64
        where ``X`` is, else float32; NaN where a series has missing values.

    Raises
    ------
    ValueError
        If a series is empty, channels of a list differ, or ``n_fft`` or ``window`` is out of range.
    TypeError
        If ``X`` does not hold numbers.

    Examples
    --------
    >>> import numpy as np
    >>> magnitude_spectrum(np.sin(2 * np.pi * 2 * np.arange(8) / 8)).round(6).tolist()
    [0.0, 0.0, 4.0, 0.0, 0.0]
    """
    from scipy import fft

    n_fft = None if n_fft is None else whole(n_fft, "n_fft", 1)
    if isinstance(X, list | tuple):
        series = checked_list(X)
        n_fft = max(x.shape[-1] for x in series) if n_fft is None else n_fft
        shape, dtype = series[0].shape[:-1], np.result_type(*series)
        out = np.empty((len(series), *shape, n_fft // 2 + 1), dtype)
        for members in of_same_length(series):
            out[members] = magnitude_spectrum(np.stack([series[i] for i in members]), n_fft=n_fft, window=window)
        return out
    x = as_floats(np.asarray(X), "X")
    n = x.shape[-1] if n_fft is None else n_fft
    taper = None if window is None else taper_named(window, x.shape[-1], x.dtype)

    def magnitudes(rows: np.ndarray, out: np.ndarray) -> None:
        np.abs(fft.rfft(rows if taper is None else rows * taper, n=n, axis=1), out=out)

    return _by_block(x, n // 2 + 1, magnitudes)


def spectrogram(X: np.ndarray, length: int, *, stride: int | None = None, window: str = "hann") -> np.ndarray:
    """Return the magnitude spectra of windows that slide along time.

    Parameters
    ----------
    X : ndarray of shape (..., n_timepoints)
        One series (n_timepoints,) or (n_channels, n_timepoints), or many.
    length : int
        Time points in a window: long ones tell frequencies apart, short ones times.
    stride : int, optional
        Time points from one window to the next; by default half a window.
    window : str, default="hann"
        Name of a window of ``scipy.signal.get_window``; "boxcar" changes nothing.

    Returns
    -------
    ndarray of shape (..., length // 2 + 1, n_windows)
        Frequency by time, as pictures are drawn; of windows with missing values NaN. Window i starts at time point
        ``i * stride``; no window reaches over an end.

    Raises
    ------
    ValueError
        If series are shorter than a window, or a parameter is out of range.
    TypeError
        If ``X`` does not hold numbers.

    Examples
    --------
    >>> import numpy as np
    >>> spectrogram(np.zeros((3, 1000)), length=100).shape
    (3, 51, 19)
    """
    from scipy import fft

    x = as_floats(np.asarray(X), "X")
    length = whole(length, "length", 1)
    stride = max(1, length // 2) if stride is None else whole(stride, "stride", 1)
    if x.shape[-1] < length:
        raise ValueError(
            f"X has {x.shape[-1]} time points, fewer than the {length} of a window: "
            "pass longer series or a smaller length."
        )
    taper = taper_named(window, length, x.dtype)
    rows = x.reshape(-1, x.shape[-1])
    frames = np.lib.stride_tricks.sliding_window_view(rows, length, axis=1)[:, ::stride]  # (n_rows, n_windows, length)
    n_windows = frames.shape[1]
    out = np.empty((len(rows), length // 2 + 1, n_windows), x.dtype)
    n_rows = max(1, BLOCK_SIZE // (length * n_windows))  # rows at once, and of a long one so many windows at once
    n_frames = max(1, BLOCK_SIZE // length)
    for row in range(0, len(rows), n_rows):
        for start in range(0, n_windows, n_frames):
            part = slice(row, row + n_rows), slice(start, start + n_frames)
            spectra = np.abs(fft.rfft(frames[part] * taper, axis=2))
            out[part[0], :, part[1]] = spectra.transpose(0, 2, 1)
    return out.reshape(*x.shape[:-1], length // 2 + 1, n_windows)


def fourier_features(
    X: np.ndarray | Sequence[np.ndarray], *, sampling_rate: float = 1.0, n_bands: int = 8
) -> tuple[np.ndarray, list[str]]:
    """Describe the spectrum of each channel by a few numbers with names.

    Parameters
    ----------
    X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
        Series; one series (n_channels, n_timepoints) or (n_timepoints,) is accepted, too.
    sampling_rate : float, default=1.0
        Time points in a unit of time: frequencies are in cycles in that unit (Hz with time points in a second).
    n_bands : int, default=8
        Equal bands from 0 to half the sampling rate whose shares of the power are features; 0 for none.

    Returns
    -------
    features : ndarray of shape (n_instances, n_channels * n_names), or (n_channels * n_names,) of one series
        float32, channel after channel; NaN where a channel has missing values, zeros where it is constant.
    names : list of str
        Such as "channel0_centroid": ``power`` (the variance), ``peak_frequency`` and ``peak_share`` (of the power),
        ``centroid`` and ``bandwidth`` (mean and standard deviation of the frequency, weighted by power), ``rolloff``
        (below which 85 % of the power lie), ``entropy`` (0 one frequency, 1 all alike), ``flatness`` (geometric by
        arithmetic mean), ``band0_share``, ...

    Raises
    ------
    ValueError
        If a series is empty or has a single time point, channels differ, or a parameter is out of range.
    TypeError
        If ``X`` does not hold numbers.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(2 * np.pi * 5 * np.arange(100) / 100)
    >>> features, names = fourier_features(x, sampling_rate=100, n_bands=0)
    >>> names[1], float(features[1])
    ('channel0_peak_frequency', 5.0)
    """
    n_bands = whole(n_bands, "n_bands", 0)
    if not (np.isfinite(sampling_rate) and sampling_rate > 0):
        raise ValueError(f"sampling_rate={sampling_rate!r} is no rate: pass time points in a unit of time, above 0.")
    if isinstance(X, list | tuple):
        series = [x if x.ndim > 1 else x[None] for x in checked_list(X)]
        names = _names(len(series[0]), n_bands)
        features = np.empty((len(series), len(names)), np.float32)
        for members in of_same_length(series):
            together = np.stack([series[i] for i in members])
            features[members] = fourier_features(together, sampling_rate=sampling_rate, n_bands=n_bands)[0]
        return features, names
    x = as_floats(np.asarray(X), "X")
    if x.ndim > 3:
        raise ValueError(f"X has shape {x.shape}, expected (n_instances, n_channels, n_timepoints).")
    if x.shape[-1] < 2:
        raise ValueError("X has a single time point, which has no spectrum: pass series of at least two.")
    describe = describe_power(x.shape[-1], sampling_rate, n_bands)
    features = _by_block(x, len(feature_names(n_bands)), describe, np.float32)
    n_channels = x.shape[-2] if x.ndim > 1 else 1
    return features.reshape(*x.shape[:-2], -1), _names(n_channels, n_bands)


def frequencies(n_timepoints: int, sampling_rate: float = 1.0) -> np.ndarray:
    """Return the frequencies that the columns of a spectrum belong to.

    Parameters
    ----------
    n_timepoints : int
        Points of the transform (``n_fft``, or ``length`` of a spectrogram's window).
    sampling_rate : float, default=1.0
        Time points in a unit of time.

    Returns
    -------
    ndarray of shape (n_timepoints // 2 + 1,)
        Cycles in a unit of time.

    Examples
    --------
    >>> frequencies(4, sampling_rate=100).tolist()
    [0.0, 25.0, 50.0]
    """
    return np.fft.rfftfreq(whole(n_timepoints, "n_timepoints", 1), 1 / sampling_rate)


def _by_block(
    x: np.ndarray, n_out: int, function: Callable[[np.ndarray, np.ndarray], None], dtype: type | None = None
) -> np.ndarray:
    """Let the function fill (rows, n_out) from (rows, n_timepoints), so many rows at once as fit the cache."""
    rows = x.reshape(-1, x.shape[-1])
    out = np.empty((len(rows), n_out), dtype or x.dtype)
    step = max(1, BLOCK_SIZE // rows.shape[1])
    for start in range(0, len(rows), step):
        function(rows[start : start + step], out[start : start + step])
    return out.reshape(*x.shape[:-1], n_out)


def _names(n_channels: int, n_bands: int) -> list[str]:
    return [f"channel{channel}_{name}" for channel in range(n_channels) for name in feature_names(n_bands)]
