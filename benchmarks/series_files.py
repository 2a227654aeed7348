# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "stac-series-files", "stac-standardize", "rich", "pandas", "pyarrow", "aeon>=1.6", "sktime>=1", "tslearn",
#     "numba>=0.63",
# ]
#
# [tool.uv.sources]
# stac-series-files = { path = "../components/common/data-ingestion/series-files", editable = true }
# stac-standardize = { path = "../components/common/data-processing/standardize", editable = true }
# stac-series-estimator = { path = "../components/common/training/series-estimator", editable = true }
# ///
"""Reading labelled series from text: time and peak memory of `read_series` and of its peers.

Run it with `uv run --no-config benchmarks/series_files.py`: three minutes, with `--quick` one.
Every reader runs in its own process, its import is not counted, and the best of three times counts. Memory is how
much the resident set grows in the first reading, in sizes of the float32 data. Linux only. Peers that live in another
environment are used with `--peers-python PATH`.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

READERS = {
    "ts": {
        "STAC": ("stac", "from stac.data_ingestion.series_files import read_series as read"),
        "aeon": ("aeon", "from aeon.datasets import load_from_ts_file as read"),
        "sktime": (
            "sktime",
            "from sktime.datasets import load_from_tsfile\n"
            "def read(path): return load_from_tsfile(path, return_data_type='numpy3d')",
        ),
    },
    "csv": {
        "STAC": ("stac", "from stac.data_ingestion.series_files import read_series as read"),
        "pandas": ("pandas", "from pandas import read_csv as read"),
        "pyarrow": ("pyarrow", "from pyarrow.csv import read_csv as read"),
        "numpy.loadtxt": (
            "numpy",
            "import numpy\ndef read(path): return numpy.loadtxt(path, delimiter=',', skiprows=1, dtype='float32')",
        ),
    },
    "tslearn's text": {
        "STAC": ("stac", "from stac.data_ingestion.series_files import read_series as read"),
        "tslearn": ("tslearn", "from tslearn.utils import load_time_series_txt as read"),
    },
}

# Memory is read from /proc where there is one: a new process inherits the peak of its parent in ru_maxrss.
CHILD = """
import json, re, sys, time
from pathlib import Path
{setup}
{warm}
def memory(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
Path("/proc/self/clear_refs").write_text("5")
before, times = memory("VmRSS"), []
for repetition in range({repetitions}):
    start = time.perf_counter()
    data = read({path!r})
    {then}
    times.append(time.perf_counter() - start)
    grown = memory("VmHWM") - before if repetition == 0 else grown
print(json.dumps([min(times), grown]))
"""
TRANSFORM = "data = standardize.Standardizer().fit_transform(data[0])"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="smaller files")
    parser.add_argument("--peers-python", default=sys.executable, help="the python of an environment with the peers")
    options = parser.parse_args()
    n_instances, large = (1000, 5000) if options.quick else (5000, 50_000)

    console, missing = Console(), set()
    table = Table(title=f"Reading {n_instances}x1x1000")
    for column in ("file", "reader", "time / STAC's", "memory / data", "seconds"):
        table.add_column(column, justify="left" if column in ("file", "reader") else "right")
    with tempfile.TemporaryDirectory() as folder:
        files = write_files(Path(folder), n_instances)
        for kind, readers in READERS.items():
            ours = None
            for name, (package, setup) in readers.items():
                python = sys.executable if name == "STAC" else options.peers_python
                with console.status(f"{kind}: {name} …"):
                    result = measure(python, setup, files[kind])
                if result is None:
                    missing.add(package)
                    continue
                seconds, memory = result
                ours = ours or seconds
                ratio, size = f"{seconds / ours:.1f}", f"{memory / (n_instances * 4000):.1f}"
                table.add_row(kind, name, ratio, size, f"{seconds:.2f}")
            table.add_section()
        console.print(table)
        for package in sorted(missing):
            console.print(f"{package} is missing: pip install {package}")

        console.print(f"\nPeak memory of reading {large}x1x1000, in sizes of the data (the limit is 3):")
        for kind, path in write_files(Path(folder), large, kinds=("ts", "csv")).items():
            for what, then in (("read", ""), ("read and standardize", TRANSFORM)):
                if then and not has_standardizer():
                    console.print("  stac-standardize is missing: pip install stac-standardize")
                    continue
                seconds, memory = measure(sys.executable, READERS[kind]["STAC"][1], path, then)
                console.print(f"  {kind}, {what}: {memory / (large * 4000):.2f} ({seconds:.1f} s)")


def write_files(folder: Path, n_instances: int, kinds: tuple[str, ...] = tuple(READERS)) -> dict[str, str]:
    """Write the same series, with six decimals, in each format; blocks of rows repeat to save time."""
    rng = np.random.default_rng(0)
    block = [",".join(f"{value:.6f}" for value in row) for row in rng.normal(size=(500, 1000))]
    rows = [block[place % len(block)] for place in range(n_instances)]
    header = "@problemName noise\n@timeStamps false\n@univariate true\n@equalLength true\n@seriesLength 1000\n"
    paths = {"ts": folder / "noise.ts", "csv": folder / "noise.csv", "tslearn's text": folder / "noise.txt"}
    for kind in kinds:
        with paths[kind].open("w") as file:
            if kind == "ts":
                file.write(f"{header}@classLabel true 0 1\n@data\n")
                file.writelines(f"{row}:{place % 2}\n" for place, row in enumerate(rows))
            elif kind == "csv":
                file.write(",".join(f"t{place}" for place in range(1000)) + ",label\n")
                file.writelines(f"{row},{place % 2}\n" for place, row in enumerate(rows))
            else:  # a label column for us is one more value for tslearn: the same amount of text
                file.writelines(f"{place % 2} {row.replace(',', ' ')}\n" for place, row in enumerate(rows))
    return {kind: str(paths[kind]) for kind in kinds}


def measure(python: str, setup: str, path: str, then: str = "") -> tuple[float, int] | None:
    """Return the seconds and the growth of memory, None when the reader is not installed."""
    warm = "import numpy; from stac.data_processing import standardize" if then else ""
    code = CHILD.format(setup=setup, path=path, then=then, warm=warm, repetitions=1 if then else 3)
    done = subprocess.run([python, "-W", "ignore", "-c", code], capture_output=True, text=True)
    if done.returncode:
        if "ModuleNotFoundError" in done.stderr or "ImportError" in done.stderr:
            return None
        raise SystemExit(f"{setup} failed:\n{done.stderr}")
    return tuple(json.loads(done.stdout.splitlines()[-1]))


def has_standardizer() -> bool:
    try:
        return importlib.util.find_spec("stac.data_processing.standardize") is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    main()
