"""Check the columns of stations and the variables of a shower, and bring them to kilometres."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

_NEEDED = ("x_m", "y_m", "signal_vem_charge")


class Stations(NamedTuple):
    """The stations that have a position."""

    x_km: NDArray[np.floating]
    y_km: NDArray[np.floating]
    signal: NDArray[np.floating]
    saturated: NDArray[np.bool_]
    selected: NDArray[np.bool_]
    ids: list[str] | None
    n_left_out: int


class Colours(NamedTuple):
    """What the colours show; one value for each station that has a position."""

    values: NDArray[np.floating]
    range: tuple[float, float]
    label: str
    is_time: bool


class Shower(NamedTuple):
    """Core and direction; NaN where they are not known."""

    core_km: NDArray[np.floating]
    zenith_deg: float
    azimuth_deg: float


def check_stations(stations: Mapping[str, ArrayLike]) -> Stations:
    """Return the stations that have a position, or raise what is wrong with them."""
    if not isinstance(stations, Mapping):
        raise TypeError(f"stations is a {type(stations).__name__}: give columns, {{'x_m': …, 'y_m': …, …}}.")
    missing = [name for name in _NEEDED if name not in stations]
    if missing:
        raise ValueError(
            f"stations has no column {', '.join(missing)}: it has {', '.join(map(str, stations)) or 'none'}."
        )
    n = np.size(stations["x_m"])
    x_m, y_m, signal = (_numbers(name, stations[name], n) for name in _NEEDED)
    saturated, selected = (
        _numbers(name, stations.get(name, np.full(n, default)), n) > 0
        for name, default in (("saturated", False), ("selected", True))
    )
    ids = stations.get("station")
    if ids is not None and np.shape(ids) != (n,):
        raise ValueError(f"column station has shape {np.shape(ids)} and there are {n} stations: give one id for each.")
    placed = _placed(stations)
    if not placed.any():
        raise ValueError(f"none of the {n} stations has a position (x_m and y_m): there is nothing to draw.")
    names = None if ids is None else [str(one) for one in np.asarray(ids)[placed]]
    return Stations(
        x_m[placed] / 1000,
        y_m[placed] / 1000,
        signal[placed],
        saturated[placed],
        selected[placed],
        names,
        n_left_out=int(n - placed.sum()),
    )


def check_colours(
    stations: Mapping[str, ArrayLike], value: ArrayLike | None, label: str, limits: tuple[float, float] | None
) -> Colours | None:
    """Return what the colours show: the value given, else the time, else nothing."""
    n, placed = np.size(stations["x_m"]), _placed(stations)
    if value is not None:
        values = _numbers("value", value, n)[placed]
        return Colours(values, _limits(values, limits), label, is_time=False)
    if limits is not None:
        raise ValueError("value_range is given without value: give both, or neither to colour by time.")
    if "time_ns" not in stations:
        return None
    times = _numbers("time_ns", stations["time_ns"], n)[placed]
    if not np.isfinite(times).any():
        return None
    after_first = times - np.nanmin(times)
    in_us = np.nanmax(after_first) >= 2000
    values = after_first / 1000 if in_us else after_first
    return Colours(values, _limits(values, None), f"Time after the first station ({'µs' if in_us else 'ns'})", True)


def check_shower(event: Mapping[str, Any] | None) -> Shower:
    """Return core and direction, NaN where the event does not have them."""
    x, y, zenith, azimuth = (_number(event or {}, name) for name in ("x_m", "y_m", "zenith_deg", "azimuth_deg"))
    return Shower(np.array([x, y]) / 1000, zenith, azimuth)


def _placed(stations: Mapping[str, ArrayLike]) -> NDArray[np.bool_]:
    n = np.size(stations["x_m"])
    x_m, y_m = (_numbers(name, stations[name], n) for name in ("x_m", "y_m"))
    placed: NDArray[np.bool_] = np.isfinite(x_m) & np.isfinite(y_m)
    return placed


def _numbers(name: str, values: ArrayLike, n: int) -> NDArray[np.floating]:
    """Return a column of floats, NaN where it is not finite."""
    column = np.asarray(values)
    if column.shape != (n,):
        raise ValueError(f"{name} has shape {column.shape} and there are {n} stations: give one value for each.")
    if column.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {column.dtype} values: give numbers.")
    floats = column.astype(np.float64)
    return np.where(np.isfinite(floats), floats, np.nan)


def _number(event: Mapping[str, Any], name: str) -> float:
    value = event.get(name, np.nan)
    if np.ndim(value) != 0 or np.asarray(value).dtype.kind not in "fiu":
        raise TypeError(f"{name} of the event is {value!r:.60}: give a number.")
    return float(value) if np.isfinite(value) else np.nan


def _limits(values: NDArray[np.floating], limits: tuple[float, float] | None) -> tuple[float, float]:
    if limits is not None:
        low, high = limits
        if not low < high:
            raise ValueError(f"value_range is {limits}: give a smaller and a larger number.")
        return float(low), float(high)
    known = values[np.isfinite(values)]
    if known.size == 0:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if low < high else (low - 0.5, high + 0.5)
