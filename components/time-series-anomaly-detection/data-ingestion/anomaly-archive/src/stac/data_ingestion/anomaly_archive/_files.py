"""The two kinds of files: columns with a header, and the values alone with everything else in the name."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np

LABEL_COLUMNS = {"label", "labels", "anomaly", "is_anomaly", "anomalous", "outlier"}
OTHER_COLUMNS = {"", "time", "timestamp", "date", "datetime", "ds", "index", "unique_id"}
FALSE, TRUE = {"0", "0.0", "false", "no"}, {"1", "1.0", "true", "yes"}

UCR_NAME = re.compile(r"_(\d+)_(\d+)_(\d+)$")
TSB_NAME = re.compile(r"_tr_(\d+)(_|$)")


def split_from_name(path: Path) -> tuple[int | None, tuple[int, int] | None]:
    """Return the length of the training part and the place of the anomaly, as far as a file's name tells them."""
    if path.suffix.lower() == ".txt" and (found := UCR_NAME.search(path.stem)):
        n_train, start, end = map(int, found.groups())
        return n_train, (start, end)
    if found := TSB_NAME.search(path.stem):
        return int(found.group(1)), None
    return None, None


def read_ucr_text(path: Path, anomaly: tuple[int, int] | None) -> tuple[np.ndarray, np.ndarray]:
    """Return values (1, n_timepoints) float32 and labels (n_timepoints,) bool of a file of numbers."""
    if anomaly is None:
        raise ValueError(
            f"The name of {path} tells no anomaly: expected ..._<train>_<start>_<end>.txt, or a .csv file."
        )
    values = read_text(path)
    n_timepoints = values.shape[1]
    start, end = anomaly
    if not 0 <= start < end <= n_timepoints:
        raise ValueError(f"{path} has {n_timepoints} values, but its name puts the anomaly at {start} to {end}.")
    labels = np.zeros(n_timepoints, bool)
    labels[start:end] = True
    return values, labels


def read_text(path: Path) -> np.ndarray:
    """Return values (1, n_timepoints) float32 of a file of numbers."""
    try:
        values = np.array(path.read_text("utf-8").split(), dtype=np.float64)
    except ValueError as error:
        raise ValueError(f"{path} holds more than numbers ({error}): expected a file of the UCR archive.") from None
    return values[None].astype(np.float32)


def read_values_and_labels(
    path: Path, label_column: str | None = None, value_columns: tuple[str, ...] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return values (n_channels, n_timepoints) float32 and labels (n_timepoints,) bool of a file with a header."""
    header, rows = _read_rows(path)
    label_column = _label_column(path, header, label_column)
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    values = _values(path, columns, value_columns or header, {label_column})
    return values, _labels(path, label_column, columns[label_column])


def read_columns(path: Path, label_column: str | Literal[False] | None = None) -> np.ndarray:
    """Return values (n_channels, n_timepoints) float32 of a file with a header, without labels if there are any."""
    header, rows = _read_rows(path)
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    labels = {label_column} if label_column else {name for name in header if name.lower() in LABEL_COLUMNS}
    return _values(path, columns, header, set() if label_column is False else labels)


def _values(path: Path, columns: dict[str, tuple[str, ...]], names: Iterable[str], labels: set[str]) -> np.ndarray:
    """Return the channels: what is neither labels nor times nor names."""
    channels = [name for name in names if name not in labels and name.lower() not in OTHER_COLUMNS]
    if not channels:
        raise ValueError(f"{path} has no column of values: its header is {', '.join(columns)}.")
    return np.stack([_numbers(path, name, columns[name]) for name in channels]).astype(np.float32)


def _read_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text in UTF-8: save it as CSV in that encoding.") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    header, *rows = list(csv.reader(text.splitlines(), delimiter=delimiter)) or [[]]
    header = [name.strip() for name in header]
    if not any(rows):
        raise ValueError(f"{path} has no row of values under its header: expected one row for each time point.")
    while not rows[-1]:
        rows.pop()
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ValueError(f"{path}, line {number} has {len(row)} fields, the header has {len(header)}: correct it.")
    return header, rows


def _label_column(path: Path, header: list[str], wanted: str | None) -> str:
    found = [name for name in header if name == wanted or (wanted is None and name.lower() in LABEL_COLUMNS)]
    if len(found) == 1:
        return found[0]
    problem = f"no column {wanted!r}" if wanted else f"{len(found) or 'no'} columns that could be the labels"
    raise ValueError(
        f"{path} has {problem}: name it by label_column, one of {', '.join(header)[:300]}, or say label_column=False "
        "if there are no labels."
    )


def _numbers(path: Path, name: str, column: tuple[str, ...]) -> np.ndarray:
    try:
        return np.array(column, dtype=np.float64)
    except ValueError:
        return np.array([_number(path, name, i, field) for i, field in enumerate(column, start=2)])


def _number(path: Path, name: str, line: int, field: str) -> float:
    try:
        return float(field) if field.strip() else np.nan
    except ValueError:
        raise ValueError(
            f"{path}, line {line}: column {name} holds {field[:30]!r}, expected a number (empty where it is missing)."
        ) from None


def _labels(path: Path, name: str, column: tuple[str, ...]) -> np.ndarray:
    labels = [field.strip().lower() for field in column]
    for line, label in enumerate(labels, start=2):
        if label not in FALSE and label not in TRUE:
            raise ValueError(f"{path}, line {line}: column {name} holds {label[:30]!r}, expected 0 or 1.")
    return np.array([label in TRUE for label in labels])
