"""Some twenty named statistics of each channel of each series, vectorised, with missing values allowed."""

from collections.abc import Sequence

import numpy as np

from stac.data_processing.series_statistics._groups import GROUPS, NAMES, Block

__all__ = ["series_statistics"]

# Values in a block: few enough that the passes over it find it in the cache, many enough to hide numpy's calls.
BLOCK_SIZE = 128 * 1024


def series_statistics(
    X: np.ndarray | Sequence[np.ndarray], statistics: Sequence[str] | None = None
) -> tuple[np.ndarray, list[str]]:
    """Describe each channel of each series by numbers that do not depend on its length.

    Parameters
    ----------
    X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
        Series; one series (n_channels, n_timepoints) or (n_timepoints,) is accepted, too. NaN marks missing values.
    statistics : sequence of str, optional
        Names of those that are wanted; by default all.

        - ``mean``, ``std``, ``minimum``, ``quantile_05``, ``quantile_25``, ``median``, ``quantile_75``,
          ``quantile_95``, ``maximum``: of the known values, in the unit of ``X``.
        - ``skewness``, ``kurtosis`` (0 for a normal distribution): third and fourth moment of the standardised values.
        - ``missing_share``: of the time points.
        - ``autocorrelation_1``, ``_2``, ``_5``, ``_10``: with the value so many time points later.
        - ``trend_slope``: of the least-squares line, in the unit of ``X`` for each time point; ``trend_strength``: the
          share of the variance that it explains.
        - ``mean_absolute_change``: from one time point to the next, in the unit of ``X``.
        - ``crossing_rate``: share of the steps that cross the mean; ``peak_rate``: local maxima for each time point;
          ``longest_above_mean``: share of the time of the longest stretch above the mean.
        - ``spectral_entropy``: 0 for a sine, 1 for white noise; ``spectral_centroid``: mean frequency weighted with
          power, in cycles for each time point.

    Returns
    -------
    values : ndarray of shape (n_instances, n_channels * n_statistics), or (n_channels * n_statistics,) of one series
        float32, channel after channel; NaN where a channel has no known value (but its ``missing_share``).
    names : list of str
        Such as "channel0_mean".

    Raises
    ------
    ValueError
        If ``X`` or a series is empty or holds infinities, channels differ, or a statistic is unknown.
    TypeError
        If ``X`` does not hold numbers.

    Examples
    --------
    >>> import numpy as np
    >>> values, names = series_statistics(np.array([[1, 2, 3, 4], [0, 0, 0, 8]]), ["mean", "maximum", "trend_slope"])
    >>> dict(zip(names[:3], values[:3].round(3).tolist()))
    {'channel0_mean': 2.5, 'channel0_maximum': 4.0, 'channel0_trend_slope': 1.0}
    """
    wanted = _check_names(statistics)
    if not isinstance(X, list | tuple):
        x = _as_floats(np.asarray(X), "X")
        if x.ndim > 3:
            raise ValueError(f"X has shape {x.shape}, expected (n_instances, n_channels, n_timepoints).")
        values = _statistics(x, wanted, "X")
        n_channels = x.shape[-2] if x.ndim > 1 else 1
        return values.reshape(*x.shape[:-2], -1), _columns(n_channels, wanted)
    series = [np.atleast_2d(_as_floats(np.asarray(x), f"X[{i}]")) for i, x in enumerate(X)]
    if not series:
        raise ValueError("X is an empty list: pass at least one series.")
    members: dict[int, list[int]] = {}
    for i, x in enumerate(series):
        if x.ndim != 2 or len(x) != len(series[0]):
            raise ValueError(
                f"X[{i}] has shape {x.shape}, X[0] {series[0].shape}: expected (n_channels, n_timepoints) "
                "with the same channels."
            )
        members.setdefault(x.shape[-1], []).append(i)
    columns = _columns(len(series[0]), wanted)
    values = np.empty((len(series), len(columns)), np.float32)
    for same_length in members.values():  # together, which takes one call instead of many
        stacked = np.stack([series[i] for i in same_length])
        name = f"X[{same_length[0]}]" if len(same_length) == 1 else f"X[{same_length[0]}] or another of its length"
        values[same_length] = _statistics(stacked, wanted, name).reshape(len(stacked), -1)
    return values, columns


def _statistics(x: np.ndarray, wanted: list[str], name: str) -> np.ndarray:
    """Return the wanted statistics of each channel, shape (n_rows, n_wanted)."""
    rows = x.reshape(-1, x.shape[-1])
    values = np.empty((len(rows), len(wanted)), np.float32)
    step = max(1, BLOCK_SIZE // rows.shape[1])
    groups = [(names, function) for names, function in GROUPS if set(names) & set(wanted)]
    for start in range(0, len(rows), step):
        block = Block(rows[start : start + step])
        if block.has_infinities:
            raise ValueError(f"{name} holds infinities: set them to NaN where they stand for missing values.")
        for names, function in groups:
            for statistic, column in zip(names, function(block), strict=True):
                if statistic in wanted:
                    values[start : start + step, wanted.index(statistic)] = column
        unknown = block.n_known == 0
        values[start : start + step][unknown] = [1 if statistic == "missing_share" else np.nan for statistic in wanted]
    return values


def _columns(n_channels: int, wanted: list[str]) -> list[str]:
    return [f"channel{channel}_{statistic}" for channel in range(n_channels) for statistic in wanted]


def _check_names(statistics: Sequence[str] | None) -> list[str]:
    if statistics is None:
        return list(NAMES)
    wanted = [statistics] if isinstance(statistics, str) else list(statistics)
    unknown = [name for name in wanted if name not in NAMES]
    if unknown or not wanted:
        raise ValueError(f"statistics {unknown} are unknown: use any of {', '.join(NAMES)}.")
    return wanted


def _as_floats(x: np.ndarray, name: str) -> np.ndarray:
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {x.dtype}, expected numbers: convert it with .astype('float32').")
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"{name} has shape {x.shape}, expected (..., n_timepoints) with at least one value.")
    return x if x.dtype in (np.float32, np.float64) else x.astype(np.float32)
