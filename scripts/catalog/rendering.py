"""Renders templates into projects, and reads what a project remembers of its origin."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from catalog.model import CatalogError

RECORD = ".cookiecutter.json"  # in every project: its template, the catalog's commit, and the answers


def render(template: Path, answers: dict, output: Path) -> Path:
    """Render a template's folder with the answers, the rest by default, and return the project's new folder."""
    try:
        from cookiecutter.exceptions import CookiecutterException
        from cookiecutter.main import cookiecutter
    except ImportError:
        raise CatalogError("cookiecutter is not installed here: run `make setup` in the catalog.") from None
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile() as said:
        config = Path(scratch, "config.yaml")  # cookiecutter would write into the home folder
        config.write_text(json.dumps({"replay_dir": scratch, "cookiecutters_dir": scratch}), encoding="utf-8")
        call = {"no_input": True, "extra_context": answers, "output_dir": str(output), "config_file": str(config)}
        try:
            with _output_into(said):
                return Path(cookiecutter(str(template), **call))
        except (CookiecutterException, ValueError) as error:
            said.seek(0)  # a hook that fails has said why
            lines = [line for line in said.read().decode(errors="replace").splitlines() if line.strip()]
            raise CatalogError(lines[-1] if lines else str(error)) from None


@contextlib.contextmanager
def _output_into(file: BinaryIO) -> Iterator[None]:
    """Send what this process and those it starts print into a file."""
    sys.stdout.flush()
    kept = os.dup(1), os.dup(2)
    try:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        yield
    finally:
        for number, before in enumerate(kept, start=1):
            os.dup2(before, number)
            os.close(before)


def questions(template: Path) -> dict:
    """Return what a template asks, and the defaults, without what is private to cookiecutter."""
    try:
        asked = json.loads((template / "cookiecutter.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogError(f"{template}/cookiecutter.json cannot be read: {error}") from None
    return {name: default for name, default in asked.items() if not name.startswith("_")}


def read_record(project: Path) -> dict:
    """Return what a project knows of its origin."""
    file = project / RECORD
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        complete = all(isinstance(record[key], kind) for key, kind in (("template", str), ("answers", dict)))
    except FileNotFoundError:
        raise CatalogError(
            f"{project} has no {RECORD}, which tells where it came from: write one as a new project has it, with its "
            '"template", "commit" and "answers", and commit it.'
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CatalogError(f"{file} cannot be read ({error!r}): restore it from git.") from None
    if not complete:
        raise CatalogError(f'{file}: "template" has to be a text and "answers" a table.')
    return record


def write_record(project: Path, record: dict) -> None:
    text = json.dumps(record, indent=2, ensure_ascii=False)
    (project / RECORD).write_text(f"{text}\n", encoding="utf-8")


def extract(root: Path, commit: str, folder: Path) -> None:
    """Write the catalog's templates as they were in a commit below a folder."""
    run = subprocess.run(["git", "-C", str(root), "archive", commit, "templates"], capture_output=True, check=False)
    if run.returncode:
        reason = run.stderr.decode(errors="replace").strip().splitlines()[-1]
        raise CatalogError(f"the templates of commit {commit[:12]} cannot be read: {reason}")
    with tarfile.open(fileobj=io.BytesIO(run.stdout)) as archive:
        archive.extractall(folder, filter="data")
