"""Read the open data of the Pierre Auger Observatory: traces, the mask of their PMTs, and tables with units."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stac.data_ingestion.auger_open_data._event import AugerEvent, build_event
from stac.data_ingestion.auger_open_data._files import existing_path, files_in, read_documents

__all__ = ["AugerEvent", "event_table", "read_event", "read_events"]

# Events joined at a time: thousands of small arrays would take more memory than what they hold.
_CHUNK = 512
# These event variables are called as a station's own, so a table of stations calls them by another name.
_OF_THE_CORE = ("x_m", "x_error_m", "y_m", "y_error_m", "z_m", "time_ns")


def read_event(source: str | Path | Mapping[str, Any]) -> AugerEvent:
    """Read one event.

    Parameters
    ----------
    source : str, Path or mapping
        A file that holds one event (`.json`, `.json.gz`, or an archive with one member), or the parsed JSON itself.

    Returns
    -------
    AugerEvent
        The event; its docstring lists the variables.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, holds no event or several, or the event has no stations, no working PMT, or traces
        that are not 768 finite numbers. The message names the file and the station.

    Examples
    --------
    >>> pulse = [0.0] * 240 + [3.0, 2.0, 1.0] + [0.0] * 525
    >>> station = {"id": 589, "x": 100.0, "y": 200.0, "signal": 1.9, "pmt1": pulse, "pmt2": pulse, "pmt3": []}
    >>> event = read_event({"info": {"id": 1}, "sdrec": {"theta": 30, "energy": 10.0}, "stations": [station]})
    >>> event
    AugerEvent(1: 1 station, lg(E/eV) = 19.00, zenith 30.0°)
    >>> event.traces_vem_peak.shape, event.pmt_mask.tolist()
    ((1, 3, 768), [[True, True, False]])
    >>> event.stations["signal_vem_charge"], event.event["zenith_deg"]
    (array([1.9]), 30.0)
    """
    if isinstance(source, Mapping):
        return build_event(source, "the event")
    events = read_events(source)
    event = next(events)
    if next(events, None) is not None:
        raise ValueError(f"{source}: holds several events: go through them with read_events.")
    return event


def read_events(path: str | Path, *, on_error: Literal["raise", "warn"] = "raise") -> Iterator[AugerEvent]:
    """Read events one after the other; the memory needed does not grow with their number.

    Parameters
    ----------
    path : str or Path
        `.json` or `.json.gz` (one event, or a list of events), an archive of such files (`.zip`, `.tar`, `.tar.gz`,
        `.tgz`; folders inside do not matter), or a folder of any of these, searched to its bottom and sorted by name.
    on_error : {"raise", "warn"}
        What to do about an event, file or archive that cannot be read: stop with its error, or skip it with a warning
        that says the same.

    Yields
    ------
    AugerEvent
        The events, in the order of the files or of the archive.

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    ValueError
        As `read_event`, and if nothing under `path` is an event that can be read. The message names the file and, in
        an archive, its member.

    Examples
    --------
    >>> for event in read_events("auger_public_2024.zip", on_error="warn"):  # doctest: +SKIP
    ...     print(event.event["event"], event.traces_vem_peak.shape)
    """
    if on_error not in ("raise", "warn"):
        raise ValueError(f"on_error is {on_error!r}: give 'raise' or 'warn'.")
    return _read_events(existing_path(path), on_error == "warn")


def event_table(events: Iterable[AugerEvent]) -> dict[str, NDArray[Any]]:
    """Collect the station and event variables of many events, without their traces.

    Parameters
    ----------
    events : iterable of AugerEvent
        Such as `read_events(path)`; gone through once, traces are not kept.

    Returns
    -------
    dict of str to ndarray of shape (n_stations,)
        A row for each station of each event. Columns are those of `AugerEvent.stations`, then those of
        `AugerEvent.event`, repeated for each of its stations; those of the core are called `core_x_m`, `core_y_m`,
        `core_z_m`, `core_x_error_m`, `core_y_error_m` and `core_time_ns`.

    Raises
    ------
    ValueError
        If there are no events.

    Examples
    --------
    >>> station = {"id": 7, "signal": 4.0, "pmt1": [1.0] * 768}
    >>> event = read_event({"info": {"id": 5}, "sdrec": {"theta": 12.5}, "stations": [station, station]})
    >>> table = event_table([event])
    >>> table["event"].tolist(), table["signal_vem_charge"].tolist(), table["zenith_deg"].tolist()
    ([5, 5], [4.0, 4.0], [12.5, 12.5])
    """
    parts: list[dict[str, NDArray[Any]]] = []
    chunk: list[dict[str, NDArray[Any]]] = []
    for event in events:
        chunk.append(_rows(event))
        if len(chunk) == _CHUNK:
            parts.append(_joined(chunk))
            chunk = []
    if not parts and not chunk:
        raise ValueError("There are no events to put into a table: give at least one.")
    return _joined(parts + chunk)


def _read_events(path: Path, tolerant: bool) -> Iterator[AugerEvent]:
    n_events = n_skipped = 0
    for file in files_in(path):
        documents = read_documents(file)
        while True:
            try:
                name, document = next(documents)
                if isinstance(document, Exception):  # only this member of an archive cannot be read
                    raise document
                event = build_event(document, name)
            except StopIteration:
                break
            except ValueError as error:
                if not tolerant:
                    raise
                warnings.warn(f"Skipped: {error}", stacklevel=2)
                n_skipped += 1
                continue
            n_events += 1
            yield event
    if not n_events:
        found = f"{n_skipped} skipped" if n_skipped else "there is no .json, .json.gz, .zip, .tar, .tar.gz or .tgz"
        raise ValueError(f"{path}: holds no event that can be read ({found}).")


def _rows(event: AugerEvent) -> dict[str, NDArray[Any]]:
    n = len(event)
    of_event = {f"core_{name}" if name in _OF_THE_CORE else name: value for name, value in event.event.items()}
    return event.stations | {name: np.full(n, value) for name, value in of_event.items()}


def _joined(tables: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
