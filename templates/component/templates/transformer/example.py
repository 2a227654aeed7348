"""Fill me in: what this example shows, on series that look like somebody's own."""

import numpy as np

from {{ cookiecutter.__module }} import {{ cookiecutter.__class }}

time = np.linspace(0, 1, 500)
X = np.array([[offset + np.sin(2 * np.pi * 5 * time)] for offset in (0, 10, 100)], dtype=np.float32)
for before, after in zip(X[:, 0], {{ cookiecutter.__class }}().fit_transform(X)[:, 0], strict=True):
    print(f"mean {before.mean():7.2f} -> {after.mean():5.2f}")
