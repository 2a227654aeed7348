"""{{ cookiecutter.description }}"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

ITS_IMPORTS
from stac.models.seasonal_naive import SeasonalNaive
from stac.training.series_estimator import Forecaster

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["{{ cookiecutter.__class }}"]


@dataclass(eq=False)
class {{ cookiecutter.__class }}(Forecaster):
    """{{ cookiecutter.description }}

    Fill me in: what a user must know of the method, and where it comes from.

    Parameters
    ----------
    season_length : int, optional
        How many steps make a season, by default what the frequency suggests (monthly 12, daily 7, hourly 24, …).

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"ds": range(5), "y": [1.0, 5, 2, 6, 3]})
    >>> {{ cookiecutter.__class }}(season_length=2).fit(frame).predict(3)["forecast"].tolist()
    [6.0, 3.0, 6.0]
    """

    season_length: int | None = None

    def fit(self, frame: "pd.DataFrame") -> Self:
        """Learn from the past of many series.

        Parameters
        ----------
        frame : DataFrame
            `unique_id, ds, y`, as in `stac.data_processing.series_frame`.

        Returns
        -------
        {{ cookiecutter.__class }}
            Itself.

        Raises
        ------
        TypeError, ValueError
            If the table has faults, a series holds nothing but NaN, or a parameter is out of range.
        """
        # Fill me in: the method. The season of a year ago only holds its place: it is what you have to beat.
        self.model_ = SeasonalNaive(self.season_length).fit(frame)
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
        if not hasattr(self, "model_"):
            raise ValueError("It is not fitted: call fit first.")
        return self.model_.predict(horizon, quantiles=quantiles)
