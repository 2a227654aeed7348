"""Traces of three light sensors with two kinds of pulse, some samples missing: one row for each sensor."""

import tempfile
from pathlib import Path

import numpy as np

from stac.visualization.plot_series import plot_series

rng = np.random.default_rng(0)
time = np.arange(400) * 25 / 3  # nanoseconds
y = np.repeat(["short pulse", "long pulse"], 60)
decay = np.where(y == "short pulse", 120, 350)[:, None, None]
start = rng.uniform(450, 550, size=(120, 1, 1))
height = rng.gamma(4, 2, size=(120, 3, 1))
X = height * np.exp(-np.maximum(time - start, 0) / decay) * (time > start) + rng.normal(0, 0.1, (120, 3, 400))
X[rng.random(X.shape) < 0.02] = np.nan

axes = plot_series(X, y, channel=None, time=time, unit="ns")
picture = Path(tempfile.mkdtemp()) / "detector_traces.png"
axes[0].figure.savefig(picture, dpi=150)
print(f"Drawn: {picture}")
