"""Forecasts of a month are tested on the three last months, each with all the days before it."""

import numpy as np

from stac.data_processing.split_series import rolling_origin_splits

days = np.arange("2023-01-01", "2024-01-01", dtype="datetime64[D]")
y = np.sin(2 * np.pi * np.arange(len(days)) / 7) + np.random.default_rng(0).normal(scale=0.3, size=len(days))

for train, test in rolling_origin_splits(days, horizon=28, n_splits=3):
    last_week = y[train[-7:]]
    error = np.abs(np.tile(last_week, 4) - y[test]).mean()
    print(f"{days[test[0]]} to {days[test[-1]]}: last week repeated is off by {error:.2f}")
