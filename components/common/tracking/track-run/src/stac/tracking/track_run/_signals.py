"""Let a run end in order when the process is told to stop."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

STOPPING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Terminated(SystemExit):
    """Raised in the main thread on SIGTERM or SIGHUP; the exit status is the usual 128 + signal."""


@contextlib.contextmanager
def stop_in_order() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into `Terminated` inside of the block, then put the former handlers back.

    A handler that the program has installed is called as before. Outside of the main thread, where Python
    allows no handlers, the block runs without.
    """
    former = {}
    if threading.current_thread() is threading.main_thread():
        former = {number: signal.getsignal(number) for number in STOPPING}
    ours = {
        number: _handler(handler)
        for number, handler in former.items()
        if handler not in (None, signal.SIG_IGN)
    }
    for number, handler in ours.items():
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, handler in ours.items():
            if signal.getsignal(number) is handler:
                signal.signal(number, former[number])


def _handler(former: object) -> object:
    owner = os.getpid()

    def stop(number: int, frame: FrameType | None) -> None:
        if os.getpid() != owner:  # a worker forked from the run: it ends as if we were not here
            signal.signal(number, former)
            os.kill(os.getpid(), number)
        elif callable(former):
            former(number, frame)
        else:
            raise Terminated(128 + number)

    return stop
