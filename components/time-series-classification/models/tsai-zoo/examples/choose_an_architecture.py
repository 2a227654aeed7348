"""Two architectures of tsai learn the same problem."""

import numpy as np

from stac.models.tsai_zoo import TsaiClassifier

y = np.array(["slow", "fast"] * 20)
cycles = np.where(y == "slow", 1.0, 2.0)[:, None, None]
X = np.sin(cycles * np.linspace(0, 20, 60)) + np.random.default_rng(0).normal(scale=0.1, size=(40, 1, 60))
for architecture, arguments in (("LSTMPlus", {"hidden_size": 16}), ("ResNet", {})):
    classifier = TsaiClassifier(architecture, arguments, epochs=5, learning_rate=0.01).fit(X[:30], y[:30])
    print(f"{architecture}: accuracy {classifier.score(X[30:], y[30:]):.2f}")
