"""The split keeps the classes' shares, loses nobody, never looks ahead, and can be repeated."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.split_series import (
    grouped_split,
    rolling_origin_splits,
    stratified_split,
    temporal_split,
)
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@settings(deadline=None)
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


@settings(deadline=None)
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


times = st.lists(st.integers(0, 30), min_size=2, max_size=40).map(np.array)


@settings(deadline=None, max_examples=25)
@given(times=times, test_size=st.floats(0.01, 0.99) | st.integers(1, 5), gap=st.integers(0, 3))
def test_no_training_time_reaches_the_test_part(times, test_size, gap):
    n = len(np.unique(times))
    n_test = test_size if isinstance(test_size, int) else max(1, round(n * test_size))
    if n - n_test - gap < 1:
        assert_clear_error(temporal_split, times, test_size=test_size, gap=gap, mentions=("training",))
        return
    train, test = temporal_split(times, test_size=test_size, gap=gap)
    assert times[train].max() < times[test].min()
    assert len(np.unique(times[test])) == n_test
    assert n - len(np.unique(times[train])) - n_test == gap
    assert len(train) + len(test) <= len(times)


@settings(deadline=None, max_examples=25)
@given(
    times=times,
    horizon=st.integers(1, 4),
    n_splits=st.integers(1, 4),
    step=st.none() | st.integers(1, 4),
    gap=st.integers(0, 2),
    train_size=st.none() | st.integers(1, 5),
)
def test_origins_roll_to_the_end_and_never_look_ahead(times, horizon, n_splits, step, gap, train_size):
    options = {"horizon": horizon, "n_splits": n_splits, "step": step, "gap": gap, "train_size": train_size}
    different = np.unique(times)
    if len(different) < (train_size or 1) + gap + horizon + (n_splits - 1) * (step or horizon):
        assert_clear_error(rolling_origin_splits, times, **options, mentions=("time points",))
        return
    splits = rolling_origin_splits(times, **options)
    assert len(splits) == n_splits
    origins = []
    for train, test in splits:
        known, asked = np.unique(times[train]), np.unique(times[test])
        origin = np.searchsorted(different, asked[0])
        origins.append(origin)
        np.testing.assert_array_equal(asked, different[origin : origin + horizon])
        first = 0 if train_size is None else origin - gap - train_size
        np.testing.assert_array_equal(known, different[first : origin - gap])
        assert set(times[train]).isdisjoint(times[test])
    assert origins[-1] + horizon == len(different)
    assert set(np.diff(origins)) <= {step or horizon}


def test_a_number_of_instances_stands_for_their_order():
    train, test = temporal_split(10, test_size=0.3)
    assert [*train, *test] == list(range(10))
    assert len(test) == 3
    np.testing.assert_array_equal(rolling_origin_splits(10, horizon=2, n_splits=1)[0][1], [8, 9])


def test_dates_are_times():
    days = np.array(["2024-02-01", "2024-01-01", "2024-02-01"], dtype="datetime64[D]")
    train, test = temporal_split(days, test_size=1)
    assert train.tolist() == [1]
    assert test.tolist() == [0, 2]


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
    assert_clear_error(temporal_split, np.array([1.0, np.nan]), mentions=("times[1]", "missing"))
    assert_clear_error(temporal_split, np.array(["2024-01-01", "NaT"], "datetime64[D]"), mentions=("times[1]",))
    assert_clear_error(temporal_split, np.array(["2024-01-01"]), mentions=("datetime64",))
    assert_clear_error(temporal_split, np.array([3, 3, 3]), mentions=("1 time points",))
    assert_clear_error(temporal_split, np.zeros((2, 2)), mentions=("(2, 2)",))
    assert_clear_error(temporal_split, [], mentions=("(0,)",))
    assert_clear_error(temporal_split, 1, mentions=("times=1",))
    assert_clear_error(temporal_split, 10, test_size=1.5, mentions=("test_size=1.5",))
    assert_clear_error(temporal_split, 10, test_size=0, mentions=("test_size=0",))
    assert_clear_error(temporal_split, 10, gap=-1, mentions=("gap=-1",))
    assert_clear_error(rolling_origin_splits, 10, horizon=2.5, mentions=("horizon=2.5",))
    assert_clear_error(rolling_origin_splits, 10, horizon=3, n_splits=4, mentions=("need 13", "there are 10"))
