"""From light to counts: photoelectrons, pulse shape, baseline, noise, quantisation, saturation."""

import numpy as np

from stac.data_ingestion.wcd_simulator._detectors import Detector

__all__ = ["digitise", "exponential_filter", "photoelectrons"]

GAIN_SPREAD = 0.4  # relative spread of the charge of a single photoelectron


def exponential_filter(x: np.ndarray, bins: float) -> np.ndarray:
    """Smear along the last axis by a decaying exponential of area 1, in place; ``bins`` is its time constant.

    The recursion y[k] = x[k] + q y[k-1] as a product of two-tap filters (1 + q z^-1)(1 + q^2 z^-2)(1 + q^4 z^-4)...:
    each doubles the reach, so a few whole-array steps do the work of a loop over the samples.
    """
    q = np.exp(-1 / bins)
    x *= x.dtype.type(1 - q)
    reach = 1
    while reach < x.shape[-1] and q**reach > 1e-7:
        x[..., reach:] += x.dtype.type(q**reach) * x[..., :-reach]
        reach *= 2
    return x


def photoelectrons(rng: np.random.Generator, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw photoelectrons around ``mean`` (n, n_pmts, n_steps): Poisson counts of single charges that spread.

    Returns the charges, in place of ``mean``, and the counts (n, n_pmts).
    """
    flat = mean.reshape(-1)
    some = np.flatnonzero(flat > 1e-5)
    count = rng.poisson(flat[some])
    flat[:] = 0
    flat[some] = np.maximum(count + GAIN_SPREAD * np.sqrt(count) * rng.standard_normal(len(some)), 0)
    pmt = some // mean.shape[-1]
    return mean, np.bincount(pmt, count, mean.shape[0] * mean.shape[1]).reshape(mean.shape[:2])


def digitise(rng: np.random.Generator, detector: Detector, signal: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Turn signals in high-gain ADC counts (n, n_pmts, n_bins) into what the converters give, in high and low gain."""
    high = _convert(rng, detector, signal)
    if detector.gain_ratio is None:
        return high, None
    return high, _convert(rng, detector, signal * np.float32(1 / detector.gain_ratio))


def _convert(rng: np.random.Generator, detector: Detector, signal: np.ndarray) -> np.ndarray:
    counts = rng.standard_normal(signal.shape, np.float32)
    counts *= np.float32(detector.noise_adc)
    counts += rng.uniform(*detector.baseline_adc, signal.shape[:2]).astype(np.float32)[..., None]
    counts += signal
    np.rint(counts, out=counts)
    return np.clip(counts, 0, detector.saturation_adc, out=counts)
