"""Fixtures of the tests of the whole: the index of the wheels just built, and projects made from templates."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter

ROOT = Path(__file__).parents[1]


def pytest_sessionstart(session):
    """Build what has changed, once, before the workers start."""
    if not hasattr(session.config, "workerinput"):
        for command in ("build", "index"):
            subprocess.run([sys.executable, "-m", "catalog", command], cwd=ROOT, check=True, capture_output=True)


@dataclass
class Project:
    """A generated project, and a clean environment to run its targets in."""

    folder: Path
    environment: dict[str, str]

    def make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a target as a user would."""
        return subprocess.run(
            ["make", *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=300,
            stdin=subprocess.DEVNULL,
        )


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> Callable[..., Path]:
    """Return a function that gives a folder of all workers: the first that asks for it makes it, the others wait."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "made-once"

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder = shared / name
        folder.parent.mkdir(parents=True, exist_ok=True)
        finished = folder.with_name(f"{folder.name}.finished")
        with folder.with_name(f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not finished.exists():
                shutil.rmtree(folder, ignore_errors=True)
                make(folder)
                finished.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def clean_environment(tmp_path_factory) -> dict[str, str]:
    """Return the environment of someone with an empty home: no make, no virtual environment, no ClearML account."""
    dropped = ("ARGS", "MAKE", "MFLAGS", "VIRTUAL_ENV", "PYTHON", "CLEARML", "STAC", "UV_", "PYTEST")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    cache = subprocess.run(["uv", "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    # A pytest of a project clears away what the last ones left below its folder, which would be what these tests left.
    inner = {"PYTEST_DEBUG_TEMPROOT": str(tmp_path_factory.mktemp("inner"))}
    return environment | inner | {"HOME": str(tmp_path_factory.mktemp("home")), "UV_CACHE_DIR": cache}


@pytest.fixture(scope="session")
def bake(tmp_path_factory, clean_environment) -> Callable[..., Project]:
    """Return a function that makes a project from a template and answers."""
    config = tmp_path_factory.mktemp("cookiecutter") / "config.yaml"
    config.write_text(f"replay_dir: {config.parent}\ncookiecutters_dir: {config.parent}\n")

    def bake_project(template: str, into: Path | None = None, **answers: str) -> Project:
        folder = cookiecutter(
            str(ROOT / "templates" / template),
            no_input=True,
            output_dir=str(into or tmp_path_factory.mktemp("projects")),
            extra_context=answers,
            config_file=str(config),
        )
        return Project(Path(folder), clean_environment)

    return bake_project


@pytest.fixture(scope="session")
def installed(bake, made_once, clean_environment) -> Callable[[str], Project]:
    """Return a function that gives the installed project of a template; tests that change it must take a copy."""

    def installed_project(template: str) -> Project:
        def install(folder: Path) -> None:
            done = bake(template, into=folder).make("install")
            assert done.returncode == 0, done.stdout + done.stderr

        (folder,) = made_once(f"installed/{template}", install).iterdir()
        return Project(folder, clean_environment)

    return installed_project


@pytest.fixture(scope="session")
def minirocket_project(installed) -> Project:
    """Return an installed project; tests that change it must take a copy."""
    return installed("time-series-classification/minirocket")


@pytest.fixture
def copied(installed, tmp_path) -> Callable[..., Project]:
    """Return a function that copies the installed project of a template, without runs, to change at will.

    Its environment stays the one of the original, which others use at the same time, unless it is copied, too.
    """

    def copied_project(template: str, with_environment: bool = False) -> Project:
        project = installed(template)
        folder, environment = tmp_path / project.folder.name, project.folder / ".venv"
        shutil.copytree(project.folder, folder, ignore=shutil.ignore_patterns("runs", ".venv", "__pycache__"))
        if with_environment:
            # Links: an environment takes gigabytes. Installing replaces files, so the original stays as it is.
            shutil.copytree(environment, folder / ".venv", symlinks=True, copy_function=os.link)
        else:
            (folder / ".venv").symlink_to(environment)
        return Project(folder, project.environment)

    return copied_project


@pytest.fixture
def project_copy(copied) -> Project:
    """Return a copy of the installed MiniROCKET project."""
    return copied("time-series-classification/minirocket")
