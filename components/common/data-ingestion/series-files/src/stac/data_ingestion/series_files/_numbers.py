"""Turn rows of comma-separated decimal text into numbers, and name the cell that is none."""

import re

import numpy as np

MISSING = frozenset((b"", b"?", b"nan", b"na", b"n/a", b"null", b"none"))  # compared in lower case


class BadCellError(ValueError):
    """A cell holds something that is not a number; the caller knows how to name the place to the user."""

    def __init__(self, row: int, cell: int, text: bytes) -> None:
        """Remember the place (counted from 0) and the text found there."""
        super().__init__(row, cell, text)
        self.row, self.cell, self.text = row, cell, text

    def reason(self) -> str:
        """Return what is wrong with the cell and what to do."""
        text = self.text[:40].decode(errors="replace")
        if re.fullmatch(r"[+-]?\d+,\d+", text):
            return f"{text!r} has a decimal comma. Write numbers with a point: {text.replace(',', '.')}."
        try:
            float(text.replace("_", "?"))
        except ValueError:
            return f"{text!r} is not a number. Correct it, or leave the cell empty for a missing value."
        return f"{text!r} is infinite as float32. Correct it, or leave the cell empty for a missing value."


def parse_rows(rows: list[bytes], dtype: type = np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Return all numbers of all rows, one after another, and how many each row has; missing ones are NaN."""
    values = _parse_plain(rows, dtype)
    if values is not None:
        counts = np.full(len(rows), values.shape[1])
        values = values.ravel()
    else:
        pieces = [_parse_cells(row, index) for index, row in enumerate(rows)]
        counts = np.array([len(piece) for piece in pieces])
        with np.errstate(over="ignore"):
            values = np.concatenate(pieces).astype(dtype, copy=False)
    if np.isinf(values).any():
        _raise_infinite(rows, int(np.isinf(values).argmax()))
    return values, counts


def _parse_plain(rows: list[bytes], dtype: type) -> np.ndarray | None:
    """Return the table (n_rows, n_columns), or None where rows differ in length or a cell is no plain number."""
    if not all(row.strip() for row in rows):  # loadtxt would pass over such a row
        return None
    try:
        return np.loadtxt([row.decode() for row in rows], dtype, delimiter=",", comments=None, ndmin=2)
    except ValueError:
        return None


def _parse_cells(row: bytes, index: int) -> np.ndarray:
    """Parse one row cell by cell."""
    cells = row.split(b",")
    values = np.empty(len(cells))
    for place, cell in enumerate(cells):
        try:
            values[place] = float(cell)
        except ValueError:
            if cell.strip().lower() not in MISSING:
                raise BadCellError(index, place, cell.strip()) from None
            values[place] = np.nan
        if b"_" in cell:  # Python reads 1_000; no other program does
            raise BadCellError(index, place, cell.strip())
    return values


def _raise_infinite(rows: list[bytes], place: int) -> None:
    """Name the first infinite number."""
    for index, row in enumerate(rows):
        cells = row.split(b",")
        if place < len(cells):
            raise BadCellError(index, place, cells[place].strip())
        place -= len(cells)
