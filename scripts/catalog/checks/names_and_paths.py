"""Folder, distribution, import package and [tool.stac] follow from each other.

What: `components/<problem>/<category>/<name>/` is the distribution `stac-<name>`, is imported as
`stac.<category>.<name>` (hyphens become underscores) from `src/`, and repeats its problem and category in
`[tool.stac]`. Problems and categories are those of `catalog/model.py`; no two components share a name.

Why: who knows one of the four knows all, people and programs alike; nothing has to be looked up.

Fix: rename what the message names. A new problem or category is a new line in `catalog/model.py`.
"""

import keyword
import re
from functools import lru_cache

from catalog.checks import Problems
from catalog.model import CATEGORIES, PROBLEMS, Catalog, Component


def check(component: Component, catalog: Catalog) -> Problems:
    toml = f"{component.path}/pyproject.toml"
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", component.name) or keyword.iskeyword(component.name):
        yield (
            component.path,
            f"{component.name!r} is no name of lower-case words joined by hyphens",
            "rename the folder",
        )
    for what, value, allowed in (
        ("problem", component.problem, PROBLEMS),
        ("category", component.category, CATEGORIES),
    ):
        if value not in allowed:
            yield component.path, f"unknown {what} {value!r}", f"move it under one of: {', '.join(allowed)}"
        if component.stac.get(what) != value:
            said = component.stac.get(what)
            yield toml, f"[tool.stac] {what} is {said!r}, the folder says {value!r}", f'write {what} = "{value}"'
    if component.project.get("name") != component.distribution:
        said = component.project.get("name")
        yield (
            toml,
            f"name is {said!r}, the folder says {component.distribution!r}",
            f'write name = "{component.distribution}"',
        )
    if not component.package_folder.is_dir():
        expected = component.package_folder.relative_to(component.folder).as_posix()
        yield component.path, f"the import package {component.package} is missing", f"put the code into {expected}/"
    for path in _paths_by_name(catalog)[component.name]:
        if path != component.path:
            yield component.path, f"{path} has the same name", "give one of them another name"


@lru_cache(maxsize=1)
def _paths_by_name(catalog: Catalog) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    for component in catalog.components:
        paths.setdefault(component.name, []).append(component.path)
    return paths
