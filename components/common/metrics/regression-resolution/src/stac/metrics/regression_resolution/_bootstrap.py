"""Draw moments and quantiles of resampled data without building the resamples."""

import numpy as np
from numpy.typing import NDArray

_MOST_CHUNKS = 4000
_BLOCK = 400_000  # draws held at once


def draw_moments(
    values: NDArray[np.float64], n_resamples: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of each resample, each (n_resamples,).

    Many values are first dealt into chunks by chance, and whole chunks are drawn: as good for sums, and fast.
    """
    centre = values.mean()
    n_chunks = min(len(values), _MOST_CHUNKS)
    chunk = rng.permutation(len(values)) % n_chunks if len(values) > n_chunks else np.arange(len(values))
    sums = [np.bincount(chunk, weights=(values - centre) ** power, minlength=n_chunks) for power in (0, 1, 2)]
    totals = np.empty((3, n_resamples))
    step = max(1, _BLOCK // n_chunks)
    for start in range(0, n_resamples, step):
        drawn = rng.integers(0, n_chunks, size=(min(step, n_resamples - start), n_chunks))
        for total, column in zip(totals, sums, strict=True):
            total[start : start + step] = column[drawn].sum(axis=1)
    n, first, second = totals
    variances = (second - first**2 / n).clip(min=0) / n
    # A resample varies less than what it was drawn from, by (n - 1) / n, and so did that.
    n_values = len(values)
    return centre + first / n, np.sqrt(variances) * n_values / (n_values - 1)


def draw_quantiles(
    values: NDArray[np.float64], shares: NDArray[np.float64], n_resamples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the quantiles at ascending shares, jointly drawn: (n_shares, n_resamples).

    How many of n values lie below a true quantile is binomial: the quantile lies between the last of those and the next
    value.
    """
    ordered = np.sort(values)
    steps = np.diff(shares, prepend=0, append=1)
    below = rng.multinomial(len(values), steps, size=n_resamples)[:, :-1].cumsum(axis=1).T
    position = below - 1 + rng.random(n_resamples)
    return np.interp(position, np.arange(len(values)), ordered)
