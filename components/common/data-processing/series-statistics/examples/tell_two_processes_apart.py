"""Noise and random walks have the same values at times; their statistics differ where order matters."""

import numpy as np

from stac.data_processing.series_statistics import series_statistics

rng = np.random.default_rng(0)
noise = rng.normal(size=(50, 1, 300))
walks = rng.normal(size=(50, 1, 300)).cumsum(axis=-1)
for name, X in (("noise", noise), ("walks", walks)):
    values, names = series_statistics(X, ["skewness", "autocorrelation_1", "crossing_rate", "spectral_entropy"])
    described = ", ".join(f"{n.removeprefix('channel0_')} {v:.2f}" for n, v in zip(names, values.mean(0), strict=True))
    print(f"{name}: {described}")
