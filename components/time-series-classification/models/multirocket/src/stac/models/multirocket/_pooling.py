"""Pools the convolutions of a block of series in four ways, in blocked numpy.

A convolution is a matrix, time by instance. Its time points are laid out as `SLABS` slabs, so that sums over all of
them begin as a few additions of long contiguous rows, and counts as additions of bytes, eight at a time.

The longest stretch is found on bits: an instance is one bit of a word, so that an AND of a word with the one some
time points later compares up to 64 instances at once.
"""

from collections.abc import Iterator

import numpy as np

from stac.models.minirocket import ConvolutionBlock, Kernels, Step

SLABS = 16  # the weighted counts of 16 slabs fit in a byte: 1 + ... + 15 = 120
BLOCK_SIZE = 65_536  # numbers in a convolution buffer
INSTANCES = 512  # in a block, at most: their features are held
PAIRS = 16  # of kernel and bias, pooled at once where a convolution buffer is full
EXCESSES = 32_768  # differences from biases that are summed at once
WORDS = {8: np.uint8, 16: np.uint16, 32: np.uint32}  # by instances in a block; of more, 64 are a word


class PoolingBlock(ConvolutionBlock):
    """Pools each pair of kernel and bias: share, mean, mean index and longest stretch of what exceeds the bias."""

    n_pools = 4

    @classmethod
    def instances(cls, n_instances: int, kernels: Kernels, n_jobs: int) -> int:
        """Return how many instances a block holds: as many as the bits of a word, or of several words."""
        share, fits = -(-n_instances // n_jobs), min(max(BLOCK_SIZE // kernels.n_timepoints, 1), INSTANCES)
        even = -(-share // -(-share // fits))
        return next((size for size in (8, 16, 32) if even <= size), max(min(even + 63, fits), 64) // 64 * 64)

    def allocate(self, steps: list[Step]) -> None:
        """Make buffers for flags, for what is above the bias, and for runs of each power of two."""
        n = padded_rows(self.kernels.n_timepoints) * self.size
        most = max(PAIRS * BLOCK_SIZE, n)
        self.flags = np.zeros(most, dtype=np.uint8)
        self.excess = np.zeros(max(EXCESSES, n), dtype=np.float32)
        self.zeros = np.zeros(n, dtype=np.float32)
        self.sums = np.empty(most // SLABS, dtype=np.float32)
        self.counts = np.empty(most, dtype=np.uint8)
        self.runs = run_buffer(most, self.size)

    def pool(self, step: Step) -> Iterator[tuple]:
        """Yield the calls that convolve with all kernels of a step and pool the results into `features`."""
        margin = 0 if step.padded else 4 * step.dilation
        n_rows = self.kernels.n_timepoints - 2 * margin
        n, n_padded, count = n_rows * self.size, padded_rows(n_rows) * self.size, step.biases.shape[1]
        n_pairs = min(len(self.flags) // n_padded, 2 * PAIRS)
        flags = self.flags[: n_pairs * n_padded].reshape(n_pairs, n_padded)
        sums = self.sums[: n_pairs * n_padded // SLABS].reshape(n_pairs, -1)
        features = self.features.reshape(self.n_pools, -1, self.size)[:, step.first_feature :]
        yield np.copyto, flags[:, n:], 0
        places: list[int] = []
        for run in step.runs:
            *calls, outputs = self.convolve(step, run, margin, n)
            yield from calls
            for row, output in enumerate(outputs, run.row):
                first = 0
                while first < count:
                    if len(places) == n_pairs:
                        yield self._pool_pairs, flags, sums, n_rows, np.array(places), features
                        places = []
                    here = slice(len(places), min(len(places) + count - first, n_pairs))
                    n_here = here.stop - here.start
                    biases = step.biases[row, first : first + n_here]
                    yield np.greater, output, biases, flags[here, :n].view(np.bool_)
                    yield self._sum_excess, output, biases, sums[here]
                    places.extend(range(step.rows[row] * count + first, step.rows[row] * count + first + n_here))
                    first += n_here
        yield self._pool_pairs, flags[: len(places)], sums[: len(places)], n_rows, np.array(places), features

    def _sum_excess(self, output: np.ndarray, biases: np.ndarray, sums: np.ndarray) -> None:
        """Sum what is above each bias over the slabs."""
        n, n_padded = len(output), sums.shape[1] * SLABS
        width = len(self.excess) // n_padded
        for f in range(0, len(biases), width):
            some = biases[f : f + width]
            excess = self.excess[: len(some) * n_padded].reshape(len(some), n_padded)
            excess[:, n:] = 0
            np.subtract(output, some, out=excess[:, :n])
            np.maximum(excess[:, :n], self.zeros[:n], out=excess[:, :n])  # a lone 0 instead is several times slower
            np.add.reduce(excess.reshape(len(some), SLABS, -1), axis=1, out=sums[f : f + width])

    def _pool_pairs(
        self, flags: np.ndarray, sums: np.ndarray, n_rows: int, places: np.ndarray, features: np.ndarray
    ) -> None:
        """Turn flags (n_pairs, n) and sums of slabs (n_pairs, n / SLABS) into features (4, n_pairs, size)."""
        counts, index_sums = count_flags(flags, self.size, self.counts)
        excess = np.add.reduce(sums.reshape(len(sums), -1, self.size), axis=1)
        divisors = np.maximum(counts, 1)
        features[0, places] = counts / np.float32(n_rows)
        features[1, places] = excess / divisors
        features[2, places] = np.where(counts > 0, index_sums / divisors, np.float32(-1))
        features[3, places] = longest_stretches(flags, self.size, self.runs)


def padded_rows(n_rows: int) -> int:
    """Return the number of time points in whole slabs, at least one more than there are."""
    return (n_rows // SLABS + 1) * SLABS


def count_flags(flags: np.ndarray, size: int, buffer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of flags of each pair and instance, and the sum of their time points.

    The `buffer` holds as many bytes as there are flags.
    """
    total = flags.view(np.uint64).reshape(len(flags), SLABS, -1)
    sums = buffer[: flags.size // 2].view(np.uint64).reshape(len(flags), SLABS // 2, -1)
    slabs = 0
    for bit in (8, 4, 2, 1):  # halving adds the slabs up; those that have this bit in their number count so much more
        slabs = slabs + np.add.reduce(total[:, bit:], axis=1) * np.uint64(bit)
        total = np.add(total[:, :bit], total[:, bit:], out=sums[:, :bit])
    n_rows = flags.shape[1] // SLABS // size
    index_sums = buffer[flags.size // 2 : flags.size // 4 * 3].view(np.float32).reshape(len(flags), n_rows, size)
    index_sums[...] = slabs.view(np.uint8).reshape(index_sums.shape)
    index_sums *= np.float32(n_rows)
    rows = buffer[flags.size // 4 * 3 : flags.size].view(np.float32).reshape(index_sums.shape)
    rows[...] = total[:, 0].view(np.uint8).reshape(index_sums.shape)
    counts = np.add.reduce(rows, axis=1)
    rows *= np.arange(n_rows, dtype=np.float32)[:, None]
    index_sums += rows
    return counts, np.add.reduce(index_sums, axis=1)


def run_buffer(n_flags: int, size: int) -> np.ndarray:
    """Return room for the words of `n_flags` flags: once for each power of two that a run can have, and two more."""
    word = np.dtype(WORDS.get(size, np.uint64))
    return np.empty((n_flags.bit_length() + 3, n_flags // (8 * word.itemsize)), dtype=word)


def longest_stretches(flags: np.ndarray, size: int, runs: np.ndarray) -> np.ndarray:
    """Return the length of the longest run of flags, for each pair and instance.

    First, find where runs of 1, 2, 4, ... flags begin. Then, from the longest of these down, put one before the run
    found so far wherever the flags allow that.
    """
    n_rows = flags.shape[1] // size  # the last has no flags: no run goes on into what lies behind it
    n_words = flags.size // n_rows // (8 * runs.itemsize)  # of all pairs, side by side
    runs = runs[:, : n_words * n_rows]
    words = np.packbits(flags).view(runs.dtype).reshape(len(flags), n_rows, -1)
    runs[0].reshape(len(flags), -1, n_rows)[...] = words.transpose(0, 2, 1)
    n_powers = 0
    while runs[n_powers].any():
        length = 1 << n_powers
        np.bitwise_and(runs[n_powers, :-length], runs[n_powers, length:], out=runs[n_powers + 1, :-length])
        runs[n_powers + 1, -length:] = 0
        n_powers += 1
    longest = np.zeros((len(flags), size), dtype=np.float32)
    begins = np.invert(runs[n_powers], out=runs[-1])  # nowhere no flag: a run of none can begin anywhere
    half = runs[-2, : n_words * n_rows // 2].reshape(n_words, -1)
    for power in reversed(range(n_powers)):
        length, longer = 1 << power, runs[power]
        np.bitwise_and(longer[:-length], begins[length:], out=longer[:-length])
        halves = longer.reshape(n_words, 2, -1)
        np.bitwise_or(halves[:, 0], halves[:, 1], out=half)
        found = np.bitwise_or.reduce(half, axis=1)
        longest += np.unpackbits(found.view(np.uint8)).reshape(longest.shape) * np.float32(length)
        kept = begins.reshape(n_words, n_rows)
        np.bitwise_and(kept, ~found[:, None], out=kept)
        np.bitwise_or(begins, longer, out=begins)
    return longest
