"""Draw many time series so that one sees what a class looks like and how much its series differ."""

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.visualization.plot_series._groups import Group, check_series, check_times, group_series

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = ["plot_series"]

_MOST_VECTOR_POINTS = 15_000
_MOST_OVERLAID = 3  # more bands on top of each other hide each other: each class gets a lane of its own
# Okabe and Ito's colours, which colour-blind readers tell apart, without the yellow that white paper
# swallows.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B5B5B")


def plot_series(
    X: ArrayLike | Sequence[ArrayLike],
    y: ArrayLike | None = None,
    *,
    channel: int | None = 0,
    dt: float | None = None,
    time: ArrayLike | None = None,
    unit: str = "",
    lanes: bool | None = None,
    n_examples: int = 3,
    max_series: int = 1000,
    max_classes: int = 12,
    ax: "Axes | Sequence[Axes] | None" = None,
) -> Any:
    """Draw for each class the median, the band that holds 80 % of its series, and a few thin examples.

    Median and band (10 % to 90 %, at each time) do not assume a distribution and are not moved by outliers.
    Up to three classes share one scale; more get a lane each, all with the same scale, whose ticks show true
    values.

    Parameters
    ----------
    X : array (n_instances, n_channels, n_timepoints) or list of arrays (n_channels, n_timepoints_i)
        The series; a list for unequal lengths. NaN and infinite values are left out.
    y : array-like (n_instances,), optional
        The class of each series.
    channel : int or None
        The channel to draw; None draws every channel in a row of its own.
    dt : float, optional
        The sampling interval, in `unit`.
    time : array-like (n_timepoints,), optional
        The time of each point, in `unit`, instead of `dt`; of the longest series when lengths are unequal.
    unit : str
        The unit of time, such as "s".
    lanes : bool, optional
        Whether each class gets a lane of its own; by default from four classes on.
    n_examples : int
        How many series of each class are drawn as thin lines, picked evenly through the data: always the same
        ones.
    max_series : int
        At most so many series of each class, picked evenly, enter median and band; the picture then says so.
    max_classes : int
        At most so many classes are drawn, the first ones; the picture then says so.
    ax : matplotlib Axes, optional
        Where to draw; with `channel=None` a sequence of one for each channel. By default a new figure, made
        without pyplot: no window, no global state; `ax.figure` is it.

    Returns
    -------
    matplotlib Axes
        The axes drawn on; with `channel=None` an array of one for each channel.

    Raises
    ------
    TypeError
        If X does not hold numbers.
    ValueError
        If X is not shaped as above or holds nothing, if y, time or ax do not fit it, or the channel does not
        exist.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(40, 1, 100)).astype(np.float32).cumsum(axis=2)
    >>> ax = plot_series(X, ["up", "down"] * 20, dt=0.01, unit="s")
    >>> ax.get_xlabel(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('Time (s)', ['down (20 series)', 'up (20 series)'])
    >>> ax.figure.savefig("series.png")  # doctest: +SKIP
    """
    series, n_channels, n_timepoints = check_series(X)
    channels = list(range(n_channels)) if channel is None else [_check_channel(channel, n_channels)]
    times = check_times(time, dt, n_timepoints)
    _check_counts(n_examples=(n_examples, 0), max_series=(max_series, 1), max_classes=(max_classes, 1))
    n_classes, groups = group_series(series, y, channels, n_timepoints, n_examples, max_series, max_classes)
    lanes = len(groups) > _MOST_OVERLAID if lanes is None else lanes
    n_rows = len(channels)
    all_axes = _new_axes(n_rows, len(groups) if lanes else 1) if ax is None else _given_axes(ax, n_rows)
    dense = _is_dense(groups, n_rows)
    for row, axes in enumerate(all_axes):
        if lanes:
            _draw_lanes(axes, times, groups, row, dense)
        else:
            _draw_overlaid(axes, times, groups, row, dense, legend=y is not None and row == 0)
        axes.set_ylabel("Value" if n_channels == 1 else f"Channel {channels[row]}")
        if not any(np.isfinite(group.median[row]).any() for group in groups):
            axes.text(0.5, 0.5, "all values are missing", ha="center", va="center", transform=axes.transAxes)
        if len(times) > 1:
            axes.set_xlim(times[0], times[-1])
        axes.spines[["top", "right"]].set_visible(False)
    unit_label = f" ({unit})" if unit else ""
    all_axes[-1].set_xlabel(("Time point" if time is None and dt is None else "Time") + unit_label)
    _caption(all_axes[0], groups, n_classes)
    if channel is not None:
        return all_axes[0]
    boxed = np.empty(len(all_axes), dtype=object)
    boxed[:] = all_axes
    return boxed


def _check_channel(channel: int, n_channels: int) -> int:
    if not -n_channels <= channel < n_channels:
        raise ValueError(f"channel is {channel} and X has {n_channels}: give 0 to {n_channels - 1}, or None for all")
    return channel % n_channels


def _check_counts(**counts: tuple[int, int]) -> None:
    for name, (value, least) in counts.items():
        if value < least:
            raise ValueError(f"{name} is {value}: give at least {least}")


def _new_axes(n_rows: int, n_lanes: int) -> "list[Axes]":
    from matplotlib.figure import Figure

    row_height = max(2.8 if n_rows == 1 else 1.5, n_lanes * (0.72 if n_rows == 1 else 0.5))
    figure = Figure(figsize=(7.2, 0.9 + n_rows * row_height), layout="constrained")
    return list(figure.subplots(n_rows, 1, sharex=True, squeeze=False)[:, 0])


def _given_axes(ax: Any, n_channels: int) -> "list[Axes]":
    axes = list(np.ravel(np.asarray(ax, dtype=object)))
    if len(axes) != n_channels:
        raise ValueError(f"ax holds {len(axes)} axes and {n_channels} channels are drawn: give one for each")
    return axes


def _draw_overlaid(ax: "Axes", times: NDArray[Any], groups: list[Group], row: int, dense: bool, legend: bool) -> None:
    for group, colour in zip(groups, cycle(_COLOURS), strict=False):
        _draw_group(ax, times, group, row, colour, 0, dense)
    if legend:
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize="small")


def _draw_lanes(ax: "Axes", times: NDArray[Any], groups: list[Group], row: int, dense: bool) -> None:
    """Draw the classes above each other on one scale; the ticks show the values inside each lane."""
    from matplotlib.ticker import MaxNLocator

    low, high = _lane_range(groups, row)
    edge = 0.1 * (high - low)  # a tick closer to it would run into the next lane's
    candidates = MaxNLocator(3, steps=[1, 2, 5, 10]).tick_values(low, high)
    inside = [tick for tick in candidates if low + edge <= tick <= high - edge]
    ticks: dict[float, str] = {}
    for lane, (group, colour) in enumerate(zip(groups, cycle(_COLOURS), strict=False)):
        offset = lane * (low - high)
        thin_lines = _draw_group(ax, times, group, row, colour, offset, dense)
        _keep_between(thin_lines, offset + low, offset + high)
        ticks |= {offset + tick: f"{tick:g}" for tick in inside}
        ax.axhline(offset + low, color="0.85", linewidth=0.8)
        middle = offset + (low + high) / 2
        ax.text(1.01, middle, _name(group), va="center", fontsize="small", transform=ax.get_yaxis_transform())
    ax.set_yticks(list(ticks), list(ticks.values()), fontsize="small")
    ax.set_ylim(high + len(groups) * (low - high), high)


def _draw_group(
    ax: "Axes", times: NDArray[Any], group: Group, row: int, colour: str, offset: float, dense: bool
) -> "list[Line2D]":
    """Draw one class; return its thin lines. What is dense becomes a picture inside an SVG, to keep it small."""
    style: dict[str, Any] = {"color": colour, "rasterized": dense, "marker": "o" if len(times) == 1 else None}
    thin_lines = [
        ax.plot(times[: one.shape[-1]], offset + one[row], linewidth=0.6, alpha=0.45, **style)[0]
        for one in group.examples
    ]
    at, low, high = times[group.points], offset + group.low[row], offset + group.high[row]
    ax.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0, rasterized=dense)
    ax.plot(at, offset + group.median[row], linewidth=1.6, zorder=3, label=_name(group), **style)
    return thin_lines


def _keep_between(lines: "list[Line2D]", low: float, high: float) -> None:
    """Cut lines that would run into a neighbour's lane."""
    from matplotlib.patches import Rectangle

    for line in lines:
        assert line.axes is not None
        to_page = line.axes.get_yaxis_transform()  # across the whole width, between two values
        line.set_clip_path(Rectangle((0, low), 1, high - low, transform=to_page))


def _lane_range(groups: list[Group], row: int) -> tuple[float, float]:
    """Return the least and greatest value of all bands, with some air."""
    edges = np.concatenate([np.concatenate([group.low[row], group.high[row]]) for group in groups])
    edges = edges[np.isfinite(edges)]
    if edges.size == 0:
        return 0.0, 1.0
    low, high = float(edges.min()), float(edges.max())
    air = 0.15 * (high - low) or 0.5
    return low - air, high + air


def _is_dense(groups: list[Group], n_rows: int) -> bool:
    """Say whether an SVG with every point in it would be heavy."""
    n_points = sum(3 * one.median.shape[-1] + sum(example.shape[-1] for example in one.examples) for one in groups)
    return bool(n_rows * n_points > _MOST_VECTOR_POINTS)


def _name(group: Group) -> str:
    return f"{group.label} ({group.n_series:,} series)".replace("$", r"\$")


def _caption(ax: "Axes", groups: list[Group], n_classes: int) -> None:
    """Say in small print what is drawn, and what is not."""
    notes = ["line: median", "band: 10 to 90 %"]
    if any(group.examples for group in groups):
        notes.append("thin: examples")
    thinned = max(groups, key=lambda group: group.n_series - group.n_used)
    if thinned.n_used < thinned.n_series:
        notes.append(f"from {thinned.n_used:,} series a class")
    if len(groups) < n_classes:
        notes.append(f"first {len(groups)} of {n_classes} classes")
    ax.set_title("  ·  ".join(notes), loc="left", fontsize="small", color="0.4")
