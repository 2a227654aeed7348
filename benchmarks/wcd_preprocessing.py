# ruff: noqa: E501 (paths)
# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "scipy", "rich", "stac-wcd-simulator", "stac-wcd-preprocessing", "stac-wcd-features"]
#
# [tool.uv.sources]
# stac-wcd-simulator = { path = "../components/water-cherenkov/data-ingestion/wcd-simulator", editable = true }
# stac-wcd-preprocessing = { path = "../components/water-cherenkov/data-processing/wcd-preprocessing", editable = true }
# stac-wcd-features = { path = "../components/water-cherenkov/data-processing/wcd-features", editable = true }
# stac-trace-baseline = { path = "../components/water-cherenkov/data-processing/trace-baseline", editable = true }
# stac-vem-calibration = { path = "../components/water-cherenkov/data-processing/vem-calibration", editable = true }
# stac-saturation-recovery = { path = "../components/water-cherenkov/data-processing/saturation-recovery", editable = true }
# stac-signal-window = { path = "../components/water-cherenkov/data-processing/signal-window", editable = true }
# ///
"""Raw counts of 100,000 stations to calibrated traces and features, against plain numpy and a loop over scipy.

uv run --no-config benchmarks/wcd_preprocessing.py: three minutes, 3 GB of memory; a tenth of the memory with `--quick`.
Every contender runs in its own process, in turn. Ratios are of CPU time, which other work on the machine moves less
than the wall clock beside it. Memory is the peak of that process, input included, in sizes of the high-gain traces; a
low-gain copy of the same size is part of the input (with `--quick`, the interpreter is half of the data). Linux only.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from stac.data_ingestion.wcd_simulator import DETECTORS, simulate_stations
from stac.data_processing.wcd_features import wcd_features
from stac.data_processing.wcd_preprocessing import WcdPreprocessing

DETECTOR = DETECTORS["auger-ub"]
BASELINE_BINS = 216
N_ROUNDS = 3
# What all contenders compute, so that the work is comparable and the results can be checked against each other.
NAMES = ["charge_vem_peak_ns", "peak_vem_peak", "rise_time_ns", "fall_time_ns", "width_ns", "skewness", "n_peaks"]
# When the features began, and what they are.
Result = tuple[np.ndarray, np.ndarray]


def now() -> np.ndarray:
    """Return wall clock and CPU time of this process in seconds."""
    return np.array([time.perf_counter(), time.process_time()])


def stac(
    high: np.ndarray, low: np.ndarray, n_jobs: int, names: list[str] | None = None, **parameters: int | None
) -> Result:
    """Preprocessing, and all 38 features or the chosen; traces as long as they came, if nothing else is said."""
    parameters = {"length": None, **parameters}
    stations = WcdPreprocessing.for_detector(DETECTOR, n_jobs=n_jobs, **parameters).transform(high, low)
    between = now()
    features = wcd_features(
        stations.traces_vem_peak, stations.pmt_mask, bin_ns=DETECTOR.bin_ns, names=names, n_jobs=n_jobs
    )
    return between, features


def plain_calibration(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """Do one step after the other on whole arrays: a median for the baseline, no repeated clipping, no gaps."""
    above = high - np.median(high[..., :BASELINE_BINS], axis=2, keepdims=True)
    low_above = low - np.median(low[..., :BASELINE_BINS], axis=2, keepdims=True)
    above = np.where(high >= DETECTOR.saturation_adc, low_above * DETECTOR.gain_ratio, above)
    traces = above / DETECTOR.vem_peak_adc
    coincidence = (traces > 0.1).sum(axis=1) >= 2
    start = coincidence.argmax(axis=1)
    stop = coincidence.shape[1] - coincidence[:, ::-1].argmax(axis=1)
    bins = np.arange(traces.shape[2])
    inside = (bins >= start[:, None]) & (bins < stop[:, None])
    plain_calibration.signal = (above * inside[:, None]).sum(axis=2).mean(axis=1) / DETECTOR.vem_charge_adc
    return traces


def plain(high: np.ndarray, low: np.ndarray) -> Result:
    """Return seven station features and the times of each PMT, on whole arrays."""
    traces = plain_calibration(high, low)
    between = now()

    def times(traces: np.ndarray) -> np.ndarray:
        signal = np.where(traces > 0.05, traces, 0)
        share = np.cumsum(signal, axis=-1) / np.maximum(signal.sum(axis=-1, keepdims=True), 1e-9)
        found = []
        for level in (0.1, 0.5, 0.9):
            place = (share >= level).argmax(axis=-1)[..., None]
            at, before = np.take_along_axis(share, place, -1), np.take_along_axis(share, np.maximum(place - 1, 0), -1)
            found.append((place + (level - before) / np.maximum(at - before, 1e-9))[..., 0])
        return np.stack(found)

    times(traces)  # of each PMT
    trace = traces.mean(axis=1)
    t10, t50, t90 = times(trace)
    signal = np.where(trace > 0.05, trace, 0)
    weight = signal / np.maximum(signal.sum(axis=1, keepdims=True), 1e-9)
    bins = np.arange(trace.shape[1])
    away = bins - (weight * bins).sum(axis=1, keepdims=True)
    width = np.sqrt((weight * away**2).sum(axis=1))
    skewness = (weight * away**3).sum(axis=1) / np.maximum(width, 1e-9) ** 3
    inner = trace[:, 1:-1]
    n_peaks = ((inner > trace[:, :-2]) & (inner > trace[:, 2:]) & (inner > 0.5)).sum(axis=1)
    columns = [
        trace.sum(axis=1) * 25,
        trace.max(axis=1),
        (t50 - t10) * 25,
        (t90 - t50) * 25,
        width * 25,
        skewness,
        n_peaks,
    ]
    return between, np.stack(columns, axis=1)


def scipy_loop(high: np.ndarray, low: np.ndarray) -> Result:
    """Let scipy.stats and scipy.signal look at one station after the other; it has plain numpy calibrate."""
    from scipy.signal import find_peaks
    from scipy.stats import rv_histogram

    traces = plain_calibration(high, low)
    between = now()
    edges = np.arange(traces.shape[2] + 1)
    rows = []
    for station in traces:
        trace = station.mean(axis=0)
        for pmt in station:  # times of each PMT
            rv_histogram((np.where(pmt > 0.05, pmt, 0), edges), density=False).ppf([0.1, 0.5, 0.9])
        signal = rv_histogram((np.where(trace > 0.05, trace, 0), edges), density=False)
        t10, t50, t90 = signal.ppf([0.1, 0.5, 0.9])
        _, variance, skewness = signal.stats(moments="mvs")
        n_peaks = len(find_peaks(trace, height=0.5)[0])
        times = (t50 - t10) * 25, (t90 - t50) * 25
        rows.append([trace.sum() * 25, trace.max(), *times, np.sqrt(max(variance - 1 / 12, 0)) * 25, skewness, n_peaks])
    return between, np.array(rows)


CONTENDERS = {
    "STAC, 38 features": lambda high, low: stac(high, low, 1),
    "the same, 2 threads": lambda high, low: stac(high, low, 2),
    "the same, cut to 120 bins": lambda high, low: stac(high, low, 2, length=120),
    "plain numpy, 7 features": plain,
    "scipy loop, 7 features": scipy_loop,
}


def memory(name: str) -> int:
    return int(re.search(name + r":\s+(\d+)", Path("/proc/self/status").read_text())[1]) * 1024


def simulate(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return high and low gain of n stations, of which up to 4,000 are different."""
    some = simulate_stations(min(n, 4000), detector=DETECTOR.name, seed=1)
    times = -(-n // len(some))
    return np.tile(some.high_gain, (times, 1, 1))[:n], np.tile(some.low_gain, (times, 1, 1))[:n]


def child(name: str, n: int) -> None:
    """Run one contender; print wall clock and CPU time of all and of the features alone, and the peak memory."""
    high, low = simulate(n)
    CONTENDERS[name](high[:50], low[:50])  # imports and first calls
    Path("/proc/self/clear_refs").write_text("5")
    start = now()
    between, _ = CONTENDERS[name](high, low)
    end = now()
    print(json.dumps([*(end - start) / n, *(end - between) / n, memory("VmHWM") / high.nbytes]))


def measure(name: str, n: int) -> np.ndarray:
    """Return microseconds per station of wall clock and CPU, the same of the features alone, and memory / data."""
    command = [sys.executable, __file__, "--child", name, "--stations", str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    return np.array(json.loads(done.stdout.splitlines()[-1])) * [1e6, 1e6, 1e6, 1e6, 1]


def check_agreement() -> None:
    """All three see the same in features that they define alike."""
    high, low = simulate(200)
    ours = stac(high, low, 1, NAMES)[1]
    for contender in (plain, scipy_loop):
        theirs = contender(high, low)[1]
        for place, name in enumerate(NAMES):
            difference = np.median(abs(theirs[:, place] - ours[:, place]) / np.maximum(abs(ours[:, place]), 1))
            assert difference < 0.1, f"{contender.__name__}, {name}: {difference:.3f} apart"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="10,000 stations instead of 100,000")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--stations", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(options.child, options.stations)

    check_agreement()
    n = 10_000 if options.quick else 100_000
    sizes = dict(zip(CONTENDERS, (n, n, n, 10_000, 300), strict=True))
    rounds = [[measure(name, stations) for name, stations in sizes.items()] for _ in range(N_ROUNDS)]
    results = np.median(np.array(rounds), axis=0)

    table = Table(title=f"{DETECTOR.name}: traces 3 x 768 float32, high and low gain; medians of {N_ROUNDS} rounds")
    for column in ("", "stations", "CPU / STAC's", "features alone", "memory / data", "µs a station", "of it features"):
        table.add_column(column, justify="right" if column else "left")
    ours = results[0]
    for (name, stations), (wall, cpu, features_wall, features_cpu, peak) in zip(sizes.items(), results, strict=True):
        loop = name.startswith("scipy")
        # its calibration is that of plain numpy, its memory that of 300 stations
        table.add_row(
            name,
            f"{stations:,}",
            "" if loop else f"{cpu / ours[1]:.1f}",
            f"{features_cpu / ours[3]:.1f}",
            "" if loop else f"{peak:.1f}",
            "" if loop else f"{wall:.0f}",
            f"{features_wall:.0f}",
        )
    console = Console()
    console.print(table)
    for name, (wall, cpu, *_) in zip(CONTENDERS, results[:3], strict=False):
        console.print(f"{name}: {n:,} stations in {wall * n / 1e6:.1f} s, of CPU time {cpu * n / 1e6:.1f} s")
    return None


if __name__ == "__main__":
    main()
