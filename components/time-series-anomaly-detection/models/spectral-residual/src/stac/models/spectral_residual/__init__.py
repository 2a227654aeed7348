"""Detects points that stand out of a series by what its spectrum does not expect."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from stac.data_processing.check_series import check_series
from stac.data_processing.standardize import Standardizer
from stac.training.series_estimator import AnomalyDetector

__all__ = ["SpectralResidual"]

MAX_DEVIATION = 1e4  # standard deviations; what is further out is no more anomalous


@dataclass(eq=False)
class SpectralResidual(AnomalyDetector):
    """Score time points by the saliency that is left when the expected spectrum is taken away.

    The logarithm of the amplitude spectrum, less its own moving average, goes back to time with the phases as they
    were: what repeats itself fades, what is unique stands out. The score is how far this saliency map exceeds its
    average over the time points before. Long series are treated in overlapping segments that fade into each other.
    Nothing is learnt but the scales of the channels: it works on a series that it has not seen.

    Parameters
    ----------
    segment : int, default=1440
        Time points of a segment, at most.
    spectrum_window : int, default=3
        Frequencies over which the spectrum is averaged.
    score_window : int, default=21
        Time points before a point with which its saliency is compared.
    combine : {"mean", "max"}, default="mean"
        What becomes of the scores of several channels.

    Attributes
    ----------
    n_channels_ : int
        Channels that ``fit`` saw.

    References
    ----------
    H. Ren et al., "Time-series anomaly detection service at Microsoft", KDD 2019,
    https://doi.org/10.1145/3292500.3330680

    Examples
    --------
    >>> import numpy as np
    >>> series = np.sin(np.arange(2000) / 5)
    >>> series[1500] += 1
    >>> int(SpectralResidual().fit(series).score_samples(series).argmax())
    1500
    """

    segment: int = 1440
    spectrum_window: int = 3
    score_window: int = 21
    combine: str = "mean"

    def fit(self, series: np.ndarray, y: Any = None) -> Self:
        """Learn the scales of the channels.

        Parameters
        ----------
        series : ndarray of shape (n_channels, n_timepoints) or (n_timepoints,)
            A series without missing values, with or without anomalies, longer than ``score_window``.
        y : ignored

        Returns
        -------
        SpectralResidual
            Itself.

        Raises
        ------
        ValueError
            If the series is too short, has other dimensions, holds NaN or infinities, or a parameter is out of range.
        TypeError
            If the series does not hold numbers.
        """
        self._check_parameters()
        series = check_series(series, min_timepoints=self.score_window + 1, why="score_window and one more")
        self.standardizer_ = Standardizer(per="channel").fit(series[None])
        self.n_channels_ = len(series)
        return self

    def score_samples(self, series: np.ndarray) -> np.ndarray:
        """Score every time point; higher is more anomalous.

        Parameters
        ----------
        series : ndarray of shape (n_channels, n_timepoints) or (n_timepoints,)
            A series with the channels of ``fit``, without missing values, longer than ``score_window``.

        Returns
        -------
        ndarray of shape (n_timepoints,), float64
            By how many times its local average the saliency exceeds it: from -1, 0 for what is as expected.

        Raises
        ------
        ValueError, TypeError
            As in ``fit``; or if the channels are others than in ``fit``, or ``fit`` was not called.
        """
        if not hasattr(self, "standardizer_"):
            raise ValueError("This SpectralResidual is not fitted: call fit with a series of the same channels first.")
        series = check_series(
            series,
            min_timepoints=self.score_window + 1,
            n_channels=self.n_channels_,
            why="score_window and one more",
        )
        scaled = self.standardizer_.transform(series[None])[0].clip(-MAX_DEVIATION, MAX_DEVIATION)
        scores = [self._score_channel(channel.astype(np.float64)) for channel in scaled]
        return np.max(scores, axis=0) if self.combine == "max" else np.mean(scores, axis=0)

    def _check_parameters(self) -> None:
        for name, least in (("segment", 16), ("spectrum_window", 1), ("score_window", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name}={getattr(self, name)} is out of range: pass at least {least}.")
        if self.combine not in ("mean", "max"):
            raise ValueError(f'combine={self.combine!r} is unknown: use "mean" or "max".')

    def _score_channel(self, channel: np.ndarray) -> np.ndarray:
        if np.ptp(channel) == 0:
            return np.zeros(len(channel))
        saliency = _saliency(channel, min(self.segment, len(channel)), self.spectrum_window)
        local = _mean_before(saliency, self.score_window)
        return (saliency - local) / (local + 1e-3 * saliency.mean() + np.finfo(float).tiny)


def _saliency(channel: np.ndarray, segment: int, spectrum_window: int) -> np.ndarray:
    """Return the saliency map, from segments that overlap by half and fade into each other."""
    n, hop = len(channel), segment // 2
    segment = 2 * hop
    padded = _continued(channel, hop, -n % hop + hop)
    weight = np.sin(np.pi * (np.arange(segment) + 0.5) / segment) ** 2  # halves that overlap add up to 1
    total = np.zeros(len(padded))
    for start in range(0, len(padded) - segment + 1, hop):
        part = slice(start, start + segment)
        total[part] += _segment_saliency(padded[part], weight, spectrum_window)
    return total[hop : hop + n]


def _continued(channel: np.ndarray, before: int, after: int) -> np.ndarray:
    """Continue the channel on both sides by its mirror image, turned so that the slope goes on."""
    before_part = 2 * channel[0] - channel[1 : before + 1][::-1]
    after_part = 2 * channel[-1] - channel[-after - 1 : -1][::-1] if after else channel[:0]
    continued = np.concatenate([before_part, channel, after_part])
    missing = before - len(before_part), after - len(after_part)
    return np.pad(continued, missing, mode="edge")


def _segment_saliency(x: np.ndarray, weight: np.ndarray, spectrum_window: int) -> np.ndarray:
    # The weight hides that end and beginning do not fit together, which would be what stands out most.
    spectrum = np.fft.rfft((x - np.average(x, weights=weight)) * weight)
    amplitude = np.abs(spectrum)
    if not amplitude.any():
        return np.zeros(len(x))
    logarithm = np.log(amplitude + 1e-6 * amplitude.max())
    logarithm[0] = logarithm[1]  # the mean was taken away, which says nothing about what is next to it
    residual = np.exp(logarithm - _centred_mean(logarithm, spectrum_window))
    phase = spectrum / np.where(amplitude > 0, amplitude, 1)
    return np.abs(np.fft.irfft(residual * phase, len(x)))


def _centred_mean(values: np.ndarray, length: int) -> np.ndarray:
    """Return the moving average around each value; at the ends of what there is."""
    ones = np.ones(length)
    return np.convolve(values, ones, "same") / np.convolve(np.ones(len(values)), ones, "same")


def _mean_before(values: np.ndarray, length: int) -> np.ndarray:
    """Return the mean of each value and those before it, ``length`` in all; at the beginning of what there is."""
    total = np.convolve(values, np.ones(length))[: len(values)]
    return total / np.minimum(np.arange(1, len(values) + 1), length)
