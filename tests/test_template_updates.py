"""Projects remember where they come from, and `make update` brings them what their template has learnt since."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter

from catalog.model import Catalog
from catalog.rendering import render

ROOT = Path(__file__).parents[1]
MINIROCKET = "time-series-classification/minirocket"
GIT = {
    **{f"GIT_{who}_NAME": "Test" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "test@localhost" for who in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}
every_template = pytest.mark.parametrize("template", [template.name for template in Catalog(ROOT).templates])


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, env=os.environ | GIT, capture_output=True, text=True, check=True).stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "A change")
    return git(folder, "rev-parse", "HEAD")


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.fixture
def catalog(tmp_path) -> Path:
    """Return a catalog of its own: the templates as they are, the index just built, and one commit."""
    folder = tmp_path / "catalog"
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "dist").mkdir()
    (folder / "dist/index").symlink_to(ROOT / "dist/index")
    # In place of the catalog's own, which would install the tool.
    (folder / "Makefile").write_text(f".venv/.tools:\n\tln -s {sys.prefix} .venv\n")
    (folder / ".gitignore").write_text("dist/\n.venv\n")
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    return folder


def make_project(catalog: Path, template: str, folder: Path, **answers: str) -> Path:
    """Make a project in a git repository, as its user would."""
    project = render(catalog / "templates" / template, answers, folder)
    git(project, "init", "--quiet", "--initial-branch=main")
    commit(project)
    return project


def make(project: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command, options = ["make", *arguments], {"capture_output": True, "text": True, "timeout": 300}
    return subprocess.run(command, cwd=project, env=environment | GIT, stdin=subprocess.DEVNULL, **options)


@every_template
def test_a_project_takes_over_what_changed_in_its_template(catalog, clean_environment, tmp_path, template):
    project = make_project(catalog, template, tmp_path, project_name="My own (2nd try)")
    change(project / "config.yaml", "seed: 0", "seed: 7")
    with (project / "train.py").open("a") as file:
        file.write("# Mine.\n")
    commit(project)
    own = catalog / "templates" / template / "{{cookiecutter.project_slug}}"
    change(own / "train.py", '"""', '"""Better: ')
    change(catalog / "templates/shared/project/Makefile", "lint:", "style:")
    new = commit(catalog)

    updated = make(project, clean_environment, "update")
    assert updated.returncode == 0, updated.stdout + updated.stderr
    train = (project / "train.py").read_text()
    assert train.startswith('"""Better: ')
    assert train.endswith("# Mine.\n")
    assert "style:" in (project / "Makefile").read_text()
    assert "seed: 7" in (project / "config.yaml").read_text()
    assert json.loads((project / ".cookiecutter.json").read_text())["commit"] == new
    assert git(project, "status", "--porcelain") == ""


def test_an_address_of_the_catalog_is_cloned_for_the_update(catalog, clean_environment, tmp_path):
    project = make_project(catalog, MINIROCKET, tmp_path)
    change(catalog / "templates/shared/project/Makefile", "lint:", "style:")
    commit(catalog)
    updated = make(project, clean_environment, "update", f"CATALOG={catalog.as_uri()}")
    assert updated.returncode == 0, updated.stdout + updated.stderr
    assert "style:" in (project / "Makefile").read_text()
    assert git(project, "status", "--porcelain") == ""  # the clone is ignored
    again = make(project, clean_environment, "update", f"CATALOG={catalog}")
    assert "Nothing new" in again.stdout, again.stderr


def test_make_update_outside_git_says_how_to_begin(catalog, clean_environment, tmp_path):
    project = render(catalog / "templates" / MINIROCKET, {}, tmp_path)
    refused = make(project, clean_environment, "update")
    assert refused.returncode != 0
    assert "git init && git add --all && git commit" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("place", ["", "/no/such/catalog", "."])
def test_make_update_without_a_catalog_asks_for_one(catalog, clean_environment, tmp_path, place):
    project = render(catalog / "templates" / MINIROCKET, {}, tmp_path)
    refused = make(project, clean_environment, "update", f"CATALOG={place}")
    assert refused.returncode != 0
    assert "There is no catalog: make update CATALOG=/path/to/catalog" in refused.stderr


@pytest.mark.slow
def test_an_installed_project_is_pinned_anew_and_works(copied, catalog):
    project = copied(MINIROCKET, with_environment=True)
    git(project.folder, "init", "--quiet", "--initial-branch=main")
    commit(project.folder)
    own = catalog / "templates" / MINIROCKET / "{{cookiecutter.project_slug}}"
    change(own / "pyproject.toml", '"pytest>=8"', '"pytest>=8.1"')
    base = git(catalog, "rev-parse", "HEAD")
    commit(catalog)
    before = (project.folder / "requirements.txt").read_text()
    command = [sys.executable, "-m", "catalog", "update", str(project.folder), "--base", base, "--root", str(catalog)]
    updated = subprocess.run(command, env=os.environ | GIT, capture_output=True, text=True)
    assert updated.returncode == 0, updated.stderr
    assert "pinned anew by the next `make install`" in updated.stdout
    assert not re.search("^stac-", (project.folder / "requirements.txt").read_text(), re.MULTILINE)

    for target in ("install", "lint"):
        done = project.make(target)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (project.folder / "requirements.txt").read_text() == before
    assert git(project.folder, "diff", "--name-only") == "requirements.txt"


# What a project remembers


def record_of(catalog: Path, folder: Path, **answers: str) -> dict:
    return json.loads((render(catalog / "templates" / MINIROCKET, answers, folder) / ".cookiecutter.json").read_text())


def test_a_project_remembers_template_catalog_commit_and_answers(catalog, tmp_path):
    assert record_of(catalog, tmp_path, project_name="Oak leaves") == {
        "template": MINIROCKET,
        "catalog": str(catalog),
        "commit": git(catalog, "rev-parse", "HEAD"),
        "answers": {"project_name": "Oak leaves", "project_slug": "oak_leaves", "stac_index": "local"},
    }


def test_uncommitted_changes_of_its_template_are_remembered_those_of_others_are_not(catalog, tmp_path):
    for template, is_its_own in (("time-series-forecasting/neural", False), (MINIROCKET, True)):
        (catalog / "templates" / template / "notes.md").write_text("new")
        record = record_of(catalog, tmp_path / template.split("/")[1])
        assert record.get("uncommitted_changes", False) is is_its_own


def test_a_catalog_outside_git_has_no_commit(catalog, tmp_path):
    shutil.rmtree(catalog / ".git")
    record = record_of(catalog, tmp_path)
    assert (record["commit"], record["catalog"]) == (None, str(catalog))


def test_a_catalog_inside_another_repository_does_not_take_its_commit(catalog, tmp_path):
    shutil.rmtree(catalog / ".git")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    assert record_of(catalog, tmp_path / "projects")["commit"] is None


@pytest.mark.parametrize(
    ("origin", "remembered"),
    [
        ("https://git.example/team/catalog.git", "https://git.example/team/catalog.git"),
        ("https://someone:secret@git.example/team/catalog.git", "https://git.example/team/catalog.git"),
        ("git@git.example:team/catalog.git", "git@git.example:team/catalog.git"),
        ("ssh://git@git.example/team/catalog.git", "ssh://git@git.example/team/catalog.git"),
        ("/srv/git/catalog", None),
    ],
)
def test_the_address_that_others_can_reach_is_remembered_without_a_password(catalog, tmp_path, origin, remembered):
    git(catalog, "remote", "add", "origin", origin)
    assert record_of(catalog, tmp_path)["catalog"] == (remembered or str(catalog))


def test_the_menu_of_the_catalog_leads_to_the_same_record(catalog, tmp_path, monkeypatch):
    shutil.copy(ROOT / "cookiecutter.json", catalog)
    monkeypatch.chdir(catalog)
    monkeypatch.setenv("PWD", str(catalog))
    config = tmp_path / "config.yaml"
    config.write_text(f"replay_dir: {tmp_path}\ncookiecutters_dir: {tmp_path}\n")
    made = cookiecutter(".", no_input=True, output_dir=str(tmp_path / "projects"), config_file=str(config))
    assert json.loads(Path(made, ".cookiecutter.json").read_text())["template"] == MINIROCKET
