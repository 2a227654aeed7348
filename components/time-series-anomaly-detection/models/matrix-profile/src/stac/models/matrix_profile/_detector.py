"""An anomaly detector over matrix profiles, with one score for each time point."""

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.data_processing.check_series import check_series
from stac.data_processing.window_length import estimate_window_length
from stac.models.matrix_profile._profile import check_exclusion, check_window, matrix_profile
from stac.training.series_estimator import AnomalyDetector


@dataclass(eq=False)
class MatrixProfileDetector(AnomalyDetector):
    """Score each time point by how far the windows around it are from anything else that was seen.

    Parameters
    ----------
    window : int, optional
        Time points in a window; by default the period of the training series, from its autocorrelation.
    compare_with : {"both", "training", "series"}
        Where windows look for their nearest neighbour: in the training series and elsewhere in the scored one; only
        in the training series, which also finds anomalies that come twice, and finds whatever training did not show;
        or only in the scored one.
    best_channels : int, optional
        Compare by so many channels, the ones that agree best; by default by all.
    n_jobs : int, optional
        Threads; by default as many as there are processors.

    Attributes
    ----------
    window_ : int
        The length of windows used.
    training_ : ndarray of shape (n_channels, n_timepoints)
        The training series.

    References
    ----------
    Yeh, C.-C. M., et al. (2016). Matrix Profile I. ICDM, 1317-1322. DOI 10.1109/ICDM.2016.0179

    Examples
    --------
    >>> import numpy as np
    >>> series = np.sin(2 * np.pi * np.arange(2000) / 50)
    >>> series[1600:1620] = 0.3
    >>> scores = MatrixProfileDetector().fit(series[:1000]).score_samples(series)
    >>> scores.shape, bool(1580 < scores.argmax() < 1640)
    ((2000,), True)
    """

    window: int | None = None
    compare_with: Literal["both", "training", "series"] = "both"
    best_channels: int | None = None
    n_jobs: int | None = None

    def fit(self, series: ArrayLike, y: Any = None) -> Self:
        """Keep the training series, and choose a window if none was given.

        Parameters
        ----------
        series : array-like of shape (n_channels, n_timepoints) or (n_timepoints,)
            Mostly normal, without missing values.
        y : ignored

        Returns
        -------
        MatrixProfileDetector
            Itself.

        Raises
        ------
        ValueError
            If the series is shorter than a window and its neighbours need, or holds NaN or infinities, or a
            parameter is out of range.
        TypeError
            If the series does not hold numbers.
        """
        if self.compare_with not in ("both", "training", "series"):
            raise ValueError(f"compare_with is {self.compare_with!r}: give 'both', 'training' or 'series'")
        if self.window is None:
            series = check_series(series, min_timepoints=30, why="three windows")
            window = estimate_window_length(series)
        else:
            window = check_window(self.window)
        self.training_ = check_series(series, min_timepoints=_least(window), why=f"windows of {window} with neighbours")
        self.window_ = window
        self.n_channels_in_ = len(self.training_)
        return self

    def score_samples(self, series: ArrayLike) -> NDArray[np.float64]:
        """Score each time point: the mean of the distances of all windows it lies in.

        Where the scored series is the training series itself, or goes on from it (begins with it), its windows are
        compared with each other.

        Parameters
        ----------
        series : array-like of shape (n_channels, n_timepoints) or (n_timepoints,)
            With the channels of the training series, without missing values.

        Returns
        -------
        ndarray of shape (n_timepoints,), float64
            Higher = more anomalous; between 0 and ``2 * sqrt(window_)``.

        Raises
        ------
        ValueError
            If ``fit`` was not called, or the series is shorter than a window, has other channels, or holds NaN or
            infinities.
        TypeError
            If the series does not hold numbers.
        """
        if not hasattr(self, "training_"):
            raise ValueError("This MatrixProfileDetector is not fitted: call fit with a training series first.")
        series = check_series(
            series, min_timepoints=self.window_, n_channels=self.n_channels_in_, why=f"a window of {self.window_}"
        )
        return _spread(self._window_distances(series), self.window_)

    def _window_distances(self, series: NDArray) -> NDArray[np.float64]:
        n_training, least = self.training_.shape[1], _least(self.window_)
        goes_on = np.array_equal(series[:, :n_training], self.training_)
        if self.compare_with == "series":
            return self._profile(check_series(series, min_timepoints=least, why="a window with neighbours"))
        is_training = goes_on and series.shape[1] == n_training
        if is_training or (goes_on and self.compare_with == "both"):
            return self._profile(series)
        distances = self._profile(series, self.training_)
        if self.compare_with == "both" and series.shape[1] >= least:
            distances = np.minimum(distances, self._profile(series))
        return distances

    def _profile(self, series: NDArray, other: NDArray | None = None) -> NDArray[np.float64]:
        options: dict[str, Any] = {"best_channels": self.best_channels, "n_jobs": self.n_jobs}
        return matrix_profile(series, self.window_, other, **options).distances


def _least(window: int) -> int:
    """Return how many time points give each window a neighbour in the same series."""
    return window + 2 * check_exclusion(None, window) + 1


def _spread(distances: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Return the mean distance of the windows over each time point."""
    n = len(distances) + window - 1
    total = np.concatenate([[0], np.cumsum(distances)])
    stop = np.minimum(np.arange(1, n + 1), len(distances))
    start = np.maximum(np.arange(n) - window + 1, 0)
    return np.maximum((total[stop] - total[start]) / (stop - start), 0)
