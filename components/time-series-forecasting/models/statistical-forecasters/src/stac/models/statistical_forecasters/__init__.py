"""ARIMA, exponential smoothing and Theta: a model is chosen and fitted for each of many series, all at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stac.models.statistical_forecasters import _arima, _ets, _smoothing, _theta
from stac.models.statistical_forecasters._forecaster import StatisticalForecaster, check_count, check_models
from stac.models.statistical_forecasters._polynomials import MOST, MOST_SEASONAL

__all__ = ["AutoARIMA", "AutoETS", "AutoTheta"]


@dataclass(eq=False)
class AutoARIMA(StatisticalForecaster):
    """Seasonal ARIMA: differenced as tests suggest, then with the orders of least AICc, for each series.

    (p, d, q)(P, D, Q) with a mean or a drift where d + D is at most 1. D is 1 where the season is strong, d follows
    from KPSS tests; p, q, P, Q and the constant from a stepwise search, which goes on from the best model to all its
    neighbours at once. Models are stationary and invertible.

    Parameters
    ----------
    season_length : int, optional
        How many steps make a season, by default what the frequency suggests (monthly 12, daily 7, hourly 24, …).
    max_order : int
        The greatest p and q, at most 5.
    max_seasonal_order : int
        The greatest P and Q, at most 2; where a season is longer than 24 steps, at most 1.
    max_length : int
        Only so many values at the end of each series count.
    freq : str or int, optional
        The frequency of the series, by default inferred.

    Attributes
    ----------
    model_ : ndarray of str, shape (n_series,)
        The chosen models, such as "(0,1,1)(0,1,1)[12]", in the order of `unique_id`.
    season_length_ : int
        The season that was used.

    Notes
    -----
    Models are fitted by conditional sums of squares and compared by their exact likelihoods (by conditional ones where
    a season is longer than 24 steps, since the effort grows with its cube). Intervals are those of normal
    distributions, as if the model were known: narrow for short series. Exogenous columns are not taken. A constant
    series is forecast as that constant, without spread; a series of up to four values as its last one.

    References
    ----------
    Hyndman & Khandakar (2008), Automatic time series forecasting: the forecast package for R,
    https://doi.org/10.18637/jss.v027.i03. Box, Jenkins, Reinsel & Ljung (2015), Time series analysis: forecasting and
    control, ISBN 978-1-118-67502-1.

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> y = 50 + np.cumsum(1 + rng.normal(size=200))
    >>> model = AutoARIMA(season_length=1).fit(pd.DataFrame({"ds": range(200), "y": y}))
    >>> print(model.model_)
    ['(0,1,0) with drift']
    """

    season_length: int | None = None
    max_order: int = MOST
    max_seasonal_order: int = MOST_SEASONAL
    max_length: int = 1500
    freq: str | int | None = None

    def _fit(self, values: NDArray[np.float64]) -> None:
        order = check_count(self.max_order, "max_order", 0, MOST)
        seasonal_order = check_count(self.max_seasonal_order, "max_seasonal_order", 0, MOST_SEASONAL)
        self._fitted = _arima.fit_arima(values, self.season_length_, order, seasonal_order)
        self.model_ = self._fitted.model

    def _forecast(self, horizon: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return _arima.forecast_arima(self._fitted, self.season_length_, horizon)


@dataclass(eq=False)
class AutoETS(StatisticalForecaster):
    """Exponential smoothing: of fifteen models the one with the least AICc, for each series.

    Errors are additive or multiplicative, the trend absent, additive or damped, the season absent, additive or
    multiplicative (with multiplicative errors only: the rest is unstable). Multiplicative models are for series above
    zero, seasons for series longer than two of them.

    Parameters
    ----------
    season_length : int, optional
        How many steps make a season, by default what the frequency suggests (monthly 12, daily 7, hourly 24, …).
    models : sequence of str
        Which ones to choose from: error, trend (A, or D for damped) and season, such as ("ANN", "MAM").
        "ANN" is always among them, for series too short for others.
    max_length : int
        Only so many values at the end of each series count.
    freq : str or int, optional
        The frequency of the series, by default inferred.

    Attributes
    ----------
    model_ : ndarray of str, shape (n_series,)
        The chosen models, in the order of `unique_id`.
    season_length_ : int
        The season that was used.

    Notes
    -----
    Where the season, level and trend begin is estimated from the first values, and only the smoothing parameters are
    optimised. Intervals are those of normal distributions, linear in the errors to come: exact for additive models. A
    constant series is forecast as that constant, without spread; a series of up to four values as its last one.

    References
    ----------
    Hyndman, Koehler, Snyder & Grose (2002), A state space framework for automatic forecasting using exponential
    smoothing methods, https://doi.org/10.1016/S0169-2070(01)00110-8. Hyndman, Koehler, Ord & Snyder (2008), Forecasting
    with exponential smoothing, https://doi.org/10.1007/978-3-540-71918-2.

    Examples
    --------
    >>> import pandas as pd
    >>> months = pd.date_range("2018-01-01", periods=60, freq="MS")
    >>> frame = pd.DataFrame({"ds": months, "y": 100 + 10 * (months.month == 12) + np.arange(60) % 3})
    >>> model = AutoETS().fit(frame)
    >>> forecast = model.predict(12, quantiles=(0.1, 0.9))
    >>> print(model.season_length_, forecast["forecast"].round().max())
    12 112.0
    """

    season_length: int | None = None
    models: Sequence[str] = _ets.MODELS
    max_length: int = 1500
    freq: str | int | None = None

    def _fit(self, values: NDArray[np.float64]) -> None:
        self._fitted = _ets.fit_ets(values, self.season_length_, check_models(self.models, _ets.MODELS, "ANN"))
        self.model_ = self._fitted.model

    def _forecast(self, horizon: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return _smoothing.forecast_ets(self._fitted, horizon)


@dataclass(eq=False)
class AutoTheta(StatisticalForecaster):
    """Theta: half a straight line, half exponential smoothing, on a series without its season.

    Of the models given the one with the least AICc, for each series: standard (STM, theta is 2) or optimised (OTM),
    with a line through the whole history, or one that follows the data (DSTM and DOTM).

    Parameters
    ----------
    season_length : int, optional
        How many steps make a season, by default what the frequency suggests (monthly 12, daily 7, hourly 24, …). A
        season is taken out where a test finds one: as a factor from series without negative values, else as a sum.
    models : sequence of str
        Which ones to choose from; ("DOTM",) is the dynamic optimised theta model.
    max_length : int
        Only so many values at the end of each series count.
    freq : str or int, optional
        The frequency of the series, by default inferred.

    Attributes
    ----------
    model_ : ndarray of str, shape (n_series,)
        The chosen models, in the order of `unique_id`.
    season_length_ : int
        The season that was used.

    Notes
    -----
    Intervals are those of simple exponential smoothing, which is narrow for long horizons. A constant series is
    forecast as that constant, without spread; a series of up to seven values as its last one.

    References
    ----------
    Assimakopoulos & Nikolopoulos (2000), The theta model, https://doi.org/10.1016/S0169-2070(00)00066-2. Fiorucci,
    Pellegrini, Louzada, Petropoulos & Koehler (2016), Models for optimising the theta method and their relationship to
    state space models, https://doi.org/10.1016/j.ijforecast.2016.02.005.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"ds": range(40), "y": 5.0 + np.arange(40)})
    >>> AutoTheta(season_length=1, models=("DOTM",)).fit(frame).predict(2)["forecast"].round(1).tolist()
    [45.0, 46.0]
    """

    season_length: int | None = None
    models: Sequence[str] = _theta.MODELS
    max_length: int = 1500
    freq: str | int | None = None

    def _fit(self, values: NDArray[np.float64]) -> None:
        self._fitted = _theta.fit_theta(values, self.season_length_, check_models(self.models, _theta.MODELS))
        self.model_ = self._fitted.model

    def _forecast(self, horizon: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return _theta.forecast_theta(self._fitted, horizon)
