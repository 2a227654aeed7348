"""The bins of many traces that hold signal, as one list, and what can be summed over them."""

from dataclasses import dataclass
from typing import Self

import numpy as np

__all__ = ["SignalBins"]


@dataclass(frozen=True)
class SignalBins:
    """The samples above a threshold of rows (n_rows, n_bins), in order; most samples are noise and not in the list.

    Attributes
    ----------
    value, bin, row : ndarray of shape (n_hits,)
        Sample (float64), its bin and its row.
    first : ndarray of shape (n_rows + 1,)
        Where the samples of each row begin in the list.
    running : ndarray of shape (n_hits + 1,)
        Sum of all samples before each.
    """

    value: np.ndarray
    bin: np.ndarray
    row: np.ndarray
    first: np.ndarray
    running: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, threshold: float) -> Self:
        """List the samples of rows (n_rows, n_bins) above a threshold."""
        n_rows, n_bins = rows.shape
        flat = np.flatnonzero(rows > threshold)
        value = rows.reshape(-1)[flat].astype(np.float64)
        first = np.searchsorted(flat, np.arange(n_rows + 1) * n_bins)
        row = np.repeat(np.arange(n_rows), np.diff(first))
        return cls(value, flat - row * n_bins, row, first, np.concatenate(([0.0], np.cumsum(value))))

    @property
    def some(self) -> np.ndarray:
        """Rows (n_rows,) that have any sample in the list."""
        return self.first[1:] > self.first[:-1]

    @property
    def total(self) -> np.ndarray:
        """Sum of the samples of each row."""
        return np.diff(self.running[self.first])

    def sum(self, weights: np.ndarray) -> np.ndarray:
        """Sum something over the samples of each row."""
        return np.bincount(self.row, weights, minlength=len(self.first) - 1)

    def largest(self, values: np.ndarray) -> np.ndarray:
        """Return the largest of something (never negative) among the samples of each row, 0 where there is none."""
        result = np.zeros(len(self.first) - 1)
        if len(values):
            result[self.some] = np.maximum.reduceat(values, self.first[:-1][self.some])
        return result

    def start(self) -> np.ndarray:
        """Return the first bin of each row, 0 where there is none."""
        return np.append(self.bin, 0)[np.where(self.some, self.first[:-1], -1)]

    def time_at(self, share: float) -> np.ndarray:
        """Return where the running sum of each row reaches a share of its total, in bins and parts of them."""
        if not len(self.value):
            return np.zeros(len(self.first) - 1)
        level = self.running[self.first[:-1]] + share * self.total
        place = np.searchsorted(self.running[1:], level)
        place = np.clip(place, self.first[:-1], np.maximum(self.first[1:] - 1, 0))
        place = np.minimum(place, len(self.value) - 1)
        within = np.clip((level - self.running[place]) / self.value[place], 0, 1)
        return np.where(self.some, self.bin[place] + within, 0)

    def steps(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the differences of each sample to the one before and the one after; what is not listed counts as 0."""
        joined = (self.bin[1:] == self.bin[:-1] + 1) & (self.row[1:] == self.row[:-1])
        before = np.concatenate(([0.0], np.where(joined, self.value[:-1], 0)))[: len(self.value)]
        after = np.concatenate((np.where(joined, self.value[1:], 0), [0.0]))[: len(self.value)]
        return self.value - before, self.value - after

    def n_peaks(self, threshold: float) -> np.ndarray:
        """Count the local maxima above a threshold in each row; samples of equal height side by side are one."""
        rise, fall = self.steps()
        # Where a run of equal samples ends, the sign of the step into the run decides.
        new = np.flatnonzero(rise != 0)
        if not len(new):
            return np.zeros(len(self.first) - 1)
        last = np.append(new[1:], len(rise)) - 1
        peak = new[(rise[new] > 0) & (fall[last] > 0) & (self.value[new] > threshold)]
        return np.bincount(self.row[peak], minlength=len(self.first) - 1)
