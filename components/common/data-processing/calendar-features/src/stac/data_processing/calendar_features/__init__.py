"""Turns time stamps into numbers a model can use: hour, weekday, month as sine and cosine."""

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from stac.data_processing.calendar_features._times import wall_clock
from stac.data_processing.calendar_features._values import CYCLIC, PLAIN

__all__ = ["calendar_features", "fourier_terms"]


def calendar_features(
    times: Any,
    features: Sequence[str] = ("hour", "weekday", "day_of_month", "day_of_year"),
    *,
    encoding: str = "cyclic",
) -> dict[str, np.ndarray]:
    """Return features of the calendar, each an array with a name.

    Parameters
    ----------
    times : array of datetime64, pandas DatetimeIndex, PeriodIndex or Series, or list of datetime; shape (n,)
        Time stamps in any order. With a time zone the clock on the wall there counts.
    features : sequence of str, default=("hour", "weekday", "day_of_month", "day_of_year")
        Any of "second", "minute", "hour", "weekday", "day_of_month", "day_of_year", "week", "month", "quarter",
        "year", "is_weekend", "is_month_start", "is_month_end".
    encoding : {"cyclic", "number"}, default="cyclic"
        "cyclic" gives two columns, sine and cosine, for what begins anew: December is next to January. "number" gives
        the number one knows: hours 0 to 23, weekdays 0 (Monday) to 6, days, weeks (ISO 8601), months and quarters
        from 1. Year and "is_..." are numbers in either case.

    Returns
    -------
    dict of str to ndarray of shape (n,), float32
        Such as "hour_sin", "hour_cos", in the order of ``features``; NaN where a time is missing (NaT).

    Raises
    ------
    ValueError
        If a feature or encoding is unknown, or times are of different time zones or not one-dimensional.
    TypeError
        If ``times`` are no time stamps.

    Examples
    --------
    >>> import numpy as np
    >>> times = np.array(["2024-01-01T06", "2024-07-01T12"], dtype="datetime64[h]")
    >>> for name, values in calendar_features(times, ["hour", "is_weekend"]).items():
    ...     print(name, values.round(2).tolist())
    hour_sin [1.0, 0.0]
    hour_cos [0.0, -1.0]
    is_weekend [0.0, 0.0]
    >>> calendar_features(times, ["month", "weekday"], encoding="number")
    {'month': array([1., 7.], dtype=float32), 'weekday': array([0., 0.], dtype=float32)}
    """
    features = [features] if isinstance(features, str) else list(features)
    unknown = [name for name in features if name not in CYCLIC and name not in PLAIN]
    if unknown:
        raise ValueError(f"features {unknown} are unknown: use any of {', '.join([*CYCLIC, *PLAIN])}.")
    if encoding not in ("cyclic", "number"):
        raise ValueError(f'encoding={encoding!r} is unknown: use "cyclic" or "number".')
    times = wall_clock(times)
    missing = np.isnat(times)
    times = np.where(missing, np.datetime64(0, "us"), times)
    columns = {}
    for name in features:
        if name in PLAIN:
            columns[name] = PLAIN[name](times)
        elif encoding == "number":
            columns[name] = CYCLIC[name](times)[0]
        else:
            angle = 2 * np.pi * CYCLIC[name](times)[1]
            columns[f"{name}_sin"], columns[f"{name}_cos"] = np.sin(angle), np.cos(angle)
    return {name: np.where(missing, np.nan, values).astype(np.float32) for name, values in columns.items()}


def fourier_terms(times: Any, period: Any, order: int = 1, *, name: str = "season") -> dict[str, np.ndarray]:
    """Return sines and cosines of any period, for seasons that no calendar knows.

    Parameters
    ----------
    times : array of numbers or of time stamps (as in ``calendar_features``), shape (n,)
        Where the terms are wanted.
    period : number, or timedelta64 or timedelta where times are time stamps
        Length of the season, in the unit of ``times``.
    order : int, default=1
        How many: the second is twice as fast as the first. More follow sharper shapes.
    name : str, default="season"
        Begins the names of the columns.

    Returns
    -------
    dict of str to ndarray of shape (n,), float32
        "season_sin1", "season_cos1", ...; the phase counts from time 0, or from 1970, so that two calls fit together.

    Raises
    ------
    ValueError
        If ``period`` is not above 0, ``order`` below 1, or times are not one-dimensional.
    TypeError
        If ``period`` does not fit the times.

    Examples
    --------
    >>> terms = fourier_terms(range(4), period=4)
    >>> {name: values.round(2).tolist() for name, values in terms.items()}
    {'season_sin1': [0.0, 1.0, 0.0, -1.0], 'season_cos1': [1.0, 0.0, -1.0, -0.0]}
    """
    order = index(order) if isinstance(order, int | np.integer) else 0
    if order < 1:
        raise ValueError("order is no whole number of at least 1: it says how many pairs of sine and cosine there are.")
    numbers = np.asarray(times if not isinstance(times, range) else list(times))
    if numbers.dtype.kind in "iuf":
        if numbers.ndim != 1:
            raise ValueError(f"times have shape {numbers.shape}, expected (n,).")
        if not isinstance(period, int | float | np.integer | np.floating):
            raise TypeError(f"period={period!r} is no number, but times are: pass it in their unit.")
        cycles = np.mod(numbers, _above_zero(period, period)) / period
    else:
        try:
            length = np.timedelta64(period).astype("timedelta64[us]").astype(np.int64)
        except (ValueError, TypeError):
            length = None
        if length is None or isinstance(period, int | float):
            raise TypeError(f"period={period!r} is no length of time: pass np.timedelta64(7, 'D'), say, for a week.")
        times = wall_clock(times)
        cycles = np.mod(times.astype(np.int64), _above_zero(length, period)) / length
        cycles[np.isnat(times)] = np.nan
    terms = {}
    for k in range(1, order + 1):
        terms[f"{name}_sin{k}"] = np.sin(2 * np.pi * k * cycles).astype(np.float32)
        terms[f"{name}_cos{k}"] = np.cos(2 * np.pi * k * cycles).astype(np.float32)
    return terms


def _above_zero(length: Any, period: Any) -> Any:
    if not length > 0:
        raise ValueError(f"period={period!r} is no length of a season: pass one above 0.")
    return length
