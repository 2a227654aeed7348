"""What the code imports is declared, and the declared components are imported.

What: every import below `src/` that is neither Python's own nor the component's stands in `[project] dependencies`
or in an extra; those inside functions count, too. Every `stac-*` among the dependencies is imported. Left out are
imports that may be missing: inside `try: ... except ImportError`, inside `if "torch" in sys.modules`, inside
`__sklearn_tags__` (only scikit-learn calls it), and those for type checkers.

Why: an undeclared import works on the machine of its author and fails on every other one.

Fix: add the distribution to `dependencies`, or to `[project.optional-dependencies]` when only a part needs it.
"""

import sys

from packaging.utils import canonicalize_name

from catalog.checks import Problems
from catalog.imports import imports_of
from catalog.model import Catalog, Component, requirement_name, stac_names

# Import names that are not the distribution's name.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "git": "gitpython",
    "jwt": "pyjwt",
    "lightning_fabric": "lightning-fabric",
    "pkg_resources": "setuptools",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}


def check(component: Component, catalog: Catalog) -> Problems:
    declared = {
        requirement_name(text)
        for where, texts in component.requirements.items()
        if not where.startswith("dependency-groups")
        for text in texts
    }
    imported = set()
    for name, source in component.files.items():
        if not (name.startswith("src/") and name.endswith(".py")):
            continue
        path = f"{component.path}/{name}"
        try:
            found = imports_of(source, ".".join(name.split("/")[1:-1]))
        except SyntaxError as error:
            yield path, f"line {error.lineno} is not valid Python: {error.msg}", "mend it"
            continue
        for each in found:
            distribution = _distribution(each)
            imported.add(distribution)
            if distribution == "":
                yield path, f"line {each.line} imports {each.module}", "name the component: from stac.<category>.<name>"
            elif distribution not in declared | {None, component.distribution} and not each.guarded:
                fix = f"add {distribution} to dependencies, or to an extra"
                yield path, f"line {each.line} imports {each.module}, which is not declared", fix
    for unused in sorted(stac_names({"": component.requirements["dependencies"]}) - imported):
        yield f"{component.path}/pyproject.toml", f"{unused} is declared but never imported", "delete it"


def _distribution(each):
    """The distribution an import needs: None for Python's own, "" for a part of `stac` that is no component."""
    if each.root in sys.stdlib_module_names:
        return None
    if each.root != "stac":
        return canonicalize_name(DISTRIBUTIONS.get(each.root, each.root))
    parts = [*each.module.split("."), *([each.name] if each.name else [])]
    return f"stac-{parts[2].replace('_', '-')}" if len(parts) > 2 else ""
