"""Fields are parameters, for scikit-learn as well, and every kind says what it takes."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_outlier_detector
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.training.series_estimator import (
    AnomalyDetector,
    Forecaster,
    SeriesClassifier,
    SeriesEstimator,
    SeriesTransformer,
)

COMPONENT = Path(__file__).parents[1]
KINDS = [SeriesEstimator, SeriesTransformer, SeriesClassifier, AnomalyDetector, Forecaster]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@dataclass(eq=False)
class Scaler(SeriesTransformer):
    factor: float = 1.0
    inner: object = None

    def fit(self, X, y=None):
        self.n_channels_in_ = X.shape[1]
        return self

    def transform(self, X):
        return X * self.factor


@dataclass(eq=False)
class Sign(SeriesClassifier):
    flipped: bool = False

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.where((X.mean(axis=(1, 2)) > 0) ^ self.flipped, 1, 0)

    def score(self, X, y):
        return float(np.mean(self.predict(X) == y))


@pytest.mark.parametrize("kind", KINDS)
def test_fields_are_parameters(kind):
    @dataclass(eq=False)
    class Model(kind):
        size: int = 3
        name: str = "a"

    model = Model(size=4)
    assert model.get_params() == {"size": 4, "name": "a"}
    assert model.set_params(name="b", size=5) is model
    assert (model.size, model.name) == (5, "b")
    assert_clear_error(model.set_params, name="c", sise=1, widht=2, mentions=("Model", "'sise', 'widht'", "'size'"))
    assert model.name == "b"  # all or nothing


def test_what_was_learnt_is_no_parameter_and_parameters_are_not_copied():
    inner = Scaler(2.0)
    model = Scaler(inner=inner).fit(np.zeros((1, 2, 3)))
    assert model.get_params() == {"factor": 1.0, "inner": inner}
    assert model.get_params()["inner"] is inner
    twin = clone(model)
    assert twin.inner is not inner
    assert twin.inner.factor == 2.0
    assert not hasattr(twin, "n_channels_in_")


def test_scikit_learn_searches_and_chains():
    X = np.random.default_rng(0).normal(size=(40, 1, 8))
    y = (X.mean(axis=(1, 2)) > 0).astype(int)
    search = GridSearchCV(make_pipeline(Scaler(), Sign(flipped=True)), {"sign__flipped": [True, False]}, cv=2)
    assert search.fit(X, y).best_params_ == {"sign__flipped": False}
    assert search.best_score_ == 1.0


def test_tags_say_what_it_is_and_takes():
    assert is_classifier(Sign())
    assert is_outlier_detector(AnomalyDetector())
    assert get_tags(Scaler()).input_tags.three_d_array
    assert get_tags(AnomalyDetector()).input_tags.two_d_array
    assert get_tags(Forecaster()).input_tags.allow_nan
    assert [get_tags(kind()).target_tags.required for kind in KINDS[1:]] == [False, True, False, False]


def test_tags_can_be_changed():
    class WithGaps(SeriesTransformer):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.input_tags.allow_nan = True
            return tags

    assert get_tags(WithGaps()).input_tags.allow_nan
    assert not get_tags(Scaler()).input_tags.allow_nan


def test_scikit_learn_is_not_imported():
    code = "import sys, stac.training.series_estimator as m; print([*filter(sys.modules.get, ['sklearn', 'numpy'])])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
