"""The closer to the shower's core, the larger the signal: first the high gain saturates, then the low gain too."""

import numpy as np

from stac.data_processing.saturation_recovery import recover_saturation

LARGEST, BASELINE, RATIO = 1023, 50, 32
pulse = np.exp(-np.arange(60) / 8)
for peak in (500, 5_000, 50_000):  # counts
    true = (peak * pulse)[None, None]
    high_gain = np.minimum(true.round(), LARGEST - BASELINE)
    low_gain = np.minimum((true / RATIO).round(), LARGEST - BASELINE)
    traces, saturated = recover_saturation(high_gain, low_gain, gain_ratio=RATIO, saturation_adc=LARGEST - BASELINE)
    print(
        f"true sum {true.sum():9.0f}   high gain {high_gain.sum():7.0f}   recovered {traces.sum():9.0f}   "
        f"{'lower limit' if saturated.any() else 'complete'}"
    )
