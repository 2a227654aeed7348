"""The statistics, in groups that share their work: each takes a block of rows and returns a column for each name."""

from collections.abc import Callable

import numpy as np

_LAGS = (1, 2, 5, 10)
_QUANTILES = {
    "minimum": 0,
    "quantile_05": 0.05,
    "quantile_25": 0.25,
    "median": 0.5,
    "quantile_75": 0.75,
    "quantile_95": 0.95,
    "maximum": 1,
}

Columns = tuple[np.ndarray, ...]


class Block:
    """Rows ``(n_rows, n)`` and what all groups need of them.

    ``z`` are the standardised values in float32, so that no power of them overflows: zeros where a row is constant,
    with gaps (``known`` is None where there are none). ``z_filled`` has no gaps: lines go over them.
    """

    def __init__(self, rows: np.ndarray):
        self.rows, self.n = rows, rows.shape[1]
        finite = np.isfinite(rows)
        self.has_infinities, self.known = False, None
        self.n_known = np.full(len(rows), self.n)
        if not finite.all():
            self.known = ~np.isnan(rows)
            self.has_infinities = bool((self.known & ~finite).any())
            self.n_known = self.known.sum(axis=1)
        if not self.has_infinities:
            self._standardize()

    def _standardize(self) -> None:
        rows = self.rows if self.known is None else np.where(self.known, self.rows, 0)
        count = np.maximum(self.n_known, 1)
        self.mean = rows.sum(axis=1, dtype=np.float64) / count
        around = rows - self.mean[:, None]
        if self.known is not None:
            around[~self.known] = 0
        variance = np.einsum("ij,ij->i", around, around) / count
        # No more than the rounding of a constant.
        constant = variance <= (4 * np.finfo(self.rows.dtype).eps * self.mean) ** 2
        self.std = np.where(constant, 0, np.sqrt(variance))
        around *= np.where(constant, 0, 1 / np.sqrt(np.where(constant, 1, variance)))[:, None]
        self.z = self.z_filled = around.astype(np.float32)
        if self.known is not None:
            self.z_filled = self.z.copy()
            time = np.arange(self.n)
            for i in np.flatnonzero((self.n_known < self.n) & (self.n_known > 0)):
                known = self.known[i]
                self.z_filled[i] = np.interp(time, time[known], self.z[i, known])


def moments(block: Block) -> Columns:
    """Mean, standard deviation, skewness, kurtosis, and how many values they are not from."""
    count = np.maximum(block.n_known, 1)
    squares = block.z * block.z
    skewness = np.einsum("ij,ij->i", squares, block.z) / count
    kurtosis = np.einsum("ij,ij->i", squares, squares) / count - 3 * (block.std > 0)
    return block.mean, block.std, skewness, kurtosis, 1 - block.n_known / block.n


def quantiles(block: Block) -> Columns:
    """Quantiles of the known values, on the line between neighbours."""
    ordered = np.sort(block.rows, axis=1)  # missing values come last
    last = np.maximum(block.n_known - 1, 0)
    at = np.arange(len(ordered))
    columns = []
    for share in _QUANTILES.values():
        place = share * last
        low = np.floor(place).astype(int)
        below, above = ordered[at, low], ordered[at, np.minimum(low + 1, last)]
        weight = (place - low).astype(below.dtype)
        columns.append(below * (1 - weight) + above * weight)
    return tuple(columns)


def autocorrelation(block: Block) -> Columns:
    """Mean product of standardised values some time points apart, with all time points as divisor; 0 beyond the end."""
    z, n = block.z_filled, block.n
    power = np.einsum("ij,ij->i", z, z)
    power[power == 0] = 1
    return tuple(
        np.einsum("ij,ij->i", z[:, :-lag], z[:, lag:]) / power if lag < n else np.zeros(len(z)) for lag in _LAGS
    )


def trend(block: Block) -> Columns:
    """Slope of the least-squares line, and the share of the variance that it explains."""
    time = np.arange(block.n) - (block.n - 1) / 2
    spread = max(float(time @ time), 1)
    z = block.z_filled
    centred = z - z.mean(axis=1, keepdims=True) if block.known is not None else z
    products = centred @ time.astype(np.float32)
    power = np.einsum("ij,ij->i", centred, centred)
    return block.std * products / spread, products**2 / (spread * np.where(power == 0, 1, power))


def changes(block: Block) -> Columns:
    """How restless the series is: steps, crossings of the mean, local maxima, the longest stretch above the mean."""
    z, n = block.z_filled, block.n
    steps = np.diff(z, axis=1)
    above = z > 0
    crossings = (above[:, 1:] != above[:, :-1]).sum(axis=1)
    peaks = ((steps[:, :-1] > 0) & (steps[:, 1:] < 0)).sum(axis=1) if n > 2 else np.zeros(len(z))
    at = np.arange(n, dtype=np.int32)
    since = np.maximum.accumulate(np.where(above, np.int32(-1), at), axis=1)  # the last time point not above
    longest = (at - since).max(axis=1)
    n_steps = max(n - 1, 1)
    return block.std * np.abs(steps).sum(axis=1) / n_steps, crossings / n_steps, peaks / n, longest / n


def spectrum(block: Block) -> Columns:
    """Evenness of the power over the frequencies above 0, and the mean frequency weighted with power."""
    from scipy import fft

    if block.n < 2:
        return np.zeros(len(block.z)), np.zeros(len(block.z))
    power = np.abs(fft.rfft(block.z_filled, axis=1)[:, 1:])
    power *= power
    total = power.sum(axis=1, keepdims=True)
    power /= np.where(total == 0, 1, total)
    information = np.einsum("ij,ij->i", power, np.log(np.maximum(power, np.float32(1e-30))))
    n_frequencies = power.shape[1]
    frequency = (np.arange(n_frequencies) + 1) / block.n
    return -information / max(np.log(n_frequencies), 1e-9), power @ frequency.astype(np.float32)


GROUPS: list[tuple[tuple[str, ...], Callable[[Block], Columns]]] = [
    (("mean", "std", "skewness", "kurtosis", "missing_share"), moments),
    (tuple(_QUANTILES), quantiles),
    (tuple(f"autocorrelation_{lag}" for lag in _LAGS), autocorrelation),
    (("trend_slope", "trend_strength"), trend),
    (("mean_absolute_change", "crossing_rate", "peak_rate", "longest_above_mean"), changes),
    (("spectral_entropy", "spectral_centroid"), spectrum),
]
NAMES = tuple(name for names, _ in GROUPS for name in names)
