"""A built wheel holds the component and nothing else.

What: the wheel of the current version in `dist/wheels` holds `stac/<category>/<name>/` with `py.typed`, and its
dist-info; it requires versions, not places. With compiled code, of which there is a wheel for each of `[tool.stac]
platforms`, each holds a library for its platform that asks no more of it than the wheel's tag promises (glibc, macOS,
a signature for Apple silicon), and the wheel for this machine is there; a wheel for any platform holds no library.
It runs with `catalog check --wheels`, and in every `catalog build`.

Why: a file beside the package would be installed over another component's, and a path from `[tool.uv.sources]` in
the metadata would work on one machine only.

Fix: correct `[tool.poetry] packages` or the requirement, then `catalog build`.
"""

from catalog.checks import Problems
from catalog.model import Catalog, CatalogError, Component
from catalog.wheels import file_problems, platform_of

ON_WHEELS = True


def check(component: Component, catalog: Catalog) -> Problems:
    folder, stem = catalog.root / "dist" / "wheels", component.file_stem
    wheels = sorted([*folder.glob(f"{stem}-*.whl"), *folder.glob(f"{stem}.tar.gz")])
    if component.own_platform not in {platform_of(wheel.name) for wheel in wheels}:
        of_this = " for this machine" if component.platforms else ""
        message = f"holds no wheel of {component.distribution} {component.version}{of_this}"
        yield "dist/wheels", message, "run catalog build"
    for wheel in wheels:
        try:
            problems = file_problems(wheel, component)
        except CatalogError as error:
            problems = [str(error)]
        for problem in problems:
            yield f"dist/wheels/{wheel.name}", problem, "correct pyproject.toml, then run catalog build"
