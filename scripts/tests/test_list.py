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
    (row,) = json.loads(fake.run("list", "lonely", "--json").stdout)[:1]
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
        (["report"], {"stac-report"}),
        (["does", "FOREST"], {"stac-forest"}),
        (["--tag", "scale"], {"stac-scale"}),
        (["--tag", "starter"], {"time-series-classification/starter", "common/plain"}),
        (["--problem", "time-series-classification"], {"stac-forest", "time-series-classification/starter"}),
        (["--kind", "composite"], {"stac-forest", "stac-report"}),
        (["--templates"], {"time-series-classification/starter", "common/plain"}),
        (["nothing-like-that"], set()),
    ],
)
def test_words_and_options_narrow_the_list_down(fake, options, expected):
    assert names(fake.run("list", *options, "--json")) == expected


def test_nothing_found_is_said_in_words(fake):
    assert "Nothing in the catalog fits" in fake.run("list", "nothing-like-that").stdout


def test_an_empty_catalog_lists_nothing(empty):
    assert names(empty.run("list", "--json")) == set()


def test_a_template_is_described_by_its_readme(fake):
    (row,) = json.loads(fake.run("list", "--templates", "plain", "--json").stdout)
    assert (row["description"], row["tags"], row["kind"]) == ("Starts a project.", ["starter"], "template")
