"""Loads labelled series as a training and a test part, which share no instance."""

from pathlib import Path
from typing import TypeAlias

import numpy as np

from stac.data_ingestion.series_files import read_series
from stac.data_ingestion.ucr_archive import load_ucr
from stac.data_processing.split_series import stratified_split

__all__ = ["load_labelled"]

Series: TypeAlias = "np.ndarray | list[np.ndarray]"


def load_labelled(
    data: str | Path,
    *,
    test_data: str | Path | None = None,
    test_size: float = 0.3,
    label_column: str | None = None,
    equal_length: bool = True,
    random_state: int = 0,
) -> tuple[Series, np.ndarray, Series, np.ndarray]:
    r"""Return a training and a test part, which share no instance.

    Parameters
    ----------
    data : str or Path
        A file of series (``.csv``, ``.ts``, ``.npz``, ``.parquet``), or, without a suffix, the name of a UCR data set.
    test_data : str or Path, optional
        File of the test part. Without one, ``test_size`` of each class is set aside; a named data set brings its own.
    test_size : float, default=0.3
        Share of each class that is set aside.
    label_column : str, optional
        Column of the class, if it is not found by itself.
    equal_length : bool, default=True
        Refuse series of different lengths.
    random_state : int, default=0
        Rules which instances are set aside.

    Returns
    -------
    X_train, y_train, X_test, y_test
        Series (n_instances, n_channels, n_timepoints), float32, lists where lengths differ; labels (n_instances,).

    Raises
    ------
    ValueError
        If something has no labels or different lengths, or cannot be split; the sentence says what to do.
    OSError
        If a file cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.csv")
    ...     _ = path.write_text("a,b,label\n" + "1,2,up\n2,1,down\n" * 5)
    ...     [len(part) for part in load_labelled(path, test_size=0.2)]
    [8, 8, 2, 2]
    """
    if not Path(data).suffix:
        X_train, y_train, X_test, y_test = load_ucr(str(data))
    else:
        X, y = _read(data, label_column)
        if test_data is not None:
            X_train, y_train, (X_test, y_test) = X, y, _read(test_data, label_column)
        else:
            train, test = stratified_split(y, test_size=test_size, random_state=random_state)
            X_train, y_train, X_test, y_test = _choose(X, train), y[train], _choose(X, test), y[test]
    if equal_length and (isinstance(X_train, list) or isinstance(X_test, list)):
        raise ValueError(f"The series in {data} have different lengths: cut or resample them to one.")
    if equal_length and X_train.shape[1:] != X_test.shape[1:]:
        raise ValueError(
            f"Series of the training part have shape {X_train.shape[1:]}, of the test part {X_test.shape[1:]}: both "
            "need the same channels and length."
        )
    return X_train, y_train, X_test, y_test


def _read(path: str | Path, label_column: str | None) -> tuple[Series, np.ndarray]:
    X, y = read_series(path, label_column=label_column)
    if y is None:
        raise ValueError(f"{path} has no labels: add a column 'label', or name the column with label_column.")
    return X, y


def _choose(X: Series, indices: np.ndarray) -> Series:
    return [X[i] for i in indices] if isinstance(X, list) else X[indices]
