"""The same gesture, made fast and slowly, looks the same after resampling."""

import numpy as np

from stac.data_processing.resample_series import resample_series

gestures = [np.sin(np.linspace(0, 2 * np.pi, n))[None].astype("float32") for n in (40, 55, 90)]
X = resample_series(gestures, 64)
print(f"lengths {[x.shape[-1] for x in gestures]} become {X.shape}")
print(f"largest difference between the gestures now: {np.ptp(X, axis=0).max():.3f}")
