"""Two simple forecasters on three random walks with a weekly pattern, and which one is better in which window."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stac.data_processing.series_frame import future_times, series_matrix
from stac.training.backtest import backtest


@dataclass
class Repeat:
    """Forecast the value of `lag` steps ago."""

    lag: int

    def fit(self, frame: pd.DataFrame) -> "Repeat":
        """Remember the series."""
        self.frame = frame
        return self

    def predict(self, horizon: int, **options: Any) -> pd.DataFrame:
        """Repeat the last values."""
        season = series_matrix(self.frame)[:, -self.lag :]
        values = season[:, np.arange(horizon) % self.lag]
        return future_times(self.frame, horizon).assign(forecast=values.ravel())


rng = np.random.default_rng(0)
times = pd.date_range("2024-01-01", periods=200, freq="D")
weekend = 5.0 * (times.dayofweek >= 5)
table = pd.concat(
    pd.DataFrame({"unique_id": name, "ds": times, "y": weekend + 0.5 * rng.normal(size=200).cumsum()}) for name in "abc"
)
result = backtest({"last value": Repeat(1), "last week": Repeat(7)}, table, horizon=7, n_windows=8)
error = (result["forecast"] - result["y"]).abs()
print(error.groupby([result["cutoff"].dt.date, result["model"]]).mean().unstack().round(2))
