"""Brings what libraries call time stamps to one form: datetime64 in microseconds, as the clock on the wall shows it."""

from datetime import date, datetime
from typing import Any

import numpy as np


def wall_clock(times: Any) -> np.ndarray:
    """Return time stamps (n,) as datetime64[us] without a time zone."""
    extension = getattr(times, "array", times)  # what stands behind an Index or Series of pandas
    if hasattr(extension, "tz_localize"):
        stamps = np.asarray(extension.tz_localize(None))
    elif hasattr(extension, "to_timestamp"):
        stamps = np.asarray(extension.to_timestamp())
    else:
        stamps = np.asarray(times)
    if stamps.ndim != 1:
        raise ValueError(f"times have shape {stamps.shape}, expected (n,): pass np.array([time]) for a single one.")
    if stamps.dtype.kind == "O" and stamps.size:
        stamps = _from_objects(stamps)
    if stamps.dtype.kind != "M":
        raise TypeError(
            f"times hold {stamps.dtype}, expected time stamps: convert text with np.array(times, 'datetime64[s]') or "
            "pandas.to_datetime; plain numbers have no calendar (fourier_terms takes them)."
        )
    return stamps.astype("datetime64[us]")


def _from_objects(stamps: np.ndarray) -> np.ndarray:
    """Return datetimes of Python or pandas as datetime64, in the one time zone that they share."""
    for stamp in stamps:
        if not isinstance(stamp, date | np.datetime64) and stamp is not None and stamp == stamp:
            raise TypeError(f"times hold {stamp!r} ({type(stamp).__name__}), expected time stamps: convert them first.")
    zones = {str(s.tzinfo) for s in stamps if isinstance(s, datetime) and s == s}
    if len(zones) > 1:
        raise ValueError(
            f"times are of different time zones ({', '.join(sorted(zones))}): convert them to one, with "
            "pandas.to_datetime(times, utc=True), say."
        )
    naive = [
        s.replace(tzinfo=None) if isinstance(s, datetime) and s == s else s if isinstance(s, date) and s == s else None
        for s in (s.item() if isinstance(s, np.datetime64) else s for s in stamps)
    ]
    return np.array(naive, dtype="datetime64[us]")
