"""Pins what the projects made from the templates need: third-party packages, by version and hash."""

import re
import subprocess
import tempfile
from pathlib import Path

from catalog.model import Catalog, CatalogError, Template
from catalog.options import RootOption

COMPILE = (
    *("uv", "pip", "compile", "pyproject.toml", "--group", "dev", "--universal", "--generate-hashes", "--upgrade"),
    *("--no-annotate", "--no-header", "--quiet", "--output-file", "requirements.txt"),
)


def pin(*, root: RootOption = None) -> None:
    """Pin the newest third-party packages that each template's project allows.

    The pins go into the template's requirements.txt, without the STAC components: their hashes differ from one
    machine's build to the next, so that a project's first `make install` adds them from the index it was given.
    Needs the index: run `make index` before, or simply `make lock`.

    For example:

        catalog pin
    """
    catalog = Catalog(root)
    index = catalog.root / "dist" / "index"
    if not (index / "index.html").is_file():
        raise CatalogError(f"there is no index in {index}: run `make index` first.")
    for template in catalog.templates:
        pins = third_party_pins(template, index.as_uri())
        target = template.project_folder / "requirements.txt"
        unfinished = target.with_name("requirements.txt.unfinished")
        unfinished.write_text(pins, encoding="utf-8")
        unfinished.replace(target)
        print(f"{template.name}: {pins.count('==')} packages pinned")


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
    entries = re.findall(r"^\S.*(?:\n[ ].*)*\n", requirements, re.MULTILINE)
    return "".join(entry for entry in entries if not entry.startswith("stac-"))
