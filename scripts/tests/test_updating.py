"""`catalog update`: what a project takes over from its template, what stays, and what happens when git cannot tell."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from catalog.pins import merge_pins, without_components
from catalog.rendering import render
from catalog.updating import Repository

STARTER = "templates/common/starter"
PROJECT = f"{STARTER}/{{{{cookiecutter.project_slug}}}}"
TRAIN = "".join(f"step_{number}()\n" for number in range(20))
PYPROJECT = """[project]
name = "{{ cookiecutter.project_slug }}"
dependencies = ["stac-lonely>=0.1,<0.2"]

[[tool.uv.index]]
name = "stac"
url = "https://index.example"
"""


@dataclass
class Project:
    """A project that somebody works in, made from the fake catalog's template, in a git repository."""

    folder: Path
    repository: Path
    catalog: Any  # the fake catalog

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()

    def edit(self, name: str, old: str, new: str) -> None:
        assert old in self.text(name)
        self.write(name, self.text(name).replace(old, new))

    def git(self, *arguments: str) -> str:
        return type(self.catalog)(self.repository).git(*arguments)

    def commit(self, message: str = "Work of mine") -> str:
        self.git("add", "--all")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD")

    def update(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.catalog.run("update", str(self.folder), *arguments)

    def refused(self, *arguments: str) -> str:
        """Update in vain: one line that says why, and nothing has changed."""
        before = self.state()
        run = self.update(*arguments)
        assert (run.returncode, run.stderr.count("\n")) == (2, 1), run.stdout + run.stderr
        assert self.state() == before
        return run.stderr

    def state(self) -> tuple[str, dict[str, bytes]]:
        references = self.git("for-each-ref") if (self.repository / ".git").exists() else ""
        files = {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        return references, {path: content for path, content in files.items() if "/.git/" not in path}


@pytest.fixture
def catalog(empty):
    empty.write(f"{STARTER}/cookiecutter.json", '{"project_name": "Leaf shapes", "project_slug": "leaf_shapes"}')
    empty.write(f"{PROJECT}/train.py", TRAIN)
    empty.write(f"{PROJECT}/README.md", "# {{ cookiecutter.project_name }}\n\nTrains.\n")
    empty.write(f"{PROJECT}/pyproject.toml", PYPROJECT)
    empty.write(f"{PROJECT}/requirements.txt", pins(numpy="2.0", torch="2.9"))
    empty.write(f"{PROJECT}/.gitignore", "runs/\n")
    empty.commit()
    return empty


def make_project(catalog, folder: Path, **answers: str) -> Path:
    """Make a project as cookiecutter does, with the record that the templates' hooks write."""
    project = render(catalog.root / STARTER, answers, folder)
    answers = {"project_name": "Leaf shapes", "project_slug": "leaf_shapes"} | answers
    origin = {"template": "common/starter", "catalog": str(catalog.root), "commit": catalog.git("rev-parse", "HEAD")}
    (project / ".cookiecutter.json").write_text(json.dumps({**origin, "answers": answers}))
    return project


@pytest.fixture
def project(catalog, tmp_path):
    folder = make_project(catalog, tmp_path)
    made = Project(folder, folder, catalog)
    made.git("init", "-q", "-b", "main")
    made.commit("As the template made it")
    return made


def pins(**versions: str) -> str:
    return "".join(
        f"{name}=={version} \\\n    --hash=sha256:{name}{version}a \\\n    --hash=sha256:{name}{version}b\n"
        for name, version in sorted({name.replace("_", "-"): version for name, version in versions.items()}.items())
    )


def test_what_only_the_template_changed_is_taken_over_and_what_only_the_project_changed_stays(catalog, project):
    project.edit("train.py", "step_3()", "my_step()")
    project.write("notes.md", "mine")
    project.commit()
    catalog.replace(f"{PROJECT}/train.py", "step_15()", "better_step()")
    catalog.write(f"{PROJECT}/export.py", 'print("{{ cookiecutter.project_name }}")\n')
    new = catalog.commit()
    run = project.update()
    assert run.returncode == 0, run.stderr
    assert "M\ttrain.py" in run.stdout
    expected = TRAIN.replace("step_3()", "my_step()").replace("step_15()", "better_step()")
    assert (project.text("train.py"), project.text("notes.md")) == (expected, "mine")
    assert project.text("export.py") == 'print("Leaf shapes")\n'
    assert json.loads(project.text(".cookiecutter.json"))["commit"] == new
    assert project.git("status", "--porcelain") == ""


def test_lines_that_both_changed_are_a_conflict_of_git_and_nothing_is_lost(catalog, project):
    project.edit("train.py", "step_3()", "my_step()")
    project.edit("README.md", "Trains.", "Trains on my data.")
    mine = project.commit()
    catalog.replace(f"{PROJECT}/train.py", "step_3()", "better_step()")
    catalog.replace(f"{PROJECT}/README.md", "# {{", "# The {{")
    catalog.commit()
    run = project.update()
    assert run.returncode == 1
    assert "train.py\nGo on: edit them, `git" in run.stdout
    assert "<<<<<<< HEAD\nmy_step()\n=======\nbetter_step()\n>>>>>>> template" in project.text("train.py")
    assert "in the middle of a merge" in project.refused()

    project.git("merge", "--abort")
    assert project.git("diff", mine) == ""
    assert project.update().returncode == 1  # the same again
    project.write("train.py", "both()\n")
    project.commit("Merged")
    assert "Nothing new" in project.update().stdout
    assert project.text("train.py") == "both()\n"


def test_later_updates_start_where_the_last_one_ended(catalog, project):
    for number in (1, 2, 3):
        catalog.replace(f"{PROJECT}/train.py", f"step_{number}()", f"better_{number}()")
        catalog.commit()
        project.edit("train.py", f"step_{number + 10}()", f"mine_{number}()")
        project.commit()
        assert project.update().returncode == 0
    assert project.text("train.py").count("better_") == project.text("train.py").count("mine_") == 3
    assert project.git("rev-list", "--count", "template") == "4"
    assert project.git("show", "template:train.py").count("mine_") == 0  # nothing but the template


def test_nothing_new_changes_nothing(catalog, project):
    before = project.state()
    catalog.write("components/other.md", "not the template")
    catalog.commit()
    run = project.update()
    assert (run.returncode, "Nothing new in common/starter" in run.stdout) == (0, True)
    assert project.state() == before


def test_a_file_renamed_in_the_template_keeps_the_edits_of_the_project(catalog, project):
    project.edit("train.py", "step_3()", "my_step()")
    project.commit()
    (catalog.root / PROJECT / "train.py").rename(catalog.root / PROJECT / "fit.py")
    catalog.commit()
    assert project.update().returncode == 0
    assert "my_step()" in project.text("fit.py")
    assert not (project.folder / "train.py").exists()


def test_a_file_removed_from_the_template_goes_unless_the_project_changed_it(catalog, project):
    project.edit("train.py", "step_3()", "my_step()")
    project.commit()
    for name in ("train.py", "README.md"):
        (catalog.root / PROJECT / name).unlink()
    catalog.commit()
    run = project.update()
    assert (run.returncode, "train.py" in run.stdout) == (1, True)
    assert "my_step()" in project.text("train.py")
    assert not (project.folder / "README.md").exists()


def test_a_new_question_is_answered_by_default_and_an_old_one_is_forgotten(catalog, project):
    questions = '{"project_name": "x", "project_slug": "y", "network": ["cnn", "rnn"]}'
    catalog.write(f"{STARTER}/cookiecutter.json", questions)
    catalog.write(f"{PROJECT}/net.py", "{{ cookiecutter.network }}\n")
    catalog.write(f"{STARTER}/hooks/post_gen_project.py", HOOK)
    catalog.commit()
    run = project.update()
    assert run.returncode == 0, run.stderr
    assert "answered by default: network = cnn" in run.stdout
    assert json.loads(project.text(".cookiecutter.json"))["answers"]["network"] == "cnn"
    assert (project.text("net.py"), project.text("README.md")[:13]) == ("cnn\n", "# Leaf shapes")


HOOK = """import json
answers = json.loads(r'{{ cookiecutter|tojson }}')
answers = {name: value for name, value in answers.items() if name[0] != "_"}
open(".cookiecutter.json", "w").write(json.dumps({"template": "common/starter", "answers": answers}))
"""


def test_an_answer_changed_by_hand_is_taken_over_too(catalog, project):
    catalog.replace(f"{PROJECT}/train.py", "step_1()", "better()")
    catalog.commit()
    assert project.update().returncode == 0
    project.edit(".cookiecutter.json", "Leaf shapes", "Oak leaves")
    project.commit()
    assert project.update().returncode == 0
    assert project.text("README.md").startswith("# Oak leaves")


def test_a_project_inside_a_larger_repository_is_updated_in_its_folder(catalog, tmp_path):
    repository = tmp_path / "work"
    folders = [make_project(catalog, repository / "models", project_slug=name) for name in ("oak_leaves", "ash_leaves")]
    oak, ash = (Project(folder, repository, catalog) for folder in folders)
    (repository / "train.py").write_text(TRAIN)
    oak.git("init", "-q", "-b", "main")
    oak.commit()
    catalog.replace(f"{PROJECT}/train.py", "step_3()", "better_step()")
    catalog.commit()
    for project in (oak, ash):
        run = project.update()
        assert run.returncode == 0, run.stderr
        assert "better_step()" in project.text("train.py")
    assert (repository / "train.py").read_text() == TRAIN
    assert oak.git("branch", "--format=%(refname:short)").split() == [
        *("main", "template-models-ash_leaves", "template-models-oak_leaves")
    ]
    assert "Nothing new" in oak.update().stdout


def test_runs_and_ignored_files_are_not_touched(catalog, project):
    (project.folder / "runs").mkdir()
    project.write("runs/ignored.txt", "ignored")
    project.write("runs/tracked.txt", "tracked")
    project.git("add", "--force", "runs/tracked.txt")
    project.commit()
    project.write("untracked.txt", "untracked")
    catalog.replace(f"{PROJECT}/train.py", "step_3()", "better_step()")
    catalog.commit()
    assert project.update().returncode == 0
    texts = [project.text(name) for name in ("runs/ignored.txt", "runs/tracked.txt", "untracked.txt")]
    assert texts == ["ignored", "tracked", "untracked"]


def test_an_untracked_file_in_the_way_is_kept_and_named(catalog, project):
    catalog.write(f"{PROJECT}/export.py", "the template's")
    catalog.commit()
    project.write("export.py", "mine")
    run = project.update()
    assert (run.returncode, "export.py" in run.stderr) == (2, True)
    assert project.text("export.py") == "mine"
    project.commit()
    assert project.update().returncode == 1  # now git sees both, and a conflict
    assert "mine" in project.text("export.py")


@pytest.mark.parametrize(
    ("step", "call"), [("rendering", 2), ("commit_rendering", 1), ("remember_as_merged", 1), ("commit_rendering", 2)]
)
def test_an_update_that_was_interrupted_is_simply_run_again(catalog, project, step, call):
    project.edit("train.py", "step_3()", "my_step()")
    project.commit()
    catalog.replace(f"{PROJECT}/train.py", "step_15()", "better_step()")
    catalog.commit()
    original, calls = getattr(Repository, step), []

    def dies_after_its_work(*arguments, **options):
        calls.append(original(*arguments, **options))
        if len(calls) == call:
            raise KeyboardInterrupt
        return calls[-1]

    with patch.object(Repository, step, dies_after_its_work):
        assert project.update().returncode == 130
    assert project.git("status", "--porcelain") == ""
    second = project.update()
    assert second.returncode == 0, second.stderr
    assert project.text("train.py") == TRAIN.replace("step_3()", "my_step()").replace("step_15()", "better_step()")


def test_an_update_that_was_interrupted_in_its_merge_can_be_finished_or_taken_back(catalog, project):
    catalog.replace(f"{PROJECT}/train.py", "step_15()", "better_step()")
    catalog.commit()
    with patch("catalog.updating._settle_pins", side_effect=KeyboardInterrupt):
        assert project.update().returncode == 130
    assert "`git merge --abort`" in project.refused()
    project.git("merge", "--abort")
    assert project.text("train.py") == TRAIN
    assert project.update().returncode == 0
    assert "better_step()" in project.text("train.py")


def test_an_update_that_was_squashed_is_no_obstacle_to_the_next(catalog, project):
    project.edit("train.py", "step_3()", "my_step()")
    main = project.commit()
    catalog.replace(f"{PROJECT}/train.py", "step_15()", "better_step()")
    catalog.commit()
    assert project.update().returncode == 0
    messages = project.git("log", "--format=%B", "HEAD")  # as a merge request that is squashed would have it
    project.git("reset", "--soft", main)
    project.commit(messages)
    project.git("branch", "-D", "template")
    catalog.replace(f"{PROJECT}/train.py", "step_9()", "best_step()")
    catalog.commit()
    assert project.update().returncode == 0
    text = project.text("train.py")
    assert all(step in text for step in ("my_step()", "better_step()", "best_step()")), text


def test_the_pins_are_merged_by_package_and_the_components_are_pinned_anew(catalog, project):
    project.write("requirements.txt", pins(numpy="2.0", seaborn="0.13", stac_lonely="0.1.0", torch="2.9"))
    project.commit()
    catalog.write(f"{PROJECT}/requirements.txt", pins(numpy="2.1", scipy="1.9", torch="2.9"))
    catalog.commit()
    run = project.update()
    assert run.returncode == 0, run.stderr
    assert "pinned anew by the next `make install`" in run.stdout
    assert project.text("requirements.txt") == pins(numpy="2.1", scipy="1.9", seaborn="0.13", torch="2.9")


def test_the_pins_stay_when_the_template_changes_something_else(catalog, project):
    mine = pins(numpy="2.2", seaborn="0.13", stac_lonely="0.1.0", torch="2.9")
    project.write("requirements.txt", mine)
    project.commit()
    catalog.replace(f"{PROJECT}/train.py", "step_15()", "better_step()")
    catalog.commit()
    assert "pinned anew" not in project.update().stdout
    assert project.text("requirements.txt") == mine


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ({"a": "1"}, {"a": "1"}, {"a": "2"}, {"a": "2"}),
        ({"a": "1"}, {"a": "3"}, {"a": "2"}, {"a": "3"}),
        ({"a": "1"}, {"a": "1.9"}, {"a": "1.10"}, {"a": "1.10"}),
        ({"a": "1"}, {"a": "2"}, {"a": "1"}, {"a": "2"}),
        ({"a": "1", "b": "1"}, {"a": "1", "b": "1"}, {"b": "1"}, {"b": "1"}),
        ({"a": "1"}, {"a": "2"}, {}, {"a": "2"}),
        ({"a": "1"}, {}, {"a": "2"}, {}),
        ({}, {"b": "1"}, {"a": "1"}, {"a": "1", "b": "1"}),
    ],
)
def test_a_pin_is_as_who_changed_it_has_it_the_higher_where_both_did(base, ours, theirs, merged):
    assert merge_pins(*(pins(**versions) for versions in (base, ours, theirs))) == pins(**merged)


def test_pins_for_several_environments_stay_together():
    text = "numpy==1.26 ; python_version < '3.12' \\\n    --hash=x\nnumpy==2.1 ; python_version >= '3.12'\n"
    assert merge_pins("", text, text.replace("2.1", "2.2")) == text.replace("2.1", "2.2")
    assert without_components(text + pins(stac_lonely="0.1.0")) == text


# What is refused


def test_a_project_outside_git_is_told_how_to_get_into_it(catalog, tmp_path):
    folder = make_project(catalog, tmp_path)
    message = Project(folder, folder, catalog).refused()
    assert f"cd {folder} && git init && git add --all && git commit" in message


def test_a_project_that_a_larger_repository_ignores_is_told_to_become_one(catalog):
    folder = make_project(catalog, catalog.root / "dist")
    message = Project(folder, catalog.root, catalog).refused()
    assert f"cd {folder} && git init && git add --all" in message


def test_a_project_that_was_never_committed_is_told_so(catalog, tmp_path):
    folder = make_project(catalog, tmp_path)
    project = Project(folder, folder, catalog)
    project.git("init", "-q")
    assert "is not committed yet: cd " in project.refused()


def test_changes_that_are_not_committed_are_named(project):
    project.edit("train.py", "step_3()", "my_step()")
    assert "changes that are not committed (train.py)" in project.refused()


def test_a_detached_head_is_refused(project):
    project.git("switch", "-q", "--detach")
    assert "is on no branch" in project.refused()


def test_a_branch_of_that_name_with_other_content_is_refused(project):
    project.git("branch", "template")
    assert "git branch --move template" in project.refused()


def test_a_record_without_commit_asks_for_one(catalog, project):
    record = json.loads(project.text(".cookiecutter.json"))
    project.write(".cookiecutter.json", json.dumps(record | {"commit": None}))
    project.commit()
    assert "catalog update " in project.refused()
    base = catalog.git("rev-parse", "HEAD")
    catalog.replace(f"{PROJECT}/train.py", "step_15()", "better_step()")
    new = catalog.commit()
    assert project.update("--base", base).returncode == 0
    assert json.loads(project.text(".cookiecutter.json"))["commit"] == new


def test_uncommitted_changes_of_the_catalog_count_as_the_projects_own(catalog, project):
    record = json.loads(project.text(".cookiecutter.json"))
    project.write(".cookiecutter.json", json.dumps(record | {"uncommitted_changes": True}))
    project.edit("train.py", "step_3()", "not_committed()")
    project.commit()
    catalog.replace(f"{PROJECT}/train.py", "step_15()", "better_step()")
    catalog.commit()
    assert "made with uncommitted changes" in project.update().stdout
    assert "not_committed()" in project.text("train.py")
    assert "uncommitted_changes" not in json.loads(project.text(".cookiecutter.json"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"commit": "0" * 40}, "has no commit"),
        ({"template": "common/gone"}, "has no template common/gone"),
        ({"answers": ["x"]}, '"answers" a table'),
    ],
)
def test_a_record_that_leads_nowhere_is_told(project, change, message):
    record = json.loads(project.text(".cookiecutter.json"))
    project.write(".cookiecutter.json", json.dumps(record | change))
    project.commit()
    assert message in project.refused()


def test_a_project_without_record_is_told(project):
    (project.folder / ".cookiecutter.json").unlink()
    project.commit()
    assert "has no .cookiecutter.json" in project.refused()


def test_a_commit_hook_that_refuses_leaves_a_merge_to_finish(catalog, project):
    hook = project.folder / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho lint failed >&2; exit 1\n")
    hook.chmod(0o755)
    catalog.replace(f"{PROJECT}/train.py", "step_15()", "better_step()")
    catalog.commit()
    run = project.update()
    assert (run.returncode, "lint failed" in run.stderr) == (2, True)
    hook.unlink()
    project.git("commit", "--no-edit")
    assert "Nothing new" in project.update().stdout
