"""The forest on windows: the contract, what describes a window, anomalies in the training part."""

from pathlib import Path

import numpy as np
import pytest

from stac.models import isolation_forest_windows
from stac.models.isolation_forest_windows import IsolationForestWindows
from stac.testing.component_checks import assert_clear_error, detector_checks, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", detector_checks())
def test_contract(check):
    check(IsolationForestWindows(n_trees=30))


def beat(n, seed=0, period=40):
    """Return a noisy beat, float32."""
    time = np.arange(n)
    noise = 0.1 * np.random.default_rng(seed).normal(size=n)
    return (np.sin(2 * np.pi * time / period) + 0.5 * np.sin(4 * np.pi * time / period + 1) + noise).astype(np.float32)


def share_found(scores, places, length):
    """Return how many of the anomalies hold one of the points that score highest, as many as are anomalous."""
    highest = np.argsort(scores)[-len(places) * length :]
    return np.mean([((highest >= place) & (highest < place + length)).any() for place in places])


def test_a_window_is_described_by_course_and_spread():
    windows = np.array([[[0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 30]]], np.float32)
    (description,) = isolation_forest_windows._describe(windows)
    np.testing.assert_allclose(description[:8], [0, 2, 4, 6, 8, 10, 12, 22])
    np.testing.assert_allclose(description[8:], [windows.std(), 0, 30, 2, 16])


def test_windows_shorter_than_eight_have_fewer_pieces():
    assert isolation_forest_windows._describe(np.zeros((5, 2, 3), np.float32)).shape == (5, 2 * (3 + 5))


def test_anomalies_in_the_training_part_stay_visible():
    series = beat(4000)
    places = [300, 2000, 3600]
    for place in places:
        series[place : place + 40] = np.random.default_rng(place).normal(size=40)
    assert share_found(IsolationForestWindows().fit(series).score_samples(series), places, 40) == 1


def test_scores_are_between_0_and_1():
    scores = IsolationForestWindows(n_trees=10).fit(beat(500)).score_samples(100 * beat(300))
    assert ((scores > 0) & (scores < 1)).all()


def test_the_seed_decides():
    first, second, other = (
        IsolationForestWindows(n_trees=10, random_state=seed).fit(beat(500)).score_samples(beat(200))
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_bad_parameters_are_explained():
    assert_clear_error(IsolationForestWindows(window=1).fit, beat(200), mentions=("window=1",))
    assert_clear_error(IsolationForestWindows(n_trees=0).fit, beat(200), mentions=("n_trees=0",))
    assert_clear_error(IsolationForestWindows(window=150).fit, beat(200), mentions=("200 time points", "300"))
