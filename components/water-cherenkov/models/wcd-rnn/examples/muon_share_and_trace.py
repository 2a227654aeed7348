"""Estimate the muonic share of a station's signal, and the muonic part of its trace, from the trace.

python muon_share_and_trace.py          a look, in seconds
python muon_share_and_trace.py 30000    what the README tells, in minutes
"""

import sys

import numpy as np
import torch

from stac.data_ingestion.station_data import simulate_station_data
from stac.metrics.regression_resolution import bias_and_resolution
from stac.models.wcd_rnn import WcdRnn
from stac.training.fit_torch import fit_torch, predict_torch

n_stations = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
showers = {"primaries": ("photon", "proton", "iron"), "lg_energy": (18.5, 19.5), "distance_m": (500, 1000)}
data = simulate_station_data(n_stations, "auger-ub", length=96, **showers)
train, test = np.split(np.arange(n_stations), [n_stations * 4 // 5])
signal = data.table["muon_signal_vem"] + data.table["em_signal_vem"]
targets = {
    "share": (data.table["muon_signal_vem"] / signal)[:, None],
    "trace": data.muon_trace / signal[:, None],  # what is in its 96 bins adds up to the share
}
for name, target in targets.items():
    spread = target[train].std()
    torch.manual_seed(0)
    network = WcdRnn(n_pmts=3, n_bins=96, n_outputs=target.shape[1])
    inputs, scaled = (data.traces_vem_peak, data.pmt_mask), (target / spread).astype(np.float32)
    training = tuple(x[train] for x in inputs), scaled[train]
    fit_torch(network, training, loss="mse", epochs=12 if n_stations > 5000 else 4, batch_size=32, learning_rate=3e-3)
    share = predict_torch(network, tuple(x[test] for x in inputs)).sum(axis=1) * spread
    true_share = target[test].sum(axis=1)
    found = bias_and_resolution(true_share, share)
    print(
        f"muonic {name}: bias of the share {found.bias_mean.value:+.3f}, resolution {found.std.value:.3f} "
        f"({true_share.std():.3f} without looking)"
    )
