"""Nothing that was to be filled in is left over.

What: no file of a component or template holds a reminder in capitals (to do, fix me), or "fill me in", with which the
scaffolds say what to write in its place. In components no variable of a scaffold is left, and README.md, CHANGELOG.md
and pyproject.toml hold no double braces at all.

Why: the scaffold's questions must not reach the reader.

Fix: write what the mark asks for, or delete the line.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from catalog.checks import Problems
from catalog.model import Catalog, Component, Template

# Put together from parts, so that this file passes its own rule.
MARKS = re.compile(rf"\bTO{''}DO\b|\bFIX{''}ME\b|(?i:fill\sme\sin)(?:: [^\".;()]*\w)?|(?i:lorem\sipsum)")
VARIABLES = re.compile(rf"{{{{\s*cookie{''}cutter")
BRACES = re.compile(r"\{\{")
HINTS = (b"todo", b"fixme", b"fill", b"lorem", b"{{")  # where none of these is, nothing of the above is
SUFFIXES = {"", ".md", ".toml", ".py", ".yaml", ".yml", ".json", ".html", ".css", ".jinja", ".txt", ".cfg"}
SKIPPED = {"__pycache__", "dist", ".pytest_cache", ".hypothesis", ".ruff_cache", ".mypy_cache", "requirements.txt"}


def check(component: Component, catalog: Catalog) -> Problems:
    for name, content in component.files.items():
        lower = content.lower()
        if Path(name).suffix not in SUFFIXES or not any(hint in lower for hint in HINTS):  # fast, in most files
            continue
        is_text = "/" not in name
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
            if match := MARKS.search(line) or VARIABLES.search(line) or (BRACES.search(line) if is_text else None):
                yield f"{component.path}/{name}", f"line {number} still holds {match[0]!r}", "fill it in"


def check_template(template: Template, catalog: Catalog) -> Problems:
    for file, number, line in _lines(catalog.root / template.path):
        if match := MARKS.search(line):
            yield file.relative_to(catalog.root).as_posix(), f"line {number} still holds {match[0]!r}", "fill it in"


def check_repository(catalog: Catalog) -> Problems:
    for number, line in enumerate(_read(catalog.root / "cookiecutter.json"), start=1):
        if match := MARKS.search(line):
            yield "cookiecutter.json", f"line {number} still holds {match[0]!r}", "fill it in"


def _lines(folder: Path) -> Iterator[tuple[Path, int, str]]:
    for file in sorted(folder.rglob("*")):
        if file.suffix in SUFFIXES and not SKIPPED.intersection(file.relative_to(folder).parts):
            yield from ((file, number, line) for number, line in enumerate(_read(file), start=1))


def _read(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
