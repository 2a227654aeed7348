# ruff: noqa: E501 (paths)
# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "numpy>=1.26", "rich>=13", "torch>=2.4", "stac-roc-analysis", "stac-station-classifier", "stac-wcd-boosted-trees",
# ]
#
# [tool.uv.sources]
# stac-auger-open-data = { path = "../components/water-cherenkov/data-ingestion/auger-open-data", editable = true }
# stac-fit-torch = { path = "../components/common/training/fit-torch", editable = true }
# stac-network-files = { path = "../components/common/training/network-files", editable = true }
# stac-roc-analysis = { path = "../components/common/metrics/roc-analysis", editable = true }
# stac-saturation-recovery = { path = "../components/water-cherenkov/data-processing/saturation-recovery", editable = true }
# stac-signal-window = { path = "../components/water-cherenkov/data-processing/signal-window", editable = true }
# stac-station-classifier = { path = "../components/water-cherenkov/models/station-classifier", editable = true }
# stac-station-data = { path = "../components/water-cherenkov/data-ingestion/station-data", editable = true }
# stac-trace-augmentation = { path = "../components/water-cherenkov/data-processing/trace-augmentation", editable = true }
# stac-trace-baseline = { path = "../components/water-cherenkov/data-processing/trace-baseline", editable = true }
# stac-track-run = { path = "../components/common/tracking/track-run", editable = true }
# stac-vem-calibration = { path = "../components/water-cherenkov/data-processing/vem-calibration", editable = true }
# stac-wcd-boosted-trees = { path = "../components/water-cherenkov/models/wcd-boosted-trees", editable = true }
# stac-wcd-cnn = { path = "../components/water-cherenkov/models/wcd-cnn", editable = true }
# stac-wcd-features = { path = "../components/water-cherenkov/data-processing/wcd-features", editable = true }
# stac-wcd-preprocessing = { path = "../components/water-cherenkov/data-processing/wcd-preprocessing", editable = true }
# stac-wcd-rnn = { path = "../components/water-cherenkov/models/wcd-rnn", editable = true }
# stac-wcd-simulator = { path = "../components/water-cherenkov/data-ingestion/wcd-simulator", editable = true }
# stac-series-estimator = { path = "../components/common/training/series-estimator", editable = true }
# ///
"""Muon or none in a 4-PMT tank: trees, CNN and RNN on the single-muon task of arXiv:2101.11924, beside what it reports.

The order of the models can be compared, the values cannot: the paper's showers come from a full simulation, ours from a
toy (see the README of wcd-simulator).

uv run --no-config benchmarks/muon_identification.py
"""

import time

import numpy as np
from rich.console import Console
from rich.table import Table

from stac.data_ingestion.station_data import StationData
from stac.data_ingestion.wcd_simulator import DETECTORS, simulate_single_muons
from stac.data_processing.wcd_features import FEATURES
from stac.data_processing.wcd_preprocessing import WcdPreprocessing
from stac.metrics.roc_analysis import delong_test, roc_auc, signal_efficiency
from stac.models.station_classifier import StationClassifier, station_features
from stac.models.wcd_boosted_trees import WcdBoostedTrees

N_TRAIN, N_VALIDATION, N_TEST = 60_000, 10_000, 20_000
SEED = 0
PUBLISHED = {"trees": "0.88", "CNN": "0.949, 78 %"}


def simulate(n_stations: int) -> tuple[StationData, np.ndarray]:
    """Simulate stations with one muon or none, every station of a shower of its own."""
    stations = simulate_single_muons(n_stations, seed=SEED, n_jobs=2)
    detector = DETECTORS["swgo-tank"]
    done = WcdPreprocessing.for_detector(detector, length=detector.n_bins).transform(stations.high_gain)
    data = StationData(done.traces_vem_peak, done.pmt_mask, stations.table, detector.bin_ns)
    return data, stations.table["n_muons"] > 0


def best_cut(train: np.ndarray, y: np.ndarray) -> tuple[str, int, float]:
    """Return the feature that alone tells muons best, its column, and the sign with which muons are high."""
    aucs = [roc_auc(y, column)[0] for column in train.T]
    best = int(np.argmax(np.abs(np.array(aucs) - 0.5)))
    return list(FEATURES)[best], best, 1.0 if aucs[best] > 0.5 else -1.0


def main() -> None:
    console = Console()
    console.print(f"Simulating {N_TRAIN + N_VALIDATION + N_TEST:,} stations")
    data, y = simulate(N_TRAIN + N_VALIDATION + N_TEST)
    train, validation, test = np.split(np.arange(len(data)), [N_TRAIN, N_TRAIN + N_VALIDATION])
    features = station_features(data)
    scores, seconds = {}, {}

    name, column, sign = best_cut(features[train], y[train])
    scores[f"cut on {name}"] = sign * features[test, column]

    start = time.perf_counter()
    trees = WcdBoostedTrees(n_estimators=800, random_state=SEED, n_jobs=2)
    trees.fit(features[train], y[train], validation=(features[validation], y[validation]))
    seconds["trees"] = time.perf_counter() - start
    scores["trees"] = trees.predict_proba(features[test])[:, 1]

    for network in ("cnn", "rnn"):
        start = time.perf_counter()
        classifier = StationClassifier(network, epochs=8, random_state=SEED)
        classifier.fit(data[train], y[train], validation=(data[validation], y[validation]), progress=True)
        seconds[network.upper()] = time.perf_counter() - start
        scores[network.upper()] = classifier.predict_proba(data[test])[:, 1]

    table = Table(title=f"{N_TRAIN:,} stations to train on, {N_TEST:,} to test, seed {SEED}; intervals of 95 %")
    for heading in ("", "AUC", "muon efficiency at 95 % rejection", "AUC above the trees'", "published", "trained in"):
        table.add_column(heading)
    for model, score in scores.items():
        above = delong_test(y[test], score, scores["trees"]) if model != "trees" else None
        efficiency, low, high = signal_efficiency(y[test], score, 0.95)
        table.add_row(
            model,
            "{:.3f} ({:.3f} to {:.3f})".format(*roc_auc(y[test], score)),
            f"{efficiency:.0%} ({low:.0%} to {high:.0%})",
            "{:+.3f} ({:+.3f} to {:+.3f}), p = {:.1g}".format(*above) if above else "",
            PUBLISHED.get(model, ""),
            f"{seconds[model]:.0f} s" if model in seconds else "",
        )
    console.print(table)


if __name__ == "__main__":
    main()
