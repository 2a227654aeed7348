# /// script
# requires-python = ">=3.11"
# dependencies = ["aeon>=1.6", "tslearn>=0.10", "numba>=0.63", "numpy", "rich", "stac-kernels", "stac-standardize"]
#
# [tool.uv.sources]
# stac-kernels = { path = "../components/common/numerics/kernels", editable = true }
# stac-standardize = { path = "../components/common/data-processing/standardize", editable = true }
# stac-series-estimator = { path = "../components/common/training/series-estimator", editable = true }
# ///
"""Standardizing 10,000 series of 1,000 float32 values: STAC, aeon and tslearn, and the floor of memory traffic.

uv run --no-config benchmarks/standardize.py
"""

import time
from collections.abc import Callable
from statistics import median

import numpy as np
from common import peers
from rich.console import Console
from rich.table import Table

from stac.data_processing.standardize import Standardizer

SHAPE = (10_000, 1, 1_000)
N_RUNS = 9


def installed() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Return what standardizes X (n, 1, time), by name; a peer that is not installed is said to be missing."""
    found = {}
    for name, load in {
        "aeon Normalizer": peers.aeon_z_scores,
        "tslearn TimeSeriesScalerMeanVariance": peers.tslearn_z_scores,
    }.items():
        try:
            found[name] = load()
        except ImportError:
            print(f"{name} is missing: pip install {name.split()[0]}")
    return found


def main() -> None:
    X = np.random.default_rng(0).normal(20, 3, SHAPE).astype(np.float32)
    out = np.empty_like(X)
    work = {
        "STAC Standardizer": lambda X: Standardizer().fit_transform(X),
        "floor: two passes of reading, one of writing": lambda X: (X.sum(), np.copyto(out, X))[0],
        **installed(),
    }
    expected = work["STAC Standardizer"](X)
    for name, standardize in work.items():
        if "floor" not in name:
            np.testing.assert_allclose(standardize(X), expected, atol=1e-3, err_msg=name)

    seconds = {name: [] for name in work}
    for _ in range(N_RUNS):  # in turn, so that a noisy machine is unfair to all
        for name, standardize in work.items():
            start = time.perf_counter()
            standardize(X)
            seconds[name].append(time.perf_counter() - start)

    ours = seconds["STAC Standardizer"]
    table = Table("", "median ms", "times as long as STAC", title=f"standardize {SHAPE} float32, {N_RUNS} runs in turn")
    for name, times in seconds.items():
        ratio = median(theirs / our for theirs, our in zip(times, ours, strict=True))
        table.add_row(name, f"{1000 * median(times):.1f}", f"{ratio:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
