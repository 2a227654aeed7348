"""How far each variation moves a series from itself: choose strengths by looking, not by guessing."""

import numpy as np

from stac.data_processing.series_augmentation import jitter, magnitude_warp, scale, time_warp, window_slice

time = np.linspace(0, 6 * np.pi, 400)
X = np.tile(np.sin(time).astype("float32"), (200, 1, 1))
for vary in (jitter, scale, magnitude_warp, time_warp, window_slice):
    moved = [np.sqrt(np.mean((vary(X, strength, seed=0) - X) ** 2)) for strength in (0.05, 0.1, 0.2)]
    print(f"{vary.__name__:15s}", "  ".join(f"{distance:.3f}" for distance in moved))
