"""The run itself: start it, log to it, and end it with its true status."""

import contextlib
import json
import operator
import os
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import _environment
from ._clearml import (
    NOT_INSTALLED,
    NOT_USED,
    Mirror,
    chosen_mode,
    is_configured,
    is_installed,
    upload_command,
)
from ._content import confusion_content, drawn, existing, one_line, picture_file, table_content
from ._fingerprint import fingerprint
from ._folder import RunFolder, RunFolderError, json_plain, overwrite, to_yaml
from ._scalars import ScalarFile
from ._seed import seed_everything
from ._signals import Terminated, stop_in_order

HEARTBEAT_SECONDS = 30
WRITE_SECONDS = 0.5
CLEARML_SECONDS = {"completed": 10, "failed": 10, "aborted": 2}  # who stops a program wants it to stop


@contextlib.contextmanager
def track_run(
    project: str,
    name: str,
    config: Any = None,
    *,
    seed: int | None = 0,
    tags: Sequence[str] = (),
    runs_folder: str | os.PathLike[str] = "runs",
    clearml: str | None = None,
) -> Iterator["Run"]:
    """Track the run inside the `with` block, or of the function that this decorates.

    Seeds everything, then keeps what is logged, the parameters, git state, packages, machine, times and
    status in a folder of its own. Whatever ends the run (its last line, an exception, Ctrl-C, SIGTERM,
    SIGKILL) leaves a readable run with its true status.

    Parameters
    ----------
    project, name : str
        What the run belongs to, and what it is called.
    config : mapping, dataclass or argparse/jsonargparse namespace, optional
        The parameters; may be nested.
    seed : int or None, default 0
        For `seed_everything`; None draws one. Recorded either way.
    tags : sequence of str
        Words to find the run by.
    runs_folder : path, default "runs"
        Where the run's folder is made.
    clearml : {"auto", "offline", "off"}, optional
        `auto`: online when credentials are configured and the server answers within 2 s, otherwise an offline
        session in the run folder. The default is what `STAC_CLEARML` says, else `auto`.

    Yields
    ------
    Run
        To log to.

    Raises
    ------
    RunFolderError
        When the folder cannot be written; before anything else has happened, or later when the disk is full.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with track_run("leaves", "baseline", {"depth": 3}, runs_folder=folder, clearml="off") as run:
    ...         run.log_scalar("train/loss", 0.3, step=1)
    ...         run.log_scalar("accuracy", 0.97)
    ...     record = read_run(run.folder)
    ...     print(record.status, record.config, record.summary)
    completed {'depth': 3} {'accuracy': 0.97}
    """
    run = Run(project, name, config, seed=seed, tags=tags, runs_folder=runs_folder, clearml=clearml)
    with stop_in_order():
        try:
            yield run
            run._scalars.write()
        except BaseException as error:
            run._end(error)
            raise
        run._end(None)


class Run:
    """A run that is going on; made by `track_run`. All methods may be called from any thread.

    Attributes
    ----------
    id : str
        `<UTC date>-<UTC time>-<name>-<4 hex digits>`.
    folder : Path
        The run folder.
    seed : int
        The seed that was used.
    """

    def __init__(
        self,
        project: str,
        name: str,
        config: Any,
        *,
        seed: int | None,
        tags: Sequence[str],
        runs_folder: str | os.PathLike[str],
        clearml: str | None,
    ) -> None:
        project, name = one_line("project", project), one_line("name", name)
        tags = [tags] if isinstance(tags, str) else list(tags)
        mode = chosen_mode(clearml)
        config = json_plain(config if config is not None else {})
        if not isinstance(config, dict):
            raise TypeError(f"config is {config!r}; it must be a mapping, a dataclass or a namespace of parameters.")
        self._folder = RunFolder(runs_folder, name)
        self.id, self.folder = self._folder.id, self._folder.path
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._scalars = ScalarFile(self._folder)
        self._clock = time.perf_counter()
        self._state: dict[str, Any] = {
            "format": 1,
            "id": self.id,
            "project": project,
            "name": name,
            "tags": [one_line("tag", tag) for tag in tags],
            "status": "running",
            "seed": None,
            "started_at": _now(),
            "ended_at": None,
            "duration_seconds": None,
            "error": None,
            "command": _environment.command_line(),
            "working_directory": str(Path.cwd()),
            "process": _environment.process_identity(),
            "git": None,
            "clearml": NOT_USED,
        }
        try:
            self.seed = self._state["seed"] = seed_everything(seed)
            self._folder.write_yaml("config.yaml", config)
            self._save()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self._background = [
            threading.Thread(target=work, name=f"track-run {work.__name__}", daemon=True)
            for work in (self._record_environment, self._beat)
        ]
        for thread in self._background:
            thread.start()
        self._start_clearml(mode)

    def log_scalar(self, name: str, value: float, step: int | None = None) -> None:
        """Log a point of a curve, or without a step a value that describes the whole run.

        Parameters
        ----------
        name : str
            `group/curve`, such as `train/loss`: curves of one group share a plot.
        value : float
            A number, also NaN or infinite, also a numpy or torch scalar.
        step : int, optional
            Batch, epoch or whatever the curve runs over.
        """
        if self._ended.is_set():
            self._check_open()
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise TypeError(f"The scalar {name!r} is {value!r}; it must be one number.") from None
        self._scalars.add(name, number, step if step is None else operator.index(step))

    def log_scalars(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Log several scalars at once: {name: value}."""
        for name, value in values.items():
            self.log_scalar(name, value, step)

    def log_figure(self, name: str, figure: Any) -> None:
        """Log a picture.

        Parameters
        ----------
        name : str
            What it shows.
        figure : matplotlib Figure or Axes, or path of a PNG or SVG file
            Figures are kept as SVG, or as PNG where that would be larger than 1 MB.
        """
        if isinstance(figure, (str, os.PathLike)):
            self._log_file("figure", "figures", name, picture_file(figure))
        else:
            content, suffix = drawn(name, figure)
            self._log_content("figure", "figures", name, suffix, content)

    def log_table(self, name: str, table: Any) -> None:
        """Log a table: a list of dicts (one a row), a dict of columns, or a pandas DataFrame."""
        self._log_json("table", name, table_content(name, table))

    def log_confusion_matrix(self, matrix: Any, labels: Sequence[Any], name: str = "confusion matrix") -> None:
        """Log a confusion matrix.

        Parameters
        ----------
        matrix : array of shape (n_classes, n_classes)
            Rows are the true classes, columns the predicted ones.
        labels : sequence
            The classes, in the order of the rows.
        name : str, default "confusion matrix"
            What to call it.
        """
        self._log_json("confusion_matrix", name, confusion_content(name, matrix, labels))

    def log_text(self, name: str, text: str) -> None:
        """Log a note, in Markdown if you like."""
        self._log_content("text", "texts", name, ".md", str(text).encode())

    def log_artifact(self, name: str, path: str | os.PathLike[str]) -> None:
        """Keep a copy of a file or folder with the run."""
        self._log_file("artifact", "artifacts", name, existing(path))

    def log_model(self, name: str, path: str | os.PathLike[str], **metadata: Any) -> None:
        """Keep a copy of a saved model with the run, and whatever you want to say about it."""
        self._log_file("model", "models", name, existing(path), metadata=json_plain(metadata))

    def log_dataset(self, name: str, X: Any, y: Any = None, *, source: str | None = None) -> None:
        """Log which data was used: its sha256, shape, dtype and classes; the data itself is not copied.

        Parameters
        ----------
        name : str
            Such as `train`.
        X : array, list of arrays, data frame, or path of a file or folder
            The series.
        y : array, optional
            The labels.
        source : str, optional
            Where it came from.
        """
        if source is None and isinstance(X, (str, os.PathLike)):
            source = os.fspath(X)
        self._log_event("dataset", name, None, **fingerprint(X, y), source=source)

    def add_tags(self, *tags: str) -> None:
        """Add words to find the run by."""
        new = [tag for tag in tags if one_line("tag", tag) not in self._state["tags"]]
        with self._lock:
            self._state["tags"] = [*self._state["tags"], *new]
            self._save()
        self._log_event("tags", "tags", None, tags=new)

    def _log_json(self, kind: str, name: str, data: Mapping[str, Any]) -> None:
        path = self._free_name("tables", name, ".json")
        self._folder.write_json(path, data)
        self._log_event(kind, name, path)

    def _log_content(self, kind: str, folder: str, name: str, suffix: str, content: bytes) -> None:
        path = self._free_name(folder, name, suffix)
        self._folder.write_bytes(path, content)
        self._log_event(kind, name, path)

    def _log_file(self, kind: str, folder: str, name: str, source: Path, **details: Any) -> None:
        path = self._free_name(folder, name, "" if source.is_dir() else "".join(source.suffixes[-2:]).lower())
        self._folder.copy_in(source, path)
        self._log_event(kind, name, path, **details)

    def _log_event(self, kind: str, name: str, path: str | None, **details: Any) -> None:
        self._check_open()
        event = {"kind": kind, "name": one_line(f"{kind} name", name), "path": path, **json_plain(details)}
        line = json.dumps(event | {"time": round(time.time(), 3)}, ensure_ascii=False)
        self._scalars.write()  # what was logged before is there before
        self._folder.append("events.jsonl", line + "\n")

    def _free_name(self, folder: str, name: str, suffix: str) -> str:
        self._check_open()
        return self._folder.free_name(folder, one_line("name", name), suffix)

    def _check_open(self) -> None:
        if self._ended.is_set():
            raise RuntimeError(f"The run {self.id} has ended; log inside of its `with` block.")

    def _record_environment(self) -> None:
        """In the background: what takes a moment to find out."""
        with contextlib.suppress(RunFolderError):  # the next thing that is logged will say so
            packages = _environment.installed_packages()
            self._folder.write_text("requirements.txt", "".join(f"{n}=={v}\n" for n, v in packages.items()))
            self._folder.write_yaml("environment.yaml", _environment.machine() | {"packages": packages})
            git, diff = _environment.git_state(Path(self._state["working_directory"]))
            if diff:
                self._folder.write_text("git.diff", diff)
            with self._lock:
                self._state["git"] = git
                if not self._ended.is_set():  # afterwards run.yaml is no longer ours
                    self._save()

    def _start_clearml(self, mode: str) -> None:
        self._mirror: Mirror | None = None
        place, hint = f"Run folder: {_shown(self.folder)}", ""
        self._url_shown = False
        self._server_expected = mode == "auto" and is_configured()
        if mode != "off" and not is_installed():
            hint = NOT_INSTALLED
            self._state["clearml"] = NOT_USED | {"message": NOT_INSTALLED}
        elif mode != "off":
            self._mirror = Mirror(self.folder, mode, self._clearml_told)
            if not self._server_expected:
                hint = f"ClearML offline; upload later with `{upload_command(_shown(self.folder))}`"
        say(f"{place} - {hint}" if hint else place)

    def _clearml_told(self, state: dict[str, Any]) -> None:
        """In the background: the other process knows where it sends the run."""
        with self._lock, contextlib.suppress(RunFolderError):
            if not self._ended.is_set():  # afterwards run.yaml is the other process's
                self._state["clearml"] = state
                self._save()
        if state["mode"] == "online" and not self._url_shown:
            self._url_shown = True
            say(f"ClearML: {state['url']}")
        elif state["mode"] == "offline" and state["message"] and self._server_expected:
            say(f"ClearML: {state['message']}; upload later with `{upload_command(_shown(self.folder))}`")
        elif state["mode"] != "offline":
            say(f"ClearML: {state['message']}")

    def _beat(self) -> None:
        """In the background: write scalars that wait; touch run.yaml, by which another machine sees us alive."""
        beaten_at = time.monotonic()
        while not self._ended.wait(WRITE_SECONDS):
            with contextlib.suppress(RunFolderError):  # the next scalar will say so
                self._scalars.write()
            if time.monotonic() - beaten_at > HEARTBEAT_SECONDS:
                beaten_at = time.monotonic()
                with contextlib.suppress(OSError):
                    os.utime(self.folder / "run.yaml")

    def _save(self) -> None:
        with self._lock:
            self._folder.write_yaml("run.yaml", self._state)

    def _end(self, error: BaseException | None) -> None:
        self._background[0].join(_environment.MAX_SECONDS)
        try:
            self._record_end(error)
        finally:
            self._folder.close()
            self._end_clearml()

    def _record_end(self, error: BaseException | None) -> None:
        with self._lock:
            self._ended.set()
            with contextlib.suppress(RunFolderError):
                self._scalars.write()
            self._state |= {
                "status": _status(error),
                "ended_at": _now(),
                "duration_seconds": round(time.perf_counter() - self._clock, 3),
                "error": _described(error) if _status(error) == "failed" else None,
            }
            try:
                self._save()
            except RunFolderError as full:
                self._save_without_space(full, already_failing=error is not None)

    def _end_clearml(self) -> None:
        patience = CLEARML_SECONDS[self._state["status"]]
        if self._mirror and not self._mirror.finish(patience):
            say("ClearML is not done yet; it goes on in the background and needs nothing more from this program.")

    def _save_without_space(self, full: RunFolderError, already_failing: bool) -> None:
        """Record at least the status, in the space that run.yaml already has."""
        with contextlib.suppress(OSError):
            overwrite(self.folder / "run.yaml", to_yaml(self._state | {"error": None}).encode())
        if not already_failing:
            raise full


def say(message: str) -> None:
    """Tell the person at the terminal one line, out of the way of what the program prints."""
    with contextlib.suppress(OSError, ValueError):
        print(message, file=sys.stderr, flush=True)


def _status(error: BaseException | None) -> str:
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return "completed"
    return "aborted" if isinstance(error, (KeyboardInterrupt, Terminated)) else "failed"


def _described(error: BaseException) -> dict[str, str]:
    return {
        "type": type(error).__name__,
        "message": str(error),
        "traceback": "".join(traceback.format_exception(error)),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _shown(path: Path) -> Path:
    """Return the path as short as it stays right."""
    with contextlib.suppress(ValueError):
        return path.relative_to(Path.cwd())
    return path
