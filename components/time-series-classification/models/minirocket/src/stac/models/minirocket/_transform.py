"""The MiniROCKET transform in blocked numpy: which kernels, dilations and biases, and how positives are counted.

A block holds a few instances with time as the outer and the instance as the inner axis. A dilated kernel tap is
then a shift by whole rows: a contiguous view, no copy. Every numpy call works on some ten thousand contiguous
numbers that stay in the cache, writes into a buffer that is used again, and releases the interpreter lock.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations, groupby

import numpy as np

KERNEL_LENGTH = 9
KERNELS = np.array(list(combinations(range(KERNEL_LENGTH), 3)))  # where the weight is 2; it is -1 elsewhere
N_KERNELS = len(KERNELS)  # 84

# Measured on 2000 series of 1000 points; the time is flat around these.
BLOCK_SIZE = 65_536  # numbers in a convolution buffer: calls are few, and half a dozen buffers stay in the cache
OUTPUTS = 2  # kernels convolved per call
FLAGS = 16  # comparisons (one-byte rows of BLOCK_SIZE) per call
GROUP_BYTES = 2_048  # bytes added per inner loop of the first counting step
MAX_BYTE = 255


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


# --------------------------------------------------------------------------------------------------- fitting


def fit_kernels(X: np.ndarray, n_features: int, max_dilations: int, random_state: int | None) -> Kernels:
    """Choose dilations, channels and biases for `X` (n_instances, n_channels, n_timepoints) float32."""
    n_instances, n_channels, n_timepoints = X.shape
    dilations, counts = choose_dilations(n_timepoints, n_features, max_dilations)
    n_combinations = N_KERNELS * len(dilations)
    seed = np.random.SeedSequence().generate_state(1)[0] if random_state is None else random_state
    channel_counts, channel_indices = draw_channels(n_channels, n_combinations, seed)
    instances = np.random.RandomState(seed).randint(n_instances, size=n_combinations)
    quantiles = golden_quantiles(N_KERNELS * counts.sum())
    channels = np.split(channel_indices, np.cumsum(channel_counts)[:-1])
    biases = np.empty(len(quantiles), dtype=np.float32)
    first = 0
    for i, (dilation, count) in enumerate(zip(dilations, counts, strict=True)):
        for kernel, taps in enumerate(KERNELS):
            combination = i * N_KERNELS + kernel
            series = X[instances[combination]][channels[combination]]
            output = np.sort(convolve(series, taps, dilation)).astype(np.float64)
            positions = quantiles[first : first + count] * (n_timepoints - 1)
            low = np.minimum(positions.astype(np.intp), n_timepoints - 2)
            share = positions - low
            biases[first : first + count] = output[low] + share * (output[low + 1] - output[low])
            first += count
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


def convolve(channels: np.ndarray, taps: np.ndarray, dilation: int) -> np.ndarray:
    """Convolve the sum of `channels` with one kernel: the same additions in the same order as in a block.

    A bias is often exactly a value that the convolution takes (series with plateaus), so a different rounding
    here would decide such ties at random.
    """
    n_timepoints = channels.shape[1]
    padding = KERNEL_LENGTH // 2 * dilation
    series = np.zeros(n_timepoints + 2 * padding, dtype=np.float32)
    for channel in channels:
        series[padding : padding + n_timepoints] += channel
    shifted = [series[tap * dilation : tap * dilation + n_timepoints] for tap in range(KERNEL_LENGTH)]
    output = -shifted[4]
    for tap in (0, 1, 2, 3, 5, 6, 7, 8):
        output -= shifted[tap]
    for tap in taps:
        output += np.float32(3) * shifted[tap]
    return output


# ---------------------------------------------------------------------------------------------- transforming


@dataclass(frozen=True)
class Step:
    """Kernels of one dilation that see the same channels and have the same kind of padding."""

    dilation: int
    channels: tuple[int, ...]
    padded: bool
    rows: np.ndarray  # the kernels' rows in (n_dilations' first feature + kernel * count)
    biases: np.ndarray  # (n_kernels_here, count, 1)
    first_feature: int
    runs: tuple[tuple[int, int, int, int, int], ...]  # first tap, second, third, how many thirds (2 apart), row


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
