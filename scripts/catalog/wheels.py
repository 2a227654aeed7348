"""Reads wheels: their metadata, whether they hold what a component's wheel may hold, and in what two of them differ."""

import io
import re
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

from catalog.model import CatalogError, Component


def read_metadata(wheel: Path) -> bytes:
    """The METADATA file of a wheel as it stands in there."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            return archive.read(name)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise CatalogError(f"{wheel.name}: is not a readable wheel ({error}); delete it and build again.") from None


def parse_metadata(metadata: bytes) -> Message:
    return HeaderParser().parsestr(metadata.decode("utf-8"))


def wheel_problems(wheel: Path, component: Component) -> list[str]:
    """What is wrong with a component's wheel, one sentence each; empty when it is sound."""
    package = component.package.replace(".", "/")
    metadata = parse_metadata(read_metadata(wheel))
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    stem = "-".join(wheel.name.split("-")[:2])
    allowed = (f"{package}/", f"{stem}.dist-info/")
    problems = [f"holds {name}, outside {package}/" for name in names if not name.startswith(allowed)]
    problems += [f"lacks {package}/{name}" for name in ("__init__.py", "py.typed") if f"{package}/{name}" not in names]
    problems += [f"holds the cache file {name}" for name in names if name.endswith((".pyc", ".pyo"))]
    if (metadata["Name"], metadata["Version"]) != (component.distribution, component.version):
        problems.append(
            f"calls itself {metadata['Name']} {metadata['Version']}, not {component.distribution} {component.version}"
        )
    for requirement in metadata.get_all("Requires-Dist", []):
        if "@" in requirement.split(";")[0]:
            problems.append(f"requires a place instead of a version: {requirement}")
    return problems


def wheel_difference(ours: bytes, theirs: bytes) -> list[str]:
    """Name the files in which two wheels differ; how they are packed, and by which tool's version, does not count."""
    try:
        left, right = _contents(ours), _contents(theirs)
    except zipfile.BadZipFile:
        return ["a wheel that cannot be read"]
    return sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))


def _contents(wheel: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        found = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    for name in [name for name in found if name.endswith(".dist-info/RECORD")]:
        del found[name]  # it repeats what the others are
    for name in [name for name in found if name.endswith(".dist-info/WHEEL")]:
        found[name] = re.sub(rb"^Generator: .*$", b"Generator:", found[name], flags=re.MULTILINE)
    return found
