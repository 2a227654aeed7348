"""The commands of the README do what they say, in a clean copy of the repository."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def blocks(document: Path) -> list[str]:
    return re.findall(r"^```bash\n(.*?)^```", document.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """Copy what git tracks, as it stands now."""
    folder = tmp_path_factory.mktemp("readme") / "stac"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def environment(clean_environment, tmp_path_factory) -> dict[str, str]:
    """Return an environment with a virtual environment that a user has activated, for her `pip install`."""
    venv = tmp_path_factory.mktemp("venv") / "venv"
    subprocess.run(["uv", "venv", "--quiet", "--seed", str(venv)], check=True)
    return clean_environment | {"PATH": f"{venv / 'bin'}{os.pathsep}{clean_environment['PATH']}"}


def run(block: str, folder: Path, environment: dict[str, str]) -> str:
    block = block.replace("cookiecutter .", "cookiecutter . --no-input")  # a test has nobody to ask
    command = ["bash", "-euxo", "pipefail", "-c", block]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_readme_in_its_order(copy, environment):
    demo, own_project, one_piece, test = blocks(copy / "README.md")

    shown = run(demo, copy, environment)
    assert "accuracy" in shown
    (report,) = copy.glob("demo/leaf_shapes/runs/*/report.html")
    assert str(report) in shown
    assert "upload" in shown

    run(own_project, copy, environment)
    assert list(copy.glob("leaf_shapes/runs/*/report.html"))

    run(one_piece, copy, environment)
    assert test == "make test\n"  # which is what runs this


def test_make_alone_lists_every_target(copy, environment):
    shown = run("make", copy, environment)
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets
    for target in targets:
        assert f"make {target}" in shown


def test_the_pictures_and_pages_it_links_to_are_there():
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text("utf-8")):
        assert (ROOT / target).exists(), target


def test_the_readme_names_every_component():
    readme = (ROOT / "README.md").read_text("utf-8")
    for pyproject in ROOT.glob("components/*/*/*/pyproject.toml"):
        assert f"({pyproject.parent.relative_to(ROOT).as_posix()})" in readme
