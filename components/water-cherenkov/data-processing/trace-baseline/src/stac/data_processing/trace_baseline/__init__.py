"""Estimates baseline and noise of photomultiplier traces from their first bins, and subtracts the baseline."""

from typing import Any

import numpy as np

__all__ = ["estimate_baseline", "subtract_baseline"]

# Values in a block: few enough that the passes over it find it in the cache.
BLOCK_SIZE = 256 * 1024
N_CLIPS = 4


def estimate_baseline(
    traces: np.ndarray,
    *,
    n_bins: int | None = None,
    pmt_mask: np.ndarray | None = None,
    clip: float = 3.0,
    resolution: float = 1.0,
    tail: int = 8,
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate baseline and noise of every photomultiplier (PMT), unmoved by pulses among its first bins.

    The mean and the standard deviation of the bins that lie within ``clip`` standard deviations of the mean, found
    by repeated clipping that starts from the median and, as pulses only go up, from the lower quartile. A mean
    resolves fractions of a count, which the median of whole counts does not.

    Parameters
    ----------
    traces : ndarray of shape (n_stations, n_pmts, n_bins)
        Samples in ADC counts (or any unit, with its ``resolution``); they are not changed.
    n_bins : int, optional
        How many bins from the start hold no signal; by default 100, or a quarter of the trace if that is less.
    pmt_mask : ndarray of bool of shape (n_stations, n_pmts), optional
        True = the PMT is there and works. The others get baseline 0 and noise 0.
    clip : float, default=3.0
        Bins further away than this many standard deviations are pulses.
    resolution : float, default=1.0
        Step of the digitiser in the unit of the traces. The noise that clips is at least half a step, because a
        quiet baseline alternates between two values.
    tail : int, default=8
        How many bins after a pulse are left out with it, because the end of its tail hides in the noise; a pulse is
        what exceeds twice the clipping range. Muons decay with about 60 ns, so 200 ns are enough.

    Returns
    -------
    baseline, noise : ndarray of shape (n_stations, n_pmts), float32
        In the unit of the traces. Clipping at 3 makes Gaussian noise come out 1 to 2 % too small.

    Raises
    ------
    ValueError
        If the traces have other dimensions, hold NaN or infinities in the bins used, or have fewer than ``n_bins``.
    TypeError
        If the traces do not hold numbers.

    References
    ----------
    Clipped means start from robust estimates after P. J. Huber, "Robust Statistics" (1981),
    doi:10.1002/0471725250. The calibration of Auger's stations: X. Bertou et al., NIM A 568 (2006) 839,
    doi:10.1016/j.nima.2006.07.066.

    Examples
    --------
    >>> import numpy as np
    >>> traces = np.random.default_rng(0).normal(50.3, 0.5, (1, 3, 768)).round()
    >>> traces[0, 0, 20:30] += 40  # a muon before the shower
    >>> baseline, noise = estimate_baseline(traces)
    >>> bool(abs(baseline - 50.3).max() < 0.15)
    True
    """
    traces = _as_traces(traces)
    n_stations, n_pmts, length = traces.shape
    mask = _as_mask(pmt_mask, (n_stations, n_pmts))
    n_bins = max(1, min(100, length // 4)) if n_bins is None else n_bins
    if not 1 <= n_bins <= length:
        raise ValueError(f"n_bins={n_bins} for traces of {length} bins: take at least 1 and at most {length}.")
    if clip <= 0 or resolution < 0 or tail < 0:
        raise ValueError(
            f"clip={clip}, resolution={resolution}, tail={tail}: clip must be positive, the others not negative."
        )

    baseline = np.zeros((n_stations, n_pmts), np.float32)
    noise = np.zeros_like(baseline)
    step = max(1, BLOCK_SIZE // (n_pmts * n_bins))
    for start in range(0, n_stations, step):
        block = slice(start, start + step)
        first = traces[block, :, :n_bins].astype(np.float32)
        first[~mask[block]] = 0
        _refuse_not_finite(first, start)
        rows = first.reshape(-1, n_bins)
        centre, spread = _clipped_mean(rows, clip, resolution / 2, tail)
        baseline[block] = centre.reshape(-1, n_pmts)
        noise[block] = spread.reshape(-1, n_pmts)
    return baseline, noise


def subtract_baseline(traces: np.ndarray, baseline: np.ndarray, *, pmt_mask: np.ndarray | None = None) -> np.ndarray:
    """Subtract the baseline; samples of missing photomultipliers (PMTs) become 0.

    Parameters
    ----------
    traces : ndarray of shape (n_stations, n_pmts, n_bins)
        Samples in ADC counts; they are not changed.
    baseline : ndarray of shape (n_stations, n_pmts), or what broadcasts to it
        Baseline in the same unit.
    pmt_mask : ndarray of bool of shape (n_stations, n_pmts), optional
        True = the PMT is there and works.

    Returns
    -------
    ndarray of shape (n_stations, n_pmts, n_bins), float32
        Counts above the baseline.

    Raises
    ------
    ValueError
        If shapes do not fit, or a baseline is not finite.
    TypeError
        If the traces do not hold numbers.

    Examples
    --------
    >>> import numpy as np
    >>> subtract_baseline(np.array([[[50, 51, 85]]]), np.array([[50.5]])).tolist()
    [[[-0.5, 0.5, 34.5]]]
    """
    traces = _as_traces(traces)
    shape = traces.shape[:2]
    mask = _as_mask(pmt_mask, shape)
    try:
        baseline = np.broadcast_to(np.asarray(baseline, np.float32), shape)
    except ValueError:
        raise ValueError(
            f"baseline has shape {np.shape(baseline)}, expected {shape}: one value per station and PMT."
        ) from None
    if not np.isfinite(baseline[mask]).all():
        raise ValueError("baseline holds NaN or infinities: mark such PMTs as missing in pmt_mask.")
    above = np.subtract(traces, baseline[..., None], dtype=np.float32, casting="unsafe")
    if not mask.all():
        above[~mask] = 0
    return above


def _clipped_mean(rows: np.ndarray, clip: float, least: float, tail: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation (n_rows,) of what is left of rows (n_rows, n) after clipping."""
    n = rows.shape[1]
    ordered = np.sort(rows, axis=1)
    median = (ordered[:, (n - 1) // 2] + ordered[:, n // 2]) / 2
    from_median = away = rows - median[:, None]  # small numbers keep their digits
    centre = np.zeros_like(median)
    spread = (median - ordered[:, n // 4]) / np.float32(0.6745)
    n_kept = np.zeros_like(median)
    open_rows = np.arange(len(rows))  # those that still change
    for _ in range(N_CLIPS):
        limit = np.float32(clip) * np.maximum(spread[open_rows], np.float32(least))
        middle = centre[open_rows]
        kept = (away >= (middle - limit)[:, None]) & (away <= (middle + limit)[:, None])
        used = kept.astype(np.float32)
        before = n_kept[open_rows]
        count = np.einsum("ij->i", used)
        used *= away
        mean = np.einsum("ij->i", used) / count
        centre[open_rows], n_kept[open_rows] = mean, count
        spread[open_rows] = _spread(used, count, mean)
        changed = count != before
        open_rows, away = open_rows[changed], away[changed]
        if not open_rows.size:
            break

    limit = np.float32(clip) * np.maximum(spread, np.float32(least))
    pulsed = np.flatnonzero(ordered[:, -1] - median > centre + 2 * limit)
    if pulsed.size:  # few
        away, middle, limit = from_median[pulsed], centre[pulsed, None], limit[pulsed, None]
        used = (np.abs(away - middle) <= limit) & ~_near_pulses(away > middle + 2 * limit, tail)
        used = used.astype(np.float32)
        count = np.einsum("ij->i", used)
        used *= away
        mean = np.einsum("ij->i", used) / np.maximum(count, 1)
        enough = count >= n / 8
        centre[pulsed] = np.where(enough, mean, centre[pulsed])
        spread[pulsed] = np.where(enough, _spread(used, np.maximum(count, 1), mean), spread[pulsed])
    return median + centre, spread


def _spread(used: np.ndarray, count: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(np.einsum("ij,ij->i", used, used) / count - mean**2, 0))


def _near_pulses(pulse: np.ndarray, tail: int) -> np.ndarray:
    """Mark the bins (n_rows, n) of pulses, the one before each and ``tail`` bins after."""
    bins = np.arange(pulse.shape[1])
    last = np.maximum.accumulate(np.where(pulse, bins, -tail - 1), axis=1)
    near = bins - last <= tail
    near[:, :-1] |= pulse[:, 1:]
    return near


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


def _refuse_not_finite(block: np.ndarray, start: int) -> None:
    bad = ~np.isfinite(block).all(axis=2)
    if bad.any():
        station, pmt = np.argwhere(bad)[0]
        raise ValueError(
            f"traces[{start + station}, {pmt}] holds NaN or infinities: mark this PMT as missing in pmt_mask."
        )
