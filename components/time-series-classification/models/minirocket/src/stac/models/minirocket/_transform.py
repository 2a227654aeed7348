"""Convolves blocks of series with all kernels, and counts where the results exceed the biases, in blocked numpy.

A block holds a few instances with time as the outer and the instance as the inner axis. A dilated kernel tap is
then a shift by whole rows: a contiguous view, no copy. Every numpy call works on some ten thousand contiguous
numbers that stay in the cache, writes into a buffer that is used again, and releases the interpreter lock.

The weights of a kernel are -1 and three times 2, so it is alpha, minus the sum of all nine taps, plus gamma, three
times the series, at three taps. Alpha is shared by all kernels of a dilation, the sum with one or two taps by many.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

import numpy as np

from stac.models.minirocket._kernels import KERNEL_LENGTH, KERNELS, N_KERNELS, Kernels

# Measured on 2000 series of 1000 points; the time is flat around these.
BLOCK_SIZE = 65_536  # numbers in a convolution buffer: calls are few, and half a dozen buffers stay in the cache
OUTPUTS = 2  # kernels convolved per call
FLAGS = 16  # comparisons (one-byte rows of BLOCK_SIZE) per call
GROUP_BYTES = 2_048  # bytes added per inner loop of the first counting step
MAX_BYTE = 255
TAPS = KERNELS.tolist()


@dataclass(slots=True)
class Run:
    """Kernels with taps a and b, and c, c + 2, ... in turn."""

    a: int
    b: int
    c: int
    n_thirds: int
    row: int  # of the first of them among the kernels of the step
    new_first: bool  # whether a differs from that of the run before
    new_pair: bool  # whether a or b do


@dataclass(frozen=True)
class Step:
    """Kernels of one dilation that see the same channels and have the same kind of padding."""

    dilation: int
    channels: tuple[int, ...]
    padded: bool
    rows: np.ndarray  # (n_here,) which of the 84 kernels
    biases: np.ndarray  # (n_here, count, 1)
    first_feature: int
    runs: list[Run]


def plan_steps(kernels: Kernels) -> list[Step]:
    """Sort the work so that kernels which share sums stand together."""
    steps = []
    first_feature = 0
    subsets = np.split(kernels.channel_indices, np.cumsum(kernels.channel_counts)[:-1])
    for i, (dilation, count) in enumerate(zip(kernels.dilations, kernels.features_per_dilation, strict=True)):
        biases = kernels.biases[first_feature : first_feature + N_KERNELS * count].reshape(N_KERNELS, count, 1)
        key = {k: (tuple(subsets[i * N_KERNELS + k].tolist()), (i + k) % 2 == 0) for k in range(N_KERNELS)}
        for (channels, padded), members in groupby(sorted(key, key=key.get), key=key.get):
            rows = list(members)
            steps.append(
                Step(int(dilation), channels, padded, np.array(rows), biases[rows], first_feature, find_runs(rows))
            )
        first_feature += N_KERNELS * int(count)
    return steps


def find_runs(rows: list[int]) -> list[Run]:
    """Join kernels with the same first two taps whose third taps are two apart: one call serves them all."""
    runs: list[Run] = []
    last_a = last_b = next_c = None
    for row, kernel in enumerate(rows):
        a, b, c = TAPS[kernel]
        if (a, b, c) == (last_a, last_b, next_c) and runs[-1].n_thirds < OUTPUTS:
            runs[-1].n_thirds += 1
        else:
            runs.append(Run(a, b, c, 1, row, a != last_a, (a, b) != (last_a, last_b)))
        last_a, last_b, next_c = a, b, c + 2
    return runs


def transform_into(
    X: np.ndarray, kernels: Kernels, out: np.ndarray, n_jobs: int, block_type: type["ConvolutionBlock"]
) -> None:
    """Convolve series with kernels, pool the results, and write the features into `out`.

    Parameters
    ----------
    X : ndarray of shape (n_instances, n_channels, n_timepoints), float32
        Series that were checked.
    kernels : Kernels
        Dilations, channels and biases.
    out : ndarray of shape (n_instances, block_type.n_pools * kernels.n_features), float32
        Where the features go.
    n_jobs : int
        Threads, at least 1; each sends its share of the series through a block.
    block_type : type of ConvolutionBlock
        What pools.
    """
    steps = plan_steps(kernels)
    size = block_type.instances(len(X), kernels, n_jobs)
    starts = range(0, len(X), size)

    def work(worker: int) -> None:
        block = block_type(kernels, steps, size)
        for start in starts[worker::n_jobs]:
            block.transform(X[start : start + size], out[start : start + size])

    if n_jobs == 1 or len(starts) == 1:
        n_jobs = 1
        work(0)
        return
    from concurrent.futures import ThreadPoolExecutor  # late: one thread does without it

    with ThreadPoolExecutor(n_jobs) as pool:
        list(pool.map(work, range(n_jobs)))


class ConvolutionBlock(ABC):
    """The buffers of one worker, and the numpy calls on them that turn a block of series into features.

    The calls are laid out once, with all their views, and repeated for every block: what Python does in between,
    which threads cannot share, is next to nothing. What becomes of the convolutions, `pool` says.

    Parameters
    ----------
    kernels : Kernels
        Dilations, channels and biases.
    steps : list of Step
        The work, as `plan_steps` sorts it.
    size : int
        Instances that a block holds, a multiple of 8.
    """

    n_pools: ClassVar[int] = 1  # features of each kernel and bias

    def __init__(self, kernels: Kernels, steps: list[Step], size: int) -> None:
        self.kernels, self.size = kernels, size
        n = kernels.n_timepoints * size
        padded = (kernels.n_timepoints + 2 * kernels.padding) * size
        self.channels = np.zeros((kernels.n_channels, padded), dtype=np.float32)
        self.sum, self.gamma = np.zeros((2, padded), dtype=np.float32)
        self.alpha, self.first, self.pair = np.empty((3, n), dtype=np.float32)
        self.outputs = np.empty(OUTPUTS * n, dtype=np.float32)
        self.features = np.empty((self.n_pools * kernels.n_features, size), dtype=np.float32)
        self.allocate(steps)
        self.calls = list(self.lay_out(steps))

    @classmethod
    def instances(cls, n_instances: int, kernels: Kernels, n_jobs: int) -> int:
        """Return how many instances a block holds: a multiple of 8, so that 8 flags are one 64-bit word."""
        fits = BLOCK_SIZE // kernels.n_timepoints
        share = -(-n_instances // n_jobs)
        return max(8, min(fits, share + 7) // 8 * 8)

    @abstractmethod
    def allocate(self, steps: list[Step]) -> None:
        """Make the buffers that `pool` needs."""

    @abstractmethod
    def pool(self, step: Step) -> Iterator[tuple]:
        """Yield the calls that convolve with all kernels of a step and pool the results into `features`."""

    def transform(self, X: np.ndarray, out: np.ndarray) -> None:
        """Write the features of up to `size` instances into `out`."""
        padding, n_timepoints = self.kernels.padding, self.kernels.n_timepoints
        series = self.channels.reshape(self.kernels.n_channels, -1, self.size)
        series[:, padding : padding + n_timepoints, : len(X)] = X.transpose(1, 2, 0)
        for function, *arguments in self.calls:
            function(*arguments)
        out[...] = self.features[:, : len(X)].T

    def lay_out(self, steps: list[Step]) -> Iterator[tuple]:
        """Yield the calls of all steps, each a function and its arguments, of which the last is the output."""
        previous = None
        for step in steps:
            if (step.dilation, step.channels) != previous:
                previous = step.dilation, step.channels
                yield from self.prepare(step)
            yield from self.pool(step)

    def prepare(self, step: Step) -> Iterator[tuple]:
        """Sum the channels that the step sees, and compute alpha and gamma of the sum."""
        series = self.channels[step.channels[0]]
        for channel in step.channels[1:]:
            yield np.add, series, self.channels[channel], self.sum
            series = self.sum
        taps = [self._shifted(series, step.dilation, tap, 0) for tap in range(KERNEL_LENGTH)]
        yield np.negative, taps[4], self.alpha
        for tap in (0, 1, 2, 3, 5, 6, 7, 8):
            yield np.subtract, self.alpha, taps[tap], self.alpha
        yield np.multiply, series, np.float32(3), self.gamma

    def convolve(self, step: Step, run: Run, margin: int, n: int) -> Iterator[tuple | np.ndarray]:
        """Yield the calls that add three taps to alpha for the kernels of a run, and last where they end up."""
        first, pair = self.first[:n], self.pair[:n]
        outputs = self.outputs[: run.n_thirds * n].reshape(run.n_thirds, n)
        if run.new_first:
            alpha = self.alpha[margin * self.size :][:n]
            yield np.add, alpha, self._shifted(self.gamma, step.dilation, run.a, margin)[:n], first
        if run.new_pair:
            yield np.add, first, self._shifted(self.gamma, step.dilation, run.b, margin)[:n], pair
        offset = self._offset(step.dilation, run.c, margin)
        strides = 2 * step.dilation * self.size * self.gamma.itemsize, self.gamma.itemsize
        thirds = np.ndarray(outputs.shape, np.float32, self.gamma, offset * self.gamma.itemsize, strides)
        yield np.add, pair, thirds, outputs
        yield outputs

    def _shifted(self, series: np.ndarray, dilation: int, tap: int, margin: int) -> np.ndarray:
        """Return the padded series as a tap of the kernel sees it, from `margin` points after its start."""
        return series[self._offset(dilation, tap, margin) :][: len(self.alpha)]

    def _offset(self, dilation: int, tap: int, margin: int) -> int:
        return (self.kernels.padding + (tap - KERNEL_LENGTH // 2) * dilation + margin) * self.size


class CountingBlock(ConvolutionBlock):
    """Counts, for every kernel and bias, the time points where the convolution exceeds the bias."""

    def allocate(self, steps: list[Step]) -> None:
        """Make buffers for flags, and for their sums."""
        group = self._group_rows(self.kernels.n_timepoints)
        self.flags = np.zeros(FLAGS * (self.kernels.n_timepoints + group) * self.size, dtype=np.uint8)
        self.sums = np.empty(max(step.biases.size for step in steps) * group * self.size // 8, dtype=np.uint64)

    def pool(self, step: Step) -> Iterator[tuple]:
        """Count, for all kernels of a step, the time points where the convolution exceeds each bias."""
        margin = 0 if step.padded else 4 * step.dilation
        n_rows = self.kernels.n_timepoints - 2 * margin
        n, group = n_rows * self.size, self._group_rows(n_rows)
        n_groups, group_words = -(-n_rows // group), group * self.size // 8
        n_kernels, count, _ = step.biases.shape
        flags = self.flags[: FLAGS * n_groups * group * self.size].reshape(FLAGS, -1)
        words = flags.view(np.uint64).reshape(FLAGS, n_groups, group_words)
        sums = self.sums[: n_kernels * count * group_words].reshape(n_kernels, count, group_words)
        yield np.copyto, flags[:, n:], 0
        for run in step.runs:
            *calls, outputs = self.convolve(step, run, margin, n)
            yield from calls
            for f in range(0, count, FLAGS // len(outputs)):
                here = slice(run.row, run.row + len(outputs)), slice(f, f + FLAGS // len(outputs))
                biases = step.biases[here]
                used, shape = biases.size, biases.shape[:2]
                yield np.greater, outputs[:, None], biases, flags[:used, :n].reshape(*shape, n).view(np.bool_)
                yield np.add.reduce, words[:used].reshape(*shape, n_groups, group_words), 2, None, sums[here]
        features = self.features[step.first_feature :][: N_KERNELS * count].reshape(N_KERNELS, count, self.size)
        yield add_rows, sums, n_groups, n_rows, step.rows, features

    def _group_rows(self, n_rows: int) -> int:
        """Return how many rows of time are added side by side: wide enough to be quick, few enough for a byte."""
        return max(GROUP_BYTES // self.size, -(-n_rows // MAX_BYTE), 1)


def add_rows(sums: np.ndarray, largest: int, n_rows: int, kernels: np.ndarray, features: np.ndarray) -> None:
    """Finish the count: add what lies side by side (bytes, each at most `largest`) and store shares of `n_rows`."""
    size = features.shape[-1]
    rows = sums.shape[-1] * 8 // size
    # As long as no byte can overflow, eight are added at once; widening them is what costs.
    while rows % 2 == 0 and largest * 2 <= MAX_BYTE:
        rows, largest, half = rows // 2, largest * 2, sums.shape[-1] // 2
        sums = np.add(sums[..., :half], sums[..., half:], out=sums[..., :half])
    counts = np.add.reduce(sums.view(np.uint8).reshape(*sums.shape[:-1], rows, size), axis=-2, dtype=np.uint32)
    features[kernels] = counts / np.float32(n_rows)
