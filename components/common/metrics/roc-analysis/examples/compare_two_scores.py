"""Two scores on the same 3,000 stations: their intervals overlap, and the paired test still tells them apart."""

import numpy as np

from stac.metrics.roc_analysis import delong_test, roc_auc, signal_efficiency

rng = np.random.default_rng(0)
is_muon = rng.random(3000) < 0.15
network = 2 * is_muon + rng.normal(size=3000)
trees = network + rng.normal(scale=0.4, size=3000)

for name, score in (("network", network), ("trees", trees)):
    auc, low, high = roc_auc(is_muon, score)
    efficiency = signal_efficiency(is_muon, score, 0.95)
    print(
        f"{name:8s} AUC {auc:.3f} ({low:.3f} to {high:.3f}), "
        f"efficiency at 95 % rejection {efficiency.value:.1%} ({efficiency.low:.1%} to {efficiency.high:.1%})"
    )
difference, low, high, p = delong_test(is_muon, network, trees)
print(f"difference of the areas {difference:.4f} ({low:.4f} to {high:.4f}), p = {p:.1g}")
