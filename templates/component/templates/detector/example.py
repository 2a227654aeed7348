"""Fill me in: what this example shows, on a series that looks like somebody's own."""

import numpy as np

from {{ cookiecutter.__module }} import {{ cookiecutter.__class }}

draw = np.random.default_rng(0)
temperature = 20 + np.sin(np.arange(1000) / 24) + 0.1 * draw.normal(size=1000)
temperature[700:703] = 27  # a door left open

scores = {{ cookiecutter.__class }}().fit(temperature[:500]).score_samples(temperature)
for place in np.argsort(scores)[::-1][:3]:
    print(f"time point {place}: score {scores[place]:.2f}")
