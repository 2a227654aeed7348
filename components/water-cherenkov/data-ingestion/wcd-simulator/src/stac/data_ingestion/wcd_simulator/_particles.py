"""Muons and electromagnetic particles that hit the stations of a block."""

from dataclasses import dataclass

import numpy as np

from stac.data_ingestion.wcd_simulator._detectors import Detector
from stac.data_ingestion.wcd_simulator._showers import SHOWERS, Events, draw_events, mean_signals
from stac.data_ingestion.wcd_simulator._tank import Tracks, draw_tracks, mean_track_m

__all__ = ["Particles", "Request", "draw_candidates", "draw_particles", "join"]

EM_PARTICLE_VEM = 0.04
EM_SPECTRUM_SHAPE = 0.3  # gamma distribution: many faint particles, some of a few tenths of a VEM
MUON_STRAGGLING = 0.2  # relative spread of a muon's light per metre
MUON_ANGLE_SPREAD = 0.1  # rad around the shower axis
MAX_ROUNDS = 400
MAX_SIGNAL_VEM = 50_000
CANDIDATES = 4  # stations drawn for each one wanted, in a round


@dataclass(frozen=True)
class Request:
    """What stations to draw, checked."""

    detector: Detector
    primaries: tuple[int, ...]  # indices into PRIMARIES
    lg_energy: tuple[float, float]
    zenith_deg: tuple[float, float]
    distance_m: tuple[float, float]
    stations_per_event: int
    min_signal_vem: float
    missing_pmts: float


@dataclass
class Particles:
    """Stations (n) with their muons (a flat list, sorted by station) and electromagnetic particles."""

    events: Events  # one entry per station
    event: np.ndarray  # number of the event within the block
    distance: np.ndarray
    n_muons: np.ndarray
    muon_station: np.ndarray
    muon_vem: np.ndarray
    muon_tracks: Tracks
    n_em: np.ndarray
    em_signal: np.ndarray
    late_share: np.ndarray  # of the electromagnetic particles, those that come with the muons

    def __len__(self) -> int:
        return len(self.distance)

    @property
    def muon_signal(self) -> np.ndarray:
        return np.bincount(self.muon_station, self.muon_vem, len(self))

    def take(self, index: np.ndarray) -> "Particles":
        """Pick stations, in any order, each at most once."""
        position = np.full(len(self), -1)
        position[index] = np.arange(len(index))
        station = position[self.muon_station]
        muons = np.flatnonzero(station >= 0)
        muons = muons[np.argsort(station[muons], kind="stable")]
        return Particles(
            self.events[index],
            self.event[index],
            self.distance[index],
            self.n_muons[index],
            station[muons],
            self.muon_vem[muons],
            self.muon_tracks[muons],
            self.n_em[index],
            self.em_signal[index],
            self.late_share[index],
        )


def draw_particles(rng: np.random.Generator, request: Request, n_events: int) -> Particles:
    """Draw ``n_events`` whole events; each has as many stations above the smallest signal as were asked for.

    A shower that gives too few is drawn again with the same primary, so that primaries stay equally frequent.
    """
    primary = np.asarray(request.primaries)[rng.integers(len(request.primaries), size=n_events)]
    wanted = request.stations_per_event
    waiting = np.arange(n_events)
    done: list[Particles] = []
    for _ in range(MAX_ROUNDS):
        candidates = CANDIDATES * wanted
        found = _draw_stations(rng, request, primary[waiting], candidates)
        enough = (found.em_signal + found.muon_signal >= request.min_signal_vem).reshape(-1, candidates)
        rank = enough.cumsum(axis=1)
        full = rank[:, -1] >= wanted
        found = found.take(np.flatnonzero(enough & (rank <= wanted) & full[:, None]))
        found.event = waiting[found.event]
        done.append(found)
        waiting = waiting[~full]
        if len(waiting) == 0:
            particles = join(done)
            return particles.take(np.argsort(particles.event, kind="stable"))
    raise ValueError(
        f"hardly any station reaches min_signal_vem={request.min_signal_vem:g} at lg_energy={request.lg_energy} and "
        f"distance_m={request.distance_m}: lower min_signal_vem, or go to higher energies or smaller distances."
    )


def _draw_stations(rng, request: Request, primary: np.ndarray, n_stations: int) -> Particles:
    """Draw one event for each primary (n,) with ``n_stations`` stations, whatever their signal."""
    shower, detector = SHOWERS[request.detector.shower], request.detector
    events = draw_events(rng, shower, primary, request.lg_energy, request.zenith_deg)
    event = np.repeat(np.arange(len(primary)), n_stations)
    events = events[event]
    near, far = request.distance_m
    distance = np.sqrt(rng.uniform(near**2, far**2, len(event)))  # evenly over the ground, as an array does
    signals = mean_signals(shower, events, distance)
    vem_per_muon = mean_track_m(detector, events.zenith) / detector.tank_height_m
    _check_range(signals, distance)
    return _draw_in_stations(rng, detector, events, event, distance, signals, rng.poisson(signals[0] / vem_per_muon))


def _check_range(signals: np.ndarray, distance: np.ndarray) -> None:
    total = signals.sum(axis=0)
    if total.max() > MAX_SIGNAL_VEM:
        raise ValueError(
            f"signals of {total.max():.2g} VEM at {distance[total.argmax()]:.0f} m are beyond the model: ask for "
            "greater distances (distance_m) or lower energies (lg_energy)."
        )


def _draw_in_stations(rng, detector, events, event, distance, signals, n_muons) -> Particles:
    station = np.repeat(np.arange(len(distance)), n_muons)
    zenith = np.abs(events.zenith[station] + MUON_ANGLE_SPREAD * rng.standard_normal(len(station)))
    tracks = draw_tracks(rng, detector, np.minimum(zenith, np.radians(85)))
    straggling = np.exp(MUON_STRAGGLING * rng.standard_normal(len(station)) - MUON_STRAGGLING**2 / 2)
    em = signals[1:].sum(axis=0)
    n_em = rng.poisson(em / EM_PARTICLE_VEM)
    # The sum of n gamma-distributed signals is gamma-distributed itself: no need to draw each.
    em_signal = rng.standard_gamma(EM_SPECTRUM_SHAPE * n_em) * (EM_PARTICLE_VEM / EM_SPECTRUM_SHAPE)
    vem = tracks.length / detector.tank_height_m * straggling
    late = signals[2] / np.maximum(em, 1e-30)
    return Particles(events, event, distance, n_muons, station, vem, tracks, n_em, em_signal, late)


def draw_candidates(rng: np.random.Generator, request: Request, with_muon: np.ndarray) -> Particles:
    """Draw a station for each entry of ``with_muon`` (n,): with exactly one muon where it is True, else with none.

    Showers and distances are those where a station would have so many muons by chance. The event of a station is its
    entry; entries whose signal is too small are missing from the result.
    """
    shower, detector = SHOWERS[request.detector.shower], request.detector
    entry = np.repeat(np.arange(len(with_muon)), CANDIDATES)
    primary = np.asarray(request.primaries)[rng.integers(len(request.primaries), size=len(entry))]
    events = draw_events(rng, shower, primary, request.lg_energy, request.zenith_deg)
    near, far = request.distance_m
    distance = np.sqrt(rng.uniform(near**2, far**2, len(entry)))
    signals = mean_signals(shower, events, distance)
    expected = signals[0] * detector.tank_height_m / mean_track_m(detector, events.zenith)
    one = with_muon[entry]
    chance = np.where(one, expected * np.exp(1 - expected), np.exp(-expected))  # Poisson; for one, relative to the best
    stations = _draw_in_stations(rng, detector, events, entry, distance, signals, one.astype(np.int64))
    good = rng.uniform(size=len(entry)) < chance
    good &= stations.em_signal + stations.muon_signal >= request.min_signal_vem
    first = good & (good.reshape(-1, CANDIDATES).cumsum(axis=1) == 1).ravel()
    return stations.take(np.flatnonzero(first))


def join(parts: list[Particles]) -> Particles:
    """Put stations behind one another."""
    offset = np.cumsum([0] + [len(part) for part in parts])
    columns = {name: [getattr(part, name) for part in parts] for name in vars(parts[0])}
    columns["muon_station"] = [
        station + start for station, start in zip(columns["muon_station"], offset[:-1], strict=True)
    ]
    joined = {name: np.concatenate(values) for name, values in columns.items() if name not in ("events", "muon_tracks")}
    return Particles(
        events=_join_columns(Events, columns["events"]),
        muon_tracks=_join_columns(Tracks, columns["muon_tracks"]),
        **joined,
    )


def _join_columns(kind: type, parts: list):
    return kind(*(np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])))
