"""Draw a metric against a variable for several models side by side, with intervals and the number of instances."""

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_binned_metric"]

# Okabe and Ito's colours, which colour-blind readers tell apart, without the yellow that white paper swallows.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B5B5B")
_MARKERS = ("o", "s", "D", "^", "v", "P", "X")
_KEYS = ("low", "high", "value", "value_low", "value_high", "n")
_SPREAD = 0.5  # of a bin's width is shared by the models


def plot_binned_metric(
    tables: Mapping[str, Mapping[str, ArrayLike]],
    ax: "Axes | None" = None,
    *,
    xlabel: str = "",
    ylabel: str = "",
    log_x: bool = False,
    reference: float | None = None,
    counts: bool = True,
) -> "Axes":
    """Draw the value in each bin with its interval, models side by side, and how many instances a bin holds.

    Parameters
    ----------
    tables : mapping of str to table
        Name of each model to a mapping of columns (n_bins,): `low, high` (edges), `value`, and if known `value_low,
        value_high` and `n`, such as `metric_in_bins` of stac-binned-metrics returns. NaN leaves a gap.
    ax : matplotlib Axes, optional
        Where to draw. By default a new figure, made without pyplot: no window, no global state; `ax.figure` is it.
    xlabel, ylabel : str
        Names of the axes, such as "Distance to the core (m)".
    log_x : bool
        Whether the variable has a logarithmic axis.
    reference : float, optional
        Where a grey line is drawn, such as 0 for a bias.
    counts : bool
        Whether grey bars at the foot show the instances of each bin (of the first table).

    Returns
    -------
    matplotlib Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If `tables` is not a mapping of mappings, or a column does not hold numbers.
    ValueError
        If there is no table, a column is missing or of another length, edges do not ascend, or one is not above 0 with
        `log_x`.

    Examples
    --------
    >>> table = {"low": [0, 500], "high": [500, 1000], "value": [0.9, 0.7], "value_low": [0.85, 0.6],
    ...          "value_high": [0.93, 0.8], "n": [400, 90]}
    >>> ax = plot_binned_metric({"network": table}, xlabel="Distance (m)", ylabel="AUC")
    >>> ax.get_ylabel(), ax.get_title(loc="left")
    ('AUC', 'grey: instances in the bin, at most 400')
    >>> ax.figure.savefig("auc.png")  # doctest: +SKIP
    """
    checked = _check_tables(tables, log_x)
    beside = ax is None
    ax = _new_axes() if ax is None else ax
    for number, (table, colour, marker) in enumerate(
        zip(checked.values(), cycle(_COLOURS), cycle(_MARKERS), strict=False)
    ):
        share = _SPREAD * ((number + 0.5) / len(checked) - 0.5)
        _draw_model(ax, table, share, log_x, colour, marker, list(checked)[number], wide=len(checked) == 1)
    if reference is not None:
        ax.axhline(reference, color="0.45", linewidth=1, linestyle=(0, (1, 2)), zorder=0.5)
    first = next(iter(checked.values()))
    _finish(ax, checked, log_x, xlabel, ylabel)
    if len(checked) > 1:
        _add_legend(ax, beside)
    if counts and "n" in first:
        _draw_counts(ax, first)
    return ax


def _check_tables(tables: Any, log_x: bool) -> dict[str, dict[str, NDArray[np.float64]]]:
    if not isinstance(tables, Mapping):
        raise TypeError(f"tables is a {type(tables).__name__}: give a mapping such as {{'network': table}}")
    if not tables:
        raise ValueError("tables is empty: give at least one, such as {'network': metric_in_bins(…)}")
    checked = {}
    for name, table in tables.items():
        if not isinstance(table, Mapping):
            raise TypeError(f"table {str(name)!r} is a {type(table).__name__}: give columns, {{'low': …, 'value': …}}")
        missing = {"low", "high", "value"} - table.keys()
        if missing:
            raise ValueError(f"table {str(name)!r} lacks {sorted(missing)}: give what metric_in_bins returns")
        columns = {key: _column(table[key], key, str(name)) for key in _KEYS if key in table}
        if len({len(column) for column in columns.values()}) != 1 or not len(columns["low"]):
            lengths = {key: len(column) for key, column in columns.items()}
            raise ValueError(f"table {str(name)!r} has columns of lengths {lengths}: give one value for each bin")
        low, high = columns["low"], columns["high"]
        if not (low <= high).all() or (np.diff(low) <= 0).any():
            raise ValueError(f"table {str(name)!r} has edges that do not ascend: give bins from low to high")
        columns["low"], columns["high"] = _finite_edges(low, high)
        if log_x and (columns["low"] <= 0).any():
            raise ValueError(f"table {str(name)!r} has an edge of 0 or below: a logarithmic axis needs edges above 0")
        checked[str(name)] = columns
    return checked


def _column(values: ArrayLike, key: str, name: str) -> NDArray[np.float64]:
    column = np.asarray(values)
    if column.dtype.kind not in "iufb" or column.ndim != 1:
        raise TypeError(f"column {key!r} of table {name!r} is no list of numbers: give one number for each bin")
    return column.astype(np.float64)


def _finite_edges(low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    """Let an infinite bin be drawn as wide as its neighbour."""
    low, high = low.copy(), high.copy()
    if np.isneginf(low[0]):
        low[0] = high[0] - (high[1] - low[1] if len(low) > 1 and np.isfinite(high[1]) else 1)
    if np.isposinf(high[-1]):
        high[-1] = low[-1] + (high[-2] - low[-2] if len(low) > 1 else 1)
    return low, high


def _new_axes() -> "Axes":
    from matplotlib.figure import Figure

    return Figure(figsize=(7.2, 3.9), layout="constrained").add_subplot()


def _draw_model(
    ax: "Axes", table: Mapping[str, NDArray], share: float, log_x: bool, colour: str, marker: str, name: str, wide: bool
) -> None:
    low, high = (np.log(table[key]) if log_x else table[key] for key in ("low", "high"))
    x = (low + high) / 2 + share * (high - low)
    x = np.exp(x) if log_x else x
    value = table["value"]
    yerr = None
    if "value_low" in table and "value_high" in table:
        yerr = np.nan_to_num(np.stack([value - table["value_low"], table["value_high"] - value])).clip(min=0)
    if not wide:  # leads the eye from bin to bin
        ax.plot(x, value, color=colour, linewidth=0.8, alpha=0.35, zorder=2)
    xerr = np.stack([x - table["low"], table["high"] - x]) if wide else None
    ax.errorbar(
        x, value, yerr=yerr, xerr=xerr, color=colour, marker=marker, linestyle="none", markersize=5.5,
        markeredgecolor="white", markeredgewidth=0.7, elinewidth=1.4, label=name.replace("$", r"\$"), zorder=3,
    )  # fmt: skip


def _finish(ax: "Axes", tables: Mapping[str, Mapping[str, NDArray]], log_x: bool, xlabel: str, ylabel: str) -> None:
    if log_x:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.xaxis.set_minor_formatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in "25" else "")
    edges = [np.append(table["low"], table["high"][-1]) for table in tables.values()]
    ax.set_xlim(min(one[0] for one in edges), max(one[-1] for one in edges))
    if all(np.array_equal(edges[0], one) for one in edges):
        for edge in edges[0][1:-1]:
            ax.axvline(edge, color="0.9", linewidth=0.7, zorder=0.4)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(axis="y", color="0.93", linewidth=0.7)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    if not any(np.isfinite(table["value"]).any() for table in tables.values()):
        ax.text(0.5, 0.5, "no bin has a value", ha="center", va="center", transform=ax.transAxes)


def _add_legend(ax: "Axes", beside: bool) -> None:
    """Put the legend beside the points in a figure of our own, and inside where the neighbours are not known."""
    if beside:
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize="small", borderaxespad=0)
    else:
        ax.legend(loc="best", framealpha=0.85, edgecolor="none", fontsize="x-small")


def _draw_counts(ax: "Axes", table: Mapping[str, NDArray]) -> None:
    """Draw the instances of each bin as bars at the foot, below everything else."""
    n = np.nan_to_num(table["n"])
    low, high = ax.get_ylim()
    ax.set_ylim(low - 0.16 * (high - low), high)  # room for the bars
    heights = 0.13 * n / max(n.max(), 1)
    ax.bar(
        table["low"], heights, width=table["high"] - table["low"], align="edge", color="0.88", edgecolor="white",
        linewidth=0.7, transform=ax.get_xaxis_transform(), zorder=0.45,
    )  # fmt: skip
    ax.set_title(f"grey: instances in the bin, at most {int(n.max()):,}", loc="left", fontsize="small", color="0.4")
