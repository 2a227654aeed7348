"""`catalog docs`: collects the pages of components, templates and rules for the documentation site.

A page is made from the README, the changelog, the metadata and the docstrings of one folder. Links between READMEs
become links between pages, relative ones, so that they hold under every base path and in every language. What the
docstrings say is kept from one call to the next, and a page that says the same already is left alone.
"""

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Annotated

from cyclopts import Parameter

from catalog.checks import Rule, load_rules
from catalog.files import write_whole
from catalog.links import Links
from catalog.model import Catalog, CatalogError, Component, Template, strings
from catalog.options import RootOption
from catalog.reference import References, as_prose
from catalog.site import build_site

PAGES = "docs/src/content/docs"
PICTURES = "docs/src/assets/collected"
CARDS = "docs/src/collected.json"
REFERENCES = "docs/.references.json"
COLLECTED = ("components", "templates")  # folders of pages that hold nothing else
DOCUMENTS = ("docs/architecture.md",)
README = re.compile(r"\A# (?P<title>.+)\n+(?P<lead>(?:[^#\s`|<:-][^\n]*\n)*)(?P<body>(?:.|\n)*)")
TAGS = re.compile(r"(?ms)^## Tags *\n.*?(?=^## |\Z)")
INSTALLING = re.compile(r"(?ms)^## Installation *\n.*?^```[^`]*^```\n")  # up to the end of its first block
CODE_BLOCK = re.compile(r"(?ms)^(```+|~~~+).*?^\1")


@dataclass(frozen=True)
class Page:
    """A page of the site, and the Markdown it begins with."""

    name: str  # its place in the site: components/standardize
    file: str  # relative to the root
    of: Component | Template | None = None

    @property
    def target(self) -> str:
        return f"{PAGES}/{self.name}{Path(self.file).suffix}"


def docs(
    *,
    build: bool = False,
    source: Annotated[str | None, Parameter(env_var="DOCS_SOURCE")] = None,
    root: RootOption = None,
) -> None:
    """Collect the pages of components, templates and rules into docs/src/content, and build the documentation site.

    Only what has changed is written, and pages of what is gone are removed. The site is built into docs/dist, or into
    DOCS_OUT; DOCS_BASE is the path under which it is served, for example /stac/.

    For example:

        catalog docs
        catalog docs --build
        catalog docs --source https://gitlab.example.org/team/stac/-/tree/main

    Parameters
    ----------
    build
        Build the site, too; the first time this installs Astro and Starlight.
    source
        Address under which people look at the repository's folders, to which the pages link then; in GitLab's CI it is
        known.
    """
    started = perf_counter()
    catalog = Catalog(root)
    pages = find_pages(catalog)
    links = Links(catalog.root, {page.file: page.name for page in pages.values()}, source or _source_on_gitlab())
    references = References(catalog.root / REFERENCES, catalog.components)
    users = _users(catalog)
    texts = {page.target: _render(page, links, references, users) for page in pages.values()}
    texts[f"{PAGES}/rules.md"] = _rules_page(load_rules())
    cards = [_card(page) | {"page": page.name} for page in pages.values() if page.of]
    texts[CARDS] = json.dumps(cards, indent=1, ensure_ascii=False)
    # Everything is read before anything is written: an error leaves the site as it was.
    written = sum([_write(catalog.root / target, text.encode()) for target, text in texts.items()])
    for target, picture in links.pictures.items():
        _write(catalog.root / PICTURES / target, picture.read_bytes())
    removed = _remove_all_but(catalog.root, texts.keys(), links.pictures)
    references.save()
    print(f"{len(texts) - 1} pages: {written} files written, {removed} removed ({perf_counter() - started:.1f} s)")
    if build:
        build_site(catalog.root)


def find_pages(catalog: Catalog) -> dict[str, Page]:
    """All pages that are collected from Markdown, by name."""
    found: dict[str, Page] = {}
    for page in _pages(catalog):
        if page.name in found:
            raise CatalogError(f"{found[page.name].file} and {page.file} would be the same page: rename one folder.")
        found[page.name] = page
    return found


def _pages(catalog: Catalog) -> Iterator[Page]:
    for component in catalog.components:
        name = f"components/{component.name}"
        readme = _readme(component.folder, component.path)
        yield Page(name, readme, component)
        for other in sorted(component.folder.glob("*.md")):
            if other.name not in ("CHANGELOG.md", Path(readme).name):
                yield Page(f"{name}/{other.stem.lower()}", f"{component.path}/{other.name}")
    for template in catalog.templates:
        yield Page(template.path, _readme(catalog.root / template.path, template.path), template)
    for document in DOCUMENTS:
        if (catalog.root / document).is_file():
            yield Page(Path(document).stem, document)


def _readme(folder: Path, path: str) -> str:
    for name in ("README.md", "README.mdx"):
        if (folder / name).is_file():
            return f"{path}/{name}"
    raise CatalogError(f"{path} has no README.md, of which its page is made.")


def _users(catalog: Catalog) -> dict[str, list[str]]:
    """Of each distribution the pages of what is built on it."""
    users = defaultdict(list)
    for component in catalog.components:
        for name in component.built_on:
            users[name].append(f"components/{component.name}")
    for template in catalog.templates:
        for name in template.stac_dependencies:
            users[name].append(template.path)
    return users


# --- one page ---------------------------------------------------------------------------------------------------------


def _render(page: Page, links: Links, references: References, users: dict[str, list[str]]) -> str:
    text = links.rewrite(page.file, page.name)
    match = README.match(text)
    if not match:
        raise CatalogError(f"{page.file} does not begin with its title: begin with a line like '# Title'.")
    front = {"title": match["title"].strip(), "editUrl": False, "prev": False, "next": False}
    lead = " ".join(match["lead"].split())
    if page.of is None:
        return _markdown(front | {"description": _plain(lead) or front["title"]}, lead, match["body"])
    card = _card(page)
    source = links.address(page.of.path)
    front |= {"description": card.pop("description"), "catalog": card | ({"source": source} if source else {})}
    # The header of the page shows the tags, and the description where the first sentence says the same.
    body = TAGS.sub("", match["body"])
    if isinstance(page.of, Component):
        body = _with_index(body, page, links)
    parts = ["" if _plain(lead) == front["description"] else lead, body]
    if isinstance(page.of, Component):
        api = references.of(page.of)
        parts += [f"## API reference\n\n{api}" if api else ""]
        parts += [_connections(page, page.of.built_on, users[page.of.distribution], links), _changelog(page, links)]
    else:
        parts += [_connections(page, page.of.stac_dependencies, [], links)]
    return _markdown(front, *parts)


def _with_index(body: str, page: Page, links: Links) -> str:
    """Say where the guide tells how to name the index: without it, installers may take a package of somebody else's."""
    guide = links.root / PAGES / "installation.md"
    match = INSTALLING.search(body) if guide.is_file() else None
    if match is None:
        return body
    place = links.between(page.name, "installation")
    hint = f"It comes from your team's index: [the guide]({place}) tells how to name that to uv, pip and Poetry."
    return f"{body[: match.end()]}\n{hint}\n{body[match.end() :]}"


def _markdown(front: dict, *parts: str) -> str:
    # JSON is YAML, too, and needs no thought about what to quote.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items()]
    text = "\n\n".join(part.strip() for part in parts if part.strip())
    return "---\n" + "\n".join(lines) + f"\n---\n\n{text}\n"


def _card(page: Page) -> dict:
    """What the header of a page, the cards of the catalog and the search show of a component or a template."""
    if isinstance(page.of, Component):
        one = page.of
        return {
            "title": one.name,
            "description": str(one.project.get("description", "")),
            "kind": str(one.stac.get("kind", "?")),
            "problem": one.problem,
            "category": one.category,
            "tags": strings(one.stac.get("tags")),
            "version": one.version,
            "package": one.package,
            "path": one.path,
        }
    title = re.match(r"# (.+)", page.of.readme)
    return {
        "title": title[1].strip() if title else page.of.name,
        "description": _plain(page.of.description),
        "kind": "template",
        "problem": page.of.problem,
        "tags": page.of.tags,
        "path": page.of.path,
    }


def _connections(page: Page, needs: Iterable[str], used_by: Iterable[str], links: Links) -> str:
    """The section that leads to what this is built on, and to what is built on it."""
    built_on = [f"components/{name.removeprefix('stac-')}" for name in needs]
    component = isinstance(page.of, Component)
    others = [f"`{text}`" for text in strings(page.of.project.get("dependencies"))] if component else []
    lines = {
        "Built on" if component else "Components": _list(page, built_on, links),
        "Used by": _list(page, used_by, links),
        "Other packages": ", ".join(each for each in others if not each.startswith("`stac-")),
    }
    rows = "\n".join(f"| {label} | {text} |" for label, text in lines.items() if text)
    return f"## Dependencies\n\n| | |\n|---|---|\n{rows}" if rows else ""


def _list(page: Page, names: Iterable[str], links: Links) -> str:
    known = set(links.places.values())
    titles = {name: name.removeprefix("components/").removeprefix("templates/") for name in sorted(names)}
    listed = [f"[{title}]({links.between(page.name, name)})" for name, title in titles.items() if name in known]
    return ", ".join(listed)


def _changelog(page: Page, links: Links) -> str:
    file = f"{page.of.path}/CHANGELOG.md"
    if not (links.root / file).is_file():
        return ""
    text = re.sub(r"\A# .*\n", "", links.rewrite(file, page.name))
    return "## Changelog\n\n" + re.sub(r"(?m)^##(?=#* )", "###", text).strip()


def _rules_page(rules: list[Rule]) -> str:
    front = {
        "title": "Rules of the house",
        "description": "What catalog check asks of components, templates and the repository, why, and the fix.",
        "editUrl": False,
    }
    start = (
        "Each rule is one small file in `scripts/catalog/checks/`, whose documentation this is. `catalog check` checks "
        "them all, `catalog check NAME --rule RULE` one of them; `catalog check --fix` mends what a program can mend."
    )
    return _markdown(front, start, *(f"## {rule.name}\n\n{_rule(rule.documentation)}" for rule in rules))


def _rule(documentation: str) -> str:
    """A rule's documentation with its What, Why and Fix in bold, and code as code."""
    text = as_prose(documentation)
    return re.sub(r"(?m)^(What|Why|Fix): *", r"**\1.** ", text)


def _plain(text: str) -> str:
    """Markdown of a sentence as plain text, for where no markup is shown."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("`", "").replace("**", "")


# --- files ------------------------------------------------------------------------------------------------------------


def _source_on_gitlab() -> str | None:
    project, branch = os.environ.get("CI_PROJECT_URL"), os.environ.get("CI_DEFAULT_BRANCH", "main")
    return f"{project}/-/tree/{branch}" if project else None


def _write(file: Path, content: bytes) -> bool:
    file.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(file, content)


def _remove_all_but(root: Path, pages: Iterable[str], pictures: Iterable[str]) -> int:
    """Remove collected pages and pictures that are no more, and the folders that are empty then."""
    kept = {root / page for page in pages} | {root / PICTURES / picture for picture in pictures}
    removed = 0
    for folder in (*(root / PAGES / name for name in COLLECTED), root / PICTURES):
        for found in sorted(folder.rglob("*"), reverse=True):
            if found.is_dir():
                if not any(found.iterdir()):
                    found.rmdir()
            elif found not in kept:
                found.unlink()
                removed += 1
    return removed
