"""A fitted polynomial is kept in a file, and predicts the same after loading."""

import tempfile
from pathlib import Path

import numpy as np

from stac.training.array_files import load_arrays, save_arrays

x = np.linspace(-1, 1, 50)
coefficients = np.polyfit(x, np.sin(3 * x), deg=5)
path = save_arrays(Path(tempfile.mkdtemp()) / "sine.npz", "Polynomial", {"degree": 5}, {"coefficients": coefficients})

params, arrays = load_arrays(path, "Polynomial")
same = np.array_equal(np.polyval(arrays["coefficients"], x), np.polyval(coefficients, x))
print(f"degree {params['degree']}, the same predictions: {same}")
