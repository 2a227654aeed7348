"""Read tables of text: wide ones (one series a row), long ones (one time point a row), with or without a header."""

import csv
from pathlib import Path

import numpy as np

from ._columns import LABELS, Columns, Request, choose_columns
from ._files import Gatherer, TextFile, is_missing_label, label_array, shortened
from ._long import LongTable
from ._numbers import MISSING, BadCellError, parse_rows

_NAMES = frozenset((*LABELS, "y"))


def read_csv(path: Path, request: Request, header: bool | None) -> tuple[np.ndarray | list, np.ndarray | None]:
    """Return the series and labels of a text table."""
    with TextFile(path) as file:
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
    the wanted one, or when the others count 0, 1, 2, …; otherwise it is the label of a first series.
    """
    words = [cell for cell in cells if not _is_value(cell)]
    wanted = (request.label_column, request.id_column, request.time_column)
    if len(words) != 1 or words[0].lower() in _NAMES or words[0] in wanted:
        return bool(words)
    others = [cell for cell in cells if cell != words[0]]
    return any(others == [str(place + first) for place in range(len(others))] for first in (0, 1))


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


def _read_wide(file: TextFile, separator: bytes | None, columns: Columns, first: tuple[bytes, ...]):
    gatherer, labels = Gatherer(), []
    shape, n_columns, label = (1, len(columns.values)), len(columns.names), columns.label
    at_start = label == 0 and columns.id is None
    at_end = label == n_columns - 1 and columns.id is None
    others = {place for place in (label, columns.id) if place is not None}
    for numbers, lines in file.blocks(*first):
        rows = []
        for number, line in zip(numbers, lines, strict=True):
            if separator is None or b'"' in line or (others and not (at_start or at_end)):
                cells = _split(file, line, separator, number)
                _check_count(file, len(cells), n_columns, number)
                if label is not None:
                    labels.append(cells[label])
                values = [cells[place] for place in columns.values]
                if any(b"," in value for value in values):
                    place = next(place for place, value in enumerate(values) if b"," in value)
                    raise _explained(file, BadCellError(0, place, values[place]), number, columns)
                rows.append(b",".join(values))
                continue
            _check_count(file, line.count(separator) + 1, n_columns, number)
            if at_start:
                text, _, line = line.partition(separator)
                labels.append(text)
            elif at_end:
                line, _, text = line.rpartition(separator)
                labels.append(text)
            if separator != b",":
                if b"," in line:
                    cells = line.split(separator)
                    place = next(place for place, cell in enumerate(cells) if b"," in cell)
                    raise _explained(file, BadCellError(0, place, cells[place]), number, columns)
                line = line.replace(separator, b",")
            rows.append(line)
        if label is not None:
            labels[-len(numbers) :] = _checked_labels(file, labels[-len(numbers) :], numbers)
        try:
            gatherer.add(parse_rows(rows), [shape] * len(rows))
        except BadCellError as error:
            raise _explained(file, error, numbers[error.row], columns) from None
    if not gatherer.shapes:
        raise file.error("there is only a header, no rows follow. Get a complete file, or say header=False.")
    return gatherer.series(), label_array(labels) if label is not None else None


def _read_long(file: TextFile, separator: bytes | None, columns: Columns, first: tuple[bytes, ...]):
    table = LongTable([columns.names[place] for place in columns.values], columns.label is not None)
    n_columns = len(columns.names)
    for numbers, lines in file.blocks(*first):
        rows = [_split(file, line, separator, number) for number, line in zip(numbers, lines, strict=True)]
        for number, cells in zip(numbers, rows, strict=True):
            _check_count(file, len(cells), n_columns, number)
        ids = [file.decode(cells[columns.id], number) for number, cells in zip(numbers, rows, strict=True)]
        times = [cells[columns.time] for cells in rows]
        labels = None
        if columns.label is not None:
            labels = _checked_labels(file, [cells[columns.label] for cells in rows], numbers)
        values = [[cells[place] for place in columns.values] for cells in rows]
        for number, cells in zip(numbers, values, strict=True):
            if separator != b"," and any(b"," in cell for cell in cells):
                place = next(place for place, cell in enumerate(cells) if b"," in cell)
                raise _explained(file, BadCellError(0, place, cells[place]), number, columns)
        try:
            parsed = parse_rows([b",".join(cells) for cells in values])
        except BadCellError as error:
            raise _explained(file, error, numbers[error.row], columns) from None
        try:
            table.add(ids, times, parsed.reshape(len(rows), -1), labels, numbers)
        except ValueError as error:
            raise ValueError(f"{file.path}, {error}") from None
    try:
        return table.series()
    except ValueError as error:
        raise ValueError(f"{file.path}, {error}") from None


def _check_count(file: TextFile, count: int, expected: int, number: int) -> None:
    if count != expected:
        message = f"{count} columns where the first line has {expected}"
        raise file.error(f"{message}. For unequal lengths leave cells empty, or use the long layout.", number)


def _checked_labels(file: TextFile, labels: list[bytes], numbers: list[int]) -> list[str]:
    texts = [file.decode(label, number) for label, number in zip(labels, numbers, strict=True)]
    for text, number in zip(texts, numbers, strict=True):
        if is_missing_label(text):
            raise file.error("the label is missing. Fill it in, or remove the row.", number)
    return texts


def _explained(file: TextFile, error: BadCellError, number: int, columns: Columns) -> ValueError:
    name = columns.names[columns.values[error.cell]]
    hint = ""
    if columns.label is None:
        hint = f" If this column is the label, say label_column={name!r}."
    return file.error(f"column {name!r}: {error.reason()}{hint}", number)
