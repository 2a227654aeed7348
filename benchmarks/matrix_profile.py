# /// script
# requires-python = ">=3.11"
# dependencies = ["stumpy>=1.14", "numpy", "rich", "stac-matrix-profile", "stac-check-series", "stac-window-length"]
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
# ///
"""Matrix profiles of random walks, windows of 100: STAC and stumpy, first call in a fresh process and from then on.

uv run --no-config benchmarks/matrix_profile.py [n ...]
"""

import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

SIZES = (5_000, 20_000, 50_000)
WINDOW = 100
N_RUNS = 5

IMPORT = {
    "STAC": "from stac.models.matrix_profile import matrix_profile as profile",
    "stumpy": "from stumpy import stump as profile",
}
FIRST_CALL = """
import time
start, work = time.perf_counter(), time.process_time()
import numpy as np
{load}
profile(np.random.default_rng(0).normal(size={n}).cumsum(), {window})
print(time.perf_counter() - start, time.process_time() - work)
"""


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    names = [name for name in IMPORT if name == "STAC" or find_spec(name)]
    if "stumpy" not in names:
        print("stumpy is missing: pip install stumpy")
    header = "n", "", *(f"{name} s" for name in names), *(("stumpy / STAC", "processor time") if names[1:] else ())
    table = Table(*header, title=f"windows of {WINDOW}, seconds are medians")
    for n in sizes:
        first = {name: first_call(name, n) for name in names}
        table.add_row(f"{n:,}", "first call, with import", *columns(first))
        table.add_row("", f"from then on, {N_RUNS} runs in turn", *columns(from_then_on(names, n)))
    console = Console()
    console.print(table)
    if "stumpy" in names:
        for n in sizes:
            console.print(agreement(n))
    console.print(anytime(sizes[-1]))


def first_call(name: str, n: int) -> list[tuple[float, float]]:
    """Return seconds and processor seconds of import and first call in a process of its own."""
    code = FIRST_CALL.format(load=IMPORT[name], n=n, window=WINDOW)
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    wall, work = map(float, result.stdout.split())
    return [(wall, work)]


def from_then_on(names: list[str], n: int) -> dict[str, list[tuple[float, float]]]:
    """Return seconds and processor seconds of each run, the methods taking turns."""
    series = walk(n)
    profiles = {name: load(name) for name in names}
    for profile in profiles.values():
        profile(series[:1000], WINDOW)
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _ in range(N_RUNS):
        for name, profile in profiles.items():
            wall, work = time.perf_counter(), time.process_time()
            profile(series, WINDOW)
            runs[name].append((time.perf_counter() - wall, time.process_time() - work))
    return runs


def columns(runs: dict[str, list[tuple[float, float]]]) -> list[str]:
    """Return seconds of both, and the ratios of seconds and of processor seconds, run by run."""
    seconds = [f"{median(wall for wall, _ in runs[name]):.2f}" for name in runs]
    if len(runs) == 1:
        return seconds
    pairs = list(zip(runs["STAC"], runs["stumpy"], strict=True))
    return [*seconds, *(f"{median(theirs[i] / ours[i] for ours, theirs in pairs):.2f}" for i in (0, 1))]


def agreement(n: int) -> str:
    """Say how far the two profiles are apart."""
    ours, theirs = load("STAC")(walk(n), WINDOW), load("stumpy")(walk(n), WINDOW)
    apart = np.abs(ours.distances - theirs[:, 0].astype(float)).max()
    others = np.count_nonzero(ours.neighbours != theirs[:, 1].astype(int))
    return f"n = {n:,}: distances agree to {apart:.1e}; {others} of {len(theirs):,} neighbours differ"


def anytime(n: int) -> str:
    """Say how good the profile is after a tenth of the work."""
    profile = load("STAC")
    whole, part = profile(walk(n), WINDOW), profile(walk(n), WINDOW, share=0.1)
    error = median(part.distances / whole.distances) - 1
    return f"n = {n:,}: after {part.share:.0%} of the comparisons, distances are too large by {error:.1%} in the median"


def load(name: str) -> Callable:
    scope: dict[str, Callable] = {}
    exec(IMPORT[name], scope)
    return scope["profile"]


def walk(n: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=n).cumsum()


if __name__ == "__main__":
    main()
