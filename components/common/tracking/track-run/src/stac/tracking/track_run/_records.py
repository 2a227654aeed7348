"""Read run folders back, also those of runs that are still going or died half-way."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from ._environment import boot_id, process_start
from ._folder import Loader

STALE_SECONDS = 180  # a running run touches its run.yaml every 30 seconds


@dataclass(frozen=True, eq=False)
class RunRecord:
    """What a run folder holds. Times are ISO 8601 text in UTC; what is large is read when it is asked for."""

    folder: Path
    id: str
    project: str | None = None
    name: str | None = None
    tags: tuple[str, ...] = ()
    status: str = "unknown"
    """running, completed, failed, aborted, killed, or unknown when run.yaml is missing."""
    seed: int | None = None
    started_at: str | None = None
    ended_at: str | None = None
    duration_seconds: float | None = None
    error: dict[str, str] | None = None
    command: str | None = None
    git: dict[str, Any] | None = None
    clearml: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def config(self) -> dict[str, Any]:
        """The parameters."""
        return read_yaml(self.folder / "config.yaml")

    @cached_property
    def environment(self) -> dict[str, Any]:
        """Python, machine and packages."""
        return read_yaml(self.folder / "environment.yaml")

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """Figures, tables, confusion matrices, texts, artifacts, models and data sets, in order."""
        return list(read_lines(self.folder / "events.jsonl"))

    @cached_property
    def scalars(self) -> dict[str, list[tuple[int, float, float]]]:
        """The curves: name -> [(step, value, time)]."""
        curves: dict[str, list[tuple[int, float, float]]] = {}
        for point in self._points:
            if point["step"] is not None:
                curves.setdefault(point["name"], []).append((point["step"], point["value"], point["time"]))
        return curves

    @cached_property
    def summary(self) -> dict[str, float]:
        """The values that describe the whole run: name -> last value logged without a step."""
        return {point["name"]: point["value"] for point in self._points if point["step"] is None}

    @property
    def report(self) -> Path | None:
        """The run's report, when there is one."""
        return path if (path := self.folder / "report.html").is_file() else None

    @cached_property
    def _points(self) -> list[dict[str, Any]]:
        points = []
        for point in read_lines(self.folder / "scalars.jsonl"):
            with contextlib.suppress(KeyError, TypeError, ValueError):
                points.append({**point, "value": float(point["value"]), "step": point["step"]})
        return points


def read_run(folder: str | Path) -> RunRecord:
    """Read one run folder.

    Parameters
    ----------
    folder : path
        The run's folder, such as `runs/20260102-030405-minirocket-a1b2`.

    Returns
    -------
    RunRecord
        A run whose process is gone although `run.yaml` says `running` has the status `killed`.

    Raises
    ------
    FileNotFoundError
        When there is no run in this folder.
    """
    folder = Path(folder)
    if not any((folder / name).is_file() for name in ("run.yaml", "scalars.jsonl", "events.jsonl", "config.yaml")):
        raise FileNotFoundError(
            f"There is no run in {folder}; `python -m stac.tracking.track_run list` shows those there are."
        )
    run = read_yaml(folder / "run.yaml")
    status = run.get("status", "unknown")
    return RunRecord(
        folder=folder,
        id=run.get("id") or folder.absolute().name,
        project=run.get("project"),
        name=run.get("name"),
        tags=tuple(run.get("tags") or ()),
        status="killed" if status == "running" and not _is_alive(run, folder) else status,
        seed=run.get("seed"),
        started_at=run.get("started_at"),
        ended_at=run.get("ended_at"),
        duration_seconds=run.get("duration_seconds"),
        error=run.get("error"),
        command=run.get("command"),
        git=run.get("git"),
        clearml=run.get("clearml") or {},
    )


def list_runs(runs_folder: str | Path = "runs", project: str | None = None) -> list[RunRecord]:
    """Read all runs of a folder, oldest first.

    Parameters
    ----------
    runs_folder : path
        Where the runs are; a folder that does not exist holds none.
    project : str, optional
        Only the runs of this project.

    Returns
    -------
    list of RunRecord
        Oldest first.
    """
    records = [read_run(file.parent) for file in Path(runs_folder).glob("*/run.yaml")]
    chosen = (record for record in records if project is None or record.project == project)
    return sorted(chosen, key=lambda record: (record.started_at or "", record.id))


def find_run(name: str | Path = "latest", runs_folder: str | Path = "runs", *, status: str | None = None) -> RunRecord:
    """Read the run that a person means.

    Parameters
    ----------
    name : str, default="latest"
        A run's folder, its id, the beginning or end of its id, or "latest" for the one that started last.
    runs_folder : path
        Where the runs are.
    status : str, optional
        Look only at runs of this status, such as "completed", unless a folder is named.

    Returns
    -------
    RunRecord
        The run.

    Raises
    ------
    FileNotFoundError
        When there is no such run.
    ValueError
        When the name could be that of several.
    """
    name = str(name)
    if (Path(name) / "run.yaml").is_file():
        return read_run(name)
    records = [record for record in list_runs(runs_folder) if status in (None, record.status)]
    if name == "latest" and records:
        return records[-1]
    found = [record for record in records if record.id.startswith(name) or record.id.endswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"{name} could be any of {', '.join(record.id for record in found)}.")
    if name == "latest":
        which = f"{status} run" if status else "run"
        raise FileNotFoundError(f"There is no {which} in {runs_folder}: train first, or name a run's folder.")
    raise FileNotFoundError(f"There is no run {name} in {runs_folder}; `track-run list` shows those there are.")


def read_yaml(file: Path) -> dict[str, Any]:
    """Read a mapping; empty when the file is missing or broken."""
    with contextlib.suppress(OSError, UnicodeDecodeError, yaml.YAMLError):
        content = yaml.load(file.read_bytes(), Loader=Loader)
        if isinstance(content, dict):
            return content
    return {}


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """Read JSON Lines; lines that are not whole are left out."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        with contextlib.suppress(ValueError):
            record = json.loads(line)
            if isinstance(record, dict):
                yield record


def _is_alive(run: dict[str, Any], folder: Path) -> bool:
    process = run.get("process") or {}
    if process.get("host") == socket.gethostname() and process.get("boot_id") == boot_id() is not None:
        return process_start(process.get("pid")) == process.get("started_at") is not None
    with contextlib.suppress(OSError):  # another machine, or no /proc: does it still show signs of life?
        return time.time() - (folder / "run.yaml").stat().st_mtime < STALE_SECONDS
    return False
