"""What all forecasters of this component share: tables in, tables out, and the cases that no model is needed for."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Self

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


class StatisticalForecaster(Forecaster):
    """Fits the rows of a matrix and gives back tables; subclasses say how, in `_fit` and `_forecast`."""

    season_length: int | None
    freq: str | int | None
    max_length: int

    def fit(self, frame: "pd.DataFrame") -> Self:
        """Choose and fit a model for each series.

        Parameters
        ----------
        frame : DataFrame
            `unique_id, ds, y`, as in `stac.data_processing.series_frame`; without gaps and NaN.

        Returns
        -------
        Self
            Itself.

        Raises
        ------
        TypeError, ValueError
            If the table has faults, or a parameter is out of range.
        """
        frame = check_series_frame(frame, freq=self.freq)
        ends = series_offsets(frame)[1:] - 1
        self.freq_ = infer_frequency(frame) if self.freq is None else self.freq
        season = season_length_of(self.freq_) if self.season_length is None else self.season_length
        self.season_length_ = check_count(season, "season_length", 1)
        self._ends = frame.loc[ends, ["unique_id", "ds"]].reset_index(drop=True)
        values = series_matrix(frame)[:, -check_count(self.max_length, "max_length", 2 * self.season_length_ + 1) :]
        self._constant = np.where(np.nanmax(values, axis=1) == np.nanmin(values, axis=1), values[:, -1], np.nan)
        self._fit(values)
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
            Levels between 0 and 1, of normal distributions.
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
        if not hasattr(self, "freq_"):
            raise ValueError(f"This {type(self).__name__} is not fitted: call fit first.")
        horizon, levels = check_horizon(horizon), check_quantiles(quantiles)
        point, spread = self._forecast(horizon)
        constant = ~np.isnan(self._constant)
        point[constant], spread[constant] = self._constant[constant, None], 0
        table = future_times(self._ends, horizon, self.freq_).assign(forecast=point.ravel())
        for name, level in levels.items():
            table[name] = (point + NormalDist().inv_cdf(level) * spread).ravel()
        return table

    def _fit(self, values: NDArray[np.float64]) -> None:
        raise NotImplementedError

    def _forecast(self, horizon: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        raise NotImplementedError


def check_models(models: Sequence[str] | str, known: tuple[str, ...], needed: str = "") -> tuple[str, ...]:
    """Return the names of models, or say which ones there are."""
    chosen = (models,) if isinstance(models, str) else tuple(models)
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        raise ValueError(f"models are {models!r}: choose from {', '.join(known)}")
    return chosen if not needed or needed in chosen else (needed, *chosen)


def check_count(value: Any, name: str, least: int, most: int | None = None) -> int:
    """Return a whole number, or say which ones there are to give."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least or value > (most or value):
        allowed = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} is {value!r}: give a whole number {allowed}")
    return int(value)
