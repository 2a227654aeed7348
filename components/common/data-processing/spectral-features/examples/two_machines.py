"""Two machines hum at different frequencies; one spectral feature tells them apart through the noise."""

import numpy as np

from stac.data_processing.spectral_features import fourier_features

rng = np.random.default_rng(0)
time = np.arange(2000) / 1000  # seconds
machine = np.repeat([0, 1], 30)
hum = np.where(machine == 0, 50, 60)[:, None, None]
X = np.sin(2 * np.pi * hum * time) + rng.normal(scale=2, size=(60, 1, 2000))

features, names = fourier_features(X, sampling_rate=1000, n_bands=4)
peak = features[:, names.index("channel0_peak_frequency")]
for label in (0, 1):
    print(f"machine {label}: peak at {np.median(peak[machine == label]):.1f} Hz")
