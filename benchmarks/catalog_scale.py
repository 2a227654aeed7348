"""How the catalog's tool scales: whole processes on generated monorepos of 10, 100 and 1,000 components.

Run it with `python benchmarks/catalog_scale.py`. Every command has to stay under one second at 1,000 components.
The yardstick is a Python process that does nothing; there is no peer that does the same work.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["catalog", "rich>=13"]
# [tool.uv.sources]
# catalog = { path = "../scripts", editable = true }
# ///

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.console import Console
from rich.table import Table

SIZES = (10, 100, 1_000)
LIMIT = 1.0  # seconds
REPEATS = 5
CHANGED = "components/common/numerics/part-0005"
GIT = {f"GIT_{who}_{what}": "bench@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

PYPROJECT = """[project]
name = "stac-{name}"
version = "0.1.0"
description = "Part of a generated catalog."
readme = "README.md"
requires-python = ">=3.11"
license = "BSD-3-Clause"
authors = [{{ name = "The STAC contributors" }}]
dependencies = [{dependency}]

[dependency-groups]
test = ["pytest>=8"]

[tool.stac]
problem = "common"
category = "{category}"
kind = "{kind}"
tags = ["generated"]
{source}
[tool.poetry]
packages = [{{ include = "stac", from = "src" }}]

[build-system]
requires = ["poetry-core>=2.1,<3"]
build-backend = "poetry.core.masonry.api"
"""
README = """# {name}

Part of a generated catalog.

## Installation

```bash
pip install stac-{name}
```

## Usage

```python
import {package}
```

## Tags

`generated`
"""
MODULE = '''"""Doubles."""

import numpy as np


def double(x: float) -> float:
    """Return twice the number."""
    return float(np.add(x, x))
'''
MODULE_OF_CHAIN = '''"""Doubles."""

import {module}


def double(x: float) -> float:
    """Return twice the number."""
    return {module}.double(x)
'''
TEST = """from {package} import double


def test_it_doubles():
    assert double(21) == 42
"""
CATEGORIES = ("numerics", "models", "metrics", "training", "tracking")


def main() -> int:
    table = Table(title=f"the catalog's tool, whole processes, median of {REPEATS} [s]")
    table.add_column("command")
    for size in SIZES:
        table.add_column(f"{size:,} components", justify="right")
    table.add_column("times an empty Python", justify="right")
    table.add_column(f"under {LIMIT:.0f} s", justify="center")
    empty_python = timed([sys.executable, "-c", "pass"], Path.cwd())
    results: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch, Console(stderr=True).status("generating and measuring …"):
        for size in SIZES:
            root = Path(scratch, str(size))
            make_catalog(root, size)
            change_one(root)
            for name, arguments in commands().items():
                command = [sys.executable, "-m", "catalog", *arguments]
                results.setdefault(name, []).append(timed(command, root))
    for name, seconds in results.items():
        verdict = "yes" if seconds[-1] < LIMIT else "NO"
        table.add_row(name, *(f"{value:.2f}" for value in seconds), f"{seconds[-1] / empty_python:.0f} x", verdict)
    Console(width=120).print(table)
    return int(any(seconds[-1] >= LIMIT for seconds in results.values()))


def commands() -> dict[str, list[str]]:
    """What is measured; one component has changed, and a chain of four depends on it."""
    return {
        "catalog --help": ["--help"],
        "catalog list": ["list"],
        "catalog list --json": ["list", "--json"],
        "catalog affected --json": ["affected", "--json"],
        "catalog check NAME": ["check", CHANGED],
        "catalog check --changed": ["check", "--changed"],
        "catalog ci-plan": ["ci-plan"],
    }


def timed(command: list[str], folder: Path) -> float:
    """The median wall-clock time of a command that must succeed."""
    seconds = []
    for _ in range(REPEATS):
        started = perf_counter()
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        seconds.append(perf_counter() - started)
        if run.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{run.stdout[-2000:]}{run.stderr}")
    return median(seconds)


def make_catalog(folder: Path, n_components: int) -> None:
    """Write a catalog in git, on main, whose tests pass; of every ten components five are a chain of dependencies."""
    write(folder / "pyproject.toml", '[tool.uv.workspace]\nmembers = ["components/*/*/*"]\n')
    write(folder / ".gitignore", ".venv/\ndist/\nchild-pipeline.yml\n")
    for number in range(n_components):
        write_component(folder, number)
    for number in range(max(1, n_components // 50)):
        template = folder / f"templates/common/starter-{number}"
        write(template / "cookiecutter.json", '{"project_slug": "x"}')
        write(template / "README.md", f"# Starter {number}\n\nStarts a project.\n\n## Tags\n\n`generated`\n")
        project = f'[project]\nname = "x"\ndependencies = ["stac-part-{number:04}>=0.1,<0.2"]\n'
        write(template / "{{cookiecutter.project_slug}}/pyproject.toml", project)
    for arguments in (["init", "-q", "-b", "main"], ["add", "--all"], ["commit", "-qm", "Generated"]):
        subprocess.run(["git", *arguments], cwd=folder, env=os.environ | GIT, check=True)


def change_one(folder: Path) -> None:
    """Change the component that a chain of four depends on."""
    (module,) = (folder / CHANGED).glob("src/stac/*/*/__init__.py")
    module.write_text(module.read_text() + "CHANGED = True\n")


def write_component(root: Path, number: int) -> None:
    name, category = f"part-{number:04}", CATEGORIES[number % len(CATEGORIES)]
    before = number - 1 if number % 10 > 5 else None
    needs = f"stac-part-{before:04}" if before is not None else None
    package = f"stac.{category}.part_{number:04}"
    folder = root / f"components/common/{category}/{name}"
    pyproject = PYPROJECT.format(
        name=name,
        category=category,
        kind="composite" if needs else "atomic",
        dependency=f'"{needs}>=0.1,<0.2"' if needs else '"numpy>=1.26"',
        source=f"\n[tool.uv.sources]\n{needs} = {{ workspace = true }}\n" if needs else "",
    )
    module = f"stac.{CATEGORIES[before % 5]}.part_{before:04}" if needs else ""
    code = (MODULE_OF_CHAIN if needs else MODULE).format(module=module)
    write(folder / "pyproject.toml", pyproject)
    write(folder / "README.md", README.format(name=name, package=package))
    write(folder / "CHANGELOG.md", "# Changelog\n\n## 0.1.0\n\n- First version.\n")
    write(folder / "src" / Path(*package.split(".")) / "__init__.py", code)
    write(folder / "src" / Path(*package.split(".")) / "py.typed", "")
    write(folder / f"tests/test_part_{number:04}.py", TEST.format(package=package))
    write(folder / "examples/show.py", f"from {package} import double\n\nprint(double(21))\n")


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
