"""Send what a run folder holds to a ClearML task, online or as an offline session. Slow: it imports clearml."""

import contextlib
import json
import os
import shutil
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from ._records import RunRecord

PROBE_SECONDS = 2
EVENTS_PER_REQUEST = 1000
SUMMARY = ("Summary", -(2**31))  # where ClearML keeps the values that describe a whole run


class ClearMLError(Exception):
    """ClearML cannot be used; the message says why."""


class Session:
    """A ClearML task that receives one run. What is sent twice is there once.

    Parameters
    ----------
    record : RunRecord
        The run.
    task_id : str, optional
        Go on with this task instead of a new one; online only.
    online : bool, default True
        To the server, or into an offline session in `<run>/clearml`.
    """

    def __init__(self, record: RunRecord, task_id: str | None = None, online: bool = True) -> None:
        self.folder = record.folder
        self.online = online
        clearml = _import_clearml(self.folder / "clearml")
        if online:
            _check_server(clearml)
        names = {"project_name": _long_enough(record.project or "runs", "project")}
        names["task_name"] = _long_enough(record.name or record.id, "run")
        if online and task_id:
            self.task = _existing_task(clearml, task_id)
        elif online:
            self.task = clearml.Task.create(**names)
        else:
            clearml.Task.set_offline(True)
            self.task = clearml.Task.init(
                **names,
                reuse_last_task_id=False,
                auto_connect_arg_parser=False,
                auto_connect_frameworks={"detect_repository": False},
                auto_connect_streams=False,
                auto_resource_monitoring=False,
            )

    @property
    def _storage(self) -> str:
        return self.task.output_uri or self.task._get_default_report_storage_uri()

    @property
    def url(self) -> str | None:
        """Where to look at it."""
        return self.task.get_output_log_web_page() if self.online else None

    def start(self) -> None:
        """Mark the task as running and ready to receive."""
        if self.online:
            self.task.mark_started(force=True)
            self.task.output_uri = True  # models go to the file server, like artifacts

    def describe(self, record: RunRecord) -> None:
        """Send parameters, tags, git state and packages."""
        from clearml.backend_api.services import tasks

        self.task.set_parameters(parameters(record))
        self.task.set_tags(list(record.tags))
        git, diff = record.git or {}, self.folder / "git.diff"
        script = tasks.Script(
            repository=git.get("remote") or "",
            branch=git.get("branch") or "",
            version_num=git.get("commit") or "",
            diff=diff.read_text(errors="replace") if diff.is_file() else "",
            working_dir=".",
            entry_point=record.command or "",
        )
        self.task._update_script(script)  # set_script needs one that only a server makes
        if record.environment.get("packages"):
            self.task.set_packages([f"{name}=={v}" for name, v in record.environment["packages"].items()])

    def send_scalars(self, points: Iterable[dict[str, Any]]) -> None:
        """Send lines of scalars.jsonl. ClearML has no NaN and would show 0: those points are left out."""
        from clearml.backend_interface.metrics.events import ScalarEvent

        self._write(
            [
                ScalarEvent(metric, variant, value, iteration, timestamp=timestamp)
                for (metric, variant, iteration), (value, timestamp) in scalar_events(points).items()
            ]
        )

    def send_event(self, event: dict[str, Any], count: int = 0) -> None:
        """Send one line of events.jsonl; `count` tells equal names apart."""
        kind, name = event["kind"], event["name"]
        path = self.folder / event["path"] if event.get("path") else None
        if kind == "figure":
            self._send_figure(event, path, count)
        elif kind in ("table", "confusion_matrix"):
            self._send_plot(event, path, count)
        elif kind in ("artifact", "text"):
            self.task.upload_artifact(artifact_name(event, count), path, wait_on_upload=True)
        elif kind == "model":
            self._send_model(event, path)
        elif kind == "dataset":
            self.task.update_parameters(dataset_parameters(event))
        elif kind == "tags":
            self.task.add_tags([tag for tag in event.get("tags", []) if tag not in self.task.get_tags()])
        else:
            raise ClearMLError(f"the run has an event of the unknown kind {kind!r}, named {name!r}")

    def finish(self, status: str, error: dict[str, str] | None) -> None:
        """End the task with the run's true status."""
        self.task.update_parameters({"Run/status": status})  # offline sessions have no other place for it
        self.task.flush(wait_for_uploads=True)
        if status == "completed":
            self.task.mark_completed(force=True)
        elif status == "failed":
            error = error or {}
            self.task.mark_failed(
                status_reason=error.get("type"), status_message=error.get("message"), force=True
            )
        else:
            self.task.mark_stopped(status_message=f"The run was {status}.", force=True)

    def close(self) -> Path | None:
        """Release everything; return the offline session's zip file."""
        self.task.close()
        if self.online:
            return None
        session = Path(self.task.get_offline_mode_folder())
        packed = session.with_suffix(".zip")
        target = self.folder / "clearml" / packed.name
        os.replace(packed, target)
        shutil.rmtree(session.parent, ignore_errors=True)  # all of it is in the zip file
        return target

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Return all events of one type that the server has."""
        from clearml.backend_api.services import events

        found: list[dict[str, Any]] = []
        scroll = None
        while True:
            request = events.GetTaskEventsRequest(
                task=self.task.id, event_type=kind, batch_size=EVENTS_PER_REQUEST, scroll_id=scroll
            )
            answer = self.task.send(request).response
            found += answer.events
            scroll = answer.scroll_id
            if not answer.events or len(found) >= answer.total:
                return found

    def size(self, url: str) -> int | None:
        """Return the size of a file on the file server; None when it is not there."""
        from clearml import StorageManager

        return StorageManager.get_file_size_bytes(url, silence_errors=True)

    def model_url(self, model_id: str) -> str | None:
        """Return where the file of a model is."""
        from clearml import Model

        return Model(model_id=model_id).url

    def ping(self) -> None:
        """Tell the server that the run is still going on."""
        from clearml.backend_api.services import tasks

        if self.online:
            self.task.send(tasks.PingRequest(task=self.task.id), ignore_errors=True, raise_on_errors=False)

    def _write(self, events: list[Any]) -> None:
        metrics = self.task._get_metrics_manager(self._storage)
        for start in range(0, len(events), EVENTS_PER_REQUEST):
            batch = events[start : start + EVENTS_PER_REQUEST]
            sent = list(batch)  # it drops those whose file it cannot upload, and only logs it
            answer = metrics.write_events(sent, async_enable=False)
            if len(sent) < len(batch) or any(event.upload_exception for event in sent):
                raise ClearMLError("the file server refused a figure")
            if self.online and (answer is None or not answer.ok()):
                raise ClearMLError(f"the server refused {len(batch)} events ({getattr(answer, 'meta', '')})")

    def _send_figure(self, event: dict[str, Any], path: Path, count: int) -> None:
        from clearml.backend_interface.metrics.events import MediaEvent

        self._write(
            [
                MediaEvent(
                    *_title_and_series(event["name"]),
                    stream=None,
                    local_image_path=str(path),
                    iter=count,
                    timestamp=_milliseconds(event),
                    upload_uri=self._storage,
                    override_filename=path.stem,  # by itself it keeps the last five only
                )
            ]
        )

    def _send_plot(self, event: dict[str, Any], path: Path, count: int) -> None:
        from clearml.backend_interface.metrics.events import PlotEvent

        title, series = _title_and_series(event["name"])
        drawing = json.dumps(plotly(event["name"], json.loads(path.read_text())))
        self._write([PlotEvent(title, series, drawing, iter=count, timestamp=_milliseconds(event))])

    def _send_model(self, event: dict[str, Any], path: Path) -> None:
        import clearml

        if self.online and self._has_model(path):
            return
        model = clearml.OutputModel(task=self.task, name=event["name"], comment=_as_comment(event))
        if not self.online:
            model._floating_data.locked = False  # otherwise update_weights fails offline
        model.update_weights(str(path), target_filename=path.name, auto_delete_file=False, async_enable=False)

    def _has_model(self, path: Path) -> bool:
        """Whether this very file is there, after an interrupted upload; models would be registered twice."""
        entries = self.task.data.models.output or () if self.task.data.models else ()
        same = [entry.model for entry in entries if entry.name == path.stem]
        return path.is_file() and any(self.size(self.model_url(m)) == path.stat().st_size for m in same)


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
        if value - value != 0:  # NaN or infinite
            continue
        if point["step"] is None:
            key = (SUMMARY[0], point["name"], SUMMARY[1])
        else:
            key = (*_title_and_series(point["name"]), point["step"])
        events[key] = (value, _milliseconds(point))
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


@contextlib.contextmanager
def chatter_to(log: Path) -> Iterator[int]:
    """Send everything that is printed inside of the block to a file; yield a descriptor of the former stdout."""
    log.parent.mkdir(exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    former = os.dup(1), os.dup(2)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    try:
        yield former[0]
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(former[0], 1)
        os.dup2(former[1], 2)
        os.close(former[0])
        os.close(former[1])


def _import_clearml(folder: Path) -> Any:
    """Import clearml with everything that could block, litter or chatter switched off."""
    folder.mkdir(exist_ok=True)
    os.environ["CLEARML_CACHE_DIR"] = str(folder)
    import clearml
    from clearml.config.cache import SessionCache
    from clearml.utilities.check_updates import CheckPackageUpdates

    CheckPackageUpdates._package_version_checked = True  # it would look up a host
    SessionCache.SESSION_CACHE_FOLDER = str(folder)  # it would write to the home folder
    clearml.Task._report_subprocess_enabled = False  # it forks, and can hang for minutes
    return clearml


def _check_server(clearml: Any) -> None:
    """Raise unless credentials are configured, the server answers in time, and it accepts them."""
    from clearml.backend_api import Session as ApiSession
    from clearml.backend_api.session.defs import ENV_ACCESS_KEY, ENV_AUTH_TOKEN, ENV_SECRET_KEY
    from clearml.config import config_obj

    key = ENV_ACCESS_KEY.get(default=config_obj.get("api.credentials.access_key", None))
    secret = ENV_SECRET_KEY.get(default=config_obj.get("api.credentials.secret_key", None))
    if not (key and secret) and not ENV_AUTH_TOKEN.get():
        raise ClearMLError("no credentials are configured (`clearml-init` asks for them)")
    host = ApiSession.get_api_server_host()
    if not _answers(f"{host}/debug.ping"):
        raise ClearMLError(f"the server {host} does not answer within {PROBE_SECONDS} s")
    try:
        clearml.Task._get_default_session()
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ClearMLError(f"the server {host} does not accept the credentials ({reason[:200]})") from error


def _existing_task(clearml: Any, task_id: str) -> Any:
    try:
        task = clearml.Task.get_task(task_id=task_id)
    except ValueError as error:
        raise LookupError(task_id) from error
    if task is None:
        raise LookupError(task_id)
    return task


def _answers(url: str) -> bool:
    """Whether any answer comes in time; name lookups included, which have no time limit of their own."""
    answered = threading.Event()

    def ask() -> None:
        with contextlib.suppress(OSError, ValueError):
            try:
                urllib.request.urlopen(url, timeout=PROBE_SECONDS).close()
            except urllib.error.HTTPError:
                pass  # an answer all the same
            except urllib.error.URLError as error:
                if "CERTIFICATE" not in str(error.reason).upper():  # the SDK has its own settings for these
                    raise
            answered.set()

    threading.Thread(target=ask, daemon=True).start()
    return answered.wait(PROBE_SECONDS)


def _title_and_series(name: str) -> tuple[str, str]:
    title, slash, series = name.partition("/")
    return (title, series) if slash and title and series else (name, name)


def _milliseconds(record: dict[str, Any]) -> int:
    return int(record["time"] * 1000)


def _long_enough(name: str, what: str) -> str:
    """The server refuses names, and last parts of project paths, under three characters."""
    return name if len(name.rpartition("/")[2].strip()) >= 3 else f"{name} {what}"


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{prefix}{key}/")
        else:
            flat[f"{prefix}{key}"] = "" if value is None else str(value)
    return flat


def _as_comment(event: dict[str, Any]) -> str:
    return yaml.safe_dump(event.get("metadata") or {}, sort_keys=False) if event.get("metadata") else ""
