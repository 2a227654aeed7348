"""A classifier that fails on faint signals: one number hides it, bins of the signal show it."""

import numpy as np

from stac.metrics.binned_metrics import metric_in_bins

rng = np.random.default_rng(0)
signal_vem = rng.lognormal(2, 1, size=4000)
is_right = rng.random(4000) < 1 - 0.5 * np.exp(-signal_vem / 10)

print(f"accuracy of all: {is_right.mean():.2f}")
table = metric_in_bins(np.mean, signal_vem, is_right, bins=[0, 2, 5, 10, 30, np.inf])
for low, high, n, accuracy in zip(table["low"], table["high"], table["n"], table["value"], strict=True):
    print(f"{low:4.0f} to {high:4.0f} VEM: {accuracy:.2f} of {n}")
