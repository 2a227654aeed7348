"""One station with a pulse in three PMTs, as a network sees it in five epochs."""

import torch

from stac.data_processing.trace_augmentation import TraceAugmentation

pulse = torch.exp(-torch.arange(20.0) / 2.4)
traces = torch.nn.functional.pad(pulse, (10, 0)).repeat(1, 3, 1)  # starts in bin 10
pmt_mask = torch.ones(1, 3, dtype=torch.bool)
augmentation = TraceAugmentation(pmt_dropout=0.2, time_jitter=3, gain=0.1)
generator = torch.Generator().manual_seed(1)

print("working PMTs         first bin  charges")
for _ in range(5):
    varied, mask = augmentation((traces, pmt_mask), generator)
    first = int((varied[0].amax(0) > 0.5).nonzero()[0])
    charges = " ".join(f"{charge:5.2f}" for charge in varied[0].sum(-1).tolist())
    print(f"{mask[0].tolist()!s:20s} {first:9d}  {charges}")
