"""One estimate in two hundred goes wrong: the standard deviation doubles, the 68 % half width does not notice."""

import numpy as np

from stac.metrics.regression_resolution import bias_and_resolution

rng = np.random.default_rng(0)
truth = rng.uniform(1, 5, size=2000)
estimate = truth + rng.normal(scale=0.3, size=2000)
for name, share in (("clean", 0.0), ("with outliers", 0.005)):
    shifted = estimate + 8 * (rng.random(2000) < share)
    result = bias_and_resolution(truth, shifted)
    for kind in ("std", "half_width_68"):
        value, low, high = getattr(result, kind)
        print(f"{name:14s} {kind:14s} {value:.3f} ({low:.3f} to {high:.3f})")
