"""The metrics agree with scikit-learn, say NaN where nothing is defined, and intervals cover what they promise."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from stac.metrics.classification_metrics import (
    bootstrap_intervals,
    classification_metrics,
    confusion_matrix,
    per_class_table,
)
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@st.composite
def predictions(draw, max_classes=5, max_size=40):
    """Labels, predicted labels and probabilities with many ties, and the classes; classes may be missing."""
    n_classes = draw(st.integers(2, max_classes))
    n = draw(st.integers(1, max_size))
    labels = st.lists(st.integers(0, n_classes - 1), min_size=n, max_size=n)
    weights = st.lists(st.lists(st.integers(1, 4), min_size=n_classes, max_size=n_classes), min_size=n, max_size=n)
    proba = np.array(draw(weights), dtype=np.float64)
    classes = draw(st.sampled_from([np.arange(n_classes), np.array(list("abcde")[:n_classes])]))
    return classes[draw(labels)], classes[draw(labels)], proba / proba.sum(axis=1, keepdims=True), classes


def make_predictions(n=500, n_classes=4, skill=1.0, seed=0):
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, n_classes, n)
    scores = rng.normal(size=(n, n_classes))
    scores[np.arange(n), y_true] += skill
    y_proba = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return y_true, y_proba.argmax(axis=1), y_proba


@settings(deadline=None)
@given(predictions())
def test_label_metrics_agree_with_scikit_learn(case):
    y_true, y_pred, _, classes = case
    values = classification_metrics(y_true, y_pred, classes=classes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class that is only predicted
        assert values["accuracy"] == pytest.approx(reference.accuracy_score(y_true, y_pred))
        assert values["balanced_accuracy"] == pytest.approx(reference.balanced_accuracy_score(y_true, y_pred))
        assert values["macro_f1"] == pytest.approx(reference.f1_score(y_true, y_pred, average="macro"))


@settings(deadline=None)
@given(predictions())
def test_log_loss_agrees_with_scikit_learn(case):
    y_true, y_pred, y_proba, classes = case
    expected = reference.log_loss(y_true, y_proba, labels=classes)
    assert classification_metrics(y_true, y_pred, y_proba, classes)["log_loss"] == pytest.approx(expected)


@settings(deadline=None)
@given(predictions())
def test_roc_auc_agrees_with_scikit_learn_class_by_class(case):
    y_true, y_pred, y_proba, classes = case
    aucs = per_class_table(y_true, y_pred, y_proba, classes)["roc_auc"]
    for column, label in enumerate(classes):
        positive = y_true == label
        if positive.all() or not positive.any():
            assert np.isnan(aucs[column])
        else:
            assert aucs[column] == pytest.approx(reference.roc_auc_score(positive, y_proba[:, column]))


@settings(deadline=None)
@given(predictions())
def test_roc_auc_agrees_with_scikit_learn_where_every_class_occurs(case):
    y_true, y_pred, y_proba, classes = case
    y_true, y_pred = np.concatenate([y_true, classes]), np.concatenate([y_pred, classes])
    y_proba = np.concatenate([y_proba, np.full((len(classes), len(classes)), 1 / len(classes))])
    scores = y_proba[:, 1] if len(classes) == 2 else y_proba
    expected = reference.roc_auc_score(y_true, scores, multi_class="ovr", labels=classes)
    assert classification_metrics(y_true, y_pred, y_proba)["roc_auc"] == pytest.approx(expected)


@settings(deadline=None)
@given(predictions())
def test_confusion_matrix_agrees_with_scikit_learn(case):
    y_true, y_pred, _, classes = case
    matrix, rows = confusion_matrix(y_true, y_pred, classes)
    np.testing.assert_array_equal(matrix, reference.confusion_matrix(y_true, y_pred, labels=classes))
    np.testing.assert_array_equal(rows, classes)
    assert matrix.dtype == np.int64


@settings(deadline=None)
@given(predictions())
def test_per_class_table_agrees_with_scikit_learn(case):
    y_true, y_pred, _, classes = case
    table = per_class_table(y_true, y_pred, classes=classes)
    expected = reference.precision_recall_fscore_support(y_true, y_pred, labels=classes, zero_division=np.nan)
    for name, column in zip(("precision", "recall", "f1", "n"), expected, strict=True):
        np.testing.assert_allclose(table[name], column)


def test_order_of_classes_does_not_matter():
    y_true, y_pred, y_proba = make_predictions()
    shuffled = [2, 0, 3, 1]
    again = classification_metrics(y_true, y_pred, y_proba[:, shuffled], classes=shuffled)
    assert again == pytest.approx(classification_metrics(y_true, y_pred, y_proba))


def test_zero_probability_gives_a_finite_loss():
    y_proba = np.array([[1.0, 0.0], [1.0, 0.0]])
    expected = reference.log_loss([0, 1], y_proba)
    assert classification_metrics([0, 1], [0, 0], y_proba)["log_loss"] == pytest.approx(expected)


def test_float32_softmax_is_accepted():
    y_true, y_pred, y_proba = make_predictions(n_classes=50)
    values = classification_metrics(y_true, y_pred, y_proba.astype(np.float32), classes=range(50))
    assert values == pytest.approx(classification_metrics(y_true, y_pred, y_proba, classes=range(50)), rel=1e-4)


def test_one_column_is_the_second_class():
    y_true, y_pred, y_proba = make_predictions(n_classes=2)
    both = classification_metrics(y_true, y_pred, y_proba)
    assert classification_metrics(y_true, y_pred, y_proba[:, 1]) == pytest.approx(both)


def test_one_class_in_y_true_has_no_roc_auc():
    values = classification_metrics([1, 1], [1, 0], [[0.2, 0.8], [0.6, 0.4]])
    assert np.isnan(values.pop("roc_auc"))
    assert np.isfinite(list(values.values())).all()


def test_class_that_is_only_predicted_counts_in_f1_but_not_in_recall():
    values = classification_metrics(["a", "a", "b"], ["a", "c", "b"])
    assert values["balanced_accuracy"] == pytest.approx((0.5 + 1) / 2)
    assert values["macro_f1"] == pytest.approx((2 / 3 + 1 + 0) / 3)


def test_what_is_not_defined_is_nan():
    table = per_class_table(["a", "a"], ["a", "b"], classes=["a", "b", "c"])
    assert table["n"] == [2, 0, 0]
    np.testing.assert_equal(table["precision"], [1.0, 0.0, np.nan])
    np.testing.assert_equal(table["recall"], [0.5, np.nan, np.nan])
    np.testing.assert_allclose(table["f1"], [2 / 3, 0, np.nan])


def test_table_holds_plain_python_values():
    table = per_class_table(*make_predictions())
    assert list(table) == ["class", "n", "precision", "recall", "f1", "roc_auc"]
    assert {type(value) for column in table.values() for value in column} == {int, float}


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        ([True, False], [True, True]),
        (["b", "a"], np.array(["b", "b"], dtype=object)),
        (np.array([1, 0], dtype=np.int8), [1, 1]),
        ([1.0, 0.0], [1, 1]),
    ],
)
def test_labels_may_be_of_any_one_kind(y_true, y_pred):
    assert classification_metrics(y_true, y_pred)["accuracy"] == 0.5


@pytest.mark.parametrize("n_instances", [1, 7, 2000])
def test_intervals_are_ordered_and_reproducible(n_instances):
    case = make_predictions(n_instances)
    intervals = bootstrap_intervals(*case, classes=range(4), n_resamples=50)
    np.testing.assert_equal(bootstrap_intervals(*case, classes=range(4), n_resamples=50), intervals)
    assert all(low <= high or np.isnan(low) for low, high in intervals.values())


def test_intervals_lie_around_the_values():
    case = make_predictions()
    intervals = bootstrap_intervals(*case)
    for name, value in classification_metrics(*case).items():
        low, high = intervals[name]
        assert low < value < high, name


@settings(deadline=None, max_examples=30)
@given(predictions(max_size=12))
def test_weighted_metrics_equal_those_of_the_drawn_instances(case):
    from stac.metrics.classification_metrics import _bootstrap

    y_true, y_pred, y_proba, classes = case
    true = np.searchsorted(classes, y_true)
    drawn = np.random.default_rng(1).integers(0, len(true), size=(20, len(true)), dtype=np.uint32)
    values = _bootstrap.resampled_proba_metrics(true, y_proba, 20, np.random.default_rng(1))
    for resample, rows in enumerate(drawn):
        expected = classification_metrics(y_true[rows], y_pred[rows], y_proba[rows], classes)
        assert values["log_loss"][resample] == pytest.approx(expected["log_loss"])
        assert values["roc_auc"][resample] == pytest.approx(expected["roc_auc"], nan_ok=True)


def test_blocks_do_not_change_the_intervals(monkeypatch):
    from stac.metrics.classification_metrics import _bootstrap

    case = make_predictions(n=300)
    whole = bootstrap_intervals(*case, n_resamples=64)
    monkeypatch.setattr(_bootstrap, "_BLOCK", 300 * 16)
    blockwise = bootstrap_intervals(*case, n_resamples=64)
    for name, interval in whole.items():
        assert blockwise[name] == pytest.approx(interval)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(300):
        y_true = rng.integers(0, 3, 150)
        y_pred = np.where(rng.random(150) < 0.7, y_true, (y_true + 1) % 3)
        low, high = bootstrap_intervals(y_true, y_pred, n_resamples=300, random_state=seed)["accuracy"]
        covered += low <= 0.7 <= high
    assert 0.90 <= covered / 300 <= 0.98


def test_metric_that_is_never_defined_has_a_nan_interval():
    low, high = bootstrap_intervals([1, 1], [1, 0], [[0.2, 0.8], [0.6, 0.4]], n_resamples=10)["roc_auc"]
    assert np.isnan(low)
    assert np.isnan(high)


def test_rare_class_does_not_spoil_the_interval():
    y_true = np.array([0] * 49 + [1])
    y_proba = np.linspace(0, 1, 50)
    low, high = bootstrap_intervals(y_true, y_true, y_proba)["roc_auc"]
    assert (low, high) == (1.0, 1.0)


GOOD = ([0, 1], [0, 1], [[0.9, 0.1], [0.2, 0.8]])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([], []), "empty"),
        (([0, 1], [0]), "one prediction per instance"),
        (([0, 1], ["a", "b"]), "numbers and y_pred holds strings"),
        (([True, False], [1, 0]), "booleans and y_pred holds numbers"),
        ((["a", 1], ["a", "b"]), "int, str"),
        ((["a", None], ["a", "b"]), "NoneType, str"),
        (([0.0, float("nan")], [0.0, 1.0]), "NaN"),
        (([[1, 0], [0, 1]], [0, 1]), "argmax"),
        ((*GOOD[:2], [[0.9, 0.1]]), "one row per instance"),
        ((*GOOD[:2], [[0.8, 0.1, 0.1], [0.2, 0.8, 0.0]]), "classes=model.classes_"),
        ((*GOOD[:2], [[0.9, np.nan], [0.2, 0.8]]), "NaN or infinity"),
        ((*GOOD[:2], [[2.0, -1.0], [0.2, 0.8]]), "softmax"),
        ((*GOOD[:2], [[0.9, 0.1], [0.2, 0.5]]), "sums to 0.7 instead of 1 in row 1"),
        ((*GOOD[:2], [["high", "low"], ["low", "high"]]), "numbers between 0 and 1"),
        ((*GOOD, [0, 2]), "not in classes"),
        ((*GOOD, [0, 0]), "twice"),
        ((*GOOD, []), "classes is empty"),
        ((*GOOD, ["0", "1"]), "strings"),
        ((*GOOD[:2], None, list(range(100, 400))), "300 in all"),
    ],
)
def test_wrong_input_is_explained(arguments, words):
    assert_clear_error(classification_metrics, *arguments, mentions=(words,))


@pytest.mark.parametrize("wrong", [{"n_resamples": 0}, {"n_resamples": 2.5}, {"confidence": 1}, {"confidence": 95}])
def test_wrong_bootstrap_parameter_is_explained(wrong):
    assert_clear_error(bootstrap_intervals, *GOOD, **wrong, mentions=tuple(wrong))


def test_nothing_heavy_is_imported():
    code = (
        "import sys; from stac.metrics.classification_metrics import bootstrap_intervals as b; "
        "b([0, 1], [0, 1], [0.2, 0.7]); print(sorted({'scipy', 'sklearn', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
