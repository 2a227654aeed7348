"""Say in ClearML's terms what a run folder holds; no import of clearml."""

import math
from collections.abc import Iterable
from typing import Any

import yaml

from ._records import RunRecord

SUMMARY = ("Summary", -(2**31))  # where ClearML keeps the values that describe a whole run


def parameters(record: RunRecord) -> dict[str, str]:
    """Return all parameters as ClearML names them, `section/a/b`, with text values."""
    run = {
        "id": record.id,
        "seed": record.seed,
        "command": record.command,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "duration_seconds": record.duration_seconds,
        "python": record.environment.get("python"),
        "machine": record.environment.get("processor"),
    }
    found = _flat({"General": record.config, "Run": run})
    for event in record.events:
        if event.get("kind") == "dataset":
            found |= dataset_parameters(event)
    return found


def dataset_parameters(event: dict[str, Any]) -> dict[str, str]:
    """Return a data set's fingerprint as parameters: they are what ClearML compares between runs."""
    keys = ("sha256", "shape", "dtype", "n_instances", "classes", "source")
    return _flat({"Datasets": {event["name"]: {key: event.get(key) for key in keys}}})


def scalar_events(points: Iterable[dict[str, Any]]) -> dict[tuple[str, str, int], tuple[float, int]]:
    """Return what ClearML keeps of scalars: {(metric, variant, iteration): (value, milliseconds)}."""
    events = {}
    for point in points:
        value = float(point["value"])
        if not math.isfinite(value):
            continue
        if point["step"] is None:
            key = (SUMMARY[0], point["name"], SUMMARY[1])
        else:
            key = (*title_and_series(point["name"]), point["step"])
        events[key] = (value, milliseconds(point))
    return events


def artifact_name(event: dict[str, Any], count: int = 0) -> str:
    """Return a name that is unique within the run, as ClearML demands."""
    name = f"texts/{event['name']}" if event["kind"] == "text" else event["name"]
    return f"{name}-{count + 1}" if count else name


def plotly(name: str, table: dict[str, Any]) -> dict[str, Any]:
    """Return a table or a confusion matrix as a Plotly figure."""
    if "matrix" in table:
        axes = {"xaxis": {"title": "predicted"}, "yaxis": {"title": "true", "autorange": "reversed"}}
        data = {"type": "heatmap", "z": table["matrix"], "x": table["labels"], "y": table["labels"]}
        return {"data": [data], "layout": {"title": name, **axes}}
    cells = [list(column) for column in zip(*table["rows"], strict=True)]
    data = {"type": "table", "header": {"values": table["columns"]}, "cells": {"values": cells}}
    return {"data": [data], "layout": {"title": name}}


def title_and_series(name: str) -> tuple[str, str]:
    """Return the plot and the curve in it: `train/loss` is the curve loss in the plot train."""
    title, slash, series = name.partition("/")
    return (title, series) if slash and title and series else (name, name)


def milliseconds(record: dict[str, Any]) -> int:
    """Return when something was logged."""
    return int(record["time"] * 1000)


def long_enough(name: str, what: str) -> str:
    """Return the name with a word added when it has under three characters: the server refuses it then."""
    return name if len(name.rpartition("/")[2].strip()) >= 3 else f"{name} {what}"


def model_comment(event: dict[str, Any]) -> str:
    """Return what was said about a model."""
    return yaml.safe_dump(event.get("metadata") or {}, sort_keys=False) if event.get("metadata") else ""


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{prefix}{key}/")
        else:
            flat[f"{prefix}{key}"] = "" if value is None else str(value)
    return flat
