"""Computes the hand-made features of water-Cherenkov traces: charge, times, shape, peaks, jumps and asymmetry."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from stac.data_processing.wcd_features._definitions import (
    EARLY_NS,
    FEATURES,
    HIGH_VEM_PEAK,
    LATE_NS,
    NOISE_VEM_PEAK,
    TRIGGER_VEM_PEAK,
)
from stac.data_processing.wcd_features._signal import SignalBins

__all__ = ["FEATURES", "wcd_features"]

# Values in a block: few enough that the passes over it find it in the cache, many enough to hide numpy's calls.
BLOCK_SIZE = 512 * 1024
SMALLEST_WIDTH = 1e-3  # in bins: below, the moments of a signal in one bin are rounding


def wcd_features(
    traces_vem_peak: np.ndarray,
    pmt_mask: np.ndarray | None = None,
    *,
    bin_ns: float = 25.0,
    names: Sequence[str] | None = None,
    n_jobs: int = 1,
) -> np.ndarray:
    """Compute the features of each station.

    None depends on the order of the photomultipliers (PMTs), on samples of missing PMTs, or on where in the trace
    the signal lies. All are finite; those that describe the shape of a signal are 0 where there is none.

    Parameters
    ----------
    traces_vem_peak : ndarray of shape (n_stations, n_pmts, n_bins)
        Samples above the baseline in VEM peak; they are not changed.
    pmt_mask : ndarray of bool of shape (n_stations, n_pmts), optional
        True = the PMT is there and works.
    bin_ns : float, default=25.0
        Width of a bin in ns.
    names : sequence of str, optional
        Which features, in this order; by default all of ``FEATURES``, which holds their definitions.
    n_jobs : int, default=1
        Threads; blocks of stations are independent.

    Returns
    -------
    ndarray of shape (n_stations, n_features), float32
        One column for each name.

    Raises
    ------
    ValueError
        If shapes do not fit, a working PMT holds NaN, or a name is unknown.
    TypeError
        If the traces do not hold numbers.

    References
    ----------
    ``FEATURES`` names the source of each.

    Examples
    --------
    >>> import numpy as np
    >>> traces = np.zeros((1, 3, 120))
    >>> traces[0, :, 10:14] = [1.0, 0.6, 0.3, 0.1]
    >>> wcd_features(traces, names=["peak_vem_peak", "area_over_peak_ns", "n_jumps"]).round(1).tolist()
    [[1.0, 50.0, 1.0]]
    """
    traces = _as_traces(traces_vem_peak)
    n_stations, n_pmts, n_bins = traces.shape
    mask = _as_mask(pmt_mask, (n_stations, n_pmts))
    names = _known(FEATURES if names is None else names)
    if not (bin_ns > 0 and n_jobs >= 1):
        raise ValueError(f"bin_ns={bin_ns} and n_jobs={n_jobs}: both must be positive.")

    features = np.empty((n_stations, len(names)), np.float32)

    def work(first: int) -> None:
        block = slice(first, first + step)
        columns = _features(traces[block], mask[block], float(bin_ns), first)
        for place, name in enumerate(names):
            features[block, place] = columns[name]

    step = max(1, BLOCK_SIZE // (n_pmts * n_bins))
    if n_jobs == 1:
        for first in range(0, n_stations, step):
            work(first)
    else:
        with ThreadPoolExecutor(n_jobs) as pool:
            list(pool.map(work, range(0, n_stations, step)))
    return features


def _features(traces: np.ndarray, mask: np.ndarray, bin_ns: float, first: int) -> dict[str, np.ndarray]:
    """Return the features of one block of stations by name."""
    if not mask.all():
        traces = np.where(mask[..., None], traces, 0)
    traces = traces.astype(np.float32, copy=False)
    _, n_pmts, n_bins = traces.shape
    charge = np.einsum("spb->sp", traces) * np.float32(bin_ns)
    peak = traces.max(axis=2)
    if not np.isfinite(charge).all():
        station, pmt = np.argwhere(~np.isfinite(charge))[0]
        raise ValueError(
            f"traces[{first + station}, {pmt}] holds NaN or infinities: mark this PMT as missing in pmt_mask."
        )
    each = SignalBins.of(traces.reshape(-1, n_bins), NOISE_VEM_PEAK)
    mean = traces[:, 0].copy()
    for pmt in range(1, n_pmts):
        mean += traces[:, pmt]
    mean /= np.maximum(mask.sum(axis=1), 1)[:, None].astype(np.float32)
    return {
        **_of_station(mean, bin_ns),
        **_among_pmts(charge, peak, each, mask, bin_ns),
    }


def _of_station(trace: np.ndarray, bin_ns: float) -> dict[str, np.ndarray]:
    """Return what the station's trace (n_stations, n_bins) alone tells."""
    n_bins = trace.shape[1]
    charge = np.einsum("sb->s", trace) * bin_ns
    signal = SignalBins.of(trace, NOISE_VEM_PEAK)
    some, row, start = signal.some, signal.row, signal.start()
    peak = trace.max(axis=1)
    time = signal.bin - start[row] + 0.5  # middle of the bin, from the start, in bins
    total = np.where(some, signal.total, 1)
    centroid = signal.sum(signal.value * time) / total
    away = time - centroid[row]
    second, third, fourth = (signal.sum(signal.value * away**k) / total for k in (2, 3, 4))
    wide = second > SMALLEST_WIDTH**2
    variance = np.where(wide, second, 1)
    t10, t50, t90 = (signal.time_at(share) for share in (0.1, 0.5, 0.9))
    rise, _ = signal.steps()
    jump = np.where(rise > HIGH_VEM_PEAK, rise, 0)
    early = min(EARLY_NS / bin_ns, n_bins / 5)
    late = min(LATE_NS / bin_ns, n_bins / 3)
    return {
        "charge_vem_peak_ns": charge,
        "peak_vem_peak": peak,
        "area_over_peak_ns": np.where(some, charge / np.where(some, peak, 1), 0),
        "rise_time_ns": (t50 - t10) * bin_ns,
        "fall_time_ns": (t90 - t50) * bin_ns,
        "half_time_ns": np.where(some, t50 - start, 0) * bin_ns,
        "peak_time_ns": np.where(some, trace.argmax(axis=1) - start + 0.5, 0) * bin_ns,
        "time_over_threshold_ns": signal.sum(signal.value > TRIGGER_VEM_PEAK) * bin_ns,
        "centroid_ns": centroid * bin_ns,
        "width_ns": np.sqrt(second) * bin_ns,
        "skewness": np.where(wide, third / variance**1.5, 0),
        "kurtosis": np.where(wide, fourth / variance**2 - 3, 0),
        "n_peaks": signal.n_peaks(HIGH_VEM_PEAK),
        "n_jumps": signal.sum(jump > 0),
        "jump_sum_vem_peak": signal.sum(jump),
        "largest_jump_vem_peak": signal.largest(np.maximum(rise, 0)),
        "early_fraction": signal.sum(signal.value * (time < early)) / total,
        "late_fraction": signal.sum(signal.value * (time > late)) / total,
    }


def _among_pmts(
    charge: np.ndarray, peak: np.ndarray, signal: SignalBins, mask: np.ndarray, bin_ns: float
) -> dict[str, np.ndarray]:
    """Return how the PMTs differ, from what each of them (n_stations, n_pmts) tells."""
    some = signal.some.reshape(mask.shape)
    t10, t50, t90 = (signal.time_at(share).reshape(mask.shape) for share in (0.1, 0.5, 0.9))
    values = {
        "charge": charge,
        "peak": peak,
        "area_over_peak": np.where(some, charge / np.where(some, peak, 1), 0),
        "rise_time": (t50 - t10) * bin_ns,
        "fall_time": (t90 - t50) * bin_ns,
    }
    columns = {}
    for name, value in values.items():
        largest, middle, smallest = _in_order(value, mask)
        columns |= {f"{name}_largest_pmt": largest, f"{name}_middle_pmt": middle, f"{name}_smallest_pmt": smallest}

    seen = np.where(some, np.maximum(charge, 0), 0).astype(np.float64)  # noise has no shares
    largest, _, smallest = _in_order(seen, mask)
    n_working = np.maximum(mask.sum(axis=1), 1)
    total = seen.sum(axis=1)
    mean = total / n_working
    variance = (np.where(mask, seen - mean[:, None], 0) ** 2).sum(axis=1) / n_working
    highest, _, lowest = _in_order(np.where(some, peak, 0), mask)
    return {
        **columns,
        "charge_fraction_largest_pmt": _ratio(largest, total),
        "charge_fraction_smallest_pmt": _ratio(smallest, total),
        "charge_asymmetry": _ratio(largest - smallest, largest + smallest),
        "charge_spread": _ratio(np.sqrt(variance), mean),
        "peak_asymmetry": _ratio(highest - lowest, highest + lowest),
    }


def _in_order(values: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the largest, the median and the smallest value of the working PMTs of each station; 0 without any."""
    n_working = mask.sum(axis=1)
    ordered = np.sort(np.where(mask, values, np.inf), axis=1)
    ordered[n_working == 0] = 0
    last = np.maximum(n_working - 1, 0)
    stations = np.arange(len(values))
    middle = (ordered[stations, last // 2] + ordered[stations, (last + 1) // 2]) / 2
    return ordered[stations, last], middle, ordered[:, 0]


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros(len(above)), where=below > 0)


def _known(names: Sequence[str]) -> list[str]:
    if isinstance(names, str):
        raise TypeError(f"names is the text {names!r:.40}, expected several names: pass [{names!r:.40}].")
    unknown = [name for name in names if name not in FEATURES]
    if unknown:
        known = ", ".join(list(FEATURES)[:3])
        raise ValueError(f"Feature {unknown[0]!r} is unknown: FEATURES lists all, such as {known}.")
    return list(names)


def _as_traces(traces: Any) -> np.ndarray:
    traces = np.asarray(traces)
    if traces.dtype.kind not in "fiub":
        raise TypeError(f"traces hold {traces.dtype}, expected numbers: convert them with traces.astype('float32').")
    if traces.ndim != 3 or 0 in traces.shape[1:]:
        raise ValueError(
            f"traces have shape {traces.shape}, expected (n_stations, n_pmts, n_bins): traces[None] makes one station "
            "of (n_pmts, n_bins)."
        )
    return traces


def _as_mask(mask: Any, shape: tuple[int, int]) -> np.ndarray:
    if mask is None:
        return np.ones(shape, bool)
    mask = np.asarray(mask)
    if mask.shape != shape:
        raise ValueError(f"pmt_mask has shape {mask.shape}, expected {shape}: one value per station and PMT.")
    return mask.astype(bool)
