"""Which pairs of primaries a score tells apart: photon and proton well, proton and iron hardly."""

from itertools import combinations

import numpy as np

from stac.metrics.merit_factor import merit_factor

rng = np.random.default_rng(0)
score = {
    "photon": rng.normal(0.2, 0.10, size=300),
    "proton": rng.normal(1.0, 0.25, size=500),
    "iron": rng.normal(1.35, 0.18, size=400),
}
for first, second in combinations(score, 2):
    value, low, high = merit_factor(score[first], score[second])
    print(f"{first:6s} and {second:6s} {value:.2f} ({low:.2f} to {high:.2f})")
