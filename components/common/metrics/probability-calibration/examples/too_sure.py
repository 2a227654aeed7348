"""Three models with the same ranking: one honest, one too sure, one too timid; and what a temperature makes of them."""

import numpy as np

from stac.metrics.probability_calibration import apply_temperature, brier_score, fit_temperature

rng = np.random.default_rng(0)
honest = rng.random(5000)
is_muon = rng.random(5000) < honest

for name, sharpness in (("honest", 1.0), ("too sure", 3.0), ("too timid", 0.4)):
    p = honest**sharpness / (honest**sharpness + (1 - honest) ** sharpness)
    temperature = fit_temperature(is_muon, p)
    before, after = brier_score(is_muon, p), brier_score(is_muon, apply_temperature(p, temperature))
    print(f"{name:9s} reliability {before.reliability:.4f} -> {after.reliability:.4f} at temperature {temperature:.2f}")
