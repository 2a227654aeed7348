"""`catalog list`."""

import json

import pytest


def names(run):
    assert run.returncode == 0, run.stderr
    return {row["name"] for row in json.loads(run.stdout)}


def test_the_table_shows_components_and_templates(fake):
    text = fake.run("list").stdout
    for cell in ("stac-scale", "0.1.0", "data-processing", "composite", "Does lonely for tests.", "common/plain"):
        assert cell in text


def test_json_tells_all_about_a_component(fake):
    (row,) = json.loads(fake.run("list", "--tag", "lonely", "--json").stdout)
    assert row == {
        "name": "stac-lonely",
        "version": "0.1.0",
        "problem": "common",
        "category": "metrics",
        "kind": "atomic",
        "description": "Does lonely for tests.",
        "tags": ["testing", "lonely"],
        "path": "components/common/metrics/lonely",
        "package": "stac.metrics.lonely",
    }


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--tag", "scale"], {"stac-scale"}),
        (["--tag", "Starter"], {"time-series-classification/starter", "common/plain"}),
        (["--problem", "time-series-classification"], {"stac-forest", "time-series-classification/starter"}),
        (["--category", "metrics"], {"stac-lonely"}),
        (["--kind", "composite"], {"stac-forest", "stac-report"}),
        (["--kind", "template"], {"time-series-classification/starter", "common/plain"}),
        (["--kind", "template", "--tag", "scale"], set()),
    ],
)
def test_options_narrow_the_list_down(fake, options, expected):
    assert names(fake.run("list", *options, "--json")) == expected


def test_nothing_found_is_said_in_words(fake):
    run = fake.run("list", "--kind", "template", "--tag", "scale")
    assert (run.returncode, run.stdout.startswith("Nothing in the catalog fits")) == (0, True)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--tag", "lonly"], "catalog: no tag 'lonly' in the catalog; did you mean lonely?"),
        (["--kind", "huge"], "catalog: no kind 'huge' in the catalog; there is atomic, composite, template."),
    ],
)
def test_a_value_that_nothing_has_is_one_line_that_helps(fake, options, line):
    run = fake.run("list", *options)
    assert (run.returncode, run.stdout, run.stderr.strip()) == (2, "", line)


def test_an_empty_catalog_lists_nothing(empty):
    assert names(empty.run("list", "--json")) == set()
    assert names(empty.run("list", "--tag", "anything", "--json")) == set()


def test_a_template_is_described_by_its_readme(fake):
    (row,) = json.loads(fake.run("list", "--kind", "template", "--problem", "common", "--json").stdout)
    assert (row["description"], row["tags"], row["kind"]) == ("Starts a project.", ["starter"], "template")
