"""`catalog bake` and `catalog carry-back`: a template is edited as the project it makes, and keeps its variables."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOOK = "templates/time-series-classification/minirocket/hooks/post_gen_project.py"
STARTER = "templates/common/starter"
PROJECT = f"{STARTER}/{{{{cookiecutter.project_slug}}}}"
QUESTIONS = """{
  "project_name": "Leaf shapes",
  "project_slug": "{{ cookiecutter.project_name|slugify(separator='_') }}",
  "stac_index": "local",
  "_copy_without_render": ["requirements.txt"]
}
"""
TRAIN = 'first = 1\nproject = "{{ cookiecutter.project_name }}"\nlast = 3\n'
MAKEFILE = "train: .venv/.installed ## train\n\tpython train.py\n"


@pytest.fixture
def catalog(empty):
    """A catalog with one template, the hook and the shared files of the real one, and an empty index."""
    shutil.copytree(ROOT / "templates/shared", empty.root / "templates/shared")
    empty.write(f"{STARTER}/cookiecutter.json", QUESTIONS)
    empty.write(f"{STARTER}/hooks/post_gen_project.py", (ROOT / HOOK).read_text())
    empty.write(f"{PROJECT}/train.py", TRAIN)
    empty.write(f"{PROJECT}/Makefile", MAKEFILE)
    empty.write(f"{PROJECT}/README.md", "# {{ cookiecutter.project_name }}\n")
    empty.write(f"{PROJECT}/pyproject.toml", 'name = "{{ cookiecutter.project_slug }}"\nurl = "STAC_INDEX_ADDRESS"\n')
    empty.write(f"{PROJECT}/requirements.txt", "numpy==2.0\n")
    empty.write("dist/index/index.html", "")
    empty.commit()
    return empty


@pytest.fixture
def baked(catalog):
    """The same, with the template baked into dist/baked/leaf_shapes."""
    run = catalog.run("bake", "starter")
    assert run.returncode == 0, run.stderr
    return catalog


def edit(catalog, name: str, old: str, new: str) -> None:
    catalog.replace(f"dist/baked/leaf_shapes/{name}", old, new)


def carry_back(catalog, *options: str) -> subprocess.CompletedProcess[str]:
    run = catalog.run("carry-back", "starter", *options)
    assert run.returncode in (0, 1), run.stderr
    return run


def changed_files(catalog) -> dict[str, str]:
    """What git sees changed in the catalog, with its new text."""
    names = catalog.git("-c", "core.quotePath=false", "status", "--porcelain=v1", "-uall", "-z").split("\0")
    names = [name[3:] if name[2:3] == " " else name[2:] for name in names if name]  # the first line is stripped
    return {name: (catalog.root / name).read_text() for name in names if (catalog.root / name).is_file()}


# Bake


def test_a_template_is_baked_into_a_project_that_knows_its_origin(catalog):
    head = catalog.git("rev-parse", "HEAD")
    run = catalog.run(
        "bake", "common/starter", "--answers", "project_name=Oak leaves", "stac_index=https://index.example"
    )
    assert run.returncode == 0, run.stderr
    assert "make -C dist/baked/oak_leaves install train" in run.stdout
    folder = catalog.root / "dist/baked/oak_leaves"
    assert (folder / "README.md").read_text() == "# Oak leaves\n"
    assert json.loads((folder / ".cookiecutter.json").read_text()) == {
        "template": "common/starter",
        "catalog": str(catalog.root),
        "commit": head,
        "answers": {
            "project_name": "Oak leaves",
            "project_slug": "oak_leaves",
            "stac_index": "https://index.example",
        },
    }


def test_baking_again_renews_the_files_and_keeps_environment_runs_and_pins(baked):
    for name in (".venv/bin/python", "runs/1/run.yaml"):
        baked.write(f"dist/baked/leaf_shapes/{name}", "kept")
    edit(baked, "requirements.txt", "numpy", "stac-lonely==0.1.0\nnumpy")  # as the first install does
    baked.replace(f"{PROJECT}/train.py", "last = 3", "last = 4")
    baked.write(f"{PROJECT}/new.py", "")
    (baked.root / PROJECT / "README.md").unlink()
    assert baked.run("bake", "starter").returncode == 0
    folder = baked.root / "dist/baked/leaf_shapes"
    assert "last = 4" in (folder / "train.py").read_text()
    assert [(folder / name).is_file() for name in ("new.py", "README.md", ".venv/bin/python")] == [True, False, True]
    assert (folder / "runs/1/run.yaml").is_file()
    assert "stac-lonely" in (folder / "requirements.txt").read_text()


def test_edits_that_were_not_carried_back_are_never_overwritten(baked):
    edit(baked, "train.py", "last = 3", "last = 5")
    run = baked.run("bake", "starter")
    assert (run.returncode, "edits that are not in the template (train.py)" in run.stderr) == (2, True)
    assert "last = 5" in (baked.root / "dist/baked/leaf_shapes/train.py").read_text()
    assert baked.run("bake", "starter", "--force").returncode == 0
    assert "last = 3" in (baked.root / "dist/baked/leaf_shapes/train.py").read_text()


def test_a_folder_that_is_something_else_is_not_baked_over(catalog):
    catalog.write("dist/baked/leaf_shapes/mine.txt", "mine")
    assert "move it away" in catalog.run("bake", "starter", "--force").stderr
    assert [path.name for path in (catalog.root / "dist/baked/leaf_shapes").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bake", "startr"], "did you mean common/starter?"),
        (
            ["bake", "starter", "--answers", "name=x"],
            "'name=x' is no answer: write key=value, with one of project_name",
        ),
        (["bake", "starter", "--answers", "project_slug=2nd"], "project_slug='2nd' is no Python identifier"),
        (["bake", "starter", "--answers", "stac_index=/no/index"], "There is no index of components in /no/index"),
        (["carry-back", "starter"], "common/starter is not baked: catalog bake common/starter"),
    ],
)
def test_a_wrong_call_ends_in_one_line_and_leaves_nothing(catalog, arguments, message):
    run = catalog.run(*arguments)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert message in run.stderr
    assert not (catalog.root / "dist/baked").exists()


# Carry back


def test_a_project_as_it_was_baked_has_nothing_to_carry_back(baked):
    run = carry_back(baked)
    assert (run.returncode, "nothing to carry back" in run.stdout) == (0, True)


def test_edits_are_shown_as_a_diff_of_the_template_and_written_when_asked(baked):
    edit(baked, "train.py", "first = 1", "first = 10")
    shown = carry_back(baked)
    assert f"--- a/{PROJECT}/train.py" in shown.stdout
    assert "-first = 1\n+first = 10\n" in shown.stdout
    assert changed_files(baked) == {}
    carry_back(baked, "--apply")
    assert changed_files(baked) == {f"{PROJECT}/train.py": TRAIN.replace("first = 1", "first = 10")}
    assert "nothing to carry back" in carry_back(baked).stdout
    assert baked.run("bake", "starter").returncode == 0


def test_a_line_with_a_variable_stays_also_between_two_edited_ones(baked):
    edit(baked, "train.py", "first = 1", "first = 10")
    edit(baked, "train.py", "last = 3", "last = 30\nmore = 4")
    assert carry_back(baked, "--apply").returncode == 0
    expected = 'first = 10\nproject = "{{ cookiecutter.project_name }}"\nlast = 30\nmore = 4\n'
    assert changed_files(baked) == {f"{PROJECT}/train.py": expected}


def test_an_edited_line_with_a_variable_is_a_conflict_that_writes_nothing(baked):
    edit(baked, "train.py", '"Leaf shapes"', '"Leaf shapes".upper()')
    edit(baked, "README.md", "# Leaf shapes", "# Leaf shapes\n\nTrains.")
    run = carry_back(baked, "--apply")
    assert run.returncode == 1
    assert f"conflict: {PROJECT}/train.py stays" in run.stdout
    assert list(changed_files(baked)) == [f"{PROJECT}/README.md"]  # the rest is written
    copy = baked.root / "dist/baked/.conflicts/leaf_shapes/train.py"
    text = copy.read_text()
    assert all(line in text for line in ("<<<<<<< the template", '"{{ cookiecutter.project_name }}"', ".upper()"))
    copy.write_text(TRAIN.replace('}}"', '}}".upper()'))
    shutil.copy(copy, baked.root / PROJECT / "train.py")
    assert "nothing to carry back" in carry_back(baked).stdout


def test_what_the_template_changed_meanwhile_stays(baked):
    edit(baked, "train.py", "first = 1", "first = 10")
    baked.replace(f"{PROJECT}/train.py", "last = 3", "last = 30")
    carry_back(baked, "--apply")
    expected = TRAIN.replace("first = 1", "first = 10").replace("last = 3", "last = 30")
    assert changed_files(baked)[f"{PROJECT}/train.py"] == expected


def test_the_composed_makefile_is_carried_back_in_its_two_parts(baked):
    before = (baked.root / "templates/shared/project/Makefile").read_text()
    edit(baked, "Makefile", "\tpython train.py", "\tnice python train.py")
    edit(baked, "Makefile", "\tgit clone --quiet", "\tgit clone")
    run = carry_back(baked, "--apply")
    assert "templates/shared/project/Makefile is shared: the projects of all templates change" in run.stdout
    assert changed_files(baked) == {
        f"{PROJECT}/Makefile": MAKEFILE.replace("python", "nice python"),
        "templates/shared/project/Makefile": before.replace("git clone --quiet", "git clone"),
    }


def test_shared_files_are_carried_back_to_where_they_are_shared(baked):
    edit(baked, ".gitignore", "runs/", "runs/\nscratch/")
    carry_back(baked, "--apply")
    assert list(changed_files(baked)) == ["templates/shared/project/.gitignore"]


def test_a_new_file_is_added_and_its_answers_are_pointed_at(baked):
    baked.write("dist/baked/leaf_shapes/notebooks/look.py", 'title = "Leaf shapes"\nprint(f"{{title}}")\n')
    run = carry_back(baked, "--apply")
    assert "look.py: line 1 holds 'Leaf shapes': should it be {{ cookiecutter.project_name }}?" in run.stdout
    assert baked.run("bake", "starter").returncode == 0
    look = baked.root / "dist/baked/leaf_shapes/notebooks/look.py"
    assert look.read_text() == 'title = "Leaf shapes"\nprint(f"{{title}}")\n'  # rendering leaves the braces


def test_a_deleted_file_is_named_and_stays_in_the_template(baked):
    (baked.root / "dist/baked/leaf_shapes/README.md").unlink()
    run = carry_back(baked, "--apply")
    assert f"deleted: README.md; if the template is to lose it, too: git rm '{PROJECT}/README.md'" in run.stdout
    assert changed_files(baked) == {}
    (baked.root / PROJECT / "README.md").unlink()
    assert "nothing to carry back" in carry_back(baked).stdout


def test_what_git_ignores_and_what_programs_write_is_left_alone(baked):
    for name in ("runs/1/run.yaml", ".venv/x", "__pycache__/train.pyc", "requirements.txt", ".cookiecutter.json"):
        baked.write(f"dist/baked/leaf_shapes/{name}", "x")
    assert "nothing to carry back" in carry_back(baked).stdout


def test_of_two_projects_of_one_template_the_folder_says_which(baked):
    baked.run("bake", "starter", "--answers", "project_name=Oak leaves")
    run = baked.run("carry-back", "starter")
    assert "say which: catalog carry-back dist/baked/leaf_shapes or catalog carry-back dist/baked/oak" in run.stderr
    baked.replace("dist/baked/oak_leaves/train.py", "last = 3", "last = 30")
    assert baked.run("carry-back", "dist/baked/oak_leaves", "--apply").returncode == 0
    assert list(changed_files(baked)) == [f"{PROJECT}/train.py"]


def test_binary_files_are_carried_back_whole(baked):
    picture = baked.root / "dist/baked/leaf_shapes/logo.png"
    picture.write_bytes(b"\x89PNG\0{{\n")
    baked.run("carry-back", "starter", "--apply")
    assert (baked.root / PROJECT / "logo.png").read_bytes() == b"\x89PNG\0{{\n"


def test_an_executable_stays_one(baked):
    script = baked.write("dist/baked/leaf_shapes/run.sh", "#!/bin/sh\n")
    script.chmod(0o755)
    baked.run("carry-back", "starter", "--apply")
    assert (baked.root / PROJECT / "run.sh").stat().st_mode & 0o111
