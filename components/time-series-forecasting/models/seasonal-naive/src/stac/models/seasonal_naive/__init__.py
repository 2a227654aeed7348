"""Forecast the value of a season ago: what every other forecaster has to beat."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from stac.data_processing.series_frame import (
    check_horizon,
    check_quantiles,
    check_series_frame,
    future_times,
    infer_frequency,
    season_length_of,
    series_matrix,
    series_offsets,
)
from stac.training.series_estimator import Forecaster

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SeasonalNaive"]


@dataclass(eq=False)
class SeasonalNaive(Forecaster):
    """Repeat the last season of each series; with a season of 1, the last value.

    Quantiles are those of a normal distribution whose spread is the root mean square of the differences between values
    a season apart, and grows with the root of the number of seasons ahead.

    Parameters
    ----------
    season_length : int, optional
        How many steps make a season, by default what the frequency suggests (monthly 12, daily 7, hourly 24, …).
    freq : str or int, optional
        The frequency of the series, by default inferred.

    Attributes
    ----------
    season_length_ : int
        The season that was used.
    sigma_ : ndarray of shape (n_series,)
        The spread one step ahead, in units of the data.

    Notes
    -----
    A missing value (NaN) in the last season is replaced by the one of the season before. A series shorter than a season
    repeats its last value, and one not longer than a season takes its spread from the steps between neighbours. A
    series of one value has no spread: its quantiles are the value itself.

    References
    ----------
    Hyndman & Athanasopoulos (2021), Forecasting: principles and practice, 3rd edition, sections 5.2 and 5.5,
    https://otexts.com/fpp3.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"ds": range(5), "y": [1.0, 5, 2, 6, 3]})
    >>> model = SeasonalNaive(season_length=2).fit(frame)
    >>> print(model.predict(3, quantiles=[0.9]).round(2).to_string(index=False))
    unique_id  ds  forecast  q0.9
       series   5       6.0  7.28
       series   6       3.0  4.28
       series   7       6.0  7.81
    """

    season_length: int | None = None
    freq: str | int | None = None

    def fit(self, frame: "pd.DataFrame") -> Self:
        """Learn the last season and the spread of each series.

        Parameters
        ----------
        frame : DataFrame
            `unique_id, ds, y`, as in `stac.data_processing.series_frame`.

        Returns
        -------
        SeasonalNaive
            Itself.

        Raises
        ------
        TypeError, ValueError
            If the table has faults, a series holds nothing but NaN, or a parameter is out of range.
        """
        frame = check_series_frame(frame, freq=self.freq, allow_missing=True)
        ends = series_offsets(frame)[1:] - 1
        self.freq_ = infer_frequency(frame) if self.freq is None else self.freq
        self.season_length_ = _check_season(self.season_length, self.freq_)
        self._ends = frame.loc[ends, ["unique_id", "ds"]].reset_index(drop=True)
        values = series_matrix(frame)
        _refuse_empty_series(values, self._ends)
        self._season = _last_season(values, np.diff(ends, prepend=-1), self.season_length_)
        steps, seasons = _root_mean_square_of_differences(values, 1), np.full(len(values), np.nan)
        if values.shape[1] > self.season_length_:
            seasons = _root_mean_square_of_differences(values, self.season_length_)
        self._by_steps = np.isnan(seasons)
        self.sigma_ = np.nan_to_num(np.where(self._by_steps, steps, seasons))
        return self

    def predict(
        self, horizon: int, *, quantiles: Sequence[float] = (), future: "pd.DataFrame | None" = None
    ) -> "pd.DataFrame":
        """Forecast what follows each series.

        Parameters
        ----------
        horizon : int
            How many steps.
        quantiles : sequence of float
            Levels between 0 and 1.
        future : ignored

        Returns
        -------
        DataFrame
            `unique_id, ds, forecast` and a column per quantile, such as `q0.9`, sorted by series and time.

        Raises
        ------
        ValueError
            If `fit` was not called, or the horizon or a level is out of range.
        """
        if not hasattr(self, "sigma_"):
            raise ValueError("This SeasonalNaive is not fitted: call fit first.")
        horizon, levels = check_horizon(horizon), check_quantiles(quantiles)
        forecast = future_times(self._ends, horizon, self.freq_)
        point = self._season[:, np.arange(horizon) % self.season_length_]
        seasons_ahead = np.arange(horizon) // np.where(self._by_steps, 1, self.season_length_)[:, None] + 1
        spread = self.sigma_[:, None] * np.sqrt(seasons_ahead)
        forecast["forecast"] = point.ravel()
        for name, level in levels.items():
            forecast[name] = (point + NormalDist().inv_cdf(level) * spread).ravel()
        return forecast


def _check_season(season_length: int | None, freq: str | int) -> int:
    if season_length is None:
        return season_length_of(freq)
    if isinstance(season_length, bool) or not isinstance(season_length, int | np.integer) or season_length < 1:
        raise ValueError(f"season_length is {season_length!r}: give a whole number of steps of at least 1, or None")
    return int(season_length)


def _refuse_empty_series(values: NDArray[np.float64], ends: "pd.DataFrame") -> None:
    empty = np.isnan(values).all(axis=1)
    if empty.any():
        name = ends["unique_id"].iloc[int(empty.argmax())]
        raise ValueError(f"series {name!r} holds nothing but NaN ({empty.sum()} such series): leave it out")


def _last_season(values: NDArray[np.float64], lengths: NDArray[np.intp], season_length: int) -> NDArray[np.float64]:
    """Return the last known value of each place in the season, (n_series, season_length)."""
    season = np.full((len(values), season_length), np.nan)
    for end in range(values.shape[1], 0, -season_length):
        part = values[:, max(0, end - season_length) : end]
        tail = season[:, season_length - part.shape[1] :]
        np.copyto(tail, part, where=np.isnan(tail) & (lengths >= season_length)[:, None])
        if not np.isnan(season).any():
            return season
    # What is still unknown takes the last known value of all.
    last = values.shape[1] - 1 - (~np.isnan(values))[:, ::-1].argmax(axis=1)
    return np.where(np.isnan(season), values[np.arange(len(values)), last][:, None], season)


def _root_mean_square_of_differences(values: NDArray[np.float64], lag: int) -> NDArray[np.float64]:
    """Return the root of the mean squared difference at a lag; NaN where there is none."""
    difference = values[:, lag:] - values[:, :-lag]
    known = ~np.isnan(difference)
    squares = np.einsum("ij,ij->i", *[np.where(known, difference, 0)] * 2)
    count = known.sum(axis=1)
    return np.sqrt(np.divide(squares, count, out=np.full(len(values), np.nan), where=count > 0))
