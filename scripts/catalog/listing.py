"""`catalog list`: what is in the catalog, as a table or as JSON; and the rows that searching looks through."""

import difflib
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Annotated

from cyclopts import Parameter

from catalog.model import Catalog, CatalogError, Component, Template, strings
from catalog.options import JsonOption, RootOption


@Parameter(name="*")
@dataclass(frozen=True)
class Narrowing:
    """The options that keep a part of the catalog."""

    tag: Annotated[str | None, Parameter(help="Keep what carries this tag.")] = None
    problem: Annotated[str | None, Parameter(help="Keep one problem, such as time-series-classification.")] = None
    category: Annotated[str | None, Parameter(help="Keep one category, such as models or data-processing.")] = None
    kind: Annotated[str | None, Parameter(help="Keep what is atomic, composite or a template.")] = None


def list_catalog(*, narrowing: Narrowing | None = None, as_json: JsonOption = False, root: RootOption = None) -> int:
    """List components and templates, grouped by problem and category.

    For example:

        catalog list
        catalog list --problem time-series-classification --kind atomic
        catalog list --kind template --json
    """
    rows = catalog_rows(Catalog(root), narrowing or Narrowing())
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif rows:
        print_table(rows, heading=_heading)
    else:
        print("Nothing in the catalog fits; `catalog list` alone shows all.")
    return 0


def catalog_rows(catalog: Catalog, narrowing: Narrowing) -> list[dict]:
    """Tell what there is of every component and template that the options keep; a value nothing has is an error."""
    rows = [component_row(component) for component in catalog.components]
    rows += [template_row(template) for template in catalog.templates]
    kept = rows
    for option, wanted in asdict(narrowing).items():
        if wanted is None:
            continue
        there = {value.lower() for row in rows for value in _values(row, option) if value}
        if rows and wanted.lower() not in there:
            raise CatalogError(f"no {option} {wanted!r} in the catalog; {did_you_mean(wanted, there)}")
        kept = [row for row in kept if wanted.lower() in map(str.lower, _values(row, option))]
    return kept


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Say which words are near, or all of them where they are few, or that `catalog list` shows them."""
    known = sorted(set(words))
    near = difflib.get_close_matches(word.lower(), known, n=3)
    if near or len(known) > 12:
        return f"did you mean {' or '.join(near)}?" if near else "`catalog list` shows what there is."
    return f"there is {', '.join(known)}."


def component_row(component: Component) -> dict:
    return {
        "name": component.distribution,
        "version": component.version,
        "problem": component.problem,
        "category": component.category,
        "kind": str(component.stac.get("kind", "?")),
        "description": str(component.project.get("description", "")),
        "tags": strings(component.stac.get("tags")),
        "path": component.path,
        "package": component.package,
    }


def template_row(template: Template) -> dict:
    return {
        "name": template.name,
        "version": "",
        "problem": template.problem,
        "category": "",
        "kind": "template",
        "description": template.description,
        "tags": template.tags,
        "path": template.path,
    }


def print_table(rows: list[dict], heading: Callable[[dict], str] | None = None) -> None:
    """Print the rows, under headings if wanted; a table of rich would take a second for 1,000 rows."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
    longest = max(len(row["name"]) for row in rows)
    indent = longest + 23
    for title, group in groupby(rows, key=heading or (lambda _: "")):
        if title:
            print(paint(title, "1"))
        for row in group:
            start = f"  {row['name']:{longest}}  {row['version']:7} {row['kind']:11}"
            folded = textwrap.wrap(row["description"], max(20, width - indent)) or [""]
            print(f"\n{' ' * indent}".join([f"{start}{folded[0]}", *folded[1:]]))


def paint(text: str, code: str) -> str:
    """Colour the text on a terminal, unless NO_COLOR asks for none; 1 is bold, 2 dim, 36 cyan."""
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def _heading(row: dict) -> str:
    return "templates" if row["kind"] == "template" else f"{row['problem']}, {row['category']}"


def _values(row: dict, option: str) -> list[str]:
    return row["tags"] if option == "tag" else [row[option]]
