"""Three channels, two anomalies, and a threshold that changes."""

import tempfile
from pathlib import Path

import numpy as np

from stac.visualization.plot_anomalies import plot_anomalies

rng = np.random.default_rng(0)
time = np.datetime64("2024-03-01") + np.arange(20_000) * np.timedelta64(1, "m")
series = np.array([np.sin(np.arange(20_000) / (150 + 60 * i)) for i in range(3)]) + 0.15 * rng.normal(size=(3, 20_000))
labels = np.zeros(20_000, dtype=bool)
labels[7000:7400] = labels[15_000:15_150] = True
series[1, 7000:7400] = 0.9
series[2, 15_000:15_150] += 2
scores = np.convolve(
    np.abs(np.diff(series, axis=1, prepend=0)).max(axis=0) + 0.6 * labels, np.ones(60) / 60, mode="same"
)
threshold = np.where(np.arange(20_000) < 10_000, 0.55, 0.65)

axes = plot_anomalies(series, scores, labels, threshold, time=time, channel_names=["inlet", "valve", "outlet"])
picture = Path(tempfile.mkdtemp()) / "anomalies.png"
axes[0].figure.savefig(picture, dpi=110)
print(f"Drawn: {picture}")
