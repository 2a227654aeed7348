import numpy as np
from {{ cookiecutter.__module }} import {{ cookiecutter.__class }}

draw, time = np.random.default_rng(0), np.linspace(0, 1, 200)
y = np.array(["slow", "fast"] * 50)
X = np.array([[np.sin(6 * time if label == "slow" else 30 * time)] for label in y]) + draw.normal(size=(100, 1, 200))

model = {{ cookiecutter.__class }}().fit(X[:80], y[:80])
print((model.predict(X[80:]) == y[80:]).mean())
