"""Read the `.ts` format of the UCR and UEA archives."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ._files import Gatherer, TextFile, is_missing_label, label_array, shortened
from ._numbers import BadCellError, parse_rows


@dataclass
class _Header:
    """What the lines that begin with @ say."""

    labelled: bool = False
    is_target: bool = False  # labels are numbers to predict, not classes
    classes: list[str] = field(default_factory=list)
    n_channels: int | None = None
    length: int | None = None


def read_ts(path: Path) -> tuple[np.ndarray | list[np.ndarray], np.ndarray | None]:
    """Return the series and labels of a `.ts` file."""
    gatherer, labels = Gatherer(), []
    with TextFile(path) as file:
        header = _read_header(file)
        for numbers, lines in file.blocks():
            rows, shapes = [], []
            for number, line in zip(numbers, lines, strict=True):
                channels = line.split(b":")
                if header.labelled:
                    labels.append(_label(file, header, channels.pop(), number))
                shapes.append(_shape(file, header, channels, number))
                rows.append(b",".join(channels))
            try:
                gatherer.add(parse_rows(rows), shapes)
            except BadCellError as error:
                raise _explained(file, error, numbers[error.row], shapes[error.row]) from None
        if not gatherer.shapes:
            raise file.error("no series follow @data. The file is only a header; get a complete one.")
    return gatherer.series(), label_array(labels, nominal=not header.is_target) if header.labelled else None


def _read_header(file: TextFile) -> _Header:
    header, equal_length = _Header(), True
    while line := file.next_line():
        if line.startswith((b"#", b"%")):
            continue
        text = file.decode(line)
        tag, *words = text.split()
        tag, words_lower = tag.lower(), [word.lower() for word in words]
        yes = words_lower[:1] == ["true"]
        if tag == "@data":
            header.length = header.length if equal_length else None
            return header
        if not tag.startswith("@"):
            raise file.error(f"{text[:40]!r} comes before the line @data, which must end the header.")
        if tag == "@timestamps" and yes:
            raise file.error("series with time stamps (@timeStamps true) cannot be read. Write the values alone.")
        if tag in ("@classlabel", "@targetlabel") and yes:
            header.labelled, header.is_target, header.classes = True, tag == "@targetlabel", words[1:]
        elif tag == "@univariate" and yes:
            header.n_channels = 1
        elif tag in ("@dimension", "@dimensions"):
            header.n_channels = _count(file, tag, words)
        elif tag == "@serieslength":
            header.length = _count(file, tag, words)
        elif tag == "@equallength":
            equal_length = yes
    raise file.error("the file ends without a line @data. It is cut off, or not a .ts file.")


def _count(file: TextFile, tag: str, words: list[str]) -> int:
    if len(words) != 1 or not words[0].isdecimal() or int(words[0]) < 1:
        raise file.error(f"{tag} needs one whole number from 1 on, not {' '.join(words)!r}.")
    return int(words[0])


def _label(file: TextFile, header: _Header, label: bytes, number: int) -> str:
    text = file.decode(label, number)
    if header.is_target:
        try:
            valid = np.isfinite(float(text))
        except ValueError:
            valid = False
        if not valid:
            raise file.error(f"the target {text[:40]!r} behind the last ':' is not a finite number.", number)
    elif header.classes and text not in header.classes:
        raise file.error(f"the class {text[:40]!r} is not in @classLabel ({shortened(header.classes)}).", number)
    elif is_missing_label(text):
        raise file.error("the class behind the last ':' is missing.", number)
    return text


def _shape(file: TextFile, header: _Header, channels: list[bytes], number: int) -> tuple[int, int]:
    """Return (channels, time) of one series, checked against the header and the series before."""
    if not channels:
        raise file.error("a label must follow the values, behind a ':', as @classLabel true says.", number)
    lengths = [channel.count(b",") + 1 for channel in channels]
    header.n_channels = header.n_channels or len(channels)
    if len(channels) != header.n_channels:
        raise file.error(f"{len(channels)} channels where {header.n_channels} were expected.", number)
    if min(lengths) != max(lengths):
        odd = next(place for place, length in enumerate(lengths) if length != lengths[0])
        message = f"channel {odd + 1} has {lengths[odd]} values, channel 1 has {lengths[0]}"
        raise file.error(f"{message}. All channels of a series need the same length ('?' for missing values).", number)
    if header.length and lengths[0] != header.length:
        message = f"{lengths[0]} values where @seriesLength says {header.length}"
        raise file.error(f"{message}. Correct the file, or write @equalLength false.", number)
    return len(channels), lengths[0]


def _explained(file: TextFile, error: BadCellError, number: int, shape: tuple[int, int]) -> ValueError:
    channel, place = divmod(error.cell, shape[1])
    return file.error(f"channel {channel + 1}, value {place + 1}: {error.reason()}", number)
