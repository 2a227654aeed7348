"""Make a clean, sorted table out of what came, or say what is wrong with it."""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stac.data_processing.series_frame._grid import parse_frequency, step_numbers

if TYPE_CHECKING:
    import pandas as pd

_FORMAT = "a table with the columns unique_id, ds and y, one row per series and time"


def clean_table(
    frame: Any, exogenous: list[str], allow_missing: bool, *, unique: bool = True
) -> "tuple[pd.DataFrame, NDArray[np.intp]]":
    """Return the checked table, sorted, and the number of each row's series."""
    import pandas as pd

    if isinstance(frame, pd.Series):
        frame = pd.DataFrame({"ds": frame.index, "y": frame.to_numpy()})
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"frame is {type(frame).__name__}, expected a pandas DataFrame: {_FORMAT}")
    _refuse_missing_columns(frame, exogenous)
    if len(frame) == 0:
        raise ValueError(f"the table is empty, it has no rows: pass {_FORMAT}")
    ids = frame["unique_id"] if "unique_id" in frame else pd.Series("series", index=frame.index)
    columns = {"unique_id": ids.reset_index(drop=True), "ds": _as_times(frame["ds"])}
    for name in ("y", *exogenous):
        columns[name] = _as_numbers(frame[name], name)
    codes = series_codes(columns["unique_id"])
    if (codes < 0).any():
        raise ValueError(f"unique_id is missing in {(codes < 0).sum()} rows: name every series, or drop these rows")
    table = pd.DataFrame(columns, copy=True)
    order = _order(codes, table["ds"])
    if order is not None:
        table, codes = table.iloc[order].reset_index(drop=True), codes[order]
    table.attrs = dict(frame.attrs)
    if unique:
        _refuse_duplicates(table, codes, one_series="unique_id" not in frame)
    _refuse_bad_values(table, ["y", *exogenous], allow_missing)
    return table, codes


def series_codes(ids: "pd.Series") -> NDArray[np.intp]:
    """Return the number of each row's series, in sorted order."""
    import pandas as pd

    values = ids.astype(object) if isinstance(ids.dtype, pd.CategoricalDtype) else ids
    # Neighbours mostly belong to one series: only the first of each run is looked up.
    array = values.to_numpy(dtype=object) if values.dtype.kind not in "iufb" else values.to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], array[1:] != array[:-1]]))
    codes, _ = pd.factorize(values.iloc[starts], sort=True)
    return np.repeat(codes, np.diff(np.append(starts, len(array))))


def _refuse_missing_columns(frame: "pd.DataFrame", exogenous: list[str]) -> None:
    missing = [name for name in ("ds", "y", *exogenous) if name not in frame]
    if missing:
        there = ", ".join(map(str, frame.columns[:8])) or "no columns"
        raise ValueError(
            f"the table lacks {' and '.join(map(repr, missing))}, it has {there}: rename columns, "
            "frame.rename(columns={'date': 'ds', 'sales': 'y'})"
        )
    twice = frame.columns[frame.columns.duplicated()].tolist()
    if twice:
        raise ValueError(f"the table has two columns named {twice[0]!r}: drop or rename one")


def _as_times(ds: "pd.Series") -> "pd.Series":
    """Return datetimes or whole numbers."""
    import pandas as pd

    ds = ds.reset_index(drop=True)
    if isinstance(ds.dtype, pd.PeriodDtype):
        ds = ds.dt.to_timestamp()
    if ds.dtype.kind in "iu" and not ds.hasnans:
        return ds.astype(np.int64)
    if ds.dtype.kind not in "M" and not isinstance(ds.dtype, pd.DatetimeTZDtype):
        ds = _parse_times(ds)
    if ds.hasnans:
        raise ValueError(f"ds is missing in {ds.isna().sum()} rows, first in row {int(ds.isna().argmax())}: drop them")
    return ds


def _parse_times(ds: "pd.Series") -> "pd.Series":
    import pandas as pd

    if ds.dtype.kind in "fcbm":
        raise TypeError(
            f"ds holds {ds.dtype}, expected datetimes or whole numbers: use pandas.to_datetime(frame['ds'])"
        )
    zones = {str(getattr(time, "tzinfo", None)) for time in ds.unique()}
    if len(zones) > 1:
        raise ValueError(
            f"ds mixes time zones ({', '.join(sorted(zones)[:3])}): bring all times to one, "
            "pandas.to_datetime(frame['ds'], utc=True)"
        )
    reason = "timezone"  # older versions of pandas return objects where later ones refuse to mix them
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about dates in several formats, which are read all the same
        try:
            parsed = pd.to_datetime(ds)
            if parsed.dtype != object:
                return parsed
        except (ValueError, TypeError) as error:
            reason = str(error)
        readable = pd.to_datetime(ds, errors="coerce", utc=True).notna()
    if "time zone" in reason.lower() or "timezone" in reason.lower() or "tz-aware" in reason.lower():
        raise ValueError("ds mixes time zones: bring all times to one, pandas.to_datetime(frame['ds'], utc=True)")
    bad = ds[~readable]
    example = repr(bad.iloc[0])[:60] if len(bad) else "values"
    raise TypeError(f"ds holds {example}, which is no time: give datetimes or whole numbers, see pandas.to_datetime")


def _as_numbers(column: "pd.Series", name: str) -> NDArray[np.float64]:
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(column) or column.dtype.kind == "c":
        numbers = pd.to_numeric(column, errors="coerce")
        bad = column[numbers.isna() & column.notna()]
        example = bad.iloc[0] if len(bad) else column.iloc[0]
        raise TypeError(
            f"{name} holds {column.dtype} values such as {str(example)[:40]!r}, expected numbers: "
            f"frame[{name!r}] = pandas.to_numeric(frame[{name!r}])"
        )
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _order(codes: NDArray[np.intp], times: "pd.Series") -> NDArray[np.intp] | None:
    """Return the order by series and time, or None where it is there already."""
    at = times.to_numpy() if times.dtype.kind in "iu" else times.to_numpy("M8[us]").astype(np.int64)
    step = np.diff(codes)
    if ((step > 0) | ((step == 0) & (np.diff(at) >= 0))).all():
        return None
    return np.lexsort((at, codes))


def _refuse_duplicates(table: "pd.DataFrame", codes: NDArray[np.intp], one_series: bool) -> None:
    times = table["ds"].to_numpy() if table["ds"].dtype.kind in "iu" else table["ds"].to_numpy("M8[us]")
    twice = (codes[1:] == codes[:-1]) & (times[1:] == times[:-1])
    if not twice.any():
        return
    row = table.iloc[int(twice.argmax())]
    more = f" (and {twice.sum() - 1} more)" if twice.sum() > 1 else ""
    fix = "name the series in a column unique_id" if one_series else "drop or sum up one of the rows"
    raise ValueError(f"series {row['unique_id']!r} has the time {row['ds']} twice{more}: {fix}")


def _refuse_bad_values(table: "pd.DataFrame", names: list[str], allow_missing: bool) -> None:
    for name in names:
        values = table[name].to_numpy()
        infinite, missing = np.isinf(values), np.isnan(values)
        bad = infinite if allow_missing else infinite | missing
        if not bad.any():
            continue
        row = table.iloc[int(bad.argmax())]
        what = "infinite" if infinite.any() else "missing (NaN)"
        fix = "replace or drop them" if infinite.any() else "fill them (stac-impute-series) or drop them"
        raise ValueError(
            f"{name} is {what} in {bad.sum()} rows, first in series {row['unique_id']!r} at {row['ds']}: {fix}"
        )


def refuse_short(table: "pd.DataFrame", codes: NDArray[np.intp], min_length: int) -> None:
    """Refuse series with less than `min_length` rows."""
    lengths = np.bincount(codes)
    short = np.flatnonzero(lengths < min_length)
    if short.size == 0:
        return
    name = table["unique_id"].iloc[int(np.flatnonzero(codes == short[0])[0])]
    more = f" (and {short.size - 1} more series)" if short.size > 1 else ""
    raise ValueError(
        f"series {name!r} has {lengths[short[0]]} values and {min_length} are needed{more}: "
        "give a longer history, or leave such series out"
    )


def check_regular(
    table: "pd.DataFrame", codes: NDArray[np.intp], freq: str | int, allow_gaps: bool
) -> NDArray[np.int64]:
    """Return the number of each time on the grid of the frequency; refuse irregular times and, if asked, gaps."""
    grid = parse_frequency(freq)
    whole = table["ds"].dtype.kind in "iu"
    if whole != (grid.unit == "integer"):
        have, need = ("whole numbers", "a whole number") if whole else ("datetimes", 'a frequency such as "D"')
        raise ValueError(f"freq is {freq!r} and ds holds {have}: give {need}")
    numbers, left_over = step_numbers(table["ds"], grid)
    same = codes[1:] == codes[:-1]
    steps = np.diff(numbers)
    off_grid = same & ((np.diff(left_over) != 0) | (steps == 0))
    if off_grid.any():
        row = table.iloc[int(off_grid.argmax()) + 1]
        raise ValueError(
            f"series {row['unique_id']!r} has the time {row['ds']}, off its grid of {freq!r}: round the times, "
            "resample the series, or pass the right freq="
        )
    gap = same & (steps > 1)
    if gap.any() and not allow_gaps:
        row = table.iloc[int(gap.argmax())]
        n_missing, n_series = int((steps[gap] - 1).sum()), len(np.unique(codes[1:][gap]))
        raise ValueError(
            f"{n_missing} times are missing in {n_series} series, first in {row['unique_id']!r} after {row['ds']} "
            f"(frequency {freq!r}): call fill_gaps(frame), then fill the values"
        )
    return numbers
