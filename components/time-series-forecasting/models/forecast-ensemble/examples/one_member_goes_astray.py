"""Of three forecasters one is badly wrong: what the three ways of combining make of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stac.data_processing.series_frame import future_times, series_matrix
from stac.models.forecast_ensemble import ForecastEnsemble


@dataclass
class LastValue:
    """Forecast the last value, and be wrong by a bias."""

    bias: float = 0.0

    def fit(self, frame: pd.DataFrame) -> "LastValue":
        """Remember the series."""
        self.frame = frame
        return self

    def predict(self, horizon: int, **options: Any) -> pd.DataFrame:
        """Repeat the last value."""
        last = series_matrix(self.frame)[:, -1] + self.bias
        return future_times(self.frame, horizon).assign(forecast=np.repeat(last, horizon))


days = pd.date_range("2024-01-01", periods=100, freq="D")
table = pd.DataFrame({"ds": days, "y": 50 + np.random.default_rng(0).normal(size=100)})
members = {"good": LastValue(), "fair": LastValue(1.0), "astray": LastValue(30.0)}
for method in ("mean", "median", "inverse_error"):
    ensemble = ForecastEnsemble(members, method).fit(table)
    print(f"{method:14s} {ensemble.predict(1)['forecast'][0]:.2f}")
