"""The result of a simulation: traces and truth of stations."""

from dataclasses import dataclass

import numpy as np

from stac.data_ingestion.wcd_simulator._detectors import Detector

__all__ = ["SimulatedStations", "concatenate"]

TRACES = ("high_gain", "low_gain", "pmt_mask", "em_trace", "muon_trace")


@dataclass(eq=False)
class SimulatedStations:
    """Traces and truth of simulated stations; ``len`` counts them, an index, slice or mask picks some.

    Attributes
    ----------
    high_gain : ndarray of shape (n_stations, n_pmts, n_bins), float32
        Whole ADC counts, baseline included; 0 in missing PMTs.
    low_gain : ndarray of the same shape, or None
        The same of the low-gain channel, where the detector has one.
    pmt_mask : ndarray of shape (n_stations, n_pmts), bool
        True where the PMT is there and works.
    em_trace, muon_trace : ndarray of shape (n_stations, n_bins), float32
        True mean signal per bin in VEM charge (average of all PMTs, without their fluctuations and noise).
    table : dict of str to ndarray of shape (n_stations,)
        event (int64), primary, lg_energy (of eV), zenith_deg, distance_m, delta_x_gcm2 (atmosphere between shower
        maximum and ground, along the axis), n_muons (that entered the water), muon_signal_vem and em_signal_vem (VEM
        charge of the particles, wherever in time), photoelectrons (charge of all working PMTs within the trace, before
        noise and saturation), saturated (some high-gain trace reached the highest count), trace_start_ns (time when
        the first bin begins, after the plane of the shower front).
    detector : Detector
        What was simulated.
    """

    high_gain: np.ndarray
    low_gain: np.ndarray | None
    pmt_mask: np.ndarray
    em_trace: np.ndarray
    muon_trace: np.ndarray
    table: dict[str, np.ndarray]
    detector: Detector

    def __len__(self) -> int:
        return len(self.high_gain)

    def __getitem__(self, index: int | slice | np.ndarray | list) -> "SimulatedStations":
        if isinstance(index, int | np.integer):
            index = [index]  # numpy would drop the axis, and says itself when an index is out of bounds
        traces = {name: getattr(self, name) for name in TRACES}
        traces = {name: None if values is None else values[index] for name, values in traces.items()}
        return SimulatedStations(
            **traces, table={name: column[index] for name, column in self.table.items()}, detector=self.detector
        )

    def __repr__(self) -> str:
        pmts, bins = self.high_gain.shape[1:]
        return f"SimulatedStations({len(self)} of {self.detector.name}: {pmts} PMTs x {bins} bins)"

    def empty(self, n: int) -> "SimulatedStations":
        """Return room for ``n`` stations like these."""
        traces = {name: getattr(self, name) for name in TRACES}
        return SimulatedStations(
            **{name: None if x is None else np.empty((n, *x.shape[1:]), x.dtype) for name, x in traces.items()},
            table={name: np.empty(n, column.dtype) for name, column in self.table.items()},
            detector=self.detector,
        )

    def put(self, start: int, part: "SimulatedStations") -> None:
        """Copy stations into the place from ``start`` on, as many as fit."""
        n = min(len(part), len(self) - start)
        for name in TRACES:
            if getattr(self, name) is not None:
                getattr(self, name)[start : start + n] = getattr(part, name)[:n]
        for name, column in self.table.items():
            column[start : start + n] = part.table[name][:n]


def concatenate(parts: list[SimulatedStations]) -> SimulatedStations:
    """Join stations of one detector."""
    if len(parts) == 1:
        return parts[0]
    traces = {name: [getattr(part, name) for part in parts] for name in TRACES}
    return SimulatedStations(
        **{name: None if values[0] is None else np.concatenate(values) for name, values in traces.items()},
        table={name: np.concatenate([part.table[name] for part in parts]) for name in parts[0].table},
        detector=parts[0].detector,
    )
