"""How the documentation scales: sites of 10, 100 and 1,000 components, built cold, and after a change to one README.

Run it with `python benchmarks/documentation.py` after `make docs`; numbers behind it are other sizes. The catalogs are
copies of our own components, so that pages are as long as real ones. Spanish readers get a page of each, too: twice as
many. A cold build of 1,000 components has to stay under 90 s.

Seconds of the clock and of the processor: the second are what counts on a machine that does other work as well.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["catalog[docs]", "rich>=13"]
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
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
SIZES = (10, 100, 1_000)
LIMIT = 90.0  # seconds
NOT_COPIED = shutil.ignore_patterns("__pycache__", "tests", "examples", "*.pyc")
BUILT = ("node_modules", "dist", ".astro", ".references.json", "collected*")


def main() -> int:
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    if not (ROOT / "docs/node_modules/.installed").is_file():
        raise SystemExit("Astro is not installed: run `make docs` before.")
    table = Table(title="the documentation, seconds of the clock (of the processor)")
    for column in ("components", "pages", "collect", "build", "one README changed: collect", "build", "site [MB]"):
        table.add_column(column, justify="right")
    cold = 0.0
    with tempfile.TemporaryDirectory(dir=ROOT / "dist") as scratch:
        for size in sizes:
            root = Path(scratch, str(size))
            make_catalog(root, size)
            first = [timed(root), timed(root, "--build")]
            (changed,) = (root / "components").glob("*/*/standardize/README.md")
            changed.write_text(changed.read_text() + "\nOne sentence more.\n")
            again = [timed(root), timed(root, "--build")]
            # `--build` collects as well, which takes what a collection without changes takes: no more than a second.
            cold = sum(clock for clock, _ in first)
            pages = sum(1 for _ in root.glob("docs/dist/**/index.html"))
            megabytes = sum(file.stat().st_size for file in (root / "docs/dist").rglob("*") if file.is_file()) / 1e6
            seconds = [f"{clock:.1f} ({processor:.1f})" for clock, processor in first + again]
            table.add_row(f"{size:,}", f"{pages:,}", *seconds, f"{megabytes:.0f}")
    Console(width=120).print(table)
    verdict = "under" if cold < LIMIT else "NOT under"
    print(f"collecting and building {sizes[-1]:,} components from nothing: {cold:.0f} s, {verdict} {LIMIT:.0f} s")
    return int(cold >= LIMIT)


def timed(root: Path, *options: str) -> tuple[float, float]:
    """Seconds of the clock and of the processor that `catalog docs` takes, with all its child processes."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    run = subprocess.run([sys.executable, "-m", "catalog", "docs", *options], cwd=root, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        raise SystemExit(run.stdout[-2000:] + run.stderr[-4000:])
    return perf_counter() - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make_catalog(root: Path, size: int) -> None:
    """Write a catalog of as many components, ours and copies of ours, and its site without the guides."""
    root.mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns(*BUILT))
    shutil.copytree(ROOT / "docs/node_modules", root / "docs/node_modules", copy_function=os.link, symlinks=True)
    pages = root / "docs/src/content/docs"
    shutil.rmtree(pages)
    pages.mkdir()
    shutil.copy(ROOT / "docs/src/content/docs/catalog.mdx", pages)
    (pages / "index.md").write_text(
        "---\ntitle: Generated\ndescription: A generated catalog.\n---\n\nCopies of ours.\n"
    )
    (root / "docs/architecture.md").unlink()
    ours = [file.parent for file in ROOT.glob("components/*/*/*/pyproject.toml")]
    ours.sort(key=lambda folder: (folder.name != "standardize", folder))  # the one that is changed is always there
    for number in range(size):
        copy_component(ours[number % len(ours)], root, number // len(ours))


def copy_component(folder: Path, root: Path, round_: int) -> None:
    name = f"{folder.name}-{round_}" if round_ else folder.name
    copy = root / folder.parent.relative_to(ROOT) / name
    shutil.copytree(folder, copy, ignore=NOT_COPIED)
    for file in copy.glob("*.md"):  # links to other components, which may not be there, become plain text
        file.write_text(re.sub(r"\[([^\]]*)\]\(\.\./[^)]*\)", r"\1", file.read_text()))
    if not round_:
        return
    (package,) = copy.glob("src/stac/*/*")
    package = package.rename(package.with_name(name.replace("-", "_")))
    old, new = (f"{package.parent.name}.{each.replace('-', '_')}" for each in (folder.name, name))
    for file in package.rglob("*.py"):
        file.write_text(re.sub(rf"\b{old}\b", new, file.read_text()))
    replace(copy / "pyproject.toml", f'name = "stac-{folder.name}"', f'name = "stac-{name}"')
    replace(copy / "README.md", f"# {folder.name}\n", f"# {name}\n")


def replace(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new, 1))


if __name__ == "__main__":
    sys.exit(main())
