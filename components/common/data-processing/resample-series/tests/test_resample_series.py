"""Resampled values agree with their definitions, whatever the lengths, and gaps do what the table says."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from stac.data_processing import resample_series as component
from stac.data_processing.resample_series import resample_series
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
METHODS = ("linear", "nearest", "mean", "fourier")
NAN = np.nan
sizes = st.integers(1, 40)


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@settings(max_examples=50)
@given(st.integers(1, 5), sizes, sizes, st.integers(0, 99))
def test_compiled_kernel_gives_the_same_bits(n_rows, n, m, seed):
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(n_rows, 2, n)).astype(np.float32)
    X[generator.random(X.shape) < 0.1] = generator.choice([NAN, np.inf, 1e30, 0])
    results = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(component, "WORTH_A_CALL", 1)
        for name in ("off", *component.kernels.available_instruction_sets()):
            with component.kernels.use_instruction_set(name):
                results.append([resample_series(X, m), resample_series([*X, X[0, :, : n // 2 + 1]], m)])
        patch.setattr(component, "kernels", None)
        results.append([resample_series(X, m), resample_series([*X, X[0, :, : n // 2 + 1]], m)])
    for result in results[1:]:
        np.testing.assert_array_equal(result[0], results[0][0])
        np.testing.assert_array_equal(result[1], results[0][1])


@settings(max_examples=25)
@given(sizes, sizes.filter(lambda m: m > 1))
def test_linear_agrees_with_numpy(n, m):
    X = draw(2, 3, n)
    expected = np.apply_along_axis(lambda x: np.interp(np.linspace(0, n - 1, m), np.arange(n), x), 2, X)
    np.testing.assert_allclose(resample_series(X, m), expected, rtol=1e-5, atol=1e-5)


@settings(max_examples=25)
@given(sizes, sizes)
def test_fourier_agrees_with_scipy(n, m):
    X = draw(2, 3, n)
    np.testing.assert_allclose(resample_series(X, m, "fourier"), signal.resample(X, m, axis=-1), rtol=1e-4, atol=1e-5)


@settings(max_examples=25)
@given(sizes, sizes)
def test_means_of_parts_keep_the_total(n, m):
    X = draw(2, n)
    expected = np.repeat(X.astype(float), m, axis=1).reshape(2, m, n).mean(-1)
    np.testing.assert_allclose(resample_series(X, m, "mean"), expected, rtol=1e-4, atol=1e-5)


@settings(max_examples=25)
@given(n=sizes, m=sizes, method=st.sampled_from(METHODS), value=st.sampled_from([0.0, 0.1, -7, 123456.789]))
def test_constant_series_stay_constant(n, m, method, value):
    result = resample_series(np.full((2, n), value, np.float32), m, method)
    np.testing.assert_allclose(result, np.float32(value), rtol=1e-6 if method == "fourier" else 0)


def test_nearest_takes_old_values():
    assert resample_series(np.array([1, 2, 3]), 5, "nearest").tolist() == [1, 2, 2, 3, 3]


def test_the_same_number_of_points_is_the_same_series():
    X = draw(3, 2, 17)
    for method in METHODS:
        result = resample_series(X, 17, method)
        np.testing.assert_allclose(result, X, rtol=1e-5, atol=1e-6)
        assert not np.shares_memory(result, X)


@pytest.mark.parametrize("method", METHODS)
def test_unequal_lengths_become_equal(method):
    X = [draw(2, n, seed=n) for n in (5, 9, 5, 1)]
    result = resample_series(X, 7, method)
    assert result.shape == (4, 2, 7)
    assert result.dtype == np.float32
    for x, row in zip(X, result, strict=True):
        np.testing.assert_allclose(row, resample_series(x, 7, method), rtol=1e-5, atol=1e-6)
    assert resample_series(X).shape == (4, 2, 9)


def test_linear_misses_only_what_lies_next_to_a_gap():
    x = np.array([0, NAN, 2, 3, 4])
    np.testing.assert_array_equal(resample_series(x, 9), [0, NAN, NAN, NAN, 2, 2.5, 3, 3.5, 4])
    np.testing.assert_array_equal(resample_series(x, 3), [0, 2, 4])


def test_means_leave_missing_values_out():
    x = np.array([1, NAN, 3, 5, NAN, NAN])
    np.testing.assert_allclose(resample_series(x, 3, "mean"), [1, 4, NAN])


def test_all_missing_stays_missing():
    X = np.full((2, 5), NAN)
    for method in ("linear", "nearest", "mean"):
        assert np.isnan(resample_series(X, 3, method)).all()


def test_fewer_points_do_not_turn_fast_wiggles_into_slow_ones():
    x = np.sin(2 * np.pi * 45 * np.arange(1000) / 100)
    assert np.abs(resample_series(x, 100, "linear")).max() > 0.9
    assert np.abs(resample_series(x, 100, "mean")).max() < 0.2
    assert np.abs(resample_series(x, 100, "fourier")).max() < 1e-6


def test_small_signal_on_a_large_offset_keeps_its_digits():
    signal = np.sin(np.linspace(0, 20, 1000))
    for method in ("linear", "mean"):
        result = resample_series((signal + 1000).astype(np.float32), 500, method) - 1000
        np.testing.assert_allclose(result, resample_series(signal, 500, method), atol=2e-4)


@pytest.mark.parametrize("method", METHODS)
def test_blocks_and_strides_do_not_show_in_the_result(monkeypatch, method):
    X = draw(2, 40, 30).transpose(1, 0, 2)[:, :, ::2]
    whole = resample_series(np.ascontiguousarray(X), 20, method)
    monkeypatch.setattr("stac.data_processing.resample_series.BLOCK_SIZE", 1)
    np.testing.assert_array_equal(resample_series(X, 20, method), whole)


def test_types_are_kept_where_they_are_floating_point():
    assert resample_series(np.arange(5), 3).dtype == np.float32
    assert resample_series(np.arange(5.0), 3).dtype == np.float64
    assert resample_series([np.arange(5.0), np.arange(4)], 3).dtype == np.float64


def test_bad_input_is_explained():
    x = np.zeros((2, 5))
    assert_clear_error(resample_series, [], 3, mentions=("empty",))
    assert_clear_error(resample_series, np.zeros((2, 0)), 3, mentions=("(2, 0)",))
    assert_clear_error(resample_series, [x, np.zeros((2, 0))], 3, mentions=("X[1]",))
    assert_clear_error(resample_series, [x, np.zeros((3, 5))], 3, mentions=("X[1]", "(3, 5)"))
    assert_clear_error(resample_series, np.array(["a"]), 3, mentions=("numbers",))
    assert_clear_error(resample_series, x, 0, mentions=("n_timepoints=0",))
    assert_clear_error(resample_series, x, 2.5, mentions=("n_timepoints=2.5",))
    assert_clear_error(resample_series, x, 3, "cubic", mentions=("cubic", "linear"))
    x[1, 2] = NAN
    assert_clear_error(resample_series, x, 3, "fourier", mentions=("missing", "fourier"))
