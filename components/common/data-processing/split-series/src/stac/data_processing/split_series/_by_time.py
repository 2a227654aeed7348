"""Splits by time: the past for training, what came after it for the test."""

from operator import index

import numpy as np


def temporal_split(
    times: np.ndarray | int, *, test_size: float | int = 0.3, gap: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Train on the past, test on what came after it: no time of the training part is at or after one of the test part.

    Parameters
    ----------
    times : ndarray of shape (n_instances,), or int
        Time of each instance (numbers or datetime64, in any order, instances may share a time), or how many instances
        there are, already in order of time.
    test_size : float or int, default=0.3
        Share of the time points that goes to the test part, between 0 and 1, or their number.
    gap : int, default=0
        Time points between the parts that are in neither: as many as features or windows look back or ahead.

    Returns
    -------
    train, test : ndarray of int64
        Indices of the instances, ascending.

    Raises
    ------
    ValueError
        If there are too few different times for both parts, a time is missing, or a number is out of range.
    TypeError
        If ``times`` holds neither numbers nor datetime64.

    References
    ----------
    .. [1] Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy: an analysis and review. International
       Journal of Forecasting 16(4), 437-450. doi:10.1016/S0169-2070(00)00065-0

    Examples
    --------
    >>> import numpy as np
    >>> train, test = temporal_split(np.array([2021, 2019, 2020, 2021, 2018]), test_size=0.25)
    >>> train.tolist(), test.tolist()
    ([1, 2, 4], [0, 3])
    """
    order, n_times = _order_of_time(times)
    gap = _whole(gap, "gap", 0)
    if isinstance(test_size, float):
        check_share(test_size)
        n_test = max(1, round(n_times * test_size))
    else:
        n_test = _whole(test_size, "test_size", 1)
    n_train = n_times - n_test - gap
    if n_train < 1:
        raise ValueError(
            f"{n_times} time points leave none for training beside {n_test} of the test part and a gap of {gap}: "
            "choose a smaller test_size or gap."
        )
    return np.flatnonzero(order < n_train), np.flatnonzero(order >= n_train + gap)


def rolling_origin_splits(
    times: np.ndarray | int,
    *,
    horizon: int,
    n_splits: int = 5,
    step: int | None = None,
    gap: int = 0,
    train_size: int | None = None,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split several times, each time with more past: test parts of one horizon, the last one at the end of the data.

    Parameters
    ----------
    times : ndarray of shape (n_instances,), or int
        Time of each instance (numbers or datetime64, in any order, instances may share a time), or how many instances
        there are, already in order of time.
    horizon : int
        Time points of each test part.
    n_splits : int, default=5
        How many splits.
    step : int, optional
        Time points from one split to the next; by default the horizon, so that test parts do not overlap.
    gap : int, default=0
        Time points between training and test part that are in neither.
    train_size : int, optional
        Time points of each training part, which then moves along; by default it starts at the beginning and grows.

    Returns
    -------
    list of (train, test)
        Indices of the instances, ascending, int64; the earliest split first.

    Raises
    ------
    ValueError
        If there are too few different times, a time is missing, or a number is out of range.
    TypeError
        If ``times`` holds neither numbers nor datetime64, or a number is no whole number.

    References
    ----------
    .. [1] Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy: an analysis and review. International
       Journal of Forecasting 16(4), 437-450. doi:10.1016/S0169-2070(00)00065-0

    Examples
    --------
    >>> for train, test in rolling_origin_splits(8, horizon=2, n_splits=3):
    ...     print(train.tolist(), test.tolist())
    [0, 1] [2, 3]
    [0, 1, 2, 3] [4, 5]
    [0, 1, 2, 3, 4, 5] [6, 7]
    """
    order, n_times = _order_of_time(times)
    horizon, n_splits = _whole(horizon, "horizon", 1), _whole(n_splits, "n_splits", 1)
    step = horizon if step is None else _whole(step, "step", 1)
    gap = _whole(gap, "gap", 0)
    least = 1 if train_size is None else _whole(train_size, "train_size", 1)
    needed = least + gap + horizon + (n_splits - 1) * step
    if n_times < needed:
        raise ValueError(
            f"{n_splits} splits with horizon {horizon}, step {step}, gap {gap} and {least} time points of training "
            f"need {needed} time points, there are {n_times}: choose fewer splits or smaller numbers."
        )
    splits = []
    for origin in range(n_times - horizon - (n_splits - 1) * step, n_times, step)[:n_splits]:
        end = origin - gap
        start = 0 if train_size is None else end - least
        train = (order >= start) & (order < end)
        test = (order >= origin) & (order < origin + horizon)
        splits.append((np.flatnonzero(train), np.flatnonzero(test)))
    return splits


def _order_of_time(times: np.ndarray | int) -> tuple[np.ndarray, int]:
    """Return for each instance the place of its time among all different times, and how many there are."""
    times = np.asarray(times)
    if times.ndim == 0 and times.dtype.kind in "iu":
        n = _whole(int(times), "times", 2)
        return np.arange(n), n
    if times.ndim != 1 or times.size == 0:
        raise ValueError(f"times have shape {times.shape}, expected (n_instances,): one time for each instance.")
    if times.dtype.kind not in "iufM":
        raise TypeError(
            f"times hold {times.dtype}, expected numbers or datetime64: convert them with np.asarray(times, "
            "'datetime64[ns]'), those with time zones to one zone first."
        )
    missing = np.isnat(times) if times.dtype.kind == "M" else np.isnan(times)
    if missing.any():
        raise ValueError(f"times[{missing.argmax()}] is missing: leave out instances without a time.")
    different, order = np.unique(times, return_inverse=True)
    return order, len(different)


def _whole(value: int, name: str, least: int) -> int:
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} is no whole number: pass an integer of at least {least}.") from None
    if number < least:
        raise ValueError(f"{name}={value} is too small: pass an integer of at least {least}.")
    return number


def check_share(test_size: float) -> None:
    """Refuse what is no share of a whole."""
    if not 0 < test_size < 1:
        raise ValueError(f"test_size={test_size} is no share: choose a number between 0 and 1, such as 0.3.")
