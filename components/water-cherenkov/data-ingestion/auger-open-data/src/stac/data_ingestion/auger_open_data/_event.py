"""Turn the JSON of one event, in whichever layout, into arrays and tables with units."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

N_PMTS = 3
N_BINS = 768
BIN_NS = 25.0
_START_BIN_OLDER = 10  # traces of the older layout are cut so that the signal starts here

# Column of ours: what the files call it, in one layout or another.
_STATION_FLOATS = {
    "x_m": ("x",),
    "y_m": ("y",),
    "z_m": ("z",),
    "time_ns": ("t",),
    "time_error_ns": ("dt",),
    "distance_m": ("spDistance",),
    "distance_error_m": ("dspDistance",),
    "signal_vem_charge": ("signal",),
    "signal_error_vem_charge": ("dsignal",),
    "rise_time_ns": ("riseTime", "risetime"),
    "curvature_residual_ns": ("curvresidual", "curveResidual"),
}
_STATION_INTEGERS = {"station": ("id",), "start_bin": ("signalStartBin",), "stop_bin": ("signalStopBin",)}
_EVENT_FLOATS = {
    "zenith_deg": ("theta",),
    "zenith_error_deg": ("dtheta",),
    "azimuth_deg": ("phi",),
    "azimuth_error_deg": ("dphi",),
    "x_m": ("x",),
    "x_error_m": ("dx",),
    "y_m": ("y",),
    "y_error_m": ("dy",),
    "z_m": ("z",),
    "time_ns": ("gpsnanotime", "t0"),
    "right_ascension_deg": ("ra",),
    "declination_deg": ("dec",),
    "galactic_longitude_deg": ("l",),
    "galactic_latitude_deg": ("b",),
    "s1000_vem_charge": ("s1000",),
    "n19": ("n19",),
}


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
    info, sdrec = _section(document, "info"), _section(document, "sdrec")
    layout = _layout(document)
    records = _stations_of(document, sdrec)
    traces, mask = _traces(records, layout == "older")
    event = _event_variables(document, info, sdrec or document, layout)
    stations = _station_variables(records, mask, sdrec, layout == "older")
    event["n_stations"] = len(records)
    _fill_distances(stations, event)
    stations = {"event": np.full(len(records), event["event"], np.int64), **stations}
    sections = {name: value for name, value in document.items() if name != "stations"}
    return AugerEvent(traces, mask, stations, event, sections, source)


def _layout(document: Mapping[str, Any]) -> str:
    if "info" not in document and "sdrec" not in document:
        return "older"
    kind = _section(document, "meta").get("type")
    return "catalogue" if kind == "auger catalog" or (kind is None and "flags" not in document) else "open data"


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"{name!r} is {value!r:.40}, expected a section with names and values.")
    return value


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
    mask = traces.any(axis=2)
    if not mask.any():
        raise ValueError("no station has a trace: the PMTs of all stations are missing, or all zero.")
    if not np.isfinite(traces).all():
        station, pmt, sample = np.argwhere(~np.isfinite(traces))[0]
        raise ValueError(f"{_name(records[station])}: pmt{pmt + 1} holds NaN or an infinity (sample {sample}).")
    return traces, mask


def _samples(samples: Any, record: Mapping[str, Any], pmt: int, older: bool) -> NDArray[np.float32]:
    try:
        with np.errstate(over="ignore"):  # what is too large becomes an infinity, and is said to be
            trace = np.array(samples, dtype=np.float32)
    except (TypeError, ValueError):
        trace = None
    if trace is None or trace.ndim != 1:
        raise ValueError(f"{_name(record)}: pmt{pmt} is not a list of numbers.")
    if len(trace) != N_BINS and not (older and len(trace) < N_BINS):
        raise ValueError(f"{_name(record)}: pmt{pmt} has {len(trace)} samples, expected {N_BINS}.")
    return trace


def _event_variables(
    document: Mapping[str, Any], info: Mapping[str, Any], rec: Mapping[str, Any], layout: str
) -> dict[str, Any]:
    energy, error = _float(rec, "energy"), _float(rec, "denergy")
    known = energy > 0
    return {
        "event": _integer(info, "id") if info else _integer(document, "id"),
        "sd_event": _integer(info, "sdid") if info else _integer(document, "rawid"),
        "gps_time": _integer(info, "gpstime") if info else _integer(document, "time"),
        "lg_energy": 18 + math.log10(energy) if known else math.nan,
        "lg_energy_error": error / energy / math.log(10) if known else math.nan,
        **{name: _float(rec, *keys) for name, keys in _EVENT_FLOATS.items()},
        "hybrid": bool(document.get("fdrec") or document.get("eyes")),
        "layout": layout,
    }


def _station_variables(
    records: list[Mapping[str, Any]], mask: NDArray[np.bool_], sdrec: Mapping[str, Any], older: bool
) -> dict[str, NDArray[Any]]:
    extras = [_section(record, "extra") for record in records]
    columns: dict[str, NDArray[Any]] = {
        name: np.array([_integer(record, *keys) for record in records], np.int64)
        for name, keys in _STATION_INTEGERS.items()
    }
    columns["name"] = np.array([str(record.get("name") or "") for record in records])
    columns |= {
        name: np.array([_float(record, *keys) for record in records], np.float64)
        for name, keys in _STATION_FLOATS.items()
    }
    columns["area_over_peak"] = np.array([_mean(extra.get("aop")) for extra in extras])
    columns["n_pmts"] = mask.sum(axis=1)
    columns["saturated"] = np.array(
        [_any(record.get("sat", extra.get("sat"))) for record, extra in zip(records, extras, strict=True)]
    )
    used = set(sdrec.get("recstations") or ()) or None  # ids, as floats in some files
    columns["selected"] = np.array(
        [_any(record.get("isSelected", used is None or record.get("id") in used)) for record in records]
    )
    if older:
        columns["start_bin"][columns["start_bin"] < 0] = _START_BIN_OLDER
    return columns


def _fill_distances(stations: dict[str, NDArray[Any]], event: dict[str, Any]) -> None:
    """Compute the distance to the shower axis where the file does not give it."""
    unknown = np.isnan(stations["distance_m"])
    if not unknown.any():
        return
    core = np.array([event["x_m"], event["y_m"], event["z_m"]])
    if math.isnan(core[2]) and not np.isnan(stations["signal_vem_charge"]).all():
        # The core lies close to the station with the largest signal, and its height hardly matters.
        core[2] = stations["z_m"][np.nanargmax(stations["signal_vem_charge"])]
    zenith, azimuth = math.radians(event["zenith_deg"]), math.radians(event["azimuth_deg"])
    axis = [math.sin(zenith) * math.cos(azimuth), math.sin(zenith) * math.sin(azimuth), math.cos(zenith)]
    from_core = np.stack([stations["x_m"], stations["y_m"], stations["z_m"]], axis=1) - core
    computed = np.linalg.norm(np.cross(from_core, axis), axis=1)
    stations["distance_m"] = np.where(unknown, computed, stations["distance_m"])


def _name(record: Mapping[str, Any]) -> str:
    return f"station {record.get('id', 'without id')}"


def _float(record: Mapping[str, Any], *keys: str) -> float:
    """Return the value of the first of the keys that is there; NaN where it is missing or not finite."""
    for key in keys:
        value = record.get(key)
        if value is None:
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = None
        if number is None:
            raise ValueError(f"{key!r} is {value!r:.40}, expected a number (id {record.get('id', 'missing')}).")
        return number if math.isfinite(number) else math.nan
    return math.nan


def _integer(record: Mapping[str, Any], *keys: str) -> int:
    for key in keys:
        value = record.get(key)
        if type(value) is int:  # ids have up to 12 digits, more than some floats would keep
            return value
    number = _float(record, *keys)
    return -1 if math.isnan(number) else int(number)


def _mean(value: Any) -> float:
    """Return the mean of a number or of a list of them, one for each PMT."""
    values = [_float({"aop": one}, "aop") for one in (value if isinstance(value, list) else [value])]
    values = [one for one in values if not math.isnan(one)]
    return sum(values) / len(values) if values else math.nan


def _any(value: Any) -> bool:
    """Return whether a flag, or one of a list of them, is set; a missing one is not."""
    return any(bool(one) for one in (value if isinstance(value, list) else [value]))
