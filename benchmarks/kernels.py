"""The compiled kernels, as components use them, against aeon, sktime, stumpy, tslearn, tsai, pandas and statsmodels.

Run `uv run --no-config benchmarks/kernels.py`: a quarter of an hour; `--parts` runs some of it, `--quick` all of it on
little data. Peers that cannot live in this environment are found through `--peer-python`, once for each other
interpreter.

All do the same work with the same number of threads, one after the other in turn, so that a noisy machine is unfair to
all. With one thread, times are those of the processor; with more, those of the wall. Beside each stands a floor,
measured in turn with the others: the bytes that must be read and written at least, or the arithmetic of the cells with
everything in registers, compiled for the instruction set that the kernels use.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "stac-kernels", "stac-matrix-profile", "stac-minirocket", "stac-nearest-neighbour-dtw", "stac-resample-series",
#     "stac-sliding-window", "stac-standardize", "stac-ucr-archive", "numpy>=1.26", "rich>=13", "ziglang>=0.17,<0.18",
#     "aeon>=1.6,<2", "sktime>=1.2", "stumpy>=1.14", "tslearn>=0.10", "tsai>=1", "pandas", "statsmodels", "pyts",
#     "numba>=0.63", "scikit-learn>=1.6",
# ]
#
# [tool.uv.sources]
# stac-array-files = { path = "../components/common/training/array-files", editable = true }
# stac-kernels = { path = "../components/common/numerics/kernels", editable = true }
# stac-minirocket = { path = "../components/time-series-classification/models/minirocket", editable = true }
# stac-resample-series = { path = "../components/common/data-processing/resample-series", editable = true }
# stac-series-files = { path = "../components/common/data-ingestion/series-files", editable = true }
# stac-sliding-window = { path = "../components/common/data-processing/sliding-window", editable = true }
# stac-standardize = { path = "../components/common/data-processing/standardize", editable = true }
# stac-ucr-archive = { path = "../components/time-series-classification/data-ingestion/ucr-archive", editable = true }
# stac-series-estimator = { path = "../components/common/training/series-estimator", editable = true }
#
# [tool.uv.sources.stac-matrix-profile]
# path = "../components/time-series-anomaly-detection/models/matrix-profile"
# editable = true
#
# [tool.uv.sources.stac-check-series]
# path = "../components/time-series-anomaly-detection/data-processing/check-series"
# editable = true
#
# [tool.uv.sources.stac-window-length]
# path = "../components/time-series-anomaly-detection/data-processing/window-length"
# editable = true
#
# [tool.uv.sources.stac-nearest-neighbour-dtw]
# path = "../components/time-series-classification/models/nearest-neighbour-dtw"
# editable = true
# ///

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import matrix_profile
import minirocket
import numpy as np
from common import machine
from common.kernel_works import FEW, Work, largest_difference, works
from common.ours import Data
from common.turns import Worker, find_peers
from rich.console import Console
from rich.table import Table

from stac.numerics.kernels import instruction_set

PARTS = ("first", "minirocket", "accuracy", "profile", "dtw", "series")
PEERS = ("aeon", "sktime", "stumpy", "tslearn", "tsai", "pandas", "statsmodels")
MOST_TURNS, LEAST_TURNS, SECONDS = 9, 3, 10  # turns go on so long

console = Console(width=120)


def main() -> None:
    """Run the parts asked for and print a table for each work."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to run")
    parser.add_argument("--peer-python", action="append", default=[], help="another interpreter to look for peers in")
    parser.add_argument("--threads", type=int, default=1, help="of everyone")
    parser.add_argument("--quick", action="store_true", help="little data and two turns: does it run?")
    arguments = parser.parse_args()
    found = find_peers([*PEERS, "ziglang"], arguments.peer_python)
    sys.path += [folder_of_packages(python) for python in dict.fromkeys(found.values())]
    console.print(f"{instruction_set()}, {arguments.threads} thread(s)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "first" in arguments.parts:
            minirocket.cold(found, folder)
            matrix_profile.cold(found, 1_000 if arguments.quick else 5_000)
        if "accuracy" in arguments.parts:
            minirocket.accuracy({}, folder)  # features are compared with the peers' below
        if "ziglang" in found:
            machine.compile_probes(found["ziglang"], instruction_set(), folder)
        measure_all([work for work in works().values() if work.part in arguments.parts], found, folder, arguments)


def folder_of_packages(python: str) -> str:
    """Return where an interpreter keeps its packages: some bring data sets, which are looked for there, too."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def measure_all(wanted: list[Work], found: dict[str, str], folder: Path, arguments: argparse.Namespace) -> None:
    """Measure one work after the other, with one worker for each interpreter."""
    workers: dict[str, Worker] = {}
    for number, work in enumerate(wanted, start=1):
        console.print(f"[dim]{number} of {len(wanted)}: {work.title}", highlight=False)
        try:
            data = work.data(arguments.quick)
        except ValueError as error:  # no package that is installed ships the data set
            console.print(f"[yellow]left out: {str(error).partition('. ')[0]}")
            continue
        needs = {
            name: "ziglang" if name == "floor" else name if name in work.peers else "ours" for name in work.competitors
        }
        pythons = {name: found["ours" if name == "floor" else need] for name, need in needs.items() if need in found}
        for python in pythons.values():
            workers[python] = workers.get(python) or Worker(python, "common.kernel_works", arguments.threads)
        measure(work, data, {name: workers[python] for name, python in pythons.items()}, folder / "data.npz", arguments)
    for worker in workers.values():
        worker.close()


def measure(work: Work, data: Data, workers: dict[str, Worker], file: Path, arguments: argparse.Namespace) -> None:
    """Prepare all competitors, run them in turn, and print a table."""
    np.savez(file, **data)
    remarks, seconds, ours = {}, {name: [] for name in workers}, np.zeros(0)
    for name, worker in workers.items():
        result = worker.prepare(work.title, name, file)
        if name == "STAC":
            ours = result
        elif name != "floor":
            remarks[name] = (work.compare or largest_difference)(data, ours, result)
    start, turn, most = time.perf_counter(), 0, 2 if arguments.quick else MOST_TURNS
    while turn < most and (turn < LEAST_TURNS or time.perf_counter() - start < SECONDS):
        for name, worker in workers.items():
            wall, processor = worker.run(work.title, name)
            scale = len(data["X"]) / min(FEW, len(data["X"])) if name in work.few else 1
            seconds[name].append((processor if arguments.threads == 1 else wall) * scale)
        turn += 1
    for worker in set(workers.values()):
        worker.forget()
    show(work, seconds, remarks, " (little data)" if arguments.quick else "")


def show(work: Work, seconds: dict[str, list[float]], remarks: dict[str, str], hint: str) -> None:
    """Print medians, ratios turn by turn, goals, and how the results compare."""
    title = f"{work.title}{hint}: medians of {len(seconds['STAC'])} turns"
    table = Table("", "ms", "times STAC", "goal", "beside STAC", title=title, caption=work.note)
    for name, times in seconds.items():
        ratio = median(theirs / ours for theirs, ours in zip(times, seconds["STAC"], strict=True))
        label, goal, remark = name, "", remarks.get(name, "")
        if name == "floor":
            label, remark = f"floor: {work.floor[0]}", f"STAC takes {1 / ratio:,.3g} times as long"
        if name in work.goals:
            goal = f"[{'green' if ratio >= work.goals[name] else 'red'}]{work.goals[name]:g}"
        if name in work.few:
            label += f" (from {FEW} series)"
        milliseconds = 1000 * median(times)
        cells = [f"{value:,.0f}" if value >= 100 else f"{value:.3g}" for value in (milliseconds, ratio)]
        table.add_row(label, *cells, goal, remark)
    console.print(table)


if __name__ == "__main__":
    main()
