"""Five kinds of series, and the exponential smoothing model that each one gets."""

import numpy as np
import pandas as pd

from stac.models.statistical_forecasters import AutoETS

rng = np.random.default_rng(0)
quarters = pd.date_range("2004-01-01", periods=80, freq="QS")
t = np.arange(80)
wave = np.sin(2 * np.pi * t / 4)
kinds = {
    "noise": 50 + rng.normal(size=80),
    "random walk": 50 + rng.normal(size=80).cumsum(),
    "trend": 50 + t + rng.normal(size=80),
    "season": 50 + 10 * wave + rng.normal(size=80),
    "growing season": (50 + t) * (1 + 0.3 * wave) * (1 + 0.02 * rng.normal(size=80)),
}
table = pd.concat(pd.DataFrame({"unique_id": kind, "ds": quarters, "y": y}) for kind, y in kinds.items())
model = AutoETS().fit(table)
forecast = model.predict(4, quantiles=(0.1, 0.9))
for (kind, rows), name in zip(forecast.groupby("unique_id"), model.model_, strict=True):
    print(f"{kind:15s} {name}", *(f"{row.forecast:7.1f} ({row[4]:.0f} to {row[5]:.0f})" for row in rows.itertuples()))
