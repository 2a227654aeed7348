"""A logger lost some hours: a line is good for short gaps, the usual course of the day for long ones."""

import numpy as np

from stac.data_processing.impute_series import impute_series

rng = np.random.default_rng(0)
hours = np.arange(24 * 10)
temperature = 12 + 6 * np.sin(2 * np.pi * (hours - 9) / 24) + rng.normal(scale=0.3, size=len(hours))
for gap in (2, 10):
    lost = temperature.copy()
    lost[120 : 120 + gap] = np.nan
    for method in ("linear", "seasonal"):
        filled = impute_series(lost, method, season_length=24)
        error = np.abs(filled - temperature)[120 : 120 + gap].mean()
        print(f"{gap:2d} hours lost, {method:8s}: off by {error:.1f} degrees")
