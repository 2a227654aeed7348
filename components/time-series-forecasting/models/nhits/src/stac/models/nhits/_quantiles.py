"""The quantiles that networks learn, their loss, and quantiles between and beyond them."""

from statistics import NormalDist

import numpy as np
import torch
from torch import Tensor

LEVELS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)
MEDIAN = LEVELS.index(0.5)
SCORES = np.array([NormalDist().inv_cdf(level) for level in LEVELS])


def pinball(output: Tensor, target: Tensor) -> Tensor:
    """Return the mean pinball loss of quantiles (n, horizon, n_levels) for values and weights (n, 2, horizon)."""
    levels = torch.tensor(LEVELS, dtype=output.dtype, device=output.device)
    error, weight = target[:, 0, :, None] - output, target[:, 1, :, None]
    loss = torch.maximum(levels * error, (levels - 1) * error) * weight
    return loss.sum() / (weight.sum() * len(LEVELS)).clamp(min=1)


def quantile_at(values: np.ndarray, level: float) -> np.ndarray:
    """Return a quantile of any level out of sorted ones (..., n_levels): straight lines over the normal score."""
    score = NormalDist().inv_cdf(level)
    i = int(np.clip(np.searchsorted(SCORES, score) - 1, 0, len(SCORES) - 2))
    share = (score - SCORES[i]) / (SCORES[i + 1] - SCORES[i])
    low, high = values[..., i], values[..., i + 1]
    line = low + share * (high - low)
    return np.minimum(line, high) if share <= 1 else line  # rounding must not make quantiles cross
