"""Check what is given of a station, and find the part of its trace that is worth showing."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

_ALWAYS_WHOLE = 100  # bins
_AIR = 0.08  # of the part shown, on either side


class Station(NamedTuple):
    """What is drawn of one station; true components are in the unit of the traces."""

    traces: NDArray[np.floating]
    mask: NDArray[np.bool_]
    mean: NDArray[np.floating]
    bin_ns: float
    em: NDArray[np.floating] | None
    muon: NDArray[np.floating] | None
    truth_is_fitted: bool
    muon_share: float | None
    start: int | None
    stop: int | None
    view: slice

    @property
    def has_truth(self) -> bool:
        return self.em is not None or self.muon is not None


def check_station(
    traces: ArrayLike,
    pmt_mask: ArrayLike | None,
    bin_ns: float,
    em_trace: ArrayLike | None,
    muon_trace: ArrayLike | None,
    truth_scale: float | None,
    start: int | None,
    stop: int | None,
    zoom: bool,
) -> Station:
    """Return the station, or raise what is wrong with it."""
    values = _numbers("traces", traces)
    if values.ndim != 2 or values.size == 0:
        fix = "; one PMT: traces[None]" if values.ndim == 1 else ""
        fix = "; many stations: plot_trace_gallery" if values.ndim == 3 else fix
        raise ValueError(f"traces has shape {values.shape}: give (n_pmts, n_bins){fix}.")
    n_pmts, n_bins = values.shape
    mask = np.ones(n_pmts, bool) if pmt_mask is None else np.asarray(pmt_mask).astype(bool)
    if mask.shape != (n_pmts,):
        raise ValueError(f"pmt_mask has shape {mask.shape} and there are {n_pmts} PMTs: give one truth value for each.")
    _check_positive("bin_ns", bin_ns)
    start, stop = (None if one is None or one < 0 else int(one) for one in (start, stop))
    _check_window(start, stop, n_bins)
    mean = _mean_of_known(values[mask]) if mask.any() else np.zeros(n_bins)
    truth = [_component("em_trace", em_trace, n_bins), _component("muon_trace", muon_trace, n_bins)]
    em, muon, share = _scaled(truth, mean, truth_scale)
    view = _view(mean, start, stop) if zoom and n_bins > _ALWAYS_WHOLE else slice(0, n_bins)
    fitted = truth_scale is None and (em is not None or muon is not None)
    return Station(values, mask, mean, float(bin_ns), em, muon, fitted, share, start, stop, view)


def _numbers(name: str, values: ArrayLike) -> NDArray[np.floating]:
    try:
        array = np.asarray(values)
    except ValueError:
        array = None
    if array is None:
        raise ValueError(f"{name} has rows of different lengths: give as many bins for each PMT.")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {array.dtype} values: give numbers.")
    floats = array.astype(np.float64)
    return np.where(np.isfinite(floats), floats, np.nan)


def _check_positive(name: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0):
        raise ValueError(f"{name} is {value!r}: give a number above 0.")


def _check_window(start: int | None, stop: int | None, n_bins: int) -> None:
    for name, value in (("start", start), ("stop", stop)):
        if value is not None and value > n_bins:
            raise ValueError(f"{name} is {value} and the trace has {n_bins} bins: give a bin inside it.")
    if start is not None and stop is not None and stop <= start:
        raise ValueError(f"the signal window from start={start} to stop={stop} holds no bin: give stop above start.")


def _component(name: str, values: ArrayLike | None, n_bins: int) -> NDArray[np.floating] | None:
    if values is None:
        return None
    trace = _numbers(name, values)
    if trace.shape != (n_bins,):
        raise ValueError(f"{name} has shape {trace.shape} and the trace {n_bins} bins: give one value for each bin.")
    known: NDArray[np.floating] = np.nan_to_num(trace)
    return known


def _scaled(
    truth: list[NDArray[np.floating] | None], mean: NDArray[np.floating], scale: float | None
) -> tuple[NDArray[np.floating] | None, NDArray[np.floating] | None, float | None]:
    """Return both components in the unit of the traces, and the share of the muons."""
    areas = [0.0 if one is None else float(one.sum()) for one in truth]
    both = all(one is not None for one in truth)
    share = areas[1] / sum(areas) if both and sum(areas) > 0 else None
    if scale is None:
        scale = float(np.nansum(mean)) / sum(areas) if sum(areas) > 0 and np.nansum(mean) > 0 else 1.0
    else:
        _check_positive("truth_scale", scale)
    em, muon = (None if one is None else one * scale for one in truth)
    return em, muon, share


def _mean_of_known(traces: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the mean of the PMTs in each bin, NaN where none has a value."""
    known = np.isfinite(traces)
    count = known.sum(axis=0)
    return np.where(count > 0, np.where(known, traces, 0).sum(axis=0) / np.maximum(count, 1), np.nan)


def _view(mean: NDArray[np.floating], start: int | None, stop: int | None) -> slice:
    """Return the bins with a signal, with some air: above 2 % of the peak and above the noise, less the last 1 %."""
    n_bins = len(mean)
    known = np.nan_to_num(mean)
    noise = 1.4826 * float(np.median(np.abs(known - np.median(known))))
    threshold = max(0.02 * float(known.max()), 5 * noise)
    inside = slice(start or 0, n_bins if stop is None else stop)
    signal = np.where(known[inside] > threshold, known[inside], 0).cumsum()
    if not signal.any():
        return slice(0, n_bins)
    first, last = (inside.start + int(np.searchsorted(signal, share * signal[-1], "right")) for share in (0, 0.99))
    first = first if start is None else min(first, start)
    air = max(5, round(_AIR * (last - first)))
    return slice(max(first - air, 0), min(last + 1 + 2 * air, n_bins))
