"""Read series from numpy's `.npz` archives."""

import zipfile
from pathlib import Path

import numpy as np

from ._files import arranged, shortened


def read_npz(path: Path) -> tuple[np.ndarray | list[np.ndarray], np.ndarray | None]:
    """Return X and y: arrays `X` and `y`, or `X` (n_channels, total length) with `lengths` of unequal series."""
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is not a complete .npz archive: save it again with numpy.savez.")
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: _array(path, archive, name) for name in ("X", "y", "lengths") if name in archive}
            names = archive.files
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise ValueError(f"{path} is not a complete .npz archive ({error}): save it again with numpy.savez.") from None
    if "X" not in arrays:
        raise ValueError(f"{path} holds no array X; it holds {shortened(names) or 'nothing'}. Save it with X=…, y=….")
    X = _series(path, arrays["X"], arrays.get("lengths"))
    y = arrays.get("y")
    if y is not None and y.shape != (len(X),):
        raise ValueError(f"{path}: y has the shape {y.shape}, but X holds {len(X)} series: expected ({len(X)},).")
    return X, y


def _array(path: Path, archive: np.lib.npyio.NpzFile, name: str) -> np.ndarray:
    try:
        return archive[name]
    except ValueError as error:
        if "pickle" not in str(error).lower():
            raise ValueError(f"{path}: array {name} cannot be read ({error}).") from None
    message = f"{path}: array {name} holds Python objects, which are not read because they can run code"
    raise ValueError(f"{message}. Save numbers, or labels as strings: y.astype(str).")


def _series(path: Path, X: np.ndarray, lengths: np.ndarray | None) -> np.ndarray | list[np.ndarray]:
    if X.dtype.kind not in "fiub":
        raise ValueError(f"{path}: array X has the dtype {X.dtype}; expected numbers.")
    if X.ndim not in (2, 3) or (lengths is not None and X.ndim != 2) or 0 in X.shape:
        expected = "(n_instances, n_channels, n_timepoints) or (n_instances, n_timepoints), none of them 0"
        raise ValueError(f"{path}: array X has the shape {X.shape}; expected {expected}.")
    with np.errstate(over="ignore"):
        X = np.ascontiguousarray(X, np.float32)
    if np.isinf(X).any():
        place = tuple(map(int, np.unravel_index(np.isinf(X).argmax(), X.shape)))
        raise ValueError(f"{path}: X{list(place)} is infinite as float32. Correct it, or write NaN if it is missing.")
    if lengths is None:
        return X[:, np.newaxis, :] if X.ndim == 2 else X
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu" or lengths.min(initial=1) < 1 or lengths.sum() != X.shape[1]:
        raise ValueError(f"{path}: lengths must be whole numbers from 1 on that add up to {X.shape[1]}, as X is long.")
    pieces = np.split(X, np.cumsum(lengths)[:-1], axis=1)
    shapes = [piece.shape for piece in pieces]
    return arranged(np.concatenate([piece.ravel() for piece in pieces]), shapes)
