"""A folder with one small table is an archive, and a month that is missing in it comes back as NaN."""

from pathlib import Path
from tempfile import TemporaryDirectory

from stac.data_ingestion.forecasting_archive import list_forecasting, load_forecasting

with TemporaryDirectory() as archive:
    lines = ["unique_id,ds,y,price", "north,2024-01-01,5,1.0", "north,2024-02-01,6,1.0", "north,2024-04-01,9,0.8"]
    Path(archive, "shops.csv").write_text("\n".join(lines))
    print("available:", ", ".join(list_forecasting(archive)))
    table = load_forecasting("shops", archive)

print(table.to_string(index=False))
print(table.attrs)
