"""Turn points into charts: grouping, thinning, ticks and SVG paths in a square that CSS stretches."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stac.tracking.run_report._format import DASH, MINUS, number

MAX_POINTS = 1_000  # per series: more than the pixels a chart is wide
PAGE_POINTS = 60_000  # in all charts together, so that the page stays small
PARTS = {"train", "training", "val", "valid", "validation", "dev", "test", "eval", "evaluation"}
SIDE = 1_000  # of the square the paths are drawn in

Point = tuple[float, float]


@dataclass
class Axis:
    """A scale from values to the share of the way along the axis (0 to 1), with its ticks."""

    low: float
    high: float
    log: bool = False
    ticks: list[tuple[str, float]] = field(default_factory=list)  # label, per cent of the way

    def share(self, value: float) -> float:
        low, high, value = (map(math.log10, (self.low, self.high, value)) if self.log
                            else (self.low, self.high, value))  # fmt: skip
        return (value - low) / (high - low)


@dataclass
class Line:
    """One series of a chart: what the legend says and what is drawn."""

    name: str
    points: list[Point]
    last: str
    lowest: str
    highest: str
    gaps: int
    paths: dict[str, str]  # scale ("linear", "log") -> SVG path


@dataclass
class Chart:
    """Series that measure the same thing, on common axes."""

    title: str
    lines: list[Line]
    x: Axis
    scales: dict[str, Axis]  # "linear" always, "log" when the values span a wide range

    @property
    def data(self) -> dict[str, Any]:
        """What the read-out under the pointer needs, as plain JSON (no NaN)."""
        lines = [
            {"name": line.name, "points": [[x, y if math.isfinite(y) else None] for x, y in line.points]}
            for line in self.lines
        ]
        return {"low": self.x.low, "high": self.x.high, "lines": lines}

    @property
    def summary(self) -> str:
        """The chart in words, for those who can't see it."""
        lines = (f"{line.name}: last {line.last}, between {line.lowest} and {line.highest}" for line in self.lines)
        return f"{self.title}. " + "; ".join(lines)


def charts_of(scalars: Mapping[str, Iterable[tuple[Any, Any, Any]]]) -> list[Chart]:
    """Draw every series of `(step, value, time)` that has steps, those of one metric in one chart."""
    groups: dict[str, dict[str, list[Point]]] = {}
    for name, entries in scalars.items():
        points = sorted(((float(step), _float(value)) for step, value, _ in entries if step is not None),
                        key=lambda point: point[0])  # fmt: skip
        if points:
            metric, series = split_name(name)
            groups.setdefault(metric, {})[series or name] = points
    limit = max(60, min(MAX_POINTS, PAGE_POINTS // max(1, sum(map(len, groups.values())))))
    return [draw(metric, lines, limit) for metric, lines in groups.items()]


def split_name(name: str) -> tuple[str, str]:
    """Split `train/loss`, `loss/train` or `train_loss` into the metric `loss` and the series `train`."""
    head, slash, metric = name.rpartition("/")
    if slash:
        return (head, metric) if metric.lower() in PARTS else (metric, head)
    part, underscore, metric = name.partition("_")
    return (metric, part) if underscore and part.lower() in PARTS and metric else (name, "")


def draw(title: str, series: Mapping[str, Sequence[Point]], limit: int = MAX_POINTS) -> Chart:
    """Lay out one chart: common axes, and a path per series and scale."""
    finite = [y for points in series.values() for _, y in points if math.isfinite(y)]
    steps = [x for points in series.values() for x in (points[0][0], points[-1][0])]
    x = linear_axis(min(steps), max(steps), margin=0, whole=all(step == int(step) for step in steps))
    scales = {"linear": linear_axis(min(finite, default=0), max(finite, default=1))}
    if finite and min(finite) > 1e-290 and max(finite) / min(finite) >= 50:
        scales["log"] = log_axis(min(finite), max(finite))
    lines = []
    for name, points in series.items():
        kept = thin(points, limit)
        values = [y for _, y in points if math.isfinite(y)]
        low, high = (number(min(values)), number(max(values))) if values else (DASH, DASH)
        paths = {scale: path(kept, x, axis) for scale, axis in scales.items()}
        lines.append(Line(name, kept, number(points[-1][1]), low, high, len(points) - len(values), paths))
    if len(lines) == 1 and lines[0].name != title:  # alone in its chart: say the whole name
        title = f"{lines[0].name} · {title}"
    return Chart(title, lines, x, scales)


def thin(points: Sequence[Point], limit: int = MAX_POINTS) -> list[Point]:
    """Keep at most `limit` points: the ends, and of every stretch its lowest, its highest and one gap."""
    if len(points) <= limit:
        return list(points)
    gaps = any(not math.isfinite(y) for _, y in points)
    n_stretches = (limit - 2) // (3 if gaps else 2)
    kept = {0, len(points) - 1}
    for stretch in range(n_stretches):
        span = range(stretch * len(points) // n_stretches, (stretch + 1) * len(points) // n_stretches)
        finite = [i for i in span if math.isfinite(points[i][1])]
        if finite:
            kept.add(min(finite, key=lambda i: points[i][1]))
            kept.add(max(finite, key=lambda i: points[i][1]))
        if len(finite) < len(span):
            kept.add(next(i for i in span if not math.isfinite(points[i][1])))
    return [points[i] for i in sorted(kept)]


def path(points: Iterable[Point], x: Axis, y: Axis) -> str:
    """Write the points as an SVG path that is interrupted where a value is not finite."""
    commands, pen = [], False
    for step, value in points:
        if math.isfinite(value):
            here = f"{SIDE * x.share(step):.0f} {SIDE * (1 - y.share(value)):.0f}"
            # A stretch starts with a line to itself: alone between two gaps, it still shows as a dot.
            commands.append(f"L{here}" if pen else f"M{here}L{here}")
        pen = math.isfinite(value)
    return "".join(commands)


def linear_axis(low: float, high: float, margin: float = 0.06, whole: bool = False) -> Axis:
    """Make a linear axis with ticks at round numbers, at whole ones if asked."""
    if high - low <= max(abs(low), abs(high)) * 1e-9 + 1e-300:  # one value, but for rounding
        spread = abs(low) * 0.1 if abs(low) > 1e-290 else 1.0
        low, high = low - spread, high + spread
    extra = (high - low) * margin
    axis = Axis(low - extra, high + extra)
    step = round_step((axis.high - axis.low) / 5)
    step = max(1.0, math.ceil(step)) if whole else step
    first, last = math.ceil(axis.low / step), math.floor(axis.high / step)
    values = [i * step for i in range(first, last + 1)]
    axis.ticks = [(tick_label(value, step), 100 * axis.share(value)) for value in values]
    return axis


def log_axis(low: float, high: float) -> Axis:
    """Make a logarithmic axis with ticks at powers of ten, not more than about six."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    axis = Axis(low / 1.2, high * 1.2, log=True)
    stride = max(1, (last - first) // 5)
    values = [10.0**exponent for exponent in range(first, last + 1, stride)]
    axis.ticks = [(f"{v:g}", 100 * axis.share(v)) for v in values if axis.low <= v <= axis.high]
    return axis


def round_step(raw: float) -> float:
    """Round a distance between ticks up to 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)


def tick_label(value: float, step: float) -> str:
    """Write a tick with just the digits its distance to the next one needs."""
    if abs(value) < step / 1000:
        value = 0.0
        step = max(step, 1e-4)
    if value and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.3g}".replace("-", MINUS)
    digits = max(0, -math.floor(math.log10(step)))
    text = f"{value + 0.0:.{digits + (1 if f'{step:e}'.startswith('2.5') else 0)}f}"
    return text.replace("-", MINUS)


def _float(value: Any) -> float:
    try:
        value = float(value)
    except (TypeError, ValueError):
        return math.nan
    return value if abs(value) < 1e290 else math.inf  # so large that an axis could not hold it
