"""Three forecasters of the same noise: one too sure of itself, one honest, one too careful."""

import numpy as np
import pandas as pd

from stac.metrics.forecast_metrics import forecast_metrics

rng = np.random.default_rng(0)
history = pd.DataFrame({"ds": np.arange(100), "y": rng.normal(50, 5, size=100)})
actual = pd.DataFrame({"ds": np.arange(100, 400), "y": rng.normal(50, 5, size=300)})
parts = []
for model, half_width in (("too sure", 2.0), ("honest", 5 * 1.2816), ("too careful", 15.0)):
    forecast = actual[["ds"]].assign(model=model, forecast=50.0)
    parts.append(forecast.assign(**{"q0.1": 50 - half_width, "q0.9": 50 + half_width}))
scores = forecast_metrics(actual, pd.concat(parts), history)
print(scores.overall[["model", "mase", "wql", "coverage_80", "width_80"]].round(3).to_string(index=False))
