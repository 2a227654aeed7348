"""Read tables of text: wide ones (one series a row), long ones (one time point a row), with or without a header."""

import csv
from pathlib import Path

import numpy as np

from ._columns import LABELS, Columns, Request, choose_columns
from ._files import Gatherer, TextFile, is_missing_label, label_array, open_text
from ._long import LongTable
from ._numbers import MISSING, BadCellError, parse_rows

_Read = tuple[np.ndarray | list[np.ndarray], np.ndarray | None]
_NAMES = frozenset((*LABELS, "y"))


def read_csv(path: Path, request: Request, header: bool | None) -> _Read:
    """Return the series and labels of a text table."""
    with open_text(path) as file:
        line = file.next_line()
        if not line:
            raise file.error("the file holds only blank lines.", 1)
        separator = next((mark for mark in (b"\t", b";", b",") if mark in line), None)
        cells = _split(file, line, separator)
        if len(cells) == 1:
            message = f"only one column, {cells[0][:40].decode(errors='replace')!r}"
            raise file.error(f"{message}. Columns are separated by commas, semicolons, tabs or spaces.")
        names = [file.decode(cell) for cell in cells]
        if header is None:
            header = _is_header(names, request)
        if not header:
            request, names = _without_header(file, request, names)
        try:
            columns = choose_columns(names, request)
        except ValueError as error:
            raise file.error(str(error)) from None
        read = _read_long if columns.long else _read_wide
        return read(file, separator, columns, () if header else (line,))


def _is_header(cells: list[str], request: Request) -> bool:
    """Tell whether the cells of the first line are names of columns.

    They are when two of them are neither numbers nor missing values. A single one is a name when it is a usual or
    the wanted one, or when the others count 0, 1, 2, …; else it is the label of a first series.
    """
    words = [cell for cell in cells if not _is_value(cell)]
    wanted = (request.label_column, request.id_column, request.time_column)
    if len(words) != 1 or words[0].lower() in _NAMES or words[0] in wanted:
        return bool(words)
    others = [cell for cell in cells if cell != words[0]]
    return len(others) > 2 and any(others == [str(place + first) for place in range(len(others))] for first in (0, 1))


def _is_value(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return cell.lower().encode() in MISSING
    return True


def _without_header(file: TextFile, request: Request, cells: list[str]) -> tuple[Request, list[str]]:
    """Give columns numbers for names; the label is the only text at an end of the line, else the first column."""
    label = request.label_column
    if isinstance(label, str):
        if not label.removeprefix("-").isdecimal():
            raise file.error(f"there is no header, so no column {label!r}: say label_column=0, -1, or False.")
        label = int(label)
    if label is None and request.layout != "long" and request.time_column is None:
        label = 0 if _is_value(cells[-1]) else -1
        if _is_value(cells[0]) and label == 0 and not _is_whole(cells[0]):
            message = f"there is no header, and the first value, {cells[0]!r}, does not look like a label"
            raise file.error(f"{message}. Say label_column=0 if it is one, False if there are none.")
    names = [str(place) for place in range(len(cells))]
    return Request(label, request.id_column, request.time_column, request.layout), names


def _is_whole(cell: str) -> bool:
    try:
        return float(cell).is_integer()
    except ValueError:
        return False


def _split(file: TextFile, line: bytes, separator: bytes | None, number: int | None = None) -> list[bytes]:
    """Return the cells of a line, quotes removed."""
    if b'"' not in line:
        return line.split(separator)
    text = file.decode(line, number)
    if text.count('"') % 2:
        raise file.error('a quotation mark " is not closed. Texts over several lines cannot be read.', number)
    return [cell.encode() for cell in next(csv.reader([text], delimiter=(separator or b" ").decode()))]


def _read_wide(file: TextFile, separator: bytes | None, columns: Columns, first: tuple[bytes, ...]) -> _Read:
    gatherer, labels = Gatherer(), []
    for numbers, lines in file.blocks(*first):
        rows = [_wide_row(file, separator, columns, *both) for both in zip(lines, numbers, strict=True)]
        if columns.label is not None:
            labels += _checked_labels(file, [label for _, label in rows], numbers)
        values = _parsed(file, columns, [text for text, _ in rows], numbers)
        gatherer.add(values, [(1, len(columns.values))] * len(rows))
    if not gatherer.shapes:
        raise file.error("there is only a header, no rows follow. Get a complete file, or say header=False.")
    return gatherer.series(), label_array(labels) if columns.label is not None else None


def _wide_row(
    file: TextFile, separator: bytes | None, columns: Columns, line: bytes, number: int
) -> tuple[bytes, bytes]:
    """Return the values of a line, separated by commas, and its label; cells are looked at only where they must be."""
    if separator is None and b"," not in line and b'"' not in line:
        line, separator = b",".join(line.split()), b","
    last = len(columns.names) - 1
    label_at_end = columns.label in (None, 0, last) and columns.id is None
    if not label_at_end or separator is None or b'"' in line or (separator != b"," and b"," in line):
        cells = _split(file, line, separator, number)
        _check_count(file, len(cells), columns, number)
        return _values(file, columns, cells, number), b"" if columns.label is None else cells[columns.label]
    label = b""
    if columns.label == 0:
        label, _, line = line.partition(separator)
    elif columns.label == last:
        line, _, label = line.rpartition(separator)
    return line if separator == b"," else line.replace(separator, b","), label


def _read_long(file: TextFile, separator: bytes | None, columns: Columns, first: tuple[bytes, ...]) -> _Read:
    table = LongTable([columns.names[place] for place in columns.values], columns.label is not None)
    for numbers, lines in file.blocks(*first):
        rows = [_split(file, line, separator, number) for number, line in zip(numbers, lines, strict=True)]
        for number, cells in zip(numbers, rows, strict=True):
            _check_count(file, len(cells), columns, number)
        ids = [file.decode(cells[columns.id], number) for number, cells in zip(numbers, rows, strict=True)]
        times = [cells[columns.time] for cells in rows]
        labels = None
        if columns.label is not None:
            labels = _checked_labels(file, [cells[columns.label] for cells in rows], numbers)
        values = [_values(file, columns, cells, number) for number, cells in zip(numbers, rows, strict=True)]
        parsed = _parsed(file, columns, values, numbers)
        try:
            table.add(ids, times, parsed.reshape(len(rows), -1), labels, numbers)
        except ValueError as error:
            raise ValueError(f"{file.path}, {error}") from None
    try:
        return table.series()
    except ValueError as error:
        raise ValueError(f"{file.path}, {error}") from None


def _values(file: TextFile, columns: Columns, cells: list[bytes], number: int) -> bytes:
    """Return the cells that are values, separated by commas."""
    values = [cells[place] for place in columns.values]
    for place, value in enumerate(values):
        if b"," in value:
            raise _explained(file, columns, BadCellError(0, place, value), number)
    return b",".join(values)


def _parsed(file: TextFile, columns: Columns, rows: list[bytes], numbers: list[int]) -> np.ndarray:
    """Return the numbers of the rows, which must be as many as there are columns for values."""
    beside = len(columns.names) - len(columns.values)
    try:
        values, counts = parse_rows(rows)
    except BadCellError as error:
        number = numbers[error.row]
        _check_count(file, rows[error.row].count(b",") + 1 + beside, columns, number)
        raise _explained(file, columns, error, number) from None
    wrong = counts != len(columns.values)
    if wrong.any():
        _check_count(file, int(counts[wrong][0]) + beside, columns, numbers[int(wrong.argmax())])
    return values


def _check_count(file: TextFile, count: int, columns: Columns, number: int) -> None:
    if count != len(columns.names):
        message = f"{count} columns where the first line has {len(columns.names)}"
        raise file.error(f"{message}. For unequal lengths leave cells empty, or use the long layout.", number)


def _checked_labels(file: TextFile, labels: list[bytes], numbers: list[int]) -> list[str]:
    texts = [file.decode(label, number) for label, number in zip(labels, numbers, strict=True)]
    for text, number in zip(texts, numbers, strict=True):
        if is_missing_label(text):
            raise file.error("the label is missing. Fill it in, or remove the row.", number)
    return texts


def _explained(file: TextFile, columns: Columns, error: BadCellError, number: int) -> ValueError:
    name = columns.names[columns.values[error.cell]]
    hint = ""
    if columns.label is None:
        hint = f" If this column is the label, say label_column={name!r}."
    return file.error(f"column {name!r}: {error.reason()}{hint}", number)
