"""`catalog affected`: dependents and templates, and everything where it is not certain."""

import json
import shutil
import subprocess

import pytest

ALL = {"stac-checks", "stac-scale", "stac-forest", "stac-report", "stac-lonely"}


def affected(fake, *options):
    run = fake.run("affected", "--json", *options)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def assert_everything(found, *words):
    assert found["everything"] is True
    assert set(found["components"]) == ALL
    assert len(found["templates"]) == 2
    assert all(word in found["reason"] for word in words), found["reason"]


def test_no_change_affects_nothing(fake):
    found = affected(fake)
    assert (found["everything"], found["components"], found["templates"]) == (False, {}, {})
    assert "Nothing is affected." in fake.run("affected").stdout


def test_dependents_are_found_through_dependencies_and_test_groups(fake):
    fake.replace("components/common/testing/checks/pyproject.toml", "Does checks", "Does all checks")
    found = affected(fake)
    assert set(found["components"]) == ALL - {"stac-lonely"}
    assert found["components"]["stac-report"]["why"] == "depends on stac-forest"


def test_dependents_are_found_through_extras(fake):
    fake.replace(
        "components/common/metrics/lonely/pyproject.toml",
        "[dependency-groups]",
        '[project.optional-dependencies]\nfast = ["stac_report>=0.1,<0.2"]\n\n[dependency-groups]',
    )
    base = fake.commit()
    fake.write("components/common/tracking/report/src/stac/tracking/report/new.py", "")
    assert set(affected(fake, "--base", base)["components"]) == {"stac-report", "stac-lonely"}


def test_a_template_that_uses_an_affected_component_is_affected(fake):
    fake.write("components/common/data-processing/scale/src/stac/data_processing/scale/__init__.py", "NEW = 1\n")
    assert affected(fake)["templates"] == {
        "time-series-classification/starter": {
            "path": "templates/time-series-classification/starter",
            "why": "uses stac-forest",
        }
    }


def test_a_changed_template_affects_only_itself(fake):
    fake.write("templates/common/plain/{{cookiecutter.project_slug}}/train.py", "{% if true %}\n")
    found = affected(fake)
    assert (set(found["components"]), set(found["templates"])) == (set(), {"common/plain"})


def test_a_template_whose_dependencies_cannot_be_read_is_affected_by_any_component(fake):
    fake.write("templates/common/plain/{{cookiecutter.project_slug}}/pyproject.toml", "{{ everything }}\n")
    base = fake.commit()
    fake.write("components/common/tracking/report/src/stac/tracking/report/new.py", "")
    assert "not valid TOML" in affected(fake, "--base", base)["templates"]["common/plain"]["why"]


@pytest.mark.parametrize("file", ["README.md", "CHANGELOG.md", "tests/test_more.py", "examples/more.py"])
def test_readme_tests_and_examples_concern_their_own_component_only(fake, file):
    fake.write(f"components/common/data-processing/scale/{file}", "# new\n")
    assert set(affected(fake)["components"]) == {"stac-scale"}


def test_own_affairs_of_a_component_do_not_affect_the_templates_that_use_it(fake):
    fake.write("components/common/metrics/lonely/README.md", "# new\n")
    assert affected(fake)["templates"] == {}


def test_own_affairs_do_not_hide_that_a_component_depends_on_a_changed_one(fake):
    fake.write("components/common/data-processing/scale/src/stac/data_processing/scale/more.py", "")
    fake.write("components/time-series-classification/models/forest/README.md", "# new\n")
    found = affected(fake)
    assert found["components"]["stac-forest"]["why"] == "depends on stac-scale"
    assert set(found["templates"]) == {"time-series-classification/starter"}


def test_a_changed_test_beside_changed_code_does_not_hide_the_code(fake):
    scale = "components/common/data-processing/scale"
    fake.write(f"{scale}/tests/test_more.py", "")
    fake.write(f"{scale}/src/stac/data_processing/scale/more.py", "")
    assert "stac-report" in affected(fake)["components"]


@pytest.mark.parametrize(
    "file",
    [
        "docs/guide.md",
        "benchmarks/speed.py",
        "README.md",
        "infrastructure/compose.yaml",
        "templates/component/README.md",
    ],
)
def test_what_cannot_matter_is_ignored_and_named(fake, file):
    fake.write(file, "new\n")
    found = affected(fake)
    assert (found["everything"], found["components"], found["ignored"]) == (False, {}, [file])


@pytest.mark.parametrize(
    "file", ["pyproject.toml", "Makefile", "scripts/x.py", ".gitlab-ci.yml", "templates/shared/x", "tests/test_all.py"]
)
def test_a_file_that_can_reach_everything_affects_everything(fake, file):
    with (fake.root / file).open("a") if (fake.root / file).exists() else fake.write(file, "").open("a") as stream:
        stream.write("\n# new\n")
    assert_everything(affected(fake), file)


def test_committed_staged_unstaged_and_untracked_changes_count(fake):
    folder = "components/common/{}/src/stac/{}/{}.py"
    fake.git("switch", "-qc", "branch")
    fake.write(folder.format("metrics/lonely", "metrics/lonely", "committed"), "")
    fake.commit()
    fake.write(folder.format("tracking/report", "tracking/report", "staged"), "")
    fake.git("add", "--all")
    fake.write(folder.format("testing/checks", "testing/checks", "a new one, untracked"), "")
    assert set(affected(fake, "--base", "main")["components"]) == ALL


def test_what_happened_on_the_base_since_the_fork_does_not_count(fake):
    fake.git("switch", "-qc", "branch")
    fake.git("switch", "-q", "main")
    fake.write("components/common/metrics/lonely/src/stac/metrics/lonely/other.py", "")
    fake.commit()
    fake.git("switch", "-q", "branch")
    assert affected(fake, "--base", "main")["components"] == {}


def test_a_deleted_component_affects_everything(fake):
    shutil.rmtree(fake.root / "components/common/metrics/lonely")
    found = affected(fake)
    assert found["everything"]
    assert "deleted or moved" in found["reason"]


def test_a_renamed_component_affects_everything(fake):
    fake.git("mv", "components/common/metrics/lonely", "components/common/metrics/alone")
    assert affected(fake)["everything"]


def test_an_unknown_base_affects_everything(fake):
    assert_everything(affected(fake, "--base", "no-such-branch"), "no-such-branch")


def test_an_empty_base_is_not_taken_for_the_default(fake):
    assert_everything(affected(fake, "--base", ""), "empty")


def test_a_base_that_looks_like_an_option_affects_everything(fake):
    assert_everything(affected(fake, "--base=--output=x"), "--output=x")


def test_a_shallow_clone_affects_everything(fake, tmp_path):
    fake.write("docs/a.md", "")
    fake.commit()
    source, clone = fake.root.as_uri(), tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth", "1", source, str(clone)], check=True, capture_output=True)
    assert_everything(affected(fake, "--root", str(clone)), "shallow clone")


def test_without_git_everything_is_affected(fake):
    shutil.rmtree(fake.root / ".git")
    assert_everything(affected(fake), "git")


def test_metadata_that_cannot_be_read_affects_everything(fake):
    fake.write("components/common/metrics/lonely/pyproject.toml", "[project\n")
    assert_everything(affected(fake), "components/common/metrics/lonely/pyproject.toml")


def test_a_dependency_outside_the_catalog_affects_everything(fake):
    fake.replace("components/common/tracking/report/pyproject.toml", "stac-forest>", "stac-froest>")
    assert_everything(affected(fake), "stac-froest")


def test_the_reason_is_printed_for_people(fake):
    text = fake.run("affected", "--base", "nowhere").stdout
    assert text == "Everything (5 components, 2 templates), because git knows no commit 'nowhere'.\n"


def test_names_with_spaces_and_accents_are_understood(fake):
    fake.write("components/common/metrics/lonely/examples/señal de prueba.py", "")
    assert set(affected(fake)["components"]) == {"stac-lonely"}
