"""The autoencoder: the contract, learning, early stopping, files, and bad input."""

from pathlib import Path

import numpy as np
import pytest

from stac.models.anomaly_autoencoder import AnomalyAutoencoder
from stac.testing.component_checks import assert_clear_error, detector_checks, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", detector_checks())
def test_contract(check):
    check(AnomalyAutoencoder(window=24, epochs=2))


def beat(n, seed=0, period=40):
    """Return a noisy beat, float32."""
    time = np.arange(n)
    noise = 0.1 * np.random.default_rng(seed).normal(size=n)
    return (np.sin(2 * np.pi * time / period) + 0.5 * np.sin(4 * np.pi * time / period + 1) + noise).astype(np.float32)


def share_found(scores, places, length):
    """Return how many of the anomalies hold one of the points that score highest, as many as are anomalous."""
    highest = np.argsort(scores)[-len(places) * length :]
    return np.mean([((highest >= place) & (highest < place + length)).any() for place in places])


@pytest.fixture(scope="module")
def detector():
    return AnomalyAutoencoder(epochs=8).fit(beat(2000))


def test_what_it_has_not_seen_it_rebuilds_badly(detector):
    test = beat(1000, seed=1)
    test[600:640] = test[600:640][::-1]
    scores = detector.score_samples(test)
    assert 570 < scores.argmax() < 670
    assert scores.max() > 5 * np.median(scores)


def test_it_learns(detector):
    losses = [epoch["validation_loss"] for epoch in detector.history_]
    assert min(losses) < losses[0] / 3


def test_anomalies_in_the_training_part_stay_visible():
    series = beat(3000)
    places = [400, 1500, 2200]
    for place in places:
        series[place : place + 40] = np.random.default_rng(place).normal(size=40)
    scores = AnomalyAutoencoder(epochs=8).fit(series).score_samples(series)
    assert share_found(scores, places, 40) == 1


def test_training_stops_when_the_held_out_part_says_so():
    series = beat(600)
    series[-150:] = np.random.default_rng(0).normal(size=150)  # nothing that could be learnt from the rest
    detector = AnomalyAutoencoder(window=40, n_latent=4, epochs=60, patience=1, held_out=0.25)
    assert len(detector.fit(series).history_) < 60


def test_windows_are_rounded_up_to_what_the_network_takes(detector):
    assert detector.window_ == 40
    assert AnomalyAutoencoder(window=17, epochs=1).fit(beat(200)).window_ == 24


def test_a_saved_detector_comes_back_bit_for_bit(detector, tmp_path):
    path = detector.save(tmp_path / "beats.safetensors")
    again = AnomalyAutoencoder.load(path)
    assert again.get_params() == detector.get_params()
    np.testing.assert_array_equal(again.score_samples(beat(300)), detector.score_samples(beat(300)))


def test_bad_files_are_explained(tmp_path):
    path = tmp_path / "no.safetensors"
    assert_clear_error(AnomalyAutoencoder.load, path, mentions=("no.safetensors",))
    path.write_bytes(b"rubbish")
    assert_clear_error(AnomalyAutoencoder.load, path, mentions=("no.safetensors",))
    assert_clear_error(AnomalyAutoencoder().save, path, mentions=("fit",))


def test_bad_parameters_are_explained():
    series = beat(200)
    for parameters in ({"window": 1}, {"n_latent": 0}, {"epochs": 0}, {"patience": 0}, {"held_out": 0.7}):
        assert_clear_error(AnomalyAutoencoder(**parameters).fit, series, mentions=tuple(parameters))
    assert_clear_error(AnomalyAutoencoder(window=50).fit, series[:190], mentions=("190 time points", "200"))
