"""Read labelled time series from the files people have: `.ts`, wide and long CSV, `.npz` and Parquet."""

from pathlib import Path

import numpy as np

from ._columns import Request
from ._csv import read_csv
from ._files import existing_file
from ._npz import read_npz
from ._parquet import read_parquet
from ._ts import read_ts
from ._write import write_series

__all__ = ["read_series", "write_series"]

_TABLES = (".csv", ".tsv", ".txt", ".parquet")
_KNOWN = (".ts", ".npz", *_TABLES)


def read_series(
    path: str | Path,
    label_column: str | int | bool | None = None,
    *,
    layout: str | None = None,
    id_column: str | int | None = None,
    time_column: str | int | None = None,
    header: bool | None = None,
) -> tuple[np.ndarray | list[np.ndarray], np.ndarray | None]:
    r"""Read series and their labels from one file; its suffix says which format it has.

    Parameters
    ----------
    path : str or Path
        A `.ts`, `.csv`, `.tsv`, `.txt` (each also with `.gz` behind), `.npz` or `.parquet` file.
    label_column : str, int or False, optional
        Name or place (from 0; negative from the end) of the label column of a table; False says that there is
        none. By default the column called `label`, `labels`, `class`, `class_label`, `target` or, in a wide table,
        `y`. Without a header: the first column, or the last when only that one is text.
    layout : {"wide", "long"}, optional
        What a row of a table is: a series (wide) or one time point of a series (long). By default long when
        there is an id and a time column, or when `time_column` is given; else wide.
    id_column : str or int, optional
        Column that tells the series of a long table apart; in a wide table it is left out. By default the one called
        `id`, `unique_id`, `series_id`, `case_id`, `instance` or `series`.
    time_column : str or int, optional
        Column by which a long table is sorted, numbers or ISO 8601 dates. By default the one called `time`,
        `timestamp`, `ds`, `date`, `datetime` or `t`.
    header : bool, optional
        Whether the first line of a text table holds names. By default it does when two of its cells are text.

    Returns
    -------
    X : ndarray of shape (n_instances, n_channels, n_timepoints), float32
        Missing values (`?`, an empty cell, `NaN`, `NA`, `null`) are NaN. When lengths differ, a list of arrays
        (n_channels, n_timepoints_i) instead.
    y : ndarray of shape (n_instances,) or None
        int64 when all labels are whole numbers, float64 when all are numbers, else strings; the class names of a
        `.ts` file are never float64. None when there are none.

    Raises
    ------
    FileNotFoundError
        If there is no such file; the message names similar ones.
    ValueError
        If the file cannot be read as it is: the message names the line, the column, the value, and what to do.
    ImportError
        If pyarrow is missing and the file is a Parquet file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "steps.csv")
    ...     _ = path.write_text("t0,t1,t2,label\n0.1,0.5,0.2,walk\n0.9,,0.7,run\n")
    ...     X, y = read_series(path)
    >>> X.shape, y.tolist()
    ((2, 1, 3), ['walk', 'run'])
    >>> X[1, 0].tolist()
    [0.8999999761581421, nan, 0.699999988079071]
    """
    if layout not in (None, "wide", "long"):
        raise ValueError(f"layout must be 'wide', 'long' or None, not {layout!r}.")
    path = existing_file(path)
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    request = Request(label_column, id_column, time_column, layout)
    if suffix == ".ts":
        return read_ts(path)
    if suffix == ".npz":
        return read_npz(path)
    if suffix == ".parquet":
        return read_parquet(path, request)
    if suffix in _TABLES:
        return read_csv(path, request, header)
    raise ValueError(f"{path} has a suffix that is not known: use one of {', '.join(_KNOWN)} (or convert the file).")
