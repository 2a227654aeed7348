"""Nothing that was to be filled in is left over.

What: no file holds a reminder in capitals (to do, fix me), "fill me in", or a variable of the scaffold; README.md,
CHANGELOG.md and pyproject.toml hold no double braces at all.

Why: the scaffold's questions must not reach the reader.

Fix: write what is meant, or delete the line.
"""

import re

from catalog.checks import Problems
from catalog.model import Catalog, Component

# Put together from parts, so that this file passes its own rule.
ANYWHERE = re.compile(rf"\bTO{''}DO\b|\bFIX{''}ME\b|(?i:fill\sme\sin)|(?i:lorem\sipsum)|{{{{\s*cookie{''}cutter")
IN_TEXTS = re.compile(r"\{\{")
SUFFIXES = {".md", ".toml", ".py", ".yaml", ".yml", ".json", ".html", ".css", ".jinja", ".txt", ".cfg"}
SKIPPED = {"__pycache__", "dist", ".pytest_cache", ".hypothesis", ".ruff_cache", ".mypy_cache"}


def check(component: Component, catalog: Catalog) -> Problems:
    for file in sorted(component.folder.rglob("*")):
        parts = file.relative_to(component.folder).parts
        if file.suffix not in SUFFIXES or SKIPPED.intersection(parts) or not file.is_file():
            continue
        is_text = len(parts) == 1
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if match := ANYWHERE.search(line) or (IN_TEXTS.search(line) if is_text else None):
                path = file.relative_to(catalog.root).as_posix()
                yield path, f"line {number} still holds {match[0]!r}", "fill it in, or delete it"
