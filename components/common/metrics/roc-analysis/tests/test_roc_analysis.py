"""Curves and areas agree with scikit-learn, tests with what they estimate, and intervals cover what they promise."""

import subprocess
import sys
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from stac.metrics.roc_analysis import (
    best_f1,
    delong_test,
    roc_auc,
    roc_band,
    roc_curve,
    signal_efficiency,
    threshold_at_rejection,
)
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
NORMAL = NormalDist()


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@st.composite
def labelled_scores(draw, max_size=40):
    """Labels of both classes and scores with many ties."""
    n = draw(st.integers(2, max_size))
    y = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    y[:2] = True, False
    scores = draw(st.lists(st.integers(0, draw(st.sampled_from([1, 4, 1000]))), min_size=n, max_size=n))
    return y, np.array(scores, dtype=draw(st.sampled_from([np.float32, np.float64, np.int64])))


def two_normals(n_signal=300, n_background=700, distance=1.5, seed=0):
    y = np.arange(n_signal + n_background) < n_signal
    return y, distance * y + np.random.default_rng(seed).normal(size=len(y))


def true_efficiency(fpr, distance):
    return 1 - NORMAL.cdf(NORMAL.inv_cdf(1 - fpr) - distance)


def brute_force_delong(y, *scores):
    """AUCs and their covariance, from the definition: all pairs of signal and background."""
    placements = []
    for score in scores:
        signal, background = score[y][:, None], score[~y][None, :]
        wins = (signal > background) + 0.5 * (signal == background)
        placements.append((wins.mean(axis=1), wins.mean(axis=0)))
    by_signal, by_background = (np.array(rows) for rows in zip(*placements, strict=True))
    covariance = np.cov(by_signal) / by_signal.shape[1] + np.cov(by_background) / by_background.shape[1]
    return by_signal.mean(axis=1), covariance


# Curves and areas


@settings(deadline=None, max_examples=50)
@given(labelled_scores())
def test_curve_agrees_with_scikit_learn(case):
    y, score = case
    ours = roc_curve(y, score)
    for column, expected in zip(ours, reference.roc_curve(y, score, drop_intermediate=False), strict=True):
        np.testing.assert_allclose(column, expected)


@settings(deadline=None, max_examples=50)
@given(labelled_scores())
def test_area_agrees_with_scikit_learn(case):
    auc = roc_auc(*case)
    assert auc.value == pytest.approx(reference.roc_auc_score(*case))
    assert 0 <= auc.low <= auc.value <= auc.high <= 1
    assert auc.low < auc.high


@settings(deadline=None, max_examples=50)
@given(labelled_scores(), st.integers(0, 9))
def test_variance_is_that_of_the_definition(case, seed):
    from stac.metrics.roc_analysis import _auc

    y, a = case
    y = np.append(y, [True, False])
    a = np.append(a, [0, 1])
    b = a + np.random.default_rng(seed).integers(0, 3, len(y))
    aucs, covariance = brute_force_delong(y, a, b)
    for auc, var, score in zip(aucs, np.diag(covariance), (a, b), strict=True):
        value, influences = _auc.influence(y, score)
        assert value == pytest.approx(auc)
        assert _auc.variance(y, influences, None) == pytest.approx(var, abs=1e-15)
    comparison = delong_test(y, a, b)
    error = np.sqrt(np.array([1, -1]) @ covariance @ [1, -1])
    assert comparison.difference == pytest.approx(aucs[0] - aucs[1], abs=1e-12)
    if error > 1e-9:
        assert comparison.p_value == pytest.approx(2 * NORMAL.cdf(-abs(comparison.difference) / error), abs=1e-9)
        assert comparison.low == pytest.approx(max(comparison.difference - 1.959964 * error, -1), abs=1e-6)


def test_score_compared_with_itself_does_not_differ():
    y, score = two_normals()
    assert delong_test(y, score, 3 * score + 1) == (0, 0, 0, 1)


def test_scores_of_other_scale_and_opposite_sign_are_compared():
    y, score = two_normals()
    comparison = delong_test(y, score, -score)
    assert comparison.difference == pytest.approx(2 * roc_auc(y, score).value - 1)
    assert comparison.p_value < 1e-9


def test_perfect_separation_still_has_an_interval():
    y, score = two_normals(20, 30, distance=100)
    assert 0.8 < roc_auc(y, score).low < roc_auc(y, score).high == 1
    assert 0 == roc_auc(y, -score).low < roc_auc(y, -score).high < 0.2
    assert roc_auc(y, score, confidence=0.99).low < roc_auc(y, score).low


def test_groups_of_one_change_next_to_nothing():
    y, score = two_normals()
    alone, grouped = roc_auc(y, score), roc_auc(y, score, groups=np.arange(len(y)))
    assert grouped == pytest.approx(alone, abs=1e-3)


def test_instances_repeated_in_groups_count_once():
    y, score = two_normals()
    repeated = roc_auc(np.repeat(y, 9), np.repeat(score, 9), groups=np.repeat(np.arange(len(y)), 9))
    assert repeated == pytest.approx(roc_auc(y, score), abs=1e-3)
    assert delong_test(y, score, score**3, groups=np.arange(len(y)) // 2).p_value == 1


def test_hundred_thousand_instances_take_no_quadratic_memory():
    y, score = two_normals(50_000, 200_000)
    assert roc_auc(y, score).value == pytest.approx(NORMAL.cdf(1.5 / np.sqrt(2)), abs=5e-3)


# Efficiencies and bands


@settings(deadline=None, max_examples=50)
@given(labelled_scores(), st.floats(0.01, 0.99))
def test_efficiency_lies_on_the_curve(case, rejection):
    fpr, tpr, _ = roc_curve(*case)
    efficiency = signal_efficiency(*case, rejection, n_resamples=100)
    steps = np.concatenate([[True], np.diff(fpr) > 0]) | np.append(np.diff(fpr) > 0, True)  # ends of vertical parts
    expected = np.interp(1 - rejection, fpr[steps], tpr[steps])
    assert efficiency.value == pytest.approx(expected, abs=1e-6)
    assert 0 <= efficiency.low <= efficiency.value <= efficiency.high <= 1


def test_round_rejection_of_a_round_number_is_exact():
    score = np.arange(200.0)
    y = np.zeros(200, dtype=bool)
    y[[50, 194, 199]] = True
    score[y] += 0.5
    # 197 background instances: 5 % are 9.85 of them, so 9 may pass.
    assert signal_efficiency(y, score, 0.95).value == pytest.approx(2 / 3)
    y, score = np.append(y, [False] * 3), np.append(score, [-1, -2, -3])
    assert threshold_at_rejection(y, score, 0.95) == 188  # the tenth of 200
    assert ((score >= 188) & ~y).sum() == 10


@settings(deadline=None, max_examples=50)
@given(labelled_scores(), st.floats(0.01, 0.99))
def test_threshold_keeps_what_it_promises(case, rejection):
    y, score = case
    threshold = threshold_at_rejection(y, score, rejection)
    assert np.mean(score[~y] >= threshold) <= 1 - rejection + 1e-9
    lower = score[score < threshold]
    assert lower.size == 0 or np.mean(score[~y] >= lower.max()) > 1 - rejection


def test_constant_score_is_decided_by_lot():
    y = np.arange(100) < 30
    assert signal_efficiency(y, np.ones(100), 0.95).value == pytest.approx(0.05)
    assert roc_auc(y, np.ones(100)).value == 0.5


def test_band_holds_its_curve_and_is_reproducible():
    y, score = two_normals()
    band = roc_band(y, score)
    fpr, tpr, _ = roc_curve(y, score)
    inside = np.searchsorted(fpr, band.fpr + 1e-9, side="right") - 1
    np.testing.assert_allclose(band.tpr, tpr[inside])
    assert (band.low <= band.tpr).all()
    assert (band.tpr <= band.high).all()
    for column, again in zip(band, roc_band(y, score), strict=True):
        np.testing.assert_array_equal(column, again)
    assert not np.array_equal(band.low, roc_band(y, score, seed=1).low)


def test_simultaneous_band_is_wider():
    case = two_normals()
    pointwise, simultaneous = roc_band(*case), roc_band(*case, simultaneous=True)
    assert (simultaneous.high - simultaneous.low).mean() > 1.2 * (pointwise.high - pointwise.low).mean()


@settings(deadline=None, max_examples=25)
@given(labelled_scores(), st.booleans())
def test_band_of_any_scores_stays_between_0_and_1(case, simultaneous):
    band = roc_band(*case, simultaneous=simultaneous, n_resamples=100)
    assert ((band.low >= 0) & (band.low <= band.tpr) & (band.tpr <= band.high) & (band.high <= 1)).all()


@pytest.mark.parametrize(("n_signal", "n_background", "distance"), [(60, 100, 1.0), (100, 1000, 2.0)])
def test_intervals_cover_the_truth_about_as_often_as_they_say(n_signal, n_background, distance):
    n_runs, hits = 300, np.zeros(4)
    truth = NORMAL.cdf(distance / np.sqrt(2)), *(true_efficiency(fpr, distance) for fpr in (0.05, 0.01, 0.3))
    for seed in range(n_runs):
        case = two_normals(n_signal, n_background, distance, seed)
        intervals = (
            roc_auc(*case),
            *(signal_efficiency(*case, rejection, n_resamples=1000, seed=seed) for rejection in (0.95, 0.99, 0.7)),
        )
        hits += [one.low <= value <= one.high for one, value in zip(intervals, truth, strict=True)]
    auc, *efficiencies = hits / n_runs
    assert 0.91 <= auc <= 0.985
    assert min(efficiencies) >= 0.92  # few background instances at the cut make them wider, never narrower


def test_bands_cover_the_true_curve_about_as_often_as_they_say():
    grid = np.array([0.005, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8])
    truth = np.array([true_efficiency(fpr, 1.5) for fpr in grid])
    n_runs, whole, pointwise = 200, 0, np.zeros(len(grid))
    for seed in range(n_runs):
        case = two_normals(150, 400, seed=seed)
        band = roc_band(*case, fpr=grid, simultaneous=True, n_resamples=1000, seed=seed)
        whole += ((band.low <= truth) & (truth <= band.high)).all()
        band = roc_band(*case, fpr=grid, n_resamples=1000, seed=seed)
        pointwise += (band.low <= truth) & (truth <= band.high)
    assert 0.91 <= whole / n_runs <= 0.995
    assert (pointwise / n_runs).min() >= 0.9
    assert 0.93 <= (pointwise / n_runs).mean() <= 0.985


def test_grouped_interval_covers_and_a_plain_one_does_not():
    rng = np.random.default_rng(0)
    n_runs, n_groups, size, grouped, plain = 300, 60, 8, 0, 0
    truth = NORMAL.cdf(1.5 / 2)  # signal and background differ by 1.5; the variance of a score is 1 + 1
    groups = np.repeat(np.arange(n_groups), size)
    for _ in range(n_runs):
        y = np.repeat(rng.permutation(np.arange(n_groups) % 2 == 0), size)
        score = 1.5 * y + np.repeat(rng.normal(size=n_groups), size) + rng.normal(size=len(y))
        for interval, is_grouped in ((roc_auc(y, score, groups=groups), True), (roc_auc(y, score), False)):
            hit = interval.low <= truth <= interval.high
            grouped += hit and is_grouped
            plain += hit and not is_grouped
    assert grouped / n_runs >= 0.91
    assert plain / n_runs < 0.8


def test_p_values_are_uniform_where_there_is_no_difference():
    rng = np.random.default_rng(0)
    p_values = []
    for _ in range(400):
        y = rng.random(300) < 0.4
        common = y + rng.normal(size=300)
        p_values.append(delong_test(y, common + rng.normal(size=300), common + rng.normal(size=300)).p_value)
    assert 0.02 <= np.mean(np.array(p_values) < 0.05) <= 0.085
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.06)


# F1


@settings(deadline=None, max_examples=50)
@given(labelled_scores())
def test_f1_agrees_with_scikit_learn_and_none_is_better(case):
    y, score = case
    best = best_f1(y, score)
    assert best.value == pytest.approx(reference.f1_score(y, score >= best.threshold))
    assert best.precision == pytest.approx(reference.precision_score(y, score >= best.threshold))
    assert best.recall == pytest.approx(reference.recall_score(y, score >= best.threshold))
    assert best.value >= max(reference.f1_score(y, score >= other) for other in np.unique(score)) - 1e-12
    assert best_f1(y, score, best.threshold) == pytest.approx(best)


def test_threshold_that_accepts_nothing_has_no_precision():
    f1 = best_f1([True, False], [0.5, 0.6], threshold=1.0)
    assert f1.value == 0
    assert np.isnan(f1.precision)
    assert f1.low == 0 < f1.high


def test_f1_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    n_runs, hits, efficiency, false_share = 400, 0, 0.7, 0.1
    truth = 2 * efficiency * 0.2 / (efficiency * 0.2 + false_share * 0.8 + 0.2)
    for _ in range(n_runs):
        y = rng.random(200) < 0.2
        accepted = rng.random(200) < np.where(y, efficiency, false_share)
        f1 = best_f1(y, accepted, threshold=0.5)
        hits += f1.low <= truth <= f1.high
    assert 0.92 <= hits / n_runs <= 0.98


# Bad input

GOOD = ([True, False, True], [0.1, 0.2, 0.3])
FUNCTIONS = [roc_curve, roc_auc, roc_band, signal_efficiency, threshold_at_rejection, best_f1]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([True, True], [1, 2]), "one class only"),
        (([False], [1]), "one class only"),
        (([], []), "empty"),
        (([True, False], [1, 2, 3]), "give one each"),
        (([True, False], [[0.1, 0.9], [0.8, 0.2]]), "[:, 1]"),
        (([True, False], [0.1, np.nan]), "NaN"),
        (([True, False], [0.1, np.inf]), "infinity"),
        (([True, False], ["a", "b"]), "number"),
        ((["muon", "em"], [0.1, 0.2]), "labels == 'muon'"),
        (([1, 2], [0.1, 0.2]), "booleans"),
        (([-1, 1], [0.1, 0.2]), "booleans"),
        (([0, np.nan], [0.1, 0.2]), "booleans"),
        (([[True, False]], [0.1, 0.2]), "one label per instance"),
    ],
)
def test_wrong_input_is_explained(function, arguments, words):
    assert_clear_error(function, *arguments, mentions=(words,))


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        (roc_auc, {"confidence": 95}),
        (roc_auc, {"groups": [1, 2]}),
        (roc_auc, {"groups": [1, 1, 1]}),
        (roc_band, {"fpr": [0.5, 0.1]}),
        (roc_band, {"fpr": [-0.1]}),
        (roc_band, {"fpr": []}),
        (roc_band, {"n_resamples": 2.5}),
        (signal_efficiency, {"background_rejection": 95}),
        (signal_efficiency, {"background_rejection": "95"}),
        (signal_efficiency, {"confidence": 0}),
        (threshold_at_rejection, {"background_rejection": 1.0}),
        (best_f1, {"threshold": np.nan}),
        (best_f1, {"threshold": "0.5"}),
    ],
)
def test_wrong_parameter_is_explained(function, wrong):
    assert_clear_error(function, *GOOD, **wrong, mentions=tuple(wrong))


def test_wrong_second_score_is_named():
    assert_clear_error(delong_test, *GOOD, [0.1, 0.2], mentions=("score_b",))


def test_input_is_not_changed():
    y, score = np.array([1, 0, 1]), np.array([3, 1, 2], dtype=np.float32)
    for function in FUNCTIONS:
        function(y, score)
    assert y.tolist() == [1, 0, 1]
    assert score.tolist() == [3, 1, 2]


def test_nothing_heavy_is_imported():
    code = (
        "import sys; from stac.metrics.roc_analysis import roc_auc; roc_auc([0, 1], [0.2, 0.7]); "
        "print(sorted({'scipy', 'sklearn', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
