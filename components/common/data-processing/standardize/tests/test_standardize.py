"""The standardizer keeps the contract of transformers, and its promises about constants and gaps."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from stac.data_processing import standardize
from stac.data_processing.standardize import Standardizer
from stac.numerics import kernels
from stac.testing.component_checks import assert_clear_error, package_checks, transformer_checks

COMPONENT = Path(__file__).parents[1]


@pytest.fixture(params=["compiled", "numpy"], autouse=True)
def way(request, monkeypatch):
    """Run every test with the compiled kernel, and as if it were not installed."""
    if request.param == "numpy":
        monkeypatch.setattr(standardize, "kernels", None)
    else:
        assert standardize.kernels is kernels


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("per", ["instance", "channel"])
@pytest.mark.parametrize("check", transformer_checks(missing_values=True))
def test_contract(check, per):
    check(Standardizer(per=per))


series = st_numpy.arrays(
    np.float32,
    st_numpy.array_shapes(min_dims=3, max_dims=3, max_side=12),
    elements=st.floats(-1e6, 1e6, width=32),
)


@settings(deadline=None)
@given(series)
def test_result_agrees_with_float64(X):
    # Values that differ by less than their rounding, or than 1e-18, count as constant.
    wide = X.astype(np.float64)
    std = wide.std(axis=-1, keepdims=True)
    clear = std > np.maximum(1e-5 * np.abs(wide).max(axis=-1, keepdims=True), 1e-18)
    expected = np.where(clear, (wide - wide.mean(axis=-1, keepdims=True)) / np.where(std > 0, std, 1), 0)
    result = Standardizer().fit_transform(X)
    np.testing.assert_allclose(np.where(clear, result, 0), expected, rtol=1e-3, atol=1e-3)


@settings(deadline=None)
@given(series, st.floats(0, 0.3), st.integers(0, 99))
def test_compiled_kernel_agrees_with_numpy(X, share, seed):
    # Where the spread is near the rounding of the numbers, either may call a series constant.
    std, largest = X.astype(np.float64).std(axis=-1), np.abs(X).max(axis=-1)
    compared = (std == 0) | (std > np.maximum(1e-5 * largest, 1e-18))
    X[np.random.default_rng(seed).random(X.shape) < share] = np.nan
    compared |= np.isnan(X).any(axis=-1)
    results = []
    for present in (kernels, None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(standardize, "kernels", present)
            results.append([Standardizer().fit_transform(X), *Standardizer().fit_transform([*X, X[0, :, :1]])])
    for one, other, where in zip(*results, [compared, *compared, slice(None)], strict=True):
        np.testing.assert_allclose(one[where], other[where], rtol=1e-3, atol=1e-3)


@settings(deadline=None)
@given(series)
def test_result_is_always_finite(X):
    assert np.isfinite(Standardizer().fit_transform(X)).all()
    assert np.isfinite(Standardizer(per="channel").fit_transform(X)).all()


@pytest.mark.parametrize("value", [0.0, 0.1, -7.0, 1e-30, 123456.789, 3e38])
def test_constant_series_stay_finite(value):
    X = np.full((3, 2, 1001), value, np.float32)
    for per in ("instance", "channel"):
        assert not Standardizer(per=per).fit_transform(X).any()


def test_small_signal_on_a_large_offset_keeps_its_digits():
    signal = np.sin(np.linspace(0, 20, 1000))
    X = (signal + 1000)[None, None].astype(np.float32)
    expected = (signal - signal.mean()) / signal.std()
    np.testing.assert_allclose(Standardizer().fit_transform(X)[0, 0], expected, atol=2e-4)


def test_huge_values_do_not_overflow():
    X = np.array([[[-3e38, 0, 3e38]]], np.float32)
    np.testing.assert_allclose(Standardizer().fit_transform(X)[0, 0], [-1.2247, 0, 1.2247], atol=1e-4)


def test_missing_values_stay_and_do_not_count():
    X = np.array([[[1, np.nan, 3, 5]]], np.float32)
    np.testing.assert_allclose(Standardizer().fit_transform(X)[0, 0], [-1.2247, np.nan, 0, 1.2247], atol=1e-4)


def test_a_series_that_is_all_missing_stays_missing():
    X = np.array([[[np.nan, np.nan]], [[1, 2]]], np.float32)
    result = Standardizer().fit_transform(X)
    assert np.isnan(result[0]).all()
    np.testing.assert_allclose(result[1], [[-1, 1]])


def test_unequal_lengths_come_back_as_a_list():
    X = [np.array([[1, 2, 3]], np.float32), np.array([[10, 20]], np.float32)]
    for per in ("instance", "channel"):
        result = Standardizer(per=per).fit_transform(X)
        assert [x.shape for x in result] == [(1, 3), (1, 2)]
    np.testing.assert_allclose(Standardizer().fit_transform(X)[1], [[-1, 1]])


def test_fitted_statistics_come_from_the_training_data_alone():
    X_train = np.array([[[0, 2]], [[4, 6]]], np.float32)
    standardizer = Standardizer(per="channel").fit(X_train)
    assert standardizer.mean_ == pytest.approx([3])
    assert standardizer.std_ == pytest.approx([5**0.5])
    np.testing.assert_allclose(standardizer.transform(np.array([[[3, 3 + 5**0.5]]])), [[[0, 1]]], atol=1e-6)


def test_inverse_brings_the_units_back():
    X = np.random.default_rng(0).normal(5, 3, (4, 2, 30)).astype(np.float32)
    standardizer = Standardizer(per="channel").fit(X)
    np.testing.assert_allclose(standardizer.inverse_transform(standardizer.transform(X)), X, rtol=1e-5, atol=1e-5)


def test_blocks_do_not_show_in_the_result(monkeypatch):
    X = np.random.default_rng(0).normal(size=(50, 3, 40)).astype(np.float32)
    whole = Standardizer().fit_transform(X)
    monkeypatch.setattr("stac.data_processing.standardize.BLOCK_SIZE", 1)
    np.testing.assert_array_equal(Standardizer().fit_transform(X), whole)


def test_bad_input_is_explained():
    X = np.zeros((2, 1, 5), np.float32)
    assert_clear_error(Standardizer(per="row").fit, X, mentions=("instance", "channel"))
    assert_clear_error(Standardizer().fit, [], mentions=("empty",))
    assert_clear_error(Standardizer().fit, [X[0], X[0, 0]], mentions=("X[1]",))
    assert_clear_error(Standardizer().fit, [X[0], np.zeros((2, 5))], mentions=("channels",))
    assert_clear_error(Standardizer().fit(X).inverse_transform, X, mentions=("channel",))


def test_works_in_a_scikit_learn_pipeline():
    pipeline = pytest.importorskip("sklearn.pipeline")
    X = np.random.default_rng(0).normal(size=(6, 1, 20)).astype(np.float32)
    steps = pipeline.make_pipeline(Standardizer(), Standardizer(per="channel"))
    assert steps.fit_transform(X).shape == X.shape
