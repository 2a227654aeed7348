"""Converts counts above the baseline to vertical-equivalent muons: VEM peak for traces, VEM charge for sums."""

from typing import Any

import numpy as np

__all__ = ["station_signal", "to_vem_charge", "to_vem_peak"]

# Values in a block: few enough that the passes over it find it in the cache.
BLOCK_SIZE = 512 * 1024


def to_vem_peak(
    traces_adc: np.ndarray, vem_peak_adc: float | np.ndarray, *, pmt_mask: np.ndarray | None = None
) -> np.ndarray:
    """Convert traces from counts above the baseline to units of the VEM peak.

    1 VEM peak is the height of the mean pulse of a muon that crosses the tank vertically.

    Parameters
    ----------
    traces_adc : ndarray of shape (n_stations, n_pmts, n_bins)
        ADC counts above the baseline; they are not changed.
    vem_peak_adc : float, or ndarray of shape (n_pmts,) or (n_stations, n_pmts)
        Height of the muon's pulse in counts.
    pmt_mask : ndarray of bool of shape (n_stations, n_pmts), optional
        True = the photomultiplier (PMT) is there and works; samples of the others become 0.

    Returns
    -------
    ndarray of shape (n_stations, n_pmts, n_bins), float32
        ``traces_vem_peak``. Their sum over bins is *not* a signal in VEM charge: see `to_vem_charge`.

    Raises
    ------
    ValueError
        If shapes do not fit, or the VEM peak is not positive.
    TypeError
        If the traces do not hold numbers.

    References
    ----------
    X. Bertou et al., "Calibration of the surface array of the Pierre Auger Observatory", NIM A 568 (2006) 839,
    doi:10.1016/j.nima.2006.07.066.

    Examples
    --------
    >>> import numpy as np
    >>> to_vem_peak(np.array([[[0, 70, 35]]]), 35).tolist()
    [[[0.0, 2.0, 1.0]]]
    """
    traces = _as_traces(traces_adc)
    shape = traces.shape[:2]
    mask = _as_mask(pmt_mask, shape)
    scale = 1 / _as_unit("vem_peak_adc", vem_peak_adc, mask)
    if not mask.all():
        traces = np.where(mask[..., None], traces, 0)
    return np.multiply(traces, scale[..., None], dtype=np.float32, casting="unsafe")


def to_vem_charge(
    traces_adc: np.ndarray,
    vem_charge_adc: float | np.ndarray,
    *,
    start: np.ndarray | None = None,
    stop: np.ndarray | None = None,
    pmt_mask: np.ndarray | None = None,
) -> np.ndarray:
    """Sum counts above the baseline over a window, in units of the VEM charge.

    1 VEM charge is the area of the mean pulse of a muon that crosses the tank vertically.

    Parameters
    ----------
    traces_adc : ndarray of shape (n_stations, n_pmts, n_bins)
        ADC counts above the baseline (of a trace in VEM peak: pass ``vem_charge_adc / vem_peak_adc`` as the charge).
    vem_charge_adc : float, or ndarray of shape (n_pmts,) or (n_stations, n_pmts)
        Area of the muon's pulse: its counts, summed over bins.
    start, stop : ndarray of int of shape (n_stations,), optional
        The window: bins ``start <= bin < stop``; the whole trace by default.
    pmt_mask : ndarray of bool of shape (n_stations, n_pmts), optional
        True = the photomultiplier (PMT) is there and works; the others get 0.

    Returns
    -------
    ndarray of shape (n_stations, n_pmts), float32
        Signal of each PMT in VEM charge; `station_signal` makes one value per station of it.

    Raises
    ------
    ValueError
        If shapes do not fit, or the VEM charge is not positive.
    TypeError
        If the traces do not hold numbers.

    References
    ----------
    X. Bertou et al., NIM A 568 (2006) 839, doi:10.1016/j.nima.2006.07.066.

    Examples
    --------
    >>> import numpy as np
    >>> traces = np.array([[[0, 35, 30, 20, 15, 13, 0, 9]]])
    >>> to_vem_charge(traces, 113, start=[1], stop=[6]).tolist()
    [[1.0]]
    """
    traces = _as_traces(traces_adc)
    n_stations, n_pmts, n_bins = traces.shape
    mask = _as_mask(pmt_mask, (n_stations, n_pmts))
    unit = _as_unit("vem_charge_adc", vem_charge_adc, mask)
    start = _as_edges("start", 0 if start is None else start, n_stations)
    stop = _as_edges("stop", n_bins if stop is None else stop, n_stations)
    bins = np.arange(n_bins)
    sums = np.empty((n_stations, n_pmts), np.float32)
    step = max(1, BLOCK_SIZE // (n_pmts * n_bins))
    for first in range(0, n_stations, step):
        block = slice(first, first + step)
        inside = (bins >= start[block, None]) & (bins < stop[block, None])
        samples = traces[block].astype(np.float32, copy=False)
        if not mask[block].all():
            samples = np.where(mask[block][..., None], samples, 0)
        sums[block] = np.einsum("spb,sb->sp", samples, inside.astype(np.float32))
    return np.where(mask, sums / unit, 0).astype(np.float32)


def station_signal(charge_vem: np.ndarray, pmt_mask: np.ndarray | None = None) -> np.ndarray:
    """Return the signal of each station: the mean over its working photomultipliers (PMTs).

    Parameters
    ----------
    charge_vem : ndarray of shape (n_stations, n_pmts)
        Signal of each PMT in VEM charge, as `to_vem_charge` gives it.
    pmt_mask : ndarray of bool of shape (n_stations, n_pmts), optional
        True = the PMT is there and works.

    Returns
    -------
    ndarray of shape (n_stations,), float32
        ``signal_vem_charge``; 0 for a station without a working PMT.

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> station_signal(np.array([[3.0, 5.0, 0.0]]), np.array([[True, True, False]])).tolist()
    [4.0]
    """
    charge = np.asarray(charge_vem, np.float32)
    if charge.ndim != 2:
        raise ValueError(f"charge_vem has shape {charge.shape}, expected (n_stations, n_pmts).")
    mask = _as_mask(pmt_mask, charge.shape)
    n_working = np.maximum(mask.sum(axis=1), 1)
    return (np.where(mask, charge, 0).sum(axis=1) / n_working).astype(np.float32)


def _as_unit(name: str, value: Any, mask: np.ndarray) -> np.ndarray:
    """Return one positive value for each station and PMT; 1 for the missing ones."""
    try:
        unit = np.broadcast_to(np.asarray(value, np.float32), mask.shape)
    except ValueError:
        raise ValueError(
            f"{name} has shape {np.shape(value)}, expected a number, {mask.shape[1:]} or {mask.shape}."
        ) from None
    good = np.isfinite(unit) & (unit > 0)
    if not good[mask].all():
        raise ValueError(f"{name} must be positive counts, it holds {unit[mask & ~good][0]}: mask PMTs without one.")
    return np.where(good, unit, 1)


def _as_edges(name: str, value: Any, n_stations: int) -> np.ndarray:
    edges = np.asarray(value)
    if edges.dtype.kind not in "iu" or edges.shape not in ((), (n_stations,)):
        raise ValueError(f"{name} must be whole bins, one for each of {n_stations} stations: it is {value!r:.60}.")
    return np.broadcast_to(edges, n_stations)


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
