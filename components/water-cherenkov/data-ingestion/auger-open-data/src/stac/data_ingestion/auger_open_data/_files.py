"""Find the JSON documents in a file, an archive or a folder, and hand them out one by one."""

import gzip
import json
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

_DOCUMENTS = (".json", ".json.gz")
_TARS = (".tar", ".tar.gz", ".tgz")
_ARCHIVES = (".zip", *_TARS)
# What reading something damaged raises: zipfile, tarfile and gzip each have their own ideas.
_DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, RuntimeError, NotImplementedError)


def existing_path(path: str | Path) -> Path:
    """Return the path of a file or folder that is there."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file or folder (looked from {Path.cwd()}).")
    return path


def files_in(path: Path) -> Iterator[Path]:
    """Yield the file itself, or those in the folder and its folders that may hold events, sorted."""
    if not path.is_dir():
        yield path
        return
    known = (*_DOCUMENTS, *_ARCHIVES)
    yield from sorted(file for file in path.rglob("*") if _is_wanted(file.relative_to(path).as_posix(), known))


def read_documents(file: Path) -> Iterator[tuple[str, Any]]:
    """Yield name and parsed JSON of each event; instead of a JSON that cannot be read, the ValueError that says why."""
    name = file.name.lower()
    try:
        if name.endswith(".zip"):
            yield from _zipped(file)
        elif name.endswith(_TARS):
            yield from _tarred(file)
        else:
            with file.open("rb") as stream:
                yield from _documents(stream, name.endswith(".gz"), str(file))
    except _DAMAGE as error:
        raise ValueError(f"{file}: cannot be read: {_why(error)}") from None


def _zipped(file: Path) -> Iterator[tuple[str, Any]]:
    with zipfile.ZipFile(file) as archive:
        for member in archive.namelist():
            if not _is_wanted(member, _DOCUMENTS):
                continue
            name = f"{file}: {member}"
            try:
                stream = archive.open(member)
            except _DAMAGE as error:
                yield name, ValueError(f"{name}: cannot be read: {_why(error)}")
                continue
            with stream:
                yield from _documents(stream, member.lower().endswith(".gz"), name)


def _tarred(file: Path) -> Iterator[tuple[str, Any]]:
    with tarfile.open(file, "r|*") as archive:
        for member in archive:
            archive.members = []  # type: ignore[attr-defined]  # it would keep what it has passed
            if not member.isfile() or not _is_wanted(member.name, _DOCUMENTS):
                continue
            stream = archive.extractfile(member)
            assert stream is not None
            yield from _documents(stream, member.name.lower().endswith(".gz"), f"{file}: {member.name}")


def _documents(stream: IO[bytes], gzipped: bool, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the event of a JSON document, or the events of a list."""
    try:
        content = stream.read()
        document = _parsed(gzip.decompress(content) if gzipped else content)
    except _DAMAGE as error:
        yield name, ValueError(f"{name}: cannot be read: {_why(error)}")
    except ValueError as error:
        yield name, ValueError(f"{name}: is not JSON: {error}: damaged, or not downloaded to its end?")
    else:
        if isinstance(document, list):
            yield from ((f"{name}: event {i} of {len(document)}", one) for i, one in enumerate(document, start=1))
        else:
            yield name, document


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except ValueError:
        if not content.strip():
            raise ValueError("it is empty") from None
        # Slower, but it takes NaN, so that the error to come can name the station, and says where the fault is.
        return json.loads(content.decode("utf-8", errors="replace"))


def _is_wanted(name: str, suffixes: tuple[str, ...]) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
    return name.lower().endswith(suffixes) and not hidden


def _why(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}."
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"{reason[:200]}: damaged, or not downloaded to its end?"
