"""`catalog ci-plan`: a job for each thing a change can break, never none, never too many, and safe to paste."""

import shlex

import pytest
import yaml

from catalog.affected import Affected
from catalog.ci_plan import as_yaml, plan_jobs
from catalog.model import Catalog

SCALE = "components/common/data-processing/scale"


@pytest.fixture
def fake(fake):
    fake.write(".gitignore", "child-pipeline.yml\n")
    fake.commit()
    return fake


def planned(fake, *options):
    """Return the jobs of the plan: names and what they run."""
    run = fake.run("ci-plan", *options)
    assert run.returncode == 0, run.stderr
    pipeline = yaml.safe_load((fake.root / "child-pipeline.yml").read_text(encoding="utf-8"))
    jobs = {name: job for name, job in pipeline.items() if isinstance(job, dict) and "script" in job}
    assert {job["stage"] for job in jobs.values()} == set(pipeline["stages"]) == {"test"}
    return {name: job["script"] for name, job in jobs.items()}


def jobs_of_many(fake, n_components, n_templates):
    """Return the jobs of a change that affects very many components and templates, which need not be there."""
    components = {f"stac-part-{i:04}": {"path": f"components/common/models/part-{i:04}"} for i in range(n_components)}
    templates = {f"common/starter-{i:03}": {"path": ""} for i in range(n_templates)}
    return plan_jobs(Catalog(fake.root), Affected(components=components, templates=templates), 100)


def test_one_component_is_one_job_that_runs_by_hand(fake):
    fake.write(f"{SCALE}/tests/test_more.py", "")
    assert planned(fake) == {"component scale": ["make alone NAMES=scale"]}


def test_dependents_and_templates_have_their_jobs(fake):
    fake.write(f"{SCALE}/src/stac/data_processing/scale/more.py", "")
    jobs = planned(fake)
    template = "template time-series-classification/starter"
    assert set(jobs) == {"component scale", "component forest", "component report", template}
    words = "time-series-classification/starter or test_starter_template.py"
    assert jobs[template] == [f"make test ARGS='tests -k \"{words}\"'"]


def test_a_change_without_effect_still_has_a_job(fake):
    fake.write("infrastructure/compose.yaml", "")
    (script,) = planned(fake).values()
    assert script[0].startswith("echo")


@pytest.mark.parametrize("base", ["none", ""])
def test_an_unknown_base_plans_everything_and_the_tests_of_the_whole(fake, base):
    jobs = planned(fake, "--base", base)
    assert len([name for name in jobs if name.startswith("component ")]) == 5
    assert len([name for name in jobs if name.startswith("template ")]) == 2
    assert "make test ARGS=scripts/tests" in jobs["the whole"]


@pytest.mark.parametrize(
    ("changed", "tests"), [("README.md", "tests/test_readme.py"), ("docs/a.md", "tests/test_docs_guides.py")]
)
def test_what_is_in_no_component_is_tested_by_its_own_tests(fake, changed, tests):
    fake.write(tests, "")
    fake.commit()
    fake.write(changed, "new\n")
    (script,) = planned(fake, "--base", "HEAD").values()
    assert script[-1] == f"make test ARGS={tests}"


def test_the_same_change_gives_the_same_text_and_leaves_nothing_else(fake):
    planned(fake, "--base", "none")
    first = (fake.root / "child-pipeline.yml").read_bytes()
    planned(fake, "--base", "none")
    assert (fake.root / "child-pipeline.yml").read_bytes() == first
    assert list(fake.root.glob(".child*")) == []


def test_very_many_components_share_a_bounded_number_of_jobs(fake):
    jobs = jobs_of_many(fake, 1_000, 8)
    assert len(jobs) == 100
    assert "template common/starter-000" in jobs
    assert jobs["components 1/92"][0].startswith("make --keep-going alone NAMES='part-0000 part-0092 ")
    shared = [lines for name, lines in jobs.items() if name.startswith("components ")]
    names = [name for lines in shared for name in shlex.split(lines[0])[-1].removeprefix("NAMES=").split()]
    assert sorted(names) == [f"part-{i:04}" for i in range(1_000)]


def test_very_many_templates_leave_room_for_components(fake):
    jobs = jobs_of_many(fake, 1_000, 300)
    assert len(jobs) == 100
    assert len([name for name in jobs if name.startswith("templates ")]) == 25


def test_few_components_leave_their_room_to_templates(fake):
    assert len(jobs_of_many(fake, 3, 90)) == 93


@pytest.mark.parametrize("name", ["two words", "$(reboot)", "it's", "a\nb", "-rf", "naïve"])
def test_a_name_that_a_shell_may_misread_is_refused(fake, name):
    fake.write(f"components/common/metrics/{name}/pyproject.toml", "[project]\n")
    run = fake.run("ci-plan")
    assert run.returncode == 2
    assert "cannot name a job" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert not (fake.root / "child-pipeline.yml").exists()


@pytest.mark.parametrize("line", ["echo a: b", "echo # c", "Yes", 'say "x"', "- x", "tab\there", "trailing "])
def test_whatever_a_line_holds_arrives_as_it_is(line):
    assert yaml.safe_load(as_yaml({line: [line]}, "")).pop(line)["script"] == [line]


def test_fewer_jobs_than_kinds_are_refused(fake):
    run = fake.run("ci-plan", "--most-jobs", "3")
    assert run.returncode == 2
    assert "--most-jobs" in run.stderr


def test_a_file_that_cannot_be_written_is_one_line(fake):
    run = fake.run("ci-plan", "--output", "no/such/folder/child.yml")
    assert run.returncode == 2
    assert "give another --output" in run.stderr
    assert len(run.stderr.splitlines()) == 1
