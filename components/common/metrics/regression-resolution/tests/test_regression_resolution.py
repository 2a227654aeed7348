"""Values are those of numpy, intervals cover what they promise, and fast draws are those of real resamples."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from scipy import stats

from stac.metrics.regression_resolution import _bootstrap, bias_and_resolution
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
errors = st_numpy.arrays(np.float64, st.integers(2, 40), elements=st.floats(-1e6, 1e6, width=32))


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@settings(deadline=None, max_examples=50)
@given(errors)
def test_values_are_those_of_numpy(error):
    result = bias_and_resolution(np.zeros(len(error)), error, n_resamples=100)
    assert result.bias_mean.value == pytest.approx(error.mean())
    assert result.bias_median.value == pytest.approx(np.median(error))
    assert result.std.value == pytest.approx(error.std(ddof=1))
    low, high = np.quantile(error, stats.norm.cdf([-1, 1]))
    assert result.half_width_68.value == pytest.approx((high - low) / 2, abs=1e-6 * (1 + np.abs(error).max()))
    assert result.n == len(error)
    for estimate in result[:4]:
        assert estimate.low <= estimate.value <= estimate.high


def test_both_resolutions_of_normal_errors_are_the_same_and_one_survives_outliers():
    error = np.random.default_rng(0).normal(3, 2, size=20_000)
    result = bias_and_resolution(np.zeros(20_000), error)
    assert result.std.value == pytest.approx(2, rel=0.02)
    assert result.half_width_68.value == pytest.approx(2, rel=0.03)
    error[:50] = 1e6
    spoiled = bias_and_resolution(np.zeros(20_000), error)
    assert spoiled.half_width_68.value == pytest.approx(2, rel=0.03)
    assert spoiled.std.value > 1000


def test_relative_errors_are_shares_of_the_truth():
    true = np.array([1.0, 2.0, 4.0])
    result = bias_and_resolution(true, 1.1 * true, relative=True)
    assert result.bias_mean == pytest.approx((0.1, 0.1, 0.1))
    assert result.std.value == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("distribution", [stats.norm(2, 3), stats.expon()])
def test_intervals_cover_the_truth_about_as_often_as_they_say(distribution):
    low, median, high = distribution.ppf(stats.norm.cdf([-1, 0, 1]))
    truth = distribution.mean(), median, distribution.std(), (high - low) / 2
    hits = np.zeros(4)
    for seed in range(300):
        error = distribution.rvs(300, random_state=seed)
        result = bias_and_resolution(np.zeros(300), error, n_resamples=500, seed=seed)
        hits += [one.low <= value <= one.high for one, value in zip(result[:4], truth, strict=True)]
    assert (hits / 300 >= 0.89).all()
    assert (hits / 300 <= 0.985).all()


def test_fast_draws_vary_like_real_resamples():
    values = np.random.default_rng(0).exponential(size=300)
    rng = np.random.default_rng(1)
    real = values[rng.integers(0, 300, size=(4000, 300))]
    means, stds = _bootstrap.draw_moments(values, 4000, rng)
    assert means.std() == pytest.approx(real.mean(axis=1).std(), rel=0.1)
    assert stds.std() == pytest.approx(real.std(axis=1).std(), rel=0.1)
    drawn = _bootstrap.draw_quantiles(values, np.array([0.16, 0.5, 0.84]), 4000, rng)
    expected = np.quantile(real, [0.16, 0.5, 0.84], axis=1)
    np.testing.assert_allclose(drawn.std(axis=1), expected.std(axis=1), rtol=0.15)
    np.testing.assert_allclose(np.corrcoef(drawn), np.corrcoef(expected), atol=0.1)


def test_chunks_do_not_change_the_intervals(monkeypatch):
    error = np.random.default_rng(0).normal(size=5000)
    whole = bias_and_resolution(np.zeros(5000), error, n_resamples=2000)
    monkeypatch.setattr(_bootstrap, "_MOST_CHUNKS", 1000)
    chunked = bias_and_resolution(np.zeros(5000), error, n_resamples=2000)
    for ours, theirs in zip(whole[:3:2], chunked[:3:2], strict=True):
        assert ours.high - ours.low == pytest.approx(theirs.high - theirs.low, rel=0.1)


def test_same_seed_gives_the_same_intervals():
    true, pred = np.random.default_rng(0).normal(size=(2, 50))
    assert bias_and_resolution(true, pred) == bias_and_resolution(true, pred)
    assert bias_and_resolution(true, pred) != bias_and_resolution(true, pred, seed=1)


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        (([], []), {}, "at least two"),
        (([1.0], [1.0]), {}, "at least two"),
        (([1, 2], [1, 2, 3]), {}, "2 values and y_pred 3"),
        (([1, np.nan], [1, 2]), {}, "y_true holds NaN"),
        (([1, 2], [1, np.inf]), {}, "y_pred holds NaN or infinity"),
        ((["a", "b"], [1, 2]), {}, "number"),
        (([[1, 2]], [1, 2]), {}, "(n_instances,)"),
        (([0, 1], [1, 2]), {"relative": True}, "other than 0"),
        (([1, 2], [1, 2]), {"confidence": 95}, "confidence"),
        (([1, 2], [1, 2]), {"n_resamples": 5}, "n_resamples"),
    ],
)
def test_wrong_input_is_explained(arguments, options, words):
    assert_clear_error(bias_and_resolution, *arguments, **options, mentions=(words,))
