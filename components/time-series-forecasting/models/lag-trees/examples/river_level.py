"""A river that rises a day after the rain: the trees are told what rain is forecast."""

import numpy as np
import pandas as pd

from stac.models.lag_trees import LagTrees

rng = np.random.default_rng(0)
days = pd.date_range("2020-01-01", periods=1000, freq="D")
rain = rng.gamma(0.3, 10, len(days))
level = 2 + 0.05 * np.convolve(rain, np.exp(-np.arange(20) / 4))[: len(days)] + rng.normal(0, 0.02, len(days))
frame = pd.DataFrame({"ds": days, "y": level, "rain": rain})
past, future = frame.iloc[:-10], frame.iloc[-10:]

for name, columns in (("without the rain", ()), ("with the rain", ("rain",))):
    model = LagTrees(horizon=10, exogenous=columns, n_estimators=150).fit(past)
    forecast = model.predict(10, quantiles=(0.1, 0.9), future=future)
    error = np.abs(forecast["forecast"].to_numpy() - future["y"].to_numpy()).mean()
    print(f"{name}: mean error {error:.2f} m, looks most at {list(model.importance_table())[:3]}")
print(forecast[["ds", "q0.1", "forecast", "q0.9"]].round(2).to_string(index=False))
