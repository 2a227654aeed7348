"""Any network becomes a classifier that keeps the contracts, lives in one file, and explains bad input."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.testing.component_checks import assert_clear_error, classifier_checks, package_checks
from stac.tracking.track_run import track_run
from stac.training.network_classifier import NetworkClassifier
from stac.training.network_classifier._inputs import pad_series
from stac.training.network_files import save_network

COMPONENT = Path(__file__).parents[1]


class Small(torch.nn.Module):
    accepts_lengths = True

    def __init__(self, n_channels, n_classes, width=8):
        super().__init__()
        self.hyperparameters = {"n_channels": n_channels, "n_classes": n_classes, "width": width}
        self.convolution = torch.nn.Conv1d(n_channels, width, 9, padding=4)
        self.head = torch.nn.Linear(width, n_classes)

    def forward(self, x, lengths=None):
        features = torch.relu(self.convolution(x))
        if lengths is None:
            return self.head(features.mean(dim=2))
        inside = torch.arange(x.shape[2]) < lengths[:, None]
        return self.head((features * inside[:, None]).sum(dim=2) / lengths[:, None])


class Rigid(Small):
    accepts_lengths = False


@dataclass(eq=False, kw_only=True)
class SmallClassifier(NetworkClassifier):
    width: int = 8
    epochs: int | None = 15
    learning_rate: float = 0.06

    def network_class(self):
        return Small

    def network_arguments(self, n_channels, n_timepoints, n_classes):
        return {"n_channels": n_channels, "n_classes": n_classes, "width": self.width}


class RigidClassifier(SmallClassifier):
    def network_class(self):
        return Rigid


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", classifier_checks())
def test_classifier_contract(check):
    check(SmallClassifier())


@pytest.fixture(scope="module")
def problem():
    generator = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = np.sin((1.0 + y)[:, None, None] * np.linspace(0, 20, 60)) + generator.normal(scale=0.1, size=(40, 2, 60))
    return X.astype(np.float32), y


@pytest.fixture(scope="module")
def fitted(problem):
    return SmallClassifier(n_models=2, epochs=8).fit(*problem)


def unequal(problem):
    X, y = problem
    return [x[:, : 60 - i % 30] for i, x in enumerate(X)], y


# Ensemble, files, tracking


def test_probabilities_are_the_mean_over_the_networks(problem, fitted):
    x = torch.from_numpy(fitted.network_.scaled(problem[0]))
    one, two = (network(x).softmax(dim=1).detach().numpy() for network in fitted.network_.networks)
    assert np.abs(one - two).max() > 1e-3
    np.testing.assert_allclose(fitted.predict_proba(problem[0]), (one + two) / 2, atol=1e-6)


@pytest.mark.parametrize("labels", [["no", "yes"], [3, -1], [False, True], ["ä", "日本"]])
def test_a_file_holds_all_it_needs(problem, labels, tmp_path):
    X, y = problem
    classifier = SmallClassifier(n_models=2, width=4, epochs=2).fit(X, np.array(labels)[y])
    again = SmallClassifier.load(classifier.save(tmp_path / "small.safetensors"))
    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))
    assert again.classes_.dtype == classifier.classes_.dtype
    assert again.get_params() == classifier.get_params()
    assert_clear_error(again.predict, X[:, :, :50], mentions=("50", "60"))
    assert [path.name for path in tmp_path.iterdir()] == ["small.safetensors"]


def test_files_of_others_are_refused(fitted, tmp_path):
    path = save_network(Small(1, 2), tmp_path / "network.safetensors")
    assert_clear_error(SmallClassifier.load, path, mentions=("network without a classifier",))
    assert_clear_error(RigidClassifier.load, fitted.save(path), mentions=("SmallClassifier", "RigidClassifier"))
    path.write_bytes(path.read_bytes()[:-50])
    assert_clear_error(SmallClassifier.load, path, mentions=("network.safetensors",))
    assert_clear_error(SmallClassifier().save, path, mentions=("not fitted",))


def test_learning_curves_of_each_network_go_into_the_run(problem, tmp_path):
    with track_run("series", "small", runs_folder=tmp_path, clearml="off") as run:
        SmallClassifier(n_models=2, epochs=2, validation_fraction=0.25).fit(*problem, run=run)
    curves = (run.folder / "scalars.jsonl").read_text()
    assert curves.count("network-1/validation/loss") == curves.count("network-2/validation/loss") == 2


def test_an_interrupted_training_goes_on(problem, tmp_path, monkeypatch):
    classifier = SmallClassifier(n_models=2, epochs=3)
    expected = classifier.fit(*problem, checkpoint=tmp_path / "small").predict_proba(problem[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small-1", "small-2"]
    (tmp_path / "small-2").unlink()
    again = classifier.fit(*problem, checkpoint=tmp_path / "small")
    np.testing.assert_array_equal(again.predict_proba(problem[0]), expected)


# Training


def test_validation_part_chooses_the_best_epoch(problem):
    result = SmallClassifier(epochs=4, validation_fraction=0.25).fit(*problem).fit_results_[0]
    losses = [record["validation_loss"] for record in result.history]
    assert result.best_score == min(losses)


def test_tiny_training_sets_get_as_many_steps_as_large_ones(problem):
    X, y = problem
    for n, epochs in ((4, 40), (40, 4), (400, 2)):
        classifier = SmallClassifier(epochs=None, batch_size=4)
        classifier.least_steps, classifier.least_epochs = 40, 2
        classifier.fit(np.tile(X, (10, 1, 1))[:n], np.tile(y, 10)[:n])
        assert len(classifier.fit_results_[0].history) == epochs


def test_balanced_weights_help_the_rare_class(problem):
    X, y = problem
    rare = np.flatnonzero((y == 0) | (np.arange(40) < 6))
    noisy = X[rare] + np.random.default_rng(0).normal(scale=2.0, size=X[rare].shape)
    plain, balanced = (SmallClassifier(epochs=5, class_weight=w).fit(noisy, y[rare]) for w in (None, "balanced"))
    assert balanced.predict_proba(noisy)[:, 1].mean() > plain.predict_proba(noisy)[:, 1].mean()


def test_the_seed_decides_and_leaves_the_generator_alone(problem, fitted):
    before = torch.get_rng_state()
    same, other = (SmallClassifier(n_models=2, epochs=8, random_state=seed).fit(*problem) for seed in (0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(same.predict_proba(problem[0]), fitted.predict_proba(problem[0]))
    assert not np.array_equal(other.predict_proba(problem[0]), fitted.predict_proba(problem[0]))


def test_no_seed_draws_another_each_time(problem):
    first, second = (SmallClassifier(epochs=1, random_state=None).fit(*problem) for _ in range(2))
    assert not np.array_equal(first.predict_proba(problem[0]), second.predict_proba(problem[0]))


def test_scale_and_offset_of_a_channel_do_not_matter(problem, fitted):
    X, y = problem
    other = SmallClassifier(n_models=2, epochs=8).fit(1000 * X + 5000, y)
    np.testing.assert_allclose(other.predict_proba(1000 * X + 5000), fitted.predict_proba(X), atol=0.02)


def test_a_constant_channel_stays_finite(problem):
    X, y = problem
    X = np.concatenate([X, np.full_like(X[:, :1], 0.1)], axis=1)
    assert np.isfinite(SmallClassifier(epochs=2).fit(X, y).predict_proba(X)).all()


# Unequal lengths


def test_unequal_lengths_are_padded_and_the_padding_does_not_count(problem):
    X, y = unequal(problem)
    classifier = SmallClassifier().fit(X, y)
    together = classifier.predict_proba(X)
    assert classifier.score(X, y) == 1
    for i in (0, 7, 29):
        np.testing.assert_allclose(classifier.predict_proba(X[i][None]), together[i : i + 1], atol=1e-5)
    assert classifier.predict(np.zeros((2, 2, 90))).shape == (2,)


def test_unequal_lengths_survive_the_file(problem, tmp_path):
    X, y = unequal(problem)
    classifier = SmallClassifier(epochs=2).fit(X, y)
    again = SmallClassifier.load(classifier.save(tmp_path / "small.safetensors"))
    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=8), st.integers(1, 3))
def test_padding_keeps_every_value(lengths, n_channels):
    series = [np.random.default_rng(i).normal(size=(n_channels, n)) for i, n in enumerate(lengths)]
    padded, found = pad_series(series)
    assert padded.dtype == np.float32
    assert padded.shape == (len(lengths), n_channels, max(lengths))
    assert (found is None) == (len(set(lengths)) == 1)
    for row, x in zip(padded, series, strict=True):
        np.testing.assert_array_equal(row[:, : x.shape[1]], x.astype(np.float32))
        assert not row[:, x.shape[1] :].any()


# Bad input


def test_lengths_that_do_not_fit_are_explained(problem, fitted):
    X, y = unequal(problem)
    assert_clear_error(RigidClassifier().fit, X, y, mentions=("31", "60", "Rigid", "resample"))
    assert_clear_error(fitted.predict, X, mentions=("31", "60"))
    assert_clear_error(fitted.predict, problem[0][:, :, :50], mentions=("50", "60"))
    assert_clear_error(fitted.predict, [X[0], X[1][:1]], mentions=("channels",))
    assert_clear_error(SmallClassifier().fit, [X[0], X[1][:, :0]], y[:2], mentions=("time point",))


def test_nan_in_unequal_series_is_explained(problem):
    X, y = unequal(problem)
    X[3] = np.full_like(X[3], np.nan)
    assert_clear_error(SmallClassifier().fit, X, y, mentions=("NaN",))


@pytest.mark.parametrize(
    ("parameters", "word"),
    [
        ({"n_models": 0}, "n_models"),
        ({"epochs": 0}, "epochs"),
        ({"batch_size": 0}, "batch_size"),
        ({"learning_rate": -1.0}, "learning_rate"),
        ({"class_weight": "equal"}, "balanced"),
        ({"validation_fraction": 1.0}, "validation_fraction"),
        ({"random_state": -1}, "random_state"),
    ],
)
def test_wrong_parameters_are_explained(problem, parameters, word):
    assert_clear_error(SmallClassifier(**parameters).fit, *problem, mentions=(word,))


def test_labels_that_name_no_classes_are_explained(problem):
    X, y = problem
    assert_clear_error(SmallClassifier().fit, X, y + 0.5, mentions=("float64",))
    assert_clear_error(SmallClassifier().fit, X, np.array(["a", 1] * 20, dtype=object), mentions=("int", "str"))


def test_works_in_scikit_learns_cross_validation(problem):
    model_selection = pytest.importorskip("sklearn.model_selection")
    assert model_selection.cross_val_score(SmallClassifier(epochs=10), *problem, cv=2).mean() > 0.8
