"""Read the `.ts` format of the UCR and UEA archives."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ._files import Gatherer, TextFile, is_missing_label, label_array, open_text, shortened
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
    with open_text(path) as file:
        header = _read_header(file)
        for numbers, lines in file.blocks():
            channels_of = [line.split(b":") for line in lines]
            if header.labelled:
                labels += [_label(file, header, *both) for both in zip(channels_of, numbers, strict=True)]
            _add(file, header, gatherer, channels_of, numbers)
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


def _label(file: TextFile, header: _Header, channels: list[bytes], number: int) -> str:
    """Take the label, which stands behind the last channel, off the channels and check it."""
    text = file.decode(channels.pop(), number)
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


def _add(
    file: TextFile, header: _Header, gatherer: Gatherer, channels_of: list[list[bytes]], numbers: list[int]
) -> None:
    """Parse a block of series, check their shapes against the header, and gather them."""
    for channels, number in zip(channels_of, numbers, strict=True):
        if not channels:
            raise file.error("a label must follow the values, behind a ':', as @classLabel true says.", number)
        header.n_channels = header.n_channels or len(channels)
        if len(channels) != header.n_channels:
            raise file.error(f"{len(channels)} channels where {header.n_channels} were expected.", number)
    n_channels = len(channels_of[0])
    try:
        values, counts = parse_rows([channel for channels in channels_of for channel in channels])
    except BadCellError as error:
        series, channel = divmod(error.row, n_channels)
        message = f"channel {channel + 1}, value {error.cell + 1}: {error.reason()}"
        raise file.error(message, numbers[series]) from None
    counts = counts.reshape(-1, n_channels)
    _check_lengths(file, header, counts, numbers)
    gatherer.add(values, [(n_channels, length) for length in counts[:, 0].tolist()])


def _check_lengths(file: TextFile, header: _Header, counts: np.ndarray, numbers: list[int]) -> None:
    lengths = counts[:, 0]
    ragged = counts != lengths[:, np.newaxis]
    if ragged.any():
        row, channel = np.argwhere(ragged)[0]
        message = f"channel {channel + 1} has {counts[row, channel]} values, channel 1 has {lengths[row]}"
        raise file.error(f"{message}. Make them equally long, with '?' for missing values.", numbers[row])
    wrong = lengths != (header.length or lengths)
    if wrong.any():
        message = f"{lengths[wrong][0]} values where @seriesLength says {header.length}"
        raise file.error(f"{message}. Correct the file, or write @equalLength false.", numbers[int(wrong.argmax())])
