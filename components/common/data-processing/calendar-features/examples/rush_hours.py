"""Passengers at a station: a straight line through calendar features finds rush hours and weekends."""

import numpy as np

from stac.data_processing.calendar_features import calendar_features, fourier_terms

rng = np.random.default_rng(0)
times = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[h]")
numbers = calendar_features(times, ["hour", "is_weekend"], encoding="number")
rush = np.isin(numbers["hour"], (7, 8, 17, 18)) & (numbers["is_weekend"] == 0)
passengers = 100 + 400 * rush + rng.normal(scale=20, size=len(times))

columns = {**fourier_terms(times, np.timedelta64(1, "D"), order=6, name="day"), "weekend": numbers["is_weekend"]}
work_days = np.stack([values * (1 - numbers["is_weekend"]) for values in columns.values()], axis=1)
design = np.column_stack([np.ones(len(times)), numbers["is_weekend"], work_days])
weights = np.linalg.lstsq(design, passengers, rcond=None)[0]
explained = 1 - np.var(passengers - design @ weights) / np.var(passengers)
print(f"{design.shape[1]} columns explain {explained:.0%} of the variance")
