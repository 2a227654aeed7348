"""The share of muons that a cut accepts, by distance, for two cuts."""

import tempfile
from pathlib import Path

import numpy as np

from stac.visualization.plot_binned_metric import plot_binned_metric

edges = np.linspace(200, 1400, 7)
bins = {"low": edges[:-1], "high": edges[1:], "centre": (edges[:-1] + edges[1:]) / 2, "n": np.full(6, 250)}


def table(value: np.ndarray) -> dict[str, np.ndarray]:
    """Return a share in each bin with its binomial spread."""
    spread = 2 * np.sqrt(value * (1 - value) / bins["n"])
    return bins | {"value": value, "value_low": value - spread, "value_high": value + spread}


shares = {"network": table(np.linspace(0.9, 0.6, 6)), "trees": table(np.linspace(0.85, 0.45, 6))}
ax = plot_binned_metric(shares, xlabel="Distance to the shower axis [m]", ylabel="Muon efficiency")
picture = Path(tempfile.mkdtemp()) / "efficiency.png"
ax.figure.savefig(picture, dpi=150)
print(f"Drawn: {picture}")
