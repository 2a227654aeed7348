"""Two classifiers on the same 200 instances: say whether one is better, or the test part too small to tell."""

import numpy as np

from stac.metrics.classification_metrics import bootstrap_intervals, classification_metrics

rng = np.random.default_rng(0)
y_true = rng.integers(0, 4, 200)

for name, skill in (("baseline", 0.80), ("challenger", 0.84)):
    y_pred = np.where(rng.random(200) < skill, y_true, rng.integers(0, 4, 200))
    accuracy = classification_metrics(y_true, y_pred)["accuracy"]
    low, high = bootstrap_intervals(y_true, y_pred)["accuracy"]
    print(f"{name:10s} accuracy {accuracy:.3f}, 95 % between {low:.3f} and {high:.3f}")
print("Intervals that overlap this much call for a larger test part before anything is decided.")
