"""Boosted trees that learn from the lags of many series at once and forecast any step ahead, with quantiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stac.models.lag_trees._features import Rows, feature_names, feature_rows, window_length
from stac.models.lag_trees._parameters import check_parameters
from stac.models.lag_trees._storage import load_json, save_json
from stac.training.series_estimator import Forecaster

if TYPE_CHECKING:
    import pandas as pd

    from stac.data_processing.series_panel import SeriesPanel

__all__ = ["LagTrees"]


@dataclass(eq=False)
class LagTrees(Forecaster):
    """Forecast many series by one model of gradient-boosted trees (LightGBM) on lags, seasons and known columns.

    Parameters
    ----------
    horizon : int, optional
        Steps ahead that are learnt, directly, with the step as a feature: `predict` forecasts up to so many. By
        default a season, at least 12.
    season_length : int, optional
        Steps of a season, by default of the frequency; 1 for none.
    n_lags : int, optional
        Last values that the trees see, by default a season, from 6 to 24.
    exogenous : sequence of str, optional
        Columns that are known in the future; by default all columns of numbers beside `unique_id, ds, y`.
    calendar : bool, default=True
        Whether to add hour, weekday, day and month, as far as the frequency makes them differ.
    n_estimators : int, default=500
        Trees at most; how many help is measured on the latest times, then all times are learnt.
    learning_rate : float, default=0.08
        How much each tree corrects the ones before it.
    n_leaves, min_samples_leaf : int, default=31 and 50
        Leaves of a tree at most, and rows in a leaf at least (fewer where there are few rows).
    feature_fraction, sample_fraction : float, default=0.6 and 0.8
        Share of the features, and of the rows, that each tree sees.
    half_life : float, optional
        Rows that are so many steps older count half: what was usual long ago may have changed. By default a quarter of
        the longest history, at least 100.
    max_rows : int, default=200_000
        Rows (a moment and a step) drawn out of all series at most.
    random_state : int or None, default=0
        The same seed gives the same trees, whatever `n_jobs` is.
    n_jobs : int, default=1
        Threads; -1 for one per processor.

    Attributes
    ----------
    feature_names_ : list of str
        What the trees see.
    n_trees_ : int
        Trees kept.
    horizon_ : int
        Steps that can be forecast.

    References
    ----------
    G. Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017. J. Lei et al.,
    "Distribution-free predictive inference for regression" (intervals from errors on data held out, in units of a
    local spread), JASA 113 (2018), https://doi.org/10.1080/01621459.2017.1307116

    Examples
    --------
    >>> import pandas as pd
    >>> hours = pd.date_range("2024-01-01", periods=24 * 14, freq="h")
    >>> frame = pd.DataFrame({"unique_id": "a", "ds": hours, "y": 10.0 + hours.hour})
    >>> LagTrees(horizon=3).fit(frame).predict(3)["forecast"].round().tolist()
    [10.0, 11.0, 12.0]
    """

    horizon: int | None = None
    season_length: int | None = None
    n_lags: int | None = None
    exogenous: Sequence[str] | None = None
    calendar: bool = True
    n_estimators: int = 500
    learning_rate: float = 0.08
    n_leaves: int = 31
    min_samples_leaf: int = 50
    feature_fraction: float = 0.6
    sample_fraction: float = 0.8
    half_life: float | None = None
    max_rows: int = 200_000
    random_state: int | None = 0
    n_jobs: int = 1

    def fit(self, frame: "pd.DataFrame") -> Self:
        """Learn from all series.

        Parameters
        ----------
        frame : DataFrame
            `unique_id, ds, y` and exogenous columns, in any order; gaps and missing values are left to the trees.

        Returns
        -------
        LagTrees
            Itself.

        Raises
        ------
        ValueError, TypeError
            If the table is none of series, no series has more than a few values, or a parameter is out of range.
        """
        from stac.data_processing.series_panel import series_panel
        from stac.models.lag_trees._boosting import MIN_ROWS, grow, split_in_time, training_rows

        check_parameters(self)
        encoding = "number" if self.calendar else None
        panel = series_panel(frame, exogenous=self.exogenous, season_length=self.season_length, calendar=encoding)
        season, n_times = panel.season_length, panel.y.shape[1]
        self.horizon_ = self.horizon or max(season, 12)
        self.n_lags_ = self.n_lags or int(np.clip(season, 6, 24))
        rng = np.random.default_rng(self.random_state)
        rows, ends, targets = training_rows(
            panel.y, panel.columns, season, self.n_lags_, self.horizon_, self.max_rows, rng
        )
        if len(rows.target) < MIN_ROWS:
            raise ValueError(
                f"the table holds {int((~np.isnan(panel.y)).sum())} values in {len(panel.y)} series, too few to learn "
                "from: give longer series or more of them, or forecast them by seasonal-naive"
            )
        before, after = split_in_time(ends, targets, n_times, self.horizon_)
        params = self._lightgbm_params(int(rng.integers(2**31)), len(rows.target))
        half_life = self.half_life or max(100, n_times / 4)
        weights = 0.5 ** ((n_times - 1 - targets) / half_life)
        self._fitted = grow(rows, np.maximum(weights, 1e-6), before, after, self.n_estimators, params)
        self._panel = self._end_of(panel)
        self._describe()
        return self

    def predict(
        self,
        horizon: int,
        *,
        quantiles: Sequence[float] = (),
        future: "pd.DataFrame | None" = None,
        history: "pd.DataFrame | None" = None,
    ) -> "pd.DataFrame":
        """Forecast what follows each series, those learnt from or others.

        Parameters
        ----------
        horizon : int
            Steps, at most those learnt.
        quantiles : sequence of float
            Levels between 0 and 1; they never cross.
        future : DataFrame, optional
            `unique_id, ds` and the exogenous columns at the times to forecast.
        history : DataFrame, optional
            `unique_id, ds, y` and exogenous columns of the series to forecast, at the frequency of those learnt from;
            by default those themselves.

        Returns
        -------
        DataFrame
            `unique_id, ds, forecast` and a column for each quantile, such as `q0.9`, sorted by `unique_id, ds`.

        Raises
        ------
        ValueError, TypeError
            If `fit` was not called, `horizon` is larger than what was learnt, a level is not between 0 and 1,
            exogenous columns are missing in `future`, or `history` is no table of such series.
        """
        from stac.data_processing.series_frame import check_horizon, check_quantiles
        from stac.data_processing.series_panel import forecast_table

        self._check_fitted()
        levels = check_quantiles(quantiles)
        if check_horizon(horizon) > self.horizon_:
            raise ValueError(
                f"horizon is {horizon}, but {self.horizon_} steps were learnt: fit LagTrees(horizon={horizon})"
            )
        panel = self._panel if history is None else self._end_of(self._panel.of_history(history))
        times, known = panel.future(horizon, future)
        rows = self._rows_after_the_end(panel, known, horizon)
        shape = len(known), horizon
        point = self._fitted.forecast(rows)
        columns = {name: point + self._fitted.error(rows, level) for name, level in levels.items()}
        columns = {name: values.reshape(shape) for name, values in columns.items()}
        return forecast_table(times, point.reshape(shape), columns)

    def importance_table(self) -> dict[str, float]:
        """Return the share of each feature in what the splits gained by name, the most important first."""
        self._check_fitted()
        gains = self._fitted.point.feature_importance("gain")
        shares = gains / (gains.sum() or 1)
        return {self.feature_names_[i]: float(shares[i]) for i in np.argsort(-shares, kind="stable")}

    def save(self, path: str | Path) -> Path:
        """Write parameters, trees and the ends of the series to one JSON file (no pickle), all or nothing."""
        self._check_fitted()
        fitted = self._fitted
        content = {
            "params": self.get_params(),
            "horizon": self.horizon_,
            "n_lags": self.n_lags_,
            "panel": self._panel.to_dict(),
            "point": fitted.point.model_to_string(),
            "spread": fitted.spread.model_to_string(),
            "errors": fitted.errors,
        }
        return save_json(path, content)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what ``save`` has written; a foreign, damaged or changed file raises ``ValueError``."""
        content = load_json(path)
        import lightgbm

        from stac.data_processing.series_panel import SeriesPanel
        from stac.models.lag_trees._boosting import Fitted

        model = cls(**{name: tuple(x) if isinstance(x, list) else x for name, x in content["params"].items()})
        model.horizon_, model.n_lags_ = content["horizon"], content["n_lags"]
        trees = [lightgbm.Booster(model_str=content[name]) for name in ("point", "spread")]
        model._fitted = Fitted(*trees, content["errors"])
        model._panel = SeriesPanel.from_dict(content["panel"])
        model._describe()
        return model

    def _end_of(self, panel: "SeriesPanel") -> "SeriesPanel":
        """Return as much of the series as a forecast looks at."""
        return panel.tail(window_length(panel.season_length, self.horizon_, self.n_lags_))

    def _rows_after_the_end(self, panel: "SeriesPanel", known: np.ndarray, horizon: int) -> Rows:
        n_series, n_times = panel.y.shape
        series = np.repeat(np.arange(n_series), horizon)
        steps = np.tile(np.arange(1, horizon + 1), n_series)
        columns = np.concatenate([panel.columns, known], axis=1)
        ends = np.full(len(series), n_times)
        return feature_rows(panel.y, columns, series, ends, steps, panel.season_length, self.n_lags_, self.horizon_)

    def _lightgbm_params(self, seed: int, n_rows: int) -> dict[str, Any]:
        return {
            "objective": "l2",
            "learning_rate": self.learning_rate,
            "num_leaves": self.n_leaves,
            "min_data_in_leaf": max(1, min(self.min_samples_leaf, n_rows // 20)),
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": self.sample_fraction,
            "bagging_freq": 1 if self.sample_fraction < 1 else 0,
            "seed": seed,
            # The same trees whatever the number of threads.
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": max(self.n_jobs, 0),
            "verbosity": -1,
        }

    def _describe(self) -> None:
        self.feature_names_ = feature_names(self._panel.season_length, self.n_lags_, self.horizon_, self._panel.names)
        self.n_trees_ = self._fitted.point.current_iteration()

    def _check_fitted(self) -> None:
        if not hasattr(self, "_fitted"):
            raise ValueError("This LagTrees is not fitted: call fit first, or load a saved one.")
