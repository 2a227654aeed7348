"""`catalog search` and `catalog info`: find something by words, and show all about it on one screen."""

import difflib
import json
import re
import shutil
import sys
import textwrap
from typing import Annotated

from cyclopts import Parameter

from catalog.listing import Narrowing, catalog_rows, component_row, did_you_mean, paint, print_table, template_row
from catalog.model import Catalog, CatalogError, Component, Template
from catalog.options import JsonOption, RootOption


def search(
    words: Annotated[tuple[str, ...], Parameter(allow_leading_hyphen=False)] = (),
    /,
    *,
    narrowing: Narrowing | None = None,
    as_json: JsonOption = False,
    root: RootOption = None,
) -> int:
    """Search components and templates by words, best match first.

    What is found holds every word, in its name, tags, category, problem or
    description; they count in this order. A word that is nowhere is taken for
    the nearest one that is somewhere.

    For example:

        catalog search muon
        catalog search missing values --kind atomic
        catalog search --tag baseline --problem time-series-forecasting

    Parameters
    ----------
    words
        What to look for; none for all that the options keep.
    """
    rows = catalog_rows(Catalog(root), narrowing or Narrowing())
    texts = [_texts(row) for row in rows]
    wanted = _mend_typing([part for word in words for part in _split(word)], texts)
    scored = [([_score(word, text) for word in wanted], row) for text, row in zip(texts, rows, strict=True)]
    fitting = [(sum(scores), row) for scores, row in scored if all(scores)]
    found = [row for _, row in sorted(fitting, key=lambda pair: -pair[0])]
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    elif found:
        print_table(found)
        print(paint("\n`catalog info NAME` shows all about one of them.", "2"))
    else:
        print("Nothing in the catalog fits; fewer words find more, and `catalog list` shows all.")
    return 0


def info(name: str, /, *, as_json: JsonOption = False, root: RootOption = None) -> int:
    """Show all about a component or a template, on one screen.

    What it is, what it needs, who uses it, how it is installed and used.

    For example:

        catalog info minirocket
        catalog info stac.data_processing.standardize --json
        catalog info time-series-classification/minirocket

    Parameters
    ----------
    name
        The name of a component (also its package, import or folder) or of a template.
    """
    catalog = Catalog(root)
    one = _named(catalog, name)
    about = _about(one, catalog)
    if as_json:
        print(json.dumps(about, indent=2, ensure_ascii=False))
    else:
        technique = one.path.rsplit("/", 1)[1]
        also = [template.name for template in catalog.templates if template.name.rsplit("/", 1)[-1] == technique]
        _print_info(about, [other for other in also if other != one.name])
    return 0


# What a match is worth by where it stands. A whole word counts twice, so that each place outweighs all after it.
WORTH = {"name": 27, "tags": 9, "place": 3, "description": 1}


def _score(word: str, texts: dict[str, str]) -> int:
    """Sum what the places are worth that hold the word, in singular or plural."""
    stem = word[:-1] if len(word) > 4 and word.endswith("s") else word
    score = 0
    for place, worth in WORTH.items():
        if stem in texts[place]:
            score += 2 * worth if {word, stem} & set(_split(texts[place])) else worth
    return score


def _texts(row: dict) -> dict[str, str]:
    place = f"{row['problem']} {row['category']} {row.get('package', '')}"
    texts = {"name": row["name"], "tags": " ".join(row["tags"]), "place": place, "description": row["description"]}
    return {key: text.lower().replace("_", " ") for key, text in texts.items()}


def _split(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _mend_typing(words: list[str], texts: list[dict[str, str]]) -> list[str]:
    """Replace each word that is nowhere by the nearest one that is somewhere, and say so."""
    missing = [word for word in words if not any(_score(word, text) for text in texts)]
    if not missing:
        return words
    there = {part for text in texts for place in text.values() for part in _split(place)}
    near = {word: match for word in missing for match in difflib.get_close_matches(word, sorted(there), 1, cutoff=0.75)}
    for word, match in near.items():
        print(f"Nothing holds {word!r}; did you mean {match!r}?", file=sys.stderr)
    return [near.get(word, word) for word in words]


def _named(catalog: Catalog, name: str) -> Component | Template:
    """Find a template by its whole name, else a component, else a template by its technique."""
    plain = name.strip("/").removeprefix("templates/")
    templates = {template.name: template for template in catalog.templates}
    if plain in templates:
        return templates[plain]
    try:
        return catalog.component(plain.rsplit(".", 1)[-1])
    except CatalogError:
        techniques = {template.name.rsplit("/", 1)[-1]: template for template in reversed(catalog.templates)}
    if plain in techniques:
        return techniques[plain]
    known = [component.name for component in catalog.components] + [*templates, *techniques]
    hint = did_you_mean(plain.removeprefix("stac-"), known)
    raise CatalogError(f"nothing in the catalog is called {name!r}; {hint}")


def _about(one: Component | Template, catalog: Catalog) -> dict:
    """Tell everything about it, as `--json` prints it."""
    readme = next((file for file in (catalog.root / one.path).glob("README.md*")), None)
    text = readme.read_text(encoding="utf-8") if readme else ""
    if isinstance(one, Template):
        installation = f"cookiecutter {one.path}"
        about = template_row(one) | {"needs": sorted(one.stac_dependencies), "used_by": []}
    else:
        installation = _first_block(text, "Installation")
        users = [other.distribution for other in catalog.components if one.distribution in other.built_on]
        users += [template.name for template in catalog.templates if one.distribution in template.stac_dependencies]
        about = component_row(one) | {"needs": one.requirements["dependencies"], "used_by": users}
        about["platforms"] = one.platforms
    return about | {"installation": installation, "usage": _first_block(text, "Usage")}


def _first_block(readme: str, section: str) -> str:
    """Give the first block of code under the heading."""
    _, _, under = f"\n{readme}".partition(f"\n## {section}\n")
    before, _, rest = under.partition("\n```")
    return rest.partition("\n")[2].partition("\n```")[0] if "\n## " not in before else ""


def _print_info(about: dict, same_name: list[str]) -> None:
    kind = "template" if about["kind"] == "template" else f"{about['kind']} component"
    print(f"{paint(about['name'], '1')} {about['version']}".rstrip() + paint(f"  {kind}", "2"))
    print(_folded(about["description"], indent=0), end="\n\n")
    lines = {
        "problem": about["problem"],
        "category": about["category"],
        "import": about.get("package", ""),
        "tags": ", ".join(about["tags"]),
        "needs": ", ".join(about["needs"]),
        "wheels": ", ".join(about.get("platforms", ())),
        "used by": ", ".join(about["used_by"]),
        "source": about["path"],
        "see also": ", ".join(same_name),
    }
    for label, text in lines.items():
        if text:
            print(f"  {paint(f'{label:8}', '36')}  {_folded(text, indent=12)}")
    for section in ("installation", "usage"):
        if about[section]:
            print(f"\n{paint(section.capitalize(), '1')}\n{textwrap.indent(about[section], '  ')}")


def _folded(text: str, indent: int) -> str:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
    lines = textwrap.wrap(text, max(20, width - indent), break_on_hyphens=False)
    return f"\n{' ' * indent}".join(lines)
