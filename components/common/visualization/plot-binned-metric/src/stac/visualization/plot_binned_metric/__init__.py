"""Draw a metric in bins of a variable, of several models side by side."""

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_binned_metric"]

# Okabe and Ito's colours, which colour-blind readers tell apart, without the yellow that white paper swallows.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B5B5B")
_NEEDED = ("low", "high", "centre", "n", "value", "value_low", "value_high")


def plot_binned_metric(
    tables: Mapping[str, Mapping[str, NDArray[Any]]],
    ax: "Axes | None" = None,
    *,
    xlabel: str = "",
    ylabel: str = "",
    log_x: bool | None = None,
) -> "Axes":
    """Draw each model's metric in the bins with its interval, and say how many instances the bins hold.

    Parameters
    ----------
    tables : mapping of str to table
        For each model what ``metric_in_bins`` of ``stac.metrics.binned_metrics`` returns: arrays (n_bins,) ``low``,
        ``high``, ``centre``, ``n``, ``value``, ``value_low``, ``value_high``. NaN values are left out.
    ax : matplotlib Axes, optional
        Where to draw. By default a new figure, made without pyplot: no window, no global state; ``ax.figure`` is it.
    xlabel, ylabel : str
        Names of the axes, with units.
    log_x : bool, optional
        Whether the variable has a logarithmic axis; by default where the bins span more than a factor of 30.

    Returns
    -------
    matplotlib Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If ``tables`` is not a mapping of tables.
    ValueError
        If there is no table, a table lacks a column, or columns differ in length.

    Examples
    --------
    >>> bins = {"low": np.array([0, 500]), "high": np.array([500, 1000]), "centre": np.array([250, 750])}
    >>> values = {"value": np.array([0.9, 0.7]), "value_low": np.array([0.8, 0.5]), "value_high": np.array([0.95, 0.8])}
    >>> ax = plot_binned_metric({"network": bins | values | {"n": np.array([90, 40])}}, xlabel="Distance [m]")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['network']
    """
    checked = _checked(tables)
    edges = np.concatenate([[table["low"], table["high"]] for table in checked.values()], axis=1)
    log_x = _spans_decades(edges) if log_x is None else log_x
    ax = _new_axes() if ax is None else ax
    if log_x:
        ax.set_xscale("log")
    for i, (name, table, colour) in enumerate(zip(checked, checked.values(), cycle(_COLOURS), strict=False)):
        _draw(ax, name, table, colour, (i + 1) / (len(checked) + 1), log_x)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    _finish(ax, log_x, np.concatenate([table["n"] for table in checked.values()]))
    return ax


def _checked(tables: Any) -> dict[str, dict[str, NDArray[Any]]]:
    if not isinstance(tables, Mapping):
        raise TypeError(f"tables is a {type(tables).__name__}: give a mapping such as {{'network': metric_in_bins(…)}}")
    if not tables:
        raise ValueError("tables is empty: give at least one, such as {'network': metric_in_bins(…)}")
    checked = {}
    for name, table in tables.items():
        if not isinstance(table, Mapping):
            raise TypeError(f"table {name!r} is a {type(table).__name__}: give what metric_in_bins returns")
        if missing := [column for column in _NEEDED if column not in table]:
            raise ValueError(f"table {name!r} has no {', no '.join(missing)}: give what metric_in_bins returns")
        columns = {column: np.asarray(table[column], np.float64) for column in _NEEDED}
        if len({column.shape for column in columns.values()}) > 1 or columns["low"].ndim != 1:
            shapes = ", ".join(f"{column} {values.shape}" for column, values in columns.items())
            raise ValueError(f"table {name!r}: columns differ in length ({shapes})")
        checked[str(name)] = columns
    return checked


def _new_axes() -> "Axes":
    from matplotlib.figure import Figure

    return Figure(figsize=(7.2, 3.6), layout="constrained").add_subplot()


def _spans_decades(edges: NDArray[np.float64]) -> bool:
    finite = edges[np.isfinite(edges)]
    return finite.size > 0 and finite.min() > 0 and finite.max() > 30 * finite.min()


def _draw(ax: "Axes", name: str, table: dict[str, NDArray[Any]], colour: str, place: float, log_x: bool) -> None:
    """Draw the points of a model at their place within the bins, so that intervals of several do not overlap."""
    low, high = _finite_edges(table)
    inner = 0.1 + 0.8 * place
    x = low * (high / low) ** inner if log_x else low + (high - low) * inner
    value = table["value"]
    spread = np.stack([value - table["value_low"], table["value_high"] - value])
    spread = np.where(np.isfinite(spread), np.maximum(spread, 0), 0)
    shown = np.isfinite(value)
    ax.errorbar(
        x[shown], value[shown], yerr=spread[:, shown], color=colour, label=name.replace("$", r"\$"), marker="o",
        markersize=5, markeredgecolor="white", markeredgewidth=0.8, elinewidth=1.4, linestyle="none", zorder=3,
    )  # fmt: skip
    ax.hlines(value[shown], low[shown], high[shown], color=colour, linewidth=1.0, alpha=0.35, zorder=2)


def _finite_edges(table: dict[str, NDArray[Any]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the edges of the bins; an infinite one lies as far from the centre as the other edge."""
    low, high, centre = table["low"], table["high"], table["centre"]
    low = np.where(np.isfinite(low), low, 2 * centre - high)
    return low, np.where(np.isfinite(high), high, 2 * centre - low)


def _finish(ax: "Axes", log_x: bool, n: NDArray[np.float64]) -> None:
    if log_x:
        ax.xaxis.set_major_formatter("{x:g}")
    n = n[n > 0]
    sizes = f"{n.min():,.0f} to {n.max():,.0f}" if n.size and n.min() < n.max() else f"{n.max(initial=0):,.0f}"
    ax.set_title(f"{sizes} instances in a bin", loc="left", fontsize="small", color="0.4")
    ax.grid(axis="y", color="0.93", linewidth=0.7)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize="small", borderaxespad=0)
