"""Simulates traces of water-Cherenkov stations in air showers, with the truth."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from stac.data_ingestion.wcd_simulator._blocks import event_block, single_muon_block, stations_in_order
from stac.data_ingestion.wcd_simulator._detectors import DETECTORS, Detector, find_detector
from stac.data_ingestion.wcd_simulator._particles import Request
from stac.data_ingestion.wcd_simulator._showers import PRIMARIES
from stac.data_ingestion.wcd_simulator._stations import SimulatedStations

__all__ = [
    "DETECTORS",
    "Detector",
    "SimulatedStations",
    "iterate_stations",
    "simulate_single_muons",
    "simulate_stations",
]


def simulate_stations(
    n_stations: int,
    detector: str | Detector = "auger-ub",
    *,
    primaries: Sequence[str] = ("proton",),
    lg_energy: tuple[float, float] | None = None,
    zenith_deg: tuple[float, float] = (0, 45),
    distance_m: tuple[float, float] | None = None,
    stations_per_event: int = 1,
    min_signal_vem: float = 3.0,
    missing_pmts: float = 0.0,
    seed: int = 0,
    n_jobs: int = 1,
) -> SimulatedStations:
    """Simulate stations of a detector in air showers.

    Parameters
    ----------
    n_stations : int
        How many stations.
    detector : str or Detector
        A name in ``DETECTORS``, or a detector of your own.
    primaries : sequence of {"photon", "proton", "helium", "iron"}
        Primary particles, drawn with equal chance whatever their showers trigger.
    lg_energy : (low, high), optional
        Range of lg(energy / eV), evenly drawn. By default that of the detector: 16 to 17 for Auger, 13 to 14 for
        the SWGO-style tank.
    zenith_deg : (low, high)
        Range of zenith angles in degrees, between 0 and 65; drawn as a flat ground sees an even sky.
    distance_m : (low, high), optional
        Range of distances to the shower axis in m, drawn evenly over the area; by default that of the detector.
    stations_per_event : int
        Stations that share a shower: primary, energy, zenith, depth and fluctuations. The last event is cut where
        ``n_stations`` is no multiple.
    min_signal_vem : float
        Smallest true signal (muons and electromagnetic) in VEM. A shower with too few such stations is drawn again.
    missing_pmts : float
        Chance of each PMT to be missing; every station keeps one.
    seed : int
        Same seed, same stations, bit for bit; fewer stations are the first of more.
    n_jobs : int
        Threads; they change nothing in the result.

    Returns
    -------
    SimulatedStations
        Traces and truth.

    Raises
    ------
    ValueError
        If the detector or a primary is unknown, a number or range makes no sense, or hardly any station of these
        ranges reaches ``min_signal_vem``.

    Examples
    --------
    >>> stations = simulate_stations(10, "auger-ub", seed=1)
    >>> stations.high_gain.shape, stations.muon_trace.shape
    ((10, 3, 768), (10, 768))
    """
    request = _request(
        detector, primaries, lg_energy, zenith_deg, distance_m, stations_per_event, min_signal_vem, missing_pmts
    )
    return _collect(partial(event_block, request, _seed(seed)), _count("n_stations", n_stations), n_jobs)


def iterate_stations(
    n_stations: int,
    detector: str | Detector = "auger-ub",
    *,
    chunk: int = 2000,
    seed: int = 0,
    primaries: Sequence[str] = ("proton",),
    lg_energy: tuple[float, float] | None = None,
    zenith_deg: tuple[float, float] = (0, 45),
    distance_m: tuple[float, float] | None = None,
    stations_per_event: int = 1,
    min_signal_vem: float = 3.0,
    missing_pmts: float = 0.0,
) -> Iterator[SimulatedStations]:
    """Simulate stations chunk by chunk, in constant memory.

    The chunks are, put together, what ``simulate_stations`` gives, bit for bit and whatever ``chunk``; the other
    parameters and errors are the same.

    Parameters
    ----------
    n_stations, detector, primaries, lg_energy, zenith_deg, distance_m, stations_per_event, min_signal_vem, \
missing_pmts, seed
        As in ``simulate_stations``.
    chunk : int
        Stations in a chunk; the last one may have fewer.

    Returns
    -------
    iterator of SimulatedStations
        ``n_stations`` in all.

    Examples
    --------
    >>> [len(stations) for stations in iterate_stations(25, chunk=10)]
    [10, 10, 5]
    """
    request = _request(
        detector, primaries, lg_energy, zenith_deg, distance_m, stations_per_event, min_signal_vem, missing_pmts
    )
    make_block = partial(event_block, request, _seed(seed))
    return stations_in_order(make_block, _count("n_stations", n_stations), _count("chunk", chunk))


def simulate_single_muons(
    n_stations: int, *, prevalence: float = 0.5, min_photoelectrons: float = 300, seed: int = 0, n_jobs: int = 1
) -> SimulatedStations:
    """Simulate the task of arXiv:2101.11924: 4-PMT tanks with exactly one muon (and its company), or none.

    Parameters
    ----------
    n_stations : int
        How many stations.
    prevalence : float
        Chance of a station to have a muon, between 0 and 1.
    min_photoelectrons : float
        Smallest number of photoelectrons in all PMTs together within the trace.
    seed : int
        Same seed, same stations, bit for bit; fewer stations are the first of more.
    n_jobs : int
        Threads; they change nothing in the result.

    Returns
    -------
    SimulatedStations
        Of the detector "swgo-tank"; ``table["n_muons"]`` is 0 or 1.

    Raises
    ------
    ValueError
        If a number makes no sense.

    References
    ----------
    B. S. González et al., "Tackling the muon identification in water Cherenkov detectors problem for the future
    Southern Wide-field Gamma-ray Observatory by means of machine learning", Neural Comput. & Applic. (2021),
    https://doi.org/10.1007/s00521-021-06730-z, arXiv:2101.11924

    Examples
    --------
    >>> stations = simulate_single_muons(10)
    >>> stations.high_gain.shape, set(stations.table["n_muons"].tolist()) == {0, 1}
    ((10, 4, 30), True)
    """
    for name, value, high in (("prevalence", prevalence, 1), ("min_photoelectrons", min_photoelectrons, 1e9)):
        if not _is_number(value) or not 0 <= value <= high:
            raise ValueError(f"{name}={value!r}: expected a number from 0 to {high:g}.")
    tank = DETECTORS["swgo-tank"]
    faintest = (
        0.4 * min_photoelectrons / (tank.n_pmts * tank.photoelectrons_per_vem)
    )  # no need to simulate fainter ones
    request = _request(tank, ("proton",), (12.5, 13.5), (0, 30), (10, 80), 1, faintest, 0.0)
    make_block = partial(single_muon_block, request, float(prevalence), float(min_photoelectrons), _seed(seed))
    return _collect(make_block, _count("n_stations", n_stations), n_jobs)


def _collect(make_block: Callable[[int], SimulatedStations], n_stations: int, n_jobs: int) -> SimulatedStations:
    """Make blocks until there are ``n_stations``, in threads if wanted; numpy computes outside Python's lock."""
    n_jobs = _count("n_jobs", n_jobs)
    first = make_block(0)
    stations = first.empty(n_stations)

    def put(block: int) -> None:
        part = first if block == 0 else make_block(block)
        stations.put(block * len(first), part)

    n_blocks = -(-n_stations // len(first))
    if n_jobs == 1:
        for block in range(n_blocks):
            put(block)
    else:
        with ThreadPoolExecutor(n_jobs) as threads:
            list(threads.map(put, range(n_blocks)))
    return stations


def _request(
    detector, primaries, lg_energy, zenith_deg, distance_m, stations_per_event, min_signal_vem, missing_pmts
) -> Request:
    detector = find_detector(detector)
    names = [primaries] if isinstance(primaries, str) else list(primaries)
    unknown = [name for name in names if name not in PRIMARIES]
    if unknown or not names:
        came = f"primaries={unknown!r} are unknown" if unknown else "primaries is empty"
        raise ValueError(f"{came}: choose from {', '.join(PRIMARIES)}.")
    if not _is_number(min_signal_vem) or not 0 <= min_signal_vem < np.inf:
        raise ValueError(f"min_signal_vem={min_signal_vem!r}: expected a number of VEM, 0 or more.")
    if not _is_number(missing_pmts) or not 0 <= missing_pmts < 1:
        raise ValueError(f"missing_pmts={missing_pmts!r}: expected a chance from 0 to below 1.")
    return Request(
        detector=detector,
        primaries=tuple(list(PRIMARIES).index(name) for name in names),
        lg_energy=_range("lg_energy", detector.lg_energy if lg_energy is None else lg_energy, 11, 21),
        zenith_deg=_range("zenith_deg", zenith_deg, 0, 65),
        distance_m=_range("distance_m", detector.distance_m if distance_m is None else distance_m, 1, 10_000),
        stations_per_event=_count("stations_per_event", stations_per_event),
        min_signal_vem=float(min_signal_vem),
        missing_pmts=float(missing_pmts),
    )


def _range(name: str, value, lowest: float, highest: float) -> tuple[float, float]:
    try:
        low, high = (float(x) for x in value)
    except (TypeError, ValueError):
        raise ValueError(f"{name}={value!r}: expected two numbers (low, high).") from None
    if not lowest <= low <= high <= highest:
        raise ValueError(f"{name}={value!r}: expected low <= high, both from {lowest:g} to {highest:g}.")
    return low, high


def _count(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name}={value!r}: expected a whole number, 1 or more.")
    return int(value)


def _seed(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise ValueError(f"seed={value!r}: expected a whole number, 0 or more.")
    return int(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
