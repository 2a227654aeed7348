"""The rules, one small file each; the file's docstring is the rule's documentation.

A rule's file holds any of these functions (its name, with hyphens, is the rule's name):

- `check(component, catalog)` yields `(path, message, fix)` for each problem of one component;
- `check_template(template, catalog)` does the same for each template;
- `check_repository(catalog)` does the same for what belongs to neither;
- `mend(component, catalog)` repairs what a program can repair, and yields a sentence for each repair.

A new file in this folder is a new rule; nothing else has to know it. A rule with `ON_WHEELS = True` looks at built
wheels and runs when it is asked for.
"""

import difflib
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from catalog.model import Catalog, CatalogError, Component, Template

Problems = Iterator[tuple[str, str, str]]  # path, message, fix


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, what, and what to do about it."""

    path: str
    message: str
    fix: str
    rule: str


@dataclass(frozen=True)
class Rule:
    """One file of this folder."""

    name: str
    module: ModuleType

    @property
    def documentation(self) -> str:
        return (self.module.__doc__ or "").strip()

    @property
    def on_wheels(self) -> bool:
        return getattr(self.module, "ON_WHEELS", False)

    def run(self, component: Component, catalog: Catalog) -> list[Problem]:
        return self._collect("check", component, catalog)

    def run_on_template(self, template: Template, catalog: Catalog) -> list[Problem]:
        return self._collect("check_template", template, catalog)

    def run_on_repository(self, catalog: Catalog) -> list[Problem]:
        return self._collect("check_repository", catalog)

    def mend(self, component: Component, catalog: Catalog) -> list[str]:
        return list(self.module.mend(component, catalog)) if hasattr(self.module, "mend") else []

    def _collect(self, function: str, *arguments: Component | Template | Catalog) -> list[Problem]:
        found: Problems = getattr(self.module, function, lambda *_: iter(()))(*arguments)
        return [Problem(*problem, rule=self.name) for problem in dict.fromkeys(found)]  # each once


@cache
def rule_names() -> tuple[str, ...]:
    files = Path(__file__).parent.glob("[a-z]*.py")
    return tuple(sorted(file.stem.replace("_", "-") for file in files))


def load_rule(name: str) -> Rule:
    if name not in rule_names():
        close = difflib.get_close_matches(name, rule_names(), n=1)
        hint = f"did you mean {close[0]}?" if close else "`catalog check --rules` shows all."
        raise CatalogError(f"no rule is called {name!r}; {hint}")
    return Rule(name, importlib.import_module(f"{__name__}.{name.replace('-', '_')}"))


def load_rules() -> list[Rule]:
    return [load_rule(name) for name in rule_names()]
