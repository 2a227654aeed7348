# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "aeon>=1.6", "sktime>=1.2", "tsai>=1", "numpy", "scipy", "rich", "stac-sliding-window", "stac-spectral-features",
# ]
#
# [tool.uv.sources]
# stac-sliding-window = { path = "../components/common/data-processing/sliding-window", editable = true }
# stac-spectral-features = { path = "../components/common/data-processing/spectral-features", editable = true }
# ///
"""Views of windows, their scores, spectra: STAC, aeon, sktime and tsai on the same float32 series.

uv run --no-config benchmarks/series_processing.py

Beside the peers stands a floor measured in the same run: the bare memory traffic of the result, or the bare transform.
Times are processor time, all threads together, which other work on the machine disturbs less than the time on the wall.
Each result is compared with ours first. What takes a peer many seconds is measured on fewer series, as the table says.
Copied windows, resampling and z-scores are measured by `kernels.py --parts series`.
"""

import importlib
import os
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from common import peers
from common.peers import Function
from rich.console import Console
from rich.table import Table
from scipy import fft

from stac.data_processing.sliding_window import sliding_windows, spread_scores
from stac.data_processing.spectral_features import magnitude_spectrum

N_RUNS = 9


@dataclass
class Work:
    """The same thing to do, ours, as a floor, and in the way of each peer, with how much of the input it gets."""

    title: str
    data: np.ndarray
    ours: Function
    floor_name: str
    floor: Function
    peers: dict[str, tuple[Callable[[], Function], int]]
    seconds: dict[str, list[float]] = field(default_factory=dict)


def aeon_scores() -> Function:
    from aeon.utils.windowing import reverse_windowing

    return lambda scores: reverse_windowing(scores, 100)


def aeon_spectrum() -> Function:
    from aeon.transformations.collection import PeriodogramTransformer

    return lambda X: PeriodogramTransformer(pad_series=False).fit_transform(X)


def sktime_spectrum() -> Function:
    from sktime.transformations.fourier import FourierTransform

    def spectrum(X: np.ndarray) -> np.ndarray:
        theirs = peers.sktime_array(FourierTransform().fit_transform(X))
        return np.concatenate([X.sum(axis=2, keepdims=True), theirs], axis=2)  # they leave out the zeroth frequency

    return spectrum


def written(shape: tuple[int, ...]) -> np.ndarray:
    """Return a new array with something in it: what any function that returns as much must at least do."""
    out = np.empty(shape, np.float32)
    out.fill(1)
    return out


def bare_transforms(X: np.ndarray) -> np.ndarray:
    for start in range(0, len(X), 64):
        fft.rfft(X[start : start + 64, 0], axis=1)
    return X


def works() -> list[Work]:
    rng = np.random.default_rng(0)
    X = rng.normal(20, 3, (10_000, 1, 1_000)).astype(np.float32)
    long = rng.normal(size=(3, 100_000)).astype(np.float32)
    n, few = len(X), 200
    return [
        Work(
            "windows of 100 in 3 x 100,000 as a view",
            long,
            lambda x: sliding_windows(x, 100),
            "writing the result",
            lambda x: written((99_901, 3, 100)),
            {"aeon": (peers.aeon_windows, 3), "tsai": (peers.tsai_windows, 3)},
        ),
        Work(
            "99,901 scores of windows to time points",
            rng.random(99_901),
            lambda scores: spread_scores(scores, 100),
            "reading 100 scores for each point",
            lambda scores: np.broadcast_to(scores, (100, len(scores))).sum(axis=0),
            {"aeon": (aeon_scores, 99_901)},
        ),
        Work(
            "magnitude spectra of 10,000 x 1,000",
            X,
            magnitude_spectrum,
            "the bare transform (scipy)",
            bare_transforms,
            {"aeon": (aeon_spectrum, n), "sktime": (sktime_spectrum, few)},
        ),
    ]


def installed(console: Console) -> set[str]:
    found = set()
    for name in ("aeon", "sktime", "tsai"):
        try:
            importlib.import_module(name)
            found.add(name)
        except ImportError:
            console.print(f"{name} is missing: pip install {name}")
    return found


def seconds_of(function: Function, data: np.ndarray) -> float:
    start = time.process_time()
    repeats = 0
    while repeats == 0 or time.process_time() - start < 0.002:  # microseconds are below the clock's resolution
        function(data)
        repeats += 1
    return (time.process_time() - start) / repeats


def agree(theirs: np.ndarray, ours: np.ndarray, what: str) -> None:
    """Refuse a peer that computes something else; spectra may leave out the last frequency."""
    width = min(theirs.shape[-1], ours.shape[-1])
    np.testing.assert_allclose(theirs[..., :width], ours[..., :width], rtol=2e-3, atol=2e-2, err_msg=what)


def run(work: Work, found: set[str]) -> dict[str, tuple[list[float], int]]:
    """Return seconds for the whole work of each, in turn, so that a noisy machine is unfair to all."""
    functions = {"STAC": (work.ours, len(work.data)), f"floor: {work.floor_name}": (work.floor, len(work.data))}
    for name, (load, size) in work.peers.items():
        if name in found:
            functions[name] = (load(), size)
            small = work.data[: min(size, 50)] if work.data.ndim == 3 else work.data
            agree(np.asarray(functions[name][0](small)), work.ours(small), f"{work.title}: {name}")
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for turn in range(N_RUNS):
        for name, (function, size) in functions.items():
            if turn < 3 or size == len(work.data):  # the slow ones three times
                seconds[name].append(seconds_of(function, work.data[:size]) * len(work.data) / size)
    return {name: (times, functions[name][1]) for name, times in seconds.items()}


def main() -> None:
    warnings.simplefilter("ignore")  # of peers, about packages of theirs that are not installed
    console = Console()
    found = installed(console)
    table = Table("work", "", "ms of processor time", "times STAC", title=f"medians of {N_RUNS} runs in turn, float32")
    for work in works():
        measured = run(work, found)
        ours = measured["STAC"][0]
        for i, (name, (times, size)) in enumerate(measured.items()):
            ratio = median(theirs / our for theirs, our in zip(times, ours, strict=False))
            part = "" if size == len(work.data) else f" (from {size} series)"
            shown = f"{ratio:,.2f}" if ratio < 100 else f"{ratio:,.0f}"
            table.add_row(work.title if i == 0 else "", name + part, f"{1000 * median(times):,.3g}", shown)
        table.add_section()
    console.print(table)


if __name__ == "__main__":
    main()
