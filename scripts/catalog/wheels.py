"""Reads wheels and source archives: their metadata, whether they hold what they may, and in what two of them differ."""

import io
import re
import tarfile
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

from catalog.binaries import binary_problems
from catalog.model import COMPILED, CatalogError, Component

NO_ARCHIVE = (zipfile.BadZipFile, tarfile.TarError, EOFError, ValueError, OSError)


def read_metadata(file: Path) -> bytes:
    """The METADATA of a wheel, or the PKG-INFO of a source archive, as it stands in there."""
    try:
        with file.open("rb") as stream:
            if file.name.endswith(".tar.gz"):
                with tarfile.open(fileobj=stream) as archive:
                    return archive.extractfile(f"{file.name.removesuffix('.tar.gz')}/PKG-INFO").read()
            with zipfile.ZipFile(stream) as archive:
                (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
                return archive.read(name)
    except (*NO_ARCHIVE, KeyError) as error:
        raise CatalogError(f"{file.name}: is not a readable wheel ({error}); delete it and build again.") from None


def platform_of(name: str) -> str:
    """The platform that a wheel's name ends with: any, manylinux_2_17_x86_64, ..."""
    return name.removesuffix(".whl").rsplit("-", 1)[-1]


def parse_metadata(metadata: bytes) -> Message:
    return HeaderParser().parsestr(metadata.decode("utf-8"))


def file_problems(file: Path, component: Component) -> list[str]:
    """What is wrong with a component's wheel or source archive, one sentence each; empty when it is sound."""
    metadata = parse_metadata(read_metadata(file))
    contents = _contents(file.read_bytes())
    is_wheel = file.name.endswith(".whl")
    problems = _wheel_problems(file, contents, component) if is_wheel else _source_problems(contents)
    problems += [f"holds the cache file {name}" for name in contents if name.endswith((".pyc", ".pyo"))]
    if (metadata["Name"], metadata["Version"]) != (component.distribution, component.version):
        problems.append(
            f"calls itself {metadata['Name']} {metadata['Version']}, not {component.distribution} {component.version}"
        )
    for requirement in metadata.get_all("Requires-Dist", []):
        if "@" in requirement.split(";")[0]:
            problems.append(f"requires a place instead of a version: {requirement}")
    return problems


def _wheel_problems(wheel: Path, contents: dict[str, bytes], component: Component) -> list[str]:
    package, platform = component.package.replace(".", "/"), platform_of(wheel.name)
    info = f"{'-'.join(wheel.name.split('-')[:2])}.dist-info/"
    problems = [f"holds {name}, outside {package}/" for name in contents if not name.startswith((f"{package}/", info))]
    needed = [f"{package}/{name}" for name in ("__init__.py", "py.typed")]
    problems += [f"lacks {name}" for name in needed if name not in contents]
    libraries = {name: content for name, content in contents.items() if name.endswith(COMPILED)}
    if platform == "any":
        return problems + [f"holds the library {name}, but is for any platform" for name in libraries]
    if platform not in component.platforms:
        problems.append(f"is for {platform}, which [tool.stac] platforms does not name")
    if not libraries:
        problems.append(f"holds no library, but is for {platform} alone")
    says = contents.get(f"{info}WHEEL", b"").decode()
    if f"Tag: py3-none-{platform}\n" not in says or "Root-Is-Purelib: false\n" not in says:
        problems.append(f"does not say in WHEEL that it is for {platform}")
    for name, content in libraries.items():
        problems += [f"holds {name}, which {problem}" for problem in binary_problems(content, platform)]
    return problems


def _source_problems(contents: dict[str, bytes]) -> list[str]:
    return [f"holds the library {name} beside its sources" for name in contents if name.endswith(COMPILED)]


def wheel_difference(ours: bytes, theirs: bytes) -> list[str]:
    """Name the files in which two wheels differ; how they are packed, and by which tool's version, does not count."""
    try:
        left, right = _contents(ours), _contents(theirs)
    except NO_ARCHIVE:
        return ["a wheel that cannot be read"]
    return sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))


def _contents(archive: bytes) -> dict[str, bytes]:
    """The files of a wheel or source archive, without what repeats them or names the tool that packed them."""
    if archive[:2] == b"\x1f\x8b":
        with tarfile.open(fileobj=io.BytesIO(archive)) as sources:
            return {member.name: sources.extractfile(member).read() for member in sources if member.isfile()}
    with zipfile.ZipFile(io.BytesIO(archive)) as wheel:
        found = {name: wheel.read(name) for name in wheel.namelist() if not name.endswith("/")}
    for name in [name for name in found if name.endswith(".dist-info/RECORD")]:
        del found[name]
    for name in [name for name in found if name.endswith(".dist-info/WHEEL")]:
        found[name] = re.sub(rb"^Generator: .*$", b"Generator:", found[name], flags=re.MULTILINE)
    return found
