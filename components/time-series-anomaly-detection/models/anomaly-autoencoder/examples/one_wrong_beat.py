"""Find a beat that comes out wrong in one of two channels."""

import numpy as np

from stac.models.anomaly_autoencoder import AnomalyAutoencoder

generator = np.random.default_rng(0)
time = np.arange(3000)
series = np.stack([np.sin(time / 8) ** 3, 100 * np.cos(time / 8)])
series += [[0.05], [5]] * generator.normal(size=series.shape)
series[0, 2400:2440] = 0.3 * generator.normal(size=40)

detector = AnomalyAutoencoder(epochs=10).fit(series[:, :2000])
scores = detector.score_samples(series[:, 2000:])
print(f"most anomalous time point: {2000 + scores.argmax()}, score {scores.max():.2f}, median {np.median(scores):.2f}")
