"""`catalog list`: what is in the catalog, as a table or as JSON."""

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable
from itertools import groupby
from typing import Annotated

from cyclopts import Parameter

from catalog.model import Catalog, Component, Template, strings
from catalog.options import JsonOption, RootOption


def list_catalog(
    words: Annotated[tuple[str, ...], Parameter(allow_leading_hyphen=False)] = (),
    /,
    *,
    tag: str | None = None,
    problem: str | None = None,
    kind: str | None = None,
    templates: bool = False,
    as_json: JsonOption = False,
    root: RootOption = None,
) -> int:
    """List components and templates, narrowed down by words, tag, problem or kind.

    For example:

        catalog list confusion
        catalog list --problem time-series-classification --kind atomic
        catalog list --templates --json

    Parameters
    ----------
    words
        Keep what holds every word in its name, description or tags.
    tag
        Keep what carries this tag.
    problem
        Keep one problem, for example common or time-series-classification.
    kind
        Keep atomic or composite components, or templates (kind template).
    templates
        Show the templates only.
    """
    catalog = Catalog(root)
    rows = [] if templates else [_component_row(component) for component in catalog.components]
    rows += [_template_row(template) for template in catalog.templates]
    wanted = {"problem": problem, "kind": kind}
    rows = [row for row in rows if all(value in (None, row[key]) for key, value in wanted.items())]
    rows = [row for row in rows if (tag is None or tag.lower() in row["tags"]) and _holds(row, words)]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif rows:
        _print_table(rows)
    else:
        print("Nothing in the catalog fits; `catalog list` alone shows all.")
    return 0


def _component_row(component: Component) -> dict:
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


def _template_row(template: Template) -> dict:
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


def _holds(row: dict, words: Iterable[str]) -> bool:
    text = " ".join([row["name"], row["description"], row["category"], *row["tags"]]).lower()
    return all(word.lower() in text for word in words)


def _print_table(rows: list[dict]) -> None:
    """Print the rows under their problem and category; a table of rich would take a second for 1,000 rows."""
    on_terminal = sys.stdout.isatty()
    strong, plain = ("\033[1m", "\033[0m") if on_terminal else ("", "")
    width = shutil.get_terminal_size().columns if on_terminal else 10_000
    indent = max(len(row["name"]) for row in rows) + 23
    for heading, group in groupby(rows, key=_heading):
        print(f"{strong}{heading}{plain}")
        for row in group:
            start = f"  {row['name']:{indent - 23}}  {row['version']:7} {row['kind']:11}"
            folded = textwrap.wrap(row["description"], max(20, width - indent)) or [""]
            print(f"\n{' ' * indent}".join([f"{start}{folded[0]}", *folded[1:]]))


def _heading(row: dict) -> str:
    return "templates" if row["kind"] == "template" else f"{row['problem']}, {row['category']}"
