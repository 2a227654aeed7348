"""Atomic components stand alone, composite ones are built from others.

What: `kind = "atomic"` has no `stac-*` among its dependencies and extras; `kind = "composite"` has at least one.
What only the tests need (dependency groups) does not count, nor does the extra `fast`, which brings the same results
sooner.

Why: an atomic component can be taken, read and replaced without looking at anything else.

Fix: change the kind, or the dependencies. `catalog check --fix` changes the kind.
"""

import re
from collections.abc import Iterator

from catalog.checks import Problems
from catalog.model import Catalog, Component, stac_names

FAST = "optional-dependencies.fast"


def check(component: Component, catalog: Catalog) -> Problems:
    kind, others = _kind(component)
    if component.stac.get("kind") in {"atomic", "composite"} - {kind}:
        needs = f"needs {', '.join(sorted(others))}" if others else "needs no other component"
        message = f"kind is {component.stac['kind']}, but it {needs}"
        yield f"{component.path}/pyproject.toml", message, f'write kind = "{kind}"'


def mend(component: Component, catalog: Catalog) -> Iterator[str]:
    kind = _kind(component)[0]
    if component.stac.get("kind") in {"atomic", "composite"} - {kind}:
        file = component.folder / "pyproject.toml"
        text = re.sub(r'(?m)^kind = ".*?"', f'kind = "{kind}"', file.read_text(encoding="utf-8"), count=1)
        file.write_text(text, encoding="utf-8")
        yield f"kind is {kind}"


def _kind(component):
    listed = component.requirements.items()
    run_time = {where: texts for where, texts in listed if "groups" not in where and where != FAST}
    others = stac_names(run_time) - {component.distribution}
    return ("composite" if others else "atomic"), others
