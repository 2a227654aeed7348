"""Print what is said about series that cannot be used."""

import numpy as np

from stac.data_processing.check_series import check_series

good = np.sin(np.linspace(0, 20, 200))
gap = np.where(np.arange(200) < 9, np.nan, good)
for name, series in {"good": good, "short": good[:5], "with a gap": gap, "three-dimensional": good[None, None]}.items():
    try:
        print(f"{name}: {check_series(series, min_timepoints=20, why='a window').shape}")
    except ValueError as error:
        print(f"{name}: {error}")
