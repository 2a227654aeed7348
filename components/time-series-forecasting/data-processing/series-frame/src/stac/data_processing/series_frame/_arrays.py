"""The series of a checked table as arrays, and the checks that all forecasters share."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stac.data_processing.series_frame._table import series_codes

if TYPE_CHECKING:
    import pandas as pd


def series_offsets(frame: "pd.DataFrame") -> NDArray[np.intp]:
    """Return where each series of a sorted table begins, and the number of rows at the end.

    Parameters
    ----------
    frame : DataFrame
        As `check_series_frame` returns it.

    Returns
    -------
    ndarray of shape (n_series + 1,)
        Series `i` is in the rows from `offsets[i]` up to `offsets[i + 1]`.

    Examples
    --------
    >>> import pandas as pd
    >>> series_offsets(pd.DataFrame({"unique_id": ["a", "a", "b"]})).tolist()
    [0, 2, 3]
    """
    codes = series_codes(frame["unique_id"])
    return np.concatenate([[0], np.flatnonzero(codes[1:] != codes[:-1]) + 1, [len(codes)]])


def series_matrix(frame: "pd.DataFrame", column: str = "y") -> NDArray[np.float64]:
    """Return the series as rows of a matrix that all end in the last column, with NaN in front of shorter ones.

    Parameters
    ----------
    frame : DataFrame
        As `check_series_frame` returns it, without gaps.
    column : str
        Whose values to take.

    Returns
    -------
    ndarray of shape (n_series, length of the longest), float64
        In the order of the table.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"unique_id": ["a", "a", "b"], "ds": [1, 2, 2], "y": [1, 2, 3]})
    >>> series_matrix(frame).tolist()
    [[1.0, 2.0], [nan, 3.0]]
    """
    offsets = series_offsets(frame)
    lengths = np.diff(offsets)
    longest = int(lengths.max())
    matrix = np.full((len(lengths), longest), np.nan)
    matrix[np.arange(longest) >= longest - lengths[:, None]] = frame[column].to_numpy(np.float64)
    return matrix


def check_horizon(horizon: int) -> int:
    """Return the number of steps to forecast; a ``ValueError`` if it is no whole number of at least 1."""
    if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer) or horizon < 1:
        raise ValueError(f"horizon is {horizon!r}: give a whole number of steps of at least 1")
    return int(horizon)


def check_quantiles(quantiles: Sequence[float]) -> dict[str, float]:
    """Return the levels in ascending order, by the name of their column.

    Parameters
    ----------
    quantiles : sequence of float
        Levels between 0 and 1.

    Returns
    -------
    dict
        Name of the column -> level.

    Raises
    ------
    ValueError
        If a level is not between 0 and 1.

    Examples
    --------
    >>> check_quantiles([0.9, 0.1])
    {'q0.1': 0.1, 'q0.9': 0.9}
    """
    try:
        levels = sorted({float(level) for level in quantiles})
    except (TypeError, ValueError):
        levels = [np.nan]
    if not all(0 < level < 1 for level in levels):
        raise ValueError(f"quantiles are {quantiles!r}: give levels between 0 and 1, such as (0.1, 0.5, 0.9)")
    return {f"q{level:g}": level for level in levels}
