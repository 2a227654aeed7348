"""The detectors that can be simulated: tank, photomultipliers and electronics."""

from dataclasses import dataclass

__all__ = ["DETECTORS", "Detector", "find_detector"]

POSITIVE = ("bin_ns", "vem_peak_adc", "vem_charge_adc", "photoelectrons_per_vem", "pulse_rise_ns", "pulse_decay_ns")
POSITIVE += ("tank_radius_m", "tank_height_m")


@dataclass(frozen=True)
class Detector:
    """A water-Cherenkov tank with its photomultipliers (PMTs) and electronics.

    Parameters
    ----------
    name : str
        What it is called in ``DETECTORS``.
    n_pmts, n_bins : int
        PMTs in a tank, samples in a trace.
    bin_ns : float
        Width of a sample in ns.
    baseline_adc : tuple of float
        Lowest and highest baseline of a PMT, in ADC counts.
    noise_adc : float
        Standard deviation of the baseline, rounding included, in ADC counts.
    n_bits : int
        Bits of the converter: it saturates at ``2**n_bits - 1`` counts.
    vem_peak_adc, vem_charge_adc : float
        Peak and charge of a vertical, central muon (VEM), in high-gain ADC counts.
    gain_ratio : float or None
        High gain / low gain; None where there is no low-gain channel.
    photoelectrons_per_vem : float
        Photoelectrons in one PMT for a signal of 1 VEM.
    pulse_rise_ns : float
        Time constant of the electronics: the rise of a pulse.
    pulse_decay_ns : float
        Time constant of the diffuse light in the tank: the decay of a pulse.
    tank_radius_m, tank_height_m : float
        Water of the tank.
    pmt_radius_m, pmt_height_m : float
        Distance of the PMTs from the axis of the tank, and height above its floor. PMTs on the floor look up and see
        direct Cherenkov light, PMTs at the top look down and see light that the floor reflects.
    direct_light_m : float
        Direct light of a muon: VEM per PMT and metre of perpendicular distance; 0 where PMTs see no direct light.
    reflected_share : float
        Share of a muon's light that reaches the PMTs by one reflection on the floor, near to where the muon left.
    start_bin : int
        Bin of the trigger: the first sample that stands out.
    oversampling : int
        Steps of the simulation in one sample.
    shower : str
        "auger" or "mountain": the model of the air shower.
    lg_energy, distance_m : tuple of float
        Ranges where ``simulate_stations`` draws if none are given.
    """

    name: str
    n_pmts: int
    n_bins: int
    bin_ns: float
    baseline_adc: tuple[float, float]
    noise_adc: float
    n_bits: int
    vem_peak_adc: float
    vem_charge_adc: float
    gain_ratio: float | None
    photoelectrons_per_vem: float
    pulse_rise_ns: float
    pulse_decay_ns: float
    tank_radius_m: float
    tank_height_m: float
    pmt_radius_m: float
    pmt_height_m: float
    direct_light_m: float
    reflected_share: float
    start_bin: int
    oversampling: int
    shower: str
    lg_energy: tuple[float, float]
    distance_m: tuple[float, float]

    def __post_init__(self) -> None:
        if self.shower not in ("auger", "mountain"):
            raise ValueError(f'shower={self.shower!r} is unknown: use "auger" or "mountain".')
        for name in ("n_pmts", "n_bins", "n_bits", "oversampling"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)!r}: expected a whole number, 1 or more.")
        for name in POSITIVE:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}={getattr(self, name)!r}: expected a number above 0.")
        if not 0 <= self.start_bin < self.n_bins:
            raise ValueError(f"start_bin={self.start_bin!r}: expected a bin of the trace, 0 to {self.n_bins - 1}.")

    @property
    def saturation_adc(self) -> int:
        """The highest count that the converter gives."""
        return 2**self.n_bits - 1


AUGER_TANK = {
    "n_pmts": 3,
    "photoelectrons_per_vem": 94.0,
    "pulse_decay_ns": 53.0,
    "tank_radius_m": 1.8,
    "tank_height_m": 1.2,
    "pmt_radius_m": 1.2,
    "pmt_height_m": 1.2,
    "direct_light_m": 0.0,
    "reflected_share": 0.15,
    "shower": "auger",
    "lg_energy": (16.0, 17.0),
    "distance_m": (150.0, 450.0),
}

DETECTORS: dict[str, Detector] = {
    detector.name: detector
    for detector in (
        Detector(
            name="auger-ub",
            n_bins=768,
            bin_ns=25.0,
            baseline_adc=(45.0, 57.0),
            noise_adc=0.5,
            n_bits=10,
            vem_peak_adc=35.0,
            vem_charge_adc=113.0,
            gain_ratio=32.0,
            pulse_rise_ns=12.0,
            start_bin=240,
            oversampling=3,
            **AUGER_TANK,
        ),
        Detector(
            name="auger-uub",
            n_bins=2048,
            bin_ns=25 / 3,
            baseline_adc=(230.0, 270.0),
            noise_adc=2.0,
            n_bits=12,
            vem_peak_adc=215.0,
            vem_charge_adc=1600.0,
            gain_ratio=32.0,
            pulse_rise_ns=7.0,
            start_bin=660,
            oversampling=1,
            **AUGER_TANK,
        ),
        Detector(
            name="swgo-tank",
            n_pmts=4,
            n_bins=30,
            bin_ns=1.0,
            baseline_adc=(190.0, 210.0),
            noise_adc=1.0,
            n_bits=12,
            vem_peak_adc=100.0,
            vem_charge_adc=1000.0,
            gain_ratio=None,
            photoelectrons_per_vem=100.0,
            pulse_rise_ns=1.5,
            pulse_decay_ns=8.0,
            tank_radius_m=2.0,
            tank_height_m=1.7,
            pmt_radius_m=1.2,
            pmt_height_m=0.0,
            direct_light_m=0.45,
            reflected_share=0.0,
            start_bin=4,
            oversampling=1,
            shower="mountain",
            lg_energy=(13.0, 14.0),
            distance_m=(10.0, 100.0),
        ),
    )
}


def find_detector(detector: str | Detector) -> Detector:
    """Return the detector of this name; a ``Detector`` is passed through."""
    if isinstance(detector, Detector):
        return detector
    if not isinstance(detector, str) or detector not in DETECTORS:
        known = ", ".join(f'"{name}"' for name in DETECTORS)
        raise ValueError(f"detector={detector!r} is unknown: use one of {known}, or a Detector of your own.")
    return DETECTORS[detector]
