"""[tool.uv.sources] leads exactly the named components to the working tree.

What: one line `stac-x = { workspace = true }` for each `stac-x` in dependencies, extras and dependency groups, and
no other line.

Why: without the line uv looks for the neighbour in a package index; with a line too many it stops with an error.

Fix: write or delete the line. `catalog check --fix` writes the section.
"""

import re
from collections.abc import Iterator

from catalog.checks import Problems
from catalog.model import Catalog, Component, table


def check(component: Component, catalog: Catalog) -> Problems:
    toml = f"{component.path}/pyproject.toml"
    sources = table(component.pyproject, "tool", "uv", "sources")
    named = component.stac_dependencies - {component.distribution}
    for name in sorted(named | sources.keys()):
        if name not in named:
            yield toml, f"[tool.uv.sources] names {name}, which is required nowhere", "delete its line"
        elif sources.get(name) != {"workspace": True}:
            yield (
                toml,
                f"[tool.uv.sources] does not lead {name} to the workspace",
                f"write {name} = {{ workspace = true }}",
            )


def mend(component: Component, catalog: Catalog) -> Iterator[str]:
    if not list(check(component, catalog)):
        return
    file = component.folder / "pyproject.toml"
    text = re.sub(r"(?m)^\[tool\.uv\.sources\]\n(?:(?!\[).*\n?)*", "", file.read_text(encoding="utf-8"))
    named = sorted(component.stac_dependencies - {component.distribution})
    lines = "".join(f"{name} = {{ workspace = true }}\n" for name in named)
    section = f"[tool.uv.sources]\n{lines}\n" if named else ""
    before, found, after = text.partition("[tool.poetry]")
    file.write_text(before + section + found + after if found else f"{text.rstrip()}\n\n{section}", encoding="utf-8")
    yield "wrote [tool.uv.sources]"
