"""The sources of station data: each yields parts, as the arguments of a StationData."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from stac.data_ingestion.auger_open_data import AugerEvent, event_table, read_events
from stac.data_ingestion.wcd_simulator import SimulatedStations, iterate_stations
from stac.data_processing.signal_window import cut_signal_window
from stac.data_processing.wcd_preprocessing import WcdPreprocessing

Part = dict[str, Any]


def simulated_parts(n_stations: int, detector: str, *, length: int, seed: int, **ranges: Any) -> Iterator[Part]:
    """Simulate and preprocess part after part."""
    preprocessing = None
    for stations in iterate_stations(n_stations, detector, seed=seed, **ranges):
        if preprocessing is None:
            preprocessing = WcdPreprocessing.for_detector(stations.detector, length=length)
        yield simulated_part(stations, preprocessing)


def simulated_part(stations: SimulatedStations, preprocessing: WcdPreprocessing) -> Part:
    """Preprocess simulated stations and cut the truth to the same window."""
    done = preprocessing.transform(stations.high_gain, stations.low_gain, stations.pmt_mask)
    window = {"length": preprocessing.length, "before": preprocessing.before}
    truth = np.stack([stations.em_trace, stations.muon_trace], axis=1)
    truth = cut_signal_window(truth, done.start, **window)
    measured = {"signal_vem_charge": done.signal_vem_charge, "saturated": done.saturated.any(axis=1)}
    return {
        "traces_vem_peak": done.traces_vem_peak,
        "pmt_mask": done.pmt_mask,
        "table": stations.table | measured,
        "bin_ns": stations.detector.bin_ns,
        "em_trace": truth[:, 0],
        "muon_trace": truth[:, 1],
    }


def auger_parts(path: Path, length: int) -> Iterator[Part]:
    """Read events of the Auger open data one after the other; a bad one in an archive is left out with a warning."""
    on_error = "raise" if path.is_file() and path.suffix != ".zip" else "warn"
    for event in read_events(path, on_error=on_error):
        yield auger_part(event, length)


def auger_part(event: AugerEvent, length: int) -> Part:
    """Cut the signal windows of an event's stations."""
    working = event.pmt_mask.any(axis=1)
    preprocessing = WcdPreprocessing(bin_ns=event.bin_ns, length=length)
    done = preprocessing.transform_calibrated(event.traces_vem_peak[working], event.pmt_mask[working])
    table = {name: column[working] for name, column in event_table([event]).items()}
    return {
        "traces_vem_peak": done.traces_vem_peak,
        "pmt_mask": done.pmt_mask,
        "table": table,
        "bin_ns": event.bin_ns,
    }


def progress_of(parts: Iterable[Part], n_stations: int | None, title: str, shown: bool) -> Iterator[Part]:
    """Pass the parts on, with a progress bar where a person looks at the error stream."""
    if not (shown and sys.stderr.isatty()):
        yield from parts
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=n_stations)
        for part in parts:
            yield part
            progress.advance(task, len(part["traces_vem_peak"]))
