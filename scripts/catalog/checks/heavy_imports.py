"""Importing a component is cheap.

What: no heavy library is imported when the component is: not by its `__init__.py`, nor by a module that this one
imports at its top. Inside a function is fine, and so is a module of its own that a function imports.

Why: scikit-learn costs three seconds to import, torch two, pandas and clearml one each. Who reads a CSV file should
not wait for torch, and `--help` should not wait for anything.

Fix: move the import into the function that needs it.
"""

from catalog.checks import Problems
from catalog.imports import imports_of
from catalog.model import Catalog, Component

HEAVY = {
    *("aeon", "clearml", "fastapi", "gluonts", "jax", "keras", "lightning", "lightning_fabric", "matplotlib", "mlflow"),
    *("numba", "onnxruntime", "optuna", "pandas", "plotly", "polars", "pyarrow", "ray", "scipy", "seaborn", "sklearn"),
    *("sktime", "statsmodels", "tensorflow", "torch", "torchvision", "transformers", "tslearn", "xgboost"),
}


def check(component: Component, catalog: Catalog) -> Problems:
    source = component.folder / "src"
    waiting, seen = [component.package_folder / "__init__.py"], set()
    while waiting:
        file = waiting.pop()
        if file in seen or not file.is_file():
            continue
        seen.add(file)
        package = ".".join(file.relative_to(source).parent.parts)
        try:
            found = [each for each in imports_of(file, package) if not each.late]
        except SyntaxError:  # imports-declared tells
            continue
        for each in found:
            if each.root in HEAVY:
                path = file.relative_to(catalog.root).as_posix()
                yield path, f"line {each.line} imports {each.module} at once", "import it in the function that needs it"
            else:
                waiting += _own_modules(source, each)


def _own_modules(source, each):
    """The files an import may mean, when it is one of the component's own."""
    module = source.joinpath(*each.module.split("."))
    names = [module, module / each.name] if each.name else [module]
    return [file for name in names for file in (name.with_suffix(".py"), name / "__init__.py")]
