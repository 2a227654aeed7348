"""Reads wheels: their metadata, and whether they hold what a component's wheel may hold."""

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
