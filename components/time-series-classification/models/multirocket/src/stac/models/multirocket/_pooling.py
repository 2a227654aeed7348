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
PAIRS = 16  # of kernel and bias, pooled at once where series are long
EXCESSES = 32_768  # differences from biases that are summed at once
WORDS = {8: np.uint8, 16: np.uint16, 32: np.uint32, 64: np.uint64}  # by instances in a block


class PoolingBlock(ConvolutionBlock):
    """Pools each pair of kernel and bias: share, mean, mean index and longest stretch of what exceeds the bias."""

    n_pools = 4

    @classmethod
    def instances(cls, n_instances: int, kernels: Kernels, n_jobs: int) -> int:
        """Return how many instances a block holds: as many as a word has bits."""
        wanted = min(BLOCK_SIZE // kernels.n_timepoints, -(-n_instances // n_jobs))
        return next((size for size in (64, 32, 16) if size < wanted * 2), 8)

    def allocate(self, steps: list[Step]) -> None:
        """Make buffers for flags, for what is above the bias, and for runs of each power of two."""
        n = padded_rows(self.kernels.n_timepoints) * self.size
        most = PAIRS * max(n, BLOCK_SIZE)
        self.flags = np.zeros(most, dtype=np.uint8)
        self.excess = np.zeros(max(EXCESSES, n), dtype=np.float32)
        self.zeros = np.zeros(n, dtype=np.float32)
        self.sums = np.empty(most // SLABS, dtype=np.float32)
        self.runs = run_buffer(most, self.size)

    def pool(self, step: Step) -> Iterator[tuple]:
        """Yield the calls that convolve with all kernels of a step and pool the results into `features`."""
        margin = 0 if step.padded else 4 * step.dilation
        n_rows = self.kernels.n_timepoints - 2 * margin
        n, n_padded, count = n_rows * self.size, padded_rows(n_rows) * self.size, step.biases.shape[1]
        n_pairs = len(self.flags) // n_padded
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
            np.maximum(excess[:, :n], self.zeros[:n], out=excess[:, :n])  # numpy is slow with a lone 0 instead
            np.add.reduce(excess.reshape(len(some), SLABS, -1), axis=1, out=sums[f : f + width])

    def _pool_pairs(
        self, flags: np.ndarray, sums: np.ndarray, n_rows: int, places: np.ndarray, features: np.ndarray
    ) -> None:
        """Turn flags (n_pairs, n) and sums of slabs (n_pairs, n / SLABS) into features (4, n_pairs, size)."""
        counts, index_sums = count_flags(flags, self.size)
        excess = np.add.reduce(sums.reshape(len(sums), -1, self.size), axis=1)
        divisors = np.maximum(counts, 1)
        features[0, places] = counts / np.float32(n_rows)
        features[1, places] = excess / divisors
        features[2, places] = np.where(counts > 0, index_sums / divisors, np.float32(-1))
        features[3, places] = longest_stretches(flags, self.runs)


def padded_rows(n_rows: int) -> int:
    """Return the number of time points in whole slabs, at least one more than there are."""
    return (n_rows // SLABS + 1) * SLABS


def count_flags(flags: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of flags of each pair and instance, and the sum of their time points."""
    total = flags.view(np.uint64).reshape(len(flags), SLABS, -1)
    slabs, half = 0, SLABS
    while half > 1:  # halving adds the slabs up; those that have this bit in their number count so much more
        half //= 2
        slabs = slabs + np.add.reduce(total[:, half:], axis=1) * np.uint64(half)
        total = total[:, :half] + total[:, half:]
    total, slabs = (a.view(np.uint8).reshape(len(flags), -1, size).astype(np.float32) for a in (total, slabs))
    n_rows = total.shape[1]
    counts = np.add.reduce(total, axis=1)
    slabs *= np.float32(n_rows)
    total *= np.arange(n_rows, dtype=np.float32)[:, None]
    total += slabs
    return counts, np.add.reduce(total, axis=1)


def run_buffer(n_flags: int, size: int) -> np.ndarray:
    """Return room for the words of `n_flags` flags, once for each power of two that a run of them can have."""
    return np.empty((n_flags.bit_length() + 1, n_flags // size), dtype=WORDS[size])


def longest_stretches(flags: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """Return the length of the longest run of flags, for each pair and instance.

    First, find where runs of 1, 2, 4, ... flags begin. Then, from the longest of these down, put one before the run
    found so far wherever the flags allow that.
    """
    n_pairs, size = len(flags), runs.dtype.itemsize * 8
    n_rows = flags.shape[1] // size  # the last has no flags: no run goes on into the next pair
    runs = runs[:, : n_pairs * n_rows]
    runs[0] = np.packbits(flags).view(runs.dtype)
    n_powers = 0
    while runs[n_powers].any():
        length = 1 << n_powers
        np.bitwise_and(runs[n_powers, :-length], runs[n_powers, length:], out=runs[n_powers + 1, :-length])
        runs[n_powers + 1, -length:] = 0
        n_powers += 1
    longest = np.zeros((n_pairs, size), dtype=np.float32)
    begins = ~np.zeros_like(runs[0])  # a run of no flags can begin anywhere
    for power in reversed(range(n_powers)):
        length, longer = 1 << power, runs[power]
        np.bitwise_and(longer[:-length], begins[length:], out=longer[:-length])
        slabs = np.bitwise_or.reduce(longer.reshape(n_pairs, SLABS, -1), axis=1)
        found = np.bitwise_or.reduce(slabs, axis=1)
        longest += np.unpackbits(found.view(np.uint8)).reshape(n_pairs, size) * np.float32(length)
        kept = begins.reshape(n_pairs, n_rows)
        np.bitwise_and(kept, ~found[:, None], out=kept)
        np.bitwise_or(begins, longer, out=begins)
    return longest
