"""Compare a run with the earlier runs of its project: metrics, changed parameters, which value is best."""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from stac.tracking.run_report._charts import Axis, linear_axis
from stac.tracking.run_report._format import DASH, as_datetime, change, is_number, number, when
from stac.tracking.track_run import RunRecord, read_run

LOWER_IS_BETTER = re.compile(
    r"(^|[_/ -])(loss|error|errors|mae|mse|rmse|mape|smape|mase|crps|brier|perplexity|deviance|regret"
    r"|seconds|minutes|time|duration|latency|memory|bytes)($|[_/ -])", re.IGNORECASE)  # fmt: skip
HIGHER_IS_BETTER = re.compile(
    r"(^|[_/ -])(accuracy|acc|f1|f\d|auc|auroc|roc|ap|map|precision|recall|sensitivity|specificity|score|r2"
    r"|kappa|mcc|iou|dice|purity|silhouette|efficiency)($|[_/ -])", re.IGNORECASE)  # fmt: skip
MAX_METRICS = 8
MAX_PARAMETERS = 8


def direction(metric: str) -> int:
    """Say whether a metric is better when higher (1), when lower (-1), or not known (0), from its name."""
    if LOWER_IS_BETTER.search(metric):
        return -1
    return 1 if HIGHER_IS_BETTER.search(metric) else 0


def previous_runs(run: RunRecord, limit: int) -> list[RunRecord]:
    """Read the runs of the same project that started before this one, newest first, at most `limit`."""
    found = []
    if limit <= 0:
        return found
    folder = Path(run.folder).resolve()
    # Run folders begin with their time: going backwards, the folders needed are read and no others.
    for candidate in sorted(folder.parent.iterdir(), reverse=True):
        if candidate == folder or not (candidate / "run.yaml").is_file():
            continue
        try:
            other = read_run(candidate)
        except (OSError, ValueError):
            continue
        if other.project == run.project and _order(other) < _order(run):
            found.append(other)
        if len(found) == limit:
            break
    return sorted(found, key=_order, reverse=True)


@lru_cache(maxsize=256)
def summary_of(run: RunRecord) -> dict[str, float]:
    """Read the values logged without a step; the lines of curves, which may be 100,000, are passed over unparsed."""
    summary = {}
    try:
        lines = (Path(run.folder) / "scalars.jsonl").read_bytes().splitlines()
    except OSError:
        return summary
    for line in lines:
        if b"null" not in line:
            continue
        with contextlib.suppress(ValueError, KeyError, TypeError):  # half a line, or not a number
            point = json.loads(line)
            if point["step"] is None:
                summary[point["name"]] = float(point["value"])
    return summary


def metrics_of(run: RunRecord) -> dict[str, float]:
    """Return the summary values that are metrics of their own, not the ends of another one's interval."""
    return {
        name: value
        for name, value in summary_of(run).items()
        if not (name.endswith(("_low", "_high")) and name.rpartition("_")[0] in summary_of(run))
    }


def interval_of(run: RunRecord, metric: str, tables: list[dict[str, Any]] = ()) -> tuple[float, float] | None:
    """Find the interval of a metric: `<metric>_low` and `_high`, or a table with columns metric, low, high."""
    low, high = (summary_of(run).get(f"{metric}_{end}") for end in ("low", "high"))
    if is_number(low) and is_number(high):
        return low, high
    for table in tables:
        at = _interval_columns(table)
        for row in table.get("values", ()) if len(at) == len(_INTERVAL) else ():
            if row[at["metric"]] == metric and is_number(row[at["low"]]) and is_number(row[at["high"]]):
                return row[at["low"]], row[at["high"]]
    return None


def is_in_tiles(run: RunRecord, table: dict[str, Any]) -> bool:
    """Whether a table only holds metrics and their intervals that the tiles show already."""
    at = _interval_columns(table)
    if len(at) < len(_INTERVAL) or len(table["columns"]) > len(_INTERVAL) + 1:
        return False
    return all(row[at["metric"]] in metrics_of(run) for row in table.get("values", ()))


def _interval_columns(table: dict[str, Any]) -> dict[str, int]:
    columns = [column.lower() for column in table["columns"]]
    return {name: columns.index(c) for name, names in _INTERVAL.items() for c in names if c in columns}


_INTERVAL = {"metric": ("metric", "name"), "low": ("low", "lower"), "high": ("high", "upper")}


def tiles(run: RunRecord, before: RunRecord | None, tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare one tile a metric: value, interval, change against the run before."""
    earlier = metrics_of(before) if before else {}
    shown = []
    for metric, value in metrics_of(run).items():
        tile = {"name": metric, "value": number(value), "interval": None, "bar": None, "change": None}
        if interval := interval_of(run, metric, tables):
            tile["interval"] = f"{number(interval[0])} {DASH} {number(interval[1])}"
            if 0 <= interval[0] <= value <= interval[1] <= 1:
                tile["bar"] = (100 * interval[0], 100 * (interval[1] - interval[0]), 100 * value)
        if metric in earlier:
            tile["change"] = describe_change(metric, value - earlier[metric])
        shown.append(tile)
    return shown


def describe_change(metric: str, difference: float) -> dict[str, str] | None:
    """Say how a metric changed, and whether that is better or worse where its name tells."""
    sign = (difference > 0) - (difference < 0)
    if not sign and not direction(metric):
        return None  # a size that stayed the same is no news
    return {
        "text": change(difference) if sign else "unchanged",
        "verdict": {1: "better", -1: "worse"}.get(sign * direction(metric), ""),
        "arrow": {1: "▲", -1: "▼", 0: "="}[sign],
    }


def baseline_of(run: RunRecord, previous: list[RunRecord]) -> RunRecord | None:
    """Find the latest earlier run to measure this one against: completed, same data, a metric in common."""
    ours = metrics_of(run).keys()
    return next(
        (o for o in previous if o.status == "completed" and same_data(run, o) and ours & metrics_of(o).keys()), None
    )


def same_data(run: RunRecord, other: RunRecord) -> bool:
    """Tell whether two runs used the same data sets, as far as is known: only then metrics compare."""
    ours, theirs = data_of(run), data_of(other)
    return not ours or not theirs or ours == theirs


def data_of(run: RunRecord) -> dict[str, str]:
    """Return the fingerprints of the run's data sets by name."""
    return {e.get("name"): e["sha256"] for e in run.events if e.get("kind") == "dataset" and e.get("sha256")}


def comparison(run: RunRecord, previous: list[RunRecord], report_link: Any) -> dict[str, Any] | None:
    """Lay out the table of this run and the earlier ones: metrics, differing parameters, best values."""
    if not previous:
        return None
    runs = [run, *previous]
    metrics = [name for name in dict.fromkeys(n for one in runs for n in metrics_of(one)) if varies(name, runs)]
    settings = [dict(flatten(one.config)) for one in runs]
    keys = list(dict.fromkeys(key for one in settings for key in one))
    differing = [key for key in keys if len({repr(one.get(key)) for one in settings}) > 1]
    best = {metric: _best(metric, runs) for metric in metrics}
    this_year = f" {str(run.started_at)[:4]},"
    rows = [
        {
            "name": one.name, "id": one.id, "status": one.status, "when": when(one.started_at),
            "short": when(one.started_at).removesuffix(" UTC").replace(this_year, ","), "current": one is run,
            "sort": str(one.started_at), "href": None if one is run else report_link(one),
            "other_data": not same_data(run, one),
            "metrics": [_metric_cell(one, metric, best[metric]) for metric in metrics[:MAX_METRICS]],
            "parameters": [str(values[key]) if key in values else DASH for key in differing[:MAX_PARAMETERS]],
        }
        for one, values in zip(runs, settings, strict=True)
    ]  # fmt: skip
    left_out = [*metrics[MAX_METRICS:], *differing[MAX_PARAMETERS:]]
    return {"metrics": metrics[:MAX_METRICS], "parameters": differing[:MAX_PARAMETERS], "rows": rows,
            "left_out": left_out, "dots": dot_plot(runs[::-1], metrics_of(run), report_link)}  # fmt: skip


def varies(metric: str, runs: list[RunRecord]) -> bool:
    """Tell whether a metric says anything about the runs' differences; scores do even when equal."""
    return direction(metric) != 0 or len({metrics_of(run).get(metric) for run in runs}) > 1


def dot_plot(runs: list[RunRecord], metrics: Mapping[str, float], report_link: Any) -> dict[str, Any] | None:
    """Place the runs' main metric (the first whose direction is known) as dots with intervals, oldest first."""
    main = next((name for name in metrics if direction(name)), next(iter(metrics), None))
    shown = [run for run in runs if main in metrics_of(run)]
    if main is None or len(shown) < 2:
        return None
    spans = [interval_of(run, main) or (metrics_of(run)[main],) * 2 for run in shown]
    values = [metrics_of(run)[main] for run in shown]
    axis: Axis = linear_axis(min(*values, *(s[0] for s in spans)), max(*values, *(s[1] for s in spans)), margin=0.15)
    dots = [
        {"x": 100 * (i + 0.5) / len(shown), "y": 100 * axis.share(value), "low": 100 * axis.share(low),
         "high": 100 * axis.share(high), "current": run is runs[-1], "name": run.name, "value": number(value),
         "href": None if run is runs[-1] else report_link(run), "when": when(run.started_at)}
        for i, (run, value, (low, high)) in enumerate(zip(shown, values, spans, strict=True))
    ]  # fmt: skip
    return {"metric": main, "ticks": axis.ticks, "dots": dots, "intervals": any(a != b for a, b in spans),
            "hint": {1: "higher is better", -1: "lower is better"}.get(direction(main), "")}  # fmt: skip


def flatten(config: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested parameters as dotted names and values."""
    if isinstance(config, Mapping) and config:
        for key, value in config.items():
            yield from flatten(value, f"{prefix}.{key}" if prefix else str(key))
    elif prefix:
        yield prefix, config


def _metric_cell(run: RunRecord, metric: str, best: float | None) -> dict[str, Any]:
    value = metrics_of(run).get(metric)
    return {
        "text": number(value),
        "sort": "" if value is None else str(value),
        "best": best is not None and value == best,
    }


def _best(metric: str, runs: list[RunRecord]) -> float | None:
    """Return the best value, when there is something to be best of, among runs that may be compared."""
    values = [metrics_of(r)[metric] for r in runs if metric in metrics_of(r) and same_data(runs[0], r)]
    values = [value for value in values if value == value]
    if not direction(metric) or len(set(values)) < 2:
        return None
    return max(values) if direction(metric) > 0 else min(values)


def _order(run: RunRecord) -> tuple[str, str]:
    started = as_datetime(run.started_at)
    return (started.isoformat() if started else "", run.id or "")
