"""Load a real labelled series with anomalies, from an installed package that ships it or from the user's files."""

import difflib
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from stac.data_ingestion.anomaly_archive._files import (
    read_columns,
    read_text,
    read_ucr_text,
    read_values_and_labels,
    split_from_name,
)
from stac.data_ingestion.anomaly_archive._sources import FOLDER_VARIABLE, SHIPPED, own_files, shipped_path

__all__ = ["AnomalySeries", "list_anomaly", "load_anomaly", "read_anomaly", "read_values"]


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


def load_anomaly(
    name: str | Path,
    folder: str | Path | None = None,
    *,
    n_train: int | None = None,
    label_column: str | Literal[False] | None = None,
) -> AnomalySeries:
    """Load a series by its name, or from a file.

    The user's folder is asked first, then the packages that ship one, as far as they are installed. Their files are
    read directly; no package is imported.

    Parameters
    ----------
    name : str or Path
        `"kdd_tsad_135"`, `"mitdb"`, `"vic_elec_holidays"`, or the name of a file in the folder without its suffix; or
        the path of a `.csv` or `.txt` file, which `read_anomaly` reads.
    folder : str or Path, optional
        Folder with files that `read_anomaly` reads. By default the environment variable `STAC_ANOMALY_ARCHIVE`
        names it.
    n_train : int, optional
        Time points of the training part, if not the usual ones of the series.
    label_column : str or False, optional
        Of a file, as in `read_anomaly`.

    Returns
    -------
    AnomalySeries
        `train`, `test` (n_channels, n_timepoints) float32 and `labels` (n_timepoints,) bool, as a tuple.

    Raises
    ------
    ValueError
        If there is no such series; the message says how to get it.
    FileNotFoundError
        If the folder or file does not exist.

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
    if Path(name).suffix.lower() in (".csv", ".txt"):
        return read_anomaly(name, n_train=n_train, label_column=label_column)
    for own in own_files(folder):
        if own.stem == name:
            return read_anomaly(own, n_train=n_train, label_column=label_column)
    if (path := shipped_path(str(name))) is not None:
        shipped = SHIPPED[str(name)]
        values, labels = read_values_and_labels(path, shipped.labels, shipped.values)
        return _split(values, labels, shipped.n_train if n_train is None else n_train, path)
    raise ValueError(_not_found(str(name), folder))


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
    own = {path.stem: str(path.parent) for path in own_files(folder)}
    shipped = {name: SHIPPED[name].package for name in SHIPPED if shipped_path(name) is not None}
    return own | {name: package for name, package in shipped.items() if name not in own}


def read_anomaly(
    path: str | Path, *, n_train: int | None = None, label_column: str | Literal[False] | None = None
) -> AnomalySeries:
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
    label_column : str or False, optional
        By default the column `label`, `labels`, `anomaly`, `is_anomaly`, `anomalous` or `outlier`, in any case.
        False says that there are no labels: then none is true. Columns of times and names (`time`, `timestamp`,
        `date`, `ds`, `index`, `unique_id`) are left out; all others are channels. Empty fields are missing values.

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
    path = _existing(path)
    n_train_of_name, anomaly = split_from_name(path)
    if label_column is False:
        values = read_values(path, label_column=False)
        labels = np.zeros(values.shape[1], bool)
    elif path.suffix.lower() == ".txt":
        values, labels = read_ucr_text(path, anomaly)
    else:
        values, labels = read_values_and_labels(path, label_column)
    if n_train is None:
        n_train = n_train_of_name or max(1, values.shape[1] // 3)
    return _split(values, labels, n_train, path)


def read_values(path: str | Path, *, label_column: str | Literal[False] | None = None) -> np.ndarray:
    r"""Read a series to be scored, whether it has labels or not.

    Parameters
    ----------
    path : str or Path
        A `.csv` file with a header and a row for each time point, or a `.txt` file of numbers alone.
    label_column : str or False, optional
        Left out where there is one; by default the columns that `read_anomaly` takes for labels. With False all
        columns but those of times and names are channels.

    Returns
    -------
    ndarray of shape (n_channels, n_timepoints), float32
        Empty fields are missing values (NaN).

    Raises
    ------
    FileNotFoundError
        If there is no file.
    ValueError
        If the file cannot be understood; the message names file, line and what was expected.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "pump.csv")
    ...     _ = path.write_text("time,flow,heat\n0:00,1,5\n0:10,2,6\n0:20,9,6\n")
    ...     read_values(path).tolist()
    [[1.0, 2.0, 9.0], [5.0, 6.0, 6.0]]
    """
    path = _existing(path)
    return read_text(path) if path.suffix.lower() == ".txt" else read_columns(path, label_column)


def _existing(path: str | Path) -> Path:
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}: pass the path of a .csv or .txt file with a series.")
    return path


def _split(values: np.ndarray, labels: np.ndarray, n_train: int, path: Path) -> AnomalySeries:
    if not 0 < n_train < len(labels):
        raise ValueError(f"{path} has {len(labels)} time points, of which n_train={n_train} leaves no two parts.")
    train, test = np.split(values, [n_train], axis=1)
    return AnomalySeries(np.ascontiguousarray(train), np.ascontiguousarray(test), labels[n_train:].copy())


def _not_found(name: str, folder: str | Path | None) -> str:
    """Say what is there instead, and how to get more."""
    if name in SHIPPED:
        return f"{name} ships with {SHIPPED[name].package}, which is not installed here: {SHIPPED[name].install}"
    available = list_anomaly(folder)
    close = difflib.get_close_matches(str(name), available | SHIPPED, n=2)
    there = ", ".join(available) if len(available) <= 10 else f"{len(available)} series, see list_anomaly()"
    return (
        f"There is no series {name!r} here."
        + (f" Did you mean {' or '.join(close)}?" if close else "")
        + f" Available: {there or 'none'}. Others ship with packages ({', '.join(SHIPPED)}), "
        f"or come from the folder that {FOLDER_VARIABLE} names."
    )
