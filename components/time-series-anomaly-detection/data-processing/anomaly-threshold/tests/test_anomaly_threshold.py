"""Thresholds are where the distribution says, whatever its tail, and wrong input is explained."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.anomaly_threshold import DSpot, Spot, pot_threshold, quantile_threshold
from stac.data_processing.anomaly_threshold._pareto import fit_tail
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def pareto(shape, n, seed=0):
    """Draw from the generalised Pareto law of scale 1."""
    u = np.random.default_rng(seed).random(n)
    return -np.log(u) if shape == 0 else np.expm1(-shape * np.log(u)) / shape


# Quantiles


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-3, 6), min_size=1, max_size=60), st.floats(0.01, 0.99))
def test_quantile_threshold_is_the_least_that_keeps_its_promise(values, quantile):
    scores = np.array(values, dtype=float)
    threshold = quantile_threshold(scores, quantile)
    assert np.mean(scores >= threshold) <= 1 - quantile + 1e-9
    lower = scores[scores < threshold]
    assert lower.size == 0 or np.mean(scores >= lower.max()) > 1 - quantile - 1e-9


# The tail


@pytest.mark.parametrize("shape", [-0.4, -0.2, 0.0, 0.3, 0.8])
def test_fit_finds_shape_and_scale(shape):
    tail = fit_tail(7 * pareto(shape, 50_000))
    assert tail.shape == pytest.approx(shape, abs=0.03)
    assert tail.scale == pytest.approx(7, rel=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_fit_is_where_the_likelihood_is_highest(seed):
    optimize = pytest.importorskip("scipy.optimize")
    excesses = pareto(0.2 * seed - 0.3, 100, seed)

    def loss(parameters):
        shape, scale = parameters
        inside = 1 + shape * excesses / scale
        if scale <= 0 or inside.min() <= 0 or abs(shape) < 1e-9:
            return np.inf
        return np.log(scale) + (1 + 1 / shape) * np.log(inside).mean()

    best = optimize.minimize(
        loss, [0.1, excesses.mean()], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-12}
    )
    assert loss(fit_tail(excesses)) <= best.fun + 1e-7


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0]), min_size=20, max_size=80),
    st.sampled_from([1e-6, 1e-3, 0.3]),
    st.sampled_from([0.5, 0.9, 0.98]),
)
def test_any_scores_get_a_finite_threshold(values, risk, initial):
    threshold = pot_threshold(values, risk, initial=initial)
    assert np.isfinite(threshold)
    assert np.mean(np.array(values) >= threshold) <= max(risk, 1 - initial) + 1e-9


@pytest.mark.parametrize("draw", ["normal", "exponential", "lognormal", "uniform"])
def test_alarms_are_as_rare_as_promised(draw):
    rng = np.random.default_rng(0)
    threshold = pot_threshold(getattr(rng, draw)(size=50_000), risk=1e-4)
    share = np.mean(getattr(rng, draw)(size=1_000_000) >= threshold)
    assert 2e-5 < share < 3e-4


def test_threshold_scales_with_the_scores():
    scores = np.random.default_rng(0).gamma(2, size=3000)
    assert pot_threshold(1000 * scores + 5) == pytest.approx(1000 * pot_threshold(scores) + 5)


@pytest.mark.parametrize("scores", [np.zeros(100), np.full(100, 1e9), np.r_[np.zeros(99), 1.0]])
def test_scores_without_a_tail_raise_no_alarm_or_one(scores):
    assert (scores >= pot_threshold(scores)).sum() <= 1
    assert np.isfinite(pot_threshold(scores))


def test_risk_that_is_no_tail_is_a_quantile():
    scores = np.random.default_rng(0).normal(size=1000)
    assert pot_threshold(scores, risk=0.1) == quantile_threshold(scores, 0.9)


# Streams


def test_spot_starts_as_pot_and_does_not_learn_from_alarms():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=3000)
    spot = Spot(risk=1e-4).fit(scores)
    assert spot.threshold_ == pytest.approx(pot_threshold(scores, 1e-4))
    before = spot.threshold_, spot.n_seen_
    assert spot.update(50.0).alarms.tolist() == [True]
    assert (spot.threshold_, spot.n_seen_) == before


def test_spot_agrees_with_pot_of_everything_normal():
    rng = np.random.default_rng(0)
    scores = rng.gamma(2, size=6000)
    spot = Spot(risk=1e-6, initial=0.9).fit(scores[:2000])
    assert not spot.update(scores[2000:]).alarms.any()
    start = np.quantile(scores[:2000], 0.9)
    expected = pot_threshold(scores, 1e-6, initial=np.mean(scores <= start))
    assert spot.threshold_ == pytest.approx(expected, rel=0.02)


def test_steps_of_the_stream_do_not_show():
    scores = np.random.default_rng(0).gamma(2, size=1500)
    for make in (Spot, DSpot):
        whole, single = make().fit(scores[:1000]), make().fit(scores[:1000])
        together = whole.update(scores[1000:])
        alone = [single.update(score) for score in scores[1000:]]
        np.testing.assert_array_equal(together.thresholds, np.concatenate([one.thresholds for one in alone]))


def test_memory_is_bounded():
    spot = Spot(max_excesses=30).fit(np.random.default_rng(0).normal(size=1000))
    spot.update(np.random.default_rng(1).normal(size=4000))
    assert len(spot._excesses) == 30
    assert 3 < spot.threshold_ < 8


def test_drift_is_followed_by_dspot_only():
    rng = np.random.default_rng(0)
    scores = np.linspace(0, 30, 6000) + rng.normal(size=6000)
    scores[5000] += 10
    found = np.flatnonzero(DSpot(risk=1e-5, depth=50).fit(scores[:1500]).update(scores[1500:]).alarms)
    assert 3500 in found
    assert len(found) <= 3
    assert Spot(risk=1e-5).fit(scores[:1500]).update(scores[1500:]).alarms.mean() > 0.3


def test_constant_stream_raises_an_alarm_at_the_first_change():
    spot = Spot().fit(np.zeros(100))
    assert spot.update([0.0, 0.0, 1.0, 0.0]).alarms.tolist() == [False, False, True, False]


# Bad input


@pytest.mark.parametrize("function", [quantile_threshold, pot_threshold, Spot().fit, DSpot().fit])
@pytest.mark.parametrize(
    ("scores", "words"),
    [([], "n_timepoints"), ([[1.0, 2.0]], "n_timepoints"), ([1.0, np.nan], "NaN"), (["a"], "number")],
)
def test_wrong_scores_are_explained(function, scores, words):
    assert_clear_error(function, scores, mentions=(words,))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: quantile_threshold([1, 2], 99), "quantile"),
        (lambda: pot_threshold(np.ones(50), 0), "risk"),
        (lambda: pot_threshold(np.ones(50), initial=98), "initial"),
        (lambda: pot_threshold(np.ones(5)), "5 scores"),
        (lambda: Spot().fit(np.ones(5)), "5 scores"),
        (lambda: DSpot().fit(np.ones(50)), "depth"),
        (lambda: DSpot(depth=0).fit(np.ones(50)), "depth"),
        (lambda: Spot(max_excesses=1).fit(np.ones(50)), "max_excesses"),
        (lambda: Spot().update(1.0), "fit"),
        (lambda: Spot().fit(np.ones(50)).update(np.nan), "NaN"),
    ],
)
def test_wrong_call_is_explained(call, words):
    assert_clear_error(call, mentions=(words,))
