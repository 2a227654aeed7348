"""`catalog build`: wheels of what has changed since the last build, into dist/wheels."""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from catalog.files import write_whole
from catalog.model import Catalog, CatalogError, Component, strings, table
from catalog.options import RootOption
from catalog.wheels import file_problems, platform_of

EPOCH = "1577836800"  # 2020-01-01: every build of the same files gives the same bytes


def build(
    names: tuple[str, ...] = (), /, *, force: bool = False, all_platforms: bool = False, root: RootOption = None
) -> int:
    """Build the wheels of all components, or of those named, into dist/wheels.

    What has not changed since its last build is skipped: a hash of each component's files is kept in
    dist/wheels/.built. Every wheel is looked into before it appears in the folder, and the same files always
    give the same bytes. Of a component with compiled code it is the wheel for this machine that is built.

    For example:

        catalog build
        catalog build minirocket stac-standardize
        catalog build --force
        catalog build kernels --all-platforms

    Parameters
    ----------
    names
        Components by name, distribution or folder; all of them when none is named.
    force
        Build what is unchanged, too.
    all_platforms
        Build compiled components for every platform that they name, and as source, as `catalog publish` does.
    """
    started = perf_counter()
    catalog = Catalog(root)
    folder = catalog.root / "dist" / "wheels"
    ordered = in_build_order(catalog.select(names))
    options = {"force": force, "all_platforms": all_platforms}
    built = [one.name for one in with_progress(ordered, "building") if build_files(one, folder, **options)[1]]
    names_built = f" ({', '.join(built)})" if 0 < len(built) <= 20 else ""
    unchanged = len(ordered) - len(built)
    seconds = perf_counter() - started
    print(f"{len(built)} wheels built{names_built}, {unchanged} unchanged, {seconds:.1f} s: dist/wheels")
    return 0


def in_build_order(components: list[Component]) -> list[Component]:
    """Sort so that what a component depends on comes before it."""
    from graphlib import CycleError, TopologicalSorter

    from catalog.model import stac_names

    by_name = {component.distribution: component for component in components}
    needs = {
        name: stac_names({"": component.requirements["dependencies"]}) & by_name.keys()
        for name, component in by_name.items()
    }
    try:
        return [by_name[name] for name in TopologicalSorter(needs).static_order()]
    except CycleError as error:
        raise CatalogError(f"components depend on each other in a circle: {' → '.join(error.args[1])}") from None


def build_files(
    component: Component, folder: Path, *, force: bool = False, all_platforms: bool = False
) -> tuple[list[Path], bool]:
    """Build those wheels of a component that the folder lacks; return all of them, and whether any was built."""
    record = folder / ".built" / f"{component.distribution}.json"
    inputs = _hash_of_files(component)
    known = {} if force else _up_to_date(record, folder, inputs)
    wanted = _names_of_files(component, all_platforms)
    missing = [name for name in wanted if name not in known]
    record.parent.mkdir(parents=True, exist_ok=True)
    for name in missing:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".building-") as scratch:
            built = _run_backend(component, name, Path(scratch))
            if problems := file_problems(built, component):
                raise CatalogError(f"{component.path}: its wheel {'; '.join(problems)}.")
            known[name] = hashlib.sha256(built.read_bytes()).hexdigest()
            built.replace(folder / name)
            write_whole(record, json.dumps({"inputs": inputs, "files": known}).encode())
    return [folder / name for name in wanted], bool(missing)


def _up_to_date(record: Path, folder: Path, inputs: str) -> dict[str, str]:
    """Return the hashes of those files that were built from these inputs and are still there and whole."""
    try:
        noted = json.loads(record.read_text(encoding="utf-8"))
        files = noted["files"].items() if noted["inputs"] == inputs else ()
        return {name: digest for name, digest in files if _hash_of(folder / name) == digest}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _hash_of(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def _hash_of_files(component: Component) -> str:
    """One hash over names and contents of all the files of a component, caches left out."""
    digest = hashlib.sha256()
    for name, content in component.files.items():
        digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _names_of_files(component: Component, all_platforms: bool) -> list[str]:
    """What the files of a release are called: one wheel, or one for each platform and the sources."""
    stem = component.file_stem
    if not (component.platforms and all_platforms):
        return [f"{stem}-py3-none-{component.own_platform}.whl"]
    return [*(f"{stem}-py3-none-{platform}.whl" for platform in component.platforms), f"{stem}.tar.gz"]


def _run_backend(component: Component, name: str, output: Path) -> Path:
    """Build one file with whatever backend the component names: poetry-core in this process, others through uv."""
    try:
        if _is_poetry_core(component.pyproject):
            _build_in_process(component.folder, output)
        else:
            _build_with_uv(component.folder, name, output)
        (built,) = (path for path in output.iterdir() if path.name.endswith((".whl", ".tar.gz")))
    except CatalogError:
        raise
    except Exception as error:  # a backend may raise anything; the user needs the component's name and the reason
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CatalogError(f"{component.path}: no wheel could be built: {reason}") from None
    if built.name != name:
        raise CatalogError(f"{component.path}: its build backend made {built.name} where {name} was asked for.")
    return built


def _is_poetry_core(pyproject: dict) -> bool:
    """Whether the backend is the poetry-core of this environment, in a version the component accepts."""
    from importlib.metadata import version

    from packaging.requirements import Requirement

    system = table(pyproject, "build-system")
    wanted = [Requirement(text) for text in strings(system.get("requires"))]
    return (
        system.get("build-backend") == "poetry.core.masonry.api"
        and "backend-path" not in system
        and [requirement.name for requirement in wanted] == ["poetry-core"]
        and wanted[0].specifier.contains(version("poetry-core"), prereleases=True)
    )


def _build_in_process(source: Path, output: Path) -> None:
    """Ten times faster than a build in its own environment, with the same bytes as a result."""
    from poetry.core.masonry import api

    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = EPOCH
    try:
        with contextlib.chdir(source):
            api.build_wheel(str(output))
    finally:
        os.environ.pop("SOURCE_DATE_EPOCH")
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before


def _build_with_uv(source: Path, name: str, output: Path) -> None:
    uv = shutil.which("uv")
    if uv is None:
        raise CatalogError("uv is not on PATH; install it, or use poetry-core as the build backend.")
    what = ["--sdist"] if name.endswith(".tar.gz") else ["--wheel", "-C", f"platform={platform_of(name)}"]
    command = [uv, "build", *what, "--no-create-gitignore", "--out-dir", str(output), str(source)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": EPOCH}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        # What the backend says comes first, a compiler's complaint for example, and then uv's own words.
        reason = next((line for line in run.stderr.splitlines() if "rror: " in line), run.stderr.strip()[-500:])
        raise CatalogError(f"{source.name}: no wheel could be built: {reason}")


def with_progress(components: list[Component], verb: str) -> Iterator[Component]:
    """Yield the components under a progress bar, which only a terminal sees."""
    if not sys.stderr.isatty():
        yield from components
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(verb), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    # What is printed meanwhile stands above the bar, unless it goes into a file.
    options = {"console": Console(stderr=True), "transient": True, "redirect_stdout": sys.stdout.isatty()}
    with Progress(*columns, **options) as progress:
        task = progress.add_task("", total=len(components))
        for component in components:
            progress.update(task, description=component.name)
            yield component
            progress.advance(task)
