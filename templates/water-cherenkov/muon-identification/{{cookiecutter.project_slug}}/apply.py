"""Looks for muons in the stations of measured events.   make apply EVENT=file.json, or: python apply.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jsonargparse import auto_cli
from rich.console import Console
from rich.table import Table
from stac.data_ingestion.station_data import StationData, read_station_data
from stac.models.station_classifier import StationClassifier
from stac.tracking.track_run import find_run
from stac.visualization.plot_footprint import plot_footprint
from stac.visualization.plot_traces import plot_trace_gallery


@dataclass
class Config:
    """Look for muons in the stations of measured events, with the network of a run.

    Args:
        event: Auger open data (.json, .json.gz, .zip, or a folder), or a file of your own stations (.npz)
        run: run whose network is used, by its folder or id
        network: cnn or rnn; by default the one that the run was made for
        output: folder for the figures and the table
    """

    event: str
    run: str = "latest"
    network: str | None = None
    output: str = "applied"


def main(config: Config) -> None:
    """Read, look, draw."""
    model = StationClassifier.load(model_file(config))
    data = read_station_data(config.event, length=model.network_.hyperparameters["n_bins"], progress=True)
    probability = model.predict_proba(data)[:, 1]
    unlike = model.is_unlike_training(data)
    output = Path(config.output)
    output.mkdir(parents=True, exist_ok=True)
    for event in np.unique(data.table["event"])[:20]:
        chosen = np.flatnonzero(data.table["event"] == event)
        print(f"Event {event}   {draw(data[chosen], probability[chosen], output / f'event-{event}')}")
    show(data, probability, unlike)


def model_file(config: Config) -> Path:
    """Return the file of the network that was asked for, or of the first that the run logged: its own."""
    run = find_run(config.run, status="completed")
    models = {event["name"]: run.folder / event["path"] for event in run.events if event["kind"] == "model"}
    name = config.network or next(iter(models), "network")
    if name not in models:
        raise ValueError(f"{run.folder} holds no {name}, only {', '.join(models) or 'none'}: train it with `make train`.")
    return models[name]


def draw(data: StationData, probability: np.ndarray, stem: Path) -> Path:
    """Draw the event on the ground and the traces of its stations; return the folder's figure."""
    titles = [f"station {name}: p = {p:.2f}" for name, p in zip(data.table["station"], probability, strict=True)]
    gallery = plot_trace_gallery(data.traces_vem_peak[:12], titles[:12], pmt_mask=data.pmt_mask[:12], bin_ns=data.bin_ns)
    gallery.savefig(f"{stem}-traces.png", dpi=150)
    ground = plot_footprint(data.table["x_m"], data.table["y_m"], data.table["signal_vem_charge"], value=probability)
    ground.figure.savefig(f"{stem}-ground.png", dpi=150)
    return Path(f"{stem}-ground.png")


def show(data: StationData, probability: np.ndarray, unlike: np.ndarray) -> None:
    """Print what was found in each station."""
    table = Table("event", "station", "signal [VEM]", "probability of muons", "")
    for i in range(min(len(data), 100)):
        remark = "unlike what the network was trained on" if unlike[i] else ""
        cells = (data.table["event"][i], data.table["station"][i], f"{data.table['signal_vem_charge'][i]:.1f}")
        table.add_row(*map(str, cells), f"{probability[i]:.3f}", remark)
    Console().print(table)


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
