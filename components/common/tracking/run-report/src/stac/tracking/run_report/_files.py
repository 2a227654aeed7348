"""Read what a run left in its folder: figures to embed, tables, texts, and files to link to."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stac.tracking.run_report._format import file_size, is_number, link, number

IMAGE_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
               ".gif": "image/gif", ".webp": "image/webp"}  # fmt: skip
MAX_FIGURE_BYTES = 8_000_000  # a larger figure is linked instead of embedded
MAX_PAGE_BYTES = 40_000_000  # of embedded figures together
MAX_ROWS = 500
MAX_TEXT = 200_000  # characters


@dataclass
class Cell:
    """One cell of a table: its text, what to sort by, and how far a bar behind it reaches."""

    text: str
    sort: str
    share: float | None = None


def inside(folder: Path, event: Mapping[str, Any]) -> Path:
    """Return the file an event names; refuse one outside the run folder, whoever wrote the event."""
    if not event.get("path"):
        raise ValueError("the run names no file for it")
    folder = folder.resolve()
    target = (folder / str(event["path"])).resolve()
    if not target.is_relative_to(folder):
        raise ValueError(f"{event['path']} lies outside the run folder and is not shown")
    if not target.is_file():
        raise ValueError(f"{event['path']} is missing from the run folder")
    return target


def figures(folder: Path, events: list[dict[str, Any]], origin: Path) -> list[dict[str, Any]]:
    """Embed figures as data addresses: an image can neither run a script nor clash with the page's ids."""
    shown, embedded = [], 0
    for event in events:
        figure = {"name": event.get("name"), "image": None, "problem": None, "href": None}
        shown.append(figure)
        try:
            target = inside(folder, event)
            figure["href"] = link(target, origin)
            size, kind = target.stat().st_size, IMAGE_TYPES.get(target.suffix.lower())
            if kind is None or size > MAX_FIGURE_BYTES or embedded + size > MAX_PAGE_BYTES:
                figure["problem"] = f"{target.name} ({file_size(size)}) is too large or no image a page can hold."
                continue
            embedded += size
            figure["image"] = f"data:{kind};base64,{base64.b64encode(target.read_bytes()).decode()}"
        except (OSError, ValueError) as error:
            figure["problem"] = f"This figure can't be shown: {error}."
    return shown


def read_text(path: Path) -> str:
    """Read a text, cut when it is very long."""
    with path.open(encoding="utf-8", errors="replace") as file:
        text = file.read(MAX_TEXT + 1)
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}\n… cut here: the rest is in {path.name}"


def read_table(folder: Path, event: Mapping[str, Any], origin: Path) -> dict[str, Any]:
    """Read a table for the page: columns, rows of cells, and what is wrong with it if anything."""
    table = {"name": event.get("name"), "columns": [], "rows": [], "numeric": [], "problem": None, "more": 0}
    try:
        target = inside(folder, event)
        table["href"] = link(target, origin)
        content = json.loads(target.read_text(encoding="utf-8"))
        columns, rows = [str(column) for column in content["columns"]], [list(row) for row in content["rows"]]
        if any(len(row) != len(columns) for row in rows):
            raise ValueError("its rows and its columns differ in length")
    except (OSError, ValueError, KeyError, TypeError) as error:
        return table | {"problem": f"This table can't be shown: {error}."}
    values = [[row[i] for row in rows] for i in range(len(columns))]
    numeric = [bool(column) and all(v is None or is_number(v) for v in column) for column in values]
    shares = [is_share(column) for column in values]
    cells = [
        [Cell(number(v), str(v), v if shared and is_number(v) else None) for v, shared in zip(row, shares, strict=True)]
        for row in rows[:MAX_ROWS]
    ]
    return table | {"columns": columns, "rows": cells, "numeric": numeric, "more": max(0, len(rows) - MAX_ROWS),
                    "values": rows}  # fmt: skip


def is_share(values: list[Any]) -> bool:
    """Tell whether all the numbers lie between 0 and 1 and not all are whole: scores worth a bar."""
    numbers = [v for v in values if is_number(v)]
    return any(isinstance(v, float) for v in numbers) and all(0 <= v <= 1 for v in numbers)


def read_matrix(folder: Path, event: Mapping[str, Any]) -> dict[str, Any]:
    """Read a confusion matrix (rows: true classes) with the shares of each row and the most frequent mistakes."""
    matrix = {"name": event.get("name"), "problem": None}
    try:
        content = json.loads(inside(folder, event).read_text(encoding="utf-8"))
        labels, counts = [str(label) for label in content["labels"]], content["matrix"]
        if len(counts) != len(labels) or any(len(row) != len(labels) for row in counts):
            raise ValueError("it is not square, or has not one label a row")
        totals = [float(sum(row)) for row in counts]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return matrix | {"problem": f"This confusion matrix can't be shown: {error}."}
    rows = [
        [{"count": number(c), "share": max(0.0, c / total) if total > 0 else 0.0, "right": i == j, "zero": not c,
          "title": f"true {labels[i]}, predicted {labels[j]}: {number(c)} of {number(_whole(total))}"}
         for j, c in enumerate(row)]
        for i, (row, total) in enumerate(zip(counts, totals, strict=True))
    ]  # fmt: skip
    mistakes = sorted(
        ((c, i, j) for i, row in enumerate(counts) for j, c in enumerate(row) if i != j and c > 0), reverse=True
    )
    n, correct = sum(totals), sum(float(counts[i][i]) for i in range(len(labels)))
    return matrix | {
        "labels": labels, "rows": rows, "totals": [number(_whole(total)) for total in totals],
        "n": number(_whole(n)), "correct": number(_whole(correct)), "share": correct / n if n else None,
        "mistakes": [{"true": labels[i], "predicted": labels[j], "count": number(c), "share": c / totals[i]}
                     for c, i, j in mistakes[:5]],
        "size": "large" if len(labels) <= 10 else "medium" if len(labels) <= 20 else "small",
        "long": max(map(len, labels), default=0) > 5,
    }  # fmt: skip


def _whole(value: float) -> float | int:
    return int(value) if value == int(value) else value
