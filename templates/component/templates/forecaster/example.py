"""Fill me in: what this example shows, on series that look like somebody's own."""

import numpy as np
import pandas as pd

from {{ cookiecutter.__module }} import {{ cookiecutter.__class }}

draw, days = np.random.default_rng(0), pd.date_range("2026-01-05", periods=70)
week = np.tile([5, 6, 6, 7, 9, 2, 1], 10)
shops = {"small": draw.poisson(week), "large": draw.poisson(9 * week)}
visits = pd.concat(pd.DataFrame({"unique_id": name, "ds": days, "y": y}) for name, y in shops.items())
forecast = {{ cookiecutter.__class }}().fit(visits).predict(7)
print(forecast.pivot(index="ds", columns="unique_id", values="forecast"))
