"""`catalog affected`: what a change can break, dependents and templates included; in doubt, everything."""

import json
import re
from dataclasses import asdict, dataclass, field

from catalog.git import Uncertain, changed_files
from catalog.model import Catalog, CatalogError, Component
from catalog.options import JsonOption, RootOption

# What starts a new component or template, and what is beside them, is in none of them.
IGNORED = re.compile(r"docs/|benchmarks/|infrastructure/|templates/(component|template)/|LICENSE$|[^/]+\.md$")
# Inside a component, these cannot change what its dependents do.
OWN_AFFAIR = re.compile(r"README\.md$|CHANGELOG\.md$|tests/|examples/")
ITSELF_ONLY = "itself only"


@dataclass
class Affected:
    """The answer: for every affected component and template, by name, its path and why."""

    everything: bool = False
    reason: str = ""
    components: dict[str, dict[str, str]] = field(default_factory=dict)
    templates: dict[str, dict[str, str]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)


def affected(*, base: str | None = None, as_json: JsonOption = False, root: RootOption = None) -> int:
    """Tell which components and templates a change can break.

    Changed are the files that differ from the point where HEAD left the base, committed or not, new ones too.
    Affected are their components, everything that depends on those (dependencies, extras, dependency groups),
    and the templates whose projects use any of it. README.md, CHANGELOG.md, tests and examples concern their own
    component only. docs/, benchmarks/, infrastructure/, the scaffolds (templates/component, templates/template) and
    the *.md files of the root affect nothing.
    Whatever is not certain affects everything, and the reason is printed.

    For example:

        catalog affected
        catalog affected --base origin/main --json
        catalog affected --base HEAD~1

    Parameters
    ----------
    base
        The branch, tag or commit to compare with; origin/main (or main) when it is not given.
    """
    found = find_affected(Catalog(root), base)
    if as_json:
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        _print(found)
    return 0


def find_affected(catalog: Catalog, base: str | None) -> Affected:
    """Work out the answer; it never fails, it answers "everything" instead."""
    try:
        if base == "":  # a variable of CI that is not set must not mean the default, which may be HEAD itself
            raise Uncertain("the base is empty")
        changed, files_of_templates, ignored = _sort_files(catalog, changed_files(catalog.root, base))
        reached = _with_dependents(catalog.components, changed)
        templates = dict.fromkeys(files_of_templates, "changed")
        # With nothing changed that others see, dependencies need not be known.
        seen = {name for name, why in reached.items() if why != ITSELF_ONLY}
        templates |= _templates_using(catalog, seen) if seen else {}
    except (Uncertain, CatalogError) as doubt:
        return _everything(catalog, str(doubt))
    by_name = {component.distribution: component for component in catalog.components}
    return Affected(
        components={name: {"path": by_name[name].path, "why": why} for name, why in sorted(reached.items())},
        templates={
            template.name: {"path": template.path, "why": templates[template.path]}
            for template in catalog.templates
            if template.path in templates
        },
        ignored=ignored,
    )


def dependents(components: list[Component]) -> dict[str, list[str]]:
    """For each distribution, those that name it anywhere in their pyproject.toml."""
    found: dict[str, list[str]] = {component.distribution: [] for component in components}
    for component in components:
        for name in component.stac_dependencies - {component.distribution}:
            if name not in found:
                raise Uncertain(f"{component.path} names {name}, which is not in the catalog")
            found[name].append(component.distribution)
    return found


def _sort_files(catalog: Catalog, files: list[str]) -> tuple[dict[str, str], set[str], list[str]]:
    """Split changed files into those of components, those of templates, and those that affect nothing.

    A component stands for its distribution, with "changed" or, when only its own affairs changed, ITSELF_ONLY.
    """
    distributions = {component.path: component.distribution for component in catalog.components}
    template_paths = {template.path for template in catalog.templates}
    components: dict[str, str] = {}
    templates: set[str] = set()
    ignored: list[str] = []
    for file in files:
        parts = file.split("/")
        component = "/".join(parts[:4])
        template = next((path for n in (3, 2) if (path := "/".join(parts[:n])) in template_paths), None)
        if component in distributions:
            own_affair = OWN_AFFAIR.match("/".join(parts[4:]))
            why = components.get(distributions[component], ITSELF_ONLY)
            components[distributions[component]] = why if own_affair else "changed"
        elif template is not None:
            templates.add(template)
        elif IGNORED.match(file):
            ignored.append(file)
        elif parts[0] == "components":
            raise Uncertain(f"{file} belongs to no component (was one deleted or moved?)")
        elif parts[0] == "templates":
            raise Uncertain(f"{file} belongs to no single template")
        else:
            raise Uncertain(f"{file} can reach everything")
    return components, templates, ignored


def _with_dependents(components: list[Component], changed: dict[str, str]) -> dict[str, str]:
    """The changed distributions and all that depend on them, each with the reason."""
    graph = dependents(components) if changed else {}
    reached = dict(changed)
    waiting = [name for name, why in changed.items() if why == "changed"]
    spread = set(waiting)
    while waiting:
        name = waiting.pop()
        for dependent in graph[name]:
            if reached.get(dependent, ITSELF_ONLY) == ITSELF_ONLY:
                reached[dependent] = f"depends on {name}"
            if dependent not in spread:
                spread.add(dependent)
                waiting.append(dependent)
    return reached


def _templates_using(catalog: Catalog, reached: set[str]) -> dict[str, str]:
    known = {component.distribution for component in catalog.components}
    found = {}
    for template in catalog.templates:
        try:
            used, unknown = sorted(template.stac_dependencies & reached), template.stac_dependencies - known
        except CatalogError as doubt:  # a template whose dependencies nobody knows may use anything
            used, unknown = [], {str(doubt)}
        if used:
            found[template.path] = f"uses {used[0]}"
        elif unknown:
            found[template.path] = f"unsure what it uses: {min(unknown)}"
    return found


def _everything(catalog: Catalog, reason: str) -> Affected:
    return Affected(
        everything=True,
        reason=reason,
        components={c.distribution: {"path": c.path, "why": "everything"} for c in catalog.components},
        templates={t.name: {"path": t.path, "why": "everything"} for t in catalog.templates},
    )


def _print(found: Affected) -> None:
    if found.everything:
        count = f"{len(found.components)} components, {len(found.templates)} templates"
        print(f"Everything ({count}), because {found.reason}.")
    for heading, entries in (("Components", found.components), ("Templates", found.templates)):
        if entries and not found.everything:
            print(heading)
            width = max(map(len, entries))
            for name, entry in entries.items():
                print(f"  {name:{width}}  {entry['why']}")
    if not (found.everything or found.components or found.templates):
        print("Nothing is affected.")
    if found.ignored:
        print(f"Without effect: {', '.join(found.ignored)}")
