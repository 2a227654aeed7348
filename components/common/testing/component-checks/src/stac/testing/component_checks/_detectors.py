"""Contract checks of anomaly detectors."""

import copy
import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from stac.testing.component_checks._clear_errors import assert_clear_error
from stac.testing.component_checks._estimators import (
    _parameters,
    check_parameters_can_be_read_and_set,
    check_unknown_parameter_is_refused,
)

__all__ = ["detector_checks"]

N_TRAIN, N_TEST, PERIOD = 400, 500, 25
ANOMALY = slice(300, 330)


def detector_checks(*, exclude: Mapping[str, str] | None = None) -> list[Any]:
    """Return the checks of an anomaly detector, each a function that takes an unfitted one.

    Parameters
    ----------
    exclude : mapping of str to str, optional
        Checks that cannot hold here: name of the check to the reason.

    Returns
    -------
    list of pytest parameters
        For ``pytest.mark.parametrize("check", ...)``.

    Raises
    ------
    ValueError
        If ``exclude`` names a check that does not exist.

    Examples
    --------
    >>> detector_checks()[0].id
    'check_one_finite_score_for_each_time_point'
    """
    return _parameters(DETECTOR_CHECKS, exclude)


def make_train_and_test() -> tuple[np.ndarray, np.ndarray]:
    """Return float32 series (2, 400) and (2, 500) of one beat with noise; the second is disturbed at ANOMALY."""
    generator = np.random.default_rng(7)
    time = np.arange(N_TRAIN + N_TEST)
    phase = np.array([[0.0], [1.0]])
    series = np.sin(2 * np.pi * time / PERIOD + phase) + 0.5 * np.sin(4 * np.pi * time / PERIOD)
    series += 0.05 * generator.normal(size=series.shape)
    train, test = series[:, :N_TRAIN].astype(np.float32), series[:, N_TRAIN:].astype(np.float32)
    test[:, ANOMALY] = 2.5 * generator.normal(size=test[:, ANOMALY].shape)
    test[:, (ANOMALY.start + ANOMALY.stop) // 2] += 10
    return train, test


def fitted(detector: Any) -> Any:
    """Return a fitted copy."""
    return copy.deepcopy(detector).fit(make_train_and_test()[0])


def assert_anomaly_scores_highest(scores: np.ndarray) -> None:
    """The highest score is at the anomaly, or within half a period of it."""
    margin = PERIOD // 2
    assert ANOMALY.start - margin <= scores.argmax() < ANOMALY.stop + margin, f"highest score at {scores.argmax()}"


def check_one_finite_score_for_each_time_point(detector: Any) -> None:
    """Scores are float64 of shape (n_timepoints,), and finite, for series of another length than in ``fit``."""
    train, test = make_train_and_test()
    model = detector.fit(train)
    for series in (test, train):
        scores = model.score_samples(series)
        assert scores.shape == (series.shape[1],)
        assert scores.dtype == np.float64
        assert np.isfinite(scores).all()


def check_fit_returns_itself(detector: Any) -> None:
    """``fit`` returns the detector, so that calls can be chained."""
    assert detector.fit(make_train_and_test()[0]) is detector


def check_an_obvious_anomaly_scores_highest(detector: Any) -> None:
    """A burst of noise with a spike, in a regular beat, has the highest score."""
    assert_anomaly_scores_highest(fitted(detector).score_samples(make_train_and_test()[1]))


def check_it_can_score_the_series_it_was_fitted_on(detector: Any) -> None:
    """Without a clean training part, the anomaly in the series itself still has the highest score."""
    _, test = make_train_and_test()
    assert_anomaly_scores_highest(detector.fit(test).score_samples(test))


def check_one_channel_may_come_without_its_axis(detector: Any) -> None:
    """Shape (n_timepoints,) gives what (1, n_timepoints) gives."""
    train, test = make_train_and_test()
    flat = copy.deepcopy(detector).fit(train[0]).score_samples(test[0])
    np.testing.assert_array_equal(flat, detector.fit(train[:1]).score_samples(test[:1]))


def check_scales_of_channels_do_not_matter(detector: Any) -> None:
    """A channel in other units hides nothing: the anomaly still scores highest."""
    train, test = make_train_and_test()
    scale, offset = np.array([[1e5], [1e-4]], np.float32), np.array([[2e6], [-3e-3]], np.float32)
    assert_anomaly_scores_highest(detector.fit(scale * train + offset).score_samples(scale * test + offset))


def check_constant_channels_do_no_harm(detector: Any) -> None:
    """A channel that is constant in training and test leaves finite scores, and the anomaly on top."""
    train, test = (np.vstack([part, np.full_like(part[:1], 0.1)]) for part in make_train_and_test())
    assert_anomaly_scores_highest(detector.fit(train).score_samples(test))


def check_a_constant_series_gives_finite_scores(detector: Any) -> None:
    """A series that is constant altogether, in training or test, gives finite scores."""
    train, test = make_train_and_test()
    constant = np.full_like(train, 0.1)
    assert np.isfinite(copy.deepcopy(detector).fit(constant).score_samples(test)).all()
    assert np.isfinite(copy.deepcopy(detector).fit(constant).score_samples(constant)).all()
    assert np.isfinite(detector.fit(train).score_samples(constant)).all()


def check_input_is_not_changed(detector: Any) -> None:
    """Neither ``fit`` nor ``score_samples`` writes into its input."""
    train, test = make_train_and_test()
    copies = train.copy(), test.copy()
    detector.fit(train).score_samples(test)
    np.testing.assert_array_equal(train, copies[0])
    np.testing.assert_array_equal(test, copies[1])


def check_same_seed_gives_the_same_bits(detector: Any) -> None:
    """Two fits give bit-identical scores, whatever the global random generator has done in between."""
    _, test = make_train_and_test()
    first = fitted(detector).score_samples(test)
    np.random.random(3)
    np.testing.assert_array_equal(first, fitted(detector).score_samples(test))


def check_refit_forgets_the_first_fit(detector: Any) -> None:
    """A second ``fit`` gives what a fresh fit gives."""
    train, test = make_train_and_test()
    refitted = copy.deepcopy(detector).fit(3 * train[:1, ::-1] + 1).fit(train)
    np.testing.assert_array_equal(refitted.score_samples(test), fitted(detector).score_samples(test))


def check_pickle_round_trip(detector: Any) -> None:
    """A pickled detector (as processes exchange it) gives the same scores."""
    _, test = make_train_and_test()
    original = fitted(detector)
    again = pickle.loads(pickle.dumps(original))
    np.testing.assert_array_equal(again.score_samples(test), original.score_samples(test))


def check_clones_with_scikit_learn(detector: Any) -> None:
    """``sklearn.base.clone`` gives an unfitted twin, and the tags say that it detects outliers."""
    base = pytest.importorskip("sklearn.base")
    from sklearn.utils import get_tags

    twin = base.clone(fitted(detector))
    assert twin.get_params() == detector.get_params()
    assert not any(name.endswith("_") and not name.endswith("__") for name in vars(twin))
    assert get_tags(twin).estimator_type == "outlier_detector"


def check_dtype_and_memory_order_do_not_matter(detector: Any) -> None:
    """float64 and non-contiguous input give what C-contiguous float32 gives, up to rounding."""
    _, test = make_train_and_test()
    model = fitted(detector)
    expected = model.score_samples(test)
    for other in (test.astype(np.float64), np.asfortranarray(test), np.repeat(test, 2, axis=1)[:, ::2]):
        np.testing.assert_allclose(model.score_samples(other), expected, rtol=1e-3, atol=1e-3 * np.ptp(expected))


def check_not_fitted_is_a_clear_error(detector: Any) -> None:
    """Use before ``fit`` says so."""
    assert_clear_error(detector.score_samples, make_train_and_test()[1], mentions=("fit",))


def check_other_channels_are_refused(detector: Any) -> None:
    """Another number of channels than in ``fit`` is a clear error."""
    assert_clear_error(fitted(detector).score_samples, make_train_and_test()[1][:1], mentions=("channel",))


def check_wrong_dimensions_are_refused(detector: Any) -> None:
    """Three dimensions are a clear error, in ``fit`` and after it."""
    train, test = make_train_and_test()
    assert_clear_error(detector.fit, train[None], mentions=("n_timepoints",))
    assert_clear_error(fitted(detector).score_samples, test[None], mentions=("n_timepoints",))


def check_empty_input_is_refused(detector: Any) -> None:
    """No channels, or no time points, are a clear error."""
    train, test = make_train_and_test()
    assert_clear_error(detector.fit, train[:0])
    assert_clear_error(detector.fit, train[:, :0])
    assert_clear_error(fitted(detector).score_samples, test[:, :0])


def check_short_series_are_refused(detector: Any) -> None:
    """Three time points are a clear error that names their number, in ``fit`` and after it."""
    train, test = make_train_and_test()
    assert_clear_error(detector.fit, train[:, :3], mentions=("3 time points",))
    assert_clear_error(fitted(detector).score_samples, test[:, :3], mentions=("3 time points",))


def check_text_is_refused(detector: Any) -> None:
    """Text where numbers should be is a clear error."""
    assert_clear_error(detector.fit, make_train_and_test()[0].astype(str), mentions=("number",))


def check_missing_values_and_infinities_are_refused(detector: Any) -> None:
    """NaN, a channel of NaN alone, and infinities are a clear error, in ``fit`` and after it."""
    train, test = make_train_and_test()
    for place, value, word in ((np.s_[1, 5], np.nan, "nan"), (np.s_[1], np.nan, "nan"), (np.s_[1, 5], np.inf, "inf")):
        broken_train, broken_test = train.copy(), test.copy()
        broken_train[place] = broken_test[place] = value
        assert_clear_error(copy.deepcopy(detector).fit, broken_train, mentions=(word,))
        assert_clear_error(fitted(detector).score_samples, broken_test, mentions=(word,))


DETECTOR_CHECKS = [
    check_one_finite_score_for_each_time_point,
    check_fit_returns_itself,
    check_an_obvious_anomaly_scores_highest,
    check_it_can_score_the_series_it_was_fitted_on,
    check_one_channel_may_come_without_its_axis,
    check_scales_of_channels_do_not_matter,
    check_constant_channels_do_no_harm,
    check_a_constant_series_gives_finite_scores,
    check_input_is_not_changed,
    check_same_seed_gives_the_same_bits,
    check_refit_forgets_the_first_fit,
    check_pickle_round_trip,
    check_parameters_can_be_read_and_set,
    check_unknown_parameter_is_refused,
    check_clones_with_scikit_learn,
    check_dtype_and_memory_order_do_not_matter,
    check_not_fitted_is_a_clear_error,
    check_other_channels_are_refused,
    check_wrong_dimensions_are_refused,
    check_empty_input_is_refused,
    check_short_series_are_refused,
    check_text_is_refused,
    check_missing_values_and_infinities_are_refused,
]
