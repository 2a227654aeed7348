"""Finds where the signal of a station starts and stops, and cuts that window out of its traces."""

from typing import Any

import numpy as np

__all__ = ["cut_signal_window", "find_signal_window"]

# Values in a block: few enough that the passes over it find it in the cache.
BLOCK_SIZE = 512 * 1024


def find_signal_window(
    traces_vem_peak: np.ndarray,
    pmt_mask: np.ndarray | None = None,
    *,
    bin_ns: float = 25.0,
    threshold: float = 0.1,
    min_pmts: int = 2,
    min_bins: int = 1,
    max_gap_ns: float = 500.0,
    look_back: int = 1,
    look_ahead: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the start and stop bin of the largest signal of each station.

    A bin has signal where at least ``min_pmts`` photomultipliers (PMTs), or all where fewer work, are above the
    threshold. Bins with signal whose gap is at most ``max_gap_ns`` form one segment; the segment with the largest
    sum is the signal, and is widened by ``look_back`` and ``look_ahead`` bins.

    Parameters
    ----------
    traces_vem_peak : ndarray of shape (n_stations, n_pmts, n_bins)
        Samples above the baseline in VEM peak; they are not changed.
    pmt_mask : ndarray of bool of shape (n_stations, n_pmts), optional
        True = the PMT is there and works; samples of the others do not matter.
    bin_ns : float, default=25.0
        Width of a bin in ns.
    threshold : float, default=0.1
        In VEM peak; Auger's 3 counts are 0.09 VEM.
    min_pmts : int, default=2
        Coincidence: PMTs above the threshold in the same bin.
    min_bins : int, default=1
        Segments with fewer bins with signal are dropped.
    max_gap_ns : float, default=500.0
        Longest time without signal inside a segment, rounded to whole bins (Auger: 20 bins of 25 ns).
    look_back, look_ahead : int, default=1
        How many bins before the first, and after the last bin with signal belong to the window.

    Returns
    -------
    start, stop : ndarray of shape (n_stations,), int64
        The signal is in the bins ``start <= bin < stop``; both are 0 where there is none, or no PMT works.

    Raises
    ------
    ValueError
        If shapes do not fit, a parameter is out of its range, or the working PMTs hold NaN.
    TypeError
        If the traces do not hold numbers.

    Notes
    -----
    After the start and stop times of Auger's reconstruction, simplified: there, segments above 3 counts are found and
    joined for each PMT alone (the gap grows with the segment's length, and a far larger later one is kept apart),
    then those of the PMTs are merged; here the coincidence comes first, bin by bin.

    References
    ----------
    The Pierre Auger Collaboration, "Reconstruction of events recorded with the surface detector of the Pierre Auger
    Observatory", JINST 15 (2020) P10021, doi:10.1088/1748-0221/15/10/P10021.

    Examples
    --------
    >>> import numpy as np
    >>> traces = np.zeros((1, 3, 100))
    >>> traces[0, :, 40:45] = 2.0
    >>> traces[0, 0, 80] = 9.0  # one PMT alone
    >>> find_signal_window(traces)
    (array([39]), array([46]))
    """
    traces = _as_traces(traces_vem_peak)
    n_stations, n_pmts, n_bins = traces.shape
    mask = _as_mask(pmt_mask, (n_stations, n_pmts))
    if not (bin_ns > 0 and threshold > 0 and min_pmts >= 1 and min_bins >= 1):
        raise ValueError(
            f"bin_ns={bin_ns}, threshold={threshold}, min_pmts={min_pmts}, min_bins={min_bins}: all must be positive."
        )
    if min(max_gap_ns, look_back, look_ahead) < 0:
        raise ValueError(
            f"max_gap_ns={max_gap_ns}, look_back={look_back}, look_ahead={look_ahead}: none can be negative."
        )
    max_gap = round(max_gap_ns / bin_ns)

    start = np.zeros(n_stations, np.int64)
    stop = np.zeros(n_stations, np.int64)
    step = max(1, BLOCK_SIZE // (n_pmts * n_bins))
    for first in range(0, n_stations, step):
        block = slice(first, first + step)
        stations, begin, end = _largest_segments(
            traces[block], mask[block], threshold, min_pmts, min_bins, max_gap, first
        )
        start[first + stations] = np.maximum(begin - look_back, 0)
        stop[first + stations] = np.minimum(end + look_ahead, n_bins)
    return start, stop


def cut_signal_window(traces: np.ndarray, start: np.ndarray, length: int, *, before: int = 0) -> np.ndarray:
    """Cut the same number of bins out of every station, so that all signals start at the same bin.

    Parameters
    ----------
    traces : ndarray of shape (n_stations, n_pmts, n_bins)
        Samples of any kind; they are not changed.
    start : ndarray of int of shape (n_stations,)
        Bin where the signal starts.
    length : int
        Bins of the result; what lies outside the trace is 0.
    before : int, default=0
        How many bins before ``start`` are kept: the signal starts at bin ``before`` of the result.

    Returns
    -------
    ndarray of shape (n_stations, n_pmts, length)
        Of the dtype of ``traces``.

    Raises
    ------
    ValueError
        If shapes do not fit, or ``length`` or ``before`` is out of its range.
    TypeError
        If the traces do not hold numbers.

    Examples
    --------
    >>> import numpy as np
    >>> cut_signal_window(np.array([[[0, 0, 5, 4, 3]]]), np.array([2]), 5, before=1).tolist()
    [[[0, 5, 4, 3, 0]]]
    """
    traces = _as_traces(traces)
    n_stations, n_pmts, n_bins = traces.shape
    start = np.asarray(start)
    if start.shape != (n_stations,) or start.dtype.kind not in "iu":
        raise ValueError(
            f"start has shape {start.shape} and dtype {start.dtype}, expected {n_stations} whole bins, one per station."
        )
    if length < 1 or before < 0:
        raise ValueError(f"length={length} and before={before}: length must be at least 1, before not negative.")

    window = np.empty((n_stations, n_pmts, length), traces.dtype)
    step = max(1, BLOCK_SIZE // (n_pmts * (n_bins + 2 * length)))
    padded = np.zeros((min(step, n_stations), n_pmts, n_bins + 2 * length), traces.dtype)
    views = np.lib.stride_tricks.sliding_window_view(padded, length, axis=2)
    first_bins = np.clip(start.astype(np.int64) - before, -length, n_bins) + length
    for first in range(0, n_stations, step):
        n = min(step, n_stations - first)
        padded[:n, :, length : length + n_bins] = traces[first : first + n]
        window[first : first + n] = views[np.arange(n), :, first_bins[first : first + n]]
    return window


def _largest_segments(
    traces: np.ndarray,
    mask: np.ndarray,
    threshold: float,
    min_pmts: int,
    min_bins: int,
    max_gap: int,
    first: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the stations that have a signal, and its first bin and the one after its last (all of one length)."""
    _, n_pmts, n_bins = traces.shape
    n_working = mask.sum(axis=1)
    if not mask.all():
        traces = np.where(mask[..., None], traces, 0)
    total = np.einsum("spb->sb", traces) if traces.dtype.kind == "f" else traces.sum(axis=1, dtype=np.float32)
    _refuse_nan(traces, total, first)
    needed = np.where(n_working > 0, np.clip(n_working, 1, min_pmts), n_pmts + 1)
    above = (traces > threshold).view(np.int8)
    n_above = above[:, 0].copy()
    for pmt in range(1, n_pmts):
        n_above += above[:, pmt]
    hits = np.flatnonzero(n_above >= needed.astype(np.int8)[:, None])
    if hits.size == 0:
        return hits, hits, hits

    # From here on only bins with signal are handled, which are few.
    station, bins = hits // n_bins, hits % n_bins
    begins = np.ones(hits.size, bool)
    begins[1:] = (station[1:] != station[:-1]) | (bins[1:] - bins[:-1] > max_gap + 1)
    begins = np.flatnonzero(begins)
    ends = np.append(begins[1:], hits.size)
    sums = np.add.reduceat(total.reshape(-1)[hits], begins)
    long_enough = ends - begins >= min_bins
    begins, ends, sums = begins[long_enough], ends[long_enough], sums[long_enough]
    owner = station[begins]
    order = np.lexsort((-begins, sums, owner))  # the largest of a station last; of equals, the first in time
    last = np.append(owner[order][1:] != owner[order][:-1], True)[: order.size]
    best = order[last]
    return owner[best], bins[begins[best]], bins[ends[best] - 1] + 1


def _refuse_nan(traces: np.ndarray, total: np.ndarray, first: int) -> None:
    if np.isfinite(total.sum()) or np.isfinite(traces).all():
        return
    station, pmt = np.argwhere(~np.isfinite(traces).all(axis=2))[0]
    raise ValueError(f"traces[{first + station}, {pmt}] holds NaN or infinities: mark this PMT as missing in pmt_mask.")


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
