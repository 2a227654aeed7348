"""Draw the traces of water-Cherenkov stations: each PMT, their mean, and what the simulation knows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.visualization.plot_traces._station import Station, check_station

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_trace_gallery", "plot_traces"]

# Okabe and Ito's colours, which colour-blind readers tell apart.
_PMT_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_EM_COLOUR, _MUON_COLOUR, _MEAN_COLOUR = "#E69F00", "#56B4E9", "0.15"
_MOST_STEPS = 400  # more bins than that are narrower than a line
_MOST_VECTOR_POINTS = 40_000


def plot_traces(
    traces: ArrayLike,
    pmt_mask: ArrayLike | None = None,
    *,
    bin_ns: float,
    em_trace: ArrayLike | None = None,
    muon_trace: ArrayLike | None = None,
    truth_scale: float | None = None,
    start: int | None = None,
    stop: int | None = None,
    zoom: bool = True,
    unit: str = "VEM peak",
    title: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw one station: a thin line for each PMT, a strong one for their mean, areas for the true components.

    Parameters
    ----------
    traces : array-like (n_pmts, n_bins)
        Samples, in `unit`.
    pmt_mask : array-like (n_pmts,) of bool, optional
        Which PMTs are there and work; the others are not drawn, but named in the legend. By default all.
    bin_ns : float
        Width of a bin in nanoseconds.
    em_trace, muon_trace : array-like (n_bins,), optional
        True electromagnetic and muonic signal in each bin, drawn on top of each other.
    truth_scale : float, optional
        What to multiply the true signals by so that they are in `unit`, such as area/peak of a muon in bins for truth
        in VEM charge under traces in VEM peak. By default they are given the area under the mean trace, and the small
        print says so.
    start, stop : int, optional
        First bin of the signal window, and the one behind its last: drawn as dotted lines. Negative ones are missing.
    zoom : bool
        Whether only the part with a signal is shown: from the start of the pulse (or `start`, if that is earlier) to
        where it has decayed. Traces of up to 100 bins are always shown in full.
    unit : str
        Unit of the traces.
    title : str, optional
        Text above the left end of the plot.
    ax : matplotlib Axes, optional
        Where to draw. By default a new figure, made without pyplot: no window, no global state; `ax.figure` is it.

    Returns
    -------
    matplotlib Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If the traces do not hold numbers.
    ValueError
        If shapes do not fit each other, the window is not inside the trace, or a width or scale is not positive.

    Examples
    --------
    >>> pulse = np.exp(-np.arange(100) / 4)
    >>> ax = plot_traces([3 * pulse, 4 * pulse, 0 * pulse], [True, True, False], bin_ns=25)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['mean', 'PMT 1', 'PMT 2', 'PMT 3 missing']
    >>> ax.figure.savefig("station.png")  # doctest: +SKIP
    """
    station = check_station(traces, pmt_mask, bin_ns, em_trace, muon_trace, truth_scale, start, stop, zoom)
    if ax is None:
        ax = _new_figure(7.2, 3.0).add_subplot()
    notes = _draw(ax, station)
    ax.set_xlabel("Time (ns)")
    ax.set_ylabel(f"Signal ({_plain(unit)})")
    if title:
        ax.set_title(_plain(title), loc="left", fontsize="medium")
    if notes:
        ax.set_title("  ·  ".join(notes), loc="right" if title else "left", fontsize="small", color="0.4")
    ax.legend(
        handles=_legend_handles(station), loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize="small"
    )
    return ax


def plot_trace_gallery(
    traces: ArrayLike | Sequence[ArrayLike],
    titles: Sequence[Any] | None = None,
    pmt_mask: ArrayLike | None = None,
    *,
    bin_ns: float,
    em_trace: ArrayLike | None = None,
    muon_trace: ArrayLike | None = None,
    truth_scale: float | None = None,
    start: ArrayLike | None = None,
    stop: ArrayLike | None = None,
    zoom: bool = True,
    unit: str = "VEM peak",
    title: str | None = None,
    n_columns: int = 3,
    max_stations: int = 12,
) -> "Figure":
    """Draw many stations in a grid, such as examples of each class or what a model got wrong.

    Each station has its own scale. What is drawn is as in `plot_traces`, with one legend for all.

    Parameters
    ----------
    traces : array-like (n_stations, n_pmts, n_bins)
        Samples, in `unit`.
    titles : sequence of str, optional
        Text above each station, such as "said muon, p = 0.93"; a line break makes two lines.
    pmt_mask : array-like (n_stations, n_pmts) of bool, optional
        Which PMTs are there and work; a missing one is named in its panel. By default all.
    bin_ns : float
        Width of a bin in nanoseconds.
    em_trace, muon_trace : array-like (n_stations, n_bins), optional
        True electromagnetic and muonic signal in each bin.
    truth_scale : float, optional
        As in `plot_traces`.
    start, stop : array-like (n_stations,) of int, optional
        The signal windows, as in `plot_traces`.
    zoom : bool
        As in `plot_traces`.
    unit : str
        Unit of the traces.
    title : str, optional
        Text above all.
    n_columns : int
        How many stations stand in a row, at most.
    max_stations : int
        At most so many are drawn, the first ones; the picture then says so.

    Returns
    -------
    matplotlib Figure
        A new figure, made without pyplot.

    Raises
    ------
    TypeError
        If the traces do not hold numbers.
    ValueError
        If there is nothing to draw, or shapes do not fit each other.

    Examples
    --------
    >>> traces = np.exp(-np.arange(100) / 4) * np.ones((5, 3, 1))
    >>> figure = plot_trace_gallery(traces, [f"station {i}" for i in range(5)], bin_ns=25)
    >>> len(figure.axes)
    5
    """
    _check_at_least(1, n_columns=n_columns, max_stations=max_stations)
    values = np.asarray(traces)
    if values.ndim != 3 or len(values) == 0:
        fix = "; one station: traces[None]" if values.ndim == 2 else ""
        raise ValueError(f"traces has shape {values.shape}: give (n_stations, n_pmts, n_bins), one at least{fix}.")
    n_stations, n_drawn = len(values), min(len(values), max_stations)
    given = {"titles": titles, "pmt_mask": pmt_mask, "em_trace": em_trace, "muon_trace": muon_trace}
    given |= {"start": start, "stop": stop}
    one_by_one = {name: _each(name, value, n_stations) for name, value in given.items()}
    stations = [
        check_station(
            values[i],
            one_by_one["pmt_mask"][i],
            bin_ns,
            one_by_one["em_trace"][i],
            one_by_one["muon_trace"][i],
            truth_scale,
            one_by_one["start"][i],
            one_by_one["stop"][i],
            zoom,
        )
        for i in range(n_drawn)
    ]
    n_columns = min(n_columns, n_drawn)
    n_rows = -(-n_drawn // n_columns)
    most_lines = max(str(one or "").count("\n") + 1 for one in one_by_one["titles"][:n_drawn])
    figure = _new_figure(7.2 if n_columns > 1 else 4.5, 0.9 + n_rows * (1.45 + 0.15 * most_lines))
    grid = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    dense = sum(one.traces[:, one.view].size for one in stations) > _MOST_VECTOR_POINTS
    for i, (ax, station, text) in enumerate(zip(grid, stations, one_by_one["titles"], strict=False)):
        _draw(ax, station, small=True, dense=dense)
        if text is not None:
            ax.set_title(_plain(str(text)), loc="left", fontsize="small")
        if i + n_columns >= n_drawn:
            ax.set_xlabel("Time (ns)", fontsize="small")
        if i % n_columns == 0:
            ax.set_ylabel(_plain(unit), fontsize="small")
    for ax in grid[n_drawn:]:
        ax.remove()
    more = f"the first {n_drawn} of {n_stations:,} stations" if n_drawn < n_stations else ""
    if title or more:
        figure.suptitle("  ·  ".join(filter(None, (_plain(title or ""), more))), fontsize="medium", x=0.01, ha="left")
    handles = _legend_handles(max(stations, key=lambda one: (one.has_truth, one.mask.sum())), shared=True)
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False, fontsize="small")
    return figure


def _new_figure(width: float, height: float) -> "Figure":
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _each(name: str, value: Any, n_stations: int) -> Sequence[Any]:
    if value is None:
        return [None] * n_stations
    if isinstance(value, str) or len(value) != n_stations:
        raise ValueError(f"{name} has length {len(value)} and there are {n_stations} stations: give one for each.")
    return value


def _check_at_least(least: int, **counts: int) -> None:
    for name, count in counts.items():
        if count < least:
            raise ValueError(f"{name} is {count}: give at least {least}.")


def _plain(text: str) -> str:
    """Return text in which a dollar sign does not start a formula."""
    return text.replace("$", r"\$")


def _draw(ax: "Axes", station: Station, small: bool = False, dense: bool = False) -> list[str]:
    """Draw a station; return what the small print has to say. What is dense becomes a picture inside an SVG."""
    view, bin_ns = station.view, station.bin_ns
    edges = np.arange(view.start, view.stop + 1) * bin_ns
    step = "mid" if view.stop - view.start <= _MOST_STEPS else None
    _draw_truth(ax, station, edges)
    for pmt in np.flatnonzero(station.mask):
        colour, width = _pmt_style(station, pmt, small)
        _line(ax, edges, station.traces[pmt, view], step, color=colour, linewidth=width, rasterized=dense)
    if station.mask.sum() > 1:
        _line(ax, edges, station.mean[view], step, color=_MEAN_COLOUR, linewidth=0.9 if small else 1.4, zorder=3)
    for bin_number in (station.start, station.stop):
        if bin_number is not None and view.start <= bin_number <= view.stop:
            ax.axvline(bin_number * bin_ns, color="0.55", linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
    ax.axhline(0, color="0.85", linewidth=0.8, zorder=0)
    ax.set_xlim(edges[0], edges[-1])
    ax.spines[["top", "right"]].set_visible(False)
    ax.margins(y=0.08)
    _set_ticks(ax, small)
    if not station.mask.any():
        ax.text(0.5, 0.5, "all PMTs are missing", ha="center", va="center", transform=ax.transAxes, fontsize="small")
    elif small and not station.mask.all():
        ax.text(0.98, 0.95, _missing(station), ha="right", va="top", transform=ax.transAxes, fontsize="x-small")
    notes = ["dotted: signal window"] if station.start is not None or station.stop is not None else []
    return notes + (["truth scaled to the mean"] if station.truth_is_fitted else [])


def _set_ticks(ax: "Axes", small: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    if small:
        ax.xaxis.set_major_locator(MaxNLocator(3))
        ax.yaxis.set_major_locator(MaxNLocator(3))
        ax.tick_params(labelsize="x-small", length=2)


def _line(ax: "Axes", edges: NDArray[Any], values: NDArray[Any], step: str | None, **style: Any) -> None:
    if step:  # a sample holds for its whole bin
        ax.stairs(values, edges, baseline=None, **style)
    else:
        ax.plot((edges[:-1] + edges[1:]) / 2, values, **style)


def _draw_truth(ax: "Axes", station: Station, edges: NDArray[Any]) -> None:
    below = np.zeros(len(edges) - 1)
    for trace, colour in ((station.em, _EM_COLOUR), (station.muon, _MUON_COLOUR)):
        if trace is not None:
            above = below + trace[station.view]
            ax.stairs(above, edges, baseline=below, fill=True, color=colour, alpha=0.5, linewidth=0)
            below = above


def _pmt_style(station: Station, pmt: int, small: bool) -> tuple[str, float]:
    """Return colour and width; where areas speak in colours, and in small panels, lines are grey."""
    if station.mask.sum() == 1:  # it is its own mean
        return _MEAN_COLOUR, 0.9 if small else 1.4
    width = 0.5 if small else 0.9
    return ("0.5" if station.has_truth or small else _PMT_COLOURS[pmt % len(_PMT_COLOURS)]), width


def _missing(station: Station) -> str:
    names = ", ".join(str(pmt + 1) for pmt in np.flatnonzero(~station.mask))
    return f"PMT {names} missing"


def _legend_handles(station: Station, shared: bool = False) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = []
    if station.mask.sum() > 1:
        handles.append(Line2D([], [], color=_MEAN_COLOUR, linewidth=1.4, label="mean"))
    working = np.flatnonzero(station.mask)
    if shared or station.has_truth:
        name = "each PMT" if shared else "PMT " + ", ".join(str(pmt + 1) for pmt in working)
        handles += [Line2D([], [], color="0.5", linewidth=0.8, label=name)] if len(working) else []
    else:
        for pmt in working:
            colour, width = _pmt_style(station, pmt, small=False)
            handles.append(Line2D([], [], color=colour, linewidth=width, label=f"PMT {pmt + 1}"))
    if not shared and not station.mask.all():
        handles.append(Line2D([], [], linestyle="none", label=_missing(station)))
    muon_share = "" if shared or station.muon_share is None else f", {station.muon_share:.0%}"
    if station.muon is not None:
        handles.append(Patch(color=_MUON_COLOUR, alpha=0.5, linewidth=0, label=f"muons (true{muon_share})"))
    if station.em is not None:
        handles.append(Patch(color=_EM_COLOUR, alpha=0.5, linewidth=0, label="electromagnetic (true)"))
    return handles
