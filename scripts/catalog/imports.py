"""Reads which modules a Python file imports, and which of these imports run when the file is imported."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

LEAVES = (ast.Constant, ast.Name, ast.arg, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


@dataclass(frozen=True)
class Import:
    """One import: `module` is absolute; `name` is what follows in `from module import name`."""

    module: str
    name: str | None
    line: int
    late: bool  # inside a function, so that it runs only when that is called
    guarded: bool  # the code copes when it is not installed, or runs only where it is

    @property
    def root(self) -> str:
        return self.module.split(".")[0]


@lru_cache(maxsize=256)  # several rules ask for the same files, one component after the other
def imports_of(source: bytes, package: str) -> tuple[Import, ...]:
    """All imports of a file in the package, but those for type checkers only; a SyntaxError comes as it is."""
    found: list[Import] = []
    _walk(ast.parse(source), package, found, late=False, guarded=False)
    return tuple(found)


def _walk(node: ast.AST, package: str, found: list[Import], late: bool, guarded: bool) -> None:
    if isinstance(node, ast.Import):
        found += [Import(alias.name, None, node.lineno, late, guarded) for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        module = _absolute(node, package)
        found += [Import(module, alias.name, node.lineno, late, guarded) for alias in node.names]
    elif isinstance(node, ast.Call) and (name := _imported_by_call(node)):
        found.append(Import(name, None, node.lineno, late, guarded))
    late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    guarded = guarded or _copes_without(node)
    children: Iterable[ast.AST] = ast.iter_child_nodes(node)
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        children = node.orelse
    for child in children:
        if not isinstance(child, LEAVES):
            _walk(child, package, found, late, guarded)


def _copes_without(node: ast.AST) -> bool:
    """Whether what is inside may be missing: `except ImportError`, `if "torch" in sys.modules`, scikit-learn's hook."""
    if isinstance(node, ast.Try):
        caught = " ".join(ast.unparse(handler.type) for handler in node.handlers if handler.type)
        return "ImportError" in caught or "ModuleNotFoundError" in caught
    if isinstance(node, ast.If):
        return "sys.modules" in ast.unparse(node.test)
    # Only scikit-learn itself calls this method.
    return isinstance(node, ast.FunctionDef) and node.name == "__sklearn_tags__"


def _absolute(node: ast.ImportFrom, package: str) -> str:
    parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    return ".".join([*parents, *([node.module] if node.module else [])])


def _imported_by_call(node: ast.Call) -> str | None:
    """The module of `import_module("name")`, where it is written out."""
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    argument = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
    return argument if function in ("import_module", "__import__") and isinstance(argument, str) else None
