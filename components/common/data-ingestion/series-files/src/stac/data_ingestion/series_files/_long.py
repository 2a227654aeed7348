"""Put the rows of a long table (one time point a row, in any order) together to series."""

from array import array

import numpy as np

from ._files import arranged, label_array
from ._numbers import BadCellError, parse_rows


class LongTable:
    """Rows are added in blocks; series come out in the order in which their ids first appeared."""

    def __init__(self, channels: list[str], labelled: bool) -> None:
        """Begin with nothing."""
        self._channels = channels
        self._labelled = labelled
        self._codes: dict[str, int] = {}  # id -> number of the series
        self._labels: list[str] = []  # of each series
        self._rows: list[np.ndarray] = []
        self._owners = array("q")
        self._lines = array("q")
        self._times: list[np.ndarray] = []

    def add(
        self, ids: list[str], times: list[bytes], values: np.ndarray, labels: list[str] | None, lines: list[int]
    ) -> None:
        """Add rows: ids, times, (rows, channels) values and labels; `lines` are for messages."""
        for place, name in enumerate(ids):
            code = self._codes.setdefault(name, len(self._codes))
            self._owners.append(code)
            if labels is None:
                continue
            if code == len(self._labels):
                self._labels.append(labels[place])
            elif labels[place] != self._labels[code]:
                both = f"{self._labels[code]!r} and here {labels[place]!r}"
                raise ValueError(f"line {lines[place]}: series {name!r} has the label {both}. It needs one label.")
        if "" in ids:
            raise ValueError(f"line {lines[ids.index('')]}: the id is missing. Fill it in, or remove the row.")
        self._lines.extend(lines)
        self._times.append(_parsed_times(times, lines))
        self._rows.append(values)

    def series(self) -> tuple[np.ndarray | list[np.ndarray], np.ndarray | None]:
        """Return X and y."""
        if not self._rows:
            raise ValueError("line 1: there is only a header, no rows follow. Get a complete file.")
        if len({times.dtype.kind for times in self._times}) > 1:
            raise ValueError("line 1: some times are numbers, others dates. Write all in the same way.")
        owners, times = np.array(self._owners), np.concatenate(self._times)
        values = np.concatenate(self._rows)
        self._rows.clear()
        same = (owners[1:] == owners[:-1]) & (times[1:] <= times[:-1])
        if same.any() or (owners[1:] < owners[:-1]).any():
            order = np.lexsort((times, owners))
            owners, times, values = owners[order], times[order], values[order]
            self._check_duplicates(owners, times, order)
        lengths = np.bincount(owners).tolist()
        shapes = [(length, len(self._channels)) for length in lengths]
        X = arranged(values.reshape(-1), shapes)
        X = X.transpose(0, 2, 1) if isinstance(X, np.ndarray) else [series.T for series in X]
        X = np.ascontiguousarray(X) if isinstance(X, np.ndarray) else [*map(np.ascontiguousarray, X)]
        return X, label_array(self._labels) if self._labelled else None

    def _check_duplicates(self, owners: np.ndarray, times: np.ndarray, order: np.ndarray) -> None:
        again = np.flatnonzero((owners[1:] == owners[:-1]) & (times[1:] == times[:-1])) + 1
        if len(again) == 0:
            return
        place = again[order[again].argmin()]
        name = list(self._codes)[owners[place]]
        time = str(times[place]).replace("T", " ") if times.dtype.kind == "M" else f"{times[place]:g}"
        line = self._lines[order[place]]
        raise ValueError(f"line {line}: series {name!r} has the time {time} twice. Remove one of the rows.")


def _parsed_times(times: list[bytes], lines: list[int]) -> np.ndarray:
    """Return times as float64, or as datetime64 when they are ISO 8601 dates."""
    try:
        parsed = parse_rows([b",".join(times)], np.float64)[0] if not any(b"," in time for time in times) else None
    except BadCellError:
        parsed = None
    if parsed is None:
        parsed = np.array([_date(time, line) for time, line in zip(times, lines, strict=True)], "datetime64[us]")
    missing = np.isnat(parsed) if parsed.dtype.kind == "M" else np.isnan(parsed)
    if missing.any():
        raise ValueError(f"line {lines[int(missing.argmax())]}: the time is missing. Fill it in, or remove the row.")
    return parsed


def _date(text: bytes, line: int) -> np.datetime64:
    text = text.strip().decode(errors="replace")
    try:
        return np.datetime64(text.removesuffix("Z").removesuffix("+00:00"), "us")
    except ValueError:
        pass
    raise ValueError(f"line {line}: the time {text[:40]!r} is neither a number nor a date such as 2025-12-31 23:59:59.")
