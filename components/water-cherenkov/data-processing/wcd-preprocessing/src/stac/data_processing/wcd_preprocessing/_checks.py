"""What the preprocessing refuses, and how it says so."""

from typing import Any

import numpy as np

__all__ = ["as_mask", "as_traces", "not_finite", "take_out"]


def as_traces(name: str, traces: Any, n_pmts: int | None, n_bins: int | None) -> np.ndarray:
    """Return an array (n_stations, n_pmts, n_bins) of numbers; None takes any number of PMTs or bins."""
    traces = np.asarray(traces)
    if traces.dtype.kind not in "fiu":
        raise TypeError(f"{name} holds {traces.dtype}, expected numbers: convert it with .astype('float32').")
    expected = f"(n_stations, {n_pmts or 'n_pmts'}, {n_bins or 'n_bins'})"
    if traces.ndim != 3 or 0 in traces.shape[1:]:
        raise ValueError(f"{name} has shape {traces.shape}, expected {expected}.")
    if n_pmts not in (None, traces.shape[1]) or n_bins not in (None, traces.shape[2]):
        raise ValueError(
            f"{name} has shape {traces.shape}, expected {expected}: these traces are of another detector, or cut."
        )
    return traces


def as_mask(mask: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return a mask of our own, that bad PMTs can be taken out of."""
    mask = np.ones(shape, bool) if mask is None else np.array(mask).astype(bool)
    if mask.shape != shape:
        raise ValueError(f"pmt_mask has shape {mask.shape}, expected {shape}: one value per station and PMT.")
    if len(mask) and not mask.any():
        raise ValueError(f"No PMT of any of the {len(mask)} stations works: pmt_mask is False everywhere.")
    return mask


def not_finite(samples: np.ndarray) -> np.ndarray:
    """Tell which traces hold NaN or infinities, by their sums: the last axis goes."""
    if samples.dtype.kind != "f":
        return np.zeros(samples.shape[:-1], bool)
    with np.errstate(invalid="ignore", over="ignore"):
        suspicious = ~np.isfinite(np.einsum("...b->...", samples))
    suspicious[suspicious] = ~np.isfinite(samples[suspicious]).all(axis=-1)
    return suspicious


def take_out(bad: np.ndarray, mask: np.ndarray, what: str, *, on_bad_pmt: str, first: int) -> None:
    """Mark bad PMTs as missing in the mask (n_stations, n_pmts), or raise an error that names the first of them."""
    bad = bad & mask
    if not bad.any():
        return
    if on_bad_pmt == "raise":
        station, pmt = np.argwhere(bad)[0]
        raise ValueError(
            f"PMT {pmt} of station {first + station} {what}: mark it as missing in pmt_mask, or let "
            'on_bad_pmt="mask" do so.'
        )
    mask &= ~bad
