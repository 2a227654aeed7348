"""Turn rows of comma-separated decimal text into float32 several times faster than ``float`` can.

Eight digits are read at once: a machine word holds eight characters, and three multiplications turn them into
their number. Doing that for thousands of numbers per numpy call costs a few passes over data that stays in the
cache. Text this cannot read (``NaN``, ``?``, a typing error) goes cell by cell through Python's ``float``.
"""

import re

import numpy as np

MISSING = frozenset((b"", b"?", b"nan", b"na", b"n/a", b"null", b"none"))  # compared in lower case
_POWERS = 10 ** np.arange(20, dtype=np.uint64)  # 1, 10, 100, … 10^19
_SCALES = 10.0 ** np.arange(61)
_PADDING = bytes(32)  # so that a word may be loaded anywhere in the text


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
    text = b",".join(rows)
    if b" " in text:
        rows = [row.replace(b", ", b",") for row in rows]
        text = b",".join(rows)
    if (parsed := _parse_words(text)) is not None:
        values, ends = parsed
        row_ends = np.cumsum([len(row) + 1 for row in rows]) - 1
        counts = np.diff(np.searchsorted(ends, row_ends), prepend=-1)
    else:
        pieces = [_parse_cells(row, index) for index, row in enumerate(rows)]
        values, counts = np.concatenate(pieces), np.array([len(piece) for piece in pieces])
    with np.errstate(over="ignore"):
        values = values.astype(dtype, copy=False)
    if np.isinf(values).any():
        _raise_infinite(rows, int(np.isinf(values).argmax()))
    return values, counts


def _parse_words(text: bytes) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the numbers of regular text and the place behind each, or None where something needs a closer look."""
    letters = text.translate(None, b"0123456789.,-")
    if letters.translate(None, b"eE+"):
        return None
    characters = np.frombuffer(text + b"," + _PADDING, np.uint8)
    words = np.ndarray(len(characters) - 8, "<u8", characters, strides=(1,))  # the 8 characters from each place on

    ends = np.flatnonzero(characters == ord(","))
    starts = np.empty_like(ends)
    starts[0], starts[1:] = 0, ends[:-1] + 1
    missing = starts == ends
    negative = characters[starts] == ord("-")
    minuses, starts = np.count_nonzero(negative), starts + negative

    exponents = None
    stops = ends  # where the mantissa of each number stops
    if letters:
        found = _find_exponents(characters, words, ends)
        if found is None:
            return None
        stops, exponents, signs = found
        minuses += signs
    points = _find_points(characters, starts, stops)
    if points is None or np.count_nonzero(characters == ord("-")) != minuses:
        return None

    whole_lengths = points - starts
    part_lengths = np.maximum(stops - points - 1, 0)
    most_whole, most_part = whole_lengths.max(), part_lengths.max()
    empty = whole_lengths + part_lengths == 0
    if most_whole > 16 or most_part > 24 or not np.array_equal(empty, missing):
        return None
    values = _whole_numbers(words, starts, whole_lengths, most_whole).astype(np.float64)
    if most_part:
        values += _fractions(words, points + 1, part_lengths, most_part)
    if exponents is not None:
        scale = _SCALES[np.abs(exponents)]
        values = np.where(exponents < 0, values / scale, values * scale)
    np.negative(values, out=values, where=negative)
    values[missing] = np.nan
    return values, ends


def _find_points(characters: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray | None:
    """Return the place of each number's decimal point (its stop when there is none), None when one is misplaced."""
    found = np.flatnonzero(characters == ord("."))
    if len(found) == len(stops):
        points = found
    else:
        owners = np.searchsorted(stops, found)
        if len(owners) and (owners[-1] == len(stops) or (owners[1:] == owners[:-1]).any()):
            return None
        points = stops.copy()
        points[owners] = found
    return points if ((points >= starts) & (points <= stops)).all() else None


def _find_exponents(characters, words, ends) -> tuple[np.ndarray, np.ndarray, int] | None:
    """Return where each mantissa stops, the exponents, and how many minus signs they have."""
    places = np.flatnonzero((characters | 32) == ord("e"))
    owners = np.searchsorted(ends, places)
    first = places + 1
    minus, plus = characters[first] == ord("-"), characters[first] == ord("+")
    first = first + (minus | plus)
    lengths = ends[owners] - first
    if (owners[1:] == owners[:-1]).any() or plus.sum() != (characters == ord("+")).sum():
        return None
    if not len(places) or lengths.min() < 1 or lengths.max() > 2:
        return None
    sizes = _whole_numbers(words, first, lengths, 2).astype(np.int64)
    if sizes.max() >= len(_SCALES):
        return None
    stops, exponents = ends.copy(), np.zeros(len(ends), np.int64)
    stops[owners] = places
    exponents[owners] = np.where(minus, -sizes, sizes)
    return stops, exponents, int(minus.sum())


def _whole_numbers(words: np.ndarray, starts: np.ndarray, lengths: np.ndarray, longest: int) -> np.ndarray:
    """Return the whole numbers of up to 16 digits that start there."""
    if longest <= 1:
        return (words[starts] & np.uint64(15)) * lengths.astype(np.uint64)
    if longest <= 8:
        return _eight_digits(words[starts] << (64 - 8 * lengths).astype(np.uint64))
    first = np.minimum(lengths, 8)
    rest = lengths - first
    high = _whole_numbers(words, starts, first, 8)
    return high * _POWERS[rest] + _whole_numbers(words, starts + 8, rest, 8)


def _fractions(words: np.ndarray, starts: np.ndarray, lengths: np.ndarray, longest: int) -> np.ndarray:
    """Return the fractions of up to 24 digits that start there, as float64."""
    first = _leading_digits(words, starts, lengths)
    if longest <= 8:
        return first / 1e8
    fractions = (first * _POWERS[8] + _leading_digits(words, starts + 8, lengths - 8)) / 1e16
    if longest > 16:
        fractions += _leading_digits(words, starts + 16, lengths - 16) / 1e24
    return fractions


def _leading_digits(words: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return eight digits from there on; those behind the end count as zeros."""
    unused = (64 - 8 * np.clip(lengths, 0, 8)).astype(np.uint64)
    return _eight_digits((words[starts] << unused) >> unused)


def _eight_digits(words: np.ndarray) -> np.ndarray:
    """Turn words of eight digit characters (first digit in the lowest byte, zero bytes count as 0) to numbers."""
    words = (words & np.uint64(0x0F0F0F0F0F0F0F0F)) * np.uint64(2561) >> np.uint64(8)
    words = (words & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(6553601) >> np.uint64(16)
    return (words & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(42949672960001) >> np.uint64(32)


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
