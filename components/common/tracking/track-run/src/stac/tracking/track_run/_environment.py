"""Find out where a run takes place: process, git, installed packages, machine. Nothing waits for long."""

import contextlib
import importlib.metadata
import os
import platform
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

MAX_SECONDS = 5  # a huge repository on a slow disk must not hold up the end of a run
MAX_DIFF_BYTES = 10_000_000


def command_line() -> str:
    """Return the command as one could type it again."""
    return shlex.join([Path(sys.executable).name, *sys.orig_argv[1:]])


def process_identity() -> dict[str, Any]:
    """Return what tells this process from any other one, also from a later one with the same number."""
    pid = os.getpid()
    return {"pid": pid, "started_at": process_start(pid), "host": socket.gethostname(), "boot_id": boot_id()}


def process_start(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None when it is gone or this is not Linux."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])  # Z, X: dead, its parent has not noticed yet


def boot_id() -> str | None:
    """Return the identity of this start of the machine; None when the system has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None


def git_state(folder: Path) -> tuple[dict[str, Any] | None, str]:
    """Return commit, branch, dirty, remote and the uncommitted diff of tracked files.

    None and "" without git, outside of a repository, or when git does not answer.
    """
    if not shutil.which("git"):
        return None, ""
    with ThreadPoolExecutor(2) as pool:
        status = pool.submit(_git, folder, "status", "--porcelain=v2", "--branch", "--untracked-files=no")
        remote = pool.submit(_git, folder, "config", "--get", "remote.origin.url")
        lines = (status.result() or "").splitlines()
    if not lines:
        return None, ""
    head = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# branch."))
    commit = head.get("branch.oid", "(initial)")
    branch = head.get("branch.head", "(detached)")
    dirty = any(not line.startswith("#") for line in lines)
    state = {
        "commit": None if commit.startswith("(") else commit,
        "branch": None if branch.startswith("(") else branch,
        "dirty": dirty,
        "remote": without_password((remote.result() or "").strip()) or None,
    }
    return state, _diff(folder, state["commit"]) if dirty else ""


def without_password(address: str) -> str:
    """Return a remote's address without the user and token that it may hold.

    >>> without_password("https://ann:secret@host/team/project.git")
    'https://host/team/project.git'
    """
    return re.sub(r"^(\w+://)[^/@]*@", r"\1", address)


def installed_packages() -> dict[str, str]:
    """Return the installed distributions and their versions, by name."""
    packages = {}
    for distribution in importlib.metadata.distributions():
        with contextlib.suppress(Exception):  # a broken installation of something else is no reason to fail
            name = distribution.metadata["Name"]
            if name and name not in packages:  # the first on the path is the one that is imported
                packages[name] = distribution.version
    return dict(sorted(packages.items(), key=lambda item: item[0].lower()))


def machine() -> dict[str, Any]:
    """Return Python, system, processor, memory and graphics cards."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "processor": _processor(),
        "n_cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": _memory_bytes(),
        "gpus": _gpus(),
    }


def _git(folder: Path, *arguments: str) -> str | None:
    """Run git without locks, questions and pagers; None when it fails."""
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            ["git", "-C", os.fspath(folder), *arguments],
            env=os.environ | quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MAX_SECONDS,
        )
        if done.returncode == 0:
            return done.stdout.decode(errors="replace")
    return None


def _diff(folder: Path, commit: str | None) -> str:
    base = commit or (_git(folder, "hash-object", "-t", "tree", os.devnull) or "").strip()
    diff = _git(folder, "diff", "--no-color", "--no-ext-diff", base) or ""
    if len(diff) > MAX_DIFF_BYTES:
        return diff[:MAX_DIFF_BYTES] + "\n# cut: the whole diff is larger than 10 MB\n"
    return diff


def _processor() -> str | None:
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or None


def _memory_bytes() -> int | None:
    with contextlib.suppress(AttributeError, ValueError, OSError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def _gpus() -> list[str]:
    models = [
        line.partition(":")[2].strip()
        for file in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
        for line in _lines(file)
        if line.startswith("Model:")
    ]
    if models or not shutil.which("nvidia-smi"):
        return models
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        answer = subprocess.run(query, capture_output=True, text=True, timeout=MAX_SECONDS)
        return answer.stdout.split("\n")[:-1] if answer.returncode == 0 else []
    return []


def _lines(file: str | Path) -> Iterable[str]:
    with contextlib.suppress(OSError):
        return Path(file).read_text(errors="replace").splitlines()
    return []
