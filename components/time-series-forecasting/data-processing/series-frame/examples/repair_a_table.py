"""A table with every common fault is repaired, one sentence at a time."""

import pandas as pd

from stac.data_processing.series_frame import check_series_frame, fill_gaps, future_times, infer_frequency

raw = pd.DataFrame(
    {
        "date": ["2024-01-04", "2024-01-01", "2024-01-02", "2024-01-02", "2024-01-07"],
        "sales": ["7", "5", "6", "6", "9"],
    }
)


def complaint(table: pd.DataFrame) -> str:
    """Return what is wrong with the table."""
    try:
        check_series_frame(table)
    except (TypeError, ValueError) as error:
        return str(error)
    return "nothing"


print("1:", complaint(raw))
table = raw.rename(columns={"date": "ds", "sales": "y"})
print("2:", complaint(table))
table["y"] = pd.to_numeric(table["y"])
print("3:", complaint(table))
table = table.drop_duplicates("ds")
print("4:", complaint(table))
table = fill_gaps(table)
print("5:", complaint(table))
table["y"] = table["y"].interpolate()
print("6:", complaint(table))
print(infer_frequency(table), future_times(table, 2).to_string(index=False), sep="\n")
