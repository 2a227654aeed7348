"""Send what a run folder holds to a ClearML task, online or into an offline session."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ._records import RunRecord
from ._server import ClearMLError, check_server, existing_task, import_clearml
from ._translate import (
    artifact_name,
    dataset_parameters,
    long_enough,
    milliseconds,
    model_comment,
    parameters,
    plotly,
    scalar_events,
    title_and_series,
)

EVENTS_PER_REQUEST = 1000


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
        clearml = import_clearml(self.folder / "clearml")
        if online:
            check_server(clearml)
        names = {"project_name": long_enough(record.project or "runs", "project")}
        names["task_name"] = long_enough(record.name or record.id, "run")
        if online and task_id:
            self.task = existing_task(clearml, task_id)
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
            self.task.mark_failed(status_reason=error.get("type"), status_message=error.get("message"), force=True)
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
        packed.replace(target)
        shutil.rmtree(session.parent, ignore_errors=True)  # all of it is in the zip file
        (self.folder / "clearml" / ".session.json").unlink(missing_ok=True)
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
                    *title_and_series(event["name"]),
                    stream=None,
                    local_image_path=str(path),
                    iter=count,
                    timestamp=milliseconds(event),
                    upload_uri=self._storage,
                    override_filename=path.stem,  # by itself it keeps the last five only
                )
            ]
        )

    def _send_plot(self, event: dict[str, Any], path: Path, count: int) -> None:
        from clearml.backend_interface.metrics.events import PlotEvent

        title, series = title_and_series(event["name"])
        drawing = json.dumps(plotly(event["name"], json.loads(path.read_text())))
        self._write([PlotEvent(title, series, drawing, iter=count, timestamp=milliseconds(event))])

    def _send_model(self, event: dict[str, Any], path: Path) -> None:
        import clearml

        if self.online and self._has_model(path):
            return
        model = clearml.OutputModel(task=self.task, name=event["name"], comment=model_comment(event))
        if not self.online:
            model._floating_data.locked = False  # otherwise update_weights fails offline
        model.update_weights(str(path), target_filename=path.name, auto_delete_file=False, async_enable=False)

    def _has_model(self, path: Path) -> bool:
        """Whether this very file is there, after an interrupted upload; models would be registered twice."""
        entries = self.task.data.models.output or () if self.task.data.models else ()
        same = [entry.model for entry in entries if entry.name == path.stem]
        return path.is_file() and any(self.size(self.model_url(m)) == path.stat().st_size for m in same)
