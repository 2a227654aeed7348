"""Describes power spectra by a few numbers: where the power lies, and how it is spread."""

from collections.abc import Callable

import numpy as np

_ROLLOFF = 0.85


def feature_names(n_bands: int) -> list[str]:
    """Return the names of the columns that ``describe_power`` fills."""
    shapes = ["power", "peak_frequency", "peak_share", "centroid", "bandwidth", "rolloff", "entropy", "flatness"]
    return shapes + [f"band{i}_share" for i in range(n_bands)]


def describe_power(n: int, sampling_rate: float, n_bands: int) -> Callable[[np.ndarray, np.ndarray], None]:
    """Return what describes rows of ``n`` values, a row of features for each."""
    from scipy import fft

    frequency = np.fft.rfftfreq(n, 1 / sampling_rate)[1:]
    weight = np.full(len(frequency), 2 / n**2)  # each frequency stands for itself and its mirror image, ...
    if n % 2 == 0:
        weight[-1] /= 2  # ... but the highest is its own
    band = np.minimum(frequency / (sampling_rate / 2) * n_bands, n_bands - 1).astype(int)
    in_band = (band[:, None] == np.arange(n_bands)).astype(np.float64)

    def describe(rows: np.ndarray, out: np.ndarray) -> None:
        # Around the first value, so that constants become exact zeros; the zeroth frequency is left out anyway.
        spectrum = fft.rfft(rows - rows[:, :1], axis=1)[:, 1:]
        powers = np.square(spectrum.real, dtype=np.float64)
        powers += np.square(spectrum.imag, dtype=np.float64)
        powers *= weight
        power = powers.sum(axis=1)
        share = powers / np.where(power == 0, 1, power)[:, None]

        peak = share.argmax(axis=1)
        centroid = share @ frequency
        spread = share @ frequency**2 - centroid**2
        rolloff = frequency[np.minimum((share.cumsum(axis=1) < _ROLLOFF).sum(axis=1), len(frequency) - 1)]
        log_share = np.log(np.maximum(share, 1e-300))
        evenness = -np.einsum("ij,ij->i", share, log_share) / max(np.log(len(frequency)), 1e-9)
        features = (
            power,
            frequency[peak],
            share[np.arange(len(share)), peak],
            centroid,
            np.sqrt(np.maximum(spread, 0)),
            rolloff,
            evenness,
            np.exp(log_share.mean(axis=1)) * len(frequency),
        )
        out[:, :8] = np.stack(features, axis=1)
        out[:, 8:] = share @ in_band
        out[power == 0] = 0
        out[np.isnan(power)] = np.nan

    return describe
