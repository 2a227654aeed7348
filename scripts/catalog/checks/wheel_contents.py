"""A built wheel holds the component and nothing else.

What: the wheel of the current version in `dist/wheels` holds `stac/<category>/<name>/` with `py.typed`, and its
dist-info; it requires versions, not places. It runs with `catalog check --wheels`, and in every `catalog build`.

Why: a file beside the package would be installed over another component's, and a path from `[tool.uv.sources]` in
the metadata would work on one machine only.

Fix: correct `[tool.poetry] packages` or the requirement, then `catalog build`.
"""

from catalog.checks import Problems
from catalog.model import Catalog, CatalogError, Component
from catalog.wheels import wheel_problems

ON_WHEELS = True


def check(component: Component, catalog: Catalog) -> Problems:
    stem = f"{component.distribution.replace('-', '_')}-{component.version}-"
    wheels = sorted((catalog.root / "dist" / "wheels").glob(f"{stem}*.whl"))
    if not wheels:
        yield "dist/wheels", f"holds no wheel of {component.distribution} {component.version}", "run catalog build"
    for wheel in wheels:
        try:
            problems = wheel_problems(wheel, component)
        except CatalogError as error:
            problems = [str(error)]
        for problem in problems:
            yield f"dist/wheels/{wheel.name}", problem, "correct pyproject.toml, then run catalog build"
