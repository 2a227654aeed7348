"""Simulates stations of a surface array and keeps them in a file."""

from pathlib import Path
from tempfile import TemporaryDirectory

from stac.data_ingestion.station_data import read_station_data, simulate_station_data

with TemporaryDirectory() as folder:
    path = simulate_station_data(300, "auger-ub", length=160, seed=1).save(Path(folder, "stations.npz"))
    data = read_station_data(path)
    with_muons = data[data.table["n_muons"] > 0]
    print(f"{len(data)} stations of {data.bin_ns:g} ns bins, {len(with_muons)} with muons")
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
