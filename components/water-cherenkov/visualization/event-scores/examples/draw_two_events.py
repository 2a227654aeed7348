"""Draws two simulated events, coloured by the share of muons in each station's signal."""

from pathlib import Path
from tempfile import TemporaryDirectory

from stac.data_ingestion.station_data import simulate_station_data
from stac.visualization.event_scores import draw_events, write_scores

stations = simulate_station_data(8, length=128, stations_per_event=4, seed=0)
muons, electrons = stations.table["muon_signal_vem"], stations.table["em_signal_vem"]
share = muons / (muons + electrons)
with TemporaryDirectory() as folder:
    for file in draw_events(stations, share, folder, label="Share of muons in the signal"):
        print(file.name)
    print(write_scores(Path(folder, "shares.csv"), stations, {"muon_share": share}).read_text())
