"""Saves a fitted model to one `.npz` file of plain arrays and reads it back, without pickle."""

import json
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

FORMAT = 1


def save_arrays(path: str | Path, kind: str, params: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Path:
    """Write to a temporary file beside `path`, then rename it: a reader never sees half a model."""
    path = Path(path)
    header = np.array(json.dumps({"kind": kind, "format": FORMAT, "params": dict(params)}))
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with temporary.open("xb") as file:
            np.savez(file, header=header, **arrays)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        reason = error.strerror or error
        raise OSError(f"Cannot write the model to {path} ({reason}): choose a folder with room to write.") from error
    return path


def load_arrays(path: str | Path, kind: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the parameters and the arrays of a model saved as `kind`."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no model at {path}: pass the path that save() was given.")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(str(arrays.pop("header")))
        found, version, params = header["kind"], header["format"], header["params"]
    except (ValueError, KeyError, TypeError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} is no model saved by {kind}, or it is damaged ({type(error).__name__}): save the model again."
        ) from error
    if found != kind:
        raise ValueError(f"{path} holds a {found}, not a {kind}: load it with {found}.load.")
    if version != FORMAT:
        raise ValueError(f"{path} has format {version}, this version reads {FORMAT}: update the component.")
    return params, arrays
