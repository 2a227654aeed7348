"""Fingerprint data: equal content gives equal sha256, whatever its name and place."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BLOCK_BYTES = 1 << 22


def fingerprint(X: Any, y: Any = None) -> dict[str, Any]:
    """Describe a data set: sha256 (of dtype, shape and bytes, of X and then y), shape, dtype, classes.

    Parameters
    ----------
    X : array, list of arrays of unequal lengths, data frame, or path of a file or folder
        The series. Read once and never copied as a whole.
    y : array, optional
        One label per instance.

    Returns
    -------
    dict
        `sha256`, `shape` (None where lengths differ), `dtype`, `n_instances` and `classes` {label: count}.
    """
    digest = hashlib.sha256()
    shape = dtype = None
    if isinstance(X, (str, os.PathLike)):
        _add_path(digest, Path(X))
    else:
        arrays = [_array(item) for item in X] if _is_ragged(X) else [_array(X)]
        for array in arrays:
            _add_array(digest, array)
        shape, dtype = _shape(arrays, ragged=_is_ragged(X)), str(arrays[0].dtype) if arrays else None
    if y is not None:
        _add_array(digest, _array(y))
    return {
        "sha256": digest.hexdigest(),
        "shape": shape,
        "dtype": dtype,
        "n_instances": shape[0] if shape else None,
        "classes": None if y is None else _class_counts(_array(y)),
    }


def _is_ragged(X: Any) -> bool:
    """Whether this is a list of arrays, each one an instance."""
    return isinstance(X, (list, tuple)) and all(hasattr(item, "shape") and item.shape for item in X)


def _array(data: Any) -> Any:
    import numpy as np

    if hasattr(data, "detach"):  # a torch tensor, wherever it is
        data = data.detach().cpu()
    return np.asarray(data)


def _shape(arrays: list[Any], ragged: bool) -> list[int | None]:
    if not ragged:
        return list(arrays[0].shape)
    dimensions = zip(*(array.shape for array in arrays), strict=False)
    return [len(arrays), *(sizes[0] if len(set(sizes)) == 1 else None for sizes in dimensions)]


def _add_array(digest: Any, array: Any) -> None:
    digest.update(f"{array.dtype.str}{array.shape}".encode())
    if array.dtype.hasobject:  # its bytes are addresses: take the values
        digest.update(json.dumps(array.tolist(), default=str).encode())
    else:
        for block in _blocks(array):
            digest.update(block)


def _blocks(array: Any) -> Iterator[Any]:
    """Yield an array's bytes in C order, without a copy of the whole."""
    import numpy as np

    if array.size == 0:
        return
    if array.flags.c_contiguous:
        yield array.reshape(-1).view(np.uint8)
        return
    rows = max(1, BLOCK_BYTES * len(array) // array.nbytes)
    for start in range(0, len(array), rows):
        yield np.ascontiguousarray(array[start : start + rows]).reshape(-1).view(np.uint8)


def _add_path(digest: Any, path: Path) -> None:
    if not path.exists():
        raise FileNotFoundError(f"There is no data at {path}, so it has no fingerprint: check the path.")
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    for file in files:
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode())
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())


def _class_counts(y: Any) -> dict[str, int] | None:
    import numpy as np

    if y.dtype.kind == "f" and not np.all(y == np.floor(y)):
        return None  # measurements, not classes
    labels, counts = np.unique(y.astype(str) if y.dtype.hasobject else y, return_counts=True)
    return {str(label): int(count) for label, count in zip(labels, counts, strict=True)}
