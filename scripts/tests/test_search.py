"""`catalog search`."""

import json

import pytest


def found(fake, *arguments):
    run = fake.run("search", *arguments, "--json")
    assert run.returncode == 0, run.stderr
    return [row["name"] for row in json.loads(run.stdout)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["report"], ["stac-report"]),
        (["does", "FOREST"], ["stac-forest"]),
        (["stac.models.forest"], ["stac-forest"]),
        (["data_processing"], ["stac-scale"]),
        (["starters"], ["time-series-classification/starter", "common/plain"]),
        (["--kind", "composite"], ["stac-report", "stac-forest"]),
        (["tests", "--problem", "common", "--category", "metrics"], ["stac-lonely"]),
        (["forest", "lonely"], []),
        (["nothing-like-that"], []),
    ],
)
def test_all_words_and_options_must_fit(fake, arguments, expected):
    assert found(fake, *arguments) == expected


def test_a_name_counts_more_than_a_tag_and_a_tag_more_than_a_description(fake):
    fake.replace("components/common/metrics/lonely/pyproject.toml", "Does lonely", "A forest")
    fake.replace("components/common/data-processing/scale/pyproject.toml", '"scale"]', '"scale", "forest"]')
    assert found(fake, "forest") == ["stac-forest", "stac-scale", "stac-lonely"]


def test_a_whole_word_counts_more_than_a_part_of_one(fake):
    fake.component("common/metrics/forestry")
    assert found(fake, "forest") == ["stac-forest", "stac-forestry"]


def test_a_typing_mistake_is_forgiven_and_named(fake):
    run = fake.run("search", "froest")
    assert run.stderr == "Nothing holds 'froest'; did you mean 'forest'?\n"
    assert "stac-forest" in run.stdout
    assert "stac-lonely" not in run.stdout


def test_nothing_found_is_said_in_words(fake):
    assert fake.run("search", "xyz").stdout.startswith("Nothing in the catalog fits")


def test_without_words_everything_is_found(fake):
    assert len(found(fake)) == 7


def test_an_empty_catalog_holds_nothing(empty):
    assert found(empty) == found(empty, "word") == []
