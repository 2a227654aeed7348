"""Decide what the columns of a table mean: one series a row (wide) or one time point a row (long)."""

import difflib
from dataclasses import dataclass

from ._files import shortened

LABELS = ("label", "labels", "class", "class_label", "target")
IDS = ("id", "unique_id", "series_id", "case_id", "instance", "series")
TIMES = ("time", "timestamp", "ds", "date", "datetime", "t")


@dataclass
class Request:
    """What the caller said about the columns."""

    label_column: str | int | bool | None = None
    id_column: str | int | None = None
    time_column: str | int | None = None
    layout: str | None = None


@dataclass
class Columns:
    """The places of the columns; `values` are those that hold numbers of the series."""

    names: list[str]
    label: int | None
    id: int | None
    time: int | None
    values: list[int]

    @property
    def long(self) -> bool:
        """Tell whether a row is one time point."""
        return self.time is not None


def choose_columns(names: list[str], request: Request) -> Columns:
    """Choose the columns of a table with these names; raises ValueError saying what is not there."""
    named_id = _find(names, request.id_column, IDS, "id_column")
    named_time = _find(names, request.time_column, TIMES, "time_column")
    asked = request.time_column is not None
    long = request.layout == "long" or asked or None not in (named_id, named_time)
    if request.layout == "wide":
        long = False
    if long and named_id is None:
        raise ValueError(f"no column holds the series' ids: say id_column=…, one of {shortened(names)}.")
    if long and named_time is None:
        raise ValueError(f"no column holds the time: say time_column=…, one of {shortened(names)}.")

    label = _find(names, request.label_column, LABELS if long else (*LABELS, "y"), "label_column")
    time = named_time if long else None
    roles = {"label_column": label, "id_column": named_id, "time_column": time}
    taken = [place for place in roles.values() if place is not None]
    if len(set(taken)) < len(taken):
        twice = next(place for place in taken if taken.count(place) > 1)
        both = " and ".join(role for role, place in roles.items() if place == twice)
        raise ValueError(f"column {names[twice]!r} cannot be both {both}. Name another one.")
    values = [place for place in range(len(names)) if place not in taken]
    if not values:
        raise ValueError(f"no column is left for the values; the columns are {shortened(names)}.")
    return Columns(names, label, named_id, time, values)


def _find(names: list[str], wanted: str | int | bool | None, usual: tuple[str, ...], what: str) -> int | None:
    """Return the place of the wanted column, or of the one with a usual name."""
    if wanted is False:
        return None
    if wanted is None:
        found = [place for place, name in enumerate(names) if name.lower() in usual]
        if len(found) > 1:
            candidates = " or ".join(repr(names[place]) for place in found)
            raise ValueError(f"more than one column could be the {what}: say {what}={candidates}.")
        return found[0] if found else None
    if wanted in names:
        return names.index(wanted)
    if isinstance(wanted, int) and wanted is not True:
        if -len(names) <= wanted < len(names):
            return wanted % len(names)
        raise ValueError(f"there is no column {wanted}: there are {len(names)} columns, counted from 0.")
    close = difflib.get_close_matches(str(wanted), names, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"there is no column {wanted!r} ({what}); the columns are {shortened(names)}.{hint}")
