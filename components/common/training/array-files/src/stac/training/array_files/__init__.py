"""Saves a fitted model of plain arrays and parameters in one `.npz` file, without pickle, and loads it back."""

import json
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["load_arrays", "save_arrays"]

FORMAT = 1


def save_arrays(path: str | Path, kind: str, params: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Path:
    """Write a model to one file: complete, or not at all.

    Parameters
    ----------
    path : str or Path
        The file, usually ``*.npz``; one that exists is replaced.
    kind : str
        Name of the model's class, which ``load_arrays`` must be given again.
    params : mapping
        Anything JSON can hold, such as what ``get_params()`` returns.
    arrays : mapping of str to ndarray
        Numbers, truth values or texts of any shape; not called ``header``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TypeError, ValueError
        If JSON cannot hold ``params``, an array holds Python objects, or one is called ``header``.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_arrays(f"{folder}/line.npz", "Line", {"degree": 1}, {"coefficients": np.array([2.0, -1.0])})
    ...     load_arrays(path, "Line")
    ({'degree': 1}, {'coefficients': array([ 2., -1.])})
    """
    path = Path(path)
    header = np.array(json.dumps({"kind": kind, "format": FORMAT, "params": dict(params)}))
    arrays = {name: np.asarray(array) for name, array in arrays.items()}
    if wrong := sorted(name for name, array in arrays.items() if array.dtype.hasobject or name == "header"):
        raise ValueError(f"The array {wrong[0]!r} cannot be stored: give numbers or texts, not called 'header'.")
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with temporary.open("xb") as file:
            np.savez(file, header=header, **arrays)
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise OSError(f"Cannot write the model to {path} ({reason}): choose a folder with room to write.") from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def load_arrays(path: str | Path, kind: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read a model back.

    Parameters
    ----------
    path : str or Path
        A file of ``save_arrays``.
    kind : str
        What it was saved as.

    Returns
    -------
    params : dict
        The parameters.
    arrays : dict of str to ndarray
        The arrays, bit for bit.

    Raises
    ------
    FileNotFoundError
        If there is no file.
    ValueError
        If the file is damaged, is not one of ``save_arrays``, or holds a model of another kind or format.
    """
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
