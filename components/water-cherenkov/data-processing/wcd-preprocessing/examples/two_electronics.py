"""The same pulse of 20 VEM, digitised by Auger's first and by its upgraded electronics, comes out the same."""

from types import SimpleNamespace

import numpy as np

from stac.data_processing.wcd_preprocessing import WcdPreprocessing

common = {"n_pmts": 3, "gain_ratio": 32.0}
first = SimpleNamespace(
    n_bins=768, bin_ns=25.0, n_bits=10, noise_adc=0.5, vem_peak_adc=35.0, vem_charge_adc=113.0, start_bin=240, **common
)
upgraded = SimpleNamespace(
    n_bins=2048,
    bin_ns=25 / 3,
    n_bits=12,
    noise_adc=2.0,
    vem_peak_adc=215.0,
    vem_charge_adc=1600.0,
    start_bin=660,
    **common,
)

rng = np.random.default_rng(0)
for name, detector in {"first": first, "upgraded": upgraded}.items():
    age = np.arange(detector.n_bins) - detector.start_bin
    pulse = np.where(age < 0, 0, np.exp(-age * detector.bin_ns / 300))
    signal = 20 * detector.vem_charge_adc * pulse / pulse.sum()
    counts = 50 + signal + rng.normal(0, detector.noise_adc, (100, 3, detector.n_bins))

    stations = WcdPreprocessing.for_detector(detector).transform(counts.round())
    print(
        f"{name:8s} traces {stations.traces_vem_peak.shape}, start at bin {stations.start[0]}, "
        f"signal {stations.signal_vem_charge.mean():.2f} ± {stations.signal_vem_charge.std():.2f} VEM"
    )
