"""The command line as a whole: help, wrong calls, and where it may be called from."""

import pytest

from catalog.cli import COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_teaches_with_an_example(fake, command):
    run = fake.run_process(command, "--help")
    assert run.returncode == 0
    assert f"catalog {command}" in run.stdout.split("For example:")[1]
    assert "--root" in run.stdout


def test_the_command_alone_shows_every_command(fake):
    run = fake.run_process()
    assert all(command in run.stdout for command in COMMANDS)


def test_works_from_a_folder_deep_inside(fake):
    run = fake.run("list", cwd="components/common/metrics/lonely/src")
    assert "stac-lonely" in run.stdout


def test_works_from_outside_with_root(fake):
    run = fake.run("list", "--root", str(fake.root), cwd="..")
    assert "stac-lonely" in run.stdout


def assert_one_line(run, *words):
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1
    assert all(word in run.stderr for word in words), run.stderr


def test_outside_a_catalog_one_line_says_so(fake):
    assert_one_line(fake.run("list", cwd=".."), "is not inside a catalog", "[tool.uv.workspace]")


@pytest.mark.parametrize("command", ["check", "build"])
def test_an_unknown_component_gets_a_suggestion(fake, command):
    assert_one_line(fake.run(command, "lonley"), "'lonley'", "did you mean lonely?")


def test_an_unknown_option_is_one_line(fake):
    assert_one_line(fake.run("list", "--tga", "x"), "--tga")


def test_an_unknown_command_is_one_line(fake):
    assert_one_line(fake.run("biuld"), "biuld")


@pytest.mark.parametrize("command", ["list", "build"])
def test_a_corrupt_pyproject_is_named_in_one_line(fake, command):
    fake.write("components/common/metrics/lonely/pyproject.toml", "[project\n")
    assert_one_line(fake.run(command), "components/common/metrics/lonely/pyproject.toml", "line 1")


def test_check_reports_a_corrupt_pyproject_and_goes_on(fake):
    fake.write("components/common/metrics/lonely/pyproject.toml", "[project\n")
    fake.replace("components/common/testing/checks/CHANGELOG.md", "0.1.0", "0.2.0")
    run = fake.run("check")
    assert run.returncode == 1
    assert "lonely" in run.stdout
    assert "changelog: CHANGELOG.md" in run.stdout
