"""`catalog info`."""

import io
import json
import sys

import pytest

from catalog.finding import info as show_info


def info(fake, name):
    run = fake.run("info", name, "--json")
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize(
    "name", ["scale", "stac-scale", "stac.data_processing.scale", "components/common/data-processing/scale/"]
)
def test_a_component_goes_by_its_name_package_import_and_folder(fake, name):
    assert info(fake, name)["name"] == "stac-scale"


@pytest.mark.parametrize(
    "name", ["starter", "time-series-classification/starter", "templates/time-series-classification/starter"]
)
def test_a_template_goes_by_its_technique_name_and_folder(fake, name):
    assert info(fake, name)["name"] == "time-series-classification/starter"


def test_all_about_a_component(fake):
    about = info(fake, "forest")
    assert about["needs"] == ["stac-scale>=0.1,<0.2"]
    assert about["used_by"] == ["stac-report", "time-series-classification/starter"]
    assert about["installation"] == "pip install stac-forest"
    assert about["usage"] == "# nothing to see\nimport stac.models.forest"
    assert about["path"] == "components/time-series-classification/models/forest"


def test_who_needs_it_only_for_tests_is_no_user(fake):
    assert info(fake, "checks")["used_by"] == []


def test_all_about_a_template(fake):
    about = info(fake, "starter")
    assert about["needs"] == ["stac-forest"]
    assert about["installation"] == "cookiecutter templates/time-series-classification/starter"
    assert about["description"] == "Starts a project."


def test_the_screen_shows_it_all(fake):
    text = fake.run("info", "forest").stdout
    for cell in (
        "stac-forest 0.1.0",
        "stac.models.forest",
        "stac-report",
        "  pip install stac-forest",
        "  import stac.",
    ):
        assert cell in text
    assert "\033" not in text


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("no_color", "title"), [(None, "\033[1mstac-forest\033[0m 0.1.0"), ("1", "stac-forest 0.1.0")])
def test_a_terminal_gets_colours_unless_it_wants_none(fake, monkeypatch, no_color, title):
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr("sys.stdout", Terminal())
    show_info("forest", root=fake.root)
    assert sys.stdout.getvalue().startswith(title)


def test_a_template_of_the_same_name_is_mentioned(fake):
    fake.template("common/forest", "forest")
    assert "see also  common/forest" in fake.run("info", "forest").stdout
    assert info(fake, "common/forest")["kind"] == "template"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("froest", "did you mean forest?"),
        ("stac-scal", "did you mean scale?"),
        ("strater", "did you mean starter?"),
        ("xyz", "there is checks, common/plain, forest, lonely, plain, report, scale, starter, "),
        ("", "there is"),
    ],
)
def test_an_unknown_name_is_one_line_with_what_is_near(fake, name, hint):
    run = fake.run("info", name)
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (2, "", 1)
    assert f"nothing in the catalog is called {name!r}; {hint}" in run.stderr


def test_a_readme_without_blocks_leaves_the_lines_out(fake):
    path = "components/common/metrics/lonely/README.md"
    fake.write(path, "# lonely\n\n## Usage\n\nNone.\n\n## Tags\n\n```text\nlonely\n```\n")
    assert info(fake, "lonely")["usage"] == ""
    assert "Usage" not in fake.run("info", "lonely").stdout


def test_the_platforms_of_compiled_code_are_told(compiled):
    assert "  wheels    manylinux_2_17_x86_64, manylinux" in compiled.run("info", "lonely").stdout
