"""Filters that need no training: they answer to rising, to falling, and to peaks, on scales from 2 to 96."""

import torch
from torch import Tensor
from torch.nn import functional

SCALES = (2, 4, 8, 16, 32, 64)


def handcrafted_filters() -> Tensor:
    """Return the 17 filters, centred in rows of equal length.

    Returns
    -------
    Tensor of shape (17, 96), float32
        Six that alternate between -1 and 1, the same with the sign changed, five of two negative parabolas around a
        positive one.
    """
    rising = [torch.tensor([-1.0, 1.0]).repeat(scale // 2) for scale in SCALES]
    filters = [*rising, *(-each for each in rising), *(_peak(scale) for scale in SCALES[1:])]
    longest = max(map(len, filters))
    before = [(longest - 1) // 2 - (len(each) - 1) // 2 for each in filters]
    return torch.stack([functional.pad(f, (b, longest - b - len(f))) for f, b in zip(filters, before, strict=True)])


def _peak(scale: int) -> Tensor:
    rise = (torch.arange(1, scale // 4 + 1) / (scale // 4)) ** 2
    bump = torch.cat([rise, rise.flip(0)])
    return torch.cat([-bump, 2 * bump, -bump])
