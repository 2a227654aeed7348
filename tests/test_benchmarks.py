"""Benchmarks say what they need, and their results are in the table; what they measure is not for tests."""

import re
import tomllib
from pathlib import Path

import pytest

from catalog.model import Catalog
from catalog.pinning import with_needs

ROOT = Path(__file__).parents[1]
BENCHMARKS = sorted((ROOT / "benchmarks").glob("*.py"))


def metadata(benchmark: Path) -> dict:
    lines = re.search(r"^# /// script\n((?:#.*\n)*?)# ///$", benchmark.read_text(), re.MULTILINE)[1].splitlines()
    return tomllib.loads("\n".join(line.removeprefix("#").removeprefix(" ") for line in lines))


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda path: path.stem)
def test_every_component_comes_from_this_catalog(benchmark):
    # uv takes a component twice, and gives up, if one that others need is not named here in the same way.
    found = metadata(benchmark)
    named = [name for name in (re.match(r"[\w-]+", line)[0] for line in found["dependencies"]) if "stac-" in name]
    sources = found.get("tool", {}).get("uv", {}).get("sources", {})
    assert {name for name in sources if "stac-" in name} == set(with_needs(named, Catalog(ROOT)))
    for name, source in sources.items():
        assert source["editable"], name
        assert (benchmark.parent / source["path"] / "pyproject.toml").is_file(), name


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda path: path.stem)
def test_it_stands_in_the_table_of_what_was_measured(benchmark):
    assert f"`{benchmark.name}`" in (ROOT / "benchmarks/README.md").read_text()
    compile(benchmark.read_text(), benchmark, "exec")
