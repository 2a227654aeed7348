"""Three identifiers of muons on one picture, with a working point at 99 % rejection on a logarithmic axis."""

import tempfile
from pathlib import Path

import numpy as np

from stac.visualization.plot_roc import plot_roc

rng = np.random.default_rng(0)
is_muon = rng.random(8000) < 0.1
best = 2.5 * is_muon + rng.normal(size=8000)
curves = {
    "network": (is_muon, best),
    "boosted trees": (is_muon, best + rng.normal(scale=0.8, size=8000)),
    "number of peaks": (is_muon, np.round(best + rng.normal(scale=2, size=8000))),
}
ax = plot_roc(curves, log_x=True, background_rejection=0.99)
picture = Path(tempfile.mkdtemp()) / "roc.png"
ax.figure.savefig(picture, dpi=150)
print(f"Drawn: {picture}")
