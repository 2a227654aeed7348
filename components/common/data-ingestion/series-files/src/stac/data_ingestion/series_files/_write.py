"""Write series to the files that `read_series` reads."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np


def write_series(
    path: str | Path, X: np.ndarray | Sequence[np.ndarray], y: Sequence[Any] | np.ndarray | None = None
) -> Path:
    """Write series to a `.npz`, `.ts` or `.csv` file.

    CSV is wide for one channel and equal lengths, else long. A file that is there already is replaced once the
    new one is complete.

    Parameters
    ----------
    path : str or Path
        Where to write; the suffix says the format.
    X : array of shape (n_instances, n_channels, n_timepoints), or list of arrays (n_channels, n_timepoints_i)
        The series. Missing values are NaN.
    y : sequence of shape (n_instances,), optional
        Their labels.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    ValueError
        If X is not made of series, y is not as long as X, or the suffix is not known.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = write_series(f"{folder}/two.ts", np.array([[[1.0, 2.5]], [[3.0, np.nan]]]), ["a", "b"])
    ...     print(path.read_text().splitlines()[-2:])
    ['1.0,2.5:a', '3.0,?:b']
    """
    path = Path(path)
    writers = {".npz": _write_npz, ".ts": _write_ts, ".csv": _write_csv}
    if path.suffix.lower() not in writers:
        raise ValueError(f"{path} has a suffix that cannot be written: use one of {', '.join(writers)}.")
    series = [np.asarray(one, np.float32) for one in X]
    if not series or any(one.ndim != 2 or one.shape[0] != series[0].shape[0] or not one.size for one in series):
        raise ValueError("X must hold one or more series (n_channels, n_timepoints), all with as many channels.")
    labels = None if y is None else np.asarray(y)
    if labels is not None and labels.shape != (len(series),):
        raise ValueError(f"y has the shape {labels.shape}, but X holds {len(series)} series.")
    _replace(path, lambda temporary: writers[path.suffix.lower()](temporary, series, labels))
    return path


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp{path.suffix}")
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_npz(path: Path, series: list[np.ndarray], labels: np.ndarray | None) -> None:
    lengths = [one.shape[1] for one in series]
    equal = len(set(lengths)) == 1
    arrays = {"X": np.stack(series)} if equal else {"X": np.concatenate(series, axis=1), "lengths": np.array(lengths)}
    if labels is not None:
        arrays["y"] = labels.astype(str) if labels.dtype == object else labels
    np.savez(path, **arrays)


def _write_ts(path: Path, series: list[np.ndarray], labels: np.ndarray | None) -> None:
    lengths = {one.shape[1] for one in series}
    kind = "@classLabel false"
    if labels is not None:
        _check_texts(labels, " \t:,\n\r")
        is_target = labels.dtype.kind == "f"
        kind = "@targetLabel true" if is_target else "@classLabel true " + " ".join(map(str, np.unique(labels)))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"@problemName {path.name.split('.')[1]}\n@timeStamps false\n")
        file.write(f"@missing {_flag(any(np.isnan(one).any() for one in series))}\n")
        file.write(f"@univariate {_flag(len(series[0]) == 1)}\n@dimensions {len(series[0])}\n")
        file.write(f"@equalLength {_flag(len(lengths) == 1)}\n")
        if len(lengths) == 1:
            file.write(f"@seriesLength {lengths.pop()}\n")
        file.write(f"{kind}\n@data\n")
        for place, one in enumerate(series):
            text = ":".join(",".join(_texts(channel, "?")) for channel in one)
            file.write(f"{text}:{labels[place]}\n" if labels is not None else f"{text}\n")


def _write_csv(path: Path, series: list[np.ndarray], labels: np.ndarray | None) -> None:
    import csv

    n_channels, n_timepoints = series[0].shape
    wide = n_channels == 1 and len({one.shape for one in series}) == 1 and (labels is not None or n_timepoints > 1)
    label_name = [] if labels is None else ["label"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if wide:
            writer.writerow([*(f"t{place}" for place in range(n_timepoints)), *label_name])
        else:
            writer.writerow(["id", "time", *(f"channel_{place}" for place in range(n_channels)), *label_name])
        for place, one in enumerate(series):
            label = [] if labels is None else [labels[place]]
            if wide:
                writer.writerow([*_texts(one[0], ""), *label])
            else:
                writer.writerows(_long_rows(place, one, label))


def _long_rows(name: int, series: np.ndarray, label: list) -> Iterator[list]:
    for time, values in enumerate(series.T):
        yield [name, time, *_texts(values, ""), *label]


def _texts(values: np.ndarray, missing: str) -> list[str]:
    """Return the shortest texts that are read back as the same float32."""
    return [missing if text == "nan" else text for text in values.astype(str).tolist()]


def _check_texts(labels: np.ndarray, forbidden: str) -> None:
    for label in map(str, labels):
        if not label or any(mark in label for mark in forbidden):
            raise ValueError(f"the label {label!r} cannot be written to .ts: no spaces, ':' or ','. Use .csv or .npz.")


def _flag(value: bool) -> str:
    return "true" if value else "false"
