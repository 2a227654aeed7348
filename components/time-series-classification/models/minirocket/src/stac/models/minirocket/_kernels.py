"""Chooses the kernels of MiniROCKET: their dilations, the channels they see, and their biases."""

from dataclasses import dataclass, fields
from itertools import combinations
from typing import Self

import numpy as np

KERNEL_LENGTH = 9
KERNELS = np.array(list(combinations(range(KERNEL_LENGTH), 3)))  # where the weight is 2; it is -1 elsewhere
N_KERNELS = len(KERNELS)  # 84
BLOCK_SIZE = 131_072  # numbers of the convolutions that are held at once


@dataclass(frozen=True)
class Kernels:
    """Everything the transform needs: what `fit_kernels` finds out and what is saved to a file."""

    n_channels: int
    n_timepoints: int
    dilations: np.ndarray  # (n_dilations,) int32
    features_per_dilation: np.ndarray  # (n_dilations,) int32, features of each of the 84 kernels
    channel_counts: np.ndarray  # (n_dilations * 84,) int32, channels that each kernel sees
    channel_indices: np.ndarray  # (sum of channel_counts,) int32, the channels, one kernel after the other
    biases: np.ndarray  # (n_features,) float32, ordered by dilation, kernel, feature

    @property
    def n_features(self) -> int:
        return len(self.biases)

    @property
    def padding(self) -> int:
        return KERNEL_LENGTH // 2 * int(self.dilations.max())

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return what is saved to a file, by name."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> Self:
        """Take out of `arrays` what `to_arrays` gave; what is missing raises ``KeyError``."""
        found = {field.name: arrays.pop(field.name) for field in fields(cls)}
        return cls(**found | {name: int(found[name]) for name in ("n_channels", "n_timepoints")})


def fit_kernels(X: np.ndarray, n_features: int, max_dilations: int, random_state: int | None) -> Kernels:
    """Choose dilations, channels and biases.

    Parameters
    ----------
    X : ndarray of shape (n_instances, n_channels, n_timepoints), float32
        Training series that were checked.
    n_features : int
        Pairs of kernel and bias wanted; rounded down to a multiple of 84.
    max_dilations : int
        Dilations of each kernel, at most.
    random_state : int or None
        Seed; None draws another one each time.

    Returns
    -------
    Kernels
        What was chosen.
    """
    n_instances, n_channels, n_timepoints = X.shape
    dilations, counts = choose_dilations(n_timepoints, n_features, max_dilations)
    n_combinations = N_KERNELS * len(dilations)
    seed = np.random.SeedSequence().generate_state(1)[0] if random_state is None else random_state
    channel_counts, channel_indices = draw_channels(n_channels, n_combinations, seed)
    instances = np.random.RandomState(seed).randint(n_instances, size=n_combinations)
    quantiles = golden_quantiles(N_KERNELS * counts.sum())
    channels = np.split(channel_indices, np.cumsum(channel_counts)[:-1])
    biases = np.empty(len(quantiles), dtype=np.float32)
    size = max(BLOCK_SIZE // n_timepoints, 1)
    first = 0
    for i, (dilation, count) in enumerate(zip(dilations, counts, strict=True)):
        for start in range(0, N_KERNELS, size):
            taps = KERNELS[start : start + size]
            here = slice(i * N_KERNELS + start, i * N_KERNELS + start + len(taps))
            output = np.sort(convolve(sum_channels(X, instances[here], channels[here]), taps, dilation), axis=1)
            positions = quantiles[first : first + len(taps) * count].reshape(-1, count) * (n_timepoints - 1)
            low = np.minimum(positions.astype(np.intp), n_timepoints - 2)
            below, above = (np.take_along_axis(output, at, axis=1).astype(np.float64) for at in (low, low + 1))
            biases[first : first + positions.size] = (below + (positions - low) * (above - below)).ravel()
            first += positions.size
    return Kernels(n_channels, n_timepoints, dilations, counts, channel_counts, channel_indices, biases)


def choose_dilations(n_timepoints: int, n_features: int, max_dilations: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct dilations, exponentially spaced, and how many features each kernel gets at each."""
    per_kernel = max(n_features // N_KERNELS, 1)
    n_dilations = min(per_kernel, max_dilations)
    largest_exponent = np.log2((n_timepoints - 1) / (KERNEL_LENGTH - 1))
    spaced = np.logspace(0, largest_exponent, n_dilations, base=2).astype(np.int32)
    dilations, repeats = np.unique(spaced, return_counts=True)
    counts = (repeats * (per_kernel / n_dilations)).astype(np.int32)
    # What rounding down has lost goes to the smallest dilations, one feature each.
    counts += np.bincount(np.arange(per_kernel - counts.sum()) % len(counts), minlength=len(counts)).astype(np.int32)
    return dilations, counts


def draw_channels(n_channels: int, n_combinations: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a random subset of channels for every kernel at every dilation; small subsets are as likely as big."""
    random = np.random.RandomState(seed)
    largest_exponent = np.log2(min(n_channels, KERNEL_LENGTH) + 1)
    counts = (2 ** random.uniform(0, largest_exponent, n_combinations)).astype(np.int32)
    if n_channels == 1:
        return counts, np.zeros(n_combinations, dtype=np.int32)
    subsets = [np.sort(random.choice(n_channels, count, replace=False)) for count in counts]
    return counts, np.concatenate(subsets).astype(np.int32)


def golden_quantiles(n: int) -> np.ndarray:
    """Return the first `n` members of the low-discrepancy sequence of the golden ratio, in [0, 1)."""
    return (np.arange(1, n + 1) * ((np.sqrt(5) + 1) / 2) % 1).astype(np.float32).astype(np.float64)


def sum_channels(X: np.ndarray, instances: np.ndarray, channels: list[np.ndarray]) -> np.ndarray:
    """Return, for each kernel, the sum of the channels that it sees of the instance drawn for it."""
    series = X[instances, [subset[0] for subset in channels]]
    for place in range(1, max(map(len, channels))):
        rows = [row for row, subset in enumerate(channels) if len(subset) > place]
        series[rows] += X[instances[rows], [channels[row][place] for row in rows]]
    return series


def convolve(series: np.ndarray, taps: np.ndarray, dilation: int) -> np.ndarray:
    """Convolve each row with its kernel: the same additions in the same order as in a block.

    A bias is often exactly a value that the convolution takes (series with plateaus), so a different rounding
    here would decide such ties at random.
    """
    n_rows, n_timepoints = series.shape
    padding = KERNEL_LENGTH // 2 * dilation
    padded = np.zeros((n_rows, n_timepoints + 2 * padding), dtype=np.float32)
    padded[:, padding : padding + n_timepoints] = series
    # (n_rows, 9, n_timepoints): the series as each tap sees it
    shifted = np.lib.stride_tricks.sliding_window_view(padded, n_timepoints, axis=1)[:, ::dilation]
    output = -shifted[:, 4]
    for tap in (0, 1, 2, 3, 5, 6, 7, 8):
        output -= shifted[:, tap]
    padded *= np.float32(3)
    for tap in taps.T:
        output += shifted[np.arange(n_rows), tap]
    return output
