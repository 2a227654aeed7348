"""The simulated stations have the physics that the literature tells, and the same seed gives the same bits."""

import csv
import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_ingestion.wcd_simulator import DETECTORS, iterate_stations, simulate_single_muons, simulate_stations
from stac.data_ingestion.wcd_simulator import _light as light_module
from stac.data_ingestion.wcd_simulator._blocks import _simulate
from stac.data_ingestion.wcd_simulator._electronics import exponential_filter
from stac.data_ingestion.wcd_simulator._particles import Particles, Request
from stac.data_ingestion.wcd_simulator._showers import SHOWERS, Events, arrival_time
from stac.data_ingestion.wcd_simulator._tank import Tracks, draw_tracks, mean_track_m
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
VEM_PER_COUNT = 1 / 4735.1  # of the public station table

# Mean muon fractions of a public CORSIKA + Offline simulation (48,646 station rows) by distance in m. Those of its
# stations that are nearer than 600 m all stand between 199 and 400 m.
PUBLISHED_FRACTIONS = {(200, 400): 0.21, (600, 900): 0.43, (900, 1200): 0.48, (1200, 1850): 0.47}


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@cache
def vertical_muons(name, n=1500):
    """Stations with one vertical, central muon of exactly 1 VEM each."""
    detector = DETECTORS[name]
    ones = np.ones(n)
    events = Events(np.ones(n, int), 18 * ones, 0 * ones, 400 * ones, ones, ones)
    start = [0, 0, detector.tank_height_m]
    tracks = Tracks(np.tile(start, (n, 1)), np.tile([0, 0, -1], (n, 1)), ones * detector.tank_height_m)
    index = np.arange(n)
    nothing = np.zeros(n)
    muons = Particles(
        events, index, 1000 * ones, ones.astype(int), index, ones, tracks, nothing.astype(int), nothing, nothing
    )
    request = Request(detector, (1,), (18, 18), (0, 0), (1000, 1000), 1, 0, 0)
    return _simulate(np.random.default_rng(0), request, muons)


def pulses(name):
    """Counts above baseline (n, n_pmts, bins) around the pulses of vertical muons."""
    stations = vertical_muons(name)
    start = DETECTORS[name].start_bin
    baseline = stations.high_gain[..., : start - 20].mean(axis=-1, keepdims=True)
    return (stations.high_gain - baseline)[..., start - 10 : start + round(800 / DETECTORS[name].bin_ns)]


def mean_pulse(name):
    """Mean pulse of a muon, aligned at its peak, which is bin 8."""
    traces = pulses(name).mean(axis=1)
    peaks = traces.argmax(axis=1)
    padded = np.pad(traces, ((0, 0), (8, 80)))
    return np.mean([trace[peak : peak + 80] for trace, peak in zip(padded, peaks, strict=True)], axis=0)


@pytest.mark.parametrize("name", ["auger-ub", "auger-uub"])
def test_muon_pulse_decays_in_52_to_55_ns(name):
    bin_ns = DETECTORS[name].bin_ns
    first, last = 8 + round(50 / bin_ns), 8 + round(200 / bin_ns)
    slope = np.polyfit(np.arange(first, last) * bin_ns, np.log(mean_pulse(name)[first:last]), 1)[0]
    assert 52 < -1 / slope < 55


def test_area_over_peak_of_the_mean_muon_pulse_is_3_3_to_3_4_bins():
    pulse = mean_pulse("auger-ub")
    assert pulse.argmax() == 8
    assert 3.3 < pulse.sum() / pulse.max() < 3.4


@pytest.mark.parametrize("name", ["auger-ub", "auger-uub"])
def test_vertical_muon_has_peak_and_charge_of_one_vem(name):
    detector, traces = DETECTORS[name], pulses(name)
    assert traces.sum(axis=-1).mean() == pytest.approx(detector.vem_charge_adc, rel=0.02)
    assert traces.max(axis=-1).mean() == pytest.approx(detector.vem_peak_adc, rel=0.03)


def test_charge_of_a_muon_fluctuates_as_its_photoelectrons():
    charge = pulses("auger-ub").sum(axis=-1)
    spread = np.sqrt((1 + 0.4**2) / 94)  # Poisson, and the spread of single photoelectrons
    assert charge.std() / charge.mean() == pytest.approx(spread, rel=0.35)
    assert charge.std() / charge.mean() > spread


@pytest.mark.parametrize("name", DETECTORS)
def test_baseline_and_noise_are_those_of_the_electronics(name):
    detector = DETECTORS[name]
    stations = simulate_stations(64, name)
    quiet = stations.high_gain[..., : max(2, detector.start_bin - 40)]
    if detector.n_bins > 100:
        assert quiet.std(axis=-1).mean() == pytest.approx(detector.noise_adc, rel=0.06)
    low, high = detector.baseline_adc
    median = np.median(quiet, axis=-1)
    assert low - 3 <= median.min()
    assert np.quantile(median, 0.75) <= high + 3


@pytest.mark.parametrize("name", ["auger-ub", "auger-uub"])
def test_high_gain_saturates_and_low_gain_takes_over(name):
    stations = simulate_stations(100, name, lg_energy=(18, 18), distance_m=(300, 350))
    saturation = DETECTORS[name].saturation_adc
    assert stations.high_gain.max() == saturation
    assert stations.table["saturated"].mean() > 0.9
    assert stations.low_gain.max() < saturation


def test_low_gain_is_the_high_gain_over_its_ratio():
    stations = simulate_stations(100, lg_energy=(17.5, 17.5), distance_m=(350, 500), min_signal_vem=20)
    stations = stations[~stations.table["saturated"]]
    high, low = (
        (traces - np.median(traces[..., :200], axis=-1, keepdims=True))[..., 230:300].sum()
        for traces in (stations.high_gain, stations.low_gain)
    )
    assert high / low == pytest.approx(32, rel=0.1)


def test_traces_are_whole_counts_within_the_converter():
    for name, detector in DETECTORS.items():
        stations = simulate_stations(20, name)
        assert stations.high_gain.shape == (20, detector.n_pmts, detector.n_bins)
        assert stations.high_gain.dtype == np.float32
        assert stations.high_gain.flags.c_contiguous
        np.testing.assert_array_equal(stations.high_gain, np.rint(stations.high_gain))
        assert stations.high_gain.min() >= 0
        assert stations.high_gain.max() <= detector.saturation_adc
    assert stations.low_gain is None  # of the tank without a low gain


@pytest.mark.parametrize("zenith_deg", [0, 38, 55])
def test_signal_fluctuates_as_measured(zenith_deg):
    # One fixed shower at 1000 m, many stations: sigma = (0.34 + 0.46 sec theta) sqrt(S), JINST 15 P10021.
    stations = simulate_stations(
        2000,
        lg_energy=(19, 19),
        zenith_deg=(zenith_deg, zenith_deg),
        distance_m=(1000, 1000),
        stations_per_event=200,
        min_signal_vem=0,
    ).table
    signal = (stations["muon_signal_vem"] + stations["em_signal_vem"]).reshape(-1, 200)
    expected = (0.34 + 0.46 / np.cos(np.radians(zenith_deg))) * np.sqrt(signal.mean(axis=1))
    assert 0.8 < np.mean(signal.std(axis=1) / expected) < 1.15


def fractions_by_distance(distances, n=600, **request):
    means = []
    for near, far in distances:
        table = simulate_stations(
            n, lg_energy=(18, 19), distance_m=(near, far), min_signal_vem=0.05, seed=near, **request
        ).table
        means.append(np.mean(table["muon_signal_vem"] / (table["muon_signal_vem"] + table["em_signal_vem"])))
    return np.array(means)


def test_muon_fraction_against_distance_is_that_of_a_full_simulation():
    means = fractions_by_distance(PUBLISHED_FRACTIONS, n=400)
    np.testing.assert_allclose(means, list(PUBLISHED_FRACTIONS.values()), atol=0.11)


@pytest.mark.skipif("STAC_WCD_STATIONS" not in os.environ, reason="STAC_WCD_STATIONS names no station table")
def test_muon_fraction_against_distance_is_that_of_the_station_table():
    with Path(os.environ["STAC_WCD_STATIONS"]).open(encoding="utf-8") as file:
        rows = [(float(row["r_mc_m"]), float(row["wcd_em"]), float(row["wcd_mu"])) for row in csv.DictReader(file)]
    distance, em, muons = np.array(rows).T
    seen = (em + muons) * VEM_PER_COUNT > 0.05
    distances = [(200, 400), (600, 750), (750, 900), (900, 1200), (1200, 1600)]
    table = [
        np.mean(muons[here] / (em + muons)[here])
        for near, far in distances
        for here in [seen & (distance >= near) & (distance < far)]
    ]
    ours = fractions_by_distance(distances)
    for (near, far), theirs, mean in zip(distances, table, ours, strict=True):
        print(f"{near}-{far} m: table {theirs:.3f}, simulator {mean:.3f}")
    np.testing.assert_allclose(ours, table, atol=0.12)


@pytest.mark.parametrize(("distance", "muons_ns", "em_ns"), [(600, 144, 271), (1000, 279, 601), (2000, 676, 1723)])
def test_arrival_times_have_the_published_medians(distance, muons_ns, em_ns):
    stations = simulate_stations(
        400, lg_energy=(19.5, 19.5), zenith_deg=(38, 42), distance_m=(distance, distance), min_signal_vem=0
    )
    stations = stations[np.abs(stations.table["delta_x_gcm2"] - 400) < 40]
    pulse_ns = 60  # what the pulse shape adds to a median
    medians = []
    for trace in (stations.muon_trace, stations.em_trace):
        time = stations.table["trace_start_ns"][:, None] + 25 * np.arange(1, trace.shape[1] + 1)
        order = time.ravel().argsort()
        cumulative = trace.ravel()[order].cumsum()
        medians.append(time.ravel()[order][np.searchsorted(cumulative, cumulative[-1] / 2)] - pulse_ns)
    # Electromagnetic particles from muon decays come with the muons, so that the whole is earlier than its main part.
    assert medians[0] == pytest.approx(muons_ns, rel=0.12)
    assert 0.6 * em_ns < medians[1] < 1.05 * em_ns


def test_arrival_times_are_interpolated_between_the_published_distances():
    distance = np.array([300, 600, 800, 1000, 2000, 2500.0])
    median, sigma = arrival_time(SHOWERS["auger"], distance, np.full(6, 400.0), "muons")
    np.testing.assert_allclose(median[[1, 3, 4]], [144, 279, 676])
    np.testing.assert_allclose(sigma[[1, 3, 4]], [0.78, 0.71, 0.67])
    assert (np.diff(median) > 0).all()


def test_muon_numbers_grow_with_the_mass_of_the_primary():
    numbers = {}
    for primary in ("photon", "proton", "helium", "iron"):
        table = simulate_stations(
            640,
            primaries=(primary,),
            lg_energy=(19, 19),
            zenith_deg=(38, 38),
            distance_m=(1000, 1000),
            stations_per_event=4,
            min_signal_vem=0,
        ).table
        numbers[primary] = table["n_muons"].mean()
    assert 0.1 < numbers["photon"] / numbers["proton"] < 0.2
    assert 1.03 < numbers["helium"] / numbers["proton"] < 1.25
    assert 1.25 < numbers["iron"] / numbers["proton"] < 1.45


def test_stations_with_and_without_muons_are_both_common():
    stations = simulate_stations(1000).table
    assert 0.1 < np.mean(stations["n_muons"] == 0) < 0.4
    signal = stations["muon_signal_vem"] + stations["em_signal_vem"]
    assert signal.min() >= 3
    assert np.quantile(signal, 0.95) < 200


def test_stations_of_an_event_share_their_shower():
    table = simulate_stations(
        40, stations_per_event=4, primaries=("photon", "iron"), lg_energy=(18.5, 19.5), distance_m=(300, 2000)
    ).table
    np.testing.assert_array_equal(table["event"], np.repeat(np.arange(10), 4))
    for name in ("primary", "lg_energy", "zenith_deg", "delta_x_gcm2"):
        assert (table[name].reshape(10, 4) == table[name][::4, None]).all()
    assert len(np.unique(table["distance_m"])) == 40


def test_truth_adds_up():
    stations = simulate_stations(100, "auger-uub")
    np.testing.assert_allclose(stations.muon_trace.sum(axis=1), stations.table["muon_signal_vem"], rtol=0.1, atol=0.05)
    np.testing.assert_allclose(stations.em_trace.sum(axis=1), stations.table["em_signal_vem"], rtol=0.05, atol=0.05)
    assert ((stations.muon_trace.sum(axis=1) > 0) == (stations.table["n_muons"] > 0)).all()


def test_crowds_drawn_per_time_step_are_those_drawn_one_by_one(monkeypatch):
    request = {"lg_energy": (18, 18), "distance_m": (600, 600), "zenith_deg": (30, 30)}
    means = []
    for many in (0, 10**9):
        monkeypatch.setattr(light_module, "MANY_PARTICLES", many)
        stations = simulate_stations(640, **request)
        assert stations.em_trace.sum() == pytest.approx(stations.table["em_signal_vem"].sum(), rel=0.01)
        means.append(stations.em_trace[:, 235:280].mean(axis=0))
    np.testing.assert_allclose(means[0], means[1], atol=0.05 * means[1].max())


def same(one, other):
    for name in ("high_gain", "low_gain", "pmt_mask", "em_trace", "muon_trace"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in one.table:
        np.testing.assert_array_equal(one.table[name], other.table[name])


def test_same_seed_same_bits_whatever_the_threads_the_chunk_and_the_number():
    stations = simulate_stations(150, seed=3, missing_pmts=0.1)
    same(stations, simulate_stations(150, seed=3, missing_pmts=0.1, n_jobs=2))
    same(stations[:70], simulate_stations(70, seed=3, missing_pmts=0.1))
    start = 0
    for chunk in iterate_stations(150, seed=3, missing_pmts=0.1, chunk=37):
        same(stations[start : start + len(chunk)], chunk)
        start += len(chunk)
    assert start == 150
    assert (stations.high_gain != simulate_stations(150, seed=4).high_gain).any()


def test_missing_pmts_are_masked_and_zero():
    stations = simulate_stations(300, missing_pmts=0.6)
    assert stations.pmt_mask.any(axis=1).all()
    assert 0.4 < stations.pmt_mask.mean() < 0.6
    for traces in (stations.high_gain, stations.low_gain):
        assert not traces[~stations.pmt_mask].any()
        assert traces[stations.pmt_mask].any(axis=-1).all()


def test_stations_are_picked_like_rows():
    stations = simulate_stations(10)
    assert len(stations) == 10
    assert len(stations[3]) == 1
    assert stations[3].table["distance_m"][0] == stations.table["distance_m"][3]
    assert len(stations[2:5]) == 3
    assert len(stations[np.array([True, False] * 5)]) == 5
    assert len(stations[[1, 7]]) == 2
    with pytest.raises(IndexError):
        stations[10]


def test_single_muons_have_one_muon_or_none_and_enough_light():
    stations = simulate_single_muons(400, prevalence=0.25)
    table = stations.table
    assert set(table["n_muons"].tolist()) == {0, 1}
    assert 0.18 < table["n_muons"].mean() < 0.32
    assert table["photoelectrons"].min() >= 300
    assert len(np.unique(table["event"])) == 400
    assert not stations.muon_trace[table["n_muons"] == 0].any()
    same_again = simulate_single_muons(50, prevalence=0.25)
    np.testing.assert_array_equal(same_again.high_gain, stations.high_gain[:50])


def test_a_muon_lights_pmts_on_the_floor_less_evenly_and_earlier_than_electrons():
    stations = simulate_single_muons(1500)
    muon = stations.table["n_muons"] == 1
    light = stations.high_gain - 200
    early = light[..., :10].sum(axis=(1, 2)) / light.sum(axis=(1, 2))
    largest = light.max(axis=-1).max(axis=-1) / light.sum(axis=(1, 2))
    assert np.median(early[muon]) > np.median(early[~muon])
    assert np.median(largest[muon]) > np.median(largest[~muon])


def test_tracks_start_on_the_tank_and_have_the_mean_length_of_its_geometry():
    detector, rng = DETECTORS["auger-ub"], np.random.default_rng(0)
    for zenith in (0.0, 0.6, 1.1):
        tracks = draw_tracks(rng, detector, np.full(20_000, zenith))
        end = tracks.entry + tracks.direction * tracks.length[:, None]
        for point in (tracks.entry, end):
            assert np.hypot(point[:, 0], point[:, 1]).max() < 1.8 + 1e-6
            assert point[:, 2].min() > -1e-6
            assert point[:, 2].max() < 1.2 + 1e-6
        assert tracks.length.mean() == pytest.approx(mean_track_m(detector, np.array(zenith)), rel=0.02)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.floats(0.2, 20))
def test_fast_filter_is_the_recursion(n, bins):
    x = np.random.default_rng(n).uniform(size=(2, n))
    q, value, expected = np.exp(-1 / bins), 0, np.empty_like(x)
    for k in range(n):
        value = q * value + (1 - q) * x[:, k]
        expected[:, k] = value
    np.testing.assert_allclose(exponential_filter(x, bins), expected, atol=1e-6)


def test_a_detector_of_ones_own_is_simulated():
    detector = replace(DETECTORS["auger-ub"], name="mine", n_pmts=1, n_bins=512, gain_ratio=None)
    stations = simulate_stations(5, detector)
    assert stations.high_gain.shape == (5, 1, 512)
    assert stations.low_gain is None
    assert_clear_error(replace, detector, bin_ns=0, mentions=("bin_ns",))
    assert_clear_error(replace, detector, shower="sea", mentions=("mountain",))
    assert_clear_error(replace, detector, n_pmts=0, mentions=("n_pmts",))
    assert_clear_error(replace, detector, start_bin=600, mentions=("start_bin",))


@pytest.mark.parametrize(
    ("request_", "mentions"),
    [
        ({"detector": "hawc"}, ("hawc", "auger-ub", "auger-uub", "swgo-tank")),
        ({"n_stations": 0}, ("n_stations",)),
        ({"n_stations": -3}, ("n_stations",)),
        ({"n_stations": 2.5}, ("n_stations",)),
        ({"primaries": ("neutrino",)}, ("neutrino", "photon", "proton", "helium", "iron")),
        ({"primaries": ()}, ("primaries",)),
        ({"lg_energy": (19, 18)}, ("lg_energy",)),
        ({"lg_energy": 18}, ("lg_energy",)),
        ({"lg_energy": (np.nan, 18)}, ("lg_energy",)),
        ({"lg_energy": (1e18, 1e19)}, ("lg_energy",)),
        ({"zenith_deg": (0, 90)}, ("zenith_deg", "65")),
        ({"distance_m": (0, 100)}, ("distance_m",)),
        ({"stations_per_event": 0}, ("stations_per_event",)),
        ({"min_signal_vem": -1}, ("min_signal_vem",)),
        ({"missing_pmts": 1}, ("missing_pmts",)),
        ({"seed": -1}, ("seed",)),
        ({"n_jobs": 0}, ("n_jobs",)),
        ({"lg_energy": (12, 13)}, ("min_signal_vem", "distances")),
        ({"lg_energy": (20, 20), "distance_m": (1, 20)}, ("distance_m",)),
    ],
)
def test_bad_input_is_explained(request_, mentions):
    assert_clear_error(lambda: simulate_stations(**{"n_stations": 10, **request_}), mentions=mentions)


def test_bad_input_of_the_other_functions_is_explained():
    assert_clear_error(iterate_stations, 10, chunk=0, mentions=("chunk",))
    assert_clear_error(iterate_stations, 10, "hawc", mentions=("auger-ub",))
    assert_clear_error(simulate_single_muons, 10, prevalence=1.5, mentions=("prevalence",))
    assert_clear_error(simulate_single_muons, 10, min_photoelectrons=-1, mentions=("min_photoelectrons",))
    assert_clear_error(simulate_single_muons, 0, mentions=("n_stations",))
