"""The merit factor is its formula, and its interval covers what it promises, near zero too."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from stac.metrics import merit_factor as module
from stac.metrics.merit_factor import merit_factor
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
values = st_numpy.arrays(np.float64, st.integers(2, 30), elements=st.integers(-1000, 1000).map(float))


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@settings(deadline=None, max_examples=50)
@given(values, values)
def test_value_is_the_formula_and_order_does_not_matter(a, b):
    estimate = merit_factor(a, b, n_resamples=100)
    spread = math.sqrt(a.var(ddof=1) + b.var(ddof=1))
    if spread == 0:
        assert math.isinf(estimate.value) or a.mean() == b.mean()
        return
    assert estimate.value == pytest.approx(abs(a.mean() - b.mean()) / spread)
    assert 0 <= estimate.low <= estimate.value <= estimate.high
    assert merit_factor(b, a, n_resamples=100).value == pytest.approx(estimate.value)


@pytest.mark.parametrize(("distance", "n"), [(0.0, 100), (1.0, 60), (3.0, 300)])
def test_interval_covers_the_truth_about_as_often_as_it_says(distance, n):
    truth, hits = distance / math.sqrt(1 + 4), 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        estimate = merit_factor(rng.normal(size=n), rng.normal(distance, 2, size=2 * n), n_resamples=500, seed=seed)
        hits += estimate.low <= truth <= estimate.high
    assert 0.91 <= hits / 300 <= (1 if distance == 0 else 0.985)


def test_chunks_do_not_change_the_interval(monkeypatch):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=4000), rng.normal(1, 1, size=3000)
    whole = merit_factor(a, b, n_resamples=2000)
    monkeypatch.setattr(module, "_MOST_CHUNKS", 500)
    chunked = merit_factor(a, b, n_resamples=2000)
    assert chunked.high - chunked.low == pytest.approx(whole.high - whole.low, rel=0.1)


def test_shift_and_scale_do_not_matter():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=50), rng.normal(1, 1, size=50)
    np.testing.assert_allclose(merit_factor(1e6 + 1e-3 * a, 1e6 + 1e-3 * b), merit_factor(a, b), rtol=1e-3)


def test_constants_are_infinitely_far_or_not_defined():
    assert merit_factor([1, 1], [2, 2]).value == math.inf
    assert math.isnan(merit_factor([1, 1], [1, 1]).value)


def test_same_seed_gives_the_same_interval():
    a, b = np.random.default_rng(0).normal(size=(2, 50))
    assert merit_factor(a, b) == merit_factor(a, b)
    assert merit_factor(a, b) != merit_factor(a, b, seed=1)


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        (([], [1, 2]), {}, "first has shape"),
        (([1, 2], [1]), {}, "second has shape"),
        (([[1, 2]], [1, 2]), {}, "one number per instance"),
        (([1, np.nan], [1, 2]), {}, "NaN"),
        ((["a", "b"], [1, 2]), {}, "number"),
        (([1, 2], [1, 2]), {"confidence": 95}, "confidence"),
        (([1, 2], [1, 2]), {"n_resamples": 2.5}, "n_resamples"),
    ],
)
def test_wrong_input_is_explained(arguments, options, words):
    assert_clear_error(merit_factor, *arguments, **options, mentions=(words,))
