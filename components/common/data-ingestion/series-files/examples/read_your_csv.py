"""Read one long table, in any order and with a gap, and see what came in."""

from pathlib import Path
from tempfile import TemporaryDirectory

from stac.data_ingestion.series_files import read_series

TABLE = """\
id,time,temperature,humidity,label
oven,2025-01-01 10:01,181.5,0.21,baking
oven,2025-01-01 10:00,180.0,0.20,baking
oven,2025-01-01 10:02,,0.22,baking
fridge,2025-01-01 10:00,4.5,0.60,cooling
fridge,2025-01-01 10:01,4.4,0.61,cooling
"""

with TemporaryDirectory() as folder:
    path = Path(folder, "kitchen.csv")
    path.write_text(TABLE)
    X, y = read_series(path)

for series, label in zip(X, y, strict=True):
    n_channels, n_timepoints = series.shape
    print(f"{label}: {n_channels} channels, {n_timepoints} time points")
    print(series)
