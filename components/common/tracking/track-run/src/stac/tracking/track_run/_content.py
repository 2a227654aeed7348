"""Check what is logged, and bring it into the form that the run folder keeps."""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ._folder import json_plain

MAX_SVG_BYTES = 1_000_000


def one_line(what: str, text: Any) -> str:
    """Return a name, when it is one."""
    if not isinstance(text, str) or not text.strip() or "\n" in text:
        raise ValueError(f"The {what} is {text!r}; it must be one line of text.")
    return text


def existing(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file or folder, when there is one."""
    if not Path(path).exists():
        raise FileNotFoundError(f"There is no file {os.fspath(path)} to log: save it first, or check the path.")
    return Path(path)


def picture_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a picture that a browser shows."""
    if existing(path).suffix.lower() not in (".png", ".svg"):
        raise ValueError(f"The figure {path} is neither PNG nor SVG; save it as one of them, or log_artifact it.")
    return Path(path)


def drawn(name: str, figure: Any) -> tuple[bytes, str]:
    """Return a matplotlib figure as SVG, or as PNG where that would be too large, and the suffix."""
    figure = getattr(figure, "figure", figure)  # of axes, the figure that they are part of
    if not hasattr(figure, "savefig"):
        raise TypeError(f"The figure {name!r} is {figure!r}; give a matplotlib Figure or Axes, or a PNG or SVG file.")
    content = io.BytesIO()
    figure.savefig(content, format="svg", bbox_inches="tight", metadata={"Date": None})
    if content.tell() <= MAX_SVG_BYTES:
        return content.getvalue(), ".svg"
    content = io.BytesIO()
    figure.savefig(content, format="png", bbox_inches="tight", dpi=150)
    return content.getvalue(), ".png"


def table_content(name: str, table: Any) -> dict[str, Any]:
    """Return a table as columns and rows."""
    if hasattr(table, "to_dict") and hasattr(table, "columns"):  # a data frame
        table = {column: table[column].tolist() for column in table.columns}
    table = json_plain(table)
    if isinstance(table, dict) and all(isinstance(column, list) for column in table.values()):
        if len({len(column) for column in table.values()}) > 1:
            raise ValueError(f"The columns of the table {name!r} have different lengths; make them equal.")
        return {"columns": list(table), "rows": [list(row) for row in zip(*table.values(), strict=True)]}
    if isinstance(table, list) and all(isinstance(row, dict) for row in table):
        columns = list(dict.fromkeys(key for row in table for key in row))
        return {"columns": columns, "rows": [[row.get(column) for column in columns] for row in table]}
    raise TypeError(f"The table {name!r} must be a list of dicts, a dict of columns or a DataFrame.")


def confusion_content(name: str, matrix: Any, labels: Sequence[Any]) -> dict[str, Any]:
    """Return a confusion matrix as labels and rows."""
    rows, names = json_plain(matrix), [str(label) for label in json_plain(labels)]
    is_table = isinstance(rows, list) and all(isinstance(row, list) for row in rows)
    if not is_table or [len(row) for row in rows] != [len(names)] * len(names):
        raise ValueError(
            f"The confusion matrix {name!r} must have a row and a column for each of its {len(names)} labels."
        )
    return {"labels": names, "matrix": rows}
