"""How often a triggered station holds no muon."""

from stac.data_ingestion.wcd_simulator import simulate_stations

stations = simulate_stations(500, "auger-ub", seed=1)
print(f"{(stations.table['n_muons'] == 0).mean():.1%} of {len(stations)} stations have no muon")
