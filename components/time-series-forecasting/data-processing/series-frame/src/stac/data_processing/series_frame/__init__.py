"""Check tables of many time series in long format, infer their frequency, fill gaps and name future times."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from stac.data_processing.series_frame._arrays import check_horizon, check_quantiles, series_matrix, series_offsets
from stac.data_processing.series_frame._grid import DAY, advance, find_frequency, parse_frequency
from stac.data_processing.series_frame._table import check_regular, clean_table, refuse_short

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "check_horizon",
    "check_quantiles",
    "check_series_frame",
    "fill_gaps",
    "future_times",
    "infer_frequency",
    "season_length_of",
    "series_matrix",
    "series_offsets",
]


def check_series_frame(
    frame: "pd.DataFrame | pd.Series",
    *,
    freq: str | int | None = None,
    exogenous: Sequence[str] = (),
    min_length: int = 1,
    allow_missing: bool = False,
    allow_gaps: bool = False,
) -> "pd.DataFrame":
    """Return a clean, sorted copy of a table of time series, or say in one sentence what is wrong with it.

    Parameters
    ----------
    frame : DataFrame
        One row per series and time: `unique_id` (any label; may be left out for a single series), `ds` (datetimes,
        text of dates, periods, or whole numbers) and `y` (numbers), in any order. A Series indexed by time will do.
    freq : str or int, optional
        The frequency, as in `infer_frequency`, by default inferred.
    exogenous : sequence of str
        Further columns of numbers to keep; all others are left out.
    min_length : int
        How many rows each series must have at least.
    allow_missing : bool
        Whether NaN is accepted in `y` and the exogenous columns.
    allow_gaps : bool
        Whether times may be missing.

    Returns
    -------
    DataFrame
        Columns `unique_id, ds, y` and the exogenous ones, sorted by `unique_id` and `ds`; numbers as float64.
        `attrs` are kept.

    Raises
    ------
    TypeError
        If `frame` is no DataFrame, or `ds`, `y` or an exogenous column hold something else than times or numbers.
    ValueError
        If columns are missing, the table is empty, a series is too short, a time appears twice, times are missing or
        irregular, time zones are mixed, or values are missing or infinite.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.to_datetime(["2024-01-02", "2024-01-01", "2024-01-03"])
    >>> print(check_series_frame(pd.DataFrame({"ds": days, "y": [5, 4, 6]})).to_string(index=False))
    unique_id         ds   y
       series 2024-01-01 4.0
       series 2024-01-02 5.0
       series 2024-01-03 6.0
    """
    table, codes = clean_table(frame, list(exogenous), allow_missing)
    refuse_short(table, codes, min_length)
    freq = find_frequency(table["ds"], codes) if freq is None else freq
    if freq is not None:
        check_regular(table, codes, freq, allow_gaps)
    return table


def infer_frequency(frame: "pd.DataFrame | pd.Series | ArrayLike") -> str | int:
    """Return the frequency of the times: what most neighbours in time are apart.

    Parameters
    ----------
    frame : DataFrame with `ds` (and `unique_id`), or array-like of the times of one series
        In any order; missing times do not disturb.

    Returns
    -------
    str or int
        The name of a pandas offset, such as "h", "30min", "D", "B", "W-SUN", "MS", "ME", "QS", "YE-JUN"; the step
        when times are whole numbers. "MS" stands for any day that is the same in each month, but the last.

    Raises
    ------
    ValueError
        If no series has two times.
    TypeError
        If these are no times.

    Examples
    --------
    >>> infer_frequency(["2024-01-31", "2024-02-29", "2024-03-31"])
    'ME'
    >>> infer_frequency([0, 5, 10, 20])
    5
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        frame = pd.DataFrame({"ds": frame})
    table, codes = clean_table(frame.assign(y=0.0), [], allow_missing=True, unique=False)
    freq = find_frequency(table["ds"], codes)
    if freq is None:
        raise ValueError("no series has two different times, so there is no frequency to infer: pass freq=")
    return freq


def season_length_of(frequency: str | int) -> int:
    """Return how many steps make the season that one expects first at a frequency.

    Parameters
    ----------
    frequency : str or int
        As `infer_frequency` returns it.

    Returns
    -------
    int
        A day for minutes and hours (hourly 24, half-hourly 48), an hour for seconds, a week for days (7, business
        days 5), a year for the rest (weekly 52, monthly 12, quarterly 4, yearly 1). 1, no season, for whole numbers
        and where the steps do not fit into it.

    Raises
    ------
    ValueError
        If there is no such frequency.

    Examples
    --------
    >>> [season_length_of(name) for name in ("30min", "h", "D", "B", "W", "MS", "QE", "YE")]
    [48, 24, 7, 5, 52, 12, 4, 1]
    """
    grid = parse_frequency(frequency)
    if grid.unit == "integer":
        return 1
    if grid.unit == "microsecond" and grid.n % (7 * DAY) == 0:
        return max(1, 52 * 7 * DAY // grid.n)
    minute = DAY // 1440
    shorter = 60 * minute if grid.n < minute else DAY if grid.n < DAY else 7 * DAY
    season = {"microsecond": shorter, "business day": 5, "month": 12}[grid.unit]
    return season // grid.n if season % grid.n == 0 else 1


def fill_gaps(frame: "pd.DataFrame", freq: str | int | None = None) -> "pd.DataFrame":
    """Return the table with a row for each time that was missing between the first and the last of a series.

    Parameters
    ----------
    frame : DataFrame
        As in `check_series_frame`; further columns of numbers are kept.
    freq : str or int, optional
        The frequency, by default inferred.

    Returns
    -------
    DataFrame
        Sorted by `unique_id` and `ds`; `y` and the further columns are NaN in the new rows, to be filled as the data
        ask for: `frame["y"].fillna(0)` where nothing was sold, interpolation where a sensor failed.

    Raises
    ------
    TypeError, ValueError
        As `check_series_frame`, but for gaps and missing values.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"unique_id": "a", "ds": [1, 2, 5], "y": [1, 2, 5]})
    >>> fill_gaps(frame)["y"].tolist()
    [1.0, 2.0, nan, nan, 5.0]
    """
    import pandas as pd

    others = [name for name in getattr(frame, "columns", ()) if name not in ("unique_id", "ds", "y")]
    others = [name for name in others if pd.api.types.is_numeric_dtype(frame[name])]
    table, codes = clean_table(frame, others, allow_missing=True)
    freq = find_frequency(table["ds"], codes) if freq is None else freq
    if freq is None:
        return table
    numbers = check_regular(table, codes, freq, allow_gaps=True)
    offsets = series_offsets(table)
    lengths = numbers[offsets[1:] - 1] - numbers[offsets[:-1]] + 1
    if lengths.sum() == len(table):
        return table
    series = np.repeat(np.arange(len(lengths)), lengths)
    starts = np.cumsum(lengths) - lengths
    steps = np.arange(len(series)) - starts[series]
    filled = table.iloc[offsets[:-1][series]].reset_index(drop=True)
    places = starts[codes] + numbers - numbers[offsets[:-1]][codes]
    filled["ds"] = advance(filled["ds"], steps, parse_frequency(freq))
    for name in ("y", *others):
        values = np.full(len(filled), np.nan)
        values[places] = table[name].to_numpy()
        filled[name] = values
    return filled


def future_times(frame: "pd.DataFrame", horizon: int, freq: str | int | None = None) -> "pd.DataFrame":
    """Return the times that follow each series.

    Parameters
    ----------
    frame : DataFrame
        With `unique_id` and `ds`, as `check_series_frame` returns it.
    horizon : int
        How many times per series.
    freq : str or int, optional
        The frequency, by default inferred.

    Returns
    -------
    DataFrame
        Columns `unique_id, ds`, `horizon` rows for each series, sorted. Local time stays local: days follow the
        calendar where clocks change, hours do not.

    Raises
    ------
    ValueError
        If the horizon is no whole number of at least 1, or no frequency can be inferred.

    Examples
    --------
    >>> import pandas as pd
    >>> ends = pd.DataFrame({"unique_id": "a", "ds": pd.to_datetime(["2023-12-31", "2024-01-31"])})
    >>> future_times(ends, 2)["ds"].dt.strftime("%Y-%m-%d").tolist()
    ['2024-02-29', '2024-03-31']
    """
    horizon = check_horizon(horizon)
    table, codes = clean_table(frame.assign(y=0.0), [], allow_missing=True)
    freq = find_frequency(table["ds"], codes) if freq is None else freq
    if freq is None:
        raise ValueError("no series has two times, so there is no frequency to infer: pass freq=")
    last = table.loc[np.repeat(series_offsets(table)[1:] - 1, horizon), ["unique_id", "ds"]].reset_index(drop=True)
    steps = np.tile(np.arange(1, horizon + 1), len(last) // horizon)
    return last.assign(ds=advance(last["ds"], steps, parse_frequency(freq)))
