"""The README says what a reader, and the documentation site, expect where they expect it.

What: the title is the component's name; then come `## Installation` with a `bash` block that holds
`pip install stac-<name>`, `## Usage` with a `python` block, and `## Tags` with the tags of `[tool.stac]` in
back-ticks, separated by commas.

Why: the component's page is collected from it, and the search by tags, too.

Fix: add the section. `catalog check --fix` rewrites the tags of an existing section.
"""

import re
from collections.abc import Iterator

from catalog.checks import Problems
from catalog.model import Catalog, Component

ORDER = ["Installation", "Usage", "Tags"]
TAGS = re.compile(r"(?ms)^## Tags\n(.*?)(?=^## |\Z)")


def check(component: Component, catalog: Catalog) -> Problems:
    if "README.md" in component.files:  # required-files tells otherwise
        text = component.text("README.md")
        yield from ((f"{component.path}/README.md", message, fix) for message, fix in _problems(component, text))


def mend(component: Component, catalog: Catalog) -> Iterator[str]:
    file = component.folder / "README.md"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    section = TAGS.search(text)
    if section and section[1].strip() != _tags(component):
        tail = "\n\n" if section.end() < len(text) else "\n"
        new = f"## Tags\n\n{_tags(component)}{tail}"
        file.write_text(text[: section.start()] + new + text[section.end() :], encoding="utf-8")
        yield "wrote the tags of README.md"


def _problems(component, text):
    outside = re.sub(r"(?ms)^```.*?^```", "", text)  # a comment in a code block is no heading
    if re.findall(r"(?m)^# (.+)$", outside) != [component.name] or not text.startswith("# "):
        yield "does not begin with its only title", f"begin with: # {component.name}"
    headings = re.findall(r"(?m)^## (.+?) *$", outside)
    for missing in (name for name in ORDER if name not in headings):
        yield f"has no section {missing}", f"add ## {missing}"
    present = [name for name in headings if name in ORDER]
    if present != sorted(present, key=ORDER.index):
        yield f"has its sections in the order {', '.join(present)}", f"order them {', '.join(ORDER)}"
    install = f"pip install {component.distribution}"
    bash = _blocks(text, "Installation", "bash")
    if "Installation" in headings and not re.search(rf"(?m)^{install}$", bash):
        yield "does not say how to install it", f"put a bash block with: {install}"
    if "Usage" in headings and not _blocks(text, "Usage", "python"):
        yield "shows no usage", "put a python block that runs as it stands"
    section = TAGS.search(text)
    if section and section[1].strip() != _tags(component):
        yield "has other tags than [tool.stac]", f"write {_tags(component)}"


def _blocks(text, section, language):
    """The code blocks of one section, joined."""
    match = re.search(rf"(?ms)^## {section} *$(.*?)(?=^## |\Z)", text)
    return "\n".join(re.findall(rf"(?ms)^```{language}\n(.*?)^```", match[1])) if match else ""


def _tags(component):
    return ", ".join(f"`{tag}`" for tag in component.stac.get("tags", []))
