"""When and where the light of a block of stations arrives, before the electronics."""

from dataclasses import dataclass

import numpy as np

from stac.data_ingestion.wcd_simulator._detectors import Detector
from stac.data_ingestion.wcd_simulator._particles import EM_SPECTRUM_SHAPE, Particles
from stac.data_ingestion.wcd_simulator._showers import SHOWERS, arrival_time
from stac.data_ingestion.wcd_simulator._tank import (
    GROUP_INDEX,
    LIGHT_NS_PER_M,
    draw_tracks,
    share_em_light,
    share_muon_light,
)

__all__ = ["Light", "draw_light"]

WINDOW_NS = 10_000  # light that comes later is not followed
MANY_PARTICLES = 1_000  # from here on, electromagnetic particles are drawn per time step
EM_ANGLE_SPREAD = 0.25  # rad around the shower axis


@dataclass
class Light:
    """Light in VEM per time step, float32, from the first particle of each station on.

    Diffuse light of muons (n, n_pmts, n_steps) and electromagnetic particles (n, n_pmts or 1, n_steps); direct light
    of the same shape, or None in a tank without.
    """

    start_ns: np.ndarray  # (n,) when the light starts, after the plane of the shower front
    muons: np.ndarray
    em: np.ndarray
    muons_direct: np.ndarray | None = None
    em_direct: np.ndarray | None = None


def draw_light(rng: np.random.Generator, detector: Detector, particles: Particles) -> Light:
    """Draw the arrival time of every particle and share its light among the PMTs."""
    shower = SHOWERS[detector.shower]
    muon_times, em_times = (
        arrival_time(shower, particles.distance, particles.events.delta_x, kind) for kind in ("muons", "em")
    )
    station = particles.muon_station
    muon_time = _log_normal(rng, muon_times[0][station], muon_times[1][station])
    # With direct light each particle makes a pattern of its own among the PMTs.
    many = (particles.n_em > MANY_PARTICLES) & (detector.direct_light_m == 0)
    n_drawn = np.where(many, 0, np.minimum(particles.n_em, MANY_PARTICLES))  # crowds with direct light go in bunches
    em_station = np.repeat(np.arange(len(particles)), n_drawn)
    late = rng.uniform(size=len(em_station)) < particles.late_share[em_station]
    median, sigma = (np.where(late, m[em_station], e[em_station]) for m, e in zip(muon_times, em_times, strict=True))
    em_time = _log_normal(rng, median, sigma)
    em_vem = _partition(rng, em_station, particles.em_signal, particles.n_em / np.maximum(n_drawn, 1))

    start = np.full(len(particles), np.inf)
    np.minimum.at(start, station, muon_time)
    np.minimum.at(start, em_station, em_time)
    if detector.direct_light_m > 0:
        return _light_with_patterns(rng, detector, particles, muon_time, em_station, em_time, em_vem, start)
    return _even_light(
        rng, detector, particles, muon_time, em_station, em_time, em_vem, start, many, muon_times, em_times
    )


def _even_light(
    rng, detector, particles, muon_time, em_station, em_time, em_vem, start, many, muon_times, em_times
) -> Light:
    """PMTs at the top of the tank: electromagnetic light is the same for all, that of muons nearly."""
    n, steps, step_ns = len(particles), _n_steps(detector), detector.bin_ns / detector.oversampling
    rows = np.flatnonzero(many)
    crowd = _em_per_step(rng, particles, rows, muon_times, em_times, steps, step_ns)
    start[rows] = np.minimum(start[rows], (crowd > 0).argmax(axis=1) * step_ns)
    start = _sampling_clock(rng, start, detector.bin_ns)
    em = _fill((n, 1, steps), em_station, ((em_time - start[em_station]) / step_ns)[:, None], em_vem[:, None])
    for row, signal in zip(rows, crowd, strict=True):
        first = round(start[row] / step_ns)  # where the clock puts the first step; it may lie before time 0
        em[row, 0, max(-first, 0) : steps - max(first, 0)] = signal[max(first, 0) : steps - max(-first, 0)]
    diffuse, _, _ = share_muon_light(detector, particles.muon_tracks, particles.muon_vem)
    station = particles.muon_station
    bins = (muon_time - start[station]) / step_ns
    return Light(start, _fill((n, detector.n_pmts, steps), station, bins[:, None], diffuse), em)


def _light_with_patterns(rng, detector, particles, muon_time, em_station, em_time, em_vem, start) -> Light:
    """PMTs on the floor: every particle has its own direct light; the diffuse light comes a crossing later."""
    step_ns = detector.bin_ns / detector.oversampling
    shape = (len(particles), detector.n_pmts, _n_steps(detector))
    station = particles.muon_station
    # No light reaches the floor before a particle could.
    start = _sampling_clock(rng, start + detector.tank_height_m * LIGHT_NS_PER_M, detector.bin_ns)
    crossing = GROUP_INDEX * LIGHT_NS_PER_M * detector.tank_height_m

    diffuse, direct, delay = share_muon_light(detector, particles.muon_tracks, particles.muon_vem)
    time = (muon_time - start[station])[:, None]
    diffuse_time = time + (0.5 * crossing + particles.muon_tracks.length * LIGHT_NS_PER_M)[:, None]
    muons = _fill(shape, station, diffuse_time / step_ns, diffuse)
    muons_direct = _fill(shape, station, (time + delay) / step_ns, direct)

    zenith = np.abs(particles.events.zenith[em_station] + EM_ANGLE_SPREAD * rng.standard_normal(len(em_station)))
    tracks = draw_tracks(rng, detector, np.minimum(zenith, np.radians(85)))
    diffuse, direct, delay = share_em_light(rng, detector, tracks, em_vem)
    time = (em_time - start[em_station])[:, None]
    em = _fill(shape, em_station, (time + 1.5 * crossing) / step_ns, diffuse)
    em_direct = _fill(shape, em_station, (time + delay) / step_ns, direct)
    return Light(start, muons, em, muons_direct, em_direct)


def _sampling_clock(rng: np.random.Generator, first: np.ndarray, bin_ns: float) -> np.ndarray:
    """Return the beginning of the sample that holds the ``first`` light: samples do not wait for particles."""
    first = np.where(np.isfinite(first), first, 0.0)
    phase = rng.uniform(size=len(first))
    return (np.floor(first / bin_ns - phase) + phase) * bin_ns


def _n_steps(detector: Detector) -> int:
    """Return the number of time steps in which light is followed; a trace may begin well after the first particle."""
    return round(min(2 * detector.n_bins, WINDOW_NS / detector.bin_ns) * detector.oversampling)


def _fill(shape: tuple[int, int, int], station: np.ndarray, bins: np.ndarray, vem: np.ndarray) -> np.ndarray:
    """Sum light ``vem`` (k, pmts) into an array of this shape; ``bins`` (k, pmts or 1) are times in steps."""
    n, pmts, steps = shape
    bins = np.broadcast_to(np.floor(bins).astype(np.int64), vem.shape)
    inside = (bins >= 0) & (bins < steps)
    flat = (station[:, None] * pmts + np.arange(pmts)) * steps + bins
    return np.bincount(flat[inside], vem[inside], n * pmts * steps).reshape(shape).astype(np.float32)


def _partition(rng: np.random.Generator, station: np.ndarray, total: np.ndarray, bunch: np.ndarray) -> np.ndarray:
    """Divide the ``total`` of each station among its bunches of particles: gamma variates, given their sum."""
    part = rng.standard_gamma(EM_SPECTRUM_SHAPE * bunch[station])
    sums = np.bincount(station, part, len(total))
    return part * (total / np.maximum(sums, 1e-300))[station]


def _em_per_step(rng, particles, rows, muon_times, em_times, steps, step_ns) -> np.ndarray:
    """Return the signal (len(rows), steps) of so many particles that only their number in a time step matters."""
    edges = np.arange(steps + 1) * step_ns
    late = particles.late_share[rows, None]
    before = late * _log_normal_cdf(edges, muon_times[0][rows], muon_times[1][rows])
    before += (1 - late) * _log_normal_cdf(edges, em_times[0][rows], em_times[1][rows])
    chance = np.diff(before, append=1.0, axis=1).clip(0)  # the last is what comes after the window
    chance /= chance.sum(axis=1, keepdims=True)
    signal = rng.multinomial(particles.n_em[rows], chance).astype(np.float64)
    some = signal > 0
    signal[some] = rng.standard_gamma(EM_SPECTRUM_SHAPE * signal[some])
    signal *= (particles.em_signal[rows] / signal.sum(axis=1))[:, None]
    return signal[:, :steps]


def _log_normal(rng: np.random.Generator, median: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    return median * np.exp(sigma * rng.standard_normal(len(median)))


def _log_normal_cdf(x: np.ndarray, median: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Return the share (n, len(x)) before each x; numpy has no error function, so Abramowitz and Stegun 7.1.26."""
    z = np.log(np.maximum(x, 1e-3) / median[:, None]) / (sigma[:, None] * np.sqrt(2))
    t = 1 / (1 + 0.3275911 * np.abs(z))
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    tail = 0.5 * poly * np.exp(-z * z)
    return np.where(z < 0, tail, 1 - tail)
