"""Asks git what has changed, in three calls however large the repository is."""

import subprocess
from pathlib import Path


class Uncertain(Exception):
    """Git cannot tell for sure what has changed; the message says why."""


def changed_files(root: Path, base: str | None) -> list[str]:
    """Files changed since HEAD left the base, committed or not, untracked ones included, relative to the root."""
    if _run(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise Uncertain("this is a shallow clone, which does not hold the history (git fetch --unshallow)")
    start = fork_point(root, base)
    tracked = _run(root, "diff", "--relative", "--name-only", "--no-renames", "--no-ext-diff", "-z", start, "--")
    untracked = _run(root, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted({name for name in (tracked + untracked).split("\0") if name})


def tracked_files(root: Path, *patterns: str) -> list[str]:
    """Tracked files that match git's path patterns, all of them without a pattern."""
    return [name for name in _run(root, "ls-files", "-z", "--", *patterns).split("\0") if name]


def files_with(root: Path, needles: list[str], *paths: str) -> list[str]:
    """Tracked text files below the paths that hold one of the needles, as they are on disk."""
    options = [part for needle in needles for part in ("-e", needle)]
    command = ["grep", "-I", "-l", "-z", "-i", "-F", *options, "--", *paths]
    return [name for name in _run(root, *command, accepted=(0, 1)).split("\0") if name]


def fork_point(root: Path, base: str | None) -> str:
    """The commit where HEAD left the base."""
    for candidate in [base] if base else ["origin/main", "main"]:
        try:
            commit = _run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{candidate}^{{commit}}")
        except Uncertain:
            continue
        return _run(root, "merge-base", commit.strip(), "HEAD").strip()
    raise Uncertain(f"git knows no commit {base!r}" if base else "git knows neither origin/main nor main")


def is_base_itself(root: Path, base: str | None) -> bool:
    """Whether the current branch is what would be compared with, so that nothing committed on it is a change."""
    names = [base] if base else ["main"]
    return _run(root, "symbolic-ref", "--quiet", "--short", "HEAD", accepted=(0, 1)).strip() in names


def text_at(root: Path, commit: str, path: str) -> str | None:
    """A file as it was in a commit, None where it was not there."""
    return _run(root, "show", f"{commit}:./{path}", accepted=(0, 128)) or None


def _run(root: Path, *arguments: str, accepted: tuple[int, ...] = (0,)) -> str:
    command = ["git", "-C", str(root), *arguments]
    try:
        run = subprocess.run(command, capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Uncertain(f"git could not be run ({error})") from None
    if run.returncode not in accepted:
        lines = run.stderr.decode(errors="replace").strip().splitlines() or [f"git {arguments[0]} failed"]
        raise Uncertain(lines[0])
    return run.stdout.decode(errors="surrogateescape")
