"""No component has the name of a foreign distribution in a public index.

What: the distribution's name is not in `public-names.txt`, the list of `stac-*` distributions published by others.

Why: who forgets to name our index would install, and run, somebody else's code. (STAC also means SpatioTemporal Asset
Catalog, whose tools have many names that begin with `stac-`.)

Fix: choose another name.
"""

from functools import cache
from pathlib import Path

from catalog.checks import Problems
from catalog.model import Catalog, Component


def check(component: Component, catalog: Catalog) -> Problems:
    if component.distribution in _taken():
        yield component.path, f"{component.distribution} is a distribution of others", "choose another name"


@cache
def _taken():
    lines = Path(__file__).with_name("public-names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
