"""Detects anomalous windows of a series with an isolation forest on what describes them."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from stac.data_processing.check_series import check_series
from stac.data_processing.sliding_window import sliding_windows, spread_scores
from stac.data_processing.standardize import Standardizer
from stac.data_processing.window_length import estimate_window_length
from stac.training.series_estimator import AnomalyDetector

__all__ = ["IsolationForestWindows"]

MAX_DEVIATION = 1e4  # standard deviations; what is further out is no more anomalous
MAX_TRAINING_WINDOWS = 20_000  # a tree sees 256 of them
N_PIECES = 8  # of a window, whose means tell its course
ROWS = 8192  # windows that are described at once


@dataclass(eq=False)
class IsolationForestWindows(AnomalyDetector):
    """Score every window by how quickly random splits isolate it from the training windows.

    A window is described, channel by channel, by the means of eight pieces (its course), standard deviation, minimum,
    maximum, and the mean and largest step from one time point to the next. A time point's score is the mean over the
    windows that cover it.

    Parameters
    ----------
    window : int, optional
        Time points of a window; by default the period that the training series shows.
    n_trees : int, default=100
        Trees of the forest.
    random_state : int or None, default=0
        Seed of the forest: the same seed gives the same scores. None draws another one each time.
    n_jobs : int, default=1
        Processes that build trees; -1 for one per processor.

    Attributes
    ----------
    window_ : int
        Time points of a window.
    n_channels_ : int
        Channels that ``fit`` saw.
    forest_ : sklearn.ensemble.IsolationForest

    References
    ----------
    F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation forest", ICDM 2008, https://doi.org/10.1109/ICDM.2008.17

    Examples
    --------
    >>> import numpy as np
    >>> series = np.sin(np.arange(2000) / 5)
    >>> series[1500:1520] = 0
    >>> scores = IsolationForestWindows().fit(series[:1000]).score_samples(series)
    >>> bool(1480 < scores.argmax() < 1540)
    True
    """

    window: int | None = None
    n_trees: int = 100
    random_state: int | None = 0
    n_jobs: int = 1

    def fit(self, series: np.ndarray, y: Any = None) -> Self:
        """Learn the scales of the channels and grow the forest.

        Parameters
        ----------
        series : ndarray of shape (n_channels, n_timepoints) or (n_timepoints,)
            The training part, mostly normal, without missing values; at least two windows long. Rare anomalies in
            it do little harm: few trees see them.
        y : ignored

        Returns
        -------
        IsolationForestWindows
            Itself.

        Raises
        ------
        ValueError
            If the series is too short, has other dimensions, holds NaN or infinities, or a parameter is out of range.
        TypeError
            If the series does not hold numbers.
        """
        from sklearn.ensemble import IsolationForest

        series = check_series(series, min_timepoints=2 * (self.window or 1), why="two windows")
        self._check_parameters()
        self.window_ = self.window or estimate_window_length(series)
        self.n_channels_ = len(series)
        self.standardizer_ = Standardizer(per="channel").fit(series[None])
        windows = self._windows(series)
        features = _describe_all(windows[:: -(-len(windows) // MAX_TRAINING_WINDOWS)])
        forest = IsolationForest(n_estimators=self.n_trees, random_state=self.random_state, n_jobs=self.n_jobs)
        self.forest_ = forest.fit(features)
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
            Between 0 and 1; about 0.5 for windows like most.

        Raises
        ------
        ValueError, TypeError
            As in ``fit``; or if the channels are others than in ``fit``, or ``fit`` was not called.
        """
        if not hasattr(self, "forest_"):
            raise ValueError(
                "This IsolationForestWindows is not fitted: call fit with the training part of a series first."
            )
        series = check_series(series, min_timepoints=self.window_, n_channels=self.n_channels_, why="a window")
        scores = -self.forest_.score_samples(_describe_all(self._windows(series)))
        return spread_scores(scores.astype(np.float64), self.window_, series.shape[1])

    def _check_parameters(self) -> None:
        if self.window is not None and self.window < 2:
            raise ValueError(f"window={self.window} is too short: pass at least 2 time points, or None.")
        if self.n_trees < 1:
            raise ValueError(f"n_trees={self.n_trees} is out of range: a forest has at least one tree.")

    def _windows(self, series: np.ndarray) -> np.ndarray:
        scaled = self.standardizer_.transform(series[None])[0].clip(-MAX_DEVIATION, MAX_DEVIATION)
        return sliding_windows(scaled, self.window_)


def _describe_all(windows: np.ndarray) -> np.ndarray:
    """Return float32 (n_windows, n_channels * n_features), a block of windows at a time."""
    return np.concatenate([_describe(windows[i : i + ROWS]) for i in range(0, len(windows), ROWS)])


def _describe(windows: np.ndarray) -> np.ndarray:
    n, _, length = windows.shape
    windows = np.ascontiguousarray(windows)
    starts = np.unique(np.linspace(0, length, min(N_PIECES, length), endpoint=False).astype(int))
    course = np.add.reduceat(windows, starts, axis=-1) / np.diff(starts, append=length)
    steps = np.abs(np.diff(windows, axis=-1))
    rest = windows.std(axis=-1), windows.min(axis=-1), windows.max(axis=-1), steps.mean(axis=-1), steps.max(axis=-1)
    return np.concatenate([course, np.stack(rest, axis=-1)], axis=-1).reshape(n, -1)
