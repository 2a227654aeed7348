"""Nothing but the component's own package lies in the shared namespace.

What: `src/stac/` and `src/stac/<category>/` hold a folder each and no file: above all no `__init__.py`.

Why: all components share the namespace `stac` (PEP 420). One stray `__init__.py` hides every other installed
component from Python.

Fix: delete the file, or move it into the component's package. `catalog check --fix` deletes an `__init__.py` that
has no code.
"""

import ast
from collections.abc import Iterator

from catalog.checks import Problems
from catalog.model import Catalog, Component


def check(component: Component, catalog: Catalog) -> Problems:
    source = component.folder / "src"
    inside = [source, source / "stac", component.package_folder.parent]
    expected = [folder.name for folder in (*inside[1:], component.package_folder)]
    for folder, only in zip(inside, expected, strict=True):
        for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
            if entry.name != only and not _is_leftover(entry.name):
                path = entry.relative_to(catalog.root).as_posix()
                yield path, f"lies in the shared namespace beside {only}/", "delete it, or move it into the package"


def mend(component: Component, catalog: Catalog) -> Iterator[str]:
    for folder in (component.folder / "src/stac", component.package_folder.parent):
        file = folder / "__init__.py"
        if file.is_file() and not _has_code(file.read_bytes()):
            file.unlink()
            yield f"deleted {file.relative_to(component.folder).as_posix()}"


def _has_code(source):
    try:
        return any(not isinstance(node, ast.Expr) for node in ast.parse(source).body)
    except SyntaxError:
        return True


def _is_leftover(name):
    return name == "__pycache__" or name.endswith((".egg-info", ".pyc")) or name == ".DS_Store"
