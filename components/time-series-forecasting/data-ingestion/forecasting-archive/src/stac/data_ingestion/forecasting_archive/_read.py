"""Read the files of data sets into tables with unique_id, ds and y."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stac.data_ingestion.forecasting_archive._sets import DataSet

if TYPE_CHECKING:
    import pandas as pd

_TSF_FREQUENCIES = {
    "yearly": "YS",
    "quarterly": "QS",
    "monthly": "MS",
    "weekly": "7D",
    "daily": "D",
    "hourly": "h",
    "half_hourly": "30min",
    "10_minutes": "10min",
    "minutely": "min",
    "4_seconds": "4s",
}


def read_csv(path: Path, data_set: DataSet) -> "pd.DataFrame":
    """Read a table of a package; times with no value at either end are left out."""
    import pandas as pd

    columns = [data_set.time, *data_set.ids, *data_set.value, *data_set.exogenous]
    # "NA" is the name of a class in one file and a missing value in others.
    missing = {name: ["NA", ""] for name in data_set.value}
    table = pd.read_csv(path, usecols=columns, keep_default_na=False, na_values=missing)
    times = _parse_times(table[data_set.time], data_set)
    parts = []
    for column in data_set.value:
        part = pd.DataFrame({"unique_id": _names(table, data_set, column), "ds": times, "y": table[column]})
        for name in data_set.exogenous:
            part[name.lower()] = table[name].astype(np.float64)
        parts.append(part)
    return pd.concat(parts, ignore_index=True).dropna(subset="y")


def _names(table: "pd.DataFrame", data_set: DataSet, column: str) -> "pd.Series | str":
    if not data_set.ids:
        return column
    first, *others = (table[name] for name in data_set.ids)
    return first.str.cat(others, sep=" · ") if others else first


def _parse_times(times: "pd.Series", data_set: DataSet) -> "pd.Series":
    import pandas as pd

    if data_set.time_format == "quarter":
        return pd.Series(pd.PeriodIndex(times.str.replace(" ", ""), freq="Q").to_timestamp())
    if data_set.time_format == "ISO week":
        return pd.to_datetime(times + "-1", format="%G W%V-%u")
    if data_set.time_format == "UTC":
        return pd.to_datetime(times, utc=True).dt.tz_convert(data_set.zone)
    return pd.to_datetime(times.astype(str), format=data_set.time_format)


def read_own_csv(path: Path) -> "pd.DataFrame":
    """Read the user's table."""
    import pandas as pd

    try:
        table = pd.read_csv(path)
    except (ValueError, UnicodeDecodeError) as error:  # pandas' parser errors are ValueErrors
        reason = str(error).splitlines()[0]
    else:
        missing = [name for name in ("ds", "y") if name not in table]
        if not missing:
            return table
        reason = f"it lacks the columns {missing}, it has {list(table.columns)[:8]}"
    raise ValueError(f"{path} is no table with unique_id, ds and y: {reason}")


def read_tsf(path: Path) -> "pd.DataFrame":
    """Read a file of the Monash archive: a header, then a line per series, `name:start:values`."""
    import pandas as pd

    attributes, frequency, parts, in_data = [], "yearly", [], False
    for number, line in enumerate(path.read_text("cp1252").splitlines(), start=1):
        line = line.strip()
        if line.startswith("@attribute"):
            attributes.append(line.split()[1])
        elif line.startswith("@frequency"):
            frequency = line.split()[1]
        elif line.startswith("@data"):
            in_data = True
        elif in_data and line:
            try:
                parts.append(_tsf_series(line, attributes, _TSF_FREQUENCIES[frequency]))
            except (ValueError, KeyError, IndexError):
                parts.append(None)
        if parts and parts[-1] is None:
            raise ValueError(
                f"{path}, line {number} is no series such as T1:1972-01-01 00-00-00:3600,7700 ({frequency})"
            )
    if not parts:
        raise ValueError(f"{path} holds no series: after a line @data it should have one line per series")
    return pd.concat(parts, ignore_index=True)


def _tsf_series(line: str, attributes: list[str], frequency: str) -> "pd.DataFrame":
    import pandas as pd

    *cells, values = line.split(":")
    found = dict(zip(attributes, cells, strict=True))
    y = np.array([float(value) if value != "?" else np.nan for value in values.split(",")])
    start = pd.to_datetime(found.get("start_timestamp", "2000-01-01 00-00-00"), format="%Y-%m-%d %H-%M-%S")
    if frequency in ("YS", "QS", "MS"):
        months = {"YS": 12, "QS": 3, "MS": 1}[frequency]
        first = np.datetime64(start, "M")
        ds = pd.DatetimeIndex((first + months * np.arange(len(y))).astype("M8[s]"))
    else:
        ds = start + pd.tseries.frequencies.to_offset(frequency) * np.arange(len(y))
    return pd.DataFrame({"unique_id": found["series_name"], "ds": ds, "y": y})
