"""Fill me in: what this example shows, on series that look like somebody's own."""

import numpy as np

from {{ cookiecutter.__module }} import {{ cookiecutter.__package }}

time = np.linspace(0, 1, 500)
for frequency in (1, 5, 25):
    series = np.sin(2 * np.pi * frequency * time)
    print(f"{frequency:2d} Hz {{ "{" }}{{ cookiecutter.__package }}(series[None, None])[0, 0]:8.3f}")
