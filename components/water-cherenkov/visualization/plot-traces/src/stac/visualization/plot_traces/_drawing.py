"""Draw a station into axes, and say in a legend what is what."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stac.visualization.plot_traces._station import Station

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, which colour-blind readers tell apart.
_PMT_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_EM_COLOUR, _MUON_COLOUR, _MEAN_COLOUR = "#E69F00", "#56B4E9", "0.15"
_MOST_STEPS = 400  # more bins than that are narrower than a line


def draw(ax: "Axes", station: Station, small: bool = False, dense: bool = False) -> list[str]:
    """Draw a station; return what the small print has to say. What is dense becomes a picture inside an SVG."""
    view, bin_ns = station.view, station.bin_ns
    edges = np.arange(view.start, view.stop + 1) * bin_ns
    stepped = view.stop - view.start <= _MOST_STEPS
    _draw_truth(ax, station, edges)
    for pmt in np.flatnonzero(station.mask):
        colour, width = _pmt_style(station, pmt, small)
        _line(ax, edges, station.traces[pmt, view], stepped, color=colour, linewidth=width, rasterized=dense)
    if station.mask.sum() > 1:
        _line(ax, edges, station.mean[view], stepped, color=_MEAN_COLOUR, linewidth=0.9 if small else 1.4, zorder=3)
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


def legend_handles(station: Station, shared: bool = False) -> list[Any]:
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


def plain(text: str) -> str:
    """Return text in which a dollar sign does not start a formula."""
    return text.replace("$", r"\$")


def _set_ticks(ax: "Axes", small: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    if small:
        ax.xaxis.set_major_locator(MaxNLocator(3))
        ax.yaxis.set_major_locator(MaxNLocator(3))
        ax.tick_params(labelsize="x-small", length=2)


def _line(ax: "Axes", edges: NDArray[Any], values: NDArray[Any], stepped: bool, **style: Any) -> None:
    if stepped:  # a sample holds for its whole bin
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


def _pmt_style(station: Station, pmt: Any, small: bool) -> tuple[str, float]:
    """Return colour and width; where areas speak in colours, and in small panels, lines are grey."""
    if station.mask.sum() == 1:  # it is its own mean
        return _MEAN_COLOUR, 0.9 if small else 1.4
    width = 0.5 if small else 0.9
    return ("0.5" if station.has_truth or small else _PMT_COLOURS[pmt % len(_PMT_COLOURS)]), width


def _missing(station: Station) -> str:
    names = ", ".join(str(pmt + 1) for pmt in np.flatnonzero(~station.mask))
    return f"PMT {names} missing"
