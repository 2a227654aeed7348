"""Spikes stand out of what repeats itself, wherever they are, and in any segment."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.models.spectral_residual import SpectralResidual
from stac.testing.component_checks import assert_clear_error, detector_checks, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("combine", ["mean", "max"])
@pytest.mark.parametrize("check", detector_checks())
def test_contract(check, combine):
    check(SpectralResidual(combine=combine))


def beat(n, seed=0, period=40):
    """Return a noisy beat, float32."""
    time = np.arange(n)
    noise = 0.1 * np.random.default_rng(seed).normal(size=n)
    return (np.sin(2 * np.pi * time / period) + 0.5 * np.sin(4 * np.pi * time / period + 1) + noise).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(st.integers(30, 5970), st.sampled_from([300, 1440, 10**6]))
def test_a_spike_scores_highest_wherever_it_is(place, segment):
    series = beat(6000)
    series[place] += 4
    scores = SpectralResidual(segment=segment).fit(series).score_samples(series)
    assert abs(scores.argmax() - place) <= 1


def test_it_needs_no_clean_training_part():
    series = beat(3000)
    places = [500, 1500, 2500]
    series[places] += 4
    scores = SpectralResidual().fit(series).score_samples(series)
    assert set(np.argsort(scores)[-3:]) == set(places)


def test_an_anomaly_in_one_of_many_channels_shows_in_the_largest_score():
    series = np.stack([beat(1000, seed=i) for i in range(10)])
    series[4, 600] += 4
    largest, mean = (SpectralResidual(combine=how).fit(series).score_samples(series) for how in ("max", "mean"))
    assert largest.argmax() == 600
    assert largest[600] > 2 * mean[600]


def test_a_constant_channel_is_nowhere_anomalous():
    assert not SpectralResidual().fit(np.full(200, 7.0)).score_samples(np.full(200, 7.0)).any()


def test_any_length_from_the_shortest_is_scored():
    for n in (22, 23, 31, 100, 1439, 1440, 1441, 2161):
        series = beat(n)
        assert np.isfinite(SpectralResidual().fit(series).score_samples(series)).all()


def test_bad_parameters_are_explained():
    for parameters in ({"segment": 3}, {"spectrum_window": 0}, {"score_window": 0}, {"combine": "sum"}):
        assert_clear_error(SpectralResidual(**parameters).fit, beat(200), mentions=tuple(parameters))
    assert_clear_error(SpectralResidual().fit, beat(21), mentions=("21 time points", "22"))
