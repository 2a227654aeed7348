"""Each kernel says what plain numpy says, with every instruction set and any number of threads."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from stac.numerics.kernels import (
    PartialProfile,
    StreamingProfile,
    ab_join,
    autocorrelation,
    available_instruction_sets,
    copy_windows,
    dtw_of_pairs,
    instruction_set,
    minirocket_features,
    nearest_by_dtw,
    resample_linear,
    rolling_statistics,
    self_join,
    use_instruction_set,
    z_normalize,
)
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
NUMBERS = st.floats(-1e4, 1e4, width=32)
SERIES = of_numpy.arrays(
    np.float32, of_numpy.array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=40), elements=NUMBERS
)
few = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.fixture(params=["baseline", "avx2", "avx512"], autouse=True)
def chosen(request):
    """Run every test with each instruction set."""
    if request.param not in available_instruction_sets():
        pytest.skip(f"this processor has no {request.param}")
    with use_instruction_set(request.param):
        yield


# ------------------------------------------------------------------------------------ series


@few
@given(SERIES)
def test_z_scores_have_mean_zero_and_deviation_one(X):
    exact = X.astype(np.float64)
    mean, deviation = exact.mean(-1, keepdims=True), exact.std(-1, keepdims=True)
    flat = deviation <= np.maximum(4 * np.finfo(np.float32).eps * abs(mean), np.sqrt(np.finfo(np.float32).tiny))
    expected = np.where(flat, 0, (exact - mean) / np.where(flat, 1, deviation))
    np.testing.assert_allclose(z_normalize(X), expected, rtol=1e-5, atol=1e-6)


def test_constant_series_become_zeros():
    X = np.full((3, 1000), [[0.1], [-7e8], [0]], np.float32)
    assert not z_normalize(X).any()


def test_z_scores_of_huge_tiny_and_distant_values_keep_their_digits():
    noise = np.random.default_rng(0).normal(size=(1, 1, 500))
    X = (noise * [[[1e36], [1e-17], [1]]] + [[[0], [0], [3e4]]]).astype(np.float32)
    X[0, 0, 0] = np.float32(3e38)
    X[0, 1, 0] = 1e6  # far from all others, and the first: sums are of differences from it
    exact = X.astype(np.float64)
    expected = (exact - exact.mean(-1, keepdims=True)) / exact.std(-1, keepdims=True)
    np.testing.assert_allclose(z_normalize(X), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 7, 40])
def test_series_with_missing_values_become_missing_where_that_is_allowed(wrong, place):
    X = np.random.default_rng(0).normal(size=(5, 41)).astype(np.float32)
    X[2, place] = wrong
    assert_clear_error(z_normalize, X, mentions=("NaN", "impute"))
    result = z_normalize(X, allow_missing=True)
    np.testing.assert_array_equal(np.isnan(result).all(-1), np.arange(5) == 2)
    np.testing.assert_array_equal(np.isnan(result).any(-1), np.arange(5) == 2)


@few
@given(SERIES.filter(lambda X: X.ndim < 3), st.data())
def test_windows_are_those_of_numpy(X, data):
    length, stride = data.draw(st.integers(1, X.shape[-1])), data.draw(st.integers(1, 5))
    views = np.lib.stride_tricks.sliding_window_view(X, length, axis=-1)[..., ::stride, :]
    np.testing.assert_array_equal(copy_windows(X, length, stride), views if X.ndim == 1 else views.swapaxes(0, 1))


@few
@given(SERIES, st.integers(2, 90))
def test_resampling_is_numpys_interpolation(X, m):
    n = X.shape[-1]
    rows = X.reshape(-1, n)
    expected = np.stack([np.interp(np.linspace(0, n - 1, m), np.arange(n), row) for row in rows])
    result = resample_linear(X, m)
    np.testing.assert_allclose(result.reshape(-1, m), expected, rtol=1e-5, atol=1e-5 * max(1, abs(X).max()))


def test_a_missing_value_does_not_reach_points_that_are_hit():
    X = np.array([[0, 1, np.nan, 3, 4]], np.float32)
    np.testing.assert_array_equal(resample_linear(X, 9)[0], [0, 0.5, 1, np.nan, np.nan, np.nan, 3, 3.5, 4])
    np.testing.assert_array_equal(resample_linear(X, 3)[0], [0, np.nan, 4])
    np.testing.assert_array_equal(resample_linear(X, 5), X)


@few
@given(SERIES, st.data())
def test_rolling_statistics_are_those_of_each_window(X, data):
    length = data.draw(st.integers(1, X.shape[-1]))
    views = np.lib.stride_tricks.sliding_window_view(X.astype(np.float64), length, axis=-1)
    result = rolling_statistics(X, length)
    largest = max(abs(X).max(), 1)
    np.testing.assert_allclose(result.mean, views.mean(-1), rtol=1e-9, atol=1e-11 * largest)
    np.testing.assert_allclose(result.standard_deviation, views.std(-1), rtol=1e-6, atol=2e-6 * largest)
    np.testing.assert_array_equal(result.minimum, views.min(-1))
    np.testing.assert_array_equal(result.maximum, views.max(-1))


def test_rolling_sums_do_not_drift():
    x = np.random.default_rng(0).normal(size=50_000).astype(np.float32)
    x[:100] = 1e6
    for length in (50, 2000):
        result = rolling_statistics(x, length)
        views = np.lib.stride_tricks.sliding_window_view(x[40_000:].astype(np.float64), length)
        np.testing.assert_allclose(result.standard_deviation[40_000:], views.std(-1), rtol=1e-9)


@few
@given(SERIES, st.data())
def test_autocorrelation_is_that_of_the_definition(X, data):
    n = X.shape[-1]
    n_lags = data.draw(st.integers(1, n))
    rows = X.reshape(-1, n).astype(np.float64)
    rows = rows - rows.mean(-1, keepdims=True)
    sums = np.array([[row[: n - lag] @ row[lag:] for lag in range(n_lags)] for row in rows])
    noise = 1e-9 * n * max(1, abs(X).max()) ** 2
    result = autocorrelation(X, n_lags).reshape(-1, n_lags)
    shaped = sums[:, 0] > noise
    np.testing.assert_allclose(result[shaped], sums[shaped] / sums[shaped, :1], atol=1e-6)
    assert (result[:, 0] == 1).all()


# ------------------------------------------------------------------------------------ matrix profile


def correlations(a, b, length):
    """All windows of a with all of b, by the definition."""
    windows = [np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), length) for x in (a, b)]
    parts = []
    for values in windows:
        mean = values.mean(1, keepdims=True)
        norm = np.sqrt(((values - mean) ** 2).sum(1, keepdims=True))
        flat = norm <= np.sqrt(length) * (4 * np.finfo(np.float32).eps * abs(mean) + 1e-30)
        parts.append((np.where(flat, 0, (values - mean) / np.where(flat, 1, norm)), flat))
    (u, flat_u), (v, flat_v) = parts
    return u @ v.T + 0.5 * flat_u + 0.5 * flat_v.T


LONG = st.tuples(st.integers(0, 2**31), st.integers(40, 400), st.sampled_from(["noise", "walk", "sine", "plateaus"]))


def make(draw):
    seed, n, kind = draw
    generator = np.random.default_rng(seed)
    x = generator.normal(size=n)
    x = {
        "noise": lambda: x,
        "walk": lambda: x.cumsum(),
        "sine": lambda: np.sin(np.arange(n) / 5) + 0.01 * x,
        "plateaus": lambda: np.repeat(x, 12)[:n],
    }[kind]()
    return x.astype(np.float32)


@few
@given(LONG, st.integers(3, 30), st.integers(0, 9))
def test_the_self_join_finds_the_best_earlier_and_later_window(draw, length, exclusion):
    x = make(draw)
    profile = self_join(x, length, exclusion)
    every = correlations(x, x, length)
    gap = np.arange(len(every)) - np.arange(len(every))[:, None]
    for found, place, allowed in (
        (profile.left, profile.left_index, gap < -exclusion),
        (profile.right, profile.right_index, gap > exclusion),
    ):
        expected = np.where(allowed, every, -2).max(1)
        np.testing.assert_allclose(found, expected, atol=1e-5)
        rows = np.flatnonzero(place >= 0)
        assert set(np.flatnonzero(place < 0)) == set(np.flatnonzero(~allowed.any(1)))
        assert allowed[rows, place[rows]].all()
        np.testing.assert_allclose(every[rows, place[rows]], found[rows], atol=1e-5)


@few
@given(LONG, LONG, st.integers(3, 30))
def test_the_join_of_two_finds_the_best_window_of_the_other(first, second, length):
    a, b = make(first), make(second)
    found, place = ab_join(a, b, length).best()
    every = correlations(a, b, length)
    np.testing.assert_allclose(found, every.max(1), atol=1e-5)
    np.testing.assert_allclose(every[np.arange(len(every)), place], found, atol=1e-5)


def test_long_joins_do_not_drift():
    generator = np.random.default_rng(0)
    x = np.concatenate([generator.normal(size=6000) * 1e4, generator.normal(size=14_000)]).astype(np.float32)
    found, place = self_join(x, 40, 10, n_jobs=None).best()
    u = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), 40)
    u = u - u.mean(1, keepdims=True)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    np.testing.assert_allclose(np.einsum("ij,ij->i", u, u[place]), found, atol=1e-6)


@few
@given(LONG, st.integers(3, 20), st.integers(0, 9), st.lists(st.integers(1, 90), max_size=6))
def test_points_one_by_one_give_the_left_profile(draw, length, exclusion, sizes):
    x = make(draw)
    stream = StreamingProfile(length, exclusion)
    parts = [stream.append(part) for part in np.split(x, np.minimum(np.cumsum(sizes), len(x))[:-1]) if len(part)]
    found, place, distances = (np.concatenate(column) for column in zip(*parts, strict=True))
    whole = self_join(x, length, exclusion)
    np.testing.assert_allclose(found, whole.left, atol=1e-5)
    np.testing.assert_array_equal(place < 0, whole.left_index < 0)
    known = place >= 0
    np.testing.assert_allclose(distances[known] ** 2, 2 * length * (1 - found[known]), atol=1e-5 * length)
    assert np.isinf(distances[~known]).all()


@few
@given(LONG, st.integers(3, 20), st.integers(0, 60), st.sampled_from([1, 7, 90]))
def test_a_stream_with_a_history_forgets_what_lies_before(draw, length, more, step):
    x = make(draw)
    history, n = length + 3 + 1 + more, len(x) - length + 1
    stream = StreamingProfile(length, 3, history)
    parts = [stream.append(x[at : at + step]) for at in range(0, len(x), step)]
    found, place, _ = (np.concatenate(column) for column in zip(*parts, strict=True))
    ago = np.subtract.outer(np.arange(n), np.arange(n))
    every = np.where((ago > 3) & (ago <= history - length), correlations(x, x, length), -2)
    np.testing.assert_allclose(found, every.max(1), atol=1e-5)
    assert (every[np.arange(n), place][place >= 0] >= found[place >= 0] - 1e-5).all()


def test_a_stream_stays_correct_after_a_bang():
    x = np.random.default_rng(0).normal(size=3000)
    x[500:520] *= 1e9
    stream = StreamingProfile(30, 8, history=1000)
    found = np.concatenate([stream.append(part)[0] for part in np.split(x, 30)])
    recent = slice(1700 - 29, 1900)
    every = correlations(x.astype(np.float32), x.astype(np.float32), 30)
    ago = np.subtract.outer(np.arange(len(every)), np.arange(len(every)))
    every[(ago <= 8) | (ago > 970)] = -2
    np.testing.assert_allclose(found[recent], every.max(1)[recent], atol=1e-5)


def squared_distances(a, b, length):
    return 2 * length * (1 - correlations(a, b, length))


@few
@given(LONG, st.integers(3, 30), st.integers(0, 9), st.integers(1, 3), st.integers(0, 99))
def test_all_pieces_make_the_whole_profile(draw, length, exclusion, n_jobs, seed):
    x = make(draw)
    profile = PartialProfile(x, length=length, exclusion=exclusion, seed=seed)
    every = squared_distances(x, x, length)
    every[abs(np.subtract.outer(np.arange(len(every)), np.arange(len(every)))) <= exclusion] = np.inf
    before = np.full(len(every), np.inf)
    while profile.n_done < profile.n_pieces:
        profile.advance(2, n_jobs)
        distances, place = profile.nearest(n_jobs)
        assert (distances <= before + 1e-3).all()
        before = distances
    np.testing.assert_allclose(distances**2, every.min(1), atol=1e-4 * length)
    np.testing.assert_allclose(every[np.arange(len(every)), place], distances**2, atol=1e-4 * length)


@few
@given(LONG, LONG, st.integers(3, 30), st.integers(0, 99))
def test_each_piece_of_a_join_of_two_meets_all_windows(first, second, length, seed):
    a, b = make(first), make(second)
    profile = PartialProfile(a, b, length=length, seed=seed)
    every = squared_distances(a, b, length)
    profile.advance(1)
    distances, place = profile.nearest()
    assert np.isfinite(distances).all()
    profile.advance(profile.n_pieces)
    distances, place = profile.nearest()
    np.testing.assert_allclose(distances**2, every.min(1), atol=1e-4 * length)
    np.testing.assert_allclose(every[np.arange(len(every)), place], distances**2, atol=1e-4 * length)


def test_of_equal_neighbours_the_first_is_kept_in_any_order():
    x = np.tile(np.round(np.random.default_rng(0).normal(size=80)), 30)
    expected = PartialProfile(np.zeros(1500), length=20, exclusion=5)
    expected.advance(expected.n_pieces)
    np.testing.assert_array_equal(expected.nearest()[1][6:], 0)
    results = []
    for seed in range(4):
        profile = PartialProfile(x, length=20, exclusion=5, seed=seed)
        profile.advance(profile.n_pieces, n_jobs=1 + seed)
        results.append(profile.nearest()[1])
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


@pytest.mark.parametrize("loud", [1e1, 1e2, 1e3])
def test_correlations_beside_loud_passages_are_correct_to_a_millionth(loud):
    generator = np.random.default_rng(0)
    x = generator.normal(size=12_000)
    x[3000:3500] *= loud
    x[7000:] += 3
    profile = PartialProfile(x, length=50, exclusion=12)
    assert profile.is_reliable
    profile.advance(profile.n_pieces)
    distances, _ = profile.nearest()
    rows = np.r_[2900:3600:7, 6900:7100:7, 11_000:11_900:9]
    u = np.lib.stride_tricks.sliding_window_view(x, 50)
    u = u - u.mean(1, keepdims=True)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    every = u[rows] @ u.T
    every[abs(np.subtract.outer(rows, np.arange(len(u)))) <= 12] = -2
    assert (distances[rows] ** 2 <= 100 * (1 - every.max(1)) + 100 * 1e-6).all()


@pytest.mark.parametrize("exclusion", [3, 9, 10, 40])
def test_few_windows_far_apart_are_compared(exclusion):
    x = np.random.default_rng(0).normal(size=20)
    profile = PartialProfile(x, length=10, exclusion=exclusion)
    profile.advance(profile.n_pieces)
    assert profile.n_done > 0
    gap = abs(np.subtract.outer(np.arange(11), np.arange(11)))
    np.testing.assert_array_equal(profile.nearest()[1] >= 0, (gap > exclusion).any(axis=1))


def test_where_rounding_would_show_a_profile_says_so():
    x = np.random.default_rng(0).normal(size=1000)
    x[:100] *= 1e7
    assert not PartialProfile(x, length=20).is_reliable


def test_a_deadline_ends_the_work():
    profile = PartialProfile(np.random.default_rng(0).normal(size=3000), length=50)
    profile.advance(profile.n_pieces, deadline=time.perf_counter())
    assert profile.n_done == 0
    assert np.isinf(profile.nearest()[0]).all()


# ------------------------------------------------------------------------------------ dynamic time warping


def warp(x, y, radius):
    """The textbook's recurrence."""
    n, m = x.shape[1], y.shape[1]
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    for i in range(n):
        for j in range(max(0, i - radius), min(m, i + radius + 1)):
            cost = ((x[:, i] - y[:, j]) ** 2).sum()
            total[i + 1, j + 1] = cost + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return total[n, m]


@few
@given(st.integers(0, 2**31), st.integers(1, 3), st.integers(1, 25), st.integers(1, 25), st.integers(0, 30))
def test_distances_are_those_of_the_textbook(seed, n_channels, n, m, extra):
    generator = np.random.default_rng(seed)
    A, B = generator.normal(size=(3, n_channels, n)), generator.normal(size=(2, n_channels, m))
    lengths = generator.integers(1, n + 1, 3), generator.integers(1, m + 1, 2)
    i, j = (part.ravel() for part in np.meshgrid(np.arange(3), np.arange(2)))
    radii = abs(lengths[0][i] - lengths[1][j]) + extra
    expected = [
        warp(A[p, :, : lengths[0][p]], B[q, :, : lengths[1][q]], r) for p, q, r in zip(i, j, radii, strict=True)
    ]
    found = dtw_of_pairs(A, B, (i, j), radii, lengths=lengths)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    limits = np.array(expected) * generator.choice([0.5, 1.0, 2.0], len(i))
    limited = dtw_of_pairs(A, B, (i, j), radii, lengths=lengths, limits=limits)
    kept = np.array(expected) <= limits
    np.testing.assert_array_equal(limited[kept], found[kept])
    assert ((limited == found) | np.isinf(limited)).all()


KINDS = {
    "noise": lambda generator, shape: generator.normal(size=shape),
    "ties": lambda generator, shape: generator.integers(0, 2, shape).astype(float),
    "walks": lambda generator, shape: generator.normal(size=shape).cumsum(axis=-1),
    "faint": lambda generator, shape: generator.normal(size=shape) * 1e-170,
}


@few
@given(
    st.integers(0, 2**31),
    st.integers(1, 3),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.booleans(),
    st.sampled_from([0, 0.1, 0.4, 1]),
    st.sampled_from(sorted(KINDS)),
    st.integers(1, 2),
)
def test_the_search_finds_the_first_nearest(seed, n_channels, sizes, is_equal, window, kind, n_jobs):
    generator = np.random.default_rng(seed)
    sizes = (sizes[0], sizes[0]) if is_equal else sizes
    A, B = (KINDS[kind](generator, (n, n_channels, size)) for n, size in zip((5, 12), sizes, strict=True))
    lengths = [
        np.full(len(X), X.shape[2]) if is_equal else generator.integers(1, X.shape[2] + 1, len(X)) for X in (A, B)
    ]
    i, j = (part.ravel() for part in np.meshgrid(np.arange(5), np.arange(12), indexing="ij"))
    n, m = lengths[0][i], lengths[1][j]
    radii = np.maximum(np.ceil(window * np.maximum(n, m) - 1e-9), abs(n - m)).astype(int)
    expected = dtw_of_pairs(A, B, (i, j), radii, lengths=lengths).reshape(5, 12)
    nearest, distances = nearest_by_dtw(A, B, window, lengths=lengths, n_jobs=n_jobs)
    np.testing.assert_array_equal(nearest, expected.argmin(1))
    np.testing.assert_array_equal(distances, expected.min(1))


@pytest.mark.parametrize("window", [0.03, 1])
def test_the_search_is_exact_where_bounds_leave_out_most(window):
    X = np.random.default_rng(0).normal(size=(120, 1, 150)).cumsum(axis=2)
    i, j = (part.ravel() for part in np.meshgrid(np.arange(40), np.arange(80), indexing="ij"))
    expected = dtw_of_pairs(X[80:], X[:80], (i, j), max(5, int(window * 150))).reshape(40, 80)
    nearest, distances = nearest_by_dtw(X[80:], X[:80], window)
    np.testing.assert_array_equal(nearest, expected.argmin(1))
    np.testing.assert_array_equal(distances, expected.min(1))


# ------------------------------------------------------------------------------------ MiniROCKET


def convolve_and_count(x, dilation, kernel, biases, padded):
    taps = [(a, b, c) for a in range(9) for b in range(a + 1, 9) for c in range(b + 1, 9)][kernel]
    n, margin = len(x), 4 * dilation
    wide = np.pad(x, margin)
    shifted = [wide[tap * dilation : tap * dilation + n] for tap in range(9)]
    output = -shifted[4]
    for tap in (0, 1, 2, 3, 5, 6, 7, 8):
        output = output - shifted[tap]
    for tap in taps:
        output = output + np.float32(3) * shifted[tap]
    output = output if padded else output[margin : n - margin]
    return (output[:, None] > biases).mean(0, dtype=np.float64)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 4), st.integers(9, 60))
def test_features_are_shares_of_what_exceeds_the_biases(seed, n_channels, n):
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(2, n_channels, n)).round(1).astype(np.float32)  # ties with biases: the bits count
    dilations = np.unique(generator.integers(1, (n - 1) // 8 + 1, 2))
    counts = generator.integers(1, 7, len(dilations))
    biases = generator.normal(size=84 * counts.sum()).round(1).astype(np.float32)
    sizes = generator.integers(1, n_channels + 1, 84 * len(dilations))
    subsets = [np.sort(generator.choice(n_channels, size, replace=False)) for size in sizes]
    kernels = {"channel_counts": sizes, "channel_indices": np.concatenate(subsets)}
    result = minirocket_features(X, dilations, counts, biases, **kernels)
    first = 0
    for d, (dilation, count) in enumerate(zip(dilations, counts, strict=True)):
        for k in range(84):
            for row, x in zip(result, X, strict=True):
                series = x[subsets[d * 84 + k]][0].copy()
                for channel in subsets[d * 84 + k][1:]:
                    series += x[channel]
                here = slice(first, first + count)
                expected = convolve_and_count(series, dilation, k, biases[here], (d + k) % 2 == 0)
                np.testing.assert_allclose(row[here], expected, rtol=1e-6)
            first += count


# ------------------------------------------------------------------------------------ threads, switches, bad input


def test_threads_do_not_change_a_bit():
    generator = np.random.default_rng(0)
    x = np.round(generator.normal(size=3000).cumsum(), 1).astype(np.float32)  # many ties
    X = generator.normal(size=(40, 2, 500)).astype(np.float32)
    pairs = tuple(generator.integers(0, 40, (2, 50)))
    biases = generator.normal(size=84 * 3).astype(np.float32)
    for call in (
        lambda n_jobs: self_join(x, 20, 5, n_jobs),
        lambda n_jobs: ab_join(x, x[:1000], 20, n_jobs),
        lambda n_jobs: [z_normalize(np.tile(X, (40, 1, 1)), n_jobs)],
        lambda n_jobs: rolling_statistics(np.tile(X, (40, 1, 1)), 20, n_jobs),
        lambda n_jobs: [dtw_of_pairs(X, X, pairs, 100, n_jobs=n_jobs)],
        lambda n_jobs: nearest_by_dtw(X[:5], np.round(X), 0.1, n_jobs=n_jobs),
        lambda n_jobs: [minirocket_features(X, [1, 9], [1, 2], biases, n_jobs=n_jobs)],
    ):
        for one, several in zip(call(1), call(3), strict=True):
            np.testing.assert_array_equal(one, several)


def test_instruction_sets_agree(chosen):
    x = np.random.default_rng(1).normal(size=2000).cumsum().astype(np.float32)
    result = self_join(x, 30, 8)
    with use_instruction_set("baseline"):
        reference = self_join(x, 30, 8)
    np.testing.assert_allclose(result.left, reference.left, atol=1e-9)
    np.testing.assert_array_equal(result.left_index, reference.left_index)


def test_the_switch_is_obeyed():
    command = [sys.executable, "-c", "from stac.numerics.kernels import instruction_set as i; print(i())"]
    for name in ("off", "baseline"):
        run = subprocess.run(
            command, env=os.environ | {"STAC_KERNELS": name}, capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == name
    with pytest.raises(ValueError, match=r"STAC_KERNELS=fast.*baseline"), use_instruction_set("fast"):
        pass
    assert instruction_set() != "fast"


def test_a_long_call_can_be_interrupted():
    x = np.random.default_rng(0).normal(size=200_000).astype(np.float32)
    timer = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    n_threads = threading.active_count()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        self_join(x, 100, 25, n_jobs=2)
    time.sleep(0.01)
    assert threading.active_count() <= n_threads


def test_threads_of_others_may_call_at_the_same_time():
    x = np.random.default_rng(0).normal(size=3000).cumsum().astype(np.float32)
    alone = self_join(x, 20, 5).left
    with ThreadPoolExecutor(4) as pool:
        for together in pool.map(lambda _: self_join(x, 20, 5, n_jobs=2).left, range(8)):
            np.testing.assert_array_equal(together, alone)


def test_a_forked_process_can_go_on():
    code = (
        "import os, numpy as np\n"
        "from stac.numerics.kernels import self_join\n"
        "x = np.random.default_rng(0).normal(size=3000)\n"
        "a = self_join(x, 20, 5, n_jobs=2).left\n"
        "if (child := os.fork()) == 0:\n"
        "    os._exit(0 if np.array_equal(self_join(x, 20, 5, n_jobs=2).left, a) else 1)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    if not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "0"


def test_wrong_input_is_refused():
    series = np.zeros(50, np.float32)
    for function, arguments, words in (
        (z_normalize, ([np.nan, 1.0],), ("NaN",)),
        (z_normalize, (["a", "b"],), ("numbers",)),
        (z_normalize, (np.zeros((3, 0)),), ("time point",)),
        (z_normalize, ([1e300, 0.0],), ("single precision",)),
        (z_normalize, (series, 0), ("n_jobs",)),
        (copy_windows, (series, 51), ("length", "51")),
        (copy_windows, (series, 5, 0), ("stride",)),
        (resample_linear, (series, 1), ("n_timepoints",)),
        (rolling_statistics, (series, 0), ("length",)),
        (autocorrelation, (series, 51), ("n_lags",)),
        (self_join, (series, 2, 1), ("length",)),
        (self_join, (np.zeros((2, 50)), 5, 1), ("one channel",)),
        (ab_join, (series, series[:4], 5), ("length",)),
        (dtw_of_pairs, (np.zeros((2, 1, 5)), np.zeros((2, 2, 5)), ([0], [0]), 5), ("channels",)),
        (dtw_of_pairs, (np.zeros((2, 1, 5)), np.zeros((2, 1, 5)), ([2], [0]), 5), ("0 to 1",)),
        (dtw_of_pairs, (np.zeros((2, 1, 5)), np.zeros((2, 1, 9)), ([0], [0]), 3), ("radius",)),
        (nearest_by_dtw, (np.zeros((2, 1, 5)), np.zeros((2, 2, 5)), 0.1), ("channels",)),
        (nearest_by_dtw, (np.zeros((2, 1, 5)), np.zeros((2, 1, 5)), 3), ("window",)),
        (minirocket_features, (np.zeros((2, 1, 50)), [1], [1], np.zeros(84)), ("float32",)),
        (minirocket_features, (np.zeros((2, 1, 50), np.float32), [7], [1], np.zeros(84)), ("dilations",)),
        (minirocket_features, (np.zeros((2, 1, 50), np.float32), [1], [2], np.zeros(84)), ("biases",)),
    ):
        assert_clear_error(function, *arguments, mentions=words)
