"""Find the period of a beat under more and more noise."""

import numpy as np

from stac.data_processing.window_length import estimate_window_length

generator = np.random.default_rng(0)
beat = np.sin(2 * np.pi * np.arange(5000) / 120) ** 3
for noise in (0.0, 0.5, 1.0, 20.0):
    length = estimate_window_length(beat + noise * generator.normal(size=beat.size), default=100)
    print(f"noise {noise:4.1f}: {length}" + (" (nothing repeats itself: the default)" if length == 100 else ""))
