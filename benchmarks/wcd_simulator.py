# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy>=1.26", "rich", "stac-wcd-simulator"]
#
# [tool.uv.sources]
# stac-wcd-simulator = { path = "../components/water-cherenkov/data-ingestion/wcd-simulator", editable = true }
# ///
"""Simulating water-Cherenkov stations: stations a minute on two cores, and against a loop over stations and particles.

uv run --no-config benchmarks/wcd_simulator.py
"""

import math
import multiprocessing
import time
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

from stac.data_ingestion.wcd_simulator import DETECTORS, Detector, iterate_stations, simulate_stations
from stac.data_ingestion.wcd_simulator._light import EM_ANGLE_SPREAD
from stac.data_ingestion.wcd_simulator._particles import (
    EM_PARTICLE_VEM,
    EM_SPECTRUM_SHAPE,
    MUON_ANGLE_SPREAD,
    MUON_STRAGGLING,
)
from stac.data_ingestion.wcd_simulator._showers import PRIMARIES, SHOWERS, arrival_time, draw_events, mean_signals
from stac.data_ingestion.wcd_simulator._tank import (
    GROUP_INDEX,
    LIGHT_NS_PER_M,
    Tracks,
    draw_tracks,
    mean_track_m,
    share_em_light,
    share_muon_light,
)

N_STATIONS = 4_000  # in each of two processes
N_LOOP = 48  # stations of the loop, in each run
N_RUNS = 3
MIN_SIGNAL_VEM = 3.0


def simulate_in_a_loop(rng: np.random.Generator, detector: Detector) -> tuple[np.ndarray, float]:
    """Return high-gain counts and the true signal of one station: the same physics, one particle after the other."""
    shower, primary = SHOWERS[detector.shower], np.array([list(PRIMARIES).index("proton")])
    while True:
        event = draw_events(rng, shower, primary, detector.lg_energy, (0, 45))
        distance = np.sqrt(rng.uniform(*np.square(detector.distance_m), 1))
        signals = mean_signals(shower, event, distance)[:, 0]
        expected = signals[0] * detector.tank_height_m / mean_track_m(detector, event.zenith)[0]
        muons = [draw_muon(rng, detector, event.zenith[0]) for _ in range(rng.poisson(expected))]
        n_em = rng.poisson(signals[1:].sum() / EM_PARTICLE_VEM)
        em = [rng.gamma(EM_SPECTRUM_SHAPE, EM_PARTICLE_VEM / EM_SPECTRUM_SHAPE) for _ in range(n_em)]
        signal = sum(vem for _, vem in muons) + sum(em)
        if signal >= MIN_SIGNAL_VEM:
            break

    late_share = signals[2] / signals[1:].sum()
    muon_times, em_times = (arrival_time(shower, distance, event.delta_x, kind) for kind in ("muons", "em"))
    arrivals = []  # time and VEM in each PMT, of diffuse and of direct light
    for track, vem in muons:
        arrivals.append((draw_time(rng, muon_times), *share_muon_light(detector, track, np.array([vem])), track))
    for vem in em:
        when = draw_time(rng, muon_times if rng.uniform() < late_share else em_times)
        if detector.direct_light_m:
            zenith = abs(event.zenith[0] + EM_ANGLE_SPREAD * rng.normal())
            track = draw_tracks(rng, detector, np.array([zenith]))
            arrivals.append((when, *share_em_light(rng, detector, track, np.array([vem])), None))
        else:
            arrivals.append((when, np.full((1, detector.n_pmts), vem), None, None, None))
    return digitise(rng, detector, add_up(detector, arrivals)), signal


def draw_muon(rng: np.random.Generator, detector: Detector, zenith: float) -> tuple[Tracks, float]:
    track = draw_tracks(rng, detector, np.array([abs(zenith + MUON_ANGLE_SPREAD * rng.normal())]))
    straggling = math.exp(MUON_STRAGGLING * rng.normal() - MUON_STRAGGLING**2 / 2)
    return track, track.length[0] / detector.tank_height_m * straggling


def draw_time(rng: np.random.Generator, times: tuple[np.ndarray, np.ndarray]) -> float:
    return times[0][0] * math.exp(times[1][0] * rng.normal())


def add_up(detector: Detector, arrivals: list) -> np.ndarray:
    """Return the light (n_pmts, steps) in VEM, already decaying, from the first particle on."""
    step_ns = detector.bin_ns / detector.oversampling
    steps = min(2 * detector.n_bins * detector.oversampling, round(10_000 / step_ns))
    decay = detector.pulse_decay_ns / step_ns
    pulse = (1 - math.exp(-1 / decay)) * np.exp(-np.arange(steps) / decay)
    light = np.zeros((detector.n_pmts, steps))
    crossing = GROUP_INDEX * LIGHT_NS_PER_M * detector.tank_height_m
    first = min(when for when, *_ in arrivals)
    for when, diffuse, direct, delay, track in arrivals:
        onset = 0.0
        if detector.direct_light_m:
            onset = 1.5 * crossing if track is None else 0.5 * crossing + track.length[0] * LIGHT_NS_PER_M
        step = int((when + onset - first) / step_ns)
        if step < steps:
            light[:, step:] += diffuse[0][:, None] * pulse[: steps - step]
        if direct is not None and len(direct):
            for pmt in range(detector.n_pmts):
                step = int((when + delay[0, pmt] - first) / step_ns)
                if 0 <= step < steps:
                    light[pmt, step] += direct[0, pmt]
    return light


def digitise(rng: np.random.Generator, detector: Detector, light: np.ndarray) -> np.ndarray:
    """Photoelectrons, pulse shape sample by sample, and the converters of both gains."""
    rise = math.exp(-detector.bin_ns / detector.oversampling / detector.pulse_rise_ns)
    counts_per_electron = detector.vem_charge_adc / detector.photoelectrons_per_vem
    out = np.zeros((detector.n_pmts, detector.n_bins))
    for pmt, mean in enumerate(light * detector.photoelectrons_per_vem):
        electrons, value = rng.poisson(mean), 0.0
        pulse = np.zeros(len(mean))
        for step, n in enumerate(electrons.tolist()):
            if n:
                n = max(n + 0.4 * math.sqrt(n) * rng.normal(), 0)
            value = rise * value + (1 - rise) * n
            pulse[step] = value
        samples = pulse[detector.oversampling - 1 :: detector.oversampling] * detector.oversampling
        n = min(len(samples), detector.n_bins - detector.start_bin)
        out[pmt, detector.start_bin : detector.start_bin + n] = samples[:n] * counts_per_electron
    gains = [1.0] if detector.gain_ratio is None else [1.0, 1 / detector.gain_ratio]
    converted = []
    for gain in gains:
        baseline = rng.uniform(*detector.baseline_adc, (detector.n_pmts, 1))
        noisy = out * gain + baseline + rng.normal(0, detector.noise_adc, out.shape)
        converted.append(np.clip(np.rint(noisy), 0, detector.saturation_adc))
    return converted[0]


def stream(name: str, seed: int) -> None:
    for _ in iterate_stations(N_STATIONS, name, chunk=1024, seed=seed):
        pass


def main() -> None:
    table = Table(title=f"simulated stations, {N_RUNS} runs in turn")
    for column in ("detector", "a minute, two processes", "a minute of one core's time", "loop, same core", "ratio"):
        table.add_column(column, justify="right")
    for name, detector in DETECTORS.items():
        ours = simulate_stations(512, name).table
        wall, cpu, loop, signals = [], [], [], []
        for run in range(N_RUNS):
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                pool.starmap(stream, [(name, 0), (name, 1)], chunksize=1)  # start them, fill the caches
                start = time.perf_counter()
                pool.starmap(stream, [(name, 2 * run), (name, 2 * run + 1)], chunksize=1)
                wall.append(2 * N_STATIONS * 60 / (time.perf_counter() - start))
            start = time.process_time()
            stream(name, run)
            cpu.append(N_STATIONS * 60 / (time.process_time() - start))
            rng = np.random.default_rng(run)
            start = time.process_time()
            signals += [simulate_in_a_loop(rng, detector)[1] for _ in range(N_LOOP)]
            loop.append(N_LOOP * 60 / (time.process_time() - start))
        expected = np.median(ours["muon_signal_vem"] + ours["em_signal_vem"])
        if not 0.6 < np.median(signals) / expected < 1.6:
            raise SystemExit(f"{name}: the loop simulates other signals, median {np.median(signals):.1f} VEM")
        ratio = median(our / theirs for our, theirs in zip(cpu, loop, strict=True))
        table.add_row(name, *(f"{median(rates):,.0f}" for rates in (wall, cpu, loop)), f"{ratio:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
