"""The features of the calendar: from datetime64[us] to the number one knows and the share of its cycle.

The shares of second, minute and hour go on between the full ones; those of days and longer go in steps.
"""

import numpy as np

Values = tuple[np.ndarray, np.ndarray]
_MINUTE, _HOUR, _DAY = 60, 60 * 60, 24 * 60 * 60


def _within(times: np.ndarray, n_seconds: int) -> np.ndarray:
    """Return the seconds since the last full minute, hour or day."""
    return np.mod(times.astype(np.int64), n_seconds * 1_000_000) / 1_000_000


def _days(times: np.ndarray) -> np.ndarray:
    return times.astype("datetime64[D]")


def _count(times: np.ndarray) -> np.ndarray:
    return times.astype(np.int64)


def second(times: np.ndarray) -> Values:
    """Second of the minute, 0 to 59."""
    share = _within(times, _MINUTE) / _MINUTE
    return np.floor(_within(times, _MINUTE)), share


def minute(times: np.ndarray) -> Values:
    """Minute of the hour, 0 to 59."""
    return np.floor(_within(times, _HOUR) / _MINUTE), _within(times, _HOUR) / _HOUR


def hour(times: np.ndarray) -> Values:
    """Hour of the day, 0 to 23."""
    return np.floor(_within(times, _DAY) / _HOUR), _within(times, _DAY) / _DAY


def weekday(times: np.ndarray) -> Values:
    """Day of the week, 0 (Monday) to 6."""
    day = np.mod(_count(_days(times)) + 3, 7)  # 1970 began on a Thursday
    return day, day / 7


def day_of_month(times: np.ndarray) -> Values:
    """Day of the month, from 1."""
    day, length = _day_of(times, "M")
    return day + 1, day / length


def day_of_year(times: np.ndarray) -> Values:
    """Day of the year, from 1."""
    day, length = _day_of(times, "Y")
    return day + 1, day / length


def week(times: np.ndarray) -> Values:
    """Week of the year by ISO 8601, 1 to 53: that of its Thursday."""
    days = _days(times)
    thursdays = days + (3 - weekday(times)[0]).astype("timedelta64[D]")
    number = _day_of(thursdays, "Y")[0] // 7
    return number + 1, number / 52


def month(times: np.ndarray) -> Values:
    """Month of the year, from 1."""
    number = np.mod(_count(times.astype("datetime64[M]")), 12)
    return number + 1, number / 12


def quarter(times: np.ndarray) -> Values:
    """Quarter of the year, from 1."""
    number = np.mod(_count(times.astype("datetime64[M]")), 12) // 3
    return number + 1, number / 4


def year(times: np.ndarray) -> np.ndarray:
    """Year, such as 2024."""
    return _count(times.astype("datetime64[Y]")) + 1970


def is_weekend(times: np.ndarray) -> np.ndarray:
    """1 on Saturday and Sunday."""
    return weekday(times)[0] >= 5


def is_month_start(times: np.ndarray) -> np.ndarray:
    """1 on the first day of a month."""
    return _day_of(times, "M")[0] == 0


def is_month_end(times: np.ndarray) -> np.ndarray:
    """1 on the last day of a month."""
    day, length = _day_of(times, "M")
    return day == length - 1


def _day_of(times: np.ndarray, unit: str) -> Values:
    """Return the day within the month or year, from 0, and how many days that has."""
    this = times.astype(f"datetime64[{unit}]")
    start, end = _count(this.astype("datetime64[D]")), _count((this + 1).astype("datetime64[D]"))
    return _count(_days(times)) - start, end - start


CYCLIC = {f.__name__: f for f in (second, minute, hour, weekday, day_of_month, day_of_year, week, month, quarter)}
PLAIN = {f.__name__: f for f in (year, is_weekend, is_month_start, is_month_end)}
