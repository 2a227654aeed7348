"""Write a run folder: every file whole or not at all, scalars and events as one line each."""

import contextlib
import dataclasses
import enum
import errno
import json
import math
import os
import re
import secrets
import shutil
import threading
import time
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class RunFolderError(OSError):
    """The run folder cannot be written; the message says why and what to do."""

    def __str__(self) -> str:
        return str(self.args[-1])


class RunFolder:
    """One run's folder on disk.

    Parameters
    ----------
    runs_folder : path
        Where runs live; created when it is missing.
    name : str
        Name of the run, part of the folder's name.
    """

    def __init__(self, runs_folder: str | os.PathLike[str], name: str) -> None:
        self.path = _new_folder(Path(runs_folder), name)
        self._files: dict[str, int] = {}
        self._names: set[str] = set()
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        return self.path.name

    def append(self, file_name: str, lines: str) -> None:
        """Add whole lines to a file; they are with the operating system when this returns."""
        with self._lock:
            try:
                file = self._files.get(file_name) or self._open(file_name)
                content = lines.encode()
                written = os.write(file, content)
                if written < len(content):
                    _write_rest(file, content, written)
            except OSError as error:
                path = self.path / file_name
                raise RunFolderError(error.errno, _advice(path, error)) from error

    def write_text(self, name: str, text: str) -> None:
        self.write_bytes(name, text.encode())

    def write_yaml(self, name: str, data: Mapping[str, Any]) -> None:
        self.write_text(name, to_yaml(data))

    def write_json(self, name: str, data: Mapping[str, Any]) -> None:
        self.write_text(name, json.dumps(data, ensure_ascii=False) + "\n")

    def write_bytes(self, name: str, content: bytes) -> None:
        write_whole(self.path / name, content)

    def copy_in(self, source: Path, name: str) -> None:
        """Copy a file or a folder into the run folder."""
        target = self.path / name
        temporary = _temporary(target)
        with explained(target, cleanup=temporary):
            target.parent.mkdir(exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, temporary)
            else:
                shutil.copyfile(source, temporary)
            temporary.replace(target)

    def free_name(self, folder: str, name: str, suffix: str) -> str:
        """Return `folder/name.suffix`, numbered when this run has already used it."""
        with self._lock:
            stem = slug(name)
            candidate = f"{folder}/{stem}{suffix}"
            number = 2
            while candidate.lower() in self._names:
                candidate = f"{folder}/{stem}-{number}{suffix}"
                number += 1
            self._names.add(candidate.lower())
            return candidate

    def _open(self, file_name: str) -> int:
        file = os.open(self.path / file_name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        self._files[file_name] = file
        return file

    def close(self) -> None:
        with self._lock:
            while self._files:
                os.close(self._files.popitem()[1])


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new one, never a part."""
    temporary = _temporary(path)
    with explained(path, cleanup=temporary):
        path.parent.mkdir(exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)


def overwrite(path: Path, content: bytes) -> None:
    """Replace a small file in place: not atomic, but it still works on a full disk."""
    with explained(path), path.open("r+b") as file:
        file.write(content)
        file.truncate()


def to_yaml(data: Mapping[str, Any]) -> str:
    return yaml.dump(plain(data), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def plain(value: Any) -> Any:
    """Turn a value into what YAML and JSON can hold: mappings, lists, numbers, text, true, false, null.

    Dataclasses and namespaces become mappings, arrays become lists, and what has no such form its `str`.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if hasattr(value, "as_dict") and callable(value.as_dict):  # jsonargparse.Namespace
        return plain(value.as_dict())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    if hasattr(value, "tolist"):  # arrays and scalars of numpy, pandas and torch
        return plain(value.tolist())
    if type(value).__name__ == "Namespace":
        return plain(vars(value))
    if isinstance(value, (int, float, str)):  # their subclasses
        return next(kind(value) for kind in (int, float, str) if isinstance(value, kind))
    return str(value)


def json_number(value: float) -> float | str:
    """Return a number as strict JSON can hold it: "NaN", "Infinity" and "-Infinity" are text."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def json_plain(value: Any) -> Any:
    """Return `plain(value)` with every number as strict JSON can hold it."""
    value = plain(value)
    if isinstance(value, float):
        return json_number(value)
    if isinstance(value, dict):
        return {key: json_plain(item) for key, item in value.items()}
    return [json_plain(item) for item in value] if isinstance(value, list) else value


def slug(name: str) -> str:
    """Return a name that is safe in every file system and in a URL.

    >>> slug("Per class / Größe")
    'per-class-groe'
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9._]+", "-", ascii_name.lower()).strip("-._")[:60] or "unnamed"


@contextlib.contextmanager
def explained(path: Path, cleanup: Path | None = None) -> Iterator[None]:
    """Turn an operating system error into one sentence that says what to do."""
    try:
        yield
    except OSError as error:
        if cleanup is not None:
            _remove(cleanup)
        if isinstance(error, RunFolderError):
            raise
        raise RunFolderError(error.errno, _advice(path, error)) from error
    except BaseException:
        if cleanup is not None:
            _remove(cleanup)
        raise


def _advice(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk that holds {path} is full: free some space, or choose another runs_folder."
    if error.errno == errno.EFBIG:
        return f"{path} may not grow any further: raise the limit of file sizes (ulimit -f)."
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{path} cannot be written: get the right to write there, or choose another runs_folder."
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"{path} cannot be made, a file stands in its way: choose another runs_folder."
    return f"{path} cannot be written ({error.strerror or error}): choose another runs_folder."


def _write_rest(file: int, lines: bytes, written: int) -> None:
    """Write the rest of some lines; when the disk is full, leave no half line behind."""
    try:
        while written < len(lines):
            written += os.write(file, lines[written:])
    except OSError:
        whole = lines.rfind(b"\n", 0, written) + 1
        os.ftruncate(file, os.fstat(file).st_size - written + whole)
        raise


def _new_folder(runs_folder: Path, name: str) -> Path:
    with explained(runs_folder):
        runs_folder.mkdir(parents=True, exist_ok=True)
    while True:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        path = runs_folder.absolute() / f"{stamp}-{slug(name)}-{secrets.token_hex(2)}"
        with explained(path), contextlib.suppress(FileExistsError):
            path.mkdir()
            return path


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(3)}.part")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()
