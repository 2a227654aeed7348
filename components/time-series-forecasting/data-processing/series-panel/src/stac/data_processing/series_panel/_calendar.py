"""Which features of the calendar tell the times of a table apart."""

from typing import Any

import numpy as np

HOUR, DAY, MONTH = (np.timedelta64(hours, "h") for hours in (1, 24, 28 * 24))


def calendar_columns(times: Any, encoding: str | None) -> dict[str, np.ndarray]:
    """Return the columns, (n,) float32 each; none for times that are whole numbers."""
    if encoding is None or times.dtype.kind in "iuf":
        return {}
    from stac.data_processing.calendar_features import calendar_features

    return calendar_features(times, _features(times), encoding=encoding)


def _features(times: Any) -> list[str]:
    """Name what changes from one time to the next, and what changes more slowly."""
    steps = np.abs(np.diff(times.dt.tz_localize(None).to_numpy()))
    steps = steps[steps > np.timedelta64(0)]
    step = steps.min() if len(steps) else DAY
    if step >= 12 * MONTH:
        return []
    if step >= MONTH:
        return ["month"]
    if step >= 5 * DAY:
        return ["day_of_year"]
    return [*(["hour"] if step < DAY else []), "weekday", "day_of_year"]
