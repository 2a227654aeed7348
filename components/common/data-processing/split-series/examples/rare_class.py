"""A rare class keeps its share in both parts."""

import numpy as np

from stac.data_processing.split_series import stratified_split

y = np.array(["muon"] * 12 + ["electromagnetic"] * 188)
train, test = stratified_split(y, test_size=0.25, random_state=7)
for name, part in (("training", train), ("test", test)):
    print(f"{name:9s} {len(part):4d} instances, {np.mean(y[part] == 'muon'):.1%} muons")
