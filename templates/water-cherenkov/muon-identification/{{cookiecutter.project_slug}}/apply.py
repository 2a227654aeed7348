"""Looks for muons in the stations of measured events.   make apply EVENT=file.json, or: python apply.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jsonargparse import auto_cli
from stac.data_ingestion.station_data import read_station_data
from stac.models.station_classifier import StationClassifier
from stac.tracking.track_run import find_run, print_table
from stac.visualization.event_scores import draw_events, write_scores


@dataclass
class Config:
    """Look for muons in the stations of measured events, with the network of a run.

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
    """Read, look, draw."""
    model = StationClassifier.load(model_file(config))
    stations = read_station_data(config.event, length=model.network_.hyperparameters["n_bins"], progress=True)
    probability = model.predict_proba(stations)[:, 1]
    unlike = model.is_unlike_training(stations)
    for file in draw_events(stations, probability, config.output, label="Probability of muons"):
        print(file)
    print(write_scores(Path(config.output, "stations.csv"), stations, {"p_muons": probability, "unlike": unlike}))

    names = (stations.table.get(name, np.arange(len(stations))) for name in ("event", "station"))
    said = (f"{p:.3f}{' *' if mark else ''}" for p, mark in zip(probability, unlike, strict=True))
    headings = ["event", "station", "probability of muons"]
    print_table(headings, zip(*names, said, strict=True), caption="* unlike what the network was trained on")


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
