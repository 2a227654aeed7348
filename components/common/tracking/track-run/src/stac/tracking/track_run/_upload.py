"""Send a finished run to a ClearML server, then read back from the server what arrived."""

import math
import os
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._clearml import NOT_INSTALLED, NOT_USED, is_installed
from ._folder import RunFolderError, to_yaml, write_whole
from ._records import RunRecord, read_lines, read_run, read_yaml
from ._server import ClearMLError, chatter_to
from ._session import Session
from ._translate import artifact_name, parameters, scalar_events

STATUS = {"completed": "completed", "failed": "failed", "aborted": "stopped", "killed": "stopped"}


@dataclass(frozen=True)
class Check:
    """One line of the comparison: what the run folder has and what the server has."""

    what: str
    here: Any
    there: Any

    @property
    def ok(self) -> bool:
        return self.here == self.there


@dataclass(frozen=True)
class Upload:
    """What an upload came to."""

    url: str
    already_there: bool
    checks: list[Check]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


def upload_run(
    folder: str | os.PathLike[str],
    *,
    patience: float = 20,
    progress: Callable[[str], None] = lambda text: None,
) -> Upload:
    """Send a run to the configured ClearML server and compare what arrived.

    A run that is there already is only compared; one that was interrupted goes on with the same task.

    Parameters
    ----------
    folder : path
        The run folder; the run must have ended.
    patience : float, default 20
        How many seconds the server may take until it shows what it received; a busy one takes a few.
    progress : callable, optional
        Called with a few words about what comes next.

    Returns
    -------
    Upload
        Where it is, and the comparison.

    Raises
    ------
    ClearMLError
        When the run is not over, clearml is missing, or the server cannot be reached or refuses something.
    """
    folder = Path(folder).absolute()
    record = read_run(folder)
    if record.status not in STATUS:
        raise ClearMLError(f"the run is {record.status}: upload it when it has ended")
    if not is_installed():
        raise ClearMLError(NOT_INSTALLED)
    progress("Connecting")
    with chatter_to(folder / "clearml" / "log.txt"):
        try:
            return _send_and_compare(record, patience, progress)
        except (ClearMLError, RunFolderError):
            raise
        except Exception as error:  # clearml raises whatever its libraries raise
            traceback.print_exc()
            message = f"sending failed ({type(error).__name__}: {error}); the same command goes on from there"
            raise ClearMLError(message) from error


def compare(session: Session, record: RunRecord) -> list[Check]:
    """Compare the run folder with what the server returns."""
    session.task.reload()
    task = session.task.data
    points = scalar_events(read_lines(record.folder / "scalars.jsonl"))
    arrived = session.events("training_stats_scalar")
    values = {(e["metric"], e["variant"], e["iter"]): e["value"] for e in arrived}
    same = sum(math.isclose(values.get(key, math.nan), value) for key, (value, _) in points.items())
    kinds = Counter(event["kind"] for event in record.events)
    models = {entry.name: session.model_url(entry.model) for entry in task.models.output or ()}
    artifacts = {entry.key: entry.uri for entry in task.execution.artifacts or ()}
    figures = [event["url"] for event in session.events("training_debug_image")]
    params = {f"{s}/{name}": p.value for s, group in (task.hyperparams or {}).items() for name, p in group.items()}
    expected = parameters(record) | {"Run/status": record.status}
    return [
        Check("status", STATUS[record.status], str(task.status)),
        Check("scalar points with equal values", len(points), same),
        Check("tables and matrices", kinds["table"] + kinds["confusion_matrix"], len(session.events("plot"))),
        Check(
            "figures of equal size",
            kinds["figure"],
            _same_sizes(session, record, _paths(record, "figure"), figures),
        ),
        Check("artifacts of equal size", *_named(session, record, _artifact_paths(record), artifacts)),
        Check("models of equal size", *_named(session, record, _model_paths(record), models)),
        Check("equal parameters", len(expected), sum(params.get(k) == v for k, v in expected.items())),
        Check("tags", sorted(record.tags), sorted(task.tags or ())),
    ]


def _send_and_compare(record: RunRecord, patience: float, progress: Callable[[str], None]) -> Upload:
    session, is_new = _session(record)
    _remember(record.folder, session)
    checks = [] if is_new else compare(session, record)
    already_there = bool(checks) and all(check.ok for check in checks)
    if not already_there:
        _send(session, record, progress)
        progress("Reading back")
        checks = _compare_until_there(session, record, patience)
    session.close()
    return Upload(session.url, already_there, checks)


def _session(record: RunRecord) -> tuple[Session, bool]:
    """Go on with the task that the run already has, or make one."""
    if task_id := record.clearml.get("task_id"):
        try:
            return Session(record, task_id), False
        except LookupError:
            pass  # it was deleted on the server
    return Session(record), True


def _send(session: Session, record: RunRecord, progress: Callable[[str], None]) -> None:
    session.start()
    progress("Sending parameters and scalars")
    session.describe(record)
    session.send_scalars(read_lines(record.folder / "scalars.jsonl"))
    seen: Counter[tuple[str, str]] = Counter()
    for event in record.events:
        key = (event["kind"], event["name"])
        progress(f"Sending {event['kind'].replace('_', ' ')} {event['name']}")
        session.send_event(event, seen[key])
        seen[key] += 1
    session.finish(record.status, record.error)


def _compare_until_there(session: Session, record: RunRecord, patience: float) -> list[Check]:
    deadline = time.monotonic() + patience
    while True:
        checks = compare(session, record)
        if all(check.ok for check in checks) or time.monotonic() > deadline:
            return checks
        time.sleep(1)


def _remember(folder: Path, session: Session) -> None:
    """Write the task into run.yaml at once: an interrupted upload then goes on with it."""
    run = read_yaml(folder / "run.yaml")
    former = run.get("clearml") or NOT_USED
    online = {"mode": "online", "task_id": session.task.id, "url": session.url, "message": None}
    write_whole(folder / "run.yaml", to_yaml(run | {"clearml": former | online}).encode())


def _named(session: Session, record: RunRecord, paths: dict[str, str], urls: dict[str, str]) -> tuple[int, int]:
    return len(paths), sum(_same_sizes(session, record, [path], [urls.get(name)]) for name, path in paths.items())


def _same_sizes(session: Session, record: RunRecord, paths: list[str], urls: list[str | None]) -> int:
    """Count the local files for which a file of the same size is on the server; folders travel packed."""
    sizes = Counter(session.size(url) for url in urls if url)
    found = 0
    for path in paths:
        local = record.folder / path
        size = local.stat().st_size if local.is_file() else next((s for s in sizes if s), None)
        if size is not None and sizes[size] > 0:
            sizes[size] -= 1
            found += 1
    return found


def _paths(record: RunRecord, kind: str) -> list[str]:
    return [event["path"] for event in record.events if event["kind"] == kind]


def _artifact_paths(record: RunRecord) -> dict[str, str]:
    seen: Counter[tuple[str, str]] = Counter()
    paths = {}
    for event in record.events:
        if event["kind"] in ("artifact", "text"):
            key = (event["kind"], event["name"])
            paths[artifact_name(event, seen[key])] = event["path"]
            seen[key] += 1
    return paths


def _model_paths(record: RunRecord) -> dict[str, str]:
    return {Path(event["path"]).stem: event["path"] for event in record.events if event["kind"] == "model"}
