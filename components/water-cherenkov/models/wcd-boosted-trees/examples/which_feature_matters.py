"""Which of five features tells muonic stations from the others, and how sure the trees are of it."""

import numpy as np

from stac.models.wcd_boosted_trees import WcdBoostedTrees

rng = np.random.default_rng(0)
is_muonic = rng.random(3000) < 0.3
names = ["charge", "peak", "area_over_peak", "rise_time", "n_peaks"]
X = rng.normal(size=(3000, 5))
X[:, 3] -= 1.0 * is_muonic
X[:, 4] += 1.5 * is_muonic

model = WcdBoostedTrees().fit(X[:2000], is_muonic[:2000], feature_names=names)
print(f"{model.n_trees_} trees, accuracy {model.score(X[2000:], is_muonic[2000:]):.2f}")
for name, share in model.importance_table().items():
    print(f"{name:15s} {'#' * round(50 * share)} {share:.0%}")
