"""Let another process follow the run folder and send it to ClearML, so that training never waits for it."""

import contextlib
import importlib.util
import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

MODES = ("auto", "offline", "off")
NOT_USED: dict[str, Any] = {"mode": "off", "task_id": None, "url": None, "session": None, "message": None}
NOT_INSTALLED = "ClearML is not installed (pip install clearml); the run folder is complete without it."


class Mirror:
    """The process that follows a run folder.

    Parameters
    ----------
    folder : Path
        The run folder.
    mode : {"auto", "offline"}
        Whether to look for a server.
    told : callable
        Called from another thread with the `clearml` part of run.yaml when it is known.
    """

    def __init__(self, folder: Path, mode: str, told: Callable[[dict[str, Any]], None]) -> None:
        self._told = told
        # -P: a file random.py in the working directory is none of ours. A session of its own: Ctrl-C is ours.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "stac.tracking.track_run._mirror", os.fspath(folder), mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, name="track-run clearml", daemon=True)
        self._listener.start()

    def finish(self, seconds: float) -> bool:
        """Tell it that the run has ended; return whether it was done in time. It goes on by itself if not."""
        with contextlib.suppress(OSError):
            self._process.stdin.write(b"end\n")
            self._process.stdin.close()
        with contextlib.suppress(KeyboardInterrupt):
            self._listener.join(seconds)
        return not self._listener.is_alive()

    def _listen(self) -> None:
        heard = False
        for line in self._process.stdout:
            with contextlib.suppress(ValueError):
                self._told(json.loads(line))
                heard = True
        self._process.wait()
        self._process.stdout.close()
        if not heard:
            message = "ClearML could not be started; the reason is in clearml/log.txt."
            self._told(NOT_USED | {"message": message})


def chosen_mode(mode: str | None) -> str:
    """Return the mode asked for: the argument, else `STAC_CLEARML`, else auto."""
    mode = mode or os.environ.get("STAC_CLEARML") or "auto"
    if mode not in MODES:
        raise ValueError(f"clearml (or STAC_CLEARML) is {mode!r}; it must be one of {', '.join(MODES)}.")
    return mode


def is_installed() -> bool:
    """Whether clearml could be imported, without the second or two that this takes."""
    return importlib.util.find_spec("clearml") is not None


def is_configured() -> bool:
    """Whether a server may be configured, at a glance: reading clearml.conf is the other process's work."""
    file = Path(os.environ.get("CLEARML_CONFIG_FILE") or "~/clearml.conf").expanduser()
    return file.is_file() or any(
        os.environ.get(name) for name in ("CLEARML_API_ACCESS_KEY", "TRAINS_API_ACCESS_KEY", "CLEARML_AUTH_TOKEN")
    )


def upload_command(folder: Path | str) -> str:
    """Return the command that sends the run in `folder` to a ClearML server, as it can be typed in this directory."""
    python, here = Path(sys.executable), Path.cwd()
    shown = python.relative_to(here) if python.is_relative_to(here) else "python"
    return f"{shown} -m stac.tracking.track_run upload {shlex.quote(str(folder))}"
