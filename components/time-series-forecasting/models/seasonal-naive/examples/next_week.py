"""Two shops, eight weeks of sales: next week as the last one, and how far off that may be."""

import numpy as np
import pandas as pd

from stac.models.seasonal_naive import SeasonalNaive

rng = np.random.default_rng(0)
days = pd.date_range("2024-01-01", periods=56, freq="D")
week = np.array([20, 22, 21, 25, 40, 55, 5])
table = pd.concat(
    pd.DataFrame({"unique_id": name, "ds": days, "y": size * rng.poisson(np.tile(week, 8))})
    for name, size in (("corner shop", 1), ("market", 10))
)
forecast = SeasonalNaive().fit(table).predict(7, quantiles=(0.1, 0.9))
print(forecast.assign(ds=forecast["ds"].dt.day_name()).round(1).to_string(index=False))
