"""Every rule: one component that satisfies it, and the ways to break it."""

import shutil
import subprocess
import sys
import zipfile

import pytest

from catalog.checks import load_rule, load_rules, rule_names
from catalog.checks.no_registry_hosts import HOSTS
from catalog.model import Catalog

SCALE = "components/common/data-processing/scale"
PACKAGE = f"{SCALE}/src/stac/data_processing/scale"
STARTER = "templates/time-series-classification/starter/{{cookiecutter.project_slug}}"
MODEL = "components/time-series-classification/models/forest"


def append(file, text):
    def change(fake):
        path = fake.root / file
        fake.write(file, (path.read_text() if path.exists() else "") + text)

    return change


def replace(file, old, new):
    return lambda fake: fake.replace(file, old, new)


def delete(file):
    return lambda fake: (fake.root / file).unlink()


def rename(old, new):
    return lambda fake: (fake.root / old).rename(fake.root / new)


def on_a_branch(*changes):
    """Make the changes on a branch of their own, committed."""

    def change_all(fake):
        fake.git("switch", "-qc", "work")
        for change in changes:
            change(fake)
            fake.commit()

    return change_all


STARTER = "templates/time-series-classification/starter"
PROJECT = f"{STARTER}/{{{{cookiecutter.project_slug}}}}"
QUESTIONS = f"{STARTER}/cookiecutter.json"
CI = "stages:\n  - test\n\ncheck:\n  stage: test\n  script:\n    - make check\n"
TOML = f"{SCALE}/pyproject.toml"
CODE = f"{PACKAGE}/__init__.py"
README = f"{SCALE}/README.md"
CHANGELOG = f"{SCALE}/CHANGELOG.md"

# rule, what is done to the fake catalog, what the message must say
BROKEN = [
    ("names-and-paths", replace(TOML, '"stac-scale"', '"stac-scales"'), "name is 'stac-scales'"),
    ("names-and-paths", replace(TOML, 'problem = "common"', 'problem = "other"'), "problem is 'other'"),
    ("names-and-paths", replace(TOML, '"data-processing"', '"models"'), "category is 'models'"),
    ("names-and-paths", rename(PACKAGE, f"{PACKAGE}s"), "stac.data_processing.scale is missing"),
    ("names-and-paths", lambda fake: fake.component("common/models/scale"), "has the same name"),
    ("namespace-purity", append(f"{SCALE}/src/stac/__init__.py", ""), "src/stac/__init__.py"),
    ("namespace-purity", append(f"{PACKAGE}/../__init__.py", ""), "__init__.py"),
    ("namespace-purity", append(f"{SCALE}/src/other/x.py", ""), "src/other"),
    ("required-files", delete(README), "README.md: is missing"),
    ("required-files", delete(CHANGELOG), "CHANGELOG.md: is missing"),
    ("required-files", delete(f"{PACKAGE}/py.typed"), "py.typed: is missing"),
    ("required-files", delete(f"{SCALE}/tests/test_scale.py"), "tests/test_scale.py: is missing"),
    ("required-files", delete(f"{SCALE}/examples/show.py"), "holds no script"),
    ("metadata", replace(TOML, "for tests.", "for tests"), "is not one sentence"),
    ("metadata", replace(TOML, 'version = "0.1.0"', 'version = "first"'), "version 'first'"),
    ("metadata", replace(TOML, "BSD-3-Clause", "MIT"), "license is 'MIT'"),
    ("metadata", replace(TOML, ">=3.11", ">=3.8"), "requires-python is '>=3.8'"),
    ("metadata", replace(TOML, 'kind = "atomic"', 'kind = "molecular"'), "kind is 'molecular'"),
    ("metadata", replace(TOML, '"testing"', '"Testing"'), "tag 'Testing'"),
    ("metadata", replace(TOML, 'tags = ["testing", "scale"]', "tags = []"), "has no tags"),
    ("metadata", replace(TOML, "poetry.core.masonry.api", "hatchling.build"), "[build-system]"),
    ("metadata", replace(TOML, 'from = "src"', 'from = "lib"'), "[tool.poetry]"),
    ("metadata", append(TOML, '\n[project.scripts]\nx = "stac.models.x:main"\n'), "outside stac.data_processing.scale"),
    ("imports-declared", append(CODE, "import numpy\n"), "imports numpy"),
    ("imports-declared", append(CODE, "def f():\n    import sklearn.base\n"), "add scikit-learn"),
    ("imports-declared", append(CODE, "from stac.models import forest\n"), "add stac-forest"),
    ("imports-declared", append(CODE, "import stac.models\n"), "name the component"),
    ("imports-declared", append(CODE, "import importlib\nimportlib.import_module('yaml')\n"), "add pyyaml"),
    ("imports-declared", append(CODE, "def f(:\n"), "is not valid Python"),
    ("imports-declared", replace(TOML, "dependencies = []", 'dependencies = ["stac-forest"]'), "never imported"),
    ("kind-matches", replace(TOML, "dependencies = []", 'dependencies = ["stac-forest"]'), "needs stac-forest"),
    ("kind-matches", replace(TOML, '"atomic"', '"composite"'), "needs no other component"),
    ("ranges-admit-workspace", replace(TOML, "stac-checks>=0.1,<0.2", "stac-checks>=0.2,<0.3"), "does not admit 0.1.0"),
    ("ranges-admit-workspace", replace(TOML, "stac-checks>=0.1,<0.2", "stac-checks>=0.1"), "upper bound"),
    ("ranges-admit-workspace", replace(TOML, "stac-checks>", "stac-chekcs>"), "not in the catalog"),
    ("ranges-admit-workspace", replace(TOML, ">=0.1,<0.2", " of today"), "is no requirement"),
    ("ranges-admit-workspace", replace(TOML, "checks>=0.1,<0.2", "checks @ file:///x"), "names a place"),
    (
        "sources-match",
        replace(TOML, "stac-checks = {", "stac-forest = {"),
        "names stac-forest, which is required nowhere",
    ),
    ("sources-match", replace(TOML, "stac-checks = { workspace = true }", ""), "does not lead stac-checks"),
    ("sources-match", replace(TOML, "{ workspace = true }", '{ path = "../x" }'), "does not lead stac-checks"),
    ("readme-sections", replace(README, "# scale", "# Scale"), "begin with: # scale"),
    ("readme-sections", replace(README, "## Usage", "## Use"), "has no section Usage"),
    ("readme-sections", replace(README, "install stac-scale", "install scale"), "put a bash block"),
    ("readme-sections", replace(README, "```python", "```"), "shows no usage"),
    ("readme-sections", replace(README, "`testing`, ", ""), "write `testing`, `scale`"),
    ("readme-sections", append(README, "\n## Installation\n"), "in the order"),
    ("changelog", replace(CHANGELOG, "0.1.0", "0.2.0"), "the newest entry is 0.2.0, the version is 0.1.0"),
    ("changelog", replace(CHANGELOG, "- First version.\n", ""), "0.1.0 says nothing"),
    ("changelog", append(CHANGELOG, "\n## 0.3.0\n\n- Later.\n"), "not in order"),
    ("changelog", replace(CHANGELOG, "## 0.1.0", "## 0.1.0\n\n- New.\n\n## soon"), "Invalid version"),
    ("placeholders", append(CODE, f"# TO{''}DO\n"), "line 5 still holds"),
    ("placeholders", append(README, "{{ name }}"), "still holds '{{'"),
    ("placeholders", append(CODE, "# Fill me in\n"), "still holds 'Fill me in'"),
    ("placeholders", append(README, "Fill me in: its source; more."), "still holds 'Fill me in: its source' →"),
    (
        "placeholders",
        append(f"{STARTER}/Makefile", "# Fill me in: why\n"),
        "Makefile: line 1 still holds 'Fill me in: why'",
    ),
    ("placeholders", append("cookiecutter.json", '"Fill me in: one line"'), "cookiecutter.json: line 14 still holds"),
    (
        "public-names",
        lambda fake: fake.component("common/testing/validator"),
        "stac-validator is a distribution of others",
    ),
    ("no-registry-hosts", append(README, f"https://{HOSTS[0]}/x"), "public registry"),
    ("heavy-imports", append(CODE, "import torch\n"), "imports torch at once"),
    ("heavy-imports", append(CODE, "try:\n    import pandas.io\nexcept ImportError:\n    pass\n"), "pandas.io"),
    ("wheel-contents", lambda fake: None, "holds no wheel"),
    (
        "version-bumped",
        on_a_branch(append(CODE, "x = 1\n")),
        "changed since the base, which has version 0.1.0",
    ),
    (
        "version-bumped",
        on_a_branch(append(README, "\nMore.\n"), append(CODE, "x = 1\n")),
        "README.md and 1 more",
    ),
    ("version-bumped", on_a_branch(replace(TOML, "Does scale", "Scales")), "pyproject.toml changed since"),
    (
        "version-bumped",
        on_a_branch(append(CODE, "x = 1\n"), replace(TOML, 'version = "0.1.0"', 'version = "0.0.9"')),
        "this is 0.0.9",
    ),
    ("tests-and-examples", lambda fake: fake.component("common/testing/component-checks"), "runs neither the README"),
    ("template-files", replace(QUESTIONS, '"stac_index": "local",', ""), "does not ask for stac_index"),
    ("template-files", replace(QUESTIONS, '"stac_index": "Index"', '"x": "x"'), "without saying what it is"),
    ("template-files", replace(QUESTIONS, '["requirements.txt"]', "[]"), "lets cookiecutter render requirements.txt"),
    ("template-files", append(QUESTIONS, ","), "is not valid JSON"),
    ("template-files", delete(f"{STARTER}/README.md"), "README.md: is missing"),
    ("template-files", replace(f"{STARTER}/README.md", "Starts a project.\n\n", ""), "has no description"),
    ("template-files", replace(f"{STARTER}/README.md", "`starter`", ""), "has no tags"),
    ("template-files", replace(f"{STARTER}/README.md", "## Usage", "## Use"), "has the sections Installation, Tags"),
    ("template-files", replace(f"{STARTER}/README.md", "make train", ""), "the first two commands"),
    ("template-files", delete(f"{STARTER}/hooks/post_gen_project.py"), "does not complete the project"),
    ("template-files", delete(f"{PROJECT}/config.yaml"), "config.yaml: is missing"),
    ("template-files", delete(f"{PROJECT}/tests/test_project.py"), "holds no test"),
    ("template-files", append("templates/shared/project/config.yaml", ""), "is overwritten by the file in"),
    ("template-files", replace(f"{PROJECT}/Makefile", "train:", "fit:"), "has no target train"),
    ("template-files", replace(f"{PROJECT}/pyproject.toml", "STAC_INDEX_ADDRESS", ""), "where components come from"),
    ("template-files", append(f"{PROJECT}/requirements.txt", "stac-scale==0.1.0\n"), "pins components"),
    (
        "template-files",
        replace("cookiecutter.json", "./templates/common/plain", "./x"),
        "not lead to common/plain",
    ),
    ("template-files", replace("cookiecutter.json", "Starts a project", ""), "has no title or no description"),
    ("template-files", rename(STARTER, "templates/elsewhere"), "where no template is"),
    ("ci-files-valid", append(".gitlab-ci.yml", "check:\n  scripts: [make check]\n"), "'scripts' was unexpected"),
    ("ci-files-valid", append(".gitlab-ci.yml", "check: [\n"), ".gitlab-ci.yml: "),
    (
        "ci-files-valid",
        append("templates/shared/project/.gitlab-ci.yml", CI.replace("- test", "- tests")),
        "stage test is",
    ),
]
FINE = [
    ("imports-declared", append(CODE, "import os.path\nfrom . import other\nimport stac.data_processing.scale\n")),
    ("imports-declared", append(CODE, "try:\n    import numpy\nexcept ImportError:\n    pass\n")),
    ("imports-declared", append(CODE, "import sys\nif 'torch' in sys.modules:\n    import torch\n")),
    ("imports-declared", append(CODE, "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy\n")),
    ("imports-declared", append(CODE, "def __sklearn_tags__(self):\n    from sklearn.utils import Tags\n")),
    ("imports-declared", append(TOML, '\n[project.optional-dependencies]\nx = ["scikit_learn>=1"]\n')),
    ("version-bumped", append(CODE, "x = 1\n")),  # on the base branch itself
    ("version-bumped", on_a_branch(append(f"{SCALE}/tests/test_scale.py", "x = 1\n"), append(CHANGELOG, "\n"))),
    (
        "version-bumped",
        on_a_branch(replace(TOML, '"testing", ', "")),
    ),
    ("version-bumped", on_a_branch(append(CODE, "x = 1\n"), replace(TOML, 'version = "0.1.0"', 'version = "0.1.1"'))),
    ("version-bumped", on_a_branch(lambda fake: fake.component("common/metrics/new"))),
    ("ci-files-valid", append(".gitlab-ci.yml", CI)),
    ("ci-files-valid", append(".gitlab-ci.yml", "check:\n  stage: test\n  script: [make check]\n")),
    ("heavy-imports", append(CODE, "def plot():\n    import matplotlib.pyplot\n")),
    ("heavy-imports", append(f"{PACKAGE}/_network.py", "import torch\n")),
    ("placeholders", append(CODE, 'print(f"{{{NAME}}}")\n')),
    ("readme-sections", replace(README, "## Tags", "```bash\n# a comment\n```\n\n## Tags")),
]


def run_rule(fake, name):
    catalog, rule = Catalog(fake.root), load_rule(name)
    problems = [problem for component in catalog.components for problem in rule.run(component, catalog)]
    problems += [problem for template in catalog.templates for problem in rule.run_on_template(template, catalog)]
    problems += rule.run_on_repository(catalog)
    return [f"{problem.path}: {problem.message} → {problem.fix}" for problem in problems]


@pytest.mark.parametrize(("rule", "change", "words"), BROKEN, ids=[f"{rule}: {words}" for rule, _, words in BROKEN])
def test_a_broken_rule_is_told_in_one_line_with_a_fix(fake, rule, change, words):
    change(fake)
    lines = run_rule(fake, rule)
    assert any(words in line for line in lines), lines
    assert all("\n" not in line and line.partition("→")[2].strip() for line in lines)


@pytest.mark.parametrize(("rule", "change"), FINE)
def test_what_is_allowed_is_not_complained_about(fake, rule, change):
    change(fake)
    assert run_rule(fake, rule) == []


def test_a_clean_catalog_has_no_problem(fake):
    run = fake.run("check")
    assert (run.returncode, run.stdout[:28]) == (0, "All is well: 5 components, 1"), run.stdout


def test_every_rule_has_an_example_that_breaks_it():
    assert {rule for rule, _, _ in BROKEN} == set(rule_names())


@pytest.mark.parametrize("name", rule_names())
def test_every_rule_documents_what_why_and_how_to_fix(name):
    text = load_rule(name).documentation
    assert all(f"\n\n{part}:" in text for part in ("What", "Why", "Fix"))


def test_heavy_imports_are_found_behind_a_module_of_the_component(fake):
    fake.write(f"{PACKAGE}/_network.py", "import torch\n")
    append(CODE, "from ._network import Net\n")(fake)
    assert "_network.py: line 1 imports torch" in run_rule(fake, "heavy-imports")[0]


def test_a_host_outside_the_components_and_a_lock_file_are_found(fake):
    fake.write("docs/install.md", f"pip install --index-url https://{HOSTS[0].upper()}/simple x")
    fake.write("templates/common/plain/uv.lock", "")
    fake.commit()
    found = run_rule(fake, "no-registry-hosts")
    assert any(line.startswith("docs/install.md") for line in found)
    assert any("git rm --cached templates/common/plain/uv.lock" in line for line in found)


def test_a_folder_without_pyproject_is_found(fake):
    fake.write("components/common/models/half-made/src/x.py", "")
    assert "components/common/models/half-made: has no pyproject.toml" in run_rule(fake, "required-files")[0]


def test_a_wheel_that_holds_too_much_is_found(fake):
    assert fake.run("build", "lonely").returncode == 0
    with zipfile.ZipFile(fake.root / "dist/wheels/stac_lonely-0.1.0-py3-none-any.whl", "a") as archive:
        archive.writestr("tests/test_lonely.py", "")
    run = fake.run("check", "lonely", "--wheels")
    assert run.returncode == 1
    assert "holds tests/test_lonely.py, outside stac/metrics/lonely/" in run.stdout


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("required-files", delete(f"{PACKAGE}/py.typed")),
        ("namespace-purity", append(f"{SCALE}/src/stac/__init__.py", '"""A docstring only."""\n')),
        ("sources-match", replace(TOML, "stac-checks = {", "stac-forest = {")),
        ("sources-match", replace(TOML, "[tool.uv.sources]\nstac-checks = { workspace = true }\n", "")),
        ("kind-matches", replace(TOML, 'kind = "atomic"', 'kind = "composite"')),
        ("readme-sections", replace(README, "`testing`, ", "")),
    ],
)
def test_fix_mends_what_a_program_can_mend(fake, rule, change):
    change(fake)
    assert run_rule(fake, rule)
    run = fake.run("check", "scale", "--fix")
    assert run.returncode == 0, run.stdout
    assert f"mended {SCALE}: " in run.stdout
    assert "mended" not in fake.run("check", "scale", "--fix").stdout


def test_fix_leaves_a_sound_component_as_it_is(fake):
    assert fake.run("check", "--fix").returncode == 0
    assert fake.git("status", "--short") == ""


def test_fix_keeps_an_init_with_code(fake):
    fake.write(f"{SCALE}/src/stac/__init__.py", "import os\n")
    assert fake.run("check", "scale", "--fix").returncode == 1


def test_only_the_named_component_is_checked(fake):
    fake.replace(f"{MODEL}/CHANGELOG.md", "0.1.0", "0.9.0")
    assert fake.run("check", "scale").returncode == 0
    assert fake.run("check", MODEL).returncode == 1


def test_changed_checks_what_differs_from_the_base(fake):
    fake.replace(CHANGELOG, "0.1.0", "0.9.0")
    run = fake.run("check", "--changed")
    assert run.returncode == 1
    assert "1 component," in run.stdout


def test_changed_checks_the_ranges_of_dependents_too(fake):
    fake.replace(TOML, 'version = "0.1.0"', 'version = "0.2.0"')
    fake.replace(CHANGELOG, "0.1.0", "0.2.0")
    run = fake.run("check", "--changed")
    assert f"{MODEL}\n  ranges-admit-workspace" in run.stdout


def test_changed_with_an_unknown_base_checks_everything(fake):
    run = fake.run("check", "--changed", "--base", "nowhere")
    assert "Checking everything, because git knows no commit 'nowhere'." in run.stdout
    assert "5 components" in run.stdout


def test_names_and_changed_together_are_refused(fake):
    assert fake.run("check", "scale", "--changed").returncode == 2


def test_one_rule_alone_can_be_run(fake):
    fake.replace(CHANGELOG, "0.1.0", "0.9.0")
    assert fake.run("check", "--rule", "metadata").returncode == 0
    assert fake.run("check", "--rule", "changelog").returncode == 1


def test_explain_prints_the_docstring_of_a_rule(fake):
    text = fake.run("check", "--explain", "changelog").stdout
    assert text.startswith("changelog: The newest entry")
    assert "did you mean changelog?" in fake.run("check", "--explain", "chagelog").stderr


def test_rules_are_listed_with_a_line_each(fake):
    assert len(fake.run("check", "--rules").stdout.splitlines()) == len(load_rules())


def test_checking_one_component_reads_no_other(fake):
    fake.write("components/common/metrics/lonely/pyproject.toml", "[project\n")
    assert fake.run("check", "scale").returncode == 0


def test_the_tool_starts_without_its_heavy_parts():
    code = "import sys, catalog.cli, catalog.listing, catalog.affected; print({'rich', 'poetry'} & {*sys.modules})"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_a_base_that_was_named_must_be_known(fake):
    shutil.rmtree(fake.root / ".git")
    run = fake.run("check", "--rule", "version-bumped")
    assert run.returncode == 0, run.stdout
    run = fake.run("check", "--rule", "version-bumped", "--base", "main")
    assert run.returncode == 1
    assert "git cannot tell which versions" in run.stdout
