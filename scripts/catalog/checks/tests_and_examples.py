"""Every component runs its README, its examples and its docstrings in its tests.

What: `tests/test_<name>.py` calls `package_checks()` of the component component-checks, which runs the Python blocks of
the README, every script in `examples/` and the examples in docstrings, and looks at types and documentation. It is
asked for in every catalog that has that component.

Why: what is shown to users is what they copy; an example that nobody runs is wrong after the first change.

Fix: add to the test file

    @pytest.mark.parametrize("check", package_checks())
    def test_package(check):
        check(Path(__file__).parents[1])
"""

import ast

from catalog.checks import Problems
from catalog.model import Catalog, Component

CHECKS = "components/common/testing/component-checks/pyproject.toml"


def check(component: Component, catalog: Catalog) -> Problems:
    name = f"tests/test_{component.name.replace('-', '_')}.py"
    if name not in component.files or not (catalog.root / CHECKS).is_file():  # required-files tells the first
        return
    path, source = f"{component.path}/{name}", component.files[name]
    try:
        # Reading the text first saves parsing where there is no such word at all.
        calls = ast.walk(ast.parse(source)) if b"package_checks" in source else []
    except SyntaxError as error:
        yield path, f"line {error.lineno} is not valid Python: {error.msg}", "mend it"
        return
    if not any(isinstance(node, ast.Call) and _name(node.func) == "package_checks" for node in calls):
        fix = "call package_checks() as `catalog check --explain tests-and-examples` shows"
        yield path, "runs neither the README nor the examples", fix


def _name(function):
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
