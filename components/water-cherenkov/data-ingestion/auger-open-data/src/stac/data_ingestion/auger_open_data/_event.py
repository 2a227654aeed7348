"""Turn the JSON of one event, in whichever layout, into arrays and tables with units."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stac.data_ingestion.auger_open_data._columns import event_variables, section, station_variables

N_PMTS = 3
N_BINS = 768
BIN_NS = 25.0


@dataclass(eq=False, repr=False)
class AugerEvent:
    """One event: what its stations recorded, and what was reconstructed from it.

    Attributes
    ----------
    traces_vem_peak : ndarray of shape (n_stations, 3, 768), float32
        Baseline-subtracted samples of 25 ns, in units of the peak (not the charge) of a vertical equivalent muon. Zero
        where a PMT is missing, and behind the end of the shorter traces of the older layout.
    pmt_mask : ndarray of shape (n_stations, 3), bool
        Whether the PMT is there and works (its trace is not all zeros).
    stations : dict of str to ndarray of shape (n_stations,)
        `event` and `station` (ids), `name`, `x_m`, `y_m`, `z_m` (site coordinates: east, north, up), `time_ns`
        (start of the signal within the GPS second), `time_error_ns`, `distance_m` (to the shower axis; computed from
        core and axis where the file does not say it), `distance_error_m`, `signal_vem_charge`,
        `signal_error_vem_charge`, `rise_time_ns`, `curvature_residual_ns`, `area_over_peak` (as in the file, older
        layout only), `start_bin`, `stop_bin` (signal window in the trace), `n_pmts` (working ones), `saturated`,
        `selected` (used in the reconstruction; true where the file does not say). Missing: NaN, or -1 for integers.
    event : dict
        `event` (id; -1 if missing), `sd_event`, `gps_time` (whole seconds), `time_ns` (when the shower front reaches
        the core, within the second), `lg_energy` and `lg_energy_error` (log10 of eV), `zenith_deg`, `azimuth_deg`
        (where the shower comes from, counterclockwise from east), `x_m`, `y_m`, `z_m` (core), their `…_error_…`,
        `right_ascension_deg`, `declination_deg`, `galactic_longitude_deg`, `galactic_latitude_deg`,
        `s1000_vem_charge`, `n19`, `n_stations`, `hybrid` (seen by telescopes, too), `layout` ("open data",
        "catalogue" or "older"). Missing: NaN, or -1 for integers.
    sections : dict
        All else that the file says, as it says it: `meta`, `info`, `flags`, `sdrec`, `fdrec`, `eyes`, …
    source : str
        The file, and the member of an archive, that the event comes from.
    bin_ns : float
        Width of a sample in nanoseconds.

    Examples
    --------
    >>> from stac.data_ingestion.auger_open_data import read_event
    >>> event = read_event({"info": {"id": 3}, "stations": [{"id": 7, "pmt2": [0.5] * 768}]})
    >>> len(event), event.stations["n_pmts"].tolist(), event.bin_ns
    (1, [1], 25.0)
    """

    traces_vem_peak: NDArray[np.float32]
    pmt_mask: NDArray[np.bool_]
    stations: dict[str, NDArray[Any]]
    event: dict[str, Any]
    sections: dict[str, Any]
    source: str
    bin_ns: float = BIN_NS

    def __len__(self) -> int:
        return len(self.traces_vem_peak)

    def __repr__(self) -> str:
        n, event = len(self), self.event
        energy, zenith = event["lg_energy"], event["zenith_deg"]
        facts = [f"{n} station{'s' * (n != 1)}"]
        facts += [] if math.isnan(energy) else [f"lg(E/eV) = {energy:.2f}"]
        facts += [] if math.isnan(zenith) else [f"zenith {zenith:.1f}°"]
        return f"AugerEvent({event['event']}: {', '.join(facts)})"


def build_event(document: Any, source: str) -> AugerEvent:
    """Return the event that the parsed JSON describes; errors begin with `source`."""
    try:
        return _build(document, source)
    except ValueError as error:
        message = str(error)
    raise ValueError(f"{source}: {message}")


def _build(document: Any, source: str) -> AugerEvent:
    if not isinstance(document, Mapping):
        raise ValueError(
            f"holds a JSON {type(document).__name__} instead of an event: expected {{…, 'stations': […]}}."
        )
    info, sdrec = section(document, "info"), section(document, "sdrec")
    layout = _layout(document)
    records = _stations_of(document, sdrec)
    traces, mask = _traces(records, layout == "older")
    event = event_variables(document, info, sdrec or document, layout)
    event["n_stations"] = len(records)
    stations = station_variables(records, mask, event, sdrec)
    sections = {name: value for name, value in document.items() if name != "stations"}
    return AugerEvent(traces, mask, stations, event, sections, source)


def _layout(document: Mapping[str, Any]) -> str:
    if "info" not in document and "sdrec" not in document:
        return "older"
    kind = section(document, "meta").get("type")
    return "catalogue" if kind == "auger catalog" or (kind is None and "flags" not in document) else "open data"


def _stations_of(document: Mapping[str, Any], sdrec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    records = document.get("stations") or sdrec.get("stations")
    if not records:
        raise ValueError("the event has no stations: only events of the surface detector can be read.")
    if not isinstance(records, list) or not all(isinstance(record, Mapping) for record in records):
        raise ValueError("'stations' is not a list of stations, each with names and values.")
    return records


def _traces(records: list[Mapping[str, Any]], older: bool) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    traces = np.zeros((len(records), N_PMTS, N_BINS), np.float32)
    for record, station_traces in zip(records, traces, strict=True):
        lengths = set()
        for pmt, trace in enumerate(station_traces, start=1):
            samples = record.get(f"pmt{pmt}")
            if samples is None or samples == []:
                continue
            samples = _samples(samples, record, pmt, older)
            trace[: len(samples)] = samples
            lengths.add(len(samples))
        if len(lengths) > 1:
            raise ValueError(f"{_name(record)}: its PMTs have traces of different lengths: {sorted(lengths)} samples.")
    mask: NDArray[np.bool_] = np.any(traces, axis=2)
    if not mask.any():
        raise ValueError("no station has a trace: the PMTs of all stations are missing, or all zero.")
    if not np.isfinite(traces).all():
        station, pmt, sample = np.argwhere(~np.isfinite(traces))[0]
        raise ValueError(f"{_name(records[station])}: pmt{pmt + 1} holds NaN or an infinity (sample {sample}).")
    return traces, mask


def _samples(samples: Any, record: Mapping[str, Any], pmt: int, older: bool) -> NDArray[np.float32]:
    try:
        with np.errstate(over="ignore"):  # what is too large becomes an infinity, and is said to be
            trace = np.fromiter(samples, np.float32, len(samples))  # twice as fast as np.array
    except (TypeError, ValueError):
        trace = None
    if trace is None:
        raise ValueError(f"{_name(record)}: pmt{pmt} is not a list of numbers.")
    if len(trace) != N_BINS and not (older and len(trace) < N_BINS):
        raise ValueError(f"{_name(record)}: pmt{pmt} has {len(trace)} samples, expected {N_BINS}.")
    return trace


def _name(record: Mapping[str, Any]) -> str:
    return f"station {record.get('id', 'without id')}"
