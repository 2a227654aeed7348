"""Windows are views of the right values, and results of windows find their way back to time points."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.sliding_window import (
    count_windows,
    reassemble,
    sliding_windows,
    spread_scores,
    window_targets,
)
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
lengths = st.integers(1, 12)


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@settings(max_examples=25)
@given(n=st.integers(1, 40), length=lengths, stride=st.integers(1, 15), shape=st.sampled_from([(), (2,), (3, 2)]))
def test_every_window_holds_its_part_of_the_series(n, length, stride, shape):
    X = np.arange(n * max(1, int(np.prod(shape))), dtype=np.float32).reshape(*shape, n)
    if n < length:
        assert count_windows(n, length, stride) == 0
        return
    windows = sliding_windows(X, length, stride)
    assert windows.shape == (count_windows(n, length, stride), *shape, length)
    for i, window in enumerate(windows):
        np.testing.assert_array_equal(window, X[..., i * stride : i * stride + length])
    assert len(windows) * stride > n - length  # none is missing


def test_windows_are_views_that_cannot_be_written():
    X = np.zeros((3, 2, 50), np.float32)
    windows = sliding_windows(X, 10)
    assert np.shares_memory(windows, X)
    assert windows.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        windows[0] = 1
    X[0, 0, 5] = 7
    assert windows[0, 0, 0, 5] == 7


def test_unequal_lengths_give_a_list():
    windows = sliding_windows([np.zeros((2, 9)), np.zeros((2, 5))], 5)
    assert [w.shape for w in windows] == [(5, 2, 5), (1, 2, 5)]


def test_anything_can_be_cut():
    labels = sliding_windows(np.array(["a", "b", "c"]), 2)
    assert labels.tolist() == [["a", "b"], ["b", "c"]]
    missing = sliding_windows(np.full(4, np.nan), 3)
    assert np.isnan(missing).all()


@settings(max_examples=25)
@given(length=lengths, horizon=st.integers(1, 5), gap=st.integers(0, 4), stride=st.integers(1, 5))
def test_targets_follow_their_windows(length, horizon, gap, stride):
    windows, targets = window_targets(np.arange(40)[None], length, horizon, stride=stride, gap=gap)
    assert windows.shape[1:] == (1, length)
    assert targets.shape[1:] == (1, horizon)
    np.testing.assert_array_equal(targets[..., 0], windows[..., -1] + gap + 1)
    assert targets.max() <= 39
    assert targets.max() > 39 - stride


@settings(max_examples=25)
@given(n=st.integers(12, 60), length=lengths, stride=st.integers(1, 12), shape=st.sampled_from([(), (2,), (2, 3)]))
def test_untouched_windows_become_the_series_again(n, length, stride, shape):
    X = np.random.default_rng(0).normal(size=(*shape, n)).astype(np.float32)
    windows = sliding_windows(X, length, stride)
    for reduce in ("mean", "max"):
        result = reassemble(windows, n, stride=stride, reduce=reduce)
        covered = np.zeros(n, bool)
        for i in range(len(windows)):
            covered[i * stride : i * stride + length] = True
        np.testing.assert_allclose(result[..., covered], X[..., covered], rtol=1e-5, atol=1e-6)
        assert np.isnan(result[..., ~covered]).all()
        assert result.dtype == np.float32


def test_overlapping_windows_are_averaged_or_the_largest_counts():
    windows = np.array([[1.0, 2.0], [4.0, 8.0]])
    assert reassemble(windows).tolist() == [1, 3, 8]
    assert reassemble(windows, reduce="max").tolist() == [1, 4, 8]


@settings(max_examples=25)
@given(n=st.integers(1, 60), length=lengths, stride=st.integers(1, 15), reduce=st.sampled_from(["mean", "max"]))
def test_scores_are_finite_and_mean_the_windows_that_cover_a_point(n, length, stride, reduce):
    n_windows = count_windows(n, length, stride)
    if n_windows == 0:
        return
    scores = np.random.default_rng(0).normal(size=n_windows)
    points = spread_scores(scores, length, n, stride=stride, reduce=reduce)
    assert points.shape == (n,)
    for t in range(n):
        covering = [s for i, s in enumerate(scores) if i * stride <= t < i * stride + length]
        if covering:
            expected = np.mean(covering) if reduce == "mean" else np.max(covering)
            assert points[t] == pytest.approx(expected)
        else:
            assert points[t] == points[t - 1]


def test_bad_input_is_explained():
    x = np.zeros(5)
    assert_clear_error(sliding_windows, x, 6, mentions=("5 time points", "the 6"))
    assert_clear_error(sliding_windows, np.zeros((2, 0)), 1, mentions=("0 time points",))
    assert_clear_error(sliding_windows, [], 1, mentions=("empty",))
    assert_clear_error(sliding_windows, [1.0, 2.0], 1, mentions=("single number",))
    assert_clear_error(sliding_windows, x, 0, mentions=("length=0",))
    assert_clear_error(sliding_windows, x, 2.5, mentions=("length=2.5",))
    assert_clear_error(sliding_windows, x, 2, -1, mentions=("stride=-1",))
    assert_clear_error(window_targets, x, 4, 2, mentions=("5 time points", "the 6"))
    assert_clear_error(window_targets, x, 4, 0, mentions=("horizon=0",))
    assert_clear_error(reassemble, np.zeros((3, 4)), 5, mentions=("n_timepoints=5",))
    assert_clear_error(reassemble, np.zeros(4), mentions=("(4,)",))
    assert_clear_error(reassemble, np.array([["a"]]), mentions=("numbers",))
    assert_clear_error(reassemble, np.zeros((3, 4)), reduce="sum", mentions=("sum",))
    assert_clear_error(spread_scores, np.zeros((3, 4)), 2, mentions=("(3, 4)",))
