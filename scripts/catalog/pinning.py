"""Pins what the projects made from the templates need: components by index, the rest by version and hash."""

import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from catalog.files import write_whole
from catalog.model import Catalog, CatalogError, Template, stac_names
from catalog.options import RootOption
from catalog.pins import without_components
from catalog.scaffolding import compatible

COMPILE = (
    *("uv", "pip", "compile", "pyproject.toml", "--group", "dev", "--group", "indirect", "--universal"),
    *("--generate-hashes", "--upgrade", "--no-annotate", "--no-header", "--quiet", "--output-file", "requirements.txt"),
)


def pin(names: tuple[str, ...] = (), /, *, root: RootOption = None) -> None:
    """Bind each template's project to the components' index, and pin the newest third-party packages it allows.

    Components that are only needed by others are named in the project's group `indirect`, since uv heeds the index of
    those packages alone that the project itself names. The pins go into the template's requirements.txt, without the
    STAC components: their hashes differ from one machine's build to the next, so that a project's first `make install`
    adds them from the index it was given. Needs the index: run `make index` before, or simply `make lock`.

    For example:

        catalog pin
        catalog pin time-series-classification/minirocket

    Parameters
    ----------
    names
        Templates by name, folder or technique; all of them when none is named.
    """
    catalog = Catalog(root)
    index = catalog.root / "dist" / "index"
    if not (index / "index.html").is_file():
        raise CatalogError(f"there is no index in {index}: run `make index` first.")
    for template in [catalog.template(name) for name in names] or catalog.templates:
        bind(template, catalog)
        pins = third_party_pins(template, index.as_uri())
        write_whole(template.project_folder / "requirements.txt", pins)
        print(f"{template.name}: {pins.count('==')} packages pinned")


def bind(template: Template, catalog: Catalog) -> None:
    """Name every component that the project will have in its pyproject.toml, each with its index."""
    file = template.project_folder / "pyproject.toml"
    text = file.read_text(encoding="utf-8")
    dependencies = re.search(r"^dependencies = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    direct = (
        stac_names({"": re.findall(r'^ *"(stac-[^"]+)"', dependencies[1], re.MULTILINE)}) if dependencies else set()
    )
    indirect = {name: catalog.component(name).version for name in sorted(with_needs(direct, catalog) - direct)}
    lines = "".join(f'    "{name}{compatible(version)}",\n' for name, version in indirect.items())
    group = f"indirect = [\n{lines}]" if lines else "indirect = []"
    text = re.sub(r"^indirect = \[(.*?)\]", group, text, count=1, flags=re.MULTILINE | re.DOTALL)
    sources = "".join(f'{name} = {{ index = "stac" }}\n' for name in sorted(direct | indirect.keys()))
    text = re.sub(r"^\[tool\.uv\.sources\]\n(?:stac-.*\n)*", f"[tool.uv.sources]\n{sources}", text, flags=re.MULTILINE)
    write_whole(file, text)


def with_needs(names: Iterable[str], catalog: Catalog) -> set[str]:
    """Return the components of these names and all that they need, near and far."""
    needed, unread = set(), [*names]
    while unread:
        needed.add(name := unread.pop())
        unread += stac_names({"": catalog.component(name).requirements["dependencies"]}) - needed
    return needed


def third_party_pins(template: Template, index: str) -> str:
    """Resolve a template's project and return the pins of what does not come from the catalog."""
    text = (template.project_folder / "pyproject.toml").read_text(encoding="utf-8")
    text = re.sub(r"\{\{.*?\}\}", "project", text).replace("STAC_INDEX_ADDRESS", index)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(text, encoding="utf-8")
        result = subprocess.run(COMPILE, cwd=folder, capture_output=True, text=True)
        if result.returncode:
            raise CatalogError(f"{template.path}: uv finds no versions that fit: {result.stderr.strip()}")
        requirements = Path(folder, "requirements.txt").read_text(encoding="utf-8")
    return without_components(requirements)
