"""The checks pass what is right and catch what is wrong."""

from pathlib import Path

import numpy as np
import pytest

from stac.testing.component_checks import _estimators as checks
from stac.testing.component_checks import (
    assert_clear_error,
    classifier_checks,
    package_checks,
    transformer_checks,
)

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


class Negate:
    """A transformer that forgets everything the contract asks for, except to be right."""

    def get_params(self, deep=True):
        return {}

    def set_params(self, **params):
        vars(self).update(params)
        return self

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return -X


class ChangesItsInput(Negate):
    def transform(self, X):
        X *= -1
        return X


class DrawsFromTheGlobalGenerator(Negate):
    def transform(self, X):
        return X + np.random.normal(size=X.shape)


class RemembersTheFirstFit(Negate):
    def fit(self, X, y=None):
        self.mean_ = getattr(self, "mean_", X.mean())
        return self

    def transform(self, X):
        return X - self.mean_


class ComparesInstances(Negate):
    def transform(self, X):
        return X - X.mean(axis=0)


@pytest.mark.parametrize(
    ("check", "estimator"),
    [
        (checks.check_input_is_not_changed, ChangesItsInput()),
        (checks.check_same_seed_gives_the_same_bits, DrawsFromTheGlobalGenerator()),
        (checks.check_refit_forgets_the_first_fit, RemembersTheFirstFit()),
        (checks.check_one_instance_alone_gives_its_row, ComparesInstances()),
        (checks.check_unknown_parameter_is_refused, Negate()),
        (checks.check_not_fitted_is_a_clear_error, Negate()),
        (checks.check_other_channels_are_refused, Negate()),
        (checks.check_wrong_dimensions_are_refused, Negate()),
        (checks.check_empty_input_is_refused, Negate()),
        (checks.check_text_is_refused, Negate()),
        (checks.check_infinities_are_refused, Negate()),
        (checks.check_missing_values_are_refused, Negate()),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_a_broken_contract_is_caught(check, estimator):
    with pytest.raises(AssertionError):
        check(estimator)


def test_a_sound_transformer_passes():
    for check in (
        checks.check_fit_returns_itself,
        checks.check_input_is_not_changed,
        checks.check_same_seed_gives_the_same_bits,
        checks.check_output_is_finite_float32,
        checks.check_labels_are_not_needed,
    ):
        check(Negate())


def test_an_error_from_inside_a_library_is_not_clear():
    with pytest.raises(AssertionError, match="not by the component"):
        assert_clear_error(np.zeros(3).reshape, 2, 2)  # numpy's own error, though its message is readable


def test_an_excluded_check_is_skipped_with_its_reason():
    (excluded,) = [
        p for p in transformer_checks(exclude={"check_text_is_refused": "why"}) if p.id == "check_text_is_refused"
    ]
    assert excluded.marks[0].kwargs["reason"] == "why"


def test_an_exclusion_that_names_no_check_is_refused():
    assert_clear_error(classifier_checks, exclude={"check_nothing": "why"}, mentions=("check_nothing",))
