"""What comes out of the preprocessing."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Preprocessed"]


@dataclass(frozen=True, eq=False)
class Preprocessed:
    """Calibrated stations, as `WcdPreprocessing` makes them.

    Attributes
    ----------
    traces_vem_peak : ndarray of shape (n_stations, n_pmts, length), float32
        Samples above the baseline in VEM peak; 0 for missing photomultipliers (PMTs) and outside the trace.
    pmt_mask : ndarray of bool of shape (n_stations, n_pmts)
        True = the PMT is there and works.
    signal_vem_charge : ndarray of shape (n_stations,), float32
        Signal between start and stop in VEM charge, mean of the working PMTs.
    start, stop : ndarray of int of shape (n_stations,)
        The signal's bins in the trace as it was passed: ``start <= bin < stop``; both 0 where there is none.
    saturated : ndarray of bool of shape (n_stations, n_pmts)
        Saturated beyond recovery: the signal is a lower limit.
    recovered : ndarray of bool of shape (n_stations, n_pmts)
        Saturated in the high gain, and completed from the low gain.
    baseline, noise : ndarray of shape (n_stations, n_pmts), float32, or None
        Of the high gain, in ADC counts; None if the traces came calibrated.
    """

    traces_vem_peak: np.ndarray
    pmt_mask: np.ndarray
    signal_vem_charge: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    saturated: np.ndarray
    recovered: np.ndarray
    baseline: np.ndarray | None = None
    noise: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.traces_vem_peak)

    @property
    def usable(self) -> np.ndarray:
        """Stations (n_stations,) with a working PMT and a signal."""
        return self.pmt_mask.any(axis=1) & (self.stop > self.start)
