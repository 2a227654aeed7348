"""Holds stations of water-Cherenkov detectors ready for training, whatever they come from."""

import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from stac.data_ingestion.station_data._sources import auger_parts, progress_of, simulated_parts

__all__ = ["StationData", "read_station_data", "simulate_station_data"]

_ARRAYS = ("traces_vem_peak", "pmt_mask", "em_trace", "muon_trace")


@dataclass(eq=False)
class StationData:
    """Traces of many stations with what is known of each.

    Parameters
    ----------
    traces_vem_peak : ndarray of shape (n_stations, n_pmts, n_bins), float32
        Signal windows in units of the VEM peak; samples of missing PMTs are 0.
    pmt_mask : ndarray of shape (n_stations, n_pmts), bool
        True where the PMT is there and works.
    table : dict of str to ndarray of shape (n_stations,)
        Variables by name, with the unit at the end: ``event``, ``distance_m``, ``n_muons``, ``primary`` …
    bin_ns : float
        Width of a bin in ns.
    em_trace, muon_trace : ndarray of shape (n_stations, n_bins), float32, optional
        Where a simulation knows them: electromagnetic and muonic signal in each bin, in units of the VEM charge.

    Raises
    ------
    ValueError
        If shapes do not fit together, or values are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> data = StationData(np.ones((2, 3, 16), np.float32), np.ones((2, 3), bool), {"event": np.array([7, 8])}, 25.0)
    >>> len(data), data[data.table["event"] == 8].traces_vem_peak.shape
    (2, (1, 3, 16))
    """

    traces_vem_peak: np.ndarray
    pmt_mask: np.ndarray
    table: dict[str, np.ndarray]
    bin_ns: float
    em_trace: np.ndarray | None = None
    muon_trace: np.ndarray | None = None

    def __post_init__(self) -> None:
        self.traces_vem_peak = np.ascontiguousarray(self.traces_vem_peak, np.float32)
        self.pmt_mask = np.asarray(self.pmt_mask, bool)
        self.table = {name: np.asarray(column) for name, column in self.table.items()}
        self.bin_ns = float(self.bin_ns)
        self._check()

    def __len__(self) -> int:
        return len(self.traces_vem_peak)

    def __getitem__(self, chosen: Any) -> "StationData":
        """Return the stations chosen by a slice, a mask, or indices."""
        chosen = np.arange(len(self))[chosen].ravel()  # one index gives one station, not none of its dimension
        return StationData(
            self.traces_vem_peak[chosen],
            self.pmt_mask[chosen],
            {name: column[chosen] for name, column in self.table.items()},
            self.bin_ns,
            None if self.em_trace is None else self.em_trace[chosen],
            None if self.muon_trace is None else self.muon_trace[chosen],
        )

    def save(self, path: str | Path) -> Path:
        """Write everything into one ``.npz`` file: the arrays by their names, every variable as an array of its own.

        Parameters
        ----------
        path : str or Path
            File that is written; an older one is replaced when the new one is complete.

        Returns
        -------
        Path
            The file.
        """
        path = Path(path)
        arrays = {name: value for name in _ARRAYS if (value := getattr(self, name)) is not None}
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, bin_ns=np.float64(self.bin_ns), **arrays, **self.table)
            Path(unfinished).chmod(0o644)
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        return path

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a file that ``save`` wrote, or your own simulation wrote by the same names.

        Parameters
        ----------
        path : str or Path
            An ``.npz`` file with ``traces_vem_peak (n_stations, n_pmts, n_bins)`` and ``bin_ns``. Without
            ``pmt_mask`` all PMTs count as working. Every other array of length n_stations is a variable.

        Returns
        -------
        StationData
            What the file holds.

        Raises
        ------
        ValueError
            If the file is not of this format; the sentence says what is missing.
        OSError
            If it cannot be read.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = dict(file)
        except (ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
            raise ValueError(f"{path} is no .npz file of plain arrays ({error}).") from None
        missing = [name for name in ("traces_vem_peak", "bin_ns") if name not in arrays]
        if missing:
            raise ValueError(
                f"{path} has no {' and no '.join(missing)}, only {', '.join(arrays) or 'nothing'}: write at least "
                "traces_vem_peak (n_stations, n_pmts, n_bins) and bin_ns."
            )
        traces = arrays.pop("traces_vem_peak")
        if traces.shape[:1] == (0,):
            raise ValueError(f"{path} holds no station.")
        mask = arrays.pop("pmt_mask", np.ones(traces.shape[:2], bool))
        known = {name: arrays.pop(name, None) for name in ("em_trace", "muon_trace")}
        bin_ns = arrays.pop("bin_ns")
        try:
            return cls(traces, mask, arrays, bin_ns, **known)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}: {error}") from None

    def _check(self) -> None:
        shape = self.traces_vem_peak.shape
        if len(shape) != 3 or 0 in shape[1:]:
            raise ValueError(
                f"traces_vem_peak has shape {shape}, expected (n_stations, n_pmts, n_bins) with PMTs and bins."
            )
        if self.pmt_mask.shape != shape[:2]:
            raise ValueError(f"pmt_mask has shape {self.pmt_mask.shape}, expected {shape[:2]} as the traces.")
        if not self.bin_ns > 0:
            raise ValueError(f"bin_ns={self.bin_ns} is no width of a bin: give it in ns, such as 25.")
        for name in ("em_trace", "muon_trace"):
            truth = getattr(self, name)
            if truth is not None and truth.shape != (shape[0], shape[2]):
                raise ValueError(f"{name} has shape {truth.shape}, expected {(shape[0], shape[2])} as the traces.")
        for name, column in self.table.items():
            if column.shape != shape[:1]:
                raise ValueError(f"The variable {name} has shape {column.shape}, expected {shape[:1]}: one a station.")
        for name in ("traces_vem_peak", "em_trace", "muon_trace"):
            values = getattr(self, name)
            if values is not None and not np.isfinite(values.sum(dtype=np.float64)):  # one pass, no second array
                where = np.argwhere(~np.isfinite(values))
                raise ValueError(
                    f"{name} has {len(where)} values that are not finite, the first in station {where[0][0]}."
                )


def simulate_station_data(
    n_stations: int,
    detector: str = "auger-ub",
    *,
    length: int = 200,
    seed: int = 0,
    progress: bool = False,
    **ranges: Any,
) -> StationData:
    """Simulate stations and preprocess them as they come, so that only the signal windows stay in memory.

    Parameters
    ----------
    n_stations : int
        Number of stations.
    detector : str, default="auger-ub"
        A detector of ``stac.data_ingestion.wcd_simulator.DETECTORS``.
    length : int, default=200
        Bins of the window that is kept around the signal.
    seed : int, default=0
        Rules every draw: the same seed gives the same stations.
    progress : bool, default=False
        Show a progress bar on the error stream, if it is a terminal.
    **ranges
        Passed on to ``stac.data_ingestion.wcd_simulator.iterate_stations``: ``primaries``, ``lg_energy``,
        ``zenith_deg``, ``distance_m``, ``stations_per_event``, ``missing_pmts`` …

    Returns
    -------
    StationData
        With the truth of the simulator in the table and in ``em_trace`` and ``muon_trace``; ``signal_vem_charge`` is
        the signal as measured.

    Raises
    ------
    ValueError
        If the detector is unknown, or a range is empty.

    Examples
    --------
    >>> data = simulate_station_data(50, length=160)
    >>> data.traces_vem_peak.shape
    (50, 3, 160)
    """
    parts = simulated_parts(n_stations, detector, length=length, seed=seed, **ranges)
    return _joined(progress_of(parts, n_stations, "Simulating stations", progress), f"No station of {detector}")


def read_station_data(path: str | Path, *, length: int = 200, progress: bool = False) -> StationData:
    """Read stations from a file of your own, or from Auger open data.

    Parameters
    ----------
    path : str or Path
        An ``.npz`` file (see ``StationData.load``), or Auger open data: a ``.json`` or ``.json.gz`` file, a ``.zip``
        archive, or a folder of them.
    length : int, default=200
        Bins of the window that is cut around the signal of open data. Windows in an ``.npz`` stay as they are.
    progress : bool, default=False
        Show a progress bar on the error stream, if it is a terminal.

    Returns
    -------
    StationData
        The stations. Open data have no truth; bad events in an archive are left out with a warning.

    Raises
    ------
    FileNotFoundError
        If the path does not exist.
    ValueError
        If nothing can be read from it.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: give an .npz file, or a file or folder of Auger open data.")
    if path.suffix == ".npz":
        return StationData.load(path)
    return _joined(progress_of(auger_parts(path, length), None, "Reading events", progress), f"No station in {path}")


def _joined(parts: Any, complaint: str) -> StationData:
    """Put parts together; each is the arguments of a StationData."""
    parts = [part for part in parts if len(part["traces_vem_peak"])]
    if not parts:
        raise ValueError(f"{complaint}: nothing to work with.")
    if len(widths := {part["bin_ns"] for part in parts}) > 1:
        raise ValueError(f"Stations with bins of {sorted(widths)} ns do not go together: read them one by one.")
    names = [name for name in parts[0]["table"] if all(name in part["table"] for part in parts)]
    joined = {
        name: np.concatenate([part[name] for part in parts]) for name in _ARRAYS if parts[0].get(name) is not None
    }
    table = {name: np.concatenate([part["table"][name] for part in parts]) for name in names}
    return StationData(**joined, table=table, bin_ns=parts[0]["bin_ns"])
