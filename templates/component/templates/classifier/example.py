"""Fill me in: what this example shows, on series that look like somebody's own."""

import numpy as np

from {{ cookiecutter.__module }} import {{ cookiecutter.__class }}

draw, time = np.random.default_rng(0), np.linspace(0, 2 * np.pi, 100)
shapes = {"sine": np.sin(time), "square": np.sign(np.sin(time)), "saw": 1 - time / np.pi}
y = np.array(list(shapes) * 20)
X = np.array([shapes[label] for label in y])[:, None] + 0.5 * draw.normal(size=(60, 1, 100))

model = {{ cookiecutter.__class }}().fit(X[:30], y[:30])
for label, probabilities in zip(y[30:33], model.predict_proba(X[30:33]), strict=True):
    print(f"{label:7s}", *(f"{name} {p:.2f}" for name, p in zip(model.classes_, probabilities, strict=True)))
