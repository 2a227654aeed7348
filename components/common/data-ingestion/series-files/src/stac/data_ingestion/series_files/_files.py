"""Open files with readable errors, hand out their lines in blocks, and gather series without copying them."""

import difflib
import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

_BLOCK = 1 << 17  # bytes of text read and parsed at once: larger ones leave the cache and make malloc map memory anew
_MISSING_LABELS = ("", "?", "nan", "NaN")


def existing_file(path: str | Path) -> Path:
    """Return the path of a file that exists and is not empty, or say what is wrong with it."""
    path = Path(path)
    if path.is_dir():
        names = sorted(entry.name for entry in path.iterdir() if entry.is_file())
        inside = f"such as {shortened(names)}" if names else "but it is empty"
        raise ValueError(f"{path} is a folder: name one file in it, {inside}.")
    if not path.exists():
        raise FileNotFoundError(_nothing_there(path))
    if path.stat().st_size == 0:
        raise ValueError(f"{path} is empty: it holds 0 bytes. Save it again, or name another file.")
    return path


def _nothing_there(path: Path) -> str:
    if not path.parent.is_dir():
        return f"{path} does not exist, nor does its folder {path.parent}. Check the path (now in {Path.cwd()})."
    names = [entry.name for entry in path.parent.iterdir()]
    close = difflib.get_close_matches(path.name, names, n=3)
    hint = f"Did you mean {' or '.join(close)}?" if close else "Check the name."
    return f"{path} does not exist. {hint}"


@contextmanager
def open_text(path: Path) -> Iterator["TextFile"]:
    """Open a text file, which may be compressed."""
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
        yield TextFile(path, cast(BinaryIO, stream))


class TextFile:
    """A text file that is read in blocks of lines that know their line numbers."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        """Check that the stream, at its beginning, is text."""
        self.path = path
        self.line = 0
        self._stream = stream
        self._first = self._read(self._stream.readline)
        if self._first.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ValueError(f"{path} is UTF-16 text: save it as UTF-8.")
        if b"\0" in self._first:
            raise ValueError(f"{path} is not a text file, whatever its name ends with: line 1 holds zero bytes.")
        self._first = self._first.removeprefix(b"\xef\xbb\xbf")  # the mark that some programs begin UTF-8 with

    def next_line(self) -> bytes:
        """Return the next line that is not blank, empty at the end of the file."""
        while raw := self._first or self._read(self._stream.readline):
            self._first = b""
            self.line += 1
            if line := raw.strip(b" \r\n"):
                return line
        return b""

    def blocks(self, *first: bytes) -> Iterator[tuple[list[int], list[bytes]]]:
        """Yield the numbers and the text of the lines that follow; `first` is put back in front of them."""
        if first:
            yield [self.line], list(first)
        while raw := self._read(self._stream.readlines, _BLOCK):
            lines = [line.strip(b" \r\n") for line in raw]
            numbers = list(range(self.line + 1, self.line + 1 + len(raw)))
            self.line += len(raw)
            if not all(lines):
                numbers = [number for number, line in zip(numbers, lines, strict=True) if line]
                lines = [line for line in lines if line]
            if lines:
                yield numbers, lines

    def error(self, message: str, line: int | None = None) -> ValueError:
        """Return an error that names the file and the line."""
        return ValueError(f"{self.path}, line {line or self.line}: {message}")

    def decode(self, text: bytes, line: int | None = None) -> str:
        """Return UTF-8 text as a string."""
        try:
            return text.strip().decode()
        except UnicodeDecodeError as error:
            wrong = f"byte 0x{text[error.start]:02x} is not UTF-8 text"
            raise self.error(f"{wrong}. Save the file as UTF-8 (it may be Latin-1 now).", line) from None

    def _read(self, method: Callable[..., Any], *size: int) -> Any:
        try:
            return method(*size)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ValueError(f"{self.path} is not a complete gzip file ({error}): compress it again.") from None


class Gatherer:
    """Series of any shape, written one behind the other into one float32 array that grows in place."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._values = np.empty(1 << 16, np.float32)
        self._used = 0
        self.shapes: list[tuple[int, int]] = []

    def add(self, values: np.ndarray, shapes: list[tuple[int, int]]) -> None:
        """Append the values of series with those (channels, time) shapes."""
        end = self._used + values.size
        if end > self._values.size:  # large blocks of memory are remapped, not copied
            self._values.resize(max(end, int(self._values.size * 1.25)), refcheck=False)
        self._values[self._used : end] = values.ravel()
        self._used = end
        self.shapes += shapes

    def series(self) -> np.ndarray | list[np.ndarray]:
        """Return (n, channels, time), or a list of (channels, time_i) when the lengths differ."""
        self._values.resize(self._used, refcheck=False)
        return arranged(self._values, self.shapes)


def arranged(values: np.ndarray, shapes: list[tuple[int, int]]) -> np.ndarray | list[np.ndarray]:
    """Cut flat values into series: one array when all shapes are the same, else a list."""
    if len(set(shapes)) == 1:
        return values.reshape(len(shapes), *shapes[0])
    ends = np.cumsum([channels * time for channels, time in shapes])
    pieces = np.split(values, ends[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]


def label_array(texts: list[str], nominal: bool = False) -> np.ndarray:
    """Return labels as int64 when all are whole numbers, as float64 when all are numbers, else as strings.

    Labels declared as names of classes (`nominal`) never become float64.
    """
    numbers = {}
    for text in set(texts):
        try:
            numbers[text] = float(text)
        except ValueError:
            return np.array(texts)
        if "_" in text or not np.isfinite(numbers[text]):
            return np.array(texts)
    values = [numbers[text] for text in texts]
    if all(number.is_integer() and abs(number) < 2**53 for number in numbers.values()):
        return np.array(values).astype(np.int64)
    return np.array(texts) if nominal else np.array(values)


def is_missing_label(text: str) -> bool:
    """Tell whether a label is missing."""
    return text in _MISSING_LABELS


def shortened(names: list[str], most: int = 10) -> str:
    """Return the first names in one line, and how many more there are."""
    more = len(names) - most
    return ", ".join(map(str, names[:most])) + (f" and {more} more" if more > 0 else "")
