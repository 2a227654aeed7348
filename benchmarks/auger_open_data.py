# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "rich", "stac-auger-open-data"]
#
# [tool.uv.sources]
# stac-auger-open-data = { path = "../components/water-cherenkov/data-ingestion/auger-open-data", editable = true }
# ///
"""Streaming 2,000 events of the Auger open data from a zip, against json.load and numpy of everything in memory.

uv run --no-config benchmarks/auger_open_data.py    (two minutes; Linux only)
"""

import json
import multiprocessing
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

N_EVENTS, N_STATIONS, N_RUNS = 2000, 5, 3
MB = 1e6


def write_archive(path: Path, n_events: int) -> None:
    """Write events in the layout of the open data; their traces repeat after 20, which numbers do not notice."""
    rng = np.random.default_rng(0)
    traces = rng.normal(0, 0.02, (20, N_STATIONS, 3, 768))
    traces[..., 240:] += rng.gamma(2, 3, (20, N_STATIONS, 1, 1)) * np.exp(-np.arange(528) / 4)
    stations = [
        [
            {
                **{"id": i, "name": f"S{i}", "x": 1500.0 * i, "y": 0.0, "z": 0.0, "t": 5 * 10**8, "dt": 10.0},
                **{"signal": 9.5, "dsignal": 1.0, "sat": 0, "isSelected": 1, "spDistance": 800.0},
                **{f"pmt{pmt + 1}": one[i, pmt].round(3).tolist() for pmt in range(3)},
            }
            for i in range(N_STATIONS)
        ]
        for one in traces
    ]
    texts = [json.dumps(one) for one in stations]
    rec = {"theta": 30.0, "phi": 45.0, "energy": 5.0, "x": 0.0, "y": 0.0, "z": 0.0}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(n_events):
            head = json.dumps({"info": {"id": number}, "flags": {}, "sdrec": rec})[:-1]
            archive.writestr(f"data/Auger_{number}.json", f'{head}, "stations": {texts[number % len(texts)]}}}')


def stream(path: Path) -> float:
    from stac.data_ingestion.auger_open_data import read_events

    return sum(float(event.traces_vem_peak.sum()) for event in read_events(path))


def table(path: Path) -> float:
    from stac.data_ingestion.auger_open_data import event_table, read_events

    return float(len(event_table(read_events(path))["event"]))


def all_in_memory(path: Path) -> float:
    with zipfile.ZipFile(path) as archive:
        events = [json.load(archive.open(name)) for name in archive.namelist()]
    traces = [[[s[f"pmt{pmt}"] for pmt in (1, 2, 3)] for s in event["stations"]] for event in events]
    return float(np.array(traces, dtype=np.float32).sum(dtype=np.float64))


def one_by_one(path: Path) -> float:
    total = 0.0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            event = json.load(archive.open(name))
            traces = [[s[f"pmt{pmt}"] for pmt in (1, 2, 3)] for s in event["stations"]]
            total += float(np.array(traces, dtype=np.float32).sum())
    return total


WORK: dict[str, Callable[[Path], float]] = {
    "STAC read_events": stream,
    "STAC event_table": table,
    "json.load, numpy, all in memory": all_in_memory,
    "json.load, numpy, one by one": one_by_one,
}


def measure(name: str, path: Path) -> tuple[float, float, float]:
    """Return processor seconds, peak memory above the start in bytes, and the result, from a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (name, path))


def _measured(name: str, path: Path) -> tuple[float, float, float]:
    WORK[name](path.with_name("two.zip"))  # imports
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far; a new process even inherits its parent's
    before, start = _memory("VmRSS"), time.process_time()
    result = WORK[name](path)
    return time.process_time() - start, _memory("VmHWM") - before, result


def _memory(kind: str) -> int:
    """Return the resident memory now (VmRSS) or at its peak (VmHWM), in bytes; Linux only."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(kind))
    return 1024 * int(line.split()[1])


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    for file_name, n_events in (("two.zip", 2), ("tenth.zip", N_EVENTS // 10), ("all.zip", N_EVENTS)):
        write_archive(folder / file_name, n_events)
    runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in WORK}
    for _ in range(N_RUNS):  # in turn, so that a noisy machine is unfair to all
        for name in WORK:
            runs[name].append(measure(name, folder / "all.zip"))
    results = {name: done[0][2] for name, done in runs.items() if "table" not in name}
    np.testing.assert_allclose(list(results.values()), results["STAC read_events"], rtol=1e-5)

    samples = N_EVENTS * N_STATIONS * 3 * 768 * 4
    title = f"{N_EVENTS} events of {N_STATIONS} stations from a zip ({samples / MB:.0f} MB of float32), processor time"
    printed = Table("", "events/s", "times as long as STAC", "peak MB", "… of a tenth", title=title)
    ours = runs["STAC read_events"]
    for name, done in runs.items():
        seconds, peak = (median(one[i] for one in done) for i in (0, 1))
        ratio = median(theirs[0] / our[0] for theirs, our in zip(done, ours, strict=True))
        tenth = measure(name, folder / "tenth.zip")[1]
        printed.add_row(name, f"{N_EVENTS / seconds:.0f}", f"{ratio:.2f}", f"{peak / MB:.1f}", f"{tenth / MB:.1f}")
    Console().print(printed)


if __name__ == "__main__":
    main()
