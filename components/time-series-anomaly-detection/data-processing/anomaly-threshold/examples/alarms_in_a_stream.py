"""Alarms in a stream of scores: a quantile raises many, peaks over threshold the right ones."""

import numpy as np

from stac.data_processing.anomaly_threshold import Spot, quantile_threshold

rng = np.random.default_rng(0)
calibration, stream = rng.gamma(2.0, size=5000), rng.gamma(2.0, size=20_000)
stream[[4000, 11_000, 18_000]] = 25

print("alarms above the 99 % quantile:", (stream >= quantile_threshold(calibration, 0.99)).sum())
alarms, thresholds = Spot(risk=1e-5).fit(calibration).update(stream)
print("alarms of SPOT at", np.flatnonzero(alarms), f"threshold {thresholds[0]:.1f} -> {thresholds[-1]:.1f}")
