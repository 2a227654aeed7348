"""Tell early bursts from late ones: the mean index sees when something happens, the share of MiniROCKET hardly does."""

import numpy as np

from stac.models.minirocket import MiniRocketClassifier
from stac.models.multirocket import MultiRocketClassifier

generator = np.random.default_rng(0)
y = np.array(["early", "late"] * 60)
centre = np.where(y == "early", generator.uniform(40, 90, 120), generator.uniform(110, 160, 120))[:, None, None]
time = np.arange(200)
X = np.sin(time + generator.uniform(0, 6, (120, 1, 1))) * np.exp(-(((time - centre) / 12) ** 2))
X = (X + generator.normal(scale=0.4, size=X.shape)).astype("float32")

for model in (MiniRocketClassifier(n_features=840), MultiRocketClassifier(n_features=3_360)):
    model.fit(X[:60], y[:60])
    print(f"{type(model).__name__}: accuracy on 60 unseen series {model.score(X[60:], y[60:]):.2f}")

for label, probabilities in zip(y[60:64], model.predict_proba(X[60:64]), strict=True):
    print(f"{label:>6}:", dict(zip(model.classes_.tolist(), probabilities.round(2).tolist(), strict=True)))
