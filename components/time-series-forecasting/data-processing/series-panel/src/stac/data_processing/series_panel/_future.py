"""The times after the end of each series, with what is known there."""

from typing import TYPE_CHECKING, Any

import numpy as np

from stac.data_processing.series_panel._calendar import calendar_columns

if TYPE_CHECKING:
    import pandas as pd

    from stac.data_processing.series_panel import SeriesPanel


def future_columns(
    panel: "SeriesPanel", horizon: int, future: Any, given: int | None
) -> "tuple[pd.DataFrame, np.ndarray]":
    """Do the work of `SeriesPanel.future`."""
    import pandas as pd

    from stac.data_processing.series_frame import check_horizon, future_times

    times = future_times(panel.times, check_horizon(horizon), panel.frequency)
    needed = np.tile(np.arange(horizon) < (horizon if given is None else given), len(panel.times))
    known = _exogenous(panel, times, future, needed)
    # The last known times come along, so that the distance between times is known for a horizon of one.
    both = pd.concat([panel.times, times], ignore_index=True).sort_values(["unique_id", "ds"], kind="stable")
    calendar = calendar_columns(both["ds"], panel.calendar)
    rows = np.argsort(both.index.to_numpy())[len(panel.times) :]
    known += [calendar[name][rows] for name in panel.names if name in calendar]
    shape = (len(panel.times), horizon, len(panel.names))
    return times, np.stack(known, axis=1).reshape(shape) if known else np.empty(shape, np.float32)


def _exogenous(panel: "SeriesPanel", times: "pd.DataFrame", future: Any, needed: np.ndarray) -> list[np.ndarray]:
    import pandas as pd

    names = list(panel.exogenous)
    if not names:
        return []
    if future is None:
        raise ValueError(
            f"future is missing: fit saw {', '.join(names)}, so pass future= with unique_id, ds and these columns at "
            "the times to forecast, or fit with exogenous=()"
        )
    if not isinstance(future, pd.DataFrame):
        raise TypeError(
            f"future is {type(future).__name__}, expected a pandas DataFrame with unique_id, ds and {names}"
        )
    words = [name for name in names if name in future and not pd.api.types.is_numeric_dtype(future[name])]
    if words:
        raise TypeError(f"future holds {future[words[0]].dtype} in {words[0]}: give numbers, as in fit")
    keys = [name for name in ("unique_id", "ds") if name in future or name == "ds" or len(panel.times) > 1]
    if lacking := [name for name in [*keys, *names] if name not in future]:
        raise ValueError(f"future lacks the columns {lacking}: give unique_id, ds and {', '.join(names)}")
    given = future[[*keys, *names]].copy()
    try:
        given["ds"] = given["ds"].astype(times["ds"].dtype)
        given = times[keys].merge(given.drop_duplicates(keys, keep="last"), how="left", on=keys, validate="m:1")
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"future has other unique_id or ds than fit saw: {' '.join(str(error).split())[:200]}"
        ) from None
    values = [given[name].to_numpy(np.float32, na_value=np.nan) for name in names]
    missing = np.isnan(values).any(axis=0) & needed
    if missing.any():
        row = times.iloc[int(missing.argmax())]
        raise ValueError(
            f"future has no value in {missing.sum()} of {needed.sum()} rows, the first for series {row['unique_id']!r} "
            f"at {row['ds']}: give {', '.join(names)} at every time to forecast"
        )
    return values
