"""One muon is 1 VEM in both units, but the samples of its trace in VEM peak do not add up to 1."""

import numpy as np

from stac.data_processing.vem_calibration import to_vem_charge, to_vem_peak

VEM_PEAK_ADC, VEM_CHARGE_ADC = 35.0, 113.0  # an Auger station: height of the pulse, its area in counts times bins
bins = np.arange(20)
pulse = np.where(bins < 3, 0, np.exp(-(bins - 3) * 25 / 60))
traces_adc = (pulse * VEM_PEAK_ADC)[None, None]

traces_vem_peak = to_vem_peak(traces_adc, VEM_PEAK_ADC)
charge_vem = to_vem_charge(traces_adc, VEM_CHARGE_ADC)
print(f"highest sample {traces_vem_peak.max():.2f} VEM peak")
print(f"sum of samples {traces_vem_peak.sum():.2f} VEM peak times bins")
print(f"signal         {charge_vem[0, 0]:.2f} VEM charge")
