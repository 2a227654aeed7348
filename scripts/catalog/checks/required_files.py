"""Every component is the same handful of files.

What: README.md, CHANGELOG.md, the package with `__init__.py` and `py.typed`, `tests/test_<name>.py` and at least one
script in `examples/`. A folder where a component belongs has a pyproject.toml.

Why: one can add or mend a component without reading anything else; without `py.typed`, type checkers ignore the
package's types.

Fix: add the file. `catalog check --fix` adds `py.typed`.
"""

from collections.abc import Iterator

from catalog.checks import Problems
from catalog.model import Catalog, Component


def check(component: Component, catalog: Catalog) -> Problems:
    package = f"src/{component.package.replace('.', '/')}"
    test = f"tests/test_{component.name.replace('-', '_')}.py"
    for needed in ("README.md", "CHANGELOG.md", f"{package}/__init__.py", f"{package}/py.typed", test):
        if needed not in component.files:
            yield f"{component.path}/{needed}", "is missing", "add it"
    if not any(name.startswith("examples/") and name.endswith(".py") for name in component.files):
        yield f"{component.path}/examples", "holds no script", "add one that runs in a second without arguments"


def check_repository(catalog: Catalog) -> Problems:
    known = {component.path for component in catalog.components}
    for folder in sorted(catalog.root.glob("components/*/*/*/")):
        path = folder.relative_to(catalog.root).as_posix()
        if path not in known and folder.name[0] not in "._" and _holds_files(folder):
            yield path, "has no pyproject.toml", "add one, or delete the folder"


def mend(component: Component, catalog: Catalog) -> Iterator[str]:
    typed = component.package_folder / "py.typed"
    if typed.parent.is_dir() and not typed.exists():
        typed.touch()
        yield "added py.typed"


def _holds_files(folder):
    return any(path.is_file() and "__pycache__" not in path.parts for path in folder.rglob("*"))
