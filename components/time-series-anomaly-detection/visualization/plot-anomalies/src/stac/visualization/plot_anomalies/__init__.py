"""Draw a series with its anomaly scores below, on one time axis: what is labelled, and what a threshold detects."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.visualization.plot_anomalies._inputs import check_labels, check_scores, check_series, check_times, find_ranges

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_anomalies"]

_MOST_POINTS = 4000  # of a line: more are drawn as the least and the greatest of each stretch, which looks the same
_MOST_ROWS = 8  # channels with a row of their own; more share rows as thin lines
_MOST_MARKS = 2000
_INK, _SCORE, _DETECTED, _LABELLED = "#333333", "#0072B2", "#D55E00", "#E69F00"


def plot_anomalies(
    series: ArrayLike,
    scores: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    threshold: float | ArrayLike | None = None,
    *,
    dt: float | None = None,
    time: ArrayLike | None = None,
    unit: str = "",
    channel_names: Sequence[str] | None = None,
    ax: "Axes | Sequence[Axes] | None" = None,
) -> Any:
    """Draw the series above, its scores below, labelled anomalies shaded, and what reaches the threshold marked.

    Long series are drawn as the least and the greatest value of each stretch, so that no spike is lost and the
    picture stays small.

    Parameters
    ----------
    series : array-like of shape (n_channels, n_timepoints) or (n_timepoints,)
        NaN leaves a gap. Up to 8 channels get a row each; more are drawn on top of each other, each standardised.
    scores : array-like of shape (n_timepoints,), optional
        Higher = more anomalous.
    labels : array-like of bool, shape (n_timepoints,), optional
        True where a time point is anomalous: shaded.
    threshold : float, or array-like of shape (n_timepoints,), optional
        ``score >= threshold`` is a detection, marked on the scores and above the series. An array for a threshold
        that changes.
    dt : float, optional
        The sampling interval, in ``unit``.
    time : array-like (n_timepoints,), optional
        The time of each point, numbers or datetimes, instead of ``dt``.
    unit : str
        The unit of time, such as "s".
    channel_names : sequence of str, optional
        Names for the rows.
    ax : matplotlib Axes or sequence of them, optional
        Where to draw: one for each row, the scores last. By default a new figure, made without pyplot: no window, no
        global state; ``axes[0].figure`` is it.

    Returns
    -------
    ndarray of matplotlib Axes
        One for each row, from above; the scores last.

    Raises
    ------
    TypeError
        If series or scores are not numbers.
    ValueError
        If series, scores, labels, threshold, time and axes do not fit each other, or a parameter is out of range.

    Examples
    --------
    >>> series = np.sin(np.arange(500) / 10)
    >>> series[300:310] += 1
    >>> labels = np.abs(np.arange(500) - 305) < 6
    >>> axes = plot_anomalies(series, np.abs(series), labels, threshold=1.2, dt=0.01, unit="s")
    >>> [axis.get_ylabel() for axis in axes], axes[-1].get_xlabel()
    (['Value', 'Score'], 'Time (s)')
    >>> axes[0].figure.savefig("anomalies.png")  # doctest: +SKIP
    """
    values = check_series(series)
    n_channels, n_timepoints = values.shape
    score = None if scores is None else check_scores(scores, n_timepoints)
    marks = None if labels is None else check_labels(labels, n_timepoints)
    limit = _check_threshold(threshold, score, n_timepoints)
    times = check_times(time, dt, n_timepoints)
    names = _check_names(channel_names, n_channels)
    rows = [[channel] for channel in range(n_channels)] if n_channels <= _MOST_ROWS else [list(range(n_channels))]
    axes = _make_axes(len(rows), score is not None, ax)
    found = None if limit is None or score is None else score >= limit
    for axis, channels in zip(axes, rows, strict=False):
        _draw_series(
            axis, times, values[channels], names[channels[0]] if len(channels) == 1 else f"{n_channels} channels"
        )
        _mark_detections(axis, times, found)
    if score is not None:
        _draw_scores(axes[-1], times, score, limit, found)
    for axis in axes:
        _shade(axis, times, marks)
        axis.margins(x=0)
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1].set_xlabel(("Time point" if time is None and dt is None else "Time") + (f" ({unit})" if unit else ""))
    _add_legend(axes[0], marks, found)
    boxed = np.empty(len(axes), dtype=object)
    boxed[:] = axes
    return boxed


def _check_threshold(threshold: Any, score: NDArray | None, n_timepoints: int) -> NDArray | None:
    if threshold is None:
        return None
    if score is None:
        raise ValueError("threshold is given without scores: give the scores that it is a threshold of")
    limit = np.asarray(threshold)
    if limit.dtype.kind not in "fiu" or limit.shape not in ((), (n_timepoints,)) or np.isnan(limit).any():
        raise ValueError(f"threshold is {threshold!r:.60}: give one number, or one for each of {n_timepoints} points")
    return np.broadcast_to(limit, (n_timepoints,))


def _check_names(names: Sequence[str] | None, n_channels: int) -> list[str]:
    if names is None:
        return ["Value"] if n_channels == 1 else [f"Channel {channel}" for channel in range(n_channels)]
    if isinstance(names, str) or len(names) != n_channels:
        raise ValueError(f"channel_names are {names!r:.60}: give one for each of {n_channels} channels")
    return [str(name) for name in names]


def _make_axes(n_rows: int, with_scores: bool, ax: Any) -> "list[Axes]":
    from matplotlib.figure import Figure

    total = n_rows + with_scores
    if ax is not None:
        given = list(np.ravel(np.asarray(ax, dtype=object)))
        if len(given) != total:
            raise ValueError(f"ax holds {len(given)} axes and {total} rows are drawn: give one for each, scores last")
        return given
    height = 1.7 if n_rows == 1 else max(0.8, 1.3 - 0.06 * n_rows)
    figure = Figure(figsize=(9, 0.9 + n_rows * height + with_scores * 1.6), layout="constrained")
    ratios = [height] * n_rows + [1.5] * with_scores
    return list(figure.subplots(total, 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0])


def _draw_series(axis: "Axes", times: NDArray, values: NDArray[np.float64], name: str) -> None:
    if len(values) > 1:
        values = _standardised(values)
    alone = len(values) == 1
    width, alpha = (0.9, 1) if alone else (0.5, max(0.15, 2 / len(values)))
    marker = "." if len(times) == 1 else None
    for one in values:
        axis.plot(*_thinned(times, one), color=_INK, linewidth=width, alpha=alpha, marker=marker)
    axis.set_ylabel(name)
    if not np.isfinite(values).any():
        axis.text(0.5, 0.5, "all values are missing", ha="center", va="center", transform=axis.transAxes)


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    mean = np.where(known, values, 0).sum(axis=1, keepdims=True) / n
    spread = np.sqrt(np.where(known, (values - mean) ** 2, 0).sum(axis=1, keepdims=True) / n)
    return (values - mean) / np.where(spread > 0, spread, 1)


def _draw_scores(
    axis: "Axes", times: NDArray, score: NDArray[np.float64], limit: NDArray | None, found: NDArray | None
) -> None:
    axis.plot(*_thinned(times, score), color=_SCORE, linewidth=0.9)
    axis.set_ylabel("Score")
    if limit is None or found is None:
        return
    if np.ptp(limit) == 0:
        axis.axhline(limit[0], color=_DETECTED, linewidth=0.9, linestyle=(0, (4, 3)))
    else:
        axis.plot(*_thinned(times, limit.astype(np.float64)), color=_DETECTED, linewidth=0.9, linestyle=(0, (4, 3)))
    above = np.flatnonzero(found)
    above = above[:: -(-len(above) // _MOST_MARKS) or 1]
    axis.plot(times[above], score[above], ".", color=_DETECTED, markersize=3)


def _mark_detections(axis: "Axes", times: NDArray, found: NDArray | None) -> None:
    """Draw a bar along the upper edge wherever something was detected."""
    if found is None:
        return
    edges = _edges(times)
    for start, stop in find_ranges(found, _MOST_MARKS):
        axis.axvspan(edges[start], edges[stop], ymin=0.96, color=_DETECTED, linewidth=0.8)


def _shade(axis: "Axes", times: NDArray, marks: NDArray | None) -> None:
    if marks is None:
        return
    edges = _edges(times)
    for start, stop in find_ranges(marks, _MOST_MARKS):
        axis.axvspan(edges[start], edges[stop], color=_LABELLED, alpha=0.3, linewidth=0.8, zorder=0.5)


def _edges(times: NDArray) -> NDArray:
    """Return where the time of each point begins, and where that of the last one ends."""
    if len(times) == 1:
        return np.array([times[0], times[0]])
    half = np.diff(times) / 2
    return np.concatenate([times[:1], times[:-1] + half, times[-1:]])


def _thinned(times: NDArray, values: NDArray[np.float64]) -> tuple[NDArray, NDArray[np.float64]]:
    """Return the least and the greatest value of each stretch of a long line, in the order of time."""
    step = -(-2 * len(values) // _MOST_POINTS)
    if step < 4:
        return times, values
    n = len(values) // step
    stretches = values[: n * step].reshape(n, step)
    known = np.isfinite(stretches)
    low = np.where(known, stretches, np.inf).argmin(axis=1)
    high = np.where(known, stretches, -np.inf).argmax(axis=1)
    gap = (~known).argmax(axis=1)  # one missing value is kept, so that gaps stay gaps
    at = np.sort(np.column_stack([low, high, np.where(known.all(axis=1), low, gap)]), axis=1)
    at = np.unique(np.concatenate([(at + step * np.arange(n)[:, None]).ravel(), np.arange(n * step, len(values))]))
    return times[at], values[at]


def _add_legend(axis: "Axes", marks: NDArray | None, found: NDArray | None) -> None:
    from matplotlib.patches import Patch

    handles = []
    if marks is not None:
        n = len(find_ranges(marks))
        handles.append(Patch(color=_LABELLED, alpha=0.3, label=f"labelled ({n} anomal{'y' if n == 1 else 'ies'})"))
    if found is not None:
        n = len(find_ranges(found))
        handles.append(Patch(color=_DETECTED, label=f"detected ({n} range{'' if n == 1 else 's'})"))
    if handles:
        place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.2}
        axis.legend(handles=handles, ncols=2, frameon=False, fontsize="small", **place)
