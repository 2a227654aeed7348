"""Bring the variables of events and stations to columns with units, in whichever layout they come."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
_STATION_INTEGERS: dict[str, tuple[str, ...]] = {
    "station": ("id",),
    "start_bin": ("signalStartBin",),
    "stop_bin": ("signalStopBin",),
}
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


def event_variables(
    document: Mapping[str, Any], info: Mapping[str, Any], rec: Mapping[str, Any], layout: str
) -> dict[str, Any]:
    """Return the variables of the event, missing ones as NaN or -1; `rec` is where the reconstruction stands."""
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


def station_variables(
    records: list[Mapping[str, Any]], mask: NDArray[np.bool_], event: dict[str, Any], sdrec: Mapping[str, Any]
) -> dict[str, NDArray[Any]]:
    """Return the columns of the stations, missing values as NaN or -1."""
    extras = [section(record, "extra") for record in records]
    used = _numbers_in(sdrec.get("recstations"))  # ids, as floats in some files
    columns: dict[str, NDArray[Any]] = {"event": np.full(len(records), event["event"], np.int64)}
    for name, keys in _STATION_INTEGERS.items():
        columns[name] = np.array([_integer(record, *keys) for record in records], np.int64)
    columns["name"] = np.array([str(record.get("name") or "") for record in records])
    for name, keys in _STATION_FLOATS.items():
        columns[name] = np.array([_float(record, *keys) for record in records], np.float64)
    columns["area_over_peak"] = np.array([_mean(extra.get("aop")) for extra in extras])
    columns["n_pmts"] = mask.sum(axis=1)
    columns["saturated"] = np.array(
        [_flag(record.get("sat"), extra.get("sat")) for record, extra in zip(records, extras, strict=True)]
    )
    columns["selected"] = np.array(
        [_flag(record.get("isSelected"), not used or record.get("id") in used) for record in records]
    )
    if event["layout"] == "older":
        columns["start_bin"][columns["start_bin"] < 0] = _START_BIN_OLDER
    _fill_distances(columns, event)
    return columns


def section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part of the document that has names and values of its own; an empty one if it is missing."""
    value = document.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"{name!r} is {value!r:.40}, expected a section with names and values.")
    return value


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
    with np.errstate(over="ignore", invalid="ignore"):  # places that nobody can mean
        computed = np.linalg.norm(np.cross(from_core, axis), axis=1)
    stations["distance_m"] = np.where(unknown, computed, stations["distance_m"])


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
    """Return the value of the first of the keys that is there; -1 where it is missing or not finite."""
    number: float = next((record[key] for key in keys if type(record.get(key)) is int), math.nan)  # exact
    number = _float(record, *keys) if math.isnan(number) else number
    if abs(number) >= 2**63:
        raise ValueError(f"{keys[0]!r} is {number:.3g}, too large for a whole number.")
    return -1 if math.isnan(number) else int(number)


def _mean(value: Any) -> float:
    """Return the mean of a number or of a list of them, one for each PMT."""
    values = [_float({"aop": one}, "aop") for one in (value if isinstance(value, list) else [value])]
    values = [one for one in values if not math.isnan(one)]
    return sum(values) / len(values) if values else math.nan


def _flag(value: Any, default: Any) -> bool:
    """Return whether a flag, or one of a list of them, is set; the default's where it is missing."""
    value = default if value is None else value
    return any(bool(one) for one in (value if isinstance(value, list) else [value]))


def _numbers_in(values: Any) -> set[float]:
    return {one for one in values if isinstance(one, int | float)} if isinstance(values, list) else set()
