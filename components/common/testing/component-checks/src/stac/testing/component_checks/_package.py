"""Contract checks of a component's package: documentation that runs, honest types, a light import."""

import doctest
import importlib
import inspect
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["package_checks"]

HEAVY_LIBRARIES = {
    "clearml",
    "matplotlib",
    "mlflow",
    "pandas",
    "polars",
    "pyarrow",
    "scipy",
    "sklearn",
    "torch",
}


def package_checks() -> list[Any]:
    """Return the checks of a component's package, each a function that takes the component's folder.

    Returns
    -------
    list of pytest parameters
        For ``pytest.mark.parametrize("check", ...)``; the component must be installed.

    Examples
    --------
    >>> [parameter.id for parameter in package_checks()][0]
    'check_readme_code_runs'
    """
    return [pytest.param(check, id=check.__name__) for check in PACKAGE_CHECKS]


def check_readme_code_runs(folder: Path) -> None:
    """The README's Python blocks, one after the other, run from an empty folder."""
    blocks = re.findall(r"^```python\n(.*?)^```", (folder / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert blocks, "README.md has no ```python block"
    run_script("\n".join(blocks), folder.name + " README")


def check_examples_run(folder: Path) -> None:
    """Every script in ``examples/`` runs from an empty folder, with no arguments."""
    scripts = sorted((folder / "examples").glob("*.py"))
    assert scripts, "examples/ holds no script"
    for script in scripts:
        run_script(script.read_text("utf-8"), script.name)


def check_doctests_pass(folder: Path) -> None:
    """The examples in docstrings print what they say, and there are some."""
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for name, value in public_objects(folder):
        for test in finder.find(value, name, globs=dict(vars(component_module(folder)))):
            runner.run(test)
    assert runner.failures == 0, f"{runner.failures} docstring examples failed (see the output)"
    assert runner.tries > 0, "no public docstring has an example"


def check_public_names_are_documented(folder: Path) -> None:
    """The module says what it is for; public functions and methods document parameters and return value."""
    module = component_module(folder)
    assert (module.__doc__ or "").strip(), f"{module.__name__} has no docstring"
    assert list(module.__all__) == sorted(module.__all__), f"__all__ is not sorted: {module.__all__}"
    for name, function in public_functions(folder):
        doc = inspect.getdoc(function) or ""
        assert doc, f"{name} has no docstring"
        parameters = [p for p in inspect.signature(function).parameters.values() if p.name not in ("self", "cls")]
        if len(doc.splitlines()) == 1:
            continue  # a one-line docstring is enough where the name and the types say the rest
        documented = not parameters or "Parameters\n----" in doc
        assert documented, f"{name} has no Parameters section"


def check_public_functions_are_typed(folder: Path) -> None:
    """Public functions and methods have annotations for every parameter and the return value."""
    assert any((folder / "src").rglob("py.typed")), "py.typed is missing"
    for name, function in public_functions(folder):
        signature = inspect.signature(function)
        untyped = [
            p.name for p in signature.parameters.values() if p.annotation is p.empty and p.name not in ("self", "cls")
        ]
        assert not untyped, f"{name} has parameters without annotation: {untyped}"
        assert signature.return_annotation is not signature.empty, f"{name} has no return annotation"


def check_import_is_light(folder: Path) -> None:
    """Importing the component imports no heavy library."""
    code = f"import sys, {module_name(folder)}; print(*sorted({HEAVY_LIBRARIES!r} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not loaded, (
        f"importing {module_name(folder)} imports {loaded}: import them inside the functions that need them"
    )


PACKAGE_CHECKS = [
    check_readme_code_runs,
    check_examples_run,
    check_doctests_pass,
    check_public_names_are_documented,
    check_public_functions_are_typed,
    check_import_is_light,
]


def module_name(folder: Path) -> str:
    """Return the import name that follows from the component's metadata and folder."""
    category = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["tool"]["stac"]["category"]
    return f"stac.{category}.{folder.name}".replace("-", "_")


def component_module(folder: Path) -> Any:
    """Import the component."""
    return importlib.import_module(module_name(folder))


def public_objects(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield the names in ``__all__`` with what they stand for."""
    module = component_module(folder)
    for name in module.__all__:
        yield name, getattr(module, name)


def public_functions(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield public functions and the public methods that public classes define themselves."""
    for name, value in public_objects(folder):
        if inspect.isfunction(value):
            yield name, value
        elif inspect.isclass(value):
            for method_name, method in vars(value).items():
                method = getattr(method, "__func__", method)
                if inspect.isfunction(method) and not method_name.startswith("_"):
                    yield f"{name}.{method_name}", method


def run_script(code: str, name: str) -> None:
    """Run Python code as a user would: in its own process, from an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.py"
        script.write_text(code, "utf-8")
        result = subprocess.run([sys.executable, script.name], cwd=folder, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, f"{name} failed:\n{result.stdout}\n{result.stderr}"
