"""The way of a contributor, in a copy of the catalog: begin something, fill it in, see the checks pass."""

import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter

from catalog.checks import load_rule, load_rules
from catalog.model import CATEGORIES, PROBLEMS, Catalog
from catalog.scaffolding import find, model_of, models_for

ROOT = Path(__file__).parents[1]
PROJECT_FILES = {
    *(".cookiecutter.json", ".gitignore", ".gitlab-ci.yml", "Makefile", "README.md", "config.yaml", "pyproject.toml"),
    *("requirements.txt", "tests/test_project.py", "train.py"),
}


@dataclass
class Copy:
    """A copy of the catalog's files as they are now, to add to at will."""

    folder: Path
    config: Path

    def begin(self, scaffold: str, **answers: str) -> Path:
        """Answer a scaffold's questions; return the new folder."""
        before = set(self.folder.glob("components/*/*/*")) | set(self.folder.glob("templates/*/*"))
        cookiecutter(
            str(self.folder / "templates" / scaffold),
            no_input=True,
            extra_context=answers,
            output_dir=str(self.config.parent),
            config_file=str(self.config),
        )
        after = set(self.folder.glob("components/*/*/*")) | set(self.folder.glob("templates/*/*"))
        (new,) = after - before
        return new

    def python(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run Python with the tools of this environment, and with the tool and the new components of the copy."""
        return self.run([sys.executable, *arguments])

    def make(self, scaffold: str, **answers: str) -> subprocess.CompletedProcess[str]:
        """Begin something as a contributor does, but with the tools of this environment."""
        words = shlex.join(["--no-input", *(f"{name}={answer}" for name, answer in answers.items())])
        command = ["make", "--old-file=.venv/.tools", f"PYTHON={sys.executable}", scaffold, f"ARGS={words}"]
        return self.run(command)

    def run(self, command: list[str | Path], typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in the copy, with what somebody types."""
        new = [path for path in self.folder.glob("components/*/*/*/src") if not (ROOT / self.relative(path)).exists()]
        paths = os.pathsep.join(map(str, [self.folder / "scripts", *new]))
        changed = {
            "PYTHONPATH": paths,
            "OMP_NUM_THREADS": "1",
            "HOME": str(self.config.parent),
            "PYTEST_DEBUG_TEMPROOT": str(self.config.parent),  # as in clean_environment
            "PWD": str(self.folder),
        }
        return subprocess.run(
            command,
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PYTEST"))}
            | changed,
            input=typed,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def relative(self, path: Path) -> Path:
        return path.relative_to(self.folder)

    def ruff(self, folder: Path) -> str:
        """Return what ruff says of style and formatting; nothing when all is well."""
        style = self.python("-m", "ruff", "check", "--quiet", "--no-cache", folder)
        layout = self.python("-m", "ruff", "format", "--diff", "--quiet", "--no-cache", folder)
        return style.stdout + style.stderr + layout.stdout


@pytest.fixture
def copy(tmp_path) -> Copy:
    """Copy what git knows and what is new, without what nothing here looks at."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    for name in listed:
        if (ROOT / name).is_file() and not re.match(r"docs/|demo/|benchmarks/|tests/|components/.*/(src|tests)/", name):
            (tmp_path / "catalog" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / "catalog" / name)
    config = tmp_path / "elsewhere" / "config.yaml"
    config.parent.mkdir()
    config.write_text(f"replay_dir: {config.parent}\ncookiecutters_dir: {config.parent}\n")
    return Copy(tmp_path / "catalog", config)


def files_below(folder: Path) -> set[str]:
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {file.as_posix() for file in files if "__pycache__" not in file.parts}


def marks_in(output: str) -> list[str]:
    """Return what `catalog check` complains about, without the last lines."""
    return [line.strip() for line in output.splitlines() if line.startswith("  ")]


# Components

# What is asked for, and the kind that follows.
COMPONENTS = {
    "a function": ({"name": "some-function"}, "atomic"),
    "a function on others": ({"name": "more-function", "builds_on": "sliding-window, standardize"}, "composite"),
    "a transformer": ({"name": "some-transformer", "what": "transformer", "category": "training"}, "composite"),
    "a classifier on another": (
        {"name": "a-name-that-is-as-long-as-names-may-be-1", "what": "classifier", "builds_on": "array-files",
         "problem": "time-series-classification", "category": "visualization"}, "composite",
    ),
    "a detector": (
        {"name": "some-detector", "what": "detector", "problem": "time-series-anomaly-detection", "category": "models"},
        "composite",
    ),
    "a forecaster on another": (
        {"name": "some-forecaster", "what": "forecaster", "builds_on": "backtest",
         "problem": "time-series-forecasting", "category": "models"}, "composite",
    ),
}  # fmt: skip


def test_a_new_component_passes_every_check_but_its_marks(copy):
    for what, (answers, kind) in COMPONENTS.items():
        folder = copy.begin("component", **answers)
        path = f"components/{answers.get('problem', 'common')}/{answers.get('category', 'data-processing')}"
        assert copy.relative(folder).as_posix() == f"{path}/{answers['name']}", what
        module = answers["name"].replace("-", "_")
        package = f"src/stac/{folder.parent.name.replace('-', '_')}/{module}"
        assert files_below(folder) == {
            *("CHANGELOG.md", "README.md", "pyproject.toml", "examples/first_steps.py", f"tests/test_{module}.py"),
            *(f"{package}/__init__.py", f"{package}/py.typed"),
        }
        assert f'kind = "{kind}"' in (folder / "pyproject.toml").read_text()
        assert copy.ruff(folder) == "", what
    names = [answers["name"] for answers, _ in COMPONENTS.values()]
    checked = copy.python("-m", "catalog", "check", *names)
    assert checked.returncode == 1
    assert {line.split(":")[0] for line in marks_in(checked.stdout)} == {"placeholders"}, checked.stdout
    assert all("fill me in" in line.lower() for line in marks_in(checked.stdout)), checked.stdout


@pytest.mark.slow
def test_a_new_component_of_every_kind_passes_its_own_tests(copy):
    folders = [copy.begin("component", **answers) for answers, _ in COMPONENTS.values()]
    tested = copy.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", *folders)
    assert tested.returncode == 0, tested.stdout
    assert "skipped" not in tested.stdout


ANSWERS = {
    "name": "zero-crossing-rate",
    "description": "Tells how often series change their sign, a cheap measure of how fast they oscillate.",
    "tags": "features, frequency",
}
# What a contributor writes in place of the marks.
WRITTEN = {
    "CHANGELOG.md": {"Fill me in: what users find in this first version.": "`zero_crossing_rate` of each channel."},
    "README.md": {
        r"Fill me in: the method .*": "Two neighbours of different signs are a crossing; zero counts as positive.",
    },
    "examples/first_steps.py": {"Fill me in: .*own.": "The rate of a sine tells its frequency."},
    "src/stac/data_processing/zero_crossing_rate/__init__.py": {
        r"Fill me in: what a user must know.*": "A crossing lies between two time points; zero counts as positive.",
        r"Fill me in: what it gives, and in which unit\.": "Share of the steps that change the sign, from 0 to 1.",
        r"np.array\(\[\[\[1.0, 2.0, 6.0\]\]\]\)": "np.array([[[1.0, -2.0, -6.0]]])",
        r"array\(\[\[3\.\]\]\)": "array([[0.5]])",
        r"    return _as_series\(X\).*": "    return np.diff(_as_series(X) >= 0, axis=-1).mean(axis=-1)",
    },
    "tests/test_zero_crossing_rate.py": {
        "Fill me in: what .* sentence.": "Crossings are counted as by hand, and bad input is explained.",
        "  # Fill me in: a case of yours": "",
        r"\[\[\[1.0, 2.0, 6.0\], \[0.0, 0.0, 0.0\]\]\]": "[[[1.0, -2.0, -6.0], [0.0, 0.0, 0.0]]]",
        r"\[\[3.0, 0.0\]\]": "[[0.5, 0.0]]",
    },
}


def test_from_the_first_question_to_green_checks(copy):
    begun = copy.make("component", **ANSWERS)
    assert begun.returncode == 0, begun.stderr
    folder = copy.folder / "components/common/data-processing/zero-crossing-rate"
    assert "catalog check zero-crossing-rate" in begun.stdout

    marked = copy.python("-m", "catalog", "check", "zero-crossing-rate")
    assert marked.returncode == 1
    assert "placeholders: CHANGELOG.md: line 5 still holds 'Fill me in: what users find" in marked.stdout

    for name, replacements in WRITTEN.items():
        text = (folder / name).read_text("utf-8")
        for mark, words in replacements.items():
            text, times = re.subn(mark, words, text)
            assert times == 1, f"{name}: {mark}"
        (folder / name).write_text(text, "utf-8")
    checked = copy.python("-m", "catalog", "check", "zero-crossing-rate")
    assert checked.stdout.startswith("All is well"), checked.stdout
    assert copy.ruff(folder) == ""
    tested = copy.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", folder)
    assert tested.returncode == 0, tested.stdout
    built = copy.python("-m", "catalog", "build", "zero-crossing-rate")
    assert built.returncode == 0, built.stderr
    assert copy.python("-m", "catalog", "check", "zero-crossing-rate", "--wheels").returncode == 0
    assert "stac-zero-crossing-rate" in copy.python("-m", "catalog", "search", "crossing").stdout


def test_setup_installs_a_new_component_and_not_all_of_them_again(copy):
    (copy.folder / ".venv").mkdir()
    (copy.folder / ".venv" / ".installed").touch()
    copy.begin("component", name="median-slope")
    shown = copy.run(["make", "--dry-run", f"UV={shutil.which('uv')}", "setup"])
    assert shown.returncode == 0, shown.stderr
    assert re.findall(r"--editable (\S+)", shown.stdout) == ["components/common/data-processing/median-slope"]
    assert "pip sync" not in shown.stdout
    (copy.folder / "requirements.txt").touch()
    shown = copy.run(["make", "--dry-run", f"UV={shutil.which('uv')}", "setup"])
    assert len(re.findall(r"--editable \S+", shown.stdout)) == len(Catalog(copy.folder).components) + 1  # and the tool
    assert "pip sync" in shown.stdout


# Templates

SCRIPTS = {
    "time-series-classification": "predict.py",
    "time-series-forecasting": "forecast.py",
    "time-series-anomaly-detection": "detect.py",
    "water-cherenkov": "predict.py",
}


def bake(copy: Copy, template: Path) -> Path:
    return Path(
        cookiecutter(
            str(template),
            no_input=True,
            extra_context={"stac_index": str(ROOT / "dist" / "index")},
            output_dir=str(copy.config.parent / template.parent.name),
            config_file=str(copy.config),
        )
    )


def test_a_new_template_makes_projects_and_has_nothing_left_but_its_marks(copy):
    for problem, script in SCRIPTS.items():
        template = copy.begin("template", problem=problem, technique="first-steps")
        project = bake(copy, template)
        assert files_below(project) == PROJECT_FILES | {script}
        for name in PROJECT_FILES | {script}:
            text = (project / name).read_text("utf-8")
            for left_over in ("{{", "@{", "}@", "{%", "ITS_", "TARGETS_OF_THE_TEMPLATE"):
                assert left_over not in text, f"{problem}: {name}"
        assert copy.ruff(project) == "", problem
    catalog = Catalog(copy.folder)
    assert {f"{problem}/first-steps" for problem in SCRIPTS} <= {template.name for template in catalog.templates}
    menu = list(json.loads((copy.folder / "cookiecutter.json").read_text())["templates"])
    assert menu[-2:] == ["component", "template"]
    assert menu[-6:-2] == [f"{problem}/first-steps" for problem in SCRIPTS]
    problems = load_rule("placeholders").run_on_repository(catalog)
    for template in (one for one in catalog.templates if one.name.endswith("/first-steps")):
        problems += [problem for rule in load_rules() for problem in rule.run_on_template(template, catalog)]
    assert {problem.rule for problem in problems} == {"placeholders"}
    assert len({problem.path for problem in problems}) >= 4 * len(SCRIPTS)


@pytest.mark.slow
def test_a_project_of_a_new_template_installs_and_trains(copy, clean_environment):
    template = copy.begin("template", problem="time-series-forecasting", technique="last-year", title="Last year again")
    (copy.folder / "dist").symlink_to(ROOT / "dist")
    pinned = copy.python("-m", "catalog", "pin", "time-series-forecasting/last-year")
    assert pinned.returncode == 0, pinned.stderr
    assert "last-year: " in pinned.stdout
    pyproject = (template / "{{cookiecutter.project_slug}}" / "pyproject.toml").read_text()
    assert '"stac-forecast-metrics' in pyproject.partition("indirect = [")[2]

    project = bake(copy, template)
    for target in ("install", "train", "test", "lint"):
        done = subprocess.run(
            ["make", target],
            cwd=project,
            env=clean_environment | {"STAC_CLEARML": "off", "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert list(project.glob("runs/*/report.html"))


@pytest.mark.parametrize("recipe", ["classification", "forecasting", "anomaly-detection"])
def test_every_model_that_a_template_may_begin_with_can_be_made_as_it_is(recipe):
    known = models_for(recipe)
    assert {"minirocket", "seasonal-naive", "spectral-residual"}.intersection(known)
    for name in known:
        module, model = model_of(find(name))
        assert getattr(importlib.import_module(module), model)().get_params() is not None


# Wherever it is called from


def test_the_menu_of_the_root_leads_to_the_scaffolds_which_write_into_their_place(copy):
    choice = len(json.loads((copy.folder / "cookiecutter.json").read_text())["templates"]) - 1
    before = files_below(copy.folder)
    typed = "\n".join([str(choice), "median-slope", "", "", "", "", "Tells how series rise.", "trend", ""])
    begun = copy.run([sys.executable, "-m", "cookiecutter", "."], typed)
    assert begun.returncode == 0, begun.stderr
    assert "catalog check median-slope" in begun.stdout
    new = files_below(copy.folder) - before
    assert new
    assert all(name.startswith("components/common/data-processing/median-slope/") for name in new)


@pytest.mark.parametrize("options", [[], ["--output-dir", "made-here"]])
def test_it_can_be_called_from_elsewhere(copy, options):
    elsewhere = copy.config.parent
    template = os.path.relpath(copy.folder / "templates" / "template", elsewhere)
    command = [sys.executable, "-m", "cookiecutter", template, "--no-input", "technique=far-away", *options]
    environment = os.environ | {"HOME": str(elsewhere), "PWD": str(elsewhere)}
    begun = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=60)
    assert begun.returncode == 0, begun.stderr
    assert (copy.folder / "templates/time-series-classification/far-away/cookiecutter.json").exists()
    assert not list(elsewhere.rglob("new-template-*"))


# Refusals


def test_a_refused_answer_is_one_line_and_nothing_is_written(copy):
    before = files_below(copy.folder)
    for scaffold, answers, words in [
        ("component", {"name": "standardize"}, "There is a component standardize already"),
        ("component", {"name": "new", "problem": "physics"}, "problem 'physics' is unknown: choose common"),
        ("template", {"technique": "minirocket"}, "templates/time-series-classification/minirocket exists already"),
    ]:
        refused = copy.make(scaffold, **answers)
        assert refused.returncode != 0
        lines = [line for line in refused.stderr.splitlines() if not line.startswith("make: ")]
        assert len(lines) == 1, refused.stderr
        assert words in lines[0]
    assert files_below(copy.folder) == before


def test_after_a_refusal_the_questions_come_again_with_the_answers_given(copy):
    refused = ["standardize", "", "4", "2", "", "Tells how series rise.", "trend"]
    corrected = ["median-slope", "", "", "", "", "", "", ""]
    begun = copy.run([sys.executable, "-m", "catalog.scaffolding", "component"], "\n".join([*refused, *corrected]))
    assert begun.returncode == 0, begun.stderr
    assert "There is a component standardize already" in begun.stderr
    folder = copy.folder / "components/common/models/median-slope"
    assert "Tells how series rise." in (folder / "README.md").read_text()
    assert "class MedianSlope" in next(folder.glob("src/stac/models/*/__init__.py")).read_text()


def test_without_anybody_to_ask_nothing_is_written(copy):
    before = files_below(copy.folder)
    stopped = copy.run([sys.executable, "-m", "catalog.scaffolding", "component"], "some-name\n")
    assert stopped.returncode != 0
    assert stopped.stderr.strip() == "Stopped: nothing was written."
    assert files_below(copy.folder) == before


def test_the_questions_offer_what_the_catalog_knows():
    of_component, of_template = (
        json.loads((ROOT / "templates" / name / "cookiecutter.json").read_text()) for name in ("component", "template")
    )
    assert sorted(of_component["problem"]) == sorted(of_template["problem"]) == sorted(PROBLEMS)
    assert sorted(of_component["category"]) == sorted(CATEGORIES)


def test_the_commands_of_the_guide_exist():
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", guide)) <= targets
    from catalog.cli import COMMANDS

    assert set(re.findall(r"\bcatalog ([a-z-]+)", guide)) <= set(COMMANDS)
