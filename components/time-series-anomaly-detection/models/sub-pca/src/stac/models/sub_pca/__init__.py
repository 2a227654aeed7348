"""Detects anomalous windows of a series by their distance from normal ones along the principal components."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from stac.data_processing.check_series import check_series
from stac.data_processing.sliding_window import sliding_windows, spread_scores
from stac.data_processing.standardize import Standardizer
from stac.data_processing.window_length import estimate_window_length
from stac.training.series_estimator import AnomalyDetector

__all__ = ["SubPca"]

MAX_VALUES = 512  # values of a window, over all channels: longer ones are averaged in pieces
MAX_DEVIATION = 1e4  # standard deviations; what is further out is no more anomalous
ROWS = 8192  # windows that are held as rows at once


@dataclass(eq=False)
class SubPca(AnomalyDetector):
    """Score every window by its distance from the training windows, in units of their spread in each direction.

    Windows are points in a space of as many dimensions as they have values. Normal ones lie near a plane of few
    principal components; along the others they hardly differ. The score is the Mahalanobis distance: the distance
    along each component in units of the spread that the training windows have there, so that what leaves the plane
    counts most. A time point's score is the mean over the windows that cover it.

    Parameters
    ----------
    window : int, optional
        Time points of a window; by default the period that the training series shows.
    n_components : int or float, optional
        Components that keep a spread of their own: their number, or the share of the variance that they explain
        together; the others share one, as in probabilistic principal component analysis. By default all of them.

    Attributes
    ----------
    window_ : int
        Time points of a window.
    n_components_ : int
        Components that keep a spread of their own.
    n_channels_ : int
        Channels that ``fit`` saw.

    References
    ----------
    C. C. Aggarwal, "Outlier analysis", 2nd ed., Springer 2017, chapter 3, https://doi.org/10.1007/978-3-319-47578-3.
    M. E. Tipping, C. M. Bishop, "Probabilistic principal component analysis", J. R. Stat. Soc. B 61 (1999) 611,
    https://doi.org/10.1111/1467-9868.00196. Q. Liu, J. Paparrizos, "The elephant in the room: towards a reliable
    time-series anomaly detection benchmark" (Sub-PCA), NeurIPS 2024, https://doi.org/10.52202/079017-3437

    Examples
    --------
    >>> import numpy as np
    >>> series = np.sin(np.arange(2000) / 5)
    >>> series[1500:1510] = 0
    >>> scores = SubPca().fit(series[:1000]).score_samples(series)
    >>> bool(1480 < scores.argmax() < 1530)
    True
    """

    window: int | None = None
    n_components: int | float | None = None

    def fit(self, series: np.ndarray, y: Any = None) -> Self:
        """Learn the scales of the channels and the principal components of the windows.

        Parameters
        ----------
        series : ndarray of shape (n_channels, n_timepoints) or (n_timepoints,)
            The training part, mostly normal, without missing values; at least two windows long. Rare anomalies in
            it do little harm: they have a small share in the components.
        y : ignored

        Returns
        -------
        SubPca
            Itself.

        Raises
        ------
        ValueError
            If the series is too short, has other dimensions, holds NaN or infinities, or a parameter is out of range.
        TypeError
            If the series does not hold numbers.
        """
        series = check_series(series, min_timepoints=2 * (self.window or 1), why="two windows")
        self._check_parameters()
        self.window_ = self.window or estimate_window_length(series)
        self.n_channels_ = len(series)
        self.standardizer_ = Standardizer(per="channel").fit(series[None])
        rows = self._rows(series)
        self.mean_, covariance = _mean_and_covariance(rows)
        variances, directions = np.linalg.eigh(covariance)
        self._choose_components(variances[::-1].clip(min=0), directions[:, ::-1])
        return self

    def score_samples(self, series: np.ndarray) -> np.ndarray:
        """Score every time point; higher is more anomalous.

        Parameters
        ----------
        series : ndarray of shape (n_channels, n_timepoints) or (n_timepoints,)
            A series with the channels of ``fit``, without missing values, at least a window long.

        Returns
        -------
        ndarray of shape (n_timepoints,), float64
            Mean squared distance per value of a window: about 1 for windows like those of the training part.

        Raises
        ------
        ValueError, TypeError
            As in ``fit``; or if the channels are others than in ``fit``, or ``fit`` was not called.
        """
        if not hasattr(self, "components_"):
            raise ValueError("This SubPca is not fitted: call fit with the training part of a series first.")
        series = check_series(series, min_timepoints=self.window_, n_channels=self.n_channels_, why="a window")
        rows = self._rows(series)
        scores = np.concatenate([self._score_rows(rows[i : i + ROWS]) for i in range(0, len(rows), ROWS)])
        return spread_scores(scores, self.window_, series.shape[1])

    def _check_parameters(self) -> None:
        if self.window is not None and self.window < 2:
            raise ValueError(f"window={self.window} is too short: pass at least 2 time points, or None.")
        n = self.n_components
        if n is not None and (n <= 0 or (isinstance(n, float) and n >= 1)):
            raise ValueError(
                f"n_components={n} is out of range: pass a whole number, a share between 0 and 1, or None."
            )

    def _rows(self, series: np.ndarray) -> "_Rows":
        scaled = self.standardizer_.transform(series[None])[0].clip(-MAX_DEVIATION, MAX_DEVIATION)
        piece = min(self.window_, -(-self.window_ * len(series) // MAX_VALUES))
        return _Rows(sliding_windows(_moving_mean(scaled, piece), self.window_ - piece + 1)[..., ::piece])

    def _choose_components(self, variances: np.ndarray, directions: np.ndarray) -> None:
        """Keep the first components; what is left of the variance is the same in all other directions."""
        total = variances.sum()
        n = self.n_components or len(variances)
        if isinstance(n, float):
            n = int(np.searchsorted(np.cumsum(variances), n * total) + 1)
        n = min(n, len(variances))
        # The rounding of float32 is no spread; and 1 where the training part is constant.
        least = 1e-6 * total / len(variances) or 1.0
        self.n_components_ = n
        self.components_ = directions[:, :n]
        self.variances_ = variances[:n].clip(min=least)
        self.rest_variance_ = max(variances[n:].mean() if n < len(variances) else 0.0, least)

    def _score_rows(self, rows: np.ndarray) -> np.ndarray:
        centred = rows - self.mean_
        projected = centred @ self.components_
        rest = np.einsum("ij,ij->i", centred, centred) - np.einsum("ij,ij->i", projected, projected)
        within = (projected**2 / self.variances_).sum(axis=1)
        return (within + rest.clip(min=0) / self.rest_variance_) / len(self.mean_)


class _Rows:
    """Windows (n_windows, n_channels, length) as rows of values, made a block at a time."""

    def __init__(self, windows: np.ndarray):
        self.windows = windows

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, block: slice) -> np.ndarray:
        windows = self.windows[block]
        return windows.reshape(len(windows), -1).astype(np.float64)


def _moving_mean(series: np.ndarray, length: int) -> np.ndarray:
    if length == 1:
        return series
    return sliding_windows(series, length).mean(axis=-1).T


def _mean_and_covariance(rows: _Rows) -> tuple[np.ndarray, np.ndarray]:
    blocks = range(0, len(rows), ROWS)
    mean = sum(rows[i : i + ROWS].sum(axis=0) for i in blocks) / len(rows)
    covariance = 0.0
    for i in blocks:
        centred = rows[i : i + ROWS] - mean
        covariance = covariance + centred.T @ centred
    return mean, covariance / len(rows)
