"""`catalog check`: holds components to the rules of the house, which stand in `catalog/checks/`."""

import sys
from time import perf_counter
from typing import Annotated

from cyclopts import Parameter

from catalog.affected import dependents
from catalog.checks import Problem, Rule, load_rule, load_rules, rule_names
from catalog.git import Uncertain
from catalog.model import Catalog, CatalogError, Component, Template
from catalog.options import RootOption


def check(
    names: tuple[str, ...] = (),
    /,
    *,
    changed: bool = False,
    base: str | None = None,
    rule: Annotated[str | None, Parameter(name="--rule")] = None,
    fix: bool = False,
    wheels: bool = False,
    explain: str | None = None,
    rules: bool = False,
    root: RootOption = None,
) -> int:
    """Hold components to the rules of the house: all of them, those named, or those changed.

    Every problem is one line that ends with the fix. The status is 0 when there is none, 1 otherwise.

    For example:

        catalog check
        catalog check minirocket standardize
        catalog check --changed --base origin/main
        catalog check minirocket --fix
        catalog check --explain ranges-admit-workspace

    Parameters
    ----------
    names
        Components by name, distribution or folder; all of them, and the repository itself, when none is named.
    changed
        Check what differs from the base, and the ranges of what depends on it.
    base
        What changes are compared with; origin/main (or main) when it is not given.
    rule
        Run this rule only.
    fix
        Mend what a program can mend, then check.
    wheels
        Look into the wheels of dist/wheels, too.
    explain
        Print what this rule asks for, why, and how to satisfy it.
    rules
        Print all rules, a line each.
    """
    if explain or rules:
        print(f"{explain}: {load_rule(explain).documentation}" if explain else "\n".join(map(_one_line, load_rules())))
        return 0
    if changed and names:
        raise CatalogError("give names or --changed, not both.")
    started = perf_counter()
    catalog = Catalog(root, base)
    chosen = [load_rule(rule)] if rule else [rule for rule in load_rules() if wheels or not rule.on_wheels]
    targets, whole, dependent = _targets(catalog, names, changed)
    if fix:
        _mend(catalog, targets, chosen)
    found = {target.path: _problems(catalog, target, chosen) for target in targets}
    for target in dependent:
        found[target.path] = _problems(catalog, target, [load_rule("ranges-admit-workspace")])
    for template in _templates(catalog, changed) if whole else []:
        found[template.path] = [problem for one in chosen for problem in one.run_on_template(template, catalog)]
    if whole:
        found["the repository"] = [problem for one in chosen for problem in one.run_on_repository(catalog)]
    return _report(found, len(targets), len(chosen), perf_counter() - started)


def _targets(catalog: Catalog, names: tuple[str, ...], changed: bool) -> tuple[list[Component], bool, list[Component]]:
    """What to check, whether the repository is checked too, and the dependents whose ranges are checked."""
    if names or not changed:
        return catalog.select(names), not names, []
    try:
        paths = {"/".join(file.split("/")[:4]) for file in catalog.changed_files}
    except Uncertain as doubt:
        print(f"Checking everything, because {doubt}.")
        return catalog.components, True, []
    targets = [component for component in catalog.components if component.path in paths]
    try:
        graph = dependents(catalog.components) if targets else {}
    except (Uncertain, CatalogError) as doubt:
        print(f"Checking everything, because {doubt}.")
        return catalog.components, True, []
    near = {name for target in targets for name in graph[target.distribution]}
    return targets, True, [one for one in catalog.components if one.distribution in near and one not in targets]


def _templates(catalog: Catalog, changed: bool) -> list[Template]:
    """The templates to check: all, or those that differ from the base; a shared file is a change of all."""
    try:
        files = catalog.changed_files if changed else ["templates/shared/"]
    except Uncertain:
        return catalog.templates
    if any(file.startswith("templates/shared/") for file in files):
        return catalog.templates
    return [template for template in catalog.templates if any(file.startswith(f"{template.path}/") for file in files)]


def _problems(catalog: Catalog, component: Component, rules: list[Rule]) -> list[Problem]:
    """All problems of one component; what cannot even be read is one, and ends the search."""
    try:
        return [problem for rule in rules for problem in rule.run(component, catalog)]
    except CatalogError as error:
        return [Problem(f"{component.path}/pyproject.toml", str(error), "mend it, then check again", "metadata")]


def _mend(catalog: Catalog, targets: list[Component], rules: list[Rule]) -> None:
    for index, component in enumerate(targets):
        for rule in rules:
            try:
                mended = rule.mend(targets[index], catalog)
            except CatalogError:  # unreadable: the check that follows says so
                break
            for sentence in mended:
                print(f"mended {component.path}: {sentence}")
            if mended:
                targets[index] = Component(catalog.root, component.path)


def _report(found: dict[str, list[Problem]], n_components: int, n_rules: int, seconds: float) -> int:
    """Print problems under the component they belong to; return the exit status."""
    strong, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    for where, problems in found.items():
        if problems:
            print(f"{strong}{where}{plain}")
        for problem in problems:
            path = problem.path.removeprefix(f"{where}/")
            print(f"  {problem.rule}: {path}: {problem.message} → {problem.fix}")
    count = sum(map(len, found.values()))
    verdict = f"{count} problem{'s' * (count != 1)}" if count else "All is well"
    components = f"{n_components} component{'s' * (n_components != 1)}"
    print(f"{verdict}: {components}, {n_rules} rule{'s' * (n_rules != 1)}, {seconds:.1f} s.")
    if count:
        example = next(problem.rule for problems in found.values() for problem in problems)
        print(f"Why a rule is there: catalog check --explain {example}")
    return 1 if count else 0


def _one_line(rule: Rule) -> str:
    width = max(map(len, rule_names()))
    return f"{rule.name:{width}}  {rule.documentation.splitlines()[0]}"
