"""The pyproject.toml is complete and says the same things in the same way everywhere.

What: a version; a description that is one sentence; README.md, Python >= 3.11, BSD-3-Clause and "The STAC
contributors"; `[tool.stac]` with problem, category, kind and lower-case tags; entry points that lead into the
component's own package; poetry-core as build backend, and `src/stac` as the only package. Compiled code has
`platforms` in `[tool.stac]`, tags of wheels such as "manylinux_2_17_x86_64", and a backend in the component's folder
`building` that adds the library to poetry-core's wheel; it takes the platform as `-C platform=...`.

Why: the catalog's pages, the search by tags and the wheels are made from this.

Fix: write the line that the message names.
"""

import re

from packaging.version import InvalidVersion, Version

from catalog.checks import Problems
from catalog.model import Catalog, Component, strings, table

FIXED = {
    "readme": "README.md",
    "requires-python": ">=3.11",
    "license": "BSD-3-Clause",
    "authors": [{"name": "The STAC contributors"}],
}
BACKEND = {"requires": ["poetry-core>=2.1,<3"], "build-backend": "poetry.core.masonry.api"}
PLATFORM = r"manylinux_2_\d+_(x86_64|aarch64)|macosx_\d+_0_(arm64|x86_64)|win_(amd64|arm64)"
PACKAGES = [{"include": "stac", "from": "src"}]


def check(component: Component, catalog: Catalog) -> Problems:
    return ((f"{component.path}/pyproject.toml", message, fix) for message, fix in _problems(component))


def _problems(component):
    for key, value in FIXED.items():
        if component.project.get(key) != value:
            yield f"{key} is {component.project.get(key)!r}", f"write {key} = {_as_toml(value)}"
    yield from _version_and_description(component)
    yield from _stac_table(component.stac)
    yield from _entry_points(component)
    yield from _build_system(component)
    if table(component.pyproject, "tool", "poetry").get("packages") != PACKAGES:
        yield "[tool.poetry] does not name the package", f"write packages = {_as_toml(PACKAGES)}"


def _version_and_description(component):
    try:
        Version(component.version)
    except InvalidVersion:
        yield f"version {component.version!r} is none", 'write it like version = "0.1.0"'
    description = component.project.get("description")
    is_sentence = isinstance(description, str) and description[:1].isupper() and description.endswith(".")
    if not is_sentence or "\n" in description or ". " in description.replace("e.g. ", ""):
        yield f"description {description!r} is not one sentence", "begin with a capital, end with the only full stop"


def _build_system(component):
    system = table(component.pyproject, "build-system")
    if "platforms" not in component.stac:
        if system != BACKEND:
            keys = "; ".join(f"{key} = {_as_toml(value)}" for key, value in BACKEND.items())
            yield "[build-system] is not the common one", f"write {keys}, or name [tool.stac] platforms"
        return
    if system.get("requires") != BACKEND["requires"]:
        fix = f"require {_as_toml(BACKEND['requires'])}, and the compiler in the backend's get_requires_for_build_wheel"
        yield "[build-system] requires something else than poetry-core", fix
    if system.get("backend-path") != ["building"]:
        yield "[build-system] has no backend of its own", 'write backend-path = ["building"]'
    platforms = strings(component.stac["platforms"])
    wrong = [platform for platform in platforms if not re.fullmatch(PLATFORM, platform)]
    if wrong or not platforms or platforms != component.stac["platforms"]:
        yield f"[tool.stac] platforms {wrong} are no platforms of wheels", 'write for example ["manylinux_2_17_x86_64"]'


def _stac_table(stac):
    unknown = stac.keys() - {"problem", "category", "kind", "tags", "platforms"}
    if unknown:
        yield f"[tool.stac] has unknown keys: {', '.join(sorted(unknown))}", "delete them"
    if stac.get("kind") not in ("atomic", "composite"):
        yield f"[tool.stac] kind is {stac.get('kind')!r}", 'write kind = "atomic" or kind = "composite"'
    tags = strings(stac.get("tags"))
    if not tags or tags != stac["tags"]:
        yield "[tool.stac] has no tags", 'write the words a user would search for: tags = ["smoothing"]'
    for tag in tags:
        if tag != tag.lower().strip() or not tag:
            yield f"tag {tag!r} is not in lower case", f'write "{tag.lower().strip()}"'
    if len(set(tags)) < len(tags):
        yield "[tool.stac] repeats a tag", "name each once"


def _entry_points(component):
    groups = table(component.project, "entry-points") | {"scripts": table(component.project, "scripts")}
    for group, entries in groups.items():
        for name, target in (entries if isinstance(entries, dict) else {}).items():
            module = str(target).split(":")[0]
            if module != component.package and not module.startswith(f"{component.package}."):
                yield f"{group} {name} leads to {module}, outside {component.package}", "lead it into the package"


def _as_toml(value):
    if isinstance(value, list):
        return f"[{', '.join(map(_as_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_as_toml(item)}' for key, item in value.items())} }}"
    return f'"{value}"'
