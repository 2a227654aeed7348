"""Trains a network that finds muons in station traces, and records the run.   make train, or: python train.py --help"""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
from jsonargparse import auto_cli
from stac.data_ingestion.station_data import StationData, read_station_data, simulate_station_data
from stac.data_processing.split_series import grouped_split
from stac.data_processing.wcd_features import FEATURES
from stac.metrics.roc_analysis import roc_auc
from stac.models.station_classifier import StationClassifier, station_features
from stac.models.wcd_boosted_trees import WcdBoostedTrees
from stac.tracking.run_report import write_report
from stac.tracking.track_run import track_run

from evaluation import evaluate


@dataclass
class Simulation:
    """Stations that are simulated.

    Args:
        detector: auger-ub, auger-uub or swgo-tank
        n_stations: how many
        primaries: what the showers come from: photon, proton, helium, iron
        lg_energy: lowest and highest logarithm of the energy in eV
        zenith_deg: smallest and largest zenith angle in degrees
        distance_m: smallest and largest distance to the shower axis in m
        missing_pmts: share of photomultipliers that do not work
        length: bins of the window that is cut around each signal
    """

    detector: str = "auger-ub"
    n_stations: int = 30_000
    primaries: tuple[str, ...] = ("photon", "proton")
    lg_energy: tuple[float, float] = (16.5, 17.5)
    zenith_deg: tuple[float, float] = (0.0, 45.0)
    distance_m: tuple[float, float] = (150.0, 800.0)
    missing_pmts: float = 0.02
    length: int = 128


@dataclass
class Config:
    """Train a network that finds muons in station traces, compare it, and record the run.

    Args:
        data: "simulation", or a file of your own stations (.npz)
        simulation: what is simulated
        network: network that reads the traces
        preset: size of the network
        compare: train the other network beside it
        features: join the hand-made features into the network
        epochs: passes over the training part
        batch_size: stations in a step of the training
        learning_rate: largest step size of the schedule
        checkpoints: folder of checkpoints; with one, an interrupted training goes on where it stopped
        seed: rules every draw
        runs_folder: where runs are kept
    """

    data: str = "simulation"
    simulation: Simulation = field(default_factory=Simulation)
    network: Literal["cnn", "rnn"] = "{{ cookiecutter.network }}"
    preset: Literal["small", "medium", "large"] = "small"
    compare: bool = True
    features: bool = True
    epochs: int = 12
    batch_size: int = 128
    learning_rate: float = 3e-3
    checkpoints: str | None = None
    seed: int = 0
    runs_folder: str = "runs"


def main(config: Config) -> None:
    """Load, train, compare, and leave a run folder with everything in it."""
    data = load_data(config)
    y = data.table["n_muons"] > 0
    # Stations of an event are alike, so an event is in one part only. The test part is used once, in evaluate.
    rest, test = grouped_split(data.table["event"], test_size=0.25, random_state=config.seed)
    train, validation = (rest[part] for part in grouped_split(data.table["event"][rest], test_size=0.15))

    name = f"{config.network}-{Path(config.data).stem}"
    project = "{{ cookiecutter.project_name }}"
    with track_run(project, name, config, seed=config.seed, runs_folder=config.runs_folder) as run:
        for part, chosen in {"train": train, "validation": validation, "test": test}.items():
            run.log_dataset(part, data.traces_vem_peak[chosen], y[chosen], source=config.data)

        scores = {}  # of every station, by model: the higher, the more like a muon
        others = [other for other in ("cnn", "rnn") if config.compare and other != config.network]
        for network in [config.network, *others]:
            model = StationClassifier(
                network,
                config.preset,
                features=config.features,
                epochs=config.epochs,
                batch_size=config.batch_size,
                learning_rate=config.learning_rate,
                random_state=run.seed,
            )
            checkpoint = Path(config.checkpoints, f"{network}.pt") if config.checkpoints else None
            held_out = (data[validation], y[validation])
            model.fit(data[train], y[train], validation=held_out, checkpoint=checkpoint, run=run, progress=True)
            scores[network.upper()] = model.predict_proba(data)[:, 1]
            with TemporaryDirectory() as folder:
                run.log_model(network, model.save(Path(folder, f"{network}.safetensors")))

        features = station_features(data)
        trees = WcdBoostedTrees(random_state=run.seed).fit(features[train], y[train])
        scores["Trees"] = trees.predict_proba(features)[:, 1]
        cut, scores_of_cut = best_cut(features, y, train)
        scores[f"Cut on {cut}"] = scores_of_cut
        evaluate(run, data, y, scores, validation, test)
    print(f"Report   {write_report(run.folder)}")


def load_data(config: Config) -> StationData:
    """Return stations of which is known how many muons they have."""
    if config.data == "simulation":
        return simulate_station_data(**vars(config.simulation), seed=config.seed, progress=True)
    data = read_station_data(config.data, progress=True)
    missing = [name for name in ("n_muons", "event") if name not in data.table]
    if missing:
        raise ValueError(
            f"{config.data} does not say {' and '.join(missing)} of its stations: training needs the truth. Measured "
            "events have none; look for muons in them with `make apply EVENT=…`."
        )
    return data


def best_cut(features: np.ndarray, y: np.ndarray, train: np.ndarray) -> tuple[str, np.ndarray]:
    """Return the single feature that tells most on the training part, turned so that more means muon."""
    areas = np.array([roc_auc(y[train], column).value for column in features[train].T])
    best = int(np.abs(areas - 0.5).argmax())
    return list(FEATURES)[best], features[:, best] * np.sign(areas[best] - 0.5)


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False, default_config_files=["config.yaml"]))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
