"""The shower is found, the accidental muon before it is left out, and its late tail is bridged."""

import numpy as np

from stac.data_processing.signal_window import find_signal_window

rng = np.random.default_rng(1)
traces = rng.normal(0, 0.015, size=(1, 3, 768))
pulse = np.exp(-np.arange(20) * 25 / 60)
for bin_, height in ((60, 1.0), (240, 6.0), (251, 2.0), (268, 0.8)):  # a muon, then the shower
    traces[0, :, bin_ : bin_ + 20] += height * pulse

for max_gap_ns in (500, 50, 5000):
    start, stop = find_signal_window(traces, max_gap_ns=max_gap_ns)
    print(f"gaps up to {max_gap_ns:4d} ns: bins {start[0]} to {stop[0]}")
