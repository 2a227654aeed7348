"""Sales grow and have a season: a moving mean shows the growth, what is left the season."""

import numpy as np

from stac.data_processing.detrend_series import detrend

rng = np.random.default_rng(0)
months = np.arange(96)
sales = 100 * 1.01**months * (1 + 0.2 * np.sin(2 * np.pi * months / 12)) + rng.normal(scale=3, size=96)
season, level = detrend(sales, window=12, return_trend=True)
print(f"level after one year {level[12]:.0f}, after seven {level[84]:.0f}")
best = season[:84].reshape(7, 12).mean(axis=0).argmax()
print(f"the best month is number {best}")
