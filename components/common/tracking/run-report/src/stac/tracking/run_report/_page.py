"""Gather everything the page shows from a run, and render it."""

import base64
import hashlib
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stac.tracking.run_report import _compare, _files
from stac.tracking.run_report._charts import charts_of
from stac.tracking.run_report._format import DASH, TIMES, duration, file_size, link, number, web_address, when, words
from stac.tracking.run_report._markdown import markdown
from stac.tracking.track_run import RunRecord, upload_command

STATUS = {  # sign, what it means
    "completed": ("✓", "completed"),
    "failed": ("✕", "failed"),
    "aborted": ("■", "aborted"),
    "killed": ("✕", "killed"),
    "running": ("●", "running"),
}
MAX_DIFF_LINES = 2_000
MAX_HASHED_BYTES = 64_000_000  # a larger file would keep the reader waiting


def render(run: RunRecord, origin: Path, max_previous: int) -> str:
    """Return the page of a run as HTML, its links relative to the folder `origin`."""
    css, js = resources()
    script_hash = base64.b64encode(hashlib.sha256(js.encode()).digest()).decode()
    return environment().get_template("report.html.jinja").render(
        **context(run, origin, max_previous), css=Markup(css), js=Markup(js), script_hash=script_hash
    )  # fmt: skip


@cache
def environment() -> Environment:
    """Return Jinja set up so that everything is escaped and a misspelt name is an error."""
    jinja = Environment(
        loader=PackageLoader("stac.tracking.run_report", ""), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    jinja.filters.update(number=number, duration=duration, when=when, file_size=file_size, words=words)
    return jinja


@cache
def resources() -> tuple[str, str]:
    """Read the style sheet and the script."""
    return tuple((Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))


def context(run: RunRecord, origin: Path, max_previous: int) -> dict[str, Any]:
    """Prepare what the template shows."""
    folder = Path(run.folder)
    kinds: dict[str, list[dict[str, Any]]] = {}
    for event in run.events:
        kinds.setdefault(event.get("kind"), []).append(event)
    tables = [_files.read_table(folder, event, origin) for event in kinds.get("table", ())]
    previous = _compare.previous_runs(run, max_previous)
    before = _compare.baseline_of(run, previous)
    return {
        "run": run,
        "status": STATUS.get(run.status, ("?", run.status or "unknown")),
        "facts": facts(run),
        "error": error_of(run),
        "datasets": [dataset(event) for event in kinds.get("dataset", ())],
        "tiles": _compare.tiles(run, before, tables),
        "baseline": before
        and {"name": before.name, "when": when(before.started_at), "href": report_link(before, origin)},
        "matrices": [_files.read_matrix(folder, event) for event in kinds.get("confusion_matrix", ())],
        "tables": [table for table in tables if not _compare.is_in_tiles(run, table)],
        "charts": charts_of(run.scalars),
        "figures": _files.figures(folder, kinds.get("figure", []), origin),
        "comparison": _compare.comparison(run, previous, lambda other: report_link(other, origin)),
        "parameters": [(*split_key(key), value) for key, value in _compare.flatten(run.config)],
        "texts": [text(folder, event) for event in kinds.get("text", ())],
        "files": [stored(folder, event, origin) for kind in ("model", "artifact") for event in kinds.get(kind, ())],
        "environment": run.environment,
        "machine": machine(run.environment),
        "packages": sorted(mapping(run.environment.get("packages")).items()),
        "diff": diff(folder, origin),
        "clearml": clearml(run),
        "repeat": repeat(run),
        "folder_link": link(folder, origin),
    }


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the value when it is a mapping, and an empty one otherwise: run folders may be edited or cut."""
    return value if isinstance(value, Mapping) else {}


def error_of(run: RunRecord) -> dict[str, Any] | None:
    """Return what ended the run, with all its parts."""
    if not run.error:
        return None
    error = mapping(run.error) or {"message": run.error}
    return {"type": error.get("type") or "Error", "message": error.get("message"), "traceback": error.get("traceback")}


def dataset(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page shows of a data set."""
    shape = event.get("shape")
    return {
        "shape": f" {TIMES} ".join(map(str, shape)) if isinstance(shape, list | tuple) else str(shape or DASH),
        "classes": mapping(event.get("classes")),
        **{key: event.get(key) for key in ("name", "dtype", "source", "sha256")},
    }


def facts(run: RunRecord) -> list[tuple[str, str]]:
    """List what the head of the page says about the run besides its name."""
    git = mapping(run.git)
    shown = [("Started", when(run.started_at)), ("Took", duration(run.duration_seconds))]
    if run.seed is not None:
        shown.append(("Seed", str(run.seed)))
    if git.get("commit"):
        branch = f" on {git['branch']}" if git.get("branch") else ""
        changed = ", with uncommitted changes" if git.get("dirty") else ""
        shown.append(("Commit", f"{str(git['commit'])[:10]}{branch}{changed}"))
    for event in run.events:
        if event.get("kind") == "dataset":
            shown.append((f"Data: {event.get('name')}", dataset(event)["shape"]))
    return shown


def machine(environment: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List what the run ran on."""
    memory = environment.get("memory_bytes")
    gpus = ", ".join(
        str(gpu.get("name", gpu) if isinstance(gpu, Mapping) else gpu) for gpu in environment.get("gpus") or ()
    )
    shown = {
        "Python": environment.get("python"), "Platform": environment.get("platform"),
        "Processor": environment.get("processor") or environment.get("machine"), "CPUs": environment.get("n_cpus"),
        "Memory": file_size(memory) if memory else None, "GPUs": gpus or "none",
    }  # fmt: skip
    return [(name, str(value)) for name, value in shown.items() if value]


def split_key(key: str) -> tuple[str, str]:
    """Split a dotted name into the part that leads to it and the last part."""
    before, dot, last = key.rpartition(".")
    return before + dot, last


def report_link(run: RunRecord, origin: Path) -> str | None:
    """Link to another run's report when there is one."""
    report = Path(run.folder) / "report.html"
    return link(report, origin) if report.is_file() else None


def text(folder: Path, event: Mapping[str, Any]) -> dict[str, Any]:
    """Render a text the run logged."""
    try:
        return {"name": event.get("name"), "html": markdown(_files.read_text(_files.inside(folder, event)))}
    except (OSError, ValueError) as error:
        return {"name": event.get("name"), "html": Markup("<p>This text can't be shown: {}.</p>").format(error)}


def stored(folder: Path, event: Mapping[str, Any], origin: Path) -> dict[str, Any]:
    """Describe a file the run stored: a model or another artifact."""
    known = {"kind", "name", "path", "time", "sha256", "size", "size_bytes", "n_bytes", "metadata"}
    details = event.get("metadata") or {key: value for key, value in event.items() if key not in known}
    entry = {"kind": event["kind"], "name": event.get("name"), "sha256": event.get("sha256"), "href": None,
             "size": None, "problem": None, "details": _compare.flatten(details)}  # fmt: skip
    try:
        target = _files.inside(folder, event)
        size = target.stat().st_size
        if not entry["sha256"] and size <= MAX_HASHED_BYTES:
            entry["sha256"] = hashlib.sha256(target.read_bytes()).hexdigest()
        return entry | {"href": link(target, origin), "size": size, "file": target.name}
    except (OSError, ValueError) as error:
        return entry | {"problem": str(error)}


def diff(folder: Path, origin: Path) -> dict[str, Any] | None:
    """Read the uncommitted changes, each line with what it is: added, removed, a head, or neither."""
    path = folder / "git.diff"
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    classes = {"diff": "head", "inde": "head", "+++ ": "head", "--- ": "head"}
    signs = {"+": "added", "-": "removed", "@": "place"}
    return {
        "href": link(path, origin),
        "files": sum(line.startswith("diff --git") for line in lines),
        "added": sum(line.startswith("+") and not line.startswith("+++ ") for line in lines),
        "removed": sum(line.startswith("-") and not line.startswith("--- ") for line in lines),
        "lines": [(classes.get(line[:4], signs.get(line[:1], "")), line) for line in lines[:MAX_DIFF_LINES]],
        "more": max(0, len(lines) - MAX_DIFF_LINES),
    }


def clearml(run: RunRecord) -> dict[str, Any]:
    """Say how to see the run in ClearML: its address, the command that uploads it, or that it was off."""
    block = mapping(run.clearml)
    return {
        "mode": block.get("mode") or "off",
        "url": web_address(block.get("url")),
        "message": block.get("message"),
        "upload": upload_command(short_path(run)),
    }


def short_path(run: RunRecord) -> str:
    """Return the run's folder as seen from the project's: `runs/<id>`."""
    folder = Path(run.folder).resolve()
    return f"{folder.parent.name}/{folder.name}"


def repeat(run: RunRecord) -> str:
    """Write the commands that repeat the run."""
    command, git = run.command, mapping(run.git)
    lines = []
    if directory := getattr(run, "working_directory", None):
        lines.append(f"cd {shlex.quote(str(directory))}")
    if git.get("commit"):
        lines.append(f"git checkout {shlex.quote(str(git['commit']))}")
    if (Path(run.folder) / "git.diff").is_file():
        lines.append(f"git apply {shlex.quote(short_path(run) + '/git.diff')}")
    if command:
        lines.append(shlex.join(map(str, command)) if isinstance(command, list | tuple) else str(command))
    return "\n".join(lines)
