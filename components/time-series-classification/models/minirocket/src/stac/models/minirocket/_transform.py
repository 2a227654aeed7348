"""Counts, for every kernel and bias, the time points where the convolution exceeds the bias, in blocked numpy.

A block holds a few instances with time as the outer and the instance as the inner axis. A dilated kernel tap is
then a shift by whole rows: a contiguous view, no copy. Every numpy call works on some ten thousand contiguous
numbers that stay in the cache, writes into a buffer that is used again, and releases the interpreter lock.

The weights of a kernel are -1 and three times 2, so it is alpha, minus the sum of all nine taps, plus gamma, three
times the series, at three taps. Alpha is shared by all kernels of a dilation, the sum with one or two taps by many.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from stac.models.minirocket._kernels import KERNELS, N_KERNELS, Kernels

# Measured on 2000 series of 1000 points; the time is flat around these.
BLOCK_SIZE = 65_536  # numbers in a convolution buffer: calls are few, and half a dozen buffers stay in the cache
OUTPUTS = 2  # kernels convolved per call
FLAGS = 16  # comparisons (one-byte rows of BLOCK_SIZE) per call
GROUP_BYTES = 2_048  # bytes added per inner loop of the first counting step
MAX_BYTE = 255


@dataclass(frozen=True)
class Step:
    """Kernels of one dilation that see the same channels and have the same kind of padding."""

    dilation: int
    channels: tuple[int, ...]
    padded: bool
    rows: np.ndarray  # (n_here,) which of the 84 kernels
    biases: np.ndarray  # (n_here, count, 1)
    first_feature: int
    runs: tuple[tuple[int, int, int, int, int], ...]  # taps a, b, c; how many taps c, c + 2, ...; row in biases


def plan_steps(kernels: Kernels) -> list[Step]:
    """Sort the work so that kernels which share sums stand together."""
    steps = []
    first_feature = 0
    subsets = np.split(kernels.channel_indices, np.cumsum(kernels.channel_counts)[:-1])
    for i, (dilation, count) in enumerate(zip(kernels.dilations, kernels.features_per_dilation, strict=True)):
        biases = kernels.biases[first_feature : first_feature + N_KERNELS * count].reshape(N_KERNELS, count, 1)
        key = {k: (tuple(subsets[i * N_KERNELS + k].tolist()), (i + k) % 2 == 0) for k in range(N_KERNELS)}
        for (channels, padded), members in groupby(sorted(key, key=key.get), key=key.get):
            rows = np.array(list(members))
            steps.append(Step(int(dilation), channels, padded, rows, biases[rows], first_feature, _runs(rows)))
        first_feature += N_KERNELS * int(count)
    return steps


def _runs(rows: np.ndarray) -> tuple[tuple[int, int, int, int, int], ...]:
    """Join kernels with the same first two taps whose third taps are two apart: one call serves them all."""
    runs: list[list[int]] = []
    for row, kernel in enumerate(rows):
        a, b, c = KERNELS[kernel].tolist()
        if runs and runs[-1][:2] == [a, b] and c == runs[-1][2] + 2 * runs[-1][3] and runs[-1][3] < OUTPUTS:
            runs[-1][3] += 1
        else:
            runs.append([a, b, c, 1, row])
    return tuple(tuple(run) for run in runs)


def transform_into(X: np.ndarray, kernels: Kernels, out: np.ndarray, n_jobs: int) -> None:
    """Write the features of `X` (n, n_channels, n_timepoints) float32 into `out` (n, n_features)."""
    steps = plan_steps(kernels)
    size = block_instances(len(X), kernels, n_jobs)
    starts = range(0, len(X), size)

    def work(worker: int) -> None:
        block = Block(kernels, steps, size)
        for start in starts[worker::n_jobs]:
            block.features(X[start : start + size], out[start : start + size])

    if n_jobs == 1 or len(starts) == 1:
        n_jobs = 1
        work(0)
        return
    with ThreadPoolExecutor(n_jobs) as pool:
        list(pool.map(work, range(n_jobs)))


def block_instances(n_instances: int, kernels: Kernels, n_jobs: int) -> int:
    """Return how many instances a block holds: a multiple of 8, so that 8 flags are one 64-bit word."""
    fits = BLOCK_SIZE // kernels.n_timepoints
    share = -(-n_instances // n_jobs)
    return max(8, min(fits, share + 7) // 8 * 8)


class Block:
    """The buffers of one worker and the loop over all kernels for one block of instances."""

    def __init__(self, kernels: Kernels, steps: list[Step], size: int) -> None:
        self.kernels, self.steps, self.size = kernels, steps, size
        n = kernels.n_timepoints * size
        rows = (kernels.n_timepoints + 2 * kernels.padding) * size
        self.channels = np.zeros((kernels.n_channels, rows), dtype=np.float32)
        self.gamma = np.zeros(rows, dtype=np.float32)
        self.alpha, self.first, self.pair = np.empty((3, n), dtype=np.float32)
        self.outputs = np.empty(OUTPUTS * n, dtype=np.float32)
        self.counts = np.empty((kernels.n_features, size), dtype=np.float32)
        group = self.group_rows(kernels.n_timepoints)
        self.flags = np.zeros(FLAGS * (kernels.n_timepoints + group) * size, dtype=np.uint8)

    def group_rows(self, n_rows: int) -> int:
        """Return how many rows of time are added side by side: wide enough to be quick, few enough for a byte."""
        return max(GROUP_BYTES // self.size, -(-n_rows // MAX_BYTE), 1)

    def features(self, X: np.ndarray, out: np.ndarray) -> None:
        """Write the features of up to `size` instances into `out`."""
        padding, n_timepoints = self.kernels.padding, self.kernels.n_timepoints
        view = self.channels.reshape(self.kernels.n_channels, -1, self.size)
        view[:, padding : padding + n_timepoints, : len(X)] = X.transpose(1, 2, 0)
        previous = None
        for step in self.steps:
            if previous is None or (step.dilation, step.channels) != previous:
                previous = step.dilation, step.channels
                self.prepare(step)
            self.count(step)
        out[...] = self.counts[:, : len(X)].T

    def prepare(self, step: Step) -> None:
        """Sum the step's channels; alpha is minus the sum of all nine taps, gamma three times the series."""
        series = self.channels[step.channels[0]]
        for channel in step.channels[1:]:
            series = series + self.channels[channel]
        n, width = len(self.alpha), step.dilation * self.size
        first = (self.kernels.padding - 4 * step.dilation) * self.size
        np.negative(series[first + 4 * width : first + 4 * width + n], out=self.alpha)
        for tap in (0, 1, 2, 3, 5, 6, 7, 8):
            np.subtract(self.alpha, series[first + tap * width : first + tap * width + n], out=self.alpha)
        np.multiply(series, np.float32(3), out=self.gamma)

    def count(self, step: Step) -> None:
        """Count, for all kernels of a step, the time points where the convolution exceeds each bias."""
        size, width = self.size, step.dilation * self.size
        margin = 0 if step.padded else 4 * step.dilation
        n_rows = self.kernels.n_timepoints - 2 * margin
        n = n_rows * size
        start = (self.kernels.padding - 4 * step.dilation + margin) * size
        alpha = self.alpha[margin * size : margin * size + n]
        first, pair = self.first[:n], self.pair[:n]
        outputs = self.outputs[: OUTPUTS * n].reshape(OUTPUTS, n)
        group = self.group_rows(n_rows)
        n_groups = -(-n_rows // group)
        flags = self.flags[: FLAGS * n_groups * group * size].reshape(FLAGS, -1)
        flags[:, n:] = 0
        words = flags.view(np.uint64).reshape(FLAGS, n_groups, -1)
        n_kernels, count, _ = step.biases.shape
        sums = np.empty((n_kernels, count, group * size // 8), dtype=np.uint64)
        last_a = last_b = None
        for a, b, c, n_thirds, row in step.runs:
            if a != last_a:
                np.add(alpha, self.gamma[start + a * width :][:n], out=first)
            if (a, b) != (last_a, last_b):
                np.add(first, self.gamma[start + b * width :][:n], out=pair)
            last_a, last_b = a, b
            thirds = np.ndarray((n_thirds, n), np.float32, self.gamma, 4 * (start + c * width), (8 * width, 4))
            np.add(pair, thirds, out=outputs[:n_thirds])
            at_once = FLAGS // n_thirds
            for f in range(0, count, at_once):
                biases = step.biases[row : row + n_thirds, f : f + at_once]
                used = n_thirds * biases.shape[1]
                shape = n_thirds, biases.shape[1]
                np.greater(outputs[:n_thirds, None], biases, out=flags[:used, :n].reshape(*shape, n).view(np.bool_))
                np.add.reduce(
                    words[:used].reshape(*shape, n_groups, -1),
                    axis=2,
                    out=sums[row : row + n_thirds, f : f + at_once],
                )
        totals = add_rows(sums, n_groups, size)
        block = self.counts[step.first_feature : step.first_feature + N_KERNELS * count]
        block.reshape(N_KERNELS, count, size)[step.rows] = totals / np.float32(n_rows)


def add_rows(sums: np.ndarray, largest: int, size: int) -> np.ndarray:
    """Add the rows (of `size` bytes, each at most `largest`) that lie side by side in the last axis."""
    *shape, n_words = sums.shape
    rows = n_words * 8 // size
    # As long as bytes cannot overflow, eight are added at once; widening them is what costs.
    halvings = 0
    while rows % 2 == 0 and largest * 2 <= MAX_BYTE:
        rows, largest, halvings = rows // 2, largest * 2, halvings + 1
    for _ in range(halvings):
        half = sums.shape[-1] // 2
        sums = np.add(sums[..., :half], sums[..., half:], out=sums[..., :half])
    return np.add.reduce(sums.view(np.uint8).reshape(*shape, rows, size), axis=-2, dtype=np.uint32)
