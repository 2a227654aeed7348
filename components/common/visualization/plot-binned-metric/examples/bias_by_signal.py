"""The bias of two estimators of the muon signal, from faint to strong signals, on a logarithmic axis."""

import tempfile
from pathlib import Path

import numpy as np

from stac.visualization.plot_binned_metric import plot_binned_metric

rng = np.random.default_rng(0)
edges = np.geomspace(1, 100, 9)
signal_vem = rng.lognormal(1.8, 1, size=5000)


def bias_table(estimate_vem: np.ndarray) -> dict[str, np.ndarray]:
    """Return mean relative error and its 95 % interval in bins of the signal."""
    error = estimate_vem / signal_vem - 1
    members = [error[np.digitize(signal_vem, edges) == number] for number in range(1, len(edges))]
    mean = np.array([part.mean() for part in members])
    spread = np.array([1.96 * part.std() / np.sqrt(len(part)) for part in members])
    n = np.array([len(part) for part in members])
    columns = {"value": mean, "value_low": mean - spread, "value_high": mean + spread, "n": n}
    return {"low": edges[:-1], "high": edges[1:], **columns}


noise = rng.normal(scale=0.3, size=5000)
tables = {"network": bias_table(signal_vem * (1.02 + noise)), "trees": bias_table(signal_vem**0.95 * (1.1 + noise))}
ax = plot_binned_metric(tables, xlabel="Muon signal (VEM)", ylabel="Relative bias", log_x=True, reference=0)
picture = Path(tempfile.mkdtemp()) / "bias.png"
ax.figure.savefig(picture, dpi=150)
print(f"Drawn: {picture}")
