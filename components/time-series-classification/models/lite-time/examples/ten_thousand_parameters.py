"""A network of ten thousand parameters learns to tell bumps of different widths apart, wherever they lie."""

import numpy as np

from stac.models.lite_time import LiteTimeClassifier

generator = np.random.default_rng(0)
y = np.array(["narrow", "wide"] * 40)
centre, width = generator.uniform(20, 80, (80, 1, 1)), np.where(y == "narrow", 3, 6)[:, None, None]
X = np.exp(-(((np.arange(100) - centre) / width) ** 2)) + generator.normal(scale=0.1, size=(80, 1, 100))

classifier = LiteTimeClassifier(n_models=1, epochs=25).fit(X[:40], y[:40])
n_parameters = sum(p.numel() for p in classifier.network_.parameters())
print(f"accuracy on 40 unseen series: {classifier.score(X[40:], y[40:]):.2f} with {n_parameters} parameters")
