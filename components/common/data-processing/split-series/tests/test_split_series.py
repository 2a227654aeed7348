"""The split keeps the classes' shares, loses nobody, and can be repeated."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stac.data_processing.split_series import grouped_split, stratified_split
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@given(
    counts=st.lists(st.integers(2, 40), min_size=1, max_size=5),
    test_size=st.floats(0.01, 0.99),
    random_state=st.integers(0, 100),
)
def test_every_instance_is_in_one_part_and_every_class_in_both(counts, test_size, random_state):
    y = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    train, test = stratified_split(y, test_size=test_size, random_state=random_state)
    assert sorted([*train, *test]) == list(range(len(y)))
    for label, count in enumerate(counts):
        n_test = np.sum(y[test] == label)
        assert 1 <= n_test < count
        assert abs(n_test - test_size * count) <= 1


@given(
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=20),
    test_size=st.floats(0.01, 0.99),
    random_state=st.integers(0, 100),
)
def test_no_group_is_in_both_parts(sizes, test_size, random_state):
    groups = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    train, test = grouped_split(groups, test_size=test_size, random_state=random_state)
    assert sorted([*train, *test]) == list(range(len(groups)))
    assert not set(groups[train]) & set(groups[test])
    n_test = len(set(groups[test]))
    assert 1 <= n_test < len(sizes)
    assert abs(n_test - test_size * len(sizes)) <= 1


def test_the_seed_decides():
    y = np.repeat(["a", "b"], 50)
    np.testing.assert_array_equal(stratified_split(y, random_state=3)[1], stratified_split(y, random_state=3)[1])
    assert not np.array_equal(stratified_split(y, random_state=3)[1], stratified_split(y, random_state=4)[1])
    recording = np.arange(100) // 2
    np.testing.assert_array_equal(
        grouped_split(recording, random_state=3)[1], grouped_split(recording, random_state=3)[1]
    )
    assert not np.array_equal(grouped_split(recording, random_state=3)[1], grouped_split(recording, random_state=4)[1])


def test_bad_input_is_explained():
    assert_clear_error(stratified_split, np.array([]), mentions=("y has shape",))
    assert_clear_error(stratified_split, np.array(["a", "a", "b"]), mentions=("Class b", "single"))
    assert_clear_error(stratified_split, np.array([0, 0, 1, 1]), test_size=30, mentions=("test_size=30",))
    assert_clear_error(grouped_split, np.zeros((2, 2)), mentions=("groups has shape",))
    assert_clear_error(grouped_split, np.array([5, 5]), mentions=("group 5",))
    assert_clear_error(grouped_split, np.array([1, 2]), test_size=0, mentions=("test_size=0",))
