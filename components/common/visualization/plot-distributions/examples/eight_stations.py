"""The same measurement at eight stations, one of which is out of order: ridges show which."""

import tempfile
from pathlib import Path

import numpy as np

from stac.visualization.plot_distributions import plot_distributions

rng = np.random.default_rng(0)
station = np.repeat([f"station {i}" for i in range(1, 9)], 300)
rate = rng.normal(100, 8, size=2400)
rate[station == "station 5"] = rng.normal(60, 20, size=300)
rate[::97] = np.nan

ax = plot_distributions(rate, station, name="Rate", unit="Hz")
picture = Path(tempfile.mkdtemp()) / "eight_stations.png"
ax.figure.savefig(picture, dpi=150)
print(f"Drawn: {picture}")
