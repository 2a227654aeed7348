"""The process that follows one run folder and sends what appears there to ClearML, until the run ends.

It reads `end` (or the end of the file, or sees that its parent is gone) and then owns the `clearml` part of
run.yaml; before that it only tells the parent, one JSON line each.
"""

import contextlib
import json
import os
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from ._clearml import NOT_USED, upload_command
from ._folder import RunFolderError, to_yaml, write_whole
from ._records import read_run, read_yaml
from ._server import ClearMLError, chatter_to
from ._session import Session

POLL_SECONDS = 1
PING_SECONDS = 60
GIVE_UP_SECONDS = 300


class Tail:
    """The whole lines that were added to a JSON Lines file since the last look."""

    def __init__(self, file: Path) -> None:
        self.file, self.offset = file, 0

    def new(self) -> list[dict[str, Any]]:
        """Return them."""
        try:
            with self.file.open("rb") as file:
                file.seek(self.offset)
                lines, newline, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return []
        self.offset += len(lines) + len(newline)
        records = []
        for line in lines.splitlines():
            with contextlib.suppress(ValueError):
                records.append(json.loads(line))
        return records


def follow(folder: Path, mode: str, ended: threading.Event, tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Send everything, until the run has ended; return the `clearml` part of run.yaml."""
    session, state = _open(folder, mode)
    tell(state)
    session.start()
    session.describe(read_run(folder))
    scalars, events = Tail(folder / "scalars.jsonl"), Tail(folder / "events.jsonl")
    seen: Counter[tuple[str, str]] = Counter()
    parent, rounds = os.getppid(), 0
    while True:
        last = ended.wait(POLL_SECONDS) or os.getppid() != parent
        if last:
            _give_up_later(folder, state)
        session.send_scalars(scalars.new())
        for event in events.new():
            key = (event["kind"], event["name"])
            session.send_event(event, seen[key])
            seen[key] += 1
        if last:
            break
        rounds += 1
        if rounds % (PING_SECONDS // POLL_SECONDS) == 0:
            session.ping()
    record = read_run(folder)
    session.describe(record)
    session.finish("killed" if record.status == "running" else record.status, record.error)
    packed = session.close()
    return state | {"session": packed and packed.relative_to(folder).as_posix()}


def _open(folder: Path, mode: str) -> tuple[Session, dict[str, Any]]:
    if mode == "auto":
        try:
            session = Session(read_run(folder))
            return session, NOT_USED | {"mode": "online", "task_id": session.task.id, "url": session.url}
        except ClearMLError as error:
            reason = str(error)
    else:
        reason = "offline was asked for"
    return Session(read_run(folder), online=False), NOT_USED | {"mode": "offline", "message": reason}


def _give_up_later(folder: Path, state: dict[str, Any]) -> None:
    """A server that stopped answering must not keep this process for ever."""

    def give_up() -> None:
        message = f"The server stopped answering; send the rest with `{upload_command(folder)}`."
        _write(folder, state | {"message": message})
        os._exit(1)

    timer = threading.Timer(GIVE_UP_SECONDS, give_up)
    timer.daemon = True
    timer.start()


def _write(folder: Path, state: dict[str, Any]) -> None:
    with contextlib.suppress(RunFolderError):
        run = read_yaml(folder / "run.yaml")
        write_whole(folder / "run.yaml", to_yaml(run | {"clearml": state}).encode())


def main() -> None:
    """Follow the run folder that the command line names."""
    folder, mode = Path(sys.argv[1]), sys.argv[2]
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)  # training comes first
    sys.modules.setdefault("pandas", None)  # half of the time that clearml takes to import, and not used here
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), ended.set()), daemon=True).start()
    with chatter_to(folder / "clearml" / "log.txt") as stdout, os.fdopen(os.dup(stdout), "w") as parent:
        _write(folder, _follow_to_the_end(folder, mode, ended, parent))
        os._exit(0)  # clearml's own exit handlers can wait for a server that is gone


def _follow_to_the_end(folder: Path, mode: str, ended: threading.Event, parent: TextIO) -> dict[str, Any]:
    known = NOT_USED

    def tell(state: dict[str, Any]) -> None:
        nonlocal known
        known = state
        with contextlib.suppress(OSError):
            print(json.dumps(state), file=parent, flush=True)

    try:
        return follow(folder, mode, ended, tell)
    except Exception as error:  # whatever clearml raises, the run folder is to say so
        traceback.print_exc()
        message = f"Sending failed ({type(error).__name__}: {error}); finish with `{upload_command(folder)}`."
        tell(known | {"message": message})
        ended.wait()
        return known


if __name__ == "__main__":
    main()
