"""Draw the traces of water-Cherenkov stations: each PMT, their mean, and what the simulation knows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from stac.visualization.plot_traces._drawing import draw, legend_handles, plain
from stac.visualization.plot_traces._station import check_station

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_trace_gallery", "plot_traces"]

_MOST_VECTOR_POINTS = 40_000  # an SVG with more of them would be heavy


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
    notes = draw(ax, station)
    ax.set_xlabel("Time (ns)")
    ax.set_ylabel(f"Signal ({plain(unit)})")
    if title:
        ax.set_title(plain(title), loc="left", fontsize="medium")
    if notes:
        ax.set_title("  ·  ".join(notes), loc="right" if title else "left", fontsize="small", color="0.4")
    ax.legend(handles=legend_handles(station), loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize="small")
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
        draw(ax, station, small=True, dense=dense)
        if text is not None:
            ax.set_title(plain(str(text)), loc="left", fontsize="small")
        if i + n_columns >= n_drawn:
            ax.set_xlabel("Time (ns)", fontsize="small")
        if i % n_columns == 0:
            ax.set_ylabel(plain(unit), fontsize="small")
    for ax in grid[n_drawn:]:
        ax.remove()
    more = f"the first {n_drawn} of {n_stations:,} stations" if n_drawn < n_stations else ""
    if title or more:
        figure.suptitle("  ·  ".join(filter(None, (plain(title or ""), more))), fontsize="medium", x=0.01, ha="left")
    handles = legend_handles(max(stations, key=lambda one: (one.has_truth, one.mask.sum())), shared=True)
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
    each: Sequence[Any] = value
    return each


def _check_at_least(least: int, **counts: int) -> None:
    for name, count in counts.items():
        if count < least:
            raise ValueError(f"{name} is {count}: give at least {least}.")
