"""A small GRU tells oscillations apart in series of 30 to 60 time points."""

import numpy as np

from stac.models.recurrent_classifier import RecurrentClassifier

generator = np.random.default_rng(0)
y = np.array(["slow", "fast"] * 20)
X = [
    np.sin((1.0 if label == "slow" else 1.5) * np.arange(length) / 3 + generator.uniform(0, 6, (1, 1)))
    for label, length in zip(y, generator.integers(30, 60, 40), strict=True)
]
classifier = RecurrentClassifier(n_units=16, fcn=False, epochs=15, learning_rate=0.04).fit(X[:30], y[:30])
print(f"accuracy on series of other lengths: {classifier.score(X[30:], y[30:]):.2f}")
