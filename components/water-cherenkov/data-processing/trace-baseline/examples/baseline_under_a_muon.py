"""An accidental muon before the shower moves the plain mean, not the clipped one."""

import numpy as np

from stac.data_processing.trace_baseline import estimate_baseline

rng = np.random.default_rng(0)
counts = rng.normal(50.3, 0.5, size=(1, 3, 768)).round()
counts[0, 1, 40:60] += 40 * np.exp(-np.arange(20) * 25 / 60)  # a muon in the second photomultiplier
counts = counts.round()

baseline, noise = estimate_baseline(counts)
for pmt in range(3):
    print(
        f"PMT {pmt + 1}: plain mean {counts[0, pmt, :100].mean():.2f}, median {np.median(counts[0, pmt, :100]):.1f}, "
        f"baseline {baseline[0, pmt]:.2f}, noise {noise[0, pmt]:.2f} counts"
    )
