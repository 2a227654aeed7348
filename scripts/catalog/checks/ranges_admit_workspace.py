"""Ranges between components are closed, and admit the version that is in the repository.

What: every `stac-x` in dependencies, extras and dependency groups has a lower and an upper bound, as in
`stac-x>=0.3,<0.4`, names a component of the catalog, and admits that component's version.

Why: in the repository uv takes the neighbour's folder whatever the range says; the conflict shows only when somebody
installs the published packages.

Fix: widen the range when the new version still fits (and release this component, too), or adapt the code first.
"""

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from catalog.checks import Problems
from catalog.model import Catalog, CatalogError, Component


def check(component: Component, catalog: Catalog) -> Problems:
    toml = f"{component.path}/pyproject.toml"
    for where, texts in component.requirements.items():
        for text in texts:
            try:
                requirement = Requirement(text)
            except InvalidRequirement as error:
                yield (
                    toml,
                    f"{where}: {text!r} is no requirement ({str(error).splitlines()[0]})",
                    "write it as pip would",
                )
                continue
            if canonicalize_name(requirement.name).startswith("stac-"):
                yield from ((toml, f"{where}: {message}", fix) for message, fix in _problems(requirement, catalog))


def _problems(requirement, catalog):
    if requirement.url:
        yield f"{requirement} names a place", "name a range; [tool.uv.sources] leads to the folder"
        return
    operators = {each.operator for each in requirement.specifier}
    if not (operators & {">=", ">"} and operators & {"<", "<="}):
        yield f"{requirement} lacks a lower or an upper bound", f"write it like {requirement.name}>=0.1,<0.2"
    try:
        neighbour = catalog.component(canonicalize_name(requirement.name))
    except CatalogError:
        yield f"{requirement} is not in the catalog", "correct the name; `catalog list` shows all"
        return
    if not requirement.specifier.contains(neighbour.version, prereleases=True):
        yield f"{requirement} does not admit {neighbour.version}, the version in {neighbour.path}", "widen the range"
