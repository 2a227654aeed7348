"""What all tests of tracking need."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def signals_not_ignored():
    """Undo what a shell does to background jobs: they start with SIGINT ignored, under nohup with SIGHUP ignored."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
