"""The process that follows one run folder and sends what appears there to ClearML, until the run ends.

It reads `end` (or the end of the file, or sees that its parent is gone) and then owns the `clearml` part of
run.yaml; before that it only tells the parent, one JSON line each.
"""

import contextlib
import json
import os
import sys
import threading
import time
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
    rounds = 0
    while True:
        last = ended.wait(POLL_SECONDS)
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
    if session.online:
        return state | {"message": None}
    return state | {"session": packed.relative_to(folder).as_posix()}


def _open(folder: Path, mode: str) -> tuple[Session, dict[str, Any]]:
    if mode == "auto":
        try:
            session = Session(read_run(folder))
            unfinished = f"Not all of it is there yet; if that stays so, `{upload_command(folder)}` sends the rest."
            online = {"mode": "online", "task_id": session.task.id, "url": session.url, "message": unfinished}
            return session, NOT_USED | online
        except ClearMLError as error:
            reason = str(error)
    else:
        reason = "offline was asked for"
    return Session(read_run(folder), online=False), NOT_USED | {"mode": "offline", "message": reason}


def _watch(ended: threading.Event, parent: int) -> None:
    """Notice the end of the run, and then give up some time later: a server may never answer again."""
    while not ended.wait(POLL_SECONDS) and os.getppid() == parent:
        pass
    ended.set()
    time.sleep(GIVE_UP_SECONDS)
    with contextlib.suppress(OSError):
        print("Gave up: the server stopped answering.", file=sys.stderr, flush=True)
    os._exit(1)


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
    threading.Thread(target=_watch, args=(ended, os.getppid()), daemon=True).start()
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
        message = f"Sending failed ({type(error).__name__}: {error}); `{upload_command(folder)}` sends the rest."
        tell(known | {"message": message})
        ended.wait()
        return known | {"message": message}


if __name__ == "__main__":
    main()
