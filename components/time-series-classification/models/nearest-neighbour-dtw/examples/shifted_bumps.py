"""Tell shifted bumps apart where Euclidean distance fails, and show which training series decided."""

import numpy as np

from stac.models.nearest_neighbour_dtw import NearestNeighbourDtw

generator = np.random.default_rng(0)
y = np.array(["one bump", "two bumps"] * 60)
time, start = np.arange(120), generator.uniform(20, 60, (120, 1, 1))
X = np.exp(-(((time - start) / 5) ** 2))
X = X + (y == "two bumps")[:, None, None] * np.exp(-(((time - start - 30) / 5) ** 2)) / 2
X = (X + generator.normal(scale=0.05, size=X.shape)).astype("float32")

for window in (0, "learned"):
    model = NearestNeighbourDtw(window=window).fit(X[:60], y[:60])
    print(f"window {window!s:>7} ({model.window_:.0%} of the length): accuracy {model.score(X[60:], y[60:]):.2f}")

for label, *why in zip(y[60:64], *model.predict_with_neighbours(X[60:64]), strict=True):
    print(f"{label:>9}: told as {why[0]}, like training series {why[1]}, {why[2]:.2f} away")

path = model.save("bumps.npz")
assert (NearestNeighbourDtw.load(path).predict(X) == model.predict(X)).all()
