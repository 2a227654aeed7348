"""Print an event and its stations, or a list of events: `python -m stac.data_ingestion.auger_open_data FILE`."""

import argparse
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from stac.data_ingestion.auger_open_data import AugerEvent, read_events

_EPILOG = """
examples:
  one event, its stations as a table
    python -m stac.data_ingestion.auger_open_data Auger_081847956000.json
  what an archive or a folder holds, an event a line
    python -m stac.data_ingestion.auger_open_data auger_public_2024.zip --limit 50
  one event of an archive
    python -m stac.data_ingestion.auger_open_data auger_public_2024.zip --event 81847956000

The files are to be had from https://opendata.auger.org (DOI 10.5281/zenodo.4487612).
"""
# Heading, column, format of the table of stations.
_STATION_TABLE = (
    ("station", "station", "d"),
    ("x/km", "x_m", "km"),
    ("y/km", "y_m", "km"),
    ("distance/m", "distance_m", ".0f"),
    ("time/ns", "time_ns", ".0f"),
    ("signal/VEM", "signal_vem_charge", ".1f"),
    ("±", "signal_error_vem_charge", ".1f"),
    ("window/bins", None, ""),
    ("PMTs", "n_pmts", "d"),
    ("", None, ""),
)
_EVENT_HEADER = ("event", "gps_time", "lg(E/eV)", "zenith/°", "azimuth/°", "stations", "layout")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: print(message, file=sys.stderr)
            _print(read_events(options.path, on_error=options.on_error), options.event, options.limit)
    except (OSError, ValueError) as error:
        if isinstance(error, BrokenPipeError):  # such as `… | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stac.data_ingestion.auger_open_data",
        description="Show what files of the Pierre Auger open data hold: one event with its stations, or a list.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", metavar="FILE", help=".json, .json.gz, .zip, .tar, .tar.gz, .tgz, or a folder of them")
    parser.add_argument("--event", type=int, metavar="ID", help="show this event of an archive or folder")
    parser.add_argument(
        "--limit", type=_count, default=20, metavar="N", help="list at most so many events (default: %(default)s)"
    )
    parser.add_argument(
        "--on-error", choices=("raise", "warn"), default="raise", help="stop at what cannot be read, or warn and go on"
    )
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return count


def _print(events: Iterator[AugerEvent], wanted: int | None, limit: int) -> None:
    if wanted is not None:
        event = next((event for event in events if event.event["event"] == wanted), None)
        if event is None:
            raise ValueError(f"there is no event {wanted}: leave --event out to list the events.")
        _print_event(event)
        return
    first = list(islice(events, 2))
    if len(first) == 1:
        _print_event(first[0])
        return
    rows = [_event_row(event) for event in islice(chain(first, events), limit)]
    _print_table([_EVENT_HEADER, *rows], n_text=0)
    if next(events, None) is not None:
        print(f"… and more: --limit N lists more than {limit}, --event ID shows one")


def _event_row(event: AugerEvent) -> tuple[str, ...]:
    facts = event.event
    numbers = [_text(facts[name], form) for name, form in (("lg_energy", ".2f"), ("zenith_deg", ".1f"))]
    return (
        _text(facts["event"], "d"),
        _text(facts["gps_time"], "d"),
        *numbers,
        _text(facts["azimuth_deg"], ".1f"),
        str(len(event)),
        facts["layout"],
    )


def _print_event(event: AugerEvent) -> None:
    facts = event.event
    print(
        f"event {_text(facts['event'], 'd')}   GPS time {_text(facts['gps_time'], 'd')} s   layout: {facts['layout']}"
    )
    print(
        f"lg(E/eV) {_with_error(facts, 'lg_energy', '.2f')}   zenith {_with_error(facts, 'zenith_deg', '.1f')}°   "
        f"azimuth {_with_error(facts, 'azimuth_deg', '.1f')}°   core x {_text(facts['x_m'], 'km')} km, "
        f"y {_text(facts['y_m'], 'km')} km"
    )
    n = len(event)
    print(f"{n} station{'s' * (n != 1)}, {event.traces_vem_peak.shape[2]} samples of {event.bin_ns:g} ns\n")
    order = event.stations["distance_m"].argsort(kind="stable")
    _print_table([tuple(head for head, _, _ in _STATION_TABLE), *(_station_row(event, i) for i in order)], n_text=1)


def _station_row(event: AugerEvent, i: int) -> tuple[str, ...]:
    row = {name: column[i] for name, column in event.stations.items()}
    window = f"{_text(row['start_bin'], 'd')}-{_text(row['stop_bin'], 'd')}"
    notes = [word for word, true in (("saturated", row["saturated"]), ("not selected", not row["selected"])) if true]
    cells = [_text(row[column], form) for _, column, form in _STATION_TABLE if column]
    return (*cells[:-1], window, cells[-1], ", ".join(notes))


def _with_error(facts: dict[str, Any], name: str, form: str) -> str:
    error = facts[name.replace("_deg", "_error_deg") if name.endswith("_deg") else f"{name}_error"]
    return _text(facts[name], form) + (f" ± {error:{form}}" if error > 0 else "")


def _text(value: Any, form: str) -> str:
    """Return a number as text; a missing one (NaN, or -1 for integers) as a question mark."""
    if form == "d":
        return str(value) if value >= 0 else "?"
    if value != value:
        return "?"
    return f"{value / 1000:.2f}" if form == "km" else f"{value:{form}}"


def _print_table(rows: list[tuple[str, ...]], n_text: int) -> None:
    """Print rows with columns to the right, the last `n_text` to the left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    last = len(widths) - n_text
    for row in rows:
        cells = [cell.rjust(w) if i < last else cell for i, (cell, w) in enumerate(zip(row, widths, strict=True))]
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    raise SystemExit(main())
