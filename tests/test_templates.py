"""What all templates have in common: what they write, what they ask, and what they say to wrong answers."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from cookiecutter.exceptions import FailedHookException

from catalog.model import Catalog, Template
from catalog.pinning import with_needs

ROOT = Path(__file__).parents[1]
SHARED = {
    *(".cookiecutter.json", ".gitignore", ".gitlab-ci.yml", "Makefile"),
    *("README.md", "config.yaml", "pyproject.toml", "requirements.txt"),
}
# Template: the files that only its projects have.
TEMPLATES = {
    "time-series-classification/minirocket": {"predict.py", "tests/test_project.py", "train.py"},
    "time-series-classification/inception-time": {"predict.py", "tests/test_project.py", "train.py"},
    "time-series-forecasting/statistical": {"forecast.py", "tests/test_project.py", "train.py"},
    "time-series-forecasting/neural": {"forecast.py", "tests/test_project.py", "train.py"},
    "time-series-anomaly-detection/matrix-profile": {"detect.py", "tests/test_project.py", "train.py"},
    "time-series-anomaly-detection/autoencoder": {"detect.py", "tests/test_project.py", "train.py"},
    "water-cherenkov/muon-identification": {"apply.py", "evaluation.py", "tests/test_project.py", "train.py"},
    "water-cherenkov/primary-classification": {"apply.py", "evaluation.py", "tests/test_project.py", "train.py"},
}
MINIROCKET = "time-series-classification/minirocket"
every_template = pytest.mark.parametrize("template", TEMPLATES)


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# What they write


@every_template
def test_the_project_has_exactly_these_files(bake, template):
    assert files_below(bake(template).folder) == SHARED | TEMPLATES[template]


@every_template
def test_nothing_of_the_template_is_left_over(bake, template):
    project = bake(template, project_name="Blätter (2nd try)")
    assert project.folder.name == "blatter_2nd_try"
    for name in SHARED | TEMPLATES[template]:
        text = (project.folder / name).read_text("utf-8")
        for left_over in ("{{", "cookiecutter.project", "STAC_INDEX_ADDRESS", "TARGETS_OF_THE_TEMPLATE"):
            assert left_over not in text, name


@every_template
def test_every_component_is_bound_to_the_private_index(bake, template):
    # Each could be planted under its name on a public index. uv heeds a source only of what the project itself names,
    # so that what components need of each other is named, too.
    named = Template(ROOT, f"templates/{template}").stac_dependencies
    needed = with_needs(named, Catalog(ROOT))
    sources = tomllib.loads((bake(template).folder / "pyproject.toml").read_text())["tool"]["uv"]["sources"]
    assert sources == {name: {"index": "stac"} for name in needed}, "run `make lock`"
    assert named == needed, "run `make lock`"


@every_template
def test_the_ci_file_is_valid(bake, template):
    ci = bake(template).folder / ".gitlab-ci.yml"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]
    command += ["--data-transform", "gitlab-ci", "--regex-variant", "nonunicode", str(ci)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    assert yaml.safe_load(ci.read_text())["test"]["stage"] == "test"


@every_template
def test_make_alone_lists_the_targets(bake, template):
    shown = bake(template).make()
    for target in ("install", "train", "report", "runs", "test", "lint", "lock", "help"):
        assert f"make {target}" in shown.stdout, shown.stderr


@every_template
def test_its_own_tests_and_lint_pass(copied, template):
    project = copied(template)
    for target in ("lint", "test"):
        result = project.make(target, STAC_CLEARML="off", OMP_NUM_THREADS="1")
        assert result.returncode == 0, result.stdout + result.stderr


def test_the_root_menu_lists_every_template():
    menu = json.loads((ROOT / "cookiecutter.json").read_text())["templates"]
    assert [*menu] == [*TEMPLATES, "component", "template"]  # what contributors begin with comes last
    assert {name: entry["path"] for name, entry in menu.items()} == {name: f"./templates/{name}" for name in menu}
    assert {template.name for template in Catalog(ROOT).templates} == set(TEMPLATES)


def test_a_relative_path_to_the_template_works(tmp_path, clean_environment):
    command = [sys.executable, "-m", "cookiecutter", f"templates/{MINIROCKET}", "--no-input", "-o", str(tmp_path)]
    made = subprocess.run(
        command, cwd=ROOT, env=clean_environment | {"PWD": str(ROOT)}, capture_output=True, text=True, timeout=60
    )
    assert made.returncode == 0, made.stderr
    assert files_below(tmp_path / "leaf_shapes") == SHARED | TEMPLATES[MINIROCKET]


# Wrong answers


@pytest.mark.parametrize(
    ("answers", "explanation"),
    [
        ({"project_slug": "2nd-try"}, "project_slug='2nd-try' is no Python identifier"),
        ({"project_slug": "class"}, "project_slug='class' is no Python identifier"),
        ({"project_slug": "ab"}, "project_slug='ab' is no Python identifier"),
        ({"project_name": 'say "hi"', "project_slug": "hello"}, "cannot be used: give 3 to 80 letters"),
        ({"stac_index": "/no/such/folder"}, "There is no index of components in /no/such/folder"),
        ({"stac_index": "dist/index"}, "is a relative folder"),
    ],
)
def test_a_wrong_answer_is_explained_and_leaves_nothing(bake, capfd, tmp_path_factory, answers, explanation):
    with pytest.raises(FailedHookException):
        bake(MINIROCKET, **answers)
    assert explanation in capfd.readouterr().err
    newest = max(tmp_path_factory.getbasetemp().glob("projects*"), key=lambda path: path.stat().st_mtime_ns)
    assert list(newest.iterdir()) == []
