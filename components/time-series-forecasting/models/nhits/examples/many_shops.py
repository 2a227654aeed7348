"""Sixty shops, one network: the sales of the next half year, in thousands, with what eight in ten years would bring."""

import numpy as np
import pandas as pd

from stac.models.nhits import NHits

rng = np.random.default_rng(0)
months = pd.date_range("2015-01-01", periods=96, freq="MS")
trend, season = 1 + 0.003 * np.arange(96), 1 + 0.3 * (months.month == 12) - 0.1 * (months.month == 2)
frame = pd.concat(
    pd.DataFrame({"unique_id": f"shop {i:02d}", "ds": months, "y": size * trend * season * rng.normal(1, 0.04, 96)})
    for i, size in enumerate(rng.lognormal(3, 1, 60))
)
past, future = frame[frame["ds"] < "2022-07-01"], frame[frame["ds"] >= "2022-07-01"]

model = NHits(horizon=6, n_networks=1, n_steps=150, width=64).fit(past)
forecast = model.predict(6, quantiles=(0.1, 0.9))
actual = future["y"].to_numpy()
inside = (forecast["q0.1"] <= actual) & (actual <= forecast["q0.9"])
print(f"{model.n_windows_} windows; mean error {np.abs(forecast['forecast'] / actual - 1).mean():.1%}", end="; ")
print(f"{inside.mean():.0%} inside 80 % intervals")
print(forecast[forecast["unique_id"] == "shop 07"].round(1).to_string(index=False))
