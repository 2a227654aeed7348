"""Tells the primaries of measured events.   make apply EVENT=file.json, or: python apply.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jsonargparse import auto_cli
from stac.data_ingestion.station_data import StationData, read_station_data
from stac.models.station_classifier import StationClassifier
from stac.tracking.track_run import find_run, print_table
from stac.visualization.event_scores import draw_events, write_scores

from evaluation import of_events


@dataclass
class Config:
    """Tell the primaries of measured events, with the network of a run.

    Args:
        event: Auger open data (.json, .json.gz, .zip, or a folder), or a file of your own stations (.npz)
        run: run whose network is used, by its folder or id
        network: cnn or rnn; by default the one that the run was made for
        output: folder for the pictures and the table
    """

    event: str
    run: str = "latest"
    network: str | None = None
    output: str = "applied"


def main(config: Config) -> None:
    """Read, classify, draw."""
    model = StationClassifier.load(model_file(config))
    stations = read_station_data(config.event, length=model.network_.hyperparameters["n_bins"], progress=True)
    stations = stations[known(stations, model.variables)]
    probability = model.predict_proba(stations)
    unlike = model.is_unlike_training(stations)
    signal = find_run(config.run, status="completed").config["signal"]
    column = model.classes_.tolist().index(signal)
    for file in draw_events(stations, probability[:, column], config.output, label=f"Probability of {signal}"):
        print(file)
    columns = {f"p_{name}": probability[:, i] for i, name in enumerate(model.classes_)}
    print(write_scores(Path(config.output, "stations.csv"), stations, columns | {"unlike": unlike}))

    events = stations.table["event"]
    rows = []
    for event, values in zip(np.unique(events), of_events(probability, events), strict=True):
        own = events == event
        mark = " *" if unlike[own].mean() > 0.5 else ""
        rows.append([f"{event}{mark}", own.sum(), *(f"{p:.3f}" for p in values)])
    caption = "* most stations are unlike what it was trained on"
    print_table(["event", "stations", *model.classes_], rows, caption=caption)


def known(stations: StationData, variables: tuple[str, ...]) -> np.ndarray:
    """Return which stations have all the variables that the network takes."""
    missing = [name for name in variables if name not in stations.table]
    if missing:
        raise ValueError(f"The stations have no {' and no '.join(missing)}, which the network takes.")
    chosen = np.all([np.isfinite(stations.table[name]) for name in variables], axis=0) & np.ones(len(stations), bool)
    if not chosen.any():
        raise ValueError(f"No station has a finite {' and '.join(variables)}, which the network takes.")
    return chosen


def model_file(config: Config) -> Path:
    """Return the file of the network that was asked for, or of the first that the run logged: its own."""
    run = find_run(config.run, status="completed")
    models = {event["name"]: run.folder / event["path"] for event in run.events if event["kind"] == "model"}
    name = config.network or next(iter(models), "network")
    if name not in models:
        raise ValueError(f"{run.folder} holds no {name}, only {', '.join(models) or 'none'}: `make train` trains it.")
    return models[name]


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
