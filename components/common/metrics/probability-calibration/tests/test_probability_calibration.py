"""Scores agree with scikit-learn, parts add up, intervals cover, and temperature undoes over-confidence."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from stac.metrics.probability_calibration import (
    apply_temperature,
    brier_score,
    calibration_error_by_chance,
    expected_calibration_error,
    fit_temperature,
    reliability_curve,
)
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
cases = st.lists(st.tuples(st.booleans(), st.integers(0, 20).map(lambda n: n / 20)), min_size=1, max_size=60)


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def columns(pairs):
    y, p = zip(*pairs, strict=True)
    return np.array(y), np.array(p)


def calibrated(n=2000, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.beta(0.8, 2, size=n)
    return rng.random(n) < p, p


@settings(deadline=None, max_examples=50)
@given(cases, st.integers(1, 12))
def test_score_agrees_with_scikit_learn_and_parts_add_up(pairs, n_bins):
    y, p = columns(pairs)
    score = brier_score(y, p, n_bins=n_bins)
    assert score.value == pytest.approx(brier_score_loss(y, p, pos_label=True))
    parts = score.reliability - score.resolution + score.uncertainty + score.within_bins
    assert parts == pytest.approx(score.value)
    assert min(score.reliability, score.resolution, score.uncertainty) >= 0


def test_parts_are_those_of_murphy_where_a_bin_has_one_probability():
    y, p = calibrated()
    p = np.round(p * 4) / 4
    score = brier_score(y, p, n_bins=500)
    assert score.within_bins == pytest.approx(0, abs=1e-12)
    values, place = np.unique(p, return_inverse=True)
    shares = np.bincount(place, weights=y) / np.bincount(place)
    assert score.reliability == pytest.approx(np.mean((values[place] - shares[place]) ** 2))
    assert score.resolution == pytest.approx(np.mean((shares[place] - y.mean()) ** 2))


def test_bins_of_equal_width_agree_with_scikit_learn():
    y, p = calibrated()
    curve = reliability_curve(y, p, bins="width")
    observed, predicted = calibration_curve(y, p, n_bins=10)
    np.testing.assert_allclose(curve.observed, observed)
    np.testing.assert_allclose(curve.predicted, predicted)


def test_bins_of_equal_mass_hold_equally_many():
    curve = reliability_curve(*calibrated(), n_bins=8)
    np.testing.assert_array_equal(curve.n, [250] * 8)


@settings(deadline=None, max_examples=50)
@given(cases, st.integers(1, 12), st.sampled_from(["mass", "width"]))
def test_every_instance_is_in_one_bin(pairs, n_bins, bins):
    y, p = columns(pairs)
    curve = reliability_curve(y, p, n_bins=n_bins, bins=bins)
    assert curve.n.sum() == len(y)
    assert (curve.n * curve.observed).sum() == pytest.approx(y.sum())
    assert (curve.n * curve.predicted).sum() == pytest.approx(p.sum())
    assert ((curve.observed_low <= curve.observed) & (curve.observed <= curve.observed_high)).all()
    error = expected_calibration_error(y, p, n_bins=n_bins)
    assert 0 <= error <= 1


def test_intervals_are_those_of_scipy():
    curve = reliability_curve([True] * 7 + [False] * 13, [0.5] * 20)
    expected = stats.binomtest(7, 20).proportion_ci(method="wilson")
    assert (curve.observed_low[0], curve.observed_high[0]) == pytest.approx((expected.low, expected.high))


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    hits = []
    for seed in range(100):
        curve = reliability_curve(*calibrated(1000, seed))
        hits.append((curve.observed_low <= curve.predicted) & (curve.predicted <= curve.observed_high))
    assert 0.93 <= np.mean(hits) <= 0.975


def test_error_of_calibrated_probabilities_is_what_chance_gives():
    errors = [expected_calibration_error(*calibrated(1000, seed)) for seed in range(200)]
    assert np.mean(errors) == pytest.approx(calibration_error_by_chance(calibrated(1000)[1]), rel=0.1)


def test_constant_probability_has_one_bin():
    curve = reliability_curve([True, False], [0.3, 0.3])
    assert curve.n.tolist() == [2]
    assert expected_calibration_error([True, False], [0.3, 0.3]) == pytest.approx(0.2)


def test_one_class_has_a_score_of_no_uncertainty():
    assert brier_score([True, True], [0.9, 0.8]).uncertainty == 0


def test_temperature_agrees_with_scipy_and_undoes_overconfidence():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(3000, 3))
    proba = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (rng.random((3000, 1)) > proba.cumsum(axis=1)).sum(axis=1)
    bold = proba**2.5 / (proba**2.5).sum(axis=1, keepdims=True)

    def loss(log_temperature):
        given = apply_temperature(bold, np.exp(log_temperature))[np.arange(3000), y]
        return -np.log(given).mean()

    temperature = fit_temperature(y, bold)
    assert temperature == pytest.approx(np.exp(optimize.minimize_scalar(loss, bounds=(-3, 3)).x), rel=1e-3)
    assert temperature == pytest.approx(2.5, rel=0.1)
    np.testing.assert_allclose(apply_temperature(bold, 2.5), proba)


def test_temperature_of_two_columns_is_that_of_one():
    y, p = calibrated()
    p = p.clip(0.01, 0.99)
    both = np.column_stack([1 - p, p])
    assert fit_temperature(y, p) == pytest.approx(fit_temperature(y, both))
    np.testing.assert_allclose(apply_temperature(p, 3), apply_temperature(both, 3)[:, 1])


def test_extreme_probabilities_stay_finite():
    assert 0.01 <= fit_temperature([True, False], [1.0, 0.0]) < 0.1
    assert fit_temperature([True, False], [0.0, 1.0]) == pytest.approx(100)
    assert np.isfinite(apply_temperature([0.0, 1.0], 5.0)).all()


@pytest.mark.parametrize("function", [reliability_curve, brier_score, expected_calibration_error, fit_temperature])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([], []), "at least one"),
        (([True], [0.1, 0.2]), "(1,)"),
        (([True, False], [0.1, np.nan]), "NaN"),
        (([True, False], [0.1, 1.2]), "sigmoid"),
        (([True, False], [-3.0, 0.2]), "sigmoid"),
        (([True, False], ["a", "b"]), "numbers"),
        ((["muon", "em"], [0.1, 0.2]), "labels == 'muon'"),
        (([1, 2], [0.1, 0.2]), "booleans"),
    ],
)
def test_wrong_input_is_explained(function, arguments, words):
    assert_clear_error(function, *arguments, mentions=(words,))


@pytest.mark.parametrize(
    ("function", "arguments", "options", "words"),
    [
        (reliability_curve, ([1, 0], [[0.1, 0.9], [0.2, 0.8]]), {}, "[:, 1]"),
        (reliability_curve, ([1, 0], [0.1, 0.9]), {"n_bins": 0}, "n_bins"),
        (reliability_curve, ([1, 0], [0.1, 0.9]), {"bins": "many"}, "'mass'"),
        (reliability_curve, ([1, 0], [0.1, 0.9]), {"confidence": 95}, "confidence"),
        (calibration_error_by_chance, ([0.1, 1.9],), {}, "sigmoid"),
        (fit_temperature, ([0, 2], [[0.1, 0.9], [0.2, 0.8]]), {}, "searchsorted"),
        (fit_temperature, (["a", "b"], [[0.1, 0.9], [0.2, 0.8]]), {}, "searchsorted"),
        (fit_temperature, ([0, 1], [[0.1, 0.1], [0.2, 0.8]]), {}, "sum to 1"),
        (fit_temperature, ([0], [[0.1, 0.9], [0.2, 0.8]]), {}, "one label each"),
        (apply_temperature, ([0.1, 0.9], 0), {}, "temperature"),
    ],
)
def test_wrong_use_is_explained(function, arguments, options, words):
    assert_clear_error(function, *arguments, **options, mentions=(words,))
