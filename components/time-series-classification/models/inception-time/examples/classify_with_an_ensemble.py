"""Two small networks learn to tell bumps of different widths apart, wherever they lie, and go into one file."""

import numpy as np

from stac.models.inception_time import InceptionTimeClassifier

generator = np.random.default_rng(0)
y = np.array(["narrow", "wide"] * 40)
centre, width = generator.uniform(20, 80, (80, 1, 1)), np.where(y == "narrow", 3, 6)[:, None, None]
X = np.exp(-(((np.arange(100) - centre) / width) ** 2)) + generator.normal(scale=0.1, size=(80, 1, 100))

classifier = InceptionTimeClassifier(n_models=2, n_filters=8, depth=3, epochs=10).fit(X[:40], y[:40])
print(f"accuracy on 40 unseen series: {classifier.score(X[40:], y[40:]):.2f}")
path = classifier.save("bumps.safetensors")
print(f"saved to {path} ({path.stat().st_size // 1024} KB)")
assert (InceptionTimeClassifier.load(path).predict(X) == classifier.predict(X)).all()
