"""Tell noisy oscillations apart by their speed, with probabilities, and keep the model in a file."""

from pathlib import Path

import numpy as np

from stac.models.minirocket import MiniRocketClassifier

generator = np.random.default_rng(0)
y = np.array(["slow", "medium", "fast"] * 60)
cycles = np.array([5, 7, 9] * 60)[:, None, None]
X = np.sin(cycles * np.linspace(0, 2 * np.pi, 300) + generator.uniform(0, 6, (180, 1, 1)))
X = (X + generator.normal(scale=1.5, size=X.shape)).astype("float32")

model = MiniRocketClassifier().fit(X[:90], y[:90])
print(f"accuracy on 90 unseen series: {model.score(X[90:], y[90:]):.2f}, penalty chosen: {model.alpha_:g}")
for label, probabilities in zip(y[90:95], model.predict_proba(X[90:95]), strict=True):
    print(f"{label:>6}:", dict(zip(model.classes_.tolist(), probabilities.round(2).tolist(), strict=True)))

path = model.save("oscillations.npz")
print(f"saved to {path} ({Path(path).stat().st_size // 1024} KB)")
assert (MiniRocketClassifier.load(path).predict(X) == model.predict(X)).all()
