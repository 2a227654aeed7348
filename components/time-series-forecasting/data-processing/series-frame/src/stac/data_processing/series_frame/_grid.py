"""Arithmetic of regular times: which frequency, the number of each time on its grid, and the times to come."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

DAY = 86_400_000_000  # microseconds
_DURATIONS = {
    "Week": 7 * DAY,
    "Day": DAY,
    "Hour": 3_600_000_000,
    "Minute": 60_000_000,
    "Second": 1_000_000,
    "Milli": 1000,
    "Micro": 1,
}
_MONTHS = {"Month": 1, "BusinessMonth": 1, "Quarter": 3, "BQuarter": 3, "Year": 12, "BYear": 12}
_OLD_ALIASES = {"H": "h", "T": "min", "S": "s", "L": "ms", "M": "ME", "Q": "QE", "A": "YE", "Y": "YE", "BM": "BME"}
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_EXAMPLES = '"h", "30min", "D", "B", "W", "MS", "ME", "QS", "YS", or a whole number for whole numbers in ds'


class Grid(NamedTuple):
    """A regular grid of times: every `n` units, for months at some `anchor`."""

    unit: str  # "integer", "microsecond", "business day" or "month"
    n: int
    anchor: str = "start"  # of months: "start" keeps the day of the month, "end", "business end"

    @property
    def by_wall_clock(self) -> bool:
        """Whether the steps follow the local calendar: days have 23 or 25 hours where the clocks change."""
        return self.unit != "microsecond" or self.n % DAY == 0


def parse_frequency(freq: Any) -> Grid:
    """Return the grid of a pandas offset or its name, or of a whole number."""
    if isinstance(freq, int | np.integer) and not isinstance(freq, bool):
        if freq < 1:
            raise ValueError(f"freq is {freq}: give a whole number of at least 1, the step between times")
        return Grid("integer", int(freq))
    from pandas.tseries.frequencies import to_offset

    try:
        offset = to_offset(_current_alias(freq))
    except (ValueError, TypeError):
        offset = None
    kind = type(offset).__name__
    months = _MONTHS.get(kind.removesuffix("Begin").removesuffix("End"))
    if offset is None or offset.n < 1:
        raise ValueError(f"freq is {freq!r}, which is no frequency: give {_EXAMPLES}")
    if kind in _DURATIONS:
        return Grid("microsecond", offset.n * _DURATIONS[kind])
    if kind == "BusinessDay":
        return Grid("business day", offset.n)
    if months is None or (kind.startswith("B") and kind.endswith("Begin")):
        raise ValueError(f"freq {freq!r} is not supported: give {_EXAMPLES}")
    anchor = "start" if kind.endswith("Begin") else "business end" if kind.startswith("B") else "end"
    return Grid("month", offset.n * months, anchor)


def _current_alias(freq: Any) -> Any:
    """Translate aliases that pandas renamed."""
    if not isinstance(freq, str):
        return freq
    name, dash, month = freq.partition("-")
    digits = name.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = name[len(digits) :]
    return digits + _OLD_ALIASES.get(letters, letters) + dash + month


def find_frequency(times: "pd.Series", codes: NDArray[np.intp]) -> str | int | None:
    """Return the frequency of sorted times, or None where no series has two of them."""
    same_series = codes[1:] == codes[:-1]
    if not same_series.any():
        return None
    if times.dtype.kind in "iu":
        return int(_most_common(np.diff(times.to_numpy())[same_series]))
    wall = clock(times, by_wall=True)
    step = _most_common(np.diff(wall).astype(np.int64)[same_series])
    days = wall.astype("M8[D]")
    if step >= 28 * DAY and (anchor := _month_anchor(days)):
        months = days.astype("M8[M]").astype(np.int64)
        return _month_alias(int(_most_common(np.diff(months)[same_series])), anchor, int(months[0]) % 12)
    if step % DAY:
        step = _most_common(np.diff(clock(times, by_wall=False)).astype(np.int64)[same_series])
    elif step == DAY and _only_business_days(days, same_series):
        return "B"
    return _duration_alias(int(step), days[0])


def _most_common(steps: NDArray[np.int64]) -> int:
    """Return the most common step above zero; of equally common ones the smallest."""
    values, counts = np.unique(steps[steps > 0], return_counts=True)
    return int(values[counts.argmax()]) if values.size else 1


def _month_anchor(days: NDArray[np.datetime64]) -> str | None:
    months = days.astype("M8[M]")
    first, last = months.astype("M8[D]"), (months + 1).astype("M8[D]") - 1
    if (days == last).all():
        return "E"
    if (days == np.busday_offset(last, 0, roll="backward")).all():
        return "BE"
    day_of_month, days_in_month = (days - first).astype(int), (last - first).astype(int)
    return "S" if (day_of_month == np.minimum(day_of_month.max(), days_in_month)).all() else None


def _month_alias(n: int, anchor: str, month: int) -> str:
    business, anchor = ("B", "E") if anchor == "BE" else ("", anchor)
    if n % 12 == 0:
        default = 0 if anchor == "S" else 11
        return f"{_times(n // 12)}{business}Y{anchor}" + (f"-{_MONTH_NAMES[month]}" if month != default else "")
    if n == 3:
        month %= 3
        default = 0 if anchor == "S" else 2
        # Quarters that end in January, April, … are named after the last of them, as the year's end would be.
        name = _MONTH_NAMES[month if anchor == "S" else month + 9]
        return f"{business}Q{anchor}" + (f"-{name}" if month != default else "")
    return f"{_times(n)}{business}M{anchor}"


def _duration_alias(step: int, first_day: np.datetime64) -> str:
    if step == 7 * DAY:
        return f"W-{_WEEKDAYS[(int(first_day.astype(np.int64)) + 3) % 7]}"
    for name, duration in (("D", "Day"), ("h", "Hour"), ("min", "Minute"), ("s", "Second"), ("ms", "Milli")):
        if step % _DURATIONS[duration] == 0:
            return f"{_times(step // _DURATIONS[duration])}{name}"
    return f"{_times(step)}us"


def _times(n: int) -> str:
    return "" if n == 1 else str(n)


def _only_business_days(days: NDArray[np.datetime64], same_series: NDArray[np.bool_]) -> bool:
    over_a_weekend = (np.diff(days).astype(np.int64) == 3) & same_series
    return bool(over_a_weekend.any() and np.is_busday(np.unique(days)).all())


def clock(times: "pd.Series", *, by_wall: bool) -> NDArray[np.datetime64]:
    """Return times as datetime64 in microseconds: what a clock on the wall shows, or universal time."""
    if getattr(times.dtype, "tz", None) is not None:
        times = (times if by_wall else times.dt.tz_convert("UTC")).dt.tz_localize(None)
    return times.to_numpy().astype("M8[us]")


def step_numbers(times: "pd.Series", grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each time its number on the grid, and what is left over: a constant on a regular grid."""
    if grid.unit == "integer":
        return np.divmod(times.to_numpy().astype(np.int64), grid.n)
    at = clock(times, by_wall=grid.by_wall_clock)
    if grid.unit == "microsecond":
        return np.divmod(at.astype(np.int64), grid.n)
    if grid.unit == "month":
        return np.divmod(at.astype("M8[M]").astype(np.int64), grid.n)
    days = at.astype("M8[D]")
    number, left = np.divmod(np.busday_count("1970-01-01", days), grid.n)
    return number, np.where(np.is_busday(days), left, -1)  # weekends are off the grid


def advance(times: "pd.Series", steps: NDArray[np.int64], grid: Grid) -> "pd.Series":
    """Return each time moved by a number of steps, in its own time zone."""
    import pandas as pd

    if grid.unit == "integer":
        return pd.Series(times.to_numpy() + steps * grid.n, dtype=times.dtype)
    at = clock(times, by_wall=grid.by_wall_clock)
    if grid.unit == "microsecond":
        moved = at + (steps * grid.n).astype("m8[us]")
    elif grid.unit == "month":
        moved = _add_months(at, steps * grid.n, grid.anchor)
    else:
        days = at.astype("M8[D]")
        moved = np.busday_offset(days, steps * grid.n, roll="forward").astype("M8[us]") + (at - days)
    zone = getattr(times.dtype, "tz", None)
    if zone is None:
        return pd.Series(moved.astype(times.dtype))
    if not grid.by_wall_clock:
        return pd.Series(moved).dt.tz_localize("UTC").dt.tz_convert(zone).astype(times.dtype)
    first_of_two = np.ones(len(moved), dtype=bool)  # where the clock shows an hour twice
    local = pd.Series(moved).dt.tz_localize(zone, ambiguous=first_of_two, nonexistent="shift_forward")
    return local.astype(times.dtype)


def _add_months(at: NDArray[np.datetime64], months: NDArray[np.int64], anchor: str) -> NDArray[np.datetime64]:
    days = at.astype("M8[D]")
    month = days.astype("M8[M]")
    target = month + months
    last = (target + 1).astype("M8[D]") - 1
    if anchor == "end":
        moved = last
    elif anchor == "business end":
        moved = np.busday_offset(last, 0, roll="backward")
    else:
        moved = np.minimum(target.astype("M8[D]") + (days - month.astype("M8[D]")), last)
    return moved.astype("M8[us]") + (at - days)
