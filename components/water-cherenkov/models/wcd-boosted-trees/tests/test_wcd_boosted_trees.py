"""The trees keep the contract of classifiers, stop in time, tear no group apart, and come back from a file the same."""

import copy
import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stac.models.wcd_boosted_trees import WcdBoostedTrees, WcdBoostedTreesRegressor, _inputs
from stac.testing.component_checks import assert_clear_error, classifier_checks, package_checks

COMPONENT = Path(__file__).parents[1]
BOTH = [WcdBoostedTrees, WcdBoostedTreesRegressor]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


class OnSeries(WcdBoostedTrees):
    """The classifier, with the time points of a series as its features: the shared checks give series."""

    def fit(self, X, y, **options):
        return super().fit(self._flat(X), y, **options)

    def predict_proba(self, X):
        return super().predict_proba(self._flat(X))

    def _flat(self, X):
        return np.asarray(X).reshape(len(X), X[0:1].size // max(len(X[0:1]), 1)) if np.ndim(X) == 3 else X


OF_SERIES_ONLY = dict.fromkeys(
    ("check_other_channels_are_refused", "check_wrong_dimensions_are_refused"),
    "speaks of channels and time points; tables have tests of their own below",
)


@pytest.mark.parametrize("check", classifier_checks(missing_values=True, exclude=OF_SERIES_ONLY))
def test_contract(check):
    # Twelve instances: too few to hold some out, or for leaves of twenty.
    check(OnSeries(n_estimators=20, min_samples_leaf=1, validation_fraction=0, learning_rate=0.3))


def table(n=600, n_features=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, n_features)).astype(np.float32)
    y = X[:, 1] + 0.5 * X[:, 2] ** 2 + 0.5 * rng.normal(size=n) > 0.3
    return X, y


def small(cls, **params):
    return cls(**{"n_estimators": 60, "learning_rate": 0.2} | params)


def output(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


@pytest.mark.parametrize("cls", BOTH)
def test_unseen_rows_are_told_apart(cls):
    X, y = table(2000)
    model = small(cls).fit(X[:1500], y[:1500])
    score = output(model, X[1500:])
    score = score[:, 1] if score.ndim == 2 else score
    held = y[1500:]
    assert (score[held][:, None] > score[~held][None, :]).mean() > 0.85


@pytest.mark.parametrize("cls", BOTH)
def test_same_seed_gives_the_same_bits_whatever_the_threads(cls):
    X, y = table()
    first, again, threads = (output(small(cls, n_jobs=jobs, n_estimators=10).fit(X, y), X) for jobs in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, threads)
    assert not np.array_equal(first, output(small(cls, random_state=1, n_estimators=10).fit(X, y), X))


def test_growing_stops_before_it_learns_the_noise():
    X, _ = table()
    noise = np.random.default_rng(1).random(len(X)) < 0.5
    model = WcdBoostedTrees(learning_rate=0.3).fit(X, noise)
    assert model.n_trees_ < 60
    assert len(model.validation_losses_) == model.n_trees_ + model.patience
    assert model.validation_losses_.argmin() == model.n_trees_ - 1


def test_validation_part_of_ones_own_is_used():
    X, y = table()
    model = small(WcdBoostedTrees).fit(X[:400], y[:400], validation=(X[400:], y[400:]))
    probability = np.clip(model.predict_proba(X[400:])[:, 1], 1e-9, 1)
    loss = -np.mean(np.log(np.where(y[400:], probability, 1 - probability)))
    assert loss == pytest.approx(model.validation_losses_.min())


def test_without_validation_all_trees_are_grown():
    model = small(WcdBoostedTrees, n_estimators=7, validation_fraction=0).fit(*table())
    assert model.n_trees_ == 7
    assert model.validation_losses_.size == 0


def test_no_group_is_torn_apart():
    groups = np.random.default_rng(0).integers(0, 50, 600)
    codes = groups % 2
    training, validation = _inputs.split_rows(codes, 600, groups, 0.2, np.random.default_rng(0))
    assert not set(groups[training]) & set(groups[validation])
    assert len(set(groups[validation])) == 10
    assert sorted([*training, *validation]) == list(range(600))


def test_split_without_groups_keeps_the_share_of_each_class():
    codes = np.repeat([0, 1, 2], [900, 90, 2])
    _, validation = _inputs.split_rows(codes, len(codes), None, 0.1, np.random.default_rng(0))
    np.testing.assert_array_equal(np.bincount(codes[validation]), [90, 9, 1])


def test_groups_change_the_split():
    X, y = table()
    plain = small(WcdBoostedTrees).fit(X, y)
    grouped = small(WcdBoostedTrees).fit(X, y, groups=np.arange(600) // 6)
    assert not np.array_equal(plain.validation_losses_[:5], grouped.validation_losses_[:5])


def test_class_weights_move_the_rare_class_up():
    X, y = table()
    rare = y & (np.arange(600) % 5 == 0)
    plain, balanced, heavy = (
        small(WcdBoostedTrees, class_weight=weight).fit(X, rare).predict_proba(X)[:, 1].mean()
        for weight in (None, "balanced", {False: 1, True: 30})
    )
    assert plain < balanced < heavy


def test_importances_have_names_and_sum_to_one():
    X, y = table()
    model = small(WcdBoostedTrees).fit(X, y, feature_names=["rise [ns]", 'a "quoted", name', "width: ns", "ü"])
    assert model.feature_importances_.shape == (4,)
    assert model.feature_importances_.sum() == pytest.approx(1)
    names = list(model.importance_table())
    assert names[:2] == ['a "quoted", name', "width: ns"]
    assert list(model.importance_table().values()) == sorted(model.feature_importances_, reverse=True)


def test_data_frame_gives_its_names():
    class Frame(np.ndarray):
        columns = ("a", "b", "c", "d")

    X, y = table()
    assert small(WcdBoostedTrees).fit(X.view(Frame), y).feature_names_ == ["a", "b", "c", "d"]


def test_missing_values_are_a_value_of_their_own():
    X, y = table()
    X[y, 0] = np.nan
    assert small(WcdBoostedTrees).fit(X, y).score(X, y) == 1


@pytest.mark.parametrize("labels", [("em", "muon"), (0, 1), (False, True), (2.5, -1.0), ("a", "b", "ü")])
def test_saved_classifier_comes_back_with_the_same_bits(labels, tmp_path):
    X, y = table()
    y = np.array(labels)[(np.arange(600) % 3) % len(labels)]
    model = small(WcdBoostedTrees, class_weight="balanced").fit(X, y, feature_names=list("abcd"))
    again = WcdBoostedTrees.load(model.save(tmp_path / "trees.json"))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.predict(X).dtype == model.predict(X).dtype
    assert again.get_params() == model.get_params()
    assert again.importance_table() == model.importance_table()
    assert [path.name for path in tmp_path.iterdir()] == ["trees.json"]


def test_saved_regressor_comes_back_with_the_same_bits(tmp_path):
    X, _ = table()
    model = small(WcdBoostedTreesRegressor).fit(X, X[:, 0])
    again = WcdBoostedTreesRegressor.load(model.save(tmp_path / "trees.json"))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.save(tmp_path / "again.json").read_bytes() == (tmp_path / "trees.json").read_bytes()


@pytest.mark.parametrize("cls", BOTH)
def test_copies_and_pickles_give_the_same(cls):
    X, y = table()
    model = small(cls).fit(X, y)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(output(other, X), output(model, X))


def test_grid_search_and_cross_validation_work():
    from sklearn.model_selection import GridSearchCV, cross_val_score

    X, y = table(300)
    search = GridSearchCV(small(WcdBoostedTrees, n_estimators=10), {"n_leaves": [3, 7]}, cv=2).fit(X, y)
    assert search.best_params_["n_leaves"] in (3, 7)
    assert cross_val_score(small(WcdBoostedTreesRegressor), X, X[:, 0], cv=2).min() > 0.5


def test_agrees_with_scikit_learn_on_how_good_trees_are():
    from sklearn.ensemble import GradientBoostingClassifier

    X, y = table(1500)
    ours = WcdBoostedTrees().fit(X[:1000], y[:1000]).score(X[1000:], y[1000:])
    theirs = (
        GradientBoostingClassifier(n_estimators=50, random_state=0).fit(X[:1000], y[:1000]).score(X[1000:], y[1000:])
    )
    assert ours > theirs - 0.02


# Bad input

X, Y = table(40)
INFINITE = X.copy()
INFINITE[3, 1] = np.inf


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((X[:, :, None], Y), {}, "(n_instances, n_features)"),
        ((X[0], Y), {}, "(n_instances, n_features)"),
        ((X[:0], Y[:0]), {}, "empty"),
        ((X.astype(str), Y), {}, "numbers"),
        ((INFINITE, Y), {}, "infinit"),
        ((X.astype(float) * 1e300, Y), {}, "float32"),
        ((X, Y[:-1]), {}, "40 rows"),
        ((X, np.where(Y, np.nan, 1)), {}, "NaN"),
        ((X, Y), {"groups": [1, 2]}, "groups"),
        ((X, Y), {"groups": np.ones(40)}, "one group only"),
        ((X, Y), {"feature_names": ["a", "a", "b", "c"]}, "feature_names"),
        ((X, Y), {"validation": (X[:, :2], Y)}, "4"),
        ((X, Y), {"validation": (X, Y[:-1])}, "validation"),
    ],
)
def test_wrong_input_is_explained(cls, arguments, options, words):
    assert_clear_error(cls().fit, *arguments, **options, mentions=(words,))


@pytest.mark.parametrize(
    ("y", "options", "words"),
    [
        (np.ones(40), {}, "one class only"),
        (["a", 1] * 20, {}, "mixes"),
        (np.arange(40) == 0, {}, "validation_fraction=0"),
        (Y, {"validation": (X, np.full(40, "x"))}, "not in y"),
        (np.arange(40) < 10, {"groups": np.arange(40) // 10 * 0 + (np.arange(40) >= 10)}, "groups"),
    ],
)
def test_wrong_labels_are_explained(y, options, words):
    assert_clear_error(WcdBoostedTrees().fit, X, y, **options, mentions=(words,))


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_estimators": 0},
        {"n_leaves": 1},
        {"learning_rate": 0},
        {"feature_fraction": 1.5},
        {"validation_fraction": 1},
        {"patience": 2.5},
        {"l2": -0.5},
        {"n_jobs": 0},
        {"class_weight": "even"},
        {"class_weight": {True: 1}},
        {"class_weight": {True: -1, False: 1}},
    ],
)
def test_wrong_parameter_is_explained(wrong):
    assert_clear_error(WcdBoostedTrees(**wrong).fit, X, Y, mentions=tuple(wrong))


@pytest.mark.parametrize("cls", BOTH)
def test_wrong_use_is_explained(cls, tmp_path):
    assert_clear_error(cls().predict, X, mentions=("fit",))
    assert_clear_error(cls().save, tmp_path / "x.json", mentions=("fit",))
    assert_clear_error(small(cls).fit(X, Y).predict, X[:, :2], mentions=("2 features",))


def test_file_of_another_kind_is_explained(tmp_path):
    path = small(WcdBoostedTrees).fit(X, Y).save(tmp_path / "trees.json")
    assert_clear_error(WcdBoostedTreesRegressor.load, path, mentions=("WcdBoostedTrees.load",))
    text = path.read_text("utf-8")
    for damaged, words in [
        (text[: len(text) // 2], "damaged"),
        (text.replace("leaf_value=", "leaf_value=9", 1), "changed"),
        ('{"a": 1}', "no saved"),
        ("[1]", "no saved"),
        (json.dumps(json.loads(text) | {"format": "stac-wcd-boosted-trees 9"}), "newer"),
    ]:
        path.write_text(damaged, "utf-8")
        assert_clear_error(WcdBoostedTrees.load, path, mentions=(words,))
    path.write_bytes(b"\x89PNG\xff\xfe")
    assert_clear_error(WcdBoostedTrees.load, path, mentions=("damaged",))


def test_lightgbm_is_imported_late_and_silent():
    code = (
        "import sys; from stac.models.wcd_boosted_trees import WcdBoostedTrees as W; "
        "assert 'lightgbm' not in sys.modules; import numpy as np; "
        "W(n_estimators=3).fit(np.arange(40.)[:, None], np.arange(40) < 20).predict(np.ones((2, 1)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
