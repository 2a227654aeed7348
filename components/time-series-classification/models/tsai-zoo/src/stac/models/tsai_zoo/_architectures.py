"""Which module of tsai holds which architecture: read from its files, for importing all of tsai fails."""

import ast
import difflib
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def find_architectures() -> dict[str, str]:
    """Return the module of each public class of ``tsai.models``."""
    folder = Path(find_spec("tsai").submodule_search_locations[0], "models")
    modules = {}
    for file in sorted(folder.glob("[A-Za-z]*.py")):
        tree = ast.parse(file.read_text("utf-8")).body
        public = {name for node in tree if isinstance(node, ast.Assign) for name in _public_names(node)}
        classes = {node.name for node in tree if isinstance(node, ast.ClassDef)}
        modules |= dict.fromkeys(public & classes, f"tsai.models.{file.stem}")
    return modules


def module_of(architecture: str) -> str:
    """Return the module of an architecture."""
    modules = find_architectures()
    if architecture not in modules:
        similar = difflib.get_close_matches(str(architecture), modules, 3, 0.5) or ["InceptionTimePlus"]
        raise ValueError(
            f"tsai has no architecture {architecture!r}: try {', '.join(similar)}, or list_architectures()."
        )
    return modules[architecture]


def _public_names(node: ast.Assign) -> list[str]:
    is_all = any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
    return ast.literal_eval(node.value) if is_all else []
