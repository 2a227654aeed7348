"""Draws what a model says of the stations of events, and writes it into a table."""

import csv
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stac.data_ingestion.station_data import StationData
from stac.visualization.plot_footprint import plot_footprint
from stac.visualization.plot_traces import plot_trace_gallery

__all__ = ["draw_events", "write_scores"]


def draw_events(
    stations: StationData, score: NDArray[Any], folder: str | Path, *, label: str = "Score", max_events: int = 20
) -> list[Path]:
    """Draw each event on the ground, coloured by the score, and the traces of its stations.

    Parameters
    ----------
    stations : StationData
        Stations of one or more events; ``event`` in the table says which, ``x_m`` and ``y_m`` where they are. Without
        positions and ``signal_vem_charge`` only traces are drawn.
    score : ndarray of shape (n_stations,)
        What a model says of each station, from 0 to 1.
    folder : str or Path
        Where the pictures go; it is made if need be.
    label : str, default="Score"
        What the score is, such as "Probability of muons".
    max_events : int, default=20
        Events that are drawn at most, the first ones.

    Returns
    -------
    list of Path
        The PNG files: ``event-<id>-ground.png`` and ``event-<id>-traces.png``.

    Raises
    ------
    ValueError
        If there is not one score for each station, or one is not within 0 and 1.

    Examples
    --------
    >>> import tempfile
    >>> table = {"event": np.array([7, 7]), "x_m": np.array([0.0, 1500.0]), "y_m": np.array([0.0, 0.0])}
    >>> table["signal_vem_charge"] = np.array([40.0, 5.0])
    >>> stations = StationData(np.ones((2, 3, 40), np.float32), np.ones((2, 3), bool), table, 25.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in draw_events(stations, np.array([0.2, 0.9]), folder)]
    ['event-7-ground.png', 'event-7-traces.png']
    """
    score = _checked(score, len(stations))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    events = stations.table.get("event", np.zeros(len(stations), np.int64))
    files = []
    for event in np.unique(events)[:max_events]:
        chosen = np.flatnonzero(events == event)
        files += _draw_event(stations[chosen], score[chosen], folder / f"event-{event}", f"Event {event}", label)
    return files


def write_scores(path: str | Path, stations: StationData, scores: Mapping[str, NDArray[Any]]) -> Path:
    """Write a line for each station: event, station and signal, where they are known, and the scores.

    Parameters
    ----------
    path : str or Path
        A CSV file; an older one is replaced when the new one is complete.
    stations : StationData
        Stations.
    scores : mapping of str to ndarray of shape (n_stations,)
        Columns to write, by name.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If a column has not one value for each station.

    Examples
    --------
    >>> import tempfile
    >>> stations = StationData(np.ones((2, 3, 40)), np.ones((2, 3), bool), {"event": np.array([7, 8])}, 25.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_scores(f"{folder}/scores.csv", stations, {"p_muons": np.array([0.25, 0.5])})
    ...     path.read_text().split()
    ['event,p_muons', '7,0.25', '8,0.5']
    """
    for name, column in scores.items():
        if np.shape(column) != (len(stations),):
            raise ValueError(f"{name} has shape {np.shape(column)}, expected ({len(stations)},): one value a station.")
    known = ("event", "station", "distance_m", "signal_vem_charge")
    columns = {name: stations.table[name] for name in known if name in stations.table} | dict(scores)
    path = Path(path)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(columns)
            rows.writerows(zip(*(_plain(column) for column in columns.values()), strict=True))
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return path


def _checked(score: NDArray[Any], n_stations: int) -> NDArray[np.float64]:
    score = np.asarray(score, np.float64)
    if score.shape != (n_stations,):
        raise ValueError(f"score has shape {score.shape}, expected ({n_stations},): one a station.")
    if not ((score >= 0) & (score <= 1)).all():
        raise ValueError("score has values that are not within 0 and 1: give probabilities.")
    return score


def _draw_event(stations: StationData, score: NDArray[np.float64], stem: Path, title: str, label: str) -> list[Path]:
    files = []
    if {"x_m", "y_m", "signal_vem_charge"} <= stations.table.keys():
        ax = plot_footprint(stations.table, value=score, value_label=label, value_range=(0, 1), title=title)
        files.append(Path(f"{stem}-ground.png"))
        ax.figure.savefig(files[-1], dpi=150)
    names = stations.table.get("station", np.arange(len(stations)))
    titles = [f"{name}: {value:.2f}" for name, value in zip(names, score, strict=True)]
    title = f"{title}   station: {label[:1].lower()}{label[1:]}"
    gallery = plot_trace_gallery(
        stations.traces_vem_peak, titles, stations.pmt_mask, bin_ns=stations.bin_ns, title=title
    )
    files.append(Path(f"{stem}-traces.png"))
    gallery.savefig(files[-1], dpi=150)
    return files


def _plain(column: NDArray[Any]) -> list[Any]:
    column = np.asarray(column)
    return [float(f"{value:.6g}") for value in column] if column.dtype.kind == "f" else column.tolist()
