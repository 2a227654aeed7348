"""Air showers as a station sees them: mean signals of the components and their arrival times."""

from dataclasses import dataclass

import numpy as np

__all__ = ["COMPONENTS", "PRIMARIES", "SHOWERS", "Events", "arrival_time", "draw_events", "mean_signals"]

COMPONENTS = ("muons", "electromagnetic", "muon decay", "hadrons")


@dataclass(frozen=True)
class Primary:
    """What a primary particle does to a shower: depth of the maximum at 10^18 eV (g/cm2) and number of muons."""

    depth_gcm2: float
    depth_spread_gcm2: float
    muons: float  # relative to proton
    muon_spread: float


# Depths: round values of current hadronic models and, for photons, of electromagnetic showers. Muons: A^0.075 (Heitler
# and Matthews), 1.35 for iron; photons make few.
PRIMARIES: dict[str, Primary] = {
    "photon": Primary(890.0, 75.0, 0.15, 0.30),
    "proton": Primary(745.0, 60.0, 1.0, 0.15),
    "helium": Primary(715.0, 42.0, 4**0.075, 0.10),
    "iron": Primary(650.0, 24.0, 56**0.075, 0.06),
}
EM_SPREAD = 0.05  # of the electromagnetic size, beside what the depth of the maximum does
DEPTH_PER_DECADE_GCM2 = {"photon": 90.0}  # other primaries: 58


@dataclass(frozen=True)
class Shower:
    """Mean signals of a proton shower at one site, by component (muons, electromagnetic, muon decay, hadrons)."""

    site_depth_gcm2: float  # vertical atmosphere above the site
    lg_energy: float  # where the signals stand
    radius_m: float
    delta_x_gcm2: float
    signal_vem: tuple[float, ...]
    energy_slope: tuple[float, ...]
    core_m: float  # the distance where the lateral distribution steepens
    beta: tuple[float, ...]
    gamma: tuple[float, ...]
    age_maximum_gcm2: tuple[float, ...]  # Gaisser-Hillas in delta X
    age_length_gcm2: tuple[float, ...]
    times_m: tuple[float, ...]  # distances of the table of arrival times
    muon_median_ns: tuple[float, ...]
    muon_sigma: tuple[float, ...]
    em_median_ns: tuple[float, ...]
    em_sigma: tuple[float, ...]


SHOWERS = {
    "auger": Shower(
        site_depth_gcm2=870.0,
        lg_energy=19.0,
        radius_m=1000.0,
        delta_x_gcm2=400.0,
        signal_vem=(21.8, 6.9, 3.9, 5.4),
        energy_slope=(0.933, 0.985, 0.925, 0.922),
        core_m=700.0,
        beta=(-0.2, -2.6, -0.2, -2.6),
        gamma=(-4.1, 0.0, -4.1, 0.0),
        age_maximum_gcm2=(200.0, 150.0, 200.0, 150.0),
        age_length_gcm2=(400.0, 90.0, 400.0, 120.0),
        times_m=(600.0, 1000.0, 1500.0, 2000.0),
        muon_median_ns=(144.0, 279.0, 462.0, 676.0),
        muon_sigma=(0.78, 0.71, 0.69, 0.67),
        em_median_ns=(271.0, 601.0, 1197.0, 1723.0),
        em_sigma=(0.58, 0.57, 0.50, 0.39),
    ),
    # A toy in every number: a shower of 10 TeV at 5 km altitude.
    "mountain": Shower(
        site_depth_gcm2=560.0,
        lg_energy=13.0,
        radius_m=50.0,
        delta_x_gcm2=200.0,
        signal_vem=(0.10, 0.60, 0.02, 0.10),
        energy_slope=(0.9, 1.1, 0.9, 0.95),
        core_m=130.0,
        beta=(-0.4, -1.1, -0.4, -0.9),
        gamma=(-0.4, -0.6, -0.4, -0.6),
        age_maximum_gcm2=(200.0, 50.0, 200.0, 100.0),
        age_length_gcm2=(400.0, 90.0, 400.0, 120.0),
        times_m=(20.0, 50.0, 100.0, 200.0),
        muon_median_ns=(1.5, 2.5, 5.0, 10.0),
        muon_sigma=(0.8, 0.8, 0.8, 0.8),
        em_median_ns=(3.0, 5.0, 9.0, 18.0),
        em_sigma=(0.6, 0.6, 0.6, 0.6),
    ),
}
AGE_START_GCM2 = -600.0


@dataclass
class Events:
    """Air showers, one value per shower."""

    primary: np.ndarray  # index into list(PRIMARIES)
    lg_energy: np.ndarray
    zenith: np.ndarray  # rad
    delta_x: np.ndarray
    muon_factor: np.ndarray  # mass and fluctuation
    em_factor: np.ndarray

    def __getitem__(self, index: np.ndarray) -> "Events":
        return Events(*(column[index] for column in vars(self).values()))


def draw_events(rng, shower: Shower, primary: np.ndarray, lg_energy, zenith_deg) -> Events:
    """Draw a shower for each primary (n,): energy, zenith, depth and fluctuations."""
    n = len(primary)
    table = list(PRIMARIES.values())
    names = list(PRIMARIES)
    energy = rng.uniform(*lg_energy, n)
    low, high = np.sin(np.radians(zenith_deg)) ** 2  # a flat ground sees sin theta cos theta
    zenith = np.arcsin(np.sqrt(rng.uniform(low, high, n)))
    depth = np.array([p.depth_gcm2 for p in table])[primary]
    depth = depth + np.array([DEPTH_PER_DECADE_GCM2.get(name, 58.0) for name in names])[primary] * (energy - 18)
    spread = np.array([p.depth_spread_gcm2 for p in table])[primary]
    # Gumbel: showers that start late make the long tail.
    depth = depth + spread * np.sqrt(6) / np.pi * (rng.gumbel(size=n) - np.euler_gamma)
    muon_spread = np.array([p.muon_spread for p in table])[primary]
    muons = np.array([p.muons for p in table])[primary] * np.exp(muon_spread * rng.normal(size=n) - muon_spread**2 / 2)
    em = np.exp(EM_SPREAD * rng.normal(size=n) - EM_SPREAD**2 / 2)
    return Events(primary, energy, zenith, shower.site_depth_gcm2 / np.cos(zenith) - depth, muons, em)


def mean_signals(shower: Shower, events: Events, distance: np.ndarray) -> np.ndarray:
    """Return mean signals (components, stations, VEM) at ``distance`` (n_stations, m), one event per station."""
    age = np.maximum(events.delta_x, AGE_START_GCM2 + 50)
    signals = np.empty((len(COMPONENTS), len(distance)))
    steepening = (distance + shower.core_m) / (shower.radius_m + shower.core_m)
    for i in range(len(COMPONENTS)):
        beta, gamma = shower.beta[i], shower.gamma[i]
        lateral = (distance / shower.radius_m) ** beta * steepening ** (beta + gamma)
        power = (shower.age_maximum_gcm2[i] - AGE_START_GCM2) / shower.age_length_gcm2[i]
        relative = (age - AGE_START_GCM2) / (shower.delta_x_gcm2 - AGE_START_GCM2)
        ageing = relative**power * np.exp((shower.delta_x_gcm2 - age) / shower.age_length_gcm2[i])
        energy = 10 ** (shower.energy_slope[i] * (events.lg_energy - shower.lg_energy))
        signals[i] = shower.signal_vem[i] * energy * lateral * ageing
    signals[[0, 2, 3]] *= events.muon_factor  # what descends from pions
    signals[1] *= events.em_factor
    return signals


def arrival_time(shower: Shower, distance: np.ndarray, delta_x: np.ndarray, particle: str):
    """Return the median (ns after the plane of the shower front) and sigma of the log-normal arrival times.

    Between the distances of the table the logarithm of the median is interpolated in the logarithm of the distance,
    beyond them it goes on as a power law. Showers that are old when they arrive are flatter and thinner: a toy power.
    """
    median, sigma = (
        (shower.muon_median_ns, shower.muon_sigma) if particle == "muons" else (shower.em_median_ns, shower.em_sigma)
    )
    x, lg_r, lg_median = np.log(distance), np.log(shower.times_m), np.log(median)
    value = np.interp(x, lg_r, lg_median)
    for inner, end, side in ((1, 0, x < lg_r[0]), (-2, -1, x > lg_r[-1])):
        slope = (lg_median[end] - lg_median[inner]) / (lg_r[end] - lg_r[inner])
        value = np.where(side, lg_median[end] + slope * (x - lg_r[end]), value)
    thickness = (np.maximum(delta_x, -100) + 200) / (shower.delta_x_gcm2 + 200)
    return np.exp(value) * thickness**-0.6, np.interp(x, lg_r, sigma)
