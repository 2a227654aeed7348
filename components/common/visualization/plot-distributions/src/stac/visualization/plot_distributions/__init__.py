"""Draws how a feature is distributed in each class: histograms, ridges or boxes."""

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from stac.visualization.plot_distributions._groups import Group, density, group_values, visible_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_distributions"]

_MOST_OVERLAID = 3  # more histograms on top of each other hide each other: each class gets a ridge of its own
_OVERLAP = 1.6  # height of a ridge, as a multiple of the distance between ridges
# Okabe and Ito's colours, which colour-blind readers tell apart, without the yellow that white paper swallows.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B5B5B")


def plot_distributions(
    values: np.ndarray | Sequence[float],
    y: np.ndarray | Sequence[Any] | None = None,
    *,
    kind: str | None = None,
    name: str = "Value",
    unit: str = "",
    bins: int | None = None,
    max_classes: int = 12,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the distribution of a feature in each class.

    Parameters
    ----------
    values : array-like of shape (n_instances,)
        The feature; missing and infinite values are left out, and the label says how many.
    y : array-like of shape (n_instances,), optional
        Class of each value.
    kind : {"histogram", "ridge", "box"}, optional
        Histograms over each other, smooth densities one above the other, or boxes (middle half, median, whiskers that
        hold 90 %); by default histograms of up to three classes, ridges of more.
    name : str, default="Value"
        What the feature is called.
    unit : str, default=""
        Its unit, such as "VEM".
    bins : int, optional
        Number of bins of a histogram; by default by the rule of Freedman and Diaconis, 10 to 100.
    max_classes : int, default=12
        At most so many classes are drawn, the first ones; the picture then says so.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure, made without pyplot: no window, no global state; ``ax.figure`` is it.

    Returns
    -------
    matplotlib Axes
        The axes drawn on.

    Raises
    ------
    ValueError
        If there are no values, they are not one-dimensional, ``y`` does not fit, or a parameter is out of range.
    TypeError
        If the values are no numbers.

    References
    ----------
    .. [1] Freedman, D., Diaconis, P. (1981). On the histogram as a density estimator: L2 theory. Zeitschrift fuer
       Wahrscheinlichkeitstheorie und verwandte Gebiete 57, 453-476. doi:10.1007/BF01025868

    Examples
    --------
    >>> import numpy as np
    >>> values = np.random.default_rng(0).normal(size=100)
    >>> ax = plot_distributions(values, ["a", "b"] * 50, name="Height", unit="cm")
    >>> ax.get_xlabel(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('Height (cm)', ['a (50)', 'b (50)'])
    """
    if kind not in (None, "histogram", "ridge", "box"):
        raise ValueError(f'kind={kind!r} is unknown: use "histogram", "ridge" or "box".')
    for parameter, number in (("bins", bins), ("max_classes", max_classes)):
        if number is not None and not (isinstance(number, int | np.integer) and number >= 1):
            raise ValueError(f"{parameter}={number!r} is out of range: pass a whole number of at least 1.")
    n_classes, groups = group_values(values, y, max_classes)
    kind = kind or ("histogram" if len(groups) <= _MOST_OVERLAID else "ridge")
    low, high = visible_range(groups)
    ax = _new_axes(1 if kind == "histogram" else len(groups)) if ax is None else ax
    if kind == "histogram":
        _draw_histograms(ax, groups, low, high, bins, legend=y is not None)
    elif kind == "ridge":
        _draw_ridges(ax, groups, low, high)
    else:
        _draw_boxes(ax, groups)
    ax.set_xlim(low, high)
    ax.set_xlabel(name + (f" ({unit})" if unit else ""))
    ax.spines[["top", "right"]].set_visible(False)
    if not any(group.values.size for group in groups):
        ax.text(0.5, 0.5, "all values are missing", ha="center", va="center", transform=ax.transAxes)
    _caption(ax, kind, groups, n_classes, low, high)
    return ax


def _draw_histograms(ax: "Axes", groups: list[Group], low: float, high: float, bins: int | None, legend: bool) -> None:
    edges = np.linspace(low, high, (bins or _number_of_bins(groups, low, high)) + 1)
    for group, colour in zip(groups, cycle(_COLOURS), strict=False):
        if group.values.size:
            shares = np.histogram(group.values, edges)[0] / group.values.size
            ax.stairs(shares, edges, fill=True, color=colour, alpha=0.25)
            ax.stairs(shares, edges, color=colour, linewidth=1.4, label=group.label)
    ax.set_ylabel("Share of the values")
    if legend and any(group.values.size for group in groups):
        ax.legend(frameon=False)


def _draw_ridges(ax: "Axes", groups: list[Group], low: float, high: float) -> None:
    grid = np.linspace(low, high, 400)
    heights = [density(group.values, low, high, len(grid)) for group in groups]
    highest = max(height.max() for height in heights) or 1
    for lane, (group, height, colour) in enumerate(zip(groups, heights, cycle(_COLOURS), strict=False)):
        ridge = -lane + _OVERLAP * height / highest
        ax.fill_between(grid, -lane, ridge, color=colour, alpha=0.5, linewidth=0, zorder=lane)
        ax.plot(grid, ridge, color=colour, linewidth=1.4, zorder=lane)
        if group.values.size:
            ax.plot(np.median(group.values), -lane, marker="|", markersize=9, color="0.15", zorder=lane)
    _label_lanes(ax, groups)
    ax.set_ylim(1 - len(groups) - 0.15, _OVERLAP + 0.1)


def _draw_boxes(ax: "Axes", groups: list[Group]) -> None:
    for lane, (group, colour) in enumerate(zip(groups, cycle(_COLOURS), strict=False)):
        if group.values.size == 0:
            continue
        q05, q25, q50, q75, q95 = np.quantile(group.values, [0.05, 0.25, 0.5, 0.75, 0.95])
        ax.plot([q05, q95], [-lane, -lane], color=colour, linewidth=1.2)
        ax.barh(-lane, q75 - q25, left=q25, height=0.5, color="white", edgecolor=colour, linewidth=1.4, zorder=2)
        ax.plot([q50, q50], [-lane - 0.25, -lane + 0.25], color=colour, linewidth=2.4, zorder=3)
    _label_lanes(ax, groups)
    ax.set_ylim(0.6 - len(groups), 0.6)


def _label_lanes(ax: "Axes", groups: list[Group]) -> None:
    ax.set_yticks([-lane for lane in range(len(groups))], [group.label for group in groups])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _number_of_bins(groups: list[Group], low: float, high: float) -> int:
    """Return how many bins the rule of Freedman and Diaconis asks for, in the class that asks for most."""
    counts = [10.0]
    for values in (group.values for group in groups if group.values.size > 1):
        width = 2 * np.subtract(*np.quantile(values, [0.75, 0.25])) / np.cbrt(values.size)
        counts.append((high - low) / width if width > 0 else 0)
    return int(np.clip(np.ceil(max(counts)), 10, 100))


def _new_axes(n_lanes: int) -> "Axes":
    from matplotlib.figure import Figure

    return Figure(figsize=(7.2, max(3.4, 1.2 + 0.5 * n_lanes)), layout="constrained").add_subplot()


def _caption(ax: "Axes", kind: str, groups: list[Group], n_classes: int, low: float, high: float) -> None:
    """Say in small print what is drawn, and what is not."""
    notes = {
        "histogram": ["each class adds up to 1"],
        "ridge": ["smoothed density", "mark: median"],
        "box": ["box: middle half", "line: median", "whiskers: 5 to 95 %"],
    }[kind]
    n_outside = sum(int(((group.values < low) | (group.values > high)).sum()) for group in groups)
    if n_outside:
        notes.append(f"far values outside: {n_outside:,}")
    if len(groups) < n_classes:
        notes.append(f"first {len(groups)} of {n_classes} classes")
    ax.set_title("  ·  ".join(notes), loc="left", fontsize="small", color="0.4")
