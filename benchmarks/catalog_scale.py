"""How the catalog's tool scales: a change to one of 10, 100 and 1,000 generated components, and what looks at all.

Run it with `python benchmarks/catalog_scale.py`, or `… 100` for other sizes. What is run for a change stays under one
second of the processor at 1,000 components, but for the test itself, `make alone`. Whole processes are measured; the
yardstick is a Python process that does nothing, since there is no peer that does the same work.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["catalog[serve]", "rich>=13"]
# [tool.uv.sources]
# catalog = { path = "../scripts", editable = true }
# ///

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
SIZES = (10, 100, 1_000)
LIMIT = 1.0  # seconds
REPEATS = 3
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
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    results: dict[str, list[str]] = {}
    slow = []
    with tempfile.TemporaryDirectory() as scratch, Console(stderr=True).status("generating and measuring …"):
        for size in sizes:
            root = Path(scratch, str(size))
            make_catalog(root, size)
            add_tools(root)
            change(root, CHANGED, "\n\nNEW = 1\n")
            with filled_index(root) as address:
                for name, (command, limit) in commands(root, address).items():
                    clock, processor = timed(command, root)
                    results.setdefault(name, []).append(f"{clock:.2f} ({processor:.2f})")
                    if limit and processor > limit:
                        slow.append(f"{name} with {size:,} components: {processor:.2f} s, more than {limit} s")
            plan = (root / "child-pipeline.yml").read_text(encoding="utf-8")
            results.setdefault("jobs of that plan", []).append(str(plan.count("script:")))
    table = Table(title=f"seconds of the clock (of the processor), least of {REPEATS}")
    for column in ("one component changed", *(f"{size:,} components" for size in sizes)):
        table.add_column(column, justify="left" if column.startswith("one") else "right")
    for name, cells in results.items():
        table.add_row(name, *cells)
    Console(width=120).print(table)
    print("\n".join(slow) or "Nothing is slower than it may be.")
    return int(bool(slow))


def commands(folder: Path, address: str) -> dict[str, tuple[list[str], float | None]]:
    """What is measured, and the seconds of the processor it may take; a chain of four depends on what has changed."""
    tool = [sys.executable, "-m", "catalog"]
    changed = CHANGED.rsplit("/", 1)[1]
    everyone = sorted(path.name for path in folder.glob("components/*/*/*"))
    return {
        "python -c pass": ([sys.executable, "-c", "pass"], None),
        "catalog affected": ([*tool, "affected", "--json"], LIMIT),
        "catalog ci-plan": ([*tool, "ci-plan"], LIMIT),
        "catalog check --changed": ([*tool, "check", "--changed"], LIMIT),
        "catalog check NAME": ([*tool, "check", changed], LIMIT),
        "make alone NAMES=NAME": (["make", "alone", f"NAMES={changed}"], None),
        "catalog list": ([*tool, "list"], LIMIT),
        "catalog search double": ([*tool, "search", "double"], LIMIT),
        "catalog check, all components": ([*tool, "check", *everyone], None),
        "catalog build, nothing new": ([*tool, "build"], None),
        "catalog publish, nothing new": ([*tool, "publish", "--index-url", address], None),
    }


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """The least seconds of the clock and of the processor that a command takes, which must succeed."""
    taken = []
    for _ in range(REPEATS):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        clock, after = perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append((clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
        if run.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{run.stdout[-2000:]}{run.stderr}")
    clocks, processors = zip(*taken, strict=True)
    return min(clocks), min(processors)


def add_tools(folder: Path) -> None:
    """Add what `make alone` needs, installed."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__", ".*", "tests"))
    git(folder, "add", "--all")
    git(folder, "commit", "-qm", "Tools")
    subprocess.run(["make", ".venv/.tools"], cwd=folder, check=True, capture_output=True)


@contextmanager
def filled_index(folder: Path) -> Iterator[str]:
    """Serve an index that has every component of the catalog; yield its address."""
    tool = [sys.executable, "-m", "catalog"]
    subprocess.run([*tool, "build"], cwd=folder, check=True, capture_output=True)
    shutil.copytree(folder / "dist/wheels", folder / "dist/packages", ignore=shutil.ignore_patterns(".*"))
    server = subprocess.Popen([*tool, "serve", "--port", "0"], cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        yield next(match[0] for line in server.stdout if (match := re.search(r"http://\S+/simple/", line)))
    finally:
        server.terminate()
        server.wait()


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
        git(folder, *arguments)


def change(folder: Path, component: str, text: str) -> str:
    """Add to the code of a component and raise its version, as the rules ask for; return the path of that code."""
    (module,) = (folder / component).glob("src/stac/*/*/__init__.py")
    for file, old, new in (
        (folder / component / "pyproject.toml", 'version = "0.1.0"', 'version = "0.1.1"'),
        (folder / component / "CHANGELOG.md", "## 0.1.0", "## 0.1.1\n\n- New.\n\n## 0.1.0"),
    ):
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    module.write_text(module.read_text(encoding="utf-8") + text, encoding="utf-8")
    return module.relative_to(folder).as_posix()


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


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=os.environ | GIT, check=True)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
