"""Splits series into a training and a test part: by class, by what belongs together, or by time."""

import numpy as np

from stac.data_processing.split_series._by_time import check_share, rolling_origin_splits, temporal_split

__all__ = ["grouped_split", "rolling_origin_splits", "stratified_split", "temporal_split"]


def stratified_split(y: np.ndarray, *, test_size: float = 0.3, random_state: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw a training and a test part in which every class has its share.

    Every class keeps at least one instance in each part; the shares are exact up to rounding within each class.

    Parameters
    ----------
    y : ndarray of shape (n_instances,)
        Class labels, integers or strings.
    test_size : float, default=0.3
        Share of the instances of each class that goes to the test part, between 0 and 1.
    random_state : int, default=0
        Seed of the draw: the same seed gives the same split.

    Returns
    -------
    train, test : ndarray of int64
        Indices of the instances, ascending; together they are all instances, each once.

    Raises
    ------
    ValueError
        If ``y`` is empty or has other dimensions, ``test_size`` is no share, or a class has a single instance.

    Examples
    --------
    >>> import numpy as np
    >>> train, test = stratified_split(np.array(["a", "a", "a", "b", "b", "b"]), test_size=1 / 3)
    >>> len(train), len(test)
    (4, 2)
    """
    y = np.asarray(y)
    if y.ndim != 1 or y.size == 0:
        raise ValueError(f"y has shape {y.shape}, expected (n_instances,) with at least two labels of each class.")
    check_share(test_size)
    classes, class_of, counts = np.unique(y, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        rare = ", ".join(str(name) for name in classes[counts < 2][:5])
        raise ValueError(
            f"Class {rare} has a single instance, which cannot be in both parts: add another, or remove the class."
        )
    generator = np.random.default_rng(random_state)
    n_test = np.clip(np.round(counts * test_size).astype(int), 1, counts - 1)
    in_test = np.zeros(len(y), bool)
    for label, n in enumerate(n_test):
        in_test[generator.permutation(np.flatnonzero(class_of == label))[:n]] = True
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def grouped_split(
    groups: np.ndarray, *, test_size: float = 0.3, random_state: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a training and a test part that share no group: no event, recording or patient is in both.

    Parameters
    ----------
    groups : ndarray of shape (n_instances,)
        Group of each instance, integers or strings.
    test_size : float, default=0.3
        Share of the groups that goes to the test part, between 0 and 1; at least one group is in each part.
    random_state : int, default=0
        Seed of the draw: the same seed gives the same split.

    Returns
    -------
    train, test : ndarray of int64
        Indices of the instances, ascending; together they are all instances, each once.

    Raises
    ------
    ValueError
        If ``groups`` has other dimensions or fewer than two groups, or ``test_size`` is no share.

    Examples
    --------
    >>> import numpy as np
    >>> event = np.array([7, 7, 8, 8, 8, 9])
    >>> train, test = grouped_split(event, test_size=1 / 3)
    >>> set(event[train]) & set(event[test])
    set()
    """
    groups = np.asarray(groups)
    if groups.ndim != 1 or groups.size == 0:
        raise ValueError(f"groups has shape {groups.shape}, expected (n_instances,): one group for each instance.")
    check_share(test_size)
    names, group_of = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise ValueError(f"All instances are of group {names[0]}, which cannot be in both parts: add another group.")
    n_test = int(np.clip(round(len(names) * test_size), 1, len(names) - 1))
    drawn = np.zeros(len(names), bool)
    drawn[np.random.default_rng(random_state).permutation(len(names))[:n_test]] = True
    in_test = drawn[group_of]
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)
