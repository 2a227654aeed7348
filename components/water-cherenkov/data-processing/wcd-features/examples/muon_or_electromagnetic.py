"""A sharp muon and a broad electromagnetic front of the same charge: the features tell them apart."""

import numpy as np

from stac.data_processing.wcd_features import FEATURES, wcd_features

rng = np.random.default_rng(0)
bins = np.arange(120)
pulse = np.exp(-bins * 25 / 60)
muons = sum(np.roll(pulse, place) * (bins >= place) for place in (5, 9, 30))
front = np.convolve(np.where(bins < 5, 0, (bins - 5) * np.exp(-(bins - 5) / 12)), pulse)[:120]
front *= muons.sum() / front.sum()
traces = np.stack([muons, front])[:, None] + rng.normal(0, 0.015, (2, 3, 120))

features = wcd_features(traces, bin_ns=25.0)
print(f"{'':26s} muons    front")
for name, (muon, electromagnetic) in zip(FEATURES, features.T, strict=True):
    if not name.endswith("_pmt"):
        print(f"{name:24s} {muon:7.2f} {electromagnetic:8.2f}")
