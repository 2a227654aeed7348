"""Metrics agree with their definitions, written out as loops, and wrong input is explained."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stac.metrics.anomaly_metrics import (
    affiliation_f1,
    affiliation_precision_recall,
    anomaly_metrics,
    auc_pr,
    auc_roc,
    best_f1,
    best_threshold,
    point_adjusted_f1,
    range_f1,
    range_precision_recall,
    vus_pr,
    vus_roc,
)
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
PUBLISHED = (0.40079426073098606, 0.6722293962338456)  # vus_pr, vus_roc
FUNCTIONS = [anomaly_metrics, vus_pr, vus_roc, auc_pr, auc_roc, best_f1, best_threshold, range_f1, affiliation_f1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@st.composite
def labelled_scores(draw):
    """Labels with runs of all lengths, also at the ends, and scores with ties."""
    runs = draw(st.lists(st.integers(1, 9), min_size=2, max_size=9))
    labels = np.repeat(np.arange(len(runs)) % 2 == draw(st.integers(0, 1)), runs)
    assume(0 < labels.sum() < len(labels))
    scores = draw(st.lists(st.integers(-3, 6), min_size=len(labels), max_size=len(labels)))
    return labels, np.array(scores) / 2


# The definitions, as loops


def ranges_of(marks):
    edges = np.flatnonzero(np.diff(np.r_[0, marks, 0]))
    return list(zip(edges[::2], edges[1::2], strict=True))


def volumes_by_definition(labels, scores, window, n_thresholds):
    roc, pr = [], []
    for width in range(window + 1):
        soft = labels.astype(float)
        for start, stop in ranges_of(labels):
            for t in range(len(labels)):
                distance = max(start - t, t - stop + 1, 0)
                if 0 < distance <= width // 2:
                    soft[t] += np.sqrt(1 - distance / width)
        soft = np.minimum(soft, 1)
        reach, regions = width // 2, []
        for start, stop in ranges_of(labels):
            if regions and regions[-1][1] + reach > start - reach:
                regions[-1][1] = stop
            else:
                regions.append([start, stop])
        tpr, fpr, precision = [0], [0], []
        ranks = np.linspace(0, len(scores) - 1, n_thresholds).astype(int)
        for threshold in np.sort(scores)[::-1][ranks]:
            found = scores >= threshold
            true = (soft * found).sum()
            positive = labels.sum() + (soft * found * ~labels).sum() / 2
            share = np.mean([found[max(start - reach, 0) : stop + reach].any() for start, stop in regions])
            tpr.append(min(true / positive, 1) * share)
            fpr.append((found.sum() - true) / (len(labels) - positive))
            precision.append(true / found.sum())
        pr.append(np.dot(np.diff(tpr), precision))
        roc.append(np.trapezoid([*tpr, 1], [*fpr, 1]) if hasattr(np, "trapezoid") else np.trapz([*tpr, 1], [*fpr, 1]))
    return np.mean(pr), np.mean(roc)


def range_recall_by_definition(real, predicted, alpha, bias):
    def weight(position, length):
        return {
            "flat": 1,
            "front": length - position + 1,
            "back": position,
            "middle": position if position <= length / 2 else length - position + 1,
        }[bias]

    rewards = []
    for start, stop in ranges_of(real):
        length = stop - start
        touching = [one for one in ranges_of(predicted) if one[0] < stop and one[1] > start]
        overlap = sum(weight(t - start + 1, length) for t in range(start, stop) if predicted[t])
        whole = sum(weight(i, length) for i in range(1, length + 1))
        rewards.append(alpha * bool(touching) + (1 - alpha) * overlap / whole / max(len(touching), 1))
    return np.mean(rewards)


def affiliation_by_definition(labels, found, fine=40):
    """Points drawn from a fine grid instead of integrals."""
    grid = (np.arange(len(labels) * fine) + 0.5) / fine
    ranges = ranges_of(labels)
    zone = np.argmin([np.maximum(np.maximum(a - grid, grid - b), 0) for a, b in ranges], axis=0)
    detected = np.repeat(found, fine)
    precision, recall = [], []
    for i, (start, stop) in enumerate(ranges):
        everything, hits = grid[zone == i], grid[(zone == i) & detected]
        inside = grid[(grid > start) & (grid < stop)]
        if not len(hits):
            recall.append(0)
            continue
        distance = np.sort(np.maximum(np.maximum(start - everything, everything - stop), 0))
        of_hits = np.maximum(np.maximum(start - hits, hits - stop), 0)
        precision.append(np.mean(1 - np.searchsorted(distance, of_hits - 1e-9) / len(everything)))
        nearest = np.abs(inside[:, None] - hits).min(axis=1)
        farther = np.abs(everything[None] - inside[:, None]) >= nearest[:, None] - 1e-9
        recall.append(farther.mean())
    return np.mean(precision), np.mean(recall)


# Values


@settings(deadline=None, max_examples=40)
@given(labelled_scores(), st.integers(0, 12), st.sampled_from([2, 7, 250]))
def test_volumes_agree_with_the_definition(case, window, n_thresholds):
    expected = volumes_by_definition(*case, window, n_thresholds)
    options = {"sliding_window": window, "n_thresholds": n_thresholds}
    assert (vus_pr(*case, **options), vus_roc(*case, **options)) == pytest.approx(expected)


def test_volumes_are_those_of_the_published_implementation():
    # Computed once with version 0.0.6 of the authors' package (RangeAUC_volume_opt).
    labels = np.isin(np.arange(200) // 10, [3, 4, 11])
    scores = np.sin(np.arange(200) * 0.7) + labels * np.cos(np.arange(200) / 5)
    assert vus_pr(labels, scores, sliding_window=30) == pytest.approx(PUBLISHED[0], abs=1e-12)
    assert vus_roc(labels, scores, sliding_window=30) == pytest.approx(PUBLISHED[1], abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(labelled_scores(), st.sampled_from([0, 0.2, 1]), st.sampled_from(["flat", "front", "middle", "back"]))
def test_ranges_agree_with_the_definition(case, alpha, bias):
    labels, found = case[0], case[1] > 1
    assume(found.any())
    result = range_precision_recall(labels, found, alpha=alpha, bias=bias)
    assert result.recall == pytest.approx(range_recall_by_definition(labels, found, alpha, bias))
    assert result.precision == pytest.approx(range_recall_by_definition(found, labels, 0, bias))


@settings(deadline=None, max_examples=30)
@given(labelled_scores())
def test_affiliation_agrees_with_the_definition(case):
    labels, found = case[0], case[1] > 1
    assume(found.any())
    result = affiliation_precision_recall(labels, found)
    assert result[:2] == pytest.approx(affiliation_by_definition(labels, found), abs=0.02)


@settings(deadline=None, max_examples=25)
@given(labelled_scores())
def test_points_agree_with_scikit_learn(case):
    reference = pytest.importorskip("sklearn.metrics")
    labels, scores = case
    assert auc_roc(labels, scores) == pytest.approx(reference.roc_auc_score(labels, scores))
    assert auc_pr(labels, scores) == pytest.approx(reference.average_precision_score(labels, scores))
    every = [reference.f1_score(labels, scores >= threshold) for threshold in np.unique(scores)]
    assert best_f1(labels, scores) == pytest.approx(max(every))
    assert best_f1(labels, scores, threshold=best_threshold(labels, scores)) == pytest.approx(max(every))


@settings(deadline=None, max_examples=25)
@given(labelled_scores())
def test_everything_lies_between_0_and_1(case):
    for name, value in anomaly_metrics(*case).items():
        assert 0 <= value <= 1 + 1e-12, name


def test_perfect_scores_are_perfect():
    labels = np.isin(np.arange(500) // 10, [3, 17, 40])
    result = anomaly_metrics(labels, labels.astype(float), sliding_window=0)
    assert result == pytest.approx(dict.fromkeys(result, 1.0))


def test_constant_scores_find_nothing():
    labels = np.isin(np.arange(500) // 10, [3, 17, 40])
    result = anomaly_metrics(labels, np.zeros(500))
    assert result["auc_roc"] == 0.5
    assert result["auc_pr"] == pytest.approx(labels.mean())


def test_a_late_score_is_worth_more_with_a_buffer():
    labels = np.arange(1000) // 50 == 7
    late = np.roll(labels, 20).astype(float)
    assert vus_pr(labels, late, sliding_window=100) > vus_pr(labels, late, sliding_window=0) + 0.1


def test_threshold_is_used():
    labels = np.isin(np.arange(500) // 10, [3, 17, 40])
    scores = labels + 0.5 * np.sin(np.arange(500))
    cut = scores >= 0.3
    for of_scores, of_detections in (
        (range_f1, range_precision_recall),
        (affiliation_f1, affiliation_precision_recall),
    ):
        assert of_scores(labels, scores, threshold=0.3) == of_detections(labels, cut).f1
        assert of_scores(labels, scores) >= of_scores(labels, scores, threshold=0.3)
        assert of_scores(labels, scores, threshold=99) == 0


def test_point_adjustment_warns_and_flatters_lots():
    labels = np.arange(5000) // 500 == 4
    scores = np.random.default_rng(0).normal(size=5000)
    with pytest.warns(UserWarning, match="overestimates"):
        flattered = point_adjusted_f1(labels, scores)
    assert flattered > 0.9
    assert best_f1(labels, scores) < 0.25


def test_nothing_but_point_adjustment_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        anomaly_metrics([0, 1, 0, 0], [0.1, 0.4, 0.2, 0.2])


def test_input_is_not_changed():
    labels, scores = np.array([0, 1, 1, 0, 0]), np.array([1.0, 2.0, 0.5, 3.0, 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for function in [*FUNCTIONS, point_adjusted_f1]:
            function(labels, scores)
    assert labels.tolist() == [0, 1, 1, 0, 0]
    assert scores.tolist() == [1.0, 2.0, 0.5, 3.0, 1.0]


# Bad input


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("labels", "scores", "words"),
    [
        ([0, 0, 0], [1, 2, 3], "no time point"),
        ([True, True], [1, 2], "every time point"),
        ([0, 1, 0], [1, 2], "one value for each"),
        ([0, 1, 0], [1, np.nan, 3], "NaN"),
        ([0, 1, 0], [1, np.inf, 3], "infinite"),
        ([0, 1, 0], ["a", "b", "c"], "number"),
        ([0, 2, 0], [1, 2, 3], "booleans"),
        (["no", "yes"], [1, 2], "booleans"),
        ([[0, 1]], [[1, 2]], "n_timepoints"),
        ([], [], "n_timepoints"),
    ],
)
def test_wrong_input_is_explained(function, labels, scores, words):
    assert_clear_error(function, labels, scores, mentions=(words,))


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        (vus_pr, {"sliding_window": -1}),
        (vus_pr, {"sliding_window": 2.5}),
        (vus_pr, {"n_thresholds": 1}),
        (best_f1, {"threshold": np.nan}),
        (range_f1, {"threshold": "high"}),
        (range_f1, {"alpha": 2}),
        (range_f1, {"bias": "start"}),
    ],
)
def test_wrong_parameter_is_explained(function, wrong):
    assert_clear_error(function, [0, 1, 0], [1, 2, 3], **wrong, mentions=tuple(wrong))


def test_detections_that_are_scores_are_explained():
    assert_clear_error(range_precision_recall, [0, 1, 0], [0.1, 0.9, 0.2], mentions=("detections",))
