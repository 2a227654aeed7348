"""A component whose wheel changes gets a new version.

What: where anything that goes into the wheel differs from the base (a file below `src/`, README.md, or what
pyproject.toml says in `[project]` and `[tool.poetry]`; of compiled code any file that its library is built from, too),
the version is higher than there. Tests, examples, the
changelog and the other tables of pyproject.toml are free. The base is where the branch left origin/main (or main, or
`--base`); on the base branch itself nothing is asked. A component that is new on the branch may change as it likes
until it is merged. Where git does not know the base, nothing is asked either, unless `--base` named it, as CI does:
then that is a problem. It is the base that counts, not the package index: a version of the base that was never
published is not used twice either.

Why: a published version never changes. Other content under the same version would be refused by the package index, or,
worse, be two things under one name.

Fix: raise the version in pyproject.toml and tell in CHANGELOG.md what changes; before 1.0 the second number for what
users must adapt to, the third for the rest.
"""

from functools import lru_cache

from packaging.version import InvalidVersion, Version

from catalog.checks import Problems
from catalog.git import Uncertain, fork_point, is_base_itself, text_at
from catalog.model import Catalog, CatalogError, Component, parse_toml, table


def check(component: Component, catalog: Catalog) -> Problems:
    base, files, _ = _changes(catalog)
    changed = files.get(component.path, [])
    before = text_at(catalog.root, base, f"{component.path}/pyproject.toml") if changed else None
    if before is None:  # unchanged, or new
        return
    try:
        old = parse_toml(before, "pyproject.toml")
        versions = Version(str(table(old, "project").get("version"))), Version(component.version)
    except (CatalogError, InvalidVersion):  # metadata tells, if it is today's
        return
    in_wheel = [file for file in changed if _goes_into_wheel(file, component)]
    if _metadata(old, component) != _metadata(component.pyproject, component):
        in_wheel.append("pyproject.toml")
    if in_wheel and versions[1] <= versions[0]:
        more = f" and {len(in_wheel) - 1} more" if len(in_wheel) > 1 else ""
        message = f"{in_wheel[0]}{more} changed since the base, which has version {versions[0]}; this is {versions[1]}"
        yield f"{component.path}/pyproject.toml", message, "raise the version, and tell it in CHANGELOG.md"


def check_repository(catalog: Catalog) -> Problems:
    *_, doubt = _changes(catalog)
    if doubt and catalog.base:
        yield ".", f"git cannot tell which versions have to be raised: {doubt}", "fetch that commit, or name another"


@lru_cache(maxsize=1)
def _changes(catalog: Catalog) -> tuple[str, dict[str, list[str]], str]:
    """The base, the changed files of each component, relative to it, and what git is not sure about."""
    try:
        if is_base_itself(catalog.root, catalog.base):
            return "", {}, ""
        found: dict[str, list[str]] = {}
        for file in catalog.changed_files:
            parts = file.split("/")
            found.setdefault("/".join(parts[:4]), []).append("/".join(parts[4:]))
        return fork_point(catalog.root, catalog.base), found, ""
    except Uncertain as doubt:
        return "", {}, str(doubt)


def _goes_into_wheel(file: str, component: Component) -> bool:
    if component.platforms:
        return not file.startswith(("tests/", "examples/")) and file not in ("CHANGELOG.md", "pyproject.toml")
    return file.startswith("src/") or file == "README.md"


def _metadata(pyproject: dict, component: Component) -> tuple[dict, dict, dict]:
    """What goes into the wheel's metadata, but the version; of compiled code also how it is built."""
    project = {key: value for key, value in table(pyproject, "project").items() if key != "version"}
    return project, table(pyproject, "tool", "poetry"), table(pyproject, "build-system") if component.platforms else {}
