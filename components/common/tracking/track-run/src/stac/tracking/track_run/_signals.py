"""Let a run end in order when the process is told to stop."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

STOPPING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]

_outermost: dict[int, Any] = {}  # the handlers from before the first of the runs that are going on
_mask = threading.local()


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
    ours = {n: _handler(handler) for n, handler in former.items() if handler not in (None, signal.SIG_IGN)}
    is_outermost = not _outermost
    if is_outermost:
        _outermost.update({number: former[number] for number in ours})
    for number, handler in ours.items():
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, handler in ours.items():
            if signal.getsignal(number) is handler:
                signal.signal(number, former[number])
        if is_outermost:
            _outermost.clear()


def _handler(former: Any) -> Any:
    def stop(number: int, frame: FrameType | None) -> None:
        if callable(former):
            former(number, frame)
        else:
            raise Terminated(128 + number)

    return stop


# A worker forked from a run ends as if there were no run. The signals wait while a fork is under way, because
# Python forgets those that reach the new process before it is ready, and the worker would never end.


def _before_fork() -> None:
    if _outermost:
        _mask.former = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)


def _after_fork_in_parent() -> None:
    if (former := _mask.__dict__.pop("former", None)) is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def _after_fork_in_child() -> None:
    for number, handler in _outermost.items():
        signal.signal(number, handler)
    _outermost.clear()
    _after_fork_in_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
