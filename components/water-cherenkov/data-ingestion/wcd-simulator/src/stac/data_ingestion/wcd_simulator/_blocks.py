"""Blocks of stations, small enough for the processor's cache, each with a random generator of its own."""

from collections.abc import Iterator

import numpy as np

from stac.data_ingestion.wcd_simulator._electronics import digitise, exponential_filter, photoelectrons
from stac.data_ingestion.wcd_simulator._light import draw_light
from stac.data_ingestion.wcd_simulator._particles import Particles, Request, draw_candidates, draw_particles
from stac.data_ingestion.wcd_simulator._showers import PRIMARIES
from stac.data_ingestion.wcd_simulator._stations import SimulatedStations, concatenate

__all__ = ["BLOCK", "event_block", "single_muon_block", "stations_in_order"]

BLOCK = 64  # stations
PMT_SPREAD_NS = 1.5  # of the transit time of electrons; the slow diffuse light does not feel it
TRIGGER_VEM_PEAK = 0.1  # a trace is placed by the first sample whose mean over the PMTs reaches this


def event_block(request: Request, seed: int, block: int) -> SimulatedStations:
    """Simulate block number ``block``: whole events, about ``BLOCK`` stations."""
    rng = np.random.default_rng([seed, block])
    n_events = max(1, BLOCK // request.stations_per_event)
    particles = draw_particles(rng, request, n_events)
    particles.event += block * n_events
    return _simulate(rng, request, particles)


def single_muon_block(request: Request, prevalence: float, min_photoelectrons: float, seed: int, block: int):
    """Simulate block number ``block`` of stations with one muon or none."""
    rng = np.random.default_rng([seed, block])
    with_muon = rng.uniform(size=BLOCK) < prevalence
    waiting = np.arange(BLOCK)
    done = []
    for _ in range(1000):
        particles = draw_candidates(rng, request, with_muon[waiting])
        if len(particles):
            stations = _simulate(rng, request, particles)
            bright = np.flatnonzero(stations.table["photoelectrons"] >= min_photoelectrons)
            entry = stations.table["event"][bright]
            stations = stations[bright]
            stations.table["event"] = waiting[entry]
            done.append(stations)
            waiting = np.delete(waiting, entry)
        if len(waiting) == 0:
            stations = concatenate(done)
            stations = stations[np.argsort(stations.table["event"])]
            stations.table["event"] += block * BLOCK
            return stations
    raise ValueError(
        f"hardly any station makes min_photoelectrons={min_photoelectrons:g}: a vertical muon makes about "
        f"{request.detector.photoelectrons_per_vem * request.detector.n_pmts:.0f}; ask for less."
    )


def _simulate(rng: np.random.Generator, request: Request, particles: Particles) -> SimulatedStations:
    detector, n = request.detector, len(particles)
    pmt_mask = _draw_pmts(rng, n, detector.n_pmts, request.missing_pmts)
    light = draw_light(rng, detector, particles)

    decay = detector.pulse_decay_ns * detector.oversampling / detector.bin_ns
    rise = detector.pulse_rise_ns * detector.oversampling / detector.bin_ns
    muons, em = exponential_filter(light.muons, decay), exponential_filter(light.em, decay)
    if light.muons_direct is not None:
        transit = PMT_SPREAD_NS * detector.oversampling / detector.bin_ns
        muons += exponential_filter(light.muons_direct, transit)
        em += exponential_filter(light.em_direct, transit)
    # A photomultiplier sees the light, the electronics what it makes of it.
    electrons = photoelectrons(rng, (muons + em) * np.float32(detector.photoelectrons_per_vem))
    electrons *= pmt_mask[..., None]
    counts_per_electron = detector.vem_charge_adc / detector.photoelectrons_per_vem
    samples = np.s_[..., detector.oversampling - 1 :: detector.oversampling]
    pulses = exponential_filter(electrons, rise)[samples]
    pulses *= np.float32(detector.oversampling * counts_per_electron)
    truth = exponential_filter(np.stack([em.mean(axis=1), muons.mean(axis=1)]), rise)[samples]
    truth *= np.float32(detector.oversampling)

    threshold = TRIGGER_VEM_PEAK * detector.vem_peak_adc * pmt_mask.sum(axis=1)
    trigger = (pulses.sum(axis=1) >= threshold[:, None]).argmax(axis=1)
    shift = detector.start_bin - trigger
    signal = _place(pulses, shift, detector.n_bins)
    em_trace, muon_trace = (_place(component, shift, detector.n_bins) for component in truth)
    high, low = digitise(rng, detector, signal)
    for gain in (high, low):
        if gain is not None:
            gain *= pmt_mask[..., None]
    events = particles.events
    table = {
        "event": particles.event,
        "primary": np.array(list(PRIMARIES))[events.primary],
        "lg_energy": events.lg_energy,
        "zenith_deg": np.degrees(events.zenith),
        "distance_m": particles.distance,
        "delta_x_gcm2": events.delta_x,
        "n_muons": particles.n_muons,
        "muon_signal_vem": particles.muon_signal,
        "em_signal_vem": particles.em_signal,
        "photoelectrons": signal.sum(axis=(1, 2)) / counts_per_electron,
        "saturated": (high == detector.saturation_adc).any(axis=(1, 2)),
        "trace_start_ns": light.start_ns - shift * detector.bin_ns,
    }
    return SimulatedStations(high, low, pmt_mask, em_trace, muon_trace, table, detector)


def _place(values: np.ndarray, shift: np.ndarray, n_bins: int) -> np.ndarray:
    """Copy values (n, ..., bins) into zeros (n, ..., n_bins), each row moved by its ``shift`` and cut to fit."""
    placed = np.zeros((*values.shape[:-1], n_bins), np.float32)
    for row, out, first in zip(values, placed, shift.tolist(), strict=True):
        row = row[..., max(-first, 0) : n_bins - first]
        out[..., max(first, 0) : max(first, 0) + row.shape[-1]] = row
    return placed


def _draw_pmts(rng: np.random.Generator, n: int, n_pmts: int, missing: float) -> np.ndarray:
    """Return which PMTs work (n, n_pmts); one is left in every station."""
    works = rng.uniform(size=(n, n_pmts)) >= missing
    dead = ~works.any(axis=1)
    works[dead, rng.integers(n_pmts, size=n)[dead]] = True
    return works


def stations_in_order(make_block, n_stations: int, chunk: int) -> Iterator[SimulatedStations]:
    """Yield ``n_stations`` in chunks, from blocks made one after the other."""
    kept: list[SimulatedStations] = []
    n_kept = n_yielded = block = 0
    while n_yielded < n_stations:
        size = min(chunk, n_stations - n_yielded)
        while n_kept < size:
            kept.append(make_block(block))
            n_kept += len(kept[-1])
            block += 1
        stations = concatenate(kept)
        yield stations[:size]
        kept, n_kept = [stations[size:]], n_kept - size
        n_yielded += size
