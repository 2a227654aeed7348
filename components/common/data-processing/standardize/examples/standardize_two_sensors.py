"""Two sensors in different units become comparable, and a stuck one does not divide by zero."""

import numpy as np

from stac.data_processing.standardize import Standardizer

time = np.linspace(0, 4 * np.pi, 200)
temperature = 293 + 2 * np.sin(time)  # kelvin
pressure = 101_325 + 400 * np.cos(time)  # pascal
stuck = np.full_like(time, 7.0)
X = np.array([[temperature, pressure, stuck]], dtype=np.float32)

X_standardized = Standardizer().fit_transform(X)
for name, before, after in zip(("temperature", "pressure", "stuck"), X[0], X_standardized[0], strict=True):
    print(f"{name:12s} mean {before.mean():9.1f} -> {after.mean():5.2f}  std {before.std():6.1f} -> {after.std():.2f}")
