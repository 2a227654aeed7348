"""A rare class that is missed shows at once, though it hardly moves the accuracy."""

import tempfile
from pathlib import Path

from stac.visualization.plot_confusion_matrix import plot_confusion_matrix

matrix = [[9710, 31, 9], [42, 148, 0], [11, 2, 47]]
ax = plot_confusion_matrix(matrix, ["normal", "noisy", "broken"], title="Sensor state, 10,000 windows")
picture = Path(tempfile.mkdtemp()) / "rare_class.png"
ax.figure.savefig(picture, dpi=150)
print(f"Accuracy 99 %, but look at the red cells of the rare classes: {picture}")
