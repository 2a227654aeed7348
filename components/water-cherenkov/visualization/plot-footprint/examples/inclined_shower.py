"""An inclined toy shower on a triangular grid of stations: the early side lights up first."""

import tempfile
from pathlib import Path

import numpy as np

from stac.visualization.plot_footprint import plot_footprint

rng = np.random.default_rng(0)
row, column = (axis.ravel() for axis in np.meshgrid(np.arange(-4, 5), np.arange(-4, 5)))
x, y = 1500.0 * column + 750.0 * (row % 2), 1299.0 * row
event = {"x_m": 250.0, "y_m": -300.0, "zenith_deg": 55.0, "azimuth_deg": 210.0}

zenith, azimuth = np.radians(event["zenith_deg"]), np.radians(event["azimuth_deg"])
along = (x - event["x_m"]) * np.cos(azimuth) + (y - event["y_m"]) * np.sin(azimuth)  # towards where it comes from
across = (y - event["y_m"]) * np.cos(azimuth) - (x - event["x_m"]) * np.sin(azimuth)
distance = np.hypot(along * np.cos(zenith), across)
signal = rng.gamma(15, 60 * (distance / 1000 + 0.3) ** -3.5 / 15)
time = -along * np.sin(zenith) / 0.299792458 + distance**2 / 2e4 + rng.normal(0, 50, len(x))

hit = signal > 2
stations = {"x_m": x, "y_m": y, "signal_vem_charge": signal, "time_ns": time, "saturated": signal > 500}
stations["station"] = np.arange(100, 100 + len(x))
ax = plot_footprint({name: values[hit] for name, values in stations.items()}, event, title="A toy shower from 55°")
picture = Path(tempfile.mkdtemp()) / "inclined_shower.png"
ax.figure.savefig(picture, dpi=150)
print(f"Drawn: {picture}")
