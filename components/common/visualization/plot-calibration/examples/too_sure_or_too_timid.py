"""Three models with the same ranking of the same stations: one honest, one too sure, one too timid."""

import tempfile
from pathlib import Path

import numpy as np

from stac.visualization.plot_calibration import plot_calibration

rng = np.random.default_rng(0)
honest = rng.beta(0.6, 1.4, size=6000)
is_muon = rng.random(6000) < honest
models = {
    name: (is_muon, honest**power / (honest**power + (1 - honest) ** power))
    for name, power in (("honest", 1), ("too sure", 2.5), ("too timid", 0.4))
}
ax = plot_calibration(models)
picture = Path(tempfile.mkdtemp()) / "calibration.png"
ax.figure.savefig(picture, dpi=150)
print(f"Drawn: {picture}")
