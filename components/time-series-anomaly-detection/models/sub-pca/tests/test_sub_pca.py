"""Distances from normal windows: the contract, anomalies in the training part, and bad parameters."""

from pathlib import Path

import numpy as np
import pytest

from stac.models.sub_pca import SubPca
from stac.testing.component_checks import assert_clear_error, detector_checks, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("n_components", [None, 0.95])
@pytest.mark.parametrize("check", detector_checks())
def test_contract(check, n_components):
    check(SubPca(n_components=n_components))


def beat(n, seed=0, period=40):
    """Return a noisy beat, float32."""
    time = np.arange(n)
    noise = 0.1 * np.random.default_rng(seed).normal(size=n)
    return (np.sin(2 * np.pi * time / period) + 0.5 * np.sin(4 * np.pi * time / period + 1) + noise).astype(np.float32)


def share_found(scores, places, length):
    """Return how many of the anomalies hold one of the points that score highest, as many as are anomalous."""
    highest = np.argsort(scores)[-len(places) * length :]
    return np.mean([((highest >= place) & (highest < place + length)).any() for place in places])


def test_normal_windows_score_about_one():
    scores = SubPca(window=40).fit(beat(4000)).score_samples(beat(1000, seed=1))
    assert 0.8 < np.median(scores) < 1.3


@pytest.mark.parametrize("n_anomalies", [2, 6])
def test_anomalies_in_the_training_part_stay_visible(n_anomalies):
    series = beat(4000)
    places = np.linspace(300, 3600, n_anomalies).astype(int)
    for place in places:
        series[place : place + 20] = 0  # all alike, which is the hardest case
    assert share_found(SubPca().fit(series).score_samples(series), places, 20) == 1


def test_the_window_is_the_period_of_the_training_part():
    assert SubPca().fit(beat(2000, period=33)).window_ == 33
    assert SubPca(window=50).fit(beat(2000)).window_ == 50


def test_components_are_a_number_or_a_share():
    series = beat(2000)
    assert SubPca(window=40).fit(series).n_components_ == 40
    assert SubPca(window=40, n_components=3).fit(series).n_components_ == 3
    assert SubPca(window=40, n_components=999).fit(series).n_components_ == 40
    assert 2 <= SubPca(window=40, n_components=0.9).fit(series).n_components_ <= 8


def test_long_windows_of_many_channels_are_averaged_in_pieces():
    series = np.stack([np.roll(beat(1500, seed=i, period=100), i) for i in range(20)])
    test = series.copy()
    test[3:9, 700:750] = 0
    detector = SubPca(window=100).fit(series)
    assert len(detector.mean_) <= 520
    assert 650 < detector.score_samples(test).argmax() < 800


def test_blocks_do_not_show_in_the_result(monkeypatch):
    series = beat(1000)
    whole = SubPca(window=40).fit(series).score_samples(series)
    monkeypatch.setattr("stac.models.sub_pca.ROWS", 100)
    np.testing.assert_allclose(SubPca(window=40).fit(series).score_samples(series), whole, rtol=1e-6)


def test_bad_parameters_are_explained():
    series = beat(200)
    assert_clear_error(SubPca(window=1).fit, series, mentions=("window=1",))
    assert_clear_error(SubPca(n_components=0).fit, series, mentions=("n_components=0",))
    assert_clear_error(SubPca(n_components=1.5).fit, series, mentions=("n_components=1.5",))
    assert_clear_error(SubPca(window=150).fit, series, mentions=("200 time points", "300 of two windows"))
    assert_clear_error(SubPca(window=50).fit(series).score_samples, series[:49], mentions=("49", "50 of a window"))
