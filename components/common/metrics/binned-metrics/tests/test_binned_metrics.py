"""Every instance is in one bin, what is missing is NaN and says why, and equal counts are equal."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from stac.metrics.binned_metrics import metric_in_bins, metric_in_bins_of_two
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
variables = st_numpy.arrays(np.float64, st.integers(1, 60), elements=st.integers(-20, 20).map(lambda n: n / 4))


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def accuracy_of_both_classes(y, predicted):
    if len(set(y)) < 2:
        raise ValueError("y holds one class only, and two are needed")
    return np.mean(y == predicted)


@settings(deadline=None, max_examples=50)
@given(variables, st.integers(1, 9))
def test_number_of_bins_holds_every_instance_once(variable, n_bins):
    table = metric_in_bins(np.sum, variable, np.ones(len(variable)), bins=n_bins)
    assert table["n"].sum() == len(variable)
    np.testing.assert_array_equal(np.nan_to_num(table["value"]), table["n"])
    assert (table["low"] < table["high"]).all()


@settings(deadline=None, max_examples=50)
@given(variables, st.lists(st.integers(-25, 25), min_size=2, max_size=8, unique=True))
def test_edges_agree_with_a_histogram(variable, edges):
    edges = np.sort(edges)
    expected = np.histogram(variable, edges)[0]
    if not expected.any():
        assert_clear_error(metric_in_bins, np.mean, variable, variable, bins=edges, mentions=("unit",))
        return
    table = metric_in_bins(np.mean, variable, variable, bins=edges)
    np.testing.assert_array_equal(table["n"], expected)
    filled = expected > 0
    assert (table["value"][filled] >= table["low"][filled]).all()
    assert (table["value"][filled] <= table["high"][filled]).all()


def test_number_of_bins_gives_equal_counts():
    variable = np.random.default_rng(0).lognormal(size=1000)
    np.testing.assert_array_equal(metric_in_bins(np.mean, variable, variable, bins=8)["n"], [125] * 8)


def test_constant_variable_is_one_bin():
    table = metric_in_bins(np.mean, np.full(5, 3.0), np.arange(5.0), bins=4)
    assert table["n"].tolist() == [5]
    assert table["centre"].tolist() == [3.0]


def test_empty_and_one_class_bins_are_nan_and_say_why():
    y = np.array([True, False, True, True])
    table = metric_in_bins(accuracy_of_both_classes, [1, 1, 5, 5], y, y, bins=[0, 2, 4, 6])
    np.testing.assert_array_equal(table["value"], [1, np.nan, np.nan])
    assert table["n"].tolist() == [2, 0, 2]
    assert table["note"].tolist() == ["", "0 instances", "y holds one class only, and two are needed"]


def test_bins_with_few_instances_are_nan():
    table = metric_in_bins(np.mean, [1, 1, 1, 5], [1, 1, 1, 9], bins=[0, 2, 6], min_count=2)
    np.testing.assert_array_equal(table["value"], [1, np.nan])
    assert table["n"].tolist() == [3, 1]


def test_interval_of_the_metric_is_kept():
    table = metric_in_bins(
        lambda x: (x.mean(), x.min(), x.max(), "more")[:3], [1, 1, 5], [1.0, 3.0, 9.0], bins=[0, 3, 6]
    )
    assert [table[name].tolist() for name in ("value", "value_low", "value_high")] == [[2, 9], [1, 9], [3, 9]]


def test_metric_without_interval_has_nan_ends():
    table = metric_in_bins(np.mean, [1, 5], [1.0, 9.0], bins=[0, 3, 6])
    assert np.isnan(table["value_low"]).all()


def test_arrays_of_any_shape_and_type_are_cut():
    names, images = np.array(["a", "b", "a"]), np.arange(12).reshape(3, 2, 2)
    seen = []
    metric_in_bins(
        lambda *parts: seen.append([part.tolist() for part in parts]) or 0, [5, 1, 5], names, images, bins=[0, 3, 6]
    )
    assert seen == [[["b"], [[[4, 5], [6, 7]]]], [["a", "a"], [[[0, 1], [2, 3]], [[8, 9], [10, 11]]]]]


def test_infinite_edges_take_the_rest():
    table = metric_in_bins(np.mean, [-99, 1, 99], [1.0, 2.0, 3.0], bins=[-np.inf, 0, np.inf])
    assert table["n"].tolist() == [1, 2]
    assert table["centre"].tolist() == [-49.5, 49.5]


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 50), st.integers(1, 4), st.integers(1, 4), st.integers(0, 9))
def test_two_variables_agree_with_one_inside_the_other(n, n_x, n_y, seed):
    rng = np.random.default_rng(seed)
    x, y, values = rng.normal(size=(3, n))
    table = metric_in_bins_of_two(np.mean, x, y, values, x_bins=n_x, y_bins=n_y)
    assert table["n"].sum() == n
    for row, (low, high) in enumerate(zip(table["y_edges"][:-1], table["y_edges"][1:], strict=True)):
        last = row == table["n"].shape[0] - 1
        inside = (y >= low) & ((y <= high) if last else (y < high))
        if inside.any():
            expected = metric_in_bins(np.mean, x[inside], values[inside], bins=table["x_edges"])
            np.testing.assert_allclose(table["value"][row], expected["value"])
            np.testing.assert_array_equal(table["n"][row], expected["n"])


def test_two_variables_leave_out_what_is_outside():
    table = metric_in_bins_of_two(np.sum, [1, 1, 9], [1, 9, 1], [1, 1, 1], x_bins=[0, 2], y_bins=[0, 2])
    assert table["n"].tolist() == [[1]]


def always_fails(_):
    raise ValueError("y holds words and not booleans")


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((np.mean, [1, 2]), {}, "no arrays"),
        ((np.mean, [], []), {}, "empty"),
        ((np.mean, [1, 2], [1]), {}, "[1]"),
        ((np.mean, [1, np.nan], [1, 2]), {}, "NaN"),
        ((np.mean, ["a", "b"], [1, 2]), {}, "number"),
        ((np.mean, [[1, 2]], [1, 2]), {}, "(n_instances,)"),
        ((np.mean, [1, 2], 5), {}, "(n_instances, …)"),
        ((np.mean, [1, 2], [1, 2]), {"bins": 0}, "at least one bin"),
        ((np.mean, [1, 2], [1, 2]), {"bins": [3, 1]}, "ascending"),
        ((np.mean, [1, 2], [1, 2]), {"bins": [1]}, "ascending"),
        ((np.mean, [1, 2], [1, 2]), {"bins": "four"}, "ascending"),
        ((np.mean, [1, 2], [1, 2]), {"bins": [0, np.nan, 3]}, "ascending"),
        ((np.mean, [1, 2], [1, 2]), {"bins": [50, 60]}, "unit"),
        ((np.mean, [1, 2], [1, 2]), {"min_count": -1}, "min_count"),
        ((lambda _: "good", [1, 2], [1, 2]), {}, "(value, low, high)"),
        ((lambda _: (1, 2), [1, 2], [1, 2]), {}, "(value, low, high)"),
        ((always_fails, [1, 2], [1, 2]), {}, "words and not booleans"),
    ],
)
def test_wrong_input_is_explained(arguments, options, words):
    assert_clear_error(metric_in_bins, *arguments, **options, mentions=(words,))


def test_wrong_second_variable_is_named():
    assert_clear_error(metric_in_bins_of_two, np.mean, [1, 2], [1, np.nan], [1, 2], mentions=("y holds NaN",))
