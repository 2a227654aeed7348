"""Particles in the tank: where they cross it, how much light they make, and which photomultiplier sees it."""

from dataclasses import dataclass

import numpy as np

from stac.data_ingestion.wcd_simulator._detectors import Detector

__all__ = ["Tracks", "draw_tracks", "mean_track_m", "pmt_positions", "share_em_light", "share_muon_light"]

CHERENKOV_ANGLE = np.radians(41.2)
LIGHT_NS_PER_M = 1 / 0.299792458
GROUP_INDEX = 1.38
SMALLEST_DISTANCE_M = 0.2  # a photomultiplier has a size
REFLECTION_BLUR_M2 = 0.5  # keeps the light reflected right at a photomultiplier finite
EM_DEPTH_M = 0.4  # photons convert about a radiation length below their entry, and make their light there
EM_BLUR = 0.35  # rad: electrons scatter, and so does their Cherenkov cone
# Direct light on average in a tank with PMTs on its floor; what is left is diffuse, so that the sum stays 1 VEM.
MUON_DIRECT = 0.19
EM_DIRECT = 0.11


@dataclass
class Tracks:
    """Straight lines through the water: entry (n, 3) in m, direction (n, 3), length (n,) in m."""

    entry: np.ndarray
    direction: np.ndarray
    length: np.ndarray

    def __getitem__(self, index: np.ndarray) -> "Tracks":
        return Tracks(self.entry[index], self.direction[index], self.length[index])


def pmt_positions(detector: Detector) -> np.ndarray:
    """Return the places (n_pmts, 3) of the PMTs in m; the origin is the middle of the floor."""
    angle = 2 * np.pi * np.arange(detector.n_pmts) / detector.n_pmts
    x, y = detector.pmt_radius_m * np.cos(angle), detector.pmt_radius_m * np.sin(angle)
    return np.column_stack([x, y, np.full(detector.n_pmts, detector.pmt_height_m)])


def mean_track_m(detector: Detector, zenith: np.ndarray) -> np.ndarray:
    """Return the mean length of tracks at this zenith angle: volume over projected area."""
    radius, height = detector.tank_radius_m, detector.tank_height_m
    area = np.pi * radius**2 * np.cos(zenith) + 2 * radius * height * np.sin(zenith)
    return np.pi * radius**2 * height / area


def draw_tracks(rng: np.random.Generator, detector: Detector, zenith: np.ndarray) -> Tracks:
    """Draw a track for each zenith angle (n,), evenly over the area that the tank shows in its direction."""
    n, radius, height = len(zenith), detector.tank_radius_m, detector.tank_height_m
    sin, cos = np.sin(zenith), np.cos(zenith)
    azimuth = rng.uniform(0, 2 * np.pi, n)
    direction = np.column_stack([sin * np.cos(azimuth), sin * np.sin(azimuth), -cos])
    top = np.pi * radius * cos
    through_top = rng.uniform(size=n) * (top + 2 * height * sin) < top
    u, v = rng.uniform(size=(2, n))
    # Through the lid: even over the disc. Through the wall: even in height and across the silhouette.
    distance = np.where(through_top, radius * np.sqrt(u), radius)
    angle = np.where(through_top, 2 * np.pi * v, azimuth + np.pi + np.arcsin(2 * v - 1))
    entry = np.column_stack(
        [distance * np.cos(angle), distance * np.sin(angle), np.where(through_top, height, u * height)]
    )
    to_floor = entry[:, 2] / cos
    with np.errstate(divide="ignore", invalid="ignore"):
        along = (entry[:, 0] * direction[:, 0] + entry[:, 1] * direction[:, 1]) / sin
        to_wall = (np.sqrt(np.maximum(radius**2 - distance**2 + along**2, 0)) - along) / sin
    to_wall = np.where(sin > 1e-9, to_wall, np.inf)
    return Tracks(entry, direction, np.minimum(to_floor, to_wall))


def share_muon_light(detector: Detector, tracks: Tracks, vem: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share the light of muons among the PMTs.

    Parameters
    ----------
    detector : Detector
        The tank.
    tracks : Tracks
        Where the muons go.
    vem : ndarray of shape (n,)
        Signal of each muon in VEM.

    Returns
    -------
    diffuse, direct : ndarray of shape (n, n_pmts)
        Light in each PMT in VEM: 1 where the PMT sees what it sees of a vertical, central muon.
    delay : ndarray of shape (n, n_pmts)
        ns from the entry of the muon to the arrival of the direct light.
    """
    pmts = pmt_positions(detector)
    if detector.direct_light_m == 0:
        return _reflected_light(detector, tracks, vem, pmts), np.zeros((0, len(pmts))), np.zeros((0, len(pmts)))
    towards = pmts - tracks.entry[:, None]  # (n, n_pmts, 3)
    along = np.einsum("npi,ni->np", towards, tracks.direction)
    distance = np.sqrt(np.maximum(np.einsum("npi,npi->np", towards, towards) - along**2, SMALLEST_DISTANCE_M**2))
    emitted = along - distance / np.tan(CHERENKOV_ANGLE)  # on the track, from where the cone meets the PMT
    path = distance / np.sin(CHERENKOV_ANGLE)
    seen = (emitted > 0) & (emitted < tracks.length[:, None])
    height = tracks.entry[:, 2:] + emitted * tracks.direction[:, 2:] - detector.pmt_height_m
    facing = np.clip(height / path, 0, 1)
    per_metre = vem / np.maximum(tracks.length, 1e-3) * detector.tank_height_m
    direct = np.where(seen, detector.direct_light_m * facing / distance, 0) * per_metre[:, None]
    delay = (emitted + GROUP_INDEX * path) * LIGHT_NS_PER_M
    diffuse = np.broadcast_to((1 - MUON_DIRECT) * vem[:, None], direct.shape)
    return diffuse, direct, delay


def _reflected_light(detector: Detector, tracks: Tracks, vem: np.ndarray, pmts: np.ndarray) -> np.ndarray:
    """PMTs at the top: an even part, and one reflected where the track ends, which falls with the distance."""
    end = tracks.entry + tracks.direction * tracks.length[:, None]
    squared = ((pmts - end[:, None]) ** 2).sum(-1)
    weight = 1 / (squared + REFLECTION_BLUR_M2)
    weight *= detector.n_pmts / weight.sum(axis=1, keepdims=True)
    share = detector.reflected_share
    return vem[:, None] * (1 - share + share * weight)


def share_em_light(
    rng: np.random.Generator, detector: Detector, tracks: Tracks, vem: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share the light of electromagnetic particles among PMTs on the floor; results as of ``share_muon_light``.

    A particle makes its light about a point below its entry; its cone is blurred by scattering.
    """
    pmts = pmt_positions(detector)
    # Exponential, cut where the particle would leave the water.
    depth = -EM_DEPTH_M * np.log1p(-rng.uniform(size=len(vem)) * -np.expm1(-tracks.length / EM_DEPTH_M))
    source = tracks.entry + tracks.direction * depth[:, None]
    towards = pmts - source[:, None]
    path = np.sqrt(np.maximum((towards**2).sum(-1), SMALLEST_DISTANCE_M**2))
    angle = np.arccos(np.clip(np.einsum("npi,ni->np", towards, tracks.direction) / path, -1, 1))
    facing = np.clip((source[:, 2:] - detector.pmt_height_m) / path, 0, 1)
    # Photons per steradian: the cone, blurred; direct_light_m holds the yield and the size of a PMT.
    cone = np.exp(-0.5 * ((angle - CHERENKOV_ANGLE) / EM_BLUR) ** 2) / (EM_BLUR * np.sqrt(2 * np.pi))
    direct = detector.direct_light_m * detector.tank_height_m * vem[:, None] * cone * facing / path**2
    delay = (depth[:, None] + GROUP_INDEX * path) * LIGHT_NS_PER_M
    return np.broadcast_to((1 - EM_DIRECT) * vem[:, None], direct.shape), direct, delay
