"""{{ cookiecutter.description }}"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

ITS_IMPORTS
from stac.data_processing.check_series import check_series
from stac.training.series_estimator import AnomalyDetector

__all__ = ["{{ cookiecutter.__class }}"]

MIN_TIMEPOINTS = 8  # fewer tell nothing of a spread


@dataclass(eq=False)
class {{ cookiecutter.__class }}(AnomalyDetector):
    """{{ cookiecutter.description }}

    Fill me in: what a user must know of the method, and where it comes from.

    Parameters
    ----------
    combine : {"max", "mean"}, default="max"
        Fill me in: your parameters. This one says what becomes of the scores of several channels.

    Examples
    --------
    >>> series = np.sin(np.arange(300) / 5)
    >>> series[200] += 4
    >>> int({{ cookiecutter.__class }}().fit(series).score_samples(series).argmax())
    200
    """

    combine: str = "max"

    def fit(self, series: NDArray[np.floating], y: Any = None) -> Self:
        """Learn what is normal.

        Parameters
        ----------
        series : ndarray of shape (n_channels, n_timepoints) or (n_timepoints,)
            A series without missing values, at best without anomalies.
        y : ignored

        Returns
        -------
        {{ cookiecutter.__class }}
            Itself.

        Raises
        ------
        ValueError
            If the series is too short, has other dimensions, holds NaN or infinities, or a parameter is unknown.
        TypeError
            If the series does not hold numbers.
        """
        if self.combine not in ("max", "mean"):
            raise ValueError(f'combine={self.combine!r} is unknown: use "max" or "mean".')
        series = check_series(series, min_timepoints=MIN_TIMEPOINTS, why="a spread").astype(np.float64)
        # Fill me in: the method. Mean and spread of each channel only hold its place.
        self.mean_ = series.mean(axis=1, keepdims=True)
        spread = series.std(axis=1, keepdims=True)
        constant = spread <= 1e-6 * np.abs(self.mean_)  # what is left of a constant is rounding
        self.spread_ = np.where(constant, np.maximum(np.abs(self.mean_), 1), spread)
        return self

    def score_samples(self, series: NDArray[np.floating]) -> NDArray[np.float64]:
        """Score every time point; higher is more anomalous.

        Parameters
        ----------
        series : ndarray of shape (n_channels, n_timepoints) or (n_timepoints,)
            A series with the channels of ``fit``, without missing values.

        Returns
        -------
        ndarray of shape (n_timepoints,), float64
            Fill me in: what a score says, and in which unit.

        Raises
        ------
        ValueError, TypeError
            As in ``fit``; or if the channels are others than in ``fit``, or ``fit`` was not called.
        """
        if not hasattr(self, "mean_"):
            raise ValueError("It is not fitted: call fit with a series of the same channels first.")
        series = check_series(series, min_timepoints=MIN_TIMEPOINTS, n_channels=len(self.mean_), why="a spread")
        scores = np.abs(series - self.mean_) / self.spread_
        return scores.max(axis=0) if self.combine == "max" else scores.mean(axis=0)
