"""Bring forecasts and actual values together once, and compute scores per series and cutoff from it."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stac.data_processing.series_frame import (
    check_series_frame,
    infer_frequency,
    season_length_of,
    series_offsets,
)

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


class Scores:
    """Forecasts beside actual values; each score is one number per model, series and cutoff."""

    def __init__(
        self,
        actual: "pd.DataFrame",
        forecast: "pd.DataFrame | None" = None,
        training: "pd.DataFrame | None" = None,
        season_length: int | None = None,
    ) -> None:
        self.notes: list[str] = []
        table = self._joined(actual, forecast)
        keys = [name for name in ("model", "unique_id", "cutoff") if name in table]
        self.group = table.groupby(keys, sort=False, observed=True, dropna=False).ngroup().to_numpy()
        first = np.unique(self.group, return_index=True)[1]
        self.groups = table.iloc[first].reset_index(drop=True)
        self.n = np.bincount(self.group)
        self.y = table["y"].to_numpy(np.float64)
        self.forecast = _numbers(table, "forecast")
        self.quantiles = {level: _numbers(table, name) for name, level in _quantile_columns(table).items()}
        if training is not None:
            start = table.groupby(self.group)["ds"].min()
            self._scales = self._seasonal_errors(training, start, season_length)

    def mase(self) -> Array:
        """Return the mean absolute error over the seasonal naive one's in the history."""
        return self.mae() / self._scales[0]

    def rmsse(self) -> Array:
        """Return the root of the mean squared error over the seasonal naive one's in the history."""
        return np.sqrt(self._mean((self.forecast - self.y) ** 2) / self._scales[1])

    def mae(self) -> Array:
        """Return the mean absolute error."""
        return self._mean(np.abs(self.forecast - self.y))

    def smape(self) -> Array:
        """Return the symmetric percentage error."""
        size = np.abs(self.forecast) + np.abs(self.y)
        return self._mean(200 * np.abs(self.forecast - self.y) / np.where(size > 0, size, 1))

    def weighted_quantile_loss(self) -> Array:
        """Return the quantile loss over the sum of absolute values; remember both sums for the total."""
        if not self.quantiles:
            raise ValueError("the forecasts have no quantiles: add columns such as q0.1, q0.5, q0.9")
        loss = np.zeros(len(self.y))
        for level, quantile in self.quantiles.items():
            loss += np.maximum(level * (self.y - quantile), (level - 1) * (self.y - quantile))
        loss *= 2 / len(self.quantiles)
        self.sums = self._mean(loss) * self.n, self._mean(np.abs(self.y)) * self.n
        return _divide(*self.sums)

    def intervals(self) -> list[float]:
        """Return the levels, in percent, of the intervals that pairs of quantiles make."""
        pairs = [1 - 2 * level for level in self.quantiles if level < 0.5 and self._upper(level) is not None]
        return sorted(round(100 * pair, 6) for pair in pairs)

    def coverage(self, level: float) -> Array:
        """Return the share of values inside the interval."""
        low, high = self._interval(level)
        return self._mean((low <= self.y) & (self.y <= high))

    def interval_width(self, level: float) -> Array:
        """Return the mean width of the interval."""
        low, high = self._interval(level)
        return self._mean(high - low)

    def summary(self, columns: dict[str, Array]) -> "tuple[pd.DataFrame, pd.DataFrame]":
        """Return the scores per model and series (mean over cutoffs), and per model (mean over series)."""
        keys = [name for name in ("model", "unique_id") if name in self.groups]
        table = self.groups[keys].assign(**columns)
        per_series = table.groupby(keys, sort=False, observed=True, dropna=False).mean().reset_index()
        model = per_series["model"] if "model" in per_series else np.zeros(len(per_series))
        overall = per_series[list(columns)].groupby(model, sort=False, observed=True, dropna=False).mean()
        if "wql" in columns:
            of_group = self.groups["model"] if "model" in self.groups else np.zeros(len(self.groups))
            import pandas as pd

            sums = pd.DataFrame(dict(zip(("loss", "size"), self.sums, strict=True)))
            sums = sums.groupby(np.asarray(of_group), sort=False).sum()
            overall["wql"] = _divide(sums["loss"].to_numpy(), sums["size"].to_numpy())
        overall["n_series"] = per_series.groupby(model, sort=False, observed=True, dropna=False).size()
        return per_series, overall.reset_index(drop="model" not in per_series)

    def _mean(self, values: NDArray) -> Array:
        return np.bincount(self.group, weights=values) / self.n

    def _upper(self, level: float) -> float | None:
        return next((other for other in self.quantiles if abs(level + other - 1) < 1e-9), None)

    def _interval(self, level: float) -> tuple[Array, Array]:
        low = next((one for one in self.quantiles if abs(one - (1 - level) / 2) < 1e-9), None)
        high = None if low is None else self._upper(low)
        if low is None or high is None:
            names = f"q{round((1 - level) / 2, 9):g} and q{round((1 + level) / 2, 9):g}"
            raise ValueError(f"an interval of level {level:g} needs {names}: the forecasts have {list(self.quantiles)}")
        return self.quantiles[low], self.quantiles[high]

    def _joined(self, actual: "pd.DataFrame", forecast: "pd.DataFrame | None") -> "pd.DataFrame":
        """Return the rows of the forecasts with what came."""
        if forecast is None:
            table = _with_columns(actual, "actual", "y", "forecast")
        else:
            table = _with_columns(forecast, "forecast", "forecast").drop(columns="y", errors="ignore")
            actual = _with_columns(actual, "actual", "y")[["unique_id", "ds", "y"]]
            for name in ("unique_id", "ds"):
                _refuse_other_kind(name, actual[name], table[name])
            if actual.duplicated(["unique_id", "ds"]).any():
                actual = _without_repeats(actual)
            table = table.merge(actual, on=["unique_id", "ds"], how="left")
        known = table["y"].notna()
        if not known.any():
            raise ValueError(
                "no forecast has an actual value at the same unique_id and ds: check that names and times are the same"
            )
        if not known.all():
            self.notes.append(f"{(~known).sum()} of {len(known)} forecasts have no actual value and do not count.")
        return table[known]

    def _seasonal_errors(
        self, training: "pd.DataFrame", start: "pd.Series", season_length: int | None
    ) -> tuple[Array, Array]:
        """Return mean absolute and squared seasonal difference before each group's first forecast; NaN for zero."""
        import pandas as pd

        history = check_series_frame(training, allow_missing=True)
        _refuse_other_kind("ds", history["ds"], start)
        if season_length is None:
            season_length = season_length_of(infer_frequency(history))
        offsets = series_offsets(history)
        names = pd.Index(history["unique_id"].iloc[offsets[:-1]])
        series = names.get_indexer(pd.Index(self.groups["unique_id"]))
        times = pd.Index(history["ds"]).append(pd.Index(start.astype(history["ds"].dtype)))
        rank, sorted_times = pd.factorize(times, sort=True)
        key = np.repeat(np.arange(len(names)), np.diff(offsets)) * len(sorted_times) + rank[: len(history)]
        end = np.searchsorted(key, series * len(sorted_times) + rank[len(history) :])
        begin = offsets[np.maximum(series, 0)]

        y = history["y"].to_numpy()
        difference = np.full(len(y), np.nan)
        difference[season_length:] = y[season_length:] - y[:-season_length]
        position = np.arange(len(y)) - np.repeat(offsets[:-1], np.diff(offsets))
        difference[position < season_length] = np.nan
        known = ~np.isnan(difference)
        difference[~known] = 0

        def mean_before(values: NDArray) -> Array:
            total = np.concatenate([[0], np.cumsum(values)])
            count = np.concatenate([[0], np.cumsum(known)])
            return _divide(total[end] - total[begin], np.where(series < 0, 0, count[end] - count[begin]))

        scales = mean_before(np.abs(difference)), mean_before(difference**2)
        self._note_unscaled(scales[0], season_length)
        return np.where(scales[0] > 0, scales[0], np.nan), np.where(scales[1] > 0, scales[1], np.nan)

    def _note_unscaled(self, scale: Array, season_length: int) -> None:
        ids = self.groups["unique_id"].to_numpy()
        for bad, why in (
            (np.isnan(scale), f"no history longer than the season of {season_length}"),
            (scale == 0, "a history that repeats itself exactly"),
        ):
            if bad.any():
                some = list(dict.fromkeys(ids[bad].tolist()))
                self.notes.append(
                    f"{len(some)} series have {why}, so that mase and rmsse are NaN and do not count there: "
                    f"{', '.join(map(str, some[:3]))}{' …' if len(some) > 3 else ''}."
                )


def _divide(a: Array, b: Array) -> Array:
    """Return a / b, NaN where b is 0."""
    return np.divide(a, b, out=np.full(len(a), np.nan), where=b > 0)


def _with_columns(table: "pd.DataFrame", argument: str, *columns: str) -> "pd.DataFrame":
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"{argument} is {type(table).__name__}, expected a pandas DataFrame with unique_id and ds")
    missing = [name for name in ("ds", *columns) if name not in table]
    if missing:
        raise ValueError(f"{argument} lacks {missing}, it has {list(table.columns)[:10]}: rename or add columns")
    if len(table) == 0:
        raise ValueError(f"{argument} is empty: give at least one row")
    return table if "unique_id" in table else table.assign(unique_id="series")


def _refuse_other_kind(name: str, one: "pd.Series", other: "pd.Series") -> None:
    """Refuse to compare numbers with text, or times of different time zones."""
    numbers = one.dtype.kind in "iuf", other.dtype.kind in "iuf"
    zones = str(getattr(one.dtype, "tz", None)), str(getattr(other.dtype, "tz", None))
    if numbers[0] != numbers[1] or zones[0] != zones[1]:
        raise ValueError(f"{name} is {one.dtype} in one table and {other.dtype} in another: make them the same")


def _without_repeats(actual: "pd.DataFrame") -> "pd.DataFrame":
    """Return each time once; the table of a backtest repeats them for each model and cutoff."""
    actual = actual.drop_duplicates()
    twice = actual.duplicated(["unique_id", "ds"])
    if twice.any():
        row = actual[twice].iloc[0]
        raise ValueError(f"actual has two values for series {row['unique_id']!r} at {row['ds']}: keep one")
    return actual


def _numbers(table: "pd.DataFrame", name: str) -> Array:
    try:
        values = table[name].to_numpy(np.float64)
    except (TypeError, ValueError):
        values = None
    if values is None:
        raise TypeError(f"the column {name} of the forecasts holds {table[name].dtype}, expected numbers")
    if not np.isfinite(values).all():
        row = table.iloc[int((~np.isfinite(values)).argmax())]
        raise ValueError(
            f"the column {name} of the forecasts is NaN or infinite in {(~np.isfinite(values)).sum()} rows, first in "
            f"series {row['unique_id']!r} at {row['ds']}: leave such series out, or mend the forecaster"
        )
    return values


def _quantile_columns(table: "pd.DataFrame") -> dict[str, float]:
    """Return the columns named like q0.1, with their levels, ascending."""
    levels = {}
    for name in table.columns:
        if isinstance(name, str) and name.startswith("q0."):
            try:
                levels[name] = float(name[1:])
            except ValueError:
                continue
    return dict(sorted(levels.items(), key=lambda item: item[1]))
