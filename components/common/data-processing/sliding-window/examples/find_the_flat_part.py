"""A sensor is stuck for a while: the windows with the least spread say when."""

import numpy as np

from stac.data_processing.sliding_window import sliding_windows, spread_scores

rng = np.random.default_rng(0)
sensor = rng.normal(size=2000).astype("float32")
sensor[700:800] = sensor[700]

windows = sliding_windows(sensor, length=50)
score = spread_scores(-windows.std(axis=-1), length=50, n_timepoints=len(sensor), reduce="max")
stuck = np.flatnonzero(score > -0.01)
print(f"{len(windows)} windows share the memory of the series: {np.shares_memory(windows, sensor)}")
print(f"stuck from {stuck[0]} to {stuck[-1]}")
