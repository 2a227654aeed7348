"""Contract checks of transformers and classifiers of time series."""

import copy
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from stac.testing.component_checks._clear_errors import assert_clear_error

__all__ = ["classifier_checks", "transformer_checks"]

N_INSTANCES, N_CHANNELS, N_TIMEPOINTS = 12, 2, 60


def transformer_checks(*, missing_values: bool = False, exclude: Mapping[str, str] | None = None) -> list[Any]:
    """Return the checks of a transformer, each a function that takes an unfitted one.

    Parameters
    ----------
    missing_values : bool, default=False
        Whether the transformer accepts NaN; if not, it must refuse it with a clear error.
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
    >>> len(transformer_checks()) == len(transformer_checks(missing_values=True))
    True
    """
    nan_check = check_missing_values_are_accepted if missing_values else check_missing_values_are_refused
    return _parameters([*COMMON_CHECKS, *TRANSFORMER_CHECKS, nan_check], exclude)


def classifier_checks(*, missing_values: bool = False, exclude: Mapping[str, str] | None = None) -> list[Any]:
    """Return the checks of a classifier, each a function that takes an unfitted one.

    Parameters
    ----------
    missing_values : bool, default=False
        Whether the classifier accepts NaN; if not, it must refuse it with a clear error.
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
    >>> len(classifier_checks()) > len(transformer_checks())
    True
    """
    nan_check = check_missing_values_are_accepted if missing_values else check_missing_values_are_refused
    return _parameters([*COMMON_CHECKS, *CLASSIFIER_CHECKS, nan_check], exclude)


def _parameters(checks: list[Callable], exclude: Mapping[str, str] | None) -> list[Any]:
    exclude = exclude or {}
    unknown = exclude.keys() - {check.__name__ for check in checks}
    if unknown:
        raise ValueError(f"exclude names {sorted(unknown)}, which are no checks of this kind: correct or remove them.")
    return [
        pytest.param(
            check,
            id=check.__name__,
            marks=pytest.mark.skip(reason=exclude[check.__name__]) if check.__name__ in exclude else (),
        )
        for check in checks
    ]


def make_series(dtype: Any = np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Return X (12, 2, 60) and labels "a" and "b": slow and fast sines with noise."""
    generator = np.random.default_rng(42)
    y = np.array(["a", "b"] * (N_INSTANCES // 2))
    frequency = np.where(y == "a", 1.0, 4.0)[:, None, None]
    phase = np.arange(N_CHANNELS)[None, :, None]
    time = np.linspace(0, 2 * np.pi, N_TIMEPOINTS)
    X = np.sin(frequency * time + phase) + 0.1 * generator.normal(size=(N_INSTANCES, N_CHANNELS, N_TIMEPOINTS))
    return X.astype(dtype), y


def fitted(estimator: Any) -> Any:
    """Return a fitted copy."""
    return copy.deepcopy(estimator).fit(*make_series())


def output(estimator: Any, X: Any) -> np.ndarray:
    """Return what the estimator makes of X: features, or class probabilities."""
    return estimator.transform(X) if hasattr(estimator, "transform") else estimator.predict_proba(X)


# Checks of every estimator


def check_fit_returns_itself(estimator: Any) -> None:
    """``fit`` returns the estimator, so that calls can be chained."""
    assert estimator.fit(*make_series()) is estimator


def check_input_is_not_changed(estimator: Any) -> None:
    """Neither ``fit`` nor what follows writes into the caller's arrays."""
    X, y = make_series()
    X_before, y_before = X.copy(), y.copy()
    output(estimator.fit(X, y), X)
    np.testing.assert_array_equal(X, X_before)
    np.testing.assert_array_equal(y, y_before)


def check_same_seed_gives_the_same_bits(estimator: Any) -> None:
    """Two fits with the same parameters agree bit for bit, whatever was drawn from the global generator."""
    X, _ = make_series()
    np.random.seed(1)
    first = output(fitted(estimator), X)
    np.random.seed(2)
    np.testing.assert_array_equal(output(fitted(estimator), X), first)


def check_refit_forgets_the_first_fit(estimator: Any) -> None:
    """Fitting again gives what a fresh fit gives."""
    X, y = make_series()
    refitted = copy.deepcopy(estimator).fit(3 * X[::-1, :, :50] + 1, y).fit(X, y)
    np.testing.assert_array_equal(output(refitted, X), output(fitted(estimator), X))


def check_pickle_round_trip(estimator: Any) -> None:
    """A pickled estimator (as processes exchange it) gives the same output."""
    X, _ = make_series()
    original = fitted(estimator)
    np.testing.assert_array_equal(output(pickle.loads(pickle.dumps(original)), X), output(original, X))


def check_parameters_can_be_read_and_set(estimator: Any) -> None:
    """``get_params`` gives what ``set_params`` takes; the constructor stores parameters as they are."""
    params = estimator.get_params()
    assert estimator.set_params(**params) is estimator
    assert type(estimator)(**params).get_params() == params


def check_unknown_parameter_is_refused(estimator: Any) -> None:
    """``set_params`` names an unknown parameter."""
    assert_clear_error(estimator.set_params, no_such_parameter=1, mentions=("no_such_parameter",))


def check_clones_with_scikit_learn(estimator: Any) -> None:
    """``sklearn.base.clone`` gives an unfitted twin, and the tags can be read."""
    base = pytest.importorskip("sklearn.base")
    from sklearn.utils import get_tags

    twin = base.clone(fitted(estimator))
    assert twin.get_params() == estimator.get_params()
    assert not any(name.endswith("_") and not name.endswith("__") for name in vars(twin))
    assert get_tags(twin).estimator_type == ("transformer" if hasattr(estimator, "transform") else "classifier")


def check_dtype_and_memory_order_do_not_matter(estimator: Any) -> None:
    """float64 and non-contiguous input give what C-contiguous float32 gives, up to rounding."""
    X, _ = make_series()
    model = fitted(estimator)
    expected = output(model, X)
    for other in (X.astype(np.float64), np.asfortranarray(X), np.repeat(X, 2, axis=2)[:, :, ::2]):
        np.testing.assert_allclose(output(model, other), expected, rtol=1e-4, atol=1e-4)


def check_one_instance_alone_gives_its_row(estimator: Any) -> None:
    """What is said of an instance does not depend on the others in the batch."""
    X, _ = make_series()
    model = fitted(estimator)
    np.testing.assert_allclose(output(model, X[3:4]), output(model, X)[3:4], rtol=1e-5, atol=1e-6)


def check_not_fitted_is_a_clear_error(estimator: Any) -> None:
    """Use before ``fit`` says so."""
    assert_clear_error(output, estimator, make_series()[0], mentions=("fit",))


def check_other_channels_are_refused(estimator: Any) -> None:
    """Another number of channels than in ``fit`` is a clear error."""
    X, _ = make_series()
    assert_clear_error(output, fitted(estimator), X[:, :1], mentions=("channel",))


def check_wrong_dimensions_are_refused(estimator: Any) -> None:
    """Two or four dimensions are a clear error, in ``fit`` and after it."""
    X, y = make_series()
    assert_clear_error(estimator.fit, X[:, 0], y, mentions=("n_timepoints",))
    assert_clear_error(output, fitted(estimator), X[None], mentions=("n_timepoints",))


def check_empty_input_is_refused(estimator: Any) -> None:
    """No instances, or no time points, are a clear error."""
    X, y = make_series()
    assert_clear_error(estimator.fit, X[:0], y[:0])
    assert_clear_error(estimator.fit, X[:, :, :0], y)


def check_text_is_refused(estimator: Any) -> None:
    """Text where numbers should be is a clear error."""
    X, y = make_series()
    assert_clear_error(estimator.fit, X.astype(str), y, mentions=("number",))


def check_infinities_are_refused(estimator: Any) -> None:
    """Infinities are a clear error."""
    X, y = make_series()
    X[2, 1, 5] = np.inf
    assert_clear_error(lambda: output(estimator.fit(X, y), X), mentions=("infinit",))


def check_missing_values_are_refused(estimator: Any) -> None:
    """NaN is a clear error where the method cannot handle it."""
    X, y = make_series()
    X[2, 1, 5] = np.nan
    assert_clear_error(lambda: output(estimator.fit(X, y), X), mentions=("nan",))


def check_missing_values_are_accepted(estimator: Any) -> None:
    """A NaN leaves the output of the other instances as it was."""
    X, y = make_series()
    gaps = X.copy()
    gaps[2, 1, 5] = np.nan
    model = estimator.fit(X, y)
    others = np.arange(N_INSTANCES) != 2
    np.testing.assert_allclose(output(model, gaps)[others], output(model, X)[others], rtol=1e-5, atol=1e-6)


COMMON_CHECKS = [
    check_fit_returns_itself,
    check_input_is_not_changed,
    check_same_seed_gives_the_same_bits,
    check_refit_forgets_the_first_fit,
    check_pickle_round_trip,
    check_parameters_can_be_read_and_set,
    check_unknown_parameter_is_refused,
    check_clones_with_scikit_learn,
    check_dtype_and_memory_order_do_not_matter,
    check_one_instance_alone_gives_its_row,
    check_not_fitted_is_a_clear_error,
    check_other_channels_are_refused,
    check_wrong_dimensions_are_refused,
    check_empty_input_is_refused,
    check_text_is_refused,
    check_infinities_are_refused,
]


# Checks of transformers


def check_output_is_finite_float32(estimator: Any) -> None:
    """One float32 row of finite values for each instance, C-contiguous."""
    X, _ = make_series()
    transformed = fitted(estimator).transform(X)
    assert transformed.dtype == np.float32
    assert len(transformed) == len(X)
    assert transformed.flags.c_contiguous
    assert np.isfinite(transformed).all()


def check_fit_transform_is_fit_then_transform(estimator: Any) -> None:
    """``fit_transform`` is no third way."""
    X, y = make_series()
    np.testing.assert_array_equal(copy.deepcopy(estimator).fit_transform(X, y), fitted(estimator).transform(X))


def check_labels_are_not_needed(estimator: Any) -> None:
    """A transformer can be fitted without labels."""
    X, _ = make_series()
    estimator.fit(X).transform(X)


TRANSFORMER_CHECKS = [
    check_output_is_finite_float32,
    check_fit_transform_is_fit_then_transform,
    check_labels_are_not_needed,
]


# Checks of classifiers


def check_probabilities_are_probabilities(estimator: Any) -> None:
    """One row per instance and one column per class, from 0 to 1, summing to 1."""
    X, _ = make_series()
    model = fitted(estimator)
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (len(X), 2)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def check_prediction_is_the_most_probable_class(estimator: Any) -> None:
    """``predict`` gives the class with the largest probability, as its original label."""
    X, _ = make_series()
    model = fitted(estimator)
    np.testing.assert_array_equal(model.predict(X), model.classes_[model.predict_proba(X).argmax(axis=1)])


def check_an_easy_problem_is_solved(estimator: Any) -> None:
    """Slow and fast sines are told apart on the training series."""
    X, y = make_series()
    np.testing.assert_array_equal(fitted(estimator).predict(X), y)


def check_labels_of_any_kind_come_back(estimator: Any) -> None:
    """Integer and string labels come back as they were, sorted in ``classes_``."""
    X, y = make_series()
    for labels in (y, np.where(y == "a", 7, -1)):
        model = copy.deepcopy(estimator).fit(X, labels)
        np.testing.assert_array_equal(model.classes_, np.unique(labels))
        assert set(model.predict(X)) <= set(labels)


def check_more_than_two_classes(estimator: Any) -> None:
    """Three classes give three probabilities."""
    X, _ = make_series()
    labels = np.arange(N_INSTANCES) % 3
    assert estimator.fit(X, labels).predict_proba(X).shape == (N_INSTANCES, 3)


def check_one_class_is_refused(estimator: Any) -> None:
    """A single class is a clear error."""
    X, y = make_series()
    assert_clear_error(estimator.fit, X, np.full_like(y, "a"), mentions=("class",))


def check_one_instance_is_refused(estimator: Any) -> None:
    """A single training instance is a clear error."""
    X, y = make_series()
    assert_clear_error(estimator.fit, X[:1], y[:1])


def check_unequal_numbers_of_series_and_labels_are_refused(estimator: Any) -> None:
    """As many labels as series, or a clear error."""
    X, y = make_series()
    assert_clear_error(estimator.fit, X, y[:-1], mentions=(str(len(X)), str(len(X) - 1)))


CLASSIFIER_CHECKS = [
    check_probabilities_are_probabilities,
    check_prediction_is_the_most_probable_class,
    check_an_easy_problem_is_solved,
    check_labels_of_any_kind_come_back,
    check_more_than_two_classes,
    check_one_class_is_refused,
    check_one_instance_is_refused,
    check_unequal_numbers_of_series_and_labels_are_refused,
]
