"""Matrix profiles agree with brute force in float64, whatever the series, and wrong input is explained."""

import pickle
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.models.matrix_profile import (
    MatrixProfileDetector,
    StreamingMatrixProfile,
    _compiled,
    converging_profiles,
    discords,
    matrix_profile,
    motifs,
)
from stac.models.matrix_profile._compiled import CompiledJoin
from stac.models.matrix_profile._join import Join
from stac.models.matrix_profile._profile import make_join
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.fixture(params=["numpy", "compiled"], autouse=True)
def way(request, monkeypatch):
    """Run every test in both ways."""
    if request.param == "numpy":
        monkeypatch.setattr("stac.models.matrix_profile._compiled.kernels", None)
    elif not _compiled.kernels.in_use():
        pytest.skip("the kernels are switched off, or not compiled for this platform")
    return request.param


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def brute_force(series, window, other=None, best_channels=None):
    """Return all squared distances (n, n_other); those of excluded neighbours are infinite."""
    a = normalized(series, window)
    b = a if other is None else normalized(other, window)
    squares = np.array([[((y - one) ** 2).sum(axis=1) for one in x] for x, y in zip(a, b, strict=True)])
    squares = np.sort(squares, axis=0)[:best_channels].mean(axis=0)
    if other is None:
        gap = np.abs(np.subtract.outer(np.arange(len(squares)), np.arange(len(squares))))
        squares[gap <= -(-window // 4)] = np.inf
    return squares


def normalized(series, window):
    eps = np.finfo(np.asarray(series).dtype).eps
    views = np.lib.stride_tricks.sliding_window_view(np.atleast_2d(series).astype(float), window, axis=1)
    mean, std = views.mean(axis=2, keepdims=True), views.std(axis=2, keepdims=True)
    constant = std <= 4 * eps * np.abs(mean)
    return np.where(constant, 0, (views - mean) / np.where(constant, 1, std))


def assert_agrees(profile, squares, window):
    """Distances are exact for the neighbour, which is the nearest up to 2e-6 in the correlation."""
    known = np.isfinite(squares.min(axis=1))
    rows = np.flatnonzero(known)
    distances = profile.distances[known]
    np.testing.assert_allclose(distances**2, squares[rows, profile.neighbours[known]], rtol=1e-9, atol=1e-9 * window)
    assert (distances**2 <= squares.min(axis=1)[known] + 2 * window * 2e-6).all()
    assert (profile.neighbours[~known] == -1).all()
    assert np.isinf(profile.distances[~known]).all()


@st.composite
def awkward_series(draw, n_channels=1):
    """Pieces that are loud, faint, constant or repeated, on offsets large and small."""
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    pieces = []
    for kind in draw(st.lists(st.sampled_from(["noise", "walk", "constant", "sine"]), min_size=3, max_size=8)):
        n = draw(st.integers(5, 60))
        shape = {
            "noise": rng.normal(size=(n_channels, n)),
            "walk": rng.normal(size=(n_channels, n)).cumsum(axis=1),
            "constant": np.zeros((n_channels, n)),
            "sine": np.sin(np.arange(n) * 0.7) * np.ones((n_channels, 1)),
        }[kind]
        pieces.append(shape * 10.0 ** draw(st.integers(-4, 4)) + draw(st.sampled_from([0, 1, -300, 1e5])))
    series = np.concatenate([*pieces, rng.normal(size=(n_channels, 40))], axis=1)
    return series.astype(draw(st.sampled_from([np.float32, np.float64])))


# The profile


@settings(deadline=None, max_examples=40)
@given(awkward_series(), st.integers(3, 24))
def test_self_join_agrees_with_brute_force(series, window):
    assert_agrees(matrix_profile(series, window), brute_force(series, window), window)


@settings(deadline=None, max_examples=25)
@given(awkward_series(), awkward_series(), st.integers(3, 24))
def test_join_with_another_series_agrees_with_brute_force(series, other, window):
    other = other.astype(series.dtype)
    assert_agrees(matrix_profile(series, window, other), brute_force(series, window, other), window)


@settings(deadline=None, max_examples=25)
@given(awkward_series(n_channels=3), st.integers(3, 24), st.integers(1, 3))
def test_several_channels_agree_with_brute_force(series, window, best_channels):
    profile = matrix_profile(series, window, best_channels=best_channels)
    assert_agrees(profile, brute_force(series, window, best_channels=best_channels), window)


@pytest.mark.parametrize("n_timepoints", [511 + 30, 512 + 29, 512 + 30, 1090])
def test_edges_of_blocks_do_not_show(n_timepoints):
    series = np.random.default_rng(0).normal(size=n_timepoints).cumsum()
    assert_agrees(matrix_profile(series, 30), brute_force(series, 30), 30)


def test_windows_that_are_not_kept_give_the_same_bits(monkeypatch):
    series = np.random.default_rng(0).normal(size=(2, 1500)).cumsum(axis=1)
    kept = matrix_profile(series, 40)
    monkeypatch.setattr("stac.models.matrix_profile._windows.MOST_KEPT", 0)
    for column, again in zip(kept, matrix_profile(series, 40), strict=True):
        np.testing.assert_array_equal(column, again)


def test_number_of_threads_and_seed_do_not_show_in_a_whole_profile():
    series = np.sin(np.arange(3000) / 7).round(2)  # many equal windows
    first = matrix_profile(series, 50, n_jobs=1)
    for options in ({"n_jobs": 3}, {"seed": 5}):
        np.testing.assert_array_equal(matrix_profile(series, 50, **options).neighbours, first.neighbours)


def test_equal_shapes_have_distance_zero_on_any_offset():
    shape = np.random.default_rng(0).normal(size=100)
    series = np.random.default_rng(1).normal(size=2000) * 1e3
    series[200:300], series[1500:1600] = 1e-3 * shape, 5e-3 * shape + 2e3
    profile = matrix_profile(series, 100)
    assert profile.distances[200] < 1e-6
    assert profile.neighbours[200] == 1500


def test_constant_windows_follow_the_usual_convention():
    series = np.random.default_rng(0).normal(size=300)
    series[50:80] = 5
    only_one = matrix_profile(series, 20, series[100:])
    assert only_one.distances[50] == pytest.approx(np.sqrt(20))
    series[200:240] = -3
    assert matrix_profile(series, 20).distances[50] == 0


def test_constant_series_has_no_discord():
    profile = matrix_profile(np.full(200, 7.1), 20)
    assert not profile.distances.any()


def test_huge_and_tiny_values_do_not_overflow():
    series = np.random.default_rng(0).normal(size=300)
    expected = matrix_profile(series, 20)
    for factor in (1e300, 1e-280):
        np.testing.assert_allclose(matrix_profile(series * factor, 20).distances, expected.distances, rtol=1e-9)


# Both ways


@settings(deadline=None, max_examples=40)
@given(awkward_series(), st.integers(3, 24), st.booleans(), st.integers(1, 2))
def test_both_ways_agree(series, window, joined, n_jobs):
    other = series[:, ::-1] if joined else None
    compiled = matrix_profile(series, window, other, n_jobs=n_jobs)
    stream = StreamingMatrixProfile(window).update(series)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_compiled, "kernels", None)
        expected = matrix_profile(series, window, other)
        expected_stream = StreamingMatrixProfile(window).update(series)
    for ours, theirs in ((compiled, expected), (stream, expected_stream)):
        np.testing.assert_allclose(ours.distances**2, theirs.distances**2, rtol=1e-9, atol=4e-6 * window)
        np.testing.assert_array_equal(ours.neighbours < 0, theirs.neighbours < 0)


def test_kernels_take_one_channel_that_is_not_too_loud(way):
    series = np.random.default_rng(0).normal(size=(2, 500))
    assert isinstance(make_join(series[0], 20, None, None, None, 0, 1), CompiledJoin) == (way == "compiled")
    assert isinstance(make_join(series, 20, None, None, None, 0, 1), Join)
    series[0, :50] *= 1e8
    assert isinstance(make_join(series[0], 20, None, None, None, 0, 1), Join)


# In part


def test_profiles_converge_from_above():
    series = np.random.default_rng(0).normal(size=4000).cumsum()
    profiles = list(converging_profiles(series, 50, n_stages=5))
    for coarse, fine in pairwise(profiles):
        assert (fine.distances <= coarse.distances + 1e-3).all()
    assert profiles[-1].share == 1
    np.testing.assert_array_equal(profiles[-1].distances, matrix_profile(series, 50).distances)


def test_a_share_covers_all_windows_and_is_fixed_by_the_seed():
    series = np.random.default_rng(0).normal(size=9000).cumsum()
    profile = matrix_profile(series, 50, share=0.25, seed=3)
    assert 0.2 < profile.share < 0.35
    assert np.isfinite(profile.distances).all()
    np.testing.assert_array_equal(profile.neighbours, matrix_profile(series, 50, share=0.25, seed=3).neighbours)


def test_time_limit_ends_the_work():
    series = np.random.default_rng(0).normal(size=20_000)
    assert matrix_profile(series, 100, max_seconds=1e-9).share < 1


# Discords and motifs


def test_discords_do_not_overlap_and_find_what_is_strange():
    series = np.sin(np.arange(4000) * 2 * np.pi / 100) + 0.02 * np.random.default_rng(0).normal(size=4000)
    series[1210:1240] += 1
    series[3000:3050] = 0
    found = discords(matrix_profile(series, 100), k=5)
    assert sorted(discord.start // 200 for discord in found[:2]) in ([5, 14], [6, 14], [5, 15], [6, 15])
    starts = sorted(discord.start for discord in found)
    assert min(np.diff(starts)) >= 100
    assert [discord.distance for discord in found] == sorted((discord.distance for discord in found), reverse=True)


def test_motifs_are_the_pairs_that_were_planted():
    rng = np.random.default_rng(0)
    series = rng.normal(size=3000)
    series[2000:2100] = series[300:400]
    series[2500:2600] = series[1000:1100] + 0.05 * rng.normal(size=100)
    assert [one[:2] for one in motifs(matrix_profile(series, 100), k=2)] == [(300, 2000), (1000, 2500)]


def test_no_more_is_found_than_fits():
    profile = matrix_profile(np.random.default_rng(0).normal(size=100), 30)
    assert 1 <= len(discords(profile, k=50)) <= 3
    assert len(motifs(profile, k=50)) <= 2


# Streaming


@settings(deadline=None, max_examples=25)
@given(awkward_series(n_channels=2), st.integers(3, 15), st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_stream_agrees_with_brute_force(series, window, steps):
    stream, parts, start = StreamingMatrixProfile(window), [], 0
    for stop in [*np.cumsum(steps), series.shape[1]]:
        if start < min(stop, series.shape[1]):
            parts.append(stream.update(series[:, start:stop]))
        start = max(start, stop)
    profile = matrix_profile(series, window)._replace(
        distances=np.concatenate([part.distances for part in parts]),
        neighbours=np.concatenate([part.neighbours for part in parts]),
    )
    squares = brute_force(series, window)
    squares[np.triu_indices(len(squares))] = np.inf
    assert_agrees(profile, squares, window)
    assert stream.n_seen == series.shape[1]


def test_stream_finds_the_constant_window_among_others_in_single_points():
    series = np.random.default_rng(0).normal(size=60)
    series[10:20] = series[50:] = 0
    stream = StreamingMatrixProfile(5)
    past = stream.update(series[:-1])
    last = stream.update(series[-1:])
    assert (past.distances[-1], last.distances[0]) == (0, 0)
    assert 10 <= last.neighbours[0] <= 15


def test_stream_with_history_forgets_whatever_the_steps():
    series = np.random.default_rng(0).normal(size=600).cumsum()
    squares = brute_force(series, 20)
    place = np.arange(len(squares))
    squares[(place[None] >= place[:, None]) | (place[None] < place[:, None] + 20 - 200)] = np.inf
    for step in (1, 7, 600):
        stream = StreamingMatrixProfile(20, history=200)
        parts = [stream.update(series[start : start + step]) for start in range(0, 600, step)]
        distances = np.concatenate([part.distances for part in parts])
        neighbours = np.concatenate([part.neighbours for part in parts])
        assert_agrees(matrix_profile(series, 20)._replace(distances=distances, neighbours=neighbours), squares, 20)


def test_stream_with_history_does_not_grow():
    stream = StreamingMatrixProfile(20, history=200)
    series = np.random.default_rng(0).normal(size=20_000)
    sizes = []
    for start in range(0, 20_000, 100):
        stream.update(series[start : start + 100])
        sizes.append(len(pickle.dumps(stream)))
    assert max(sizes[100:]) <= max(sizes[:100])


def test_stream_refuses_what_does_not_fit():
    stream = StreamingMatrixProfile(10)
    stream.update(np.zeros((2, 5)))
    assert_clear_error(stream.update, np.zeros(3), mentions=("channels",))
    assert_clear_error(stream.update, [[np.nan], [1.0]], mentions=("NaN",))
    assert_clear_error(StreamingMatrixProfile, 10, history=12, mentions=("history",))
    assert stream.update(np.zeros((2, 20))).distances.shape == (16,)


# The detector


def heartbeat(n=4000, seed=0):
    series = np.sin(np.arange(n) * 2 * np.pi / 80) ** 5
    return (series + 0.05 * np.random.default_rng(seed).normal(size=n)).astype(np.float32)


@pytest.mark.parametrize("compare_with", ["both", "training", "series"])
def test_detector_finds_a_missing_beat(compare_with):
    series = heartbeat()
    series[3010:3040] = 0
    detector = MatrixProfileDetector(compare_with=compare_with).fit(series[:1500])
    assert 70 <= detector.window_ <= 90
    for scored, offset in ((series, 0), (series[1500:], 1500)):
        scores = detector.score_samples(scored)
        assert scores.shape == scored.shape
        assert scores.dtype == np.float64
        assert np.isfinite(scores).all()
        assert 2960 < scores.argmax() + offset < 3090


def test_anomaly_that_comes_twice_is_found_with_training():
    series = heartbeat()
    series[2510:2540] = series[3310:3340] = np.linspace(0, 1, 30)
    scores = MatrixProfileDetector(80, compare_with="training").fit(series[:2000]).score_samples(series[2000:])
    assert min(scores[500:560].max(), scores[1300:1360].max()) > 1.5 * np.quantile(scores, 0.9)


def test_training_series_is_compared_with_itself():
    series = heartbeat()
    series[3010:3040] = 0
    for compare_with in ("both", "training", "series"):
        scores = MatrixProfileDetector(80, compare_with=compare_with).fit(series).score_samples(series)
        assert 2960 < scores.argmax() < 3090


def test_anomalies_in_the_training_part_only_hide_their_like():
    series = heartbeat()
    series[510:540] = 0.7
    series[3010:3040] = np.linspace(1, -1, 30)
    scores = MatrixProfileDetector(80).fit(series[:1500]).score_samples(series)
    assert 2960 < scores.argmax() < 3090


def test_short_series_is_scored_against_training():
    detector = MatrixProfileDetector(80).fit(heartbeat())
    assert detector.score_samples(heartbeat(seed=1)[:85]).shape == (85,)


def test_detector_is_a_scikit_learn_estimator():
    base = pytest.importorskip("sklearn.base")
    detector = MatrixProfileDetector(window=40, compare_with="training")
    assert base.clone(detector.fit(heartbeat())).get_params() == detector.get_params()
    assert_clear_error(detector.set_params, length=3, mentions=("length",))


def test_input_is_not_changed():
    series = heartbeat()
    before = series.copy()
    MatrixProfileDetector(80).fit(series[:1000]).score_samples(series)
    StreamingMatrixProfile(80).update(series)
    np.testing.assert_array_equal(series, before)


# Bad input

SERIES = np.random.default_rng(0).normal(size=500)


@pytest.mark.parametrize(
    ("series", "words"),
    [
        (SERIES[:20], "fewer than"),
        (SERIES[:40], "shorter window"),
        (np.full(500, np.nan), "NaN"),
        (np.where(SERIES > 2, np.inf, SERIES), "infinit"),
        (SERIES.astype(str), "number"),
        (SERIES[None, None], "n_timepoints"),
    ],
)
def test_wrong_series_is_explained(series, words):
    assert_clear_error(matrix_profile, series, 30, mentions=(words,))
    detector_words = "fewer" if "shorter" in words else words
    assert_clear_error(MatrixProfileDetector(30).fit, series, mentions=(detector_words,))


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": 2},
        {"window": 30.0},
        {"exclusion": -1},
        {"best_channels": 2},
        {"share": 0},
        {"share": 2},
        {"max_seconds": 0},
        {"n_jobs": 0},
    ],
)
def test_wrong_parameter_is_explained(wrong):
    assert_clear_error(matrix_profile, SERIES, **({"window": 30} | wrong), mentions=tuple(wrong))


def test_other_wrong_calls_are_explained():
    profile = matrix_profile(SERIES, 30)
    assert_clear_error(discords, profile, k=0, mentions=("k is",))
    assert_clear_error(motifs, profile.distances, mentions=("matrix_profile",))
    assert_clear_error(next, converging_profiles(SERIES, 30, n_stages=0), mentions=("n_stages",))
    assert_clear_error(matrix_profile, SERIES, 30, np.ones((2, 100)), mentions=("channels",))
    assert_clear_error(MatrixProfileDetector().score_samples, SERIES, mentions=("fit",))
    assert_clear_error(MatrixProfileDetector(compare_with="all").fit, SERIES, mentions=("compare_with",))
    detector = MatrixProfileDetector(30).fit(SERIES)
    assert_clear_error(detector.score_samples, SERIES[:10], mentions=("fewer",))
    assert_clear_error(detector.score_samples, np.ones((2, 100)), mentions=("channels",))


def test_nothing_heavy_is_imported():
    code = (
        "import sys; from stac.models.matrix_profile import matrix_profile; matrix_profile([0, 1, 3, 4, 2, 0, 1], 3); "
        "print(sorted({'scipy', 'sklearn', 'pandas', 'numba', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
