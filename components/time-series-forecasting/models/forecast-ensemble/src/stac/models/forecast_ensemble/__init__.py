"""Combine forecasters: simple combinations of fast methods are hard to beat."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from stac.data_processing.series_frame import (
    check_horizon,
    check_quantiles,
    check_series_frame,
    infer_frequency,
    season_length_of,
    series_offsets,
)
from stac.training.series_estimator import Forecaster

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ForecastEnsemble"]

_METHODS = ("mean", "median", "inverse_error")


@dataclass(eq=False)
class ForecastEnsemble(Forecaster):
    """Fit several forecasters on the same table and combine what they say, quantile by quantile.

    Parameters
    ----------
    members : mapping of str to forecaster
        By name; each has `fit(frame)` and `predict(horizon, quantiles=…, future=…)`. They stay as they are: copies
        are fitted.
    method : {"mean", "median", "inverse_error"}
        "inverse_error" weights each member, in each series, with the inverse of its mean absolute error on the last
        values, which it forecasts from those before; then all members learn from the whole history.
    validation_length : int, optional
        On how many values at the end weights are learnt, by default a season, at least 4. Series with less than twice
        as many values weight all members alike.

    Attributes
    ----------
    members_ : dict of str to forecaster
        The fitted ones.
    weights_ : DataFrame, shape (n_series, n_members)
        What "mean" and "inverse_error" weight with, by `unique_id`.

    Notes
    -----
    Quantiles are averaged level by level (Vincent's way), which keeps the shape of distributions that members agree on,
    where averaged probabilities would widen it.

    References
    ----------
    Bates & Granger (1969), The combination of forecasts, https://doi.org/10.1057/jors.1969.103. Petropoulos & Svetunkov
    (2020), A simple combination of univariate models, https://doi.org/10.1016/j.ijforecast.2019.01.006. Lichtendahl,
    Grushka-Cockayne & Winkler (2013), Is it better to average probabilities or quantiles?,
    https://doi.org/10.1287/mnsc.1120.1667.

    Examples
    --------
    >>> import pandas as pd
    >>> class Constant:
    ...     def __init__(self, value):
    ...         self.value = value
    ...     def fit(self, frame):
    ...         return self
    ...     def predict(self, horizon, *, quantiles=(), future=None):
    ...         return pd.DataFrame({"unique_id": "series", "ds": range(4, 4 + horizon), "forecast": self.value})
    >>> frame = pd.DataFrame({"ds": range(4), "y": [1.0, 2, 1, 2]})
    >>> ensemble = ForecastEnsemble({"low": Constant(1.0), "high": Constant(2.0)}).fit(frame)
    >>> ensemble.predict(2)["forecast"].tolist()
    [1.5, 1.5]
    """

    members: Mapping[str, Any]
    method: str = "mean"
    validation_length: int | None = None

    def fit(self, frame: "pd.DataFrame") -> Self:
        """Fit a copy of each member, and the weights where they depend on errors.

        Parameters
        ----------
        frame : DataFrame
            `unique_id, ds, y` and what else the members use.

        Returns
        -------
        ForecastEnsemble
            Itself.

        Raises
        ------
        TypeError, ValueError
            If the table has faults, a parameter is out of range, or a member returns other rows than asked for.
        """
        import pandas as pd

        self._check()
        others = [name for name in getattr(frame, "columns", ()) if name not in ("unique_id", "ds", "y")]
        exogenous = [name for name in others if pd.api.types.is_numeric_dtype(frame[name])]
        table = check_series_frame(frame, exogenous=exogenous, allow_missing=True)
        ids = table["unique_id"].iloc[series_offsets(table)[:-1]].to_numpy()
        weights = np.ones((len(ids), len(self.members)))
        if self.method == "inverse_error":
            weights = self._inverse_errors(table, exogenous)
        weights /= weights.sum(axis=1, keepdims=True)
        self.weights_ = pd.DataFrame(weights, index=pd.Index(ids, name="unique_id"), columns=list(self.members))
        self.members_ = {name: copy.deepcopy(member).fit(table.copy()) for name, member in self.members.items()}
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
        future : DataFrame, optional
            The columns known in advance, for members that use them.

        Returns
        -------
        DataFrame
            `unique_id, ds, forecast` and a column per quantile, sorted by series and time.

        Raises
        ------
        ValueError
            If `fit` was not called, the horizon or a level is out of range, or members disagree on series and times.
        """
        if not hasattr(self, "members_"):
            raise ValueError("This ForecastEnsemble is not fitted: call fit first.")
        horizon, levels = check_horizon(horizon), check_quantiles(quantiles)
        columns = ["forecast", *levels]
        more = {} if future is None else {"future": future}
        tables = {}
        for name, member in self.members_.items():
            table = member.predict(horizon, quantiles=tuple(quantiles), **more)
            tables[name] = _sorted(table, name, columns)
        first, result = next(iter(tables.items()))
        for name, table in tables.items():
            if not table[["unique_id", "ds"]].equals(result[["unique_id", "ds"]]):
                raise ValueError(f"members {first!r} and {name!r} forecast different series or times: fit them alike")
        values = np.array([table[columns].to_numpy(np.float64) for table in tables.values()])
        if self.method == "median":
            combined = np.median(values, axis=0)
        else:
            weights = self.weights_.loc[result["unique_id"]].to_numpy()
            combined = np.einsum("mrc,rm->rc", values, weights)
        return result[["unique_id", "ds"]].assign(**dict(zip(columns, combined.T, strict=True)))

    def _check(self) -> None:
        if not isinstance(self.members, Mapping) or not self.members:
            raise TypeError(
                f"members is {type(self.members).__name__}, expected a dict of forecasters by name, such as "
                "{'ets': AutoETS(), 'theta': AutoTheta()}"
            )
        for name, member in self.members.items():
            if isinstance(member, type) or not (hasattr(member, "fit") and hasattr(member, "predict")):
                raise TypeError(f"member {name!r} is {member!r}, expected an object with fit and predict")
        if self.method not in _METHODS:
            raise ValueError(f"method is {self.method!r}: choose from {', '.join(_METHODS)}")
        length = self.validation_length
        if length is not None and (isinstance(length, bool) or not isinstance(length, int | np.integer) or length < 1):
            raise ValueError(f"validation_length is {length!r}: give a whole number of at least 1, or None")

    def _inverse_errors(self, table: "pd.DataFrame", exogenous: list[str]) -> NDArray[np.float64]:
        """Return one over the mean absolute error of each member in each series, 1 where there is none."""
        offsets = series_offsets(table)
        lengths = np.diff(offsets)
        n_last = self.validation_length or max(4, season_length_of(infer_frequency(table)))
        weights = np.ones((len(lengths), len(self.members)))
        enters = lengths >= 2 * n_last
        if not enters.any():
            return weights
        series = np.repeat(np.arange(len(lengths)), lengths)
        held_out = np.arange(len(table)) >= (offsets[1:] - n_last)[series]
        past = table[~held_out & enters[series]].reset_index(drop=True)
        ahead = table[held_out & enters[series]].reset_index(drop=True)
        more = {"future": ahead[["unique_id", "ds", *exogenous]].copy()} if exogenous else {}
        errors = np.empty((enters.sum(), len(self.members)))
        for i, (name, member) in enumerate(self.members.items()):
            forecast = copy.deepcopy(member).fit(past.copy()).predict(int(n_last), **more)
            forecast = _sorted(forecast, name, ["forecast"])
            if not np.array_equal(forecast["ds"].astype(object), ahead["ds"].astype(object)):
                raise ValueError(f"member {name!r} forecast other times than the {len(ahead)} asked for")
            error = (forecast["forecast"] - ahead["y"]).abs().to_numpy().reshape(-1, n_last)
            errors[:, i] = np.nanmean(np.where(np.isnan(error).all(axis=1, keepdims=True), 1, error), axis=1)
        # An error of zero must not silence all others because of a coincidence of numbers.
        errors = np.maximum(errors, 0.01 * errors.mean(axis=1, keepdims=True))
        weights[enters] = np.where(errors.max(axis=1, keepdims=True) > 0, 1 / np.where(errors > 0, errors, 1), 1)
        return weights


def _sorted(table: "pd.DataFrame", name: str, columns: list[str]) -> "pd.DataFrame":
    missing = [column for column in ("unique_id", "ds", *columns) if column not in table]
    if missing:
        raise ValueError(f"member {name!r} returned no {', '.join(missing)}: its predict must give these columns")
    return table.sort_values(["unique_id", "ds"], ignore_index=True)
