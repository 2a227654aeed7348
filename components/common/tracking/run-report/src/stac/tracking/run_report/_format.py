"""Write numbers, times, sizes and file links the way people read them."""

import math
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
ABBREVIATIONS = {
    *("roc", "pr", "auc", "auroc", "vus", "f1", "mcc", "iou"),  # of classifiers and detectors
    *("r2", "mae", "mse", "rmse", "mape", "smape", "mase", "rmsse", "wql", "crps"),  # of forecasts and regressions
}
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"


def is_number(value: Any) -> bool:
    """Tell whether a value is a number, which True and False are not here."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number(value: Any) -> str:
    """Show a number with as many digits as a reader can use; anything else as its text."""
    if value is None:
        return DASH
    if not is_number(value):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}".replace(",", THIN_SPACE).replace("-", MINUS)
    if not math.isfinite(value):
        return {math.inf: "∞", -math.inf: f"{MINUS}∞"}.get(value, "NaN")
    size = abs(value)
    if 10 <= size < 1e15 and value == int(value):
        return number(int(value))
    if size == 0:
        return "0"
    if 1e-3 <= size < 10:
        text = f"{value:.4f}"
    elif 10 <= size < 1000:
        text = f"{value:.2f}"
    elif 1000 <= size < 1e7:
        text = f"{value:,.0f}".replace(",", THIN_SPACE)
    else:
        text = f"{value:.3g}"
    return text.replace("-", MINUS)


def words(name: str) -> str:
    """Show the name of a metric in words: `roc_auc` as `ROC AUC`, `fit_seconds` as `fit seconds`."""
    return " ".join(word.upper() if word.lower() in ABBREVIATIONS else word for word in name.split("_"))


def change(value: float) -> str:
    """Show a difference with its sign."""
    return number(value) if value < 0 else f"+{number(value)}"


def duration(seconds: Any) -> str:
    """Show seconds as `0.42 s`, `3 min 20 s` or `2 h 5 min`."""
    if not is_number(seconds) or not math.isfinite(seconds) or seconds < 0:
        return DASH
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def when(moment: Any) -> str:
    """Show an ISO 8601 moment as `21 Nov 2026, 10:33 UTC`."""
    parsed = as_datetime(moment)
    return f"{parsed.day} {parsed:%b %Y, %H:%M} UTC" if parsed else str(moment or DASH)


def as_datetime(moment: Any) -> datetime | None:
    """Read a moment, from text or a datetime, as UTC; None when it is neither."""
    try:
        parsed = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    except (TypeError, ValueError):
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def file_size(n_bytes: Any) -> str:
    """Show a number of bytes as `512 B`, `3.4 MB`."""
    if not is_number(n_bytes):
        return DASH
    size = float(n_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def link(target: Path, origin: Path) -> str:
    """Link from a page in the folder `origin` to a file, relative so that the folders can move together."""
    try:
        return quote(Path(os.path.relpath(target, origin)).as_posix())
    except ValueError:  # another drive
        return target.resolve().as_uri()


def web_address(url: Any) -> str | None:
    """Return the address when it is http(s), without user name and password; None for anything else."""
    try:
        parts = urlsplit(str(url or ""))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
