"""Get clearml ready: imported without its side effects, and with a server that answers."""

import contextlib
import os
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROBE_SECONDS = 2


class ClearMLError(Exception):
    """ClearML cannot be used; the message says why."""


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


def import_clearml(folder: Path) -> Any:
    """Import clearml with everything that could block, litter or chatter switched off."""
    folder.mkdir(exist_ok=True)
    os.environ["CLEARML_CACHE_DIR"] = str(folder)
    with _without("fastai"):  # where it is installed, clearml would load it, and torch, to patch it
        import clearml
    from clearml.config.cache import SessionCache
    from clearml.utilities.check_updates import CheckPackageUpdates

    CheckPackageUpdates._package_version_checked = True  # it would look up a host
    SessionCache.SESSION_CACHE_FOLDER = str(folder)  # it would write to the home folder
    clearml.Task._report_subprocess_enabled = False  # it forks, and can hang for minutes
    return clearml


@contextlib.contextmanager
def _without(package: str) -> Iterator[None]:
    """Let an import of this package fail for the moment, unless it is loaded already."""
    blocked = sys.modules.setdefault(package, None) is None
    try:
        yield
    finally:
        if blocked:
            del sys.modules[package]


def check_server(clearml: Any) -> None:
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


def existing_task(clearml: Any, task_id: str) -> Any:
    """Return a task of the server; LookupError when it has none with this id."""
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
