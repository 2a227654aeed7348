"""Score point and quantile forecasts of many series, each series by itself and all together."""

from typing import TYPE_CHECKING, NamedTuple

from stac.metrics.forecast_metrics._scores import Scores

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ForecastScores",
    "coverage",
    "forecast_metrics",
    "interval_width",
    "mase",
    "rmsse",
    "smape",
    "weighted_quantile_loss",
]


class ForecastScores(NamedTuple):
    """Scores of each series, of all together, and what to know about them.

    Examples
    --------
    >>> ForecastScores._fields
    ('per_series', 'overall', 'notes')
    """

    per_series: "pd.DataFrame"
    overall: "pd.DataFrame"
    notes: list[str]


def forecast_metrics(
    actual: "pd.DataFrame",
    forecast: "pd.DataFrame | None" = None,
    training: "pd.DataFrame | None" = None,
    *,
    season_length: int | None = None,
) -> ForecastScores:
    """Return all scores that the columns of the forecasts allow.

    Parameters
    ----------
    actual : DataFrame
        What came: `unique_id, ds, y`. Or the table of `backtest`, which holds the forecasts, too.
    forecast : DataFrame, optional
        `unique_id, ds, forecast`, a column per quantile (`q0.1`, `q0.5`, `q0.9`), and, where there are several, `model`
        and `cutoff` (the last time that a forecast knows).
    training : DataFrame, optional
        The history, `unique_id, ds, y`, for `mase` and `rmsse`. Only rows before the first forecast of each series (and
        cutoff) count, so that the whole data may be given.
    season_length : int, optional
        Of the seasonal naive forecast that `mase` and `rmsse` compare with; by default from the frequency.

    Returns
    -------
    ForecastScores
        `per_series`: a row per series (and model), the mean over cutoffs. `overall`: a row per model, the mean over
        series, in which each counts the same; `wql` is the quotient of sums. `notes`: sentences on series without a
        score and on forecasts that were not compared. Columns: `mase`, `rmsse`, `smape` (in %), `mae` (in units of
        the data), `wql` and, for each pair of quantiles such as `q0.1` and `q0.9`, `coverage_80` (in 0 to 1) and
        `width_80` (in units of the data).

    Raises
    ------
    TypeError, ValueError
        If columns are missing, forecasts are not numbers, nothing can be compared, or the training data has faults
        (see `stac.data_processing.series_frame.check_series_frame`).

    References
    ----------
    Hyndman & Koehler (2006), Another look at measures of forecast accuracy,
    https://doi.org/10.1016/j.ijforecast.2006.03.001. Makridakis, Spiliotis & Assimakopoulos (2022), M5 accuracy
    competition, https://doi.org/10.1016/j.ijforecast.2021.11.013. Gneiting & Raftery (2007), Strictly proper scoring
    rules, https://doi.org/10.1198/016214506000001437.

    Examples
    --------
    >>> import pandas as pd
    >>> history = pd.DataFrame({"ds": [1, 2, 3, 4], "y": [10.0, 12, 10, 12]})
    >>> actual = pd.DataFrame({"ds": [5, 6], "y": [10.0, 12]})
    >>> forecast = actual[["ds"]].assign(**{"forecast": 11.0, "q0.1": 9.0, "q0.9": 13.0})
    >>> scores = forecast_metrics(actual, forecast, history)
    >>> print(scores.overall[["mase", "rmsse", "coverage_80", "width_80"]].to_string(index=False))
     mase  rmsse  coverage_80  width_80
      0.5    0.5          1.0       4.0
    """
    scores = Scores(actual, forecast, training, season_length)
    columns = {"smape": scores.smape(), "mae": scores.mae()}
    if training is not None:
        columns = {"mase": scores.mase(), "rmsse": scores.rmsse()} | columns
    if scores.quantiles:
        columns["wql"] = scores.weighted_quantile_loss()
    for percent in scores.intervals():
        columns[f"coverage_{percent:g}"] = scores.coverage(percent / 100)
        columns[f"width_{percent:g}"] = scores.interval_width(percent / 100)
    return ForecastScores(*scores.summary(columns), scores.notes)


def mase(
    actual: "pd.DataFrame", forecast: "pd.DataFrame", training: "pd.DataFrame", *, season_length: int | None = None
) -> "pd.Series":
    """Return the mean absolute scaled error: 1 is the seasonal naive forecast's mean error in the history.

    NaN for a series whose history repeats itself exactly or is not longer than the season.

    Parameters
    ----------
    actual, forecast, training, season_length
        As in `forecast_metrics`.

    Returns
    -------
    Series
        One score per `unique_id` (and `model`).

    References
    ----------
    Hyndman & Koehler (2006), https://doi.org/10.1016/j.ijforecast.2006.03.001.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"ds": [1, 2, 3, 4], "y": [10.0, 12, 10, 12], "forecast": 11.0})
    >>> mase(table.iloc[3:], table.iloc[3:], table.iloc[:3]).tolist()
    [0.5]
    """
    return _one(Scores(actual, forecast, training, season_length), "mase")


def rmsse(
    actual: "pd.DataFrame", forecast: "pd.DataFrame", training: "pd.DataFrame", *, season_length: int | None = None
) -> "pd.Series":
    """Return the root mean squared scaled error, as in the M5 competition (which took `season_length=1`).

    NaN where `mase` is.

    Parameters
    ----------
    actual, forecast, training, season_length
        As in `forecast_metrics`.

    Returns
    -------
    Series
        One score per `unique_id` (and `model`).

    References
    ----------
    Makridakis, Spiliotis & Assimakopoulos (2022), https://doi.org/10.1016/j.ijforecast.2021.11.013.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"ds": [1, 2, 3, 4], "y": [10.0, 12, 10, 12], "forecast": 11.0})
    >>> rmsse(table.iloc[3:], table.iloc[3:], table.iloc[:3]).tolist()
    [0.5]
    """
    return _one(Scores(actual, forecast, training, season_length), "rmsse")


def smape(actual: "pd.DataFrame", forecast: "pd.DataFrame") -> "pd.Series":
    """Return the symmetric mean absolute percentage error, 0 to 200; 0 where actual and forecast are 0.

    Parameters
    ----------
    actual, forecast
        As in `forecast_metrics`.

    Returns
    -------
    Series
        One score per `unique_id` (and `model`), in percent.

    References
    ----------
    Makridakis, Spiliotis & Assimakopoulos (2020), M4, https://doi.org/10.1016/j.ijforecast.2019.04.014.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"ds": [1, 2], "y": [3.0, 0], "forecast": [1.0, 0]})
    >>> smape(table, table).tolist()
    [50.0]
    """
    return _one(Scores(actual, forecast), "smape")


def weighted_quantile_loss(actual: "pd.DataFrame", forecast: "pd.DataFrame") -> "pd.Series":
    """Return the quantile loss, mean over levels, times two, over the sum of absolute values.

    With many levels it approximates the continuous ranked probability score, over the mean of absolute values.

    Parameters
    ----------
    actual, forecast
        As in `forecast_metrics`; `forecast` with columns such as `q0.1`.

    Returns
    -------
    Series
        One score per `unique_id` (and `model`); NaN where all values are 0.

    References
    ----------
    Gneiting & Raftery (2007), https://doi.org/10.1198/016214506000001437.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"ds": [1, 2], "y": [4.0, 6], "forecast": 5.0, "q0.5": 5.0})
    >>> weighted_quantile_loss(table, table).tolist()
    [0.2]
    """
    return _one(Scores(actual, forecast), "weighted_quantile_loss")


def coverage(actual: "pd.DataFrame", forecast: "pd.DataFrame", *, level: float = 0.8) -> "pd.Series":
    """Return how often what came lay in the interval: of a good forecast as often as its level says.

    Parameters
    ----------
    actual, forecast
        As in `forecast_metrics`.
    level : float
        Of the interval: 0.8 is from `q0.1` to `q0.9`.

    Returns
    -------
    Series
        A share in 0 to 1 per `unique_id` (and `model`).

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"ds": [1, 2], "y": [4.0, 6], "forecast": 5.0, "q0.1": 4.0, "q0.9": 5.0})
    >>> coverage(table, table).tolist()
    [0.5]
    """
    return _one(Scores(actual, forecast), "coverage", level)


def interval_width(actual: "pd.DataFrame", forecast: "pd.DataFrame", *, level: float = 0.8) -> "pd.Series":
    """Return how wide the intervals are on average: of two that cover as often, the narrow one knows more.

    Parameters
    ----------
    actual, forecast, level
        As in `coverage`.

    Returns
    -------
    Series
        A width in units of the data per `unique_id` (and `model`).

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"ds": [1, 2], "y": [4.0, 6], "forecast": 5.0, "q0.1": 4.0, "q0.9": 5.0})
    >>> interval_width(table, table).tolist()
    [1.0]
    """
    return _one(Scores(actual, forecast), "interval_width", level)


def _one(scores: Scores, name: str, *arguments: float) -> "pd.Series":
    per_series, _ = scores.summary({name: getattr(scores, name)(*arguments)})
    return per_series.set_index([key for key in ("model", "unique_id") if key in per_series])[name]
