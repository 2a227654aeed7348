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
    waiting, seen = [f"src/{component.package.replace('.', '/')}/__init__.py"], set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in component.files:
            continue
        seen.add(name)
        try:
            found = imports_of(component.files[name], ".".join(name.split("/")[1:-1]))
        except SyntaxError:  # imports-declared tells
            continue
        for each in (each for each in found if not each.late):
            if each.root in HEAVY:
                path = f"{component.path}/{name}"
                yield path, f"line {each.line} imports {each.module} at once", "import it in the function that needs it"
            else:
                waiting += _own_modules(each)


def _own_modules(each):
    """The files an import may mean, when it is one of the component's own."""
    module = f"src/{each.module.replace('.', '/')}"
    names = [module, f"{module}/{each.name}"] if each.name else [module]
    return [file for name in names for file in (f"{name}.py", f"{name}/__init__.py")]
