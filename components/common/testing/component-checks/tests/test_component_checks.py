"""The checks pass what is right and catch what is wrong."""

from pathlib import Path

import numpy as np
import pytest

from stac.testing.component_checks import (
    _detectors,
    assert_clear_error,
    classifier_checks,
    detector_checks,
    package_checks,
    transformer_checks,
)
from stac.testing.component_checks import _estimators as checks

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


class LargestDeviation:
    """A detector that does its job, and forgets everything else."""

    def get_params(self, deep=True):
        return {}

    def set_params(self, **params):
        vars(self).update(params)
        return self

    def fit(self, series):
        return self

    def score_samples(self, series):
        return np.abs(series).max(axis=0).astype(np.float64)


class SmallestDeviation(LargestDeviation):
    def score_samples(self, series):
        return -super().score_samples(series)


class DividesByTheSpread(LargestDeviation):
    def score_samples(self, series):
        with np.errstate(invalid="ignore", divide="ignore"):
            return super().score_samples((series - series.mean()) / np.ptp(series))


class SaturatesAtHundred(LargestDeviation):
    def score_samples(self, series):
        return super().score_samples(series).clip(max=100)


class OneScoreForAll(LargestDeviation):
    def score_samples(self, series):
        return super().score_samples(series)[:1]


@pytest.mark.parametrize(
    ("check", "detector"),
    [
        (_detectors.check_an_obvious_anomaly_scores_highest, SmallestDeviation()),
        (_detectors.check_it_can_score_the_series_it_was_fitted_on, SmallestDeviation()),
        (_detectors.check_a_constant_series_gives_finite_scores, DividesByTheSpread()),
        (_detectors.check_one_finite_score_for_each_time_point, OneScoreForAll()),
        (_detectors.check_scales_of_channels_do_not_matter, SaturatesAtHundred()),
        (_detectors.check_not_fitted_is_a_clear_error, LargestDeviation()),
        (_detectors.check_other_channels_are_refused, LargestDeviation()),
        (_detectors.check_wrong_dimensions_are_refused, LargestDeviation()),
        (_detectors.check_empty_input_is_refused, LargestDeviation()),
        (_detectors.check_short_series_are_refused, LargestDeviation()),
        (_detectors.check_text_is_refused, LargestDeviation()),
        (_detectors.check_missing_values_and_infinities_are_refused, LargestDeviation()),
        (_detectors.check_unknown_parameter_is_refused, LargestDeviation()),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_a_detector_that_breaks_the_contract_is_caught(check, detector):
    with pytest.raises(AssertionError):
        check(detector)


def test_a_sound_detector_passes():
    for check in (
        _detectors.check_one_finite_score_for_each_time_point,
        _detectors.check_fit_returns_itself,
        _detectors.check_an_obvious_anomaly_scores_highest,
        _detectors.check_it_can_score_the_series_it_was_fitted_on,
        _detectors.check_input_is_not_changed,
        _detectors.check_same_seed_gives_the_same_bits,
        _detectors.check_constant_channels_do_no_harm,
    ):
        check(LargestDeviation())


def test_detector_checks_can_be_excluded():
    (excluded,) = [p for p in detector_checks(exclude={"check_pickle_round_trip": "why"}) if p.marks]
    assert excluded.id == "check_pickle_round_trip"
