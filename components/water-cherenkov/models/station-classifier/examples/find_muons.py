"""Trains a small network for two epochs to find muons in simulated stations."""

import numpy as np

from stac.data_ingestion.station_data import simulate_station_data
from stac.models.station_classifier import StationClassifier

ranges = {"primaries": ("photon", "proton"), "lg_energy": (16.5, 17.5), "distance_m": (150, 800)}
data = simulate_station_data(800, length=128, seed=1, **ranges)
has_muons = data.table["n_muons"] > 0
classifier = StationClassifier(epochs=2).fit(data[:600], has_muons[:600])
probability = classifier.predict_proba(data[600:])[:, 1]
print(f"Mean probability of muons: {np.mean(probability[has_muons[600:]]):.2f} with, ", end="")
print(f"{np.mean(probability[~has_muons[600:]]):.2f} without")
