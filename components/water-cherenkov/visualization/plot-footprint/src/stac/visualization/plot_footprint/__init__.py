"""Draw the stations of an air shower on the ground: signal, time or a model's score, core and direction."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.visualization.plot_footprint._stations import (
    Colours,
    Shower,
    Stations,
    check_colours,
    check_shower,
    check_stations,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_footprint"]

_SATURATED_COLOUR, _PLAIN_COLOUR, _UNKNOWN_COLOUR = "#D55E00", "#56B4E9", "0.88"
_PALE = 0.3  # opacity of stations that are not selected
_LEAST_ZENITH_DEG = 3.0  # a shower from straight above has no direction on the ground


def plot_footprint(
    stations: Mapping[str, ArrayLike],
    event: Mapping[str, Any] | None = None,
    *,
    value: ArrayLike | None = None,
    value_label: str = "Value",
    value_range: tuple[float, float] | None = None,
    cmap: str | None = None,
    max_ids: int = 40,
    title: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw stations in kilometres: larger with their signal, coloured by time or by any value.

    Parameters
    ----------
    stations : mapping of str to array-like (n_stations,)
        Columns `x_m` (east), `y_m` (north) and `signal_vem_charge`; optional are `time_ns`, `station` (ids, written
        beside), `saturated` (gets a ring) and `selected` (those that are not are drawn pale). Others do not matter.
    event : mapping, optional
        Of the shower: `x_m`, `y_m` (core), `zenith_deg` and `azimuth_deg` (where it comes from, counterclockwise from
        east); what is missing or NaN is not drawn.
    value : array-like (n_stations,), optional
        What the colours show, such as a model's muon probability, instead of the time; NaN is drawn grey.
    value_label : str
        Text beside the colour bar of `value`.
    value_range : tuple of float, optional
        What the first and last colour of `value` stand for, such as (0, 1); by default its least and greatest value.
    cmap : str, optional
        A matplotlib colour map. By default early stations are light and late ones dark, and the larger the value,
        the lighter the colour.
    max_ids : int
        At most so many ids are written, those of the largest signals.
    title : str, optional
        Text above the plot.
    ax : matplotlib Axes, optional
        Where to draw. By default a new figure, made without pyplot: no window, no global state; `ax.figure` is it.

    Returns
    -------
    matplotlib Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If a column does not hold numbers.
    ValueError
        If a column is missing or has another length, or no station has a position.

    Examples
    --------
    >>> stations = {"x_m": [0, 1500, 750], "y_m": [0, 0, 1300], "signal_vem_charge": [80, 12, 5],
    ...             "time_ns": [500, 2900, 3400], "station": [101, 102, 103]}
    >>> ax = plot_footprint(stations, {"x_m": 200, "y_m": 150, "zenith_deg": 40, "azimuth_deg": 200})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['1 VEM', '10 VEM', 'core', 'direction, zenith 40°']
    >>> ax.figure.savefig("footprint.png")  # doctest: +SKIP
    """
    if max_ids < 0:
        raise ValueError(f"max_ids is {max_ids}: give 0 or more.")
    table = check_stations(stations)
    colours = check_colours(stations, value, value_label, value_range)
    shower = check_shower(event)
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(7.2, 5.4), layout="constrained").add_subplot()
    _set_scale(ax, table, shower)
    _draw_stations(ax, table, colours, cmap)
    _draw_shower(ax, table, shower)
    _write_ids(ax, table, max_ids)
    _label(ax, table, shower, title)
    return ax


def _set_scale(ax: "Axes", table: Stations, shower: Shower) -> None:
    """Show all stations and the core, one kilometre being as long in both directions."""
    x, y = np.append(table.x_km, shower.core_km[0]), np.append(table.y_km, shower.core_km[1])
    x, y = x[np.isfinite(x)], y[np.isfinite(y)]
    air = max(0.12 * max(np.ptp(x), np.ptp(y)), 0.5)
    # Data limits instead of fixed limits: the axes may widen one of them to fill their box.
    ax.update_datalim([(x.min() - air, y.min() - air), (x.max() + air, y.max() + air)])
    ax.margins(0)
    ax.set_aspect("equal", adjustable="datalim")
    ax.grid(color="0.92", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def _area(signal: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the area of a marker in square points: with the logarithm, since signals span four decades."""
    area: NDArray[np.floating] = 30 + 120 * np.log10(1 + np.nan_to_num(signal).clip(0))
    return area


def _draw_stations(ax: "Axes", table: Stations, colours: Colours | None, cmap: str | None) -> None:
    order = np.argsort(-np.nan_to_num(table.signal), kind="stable")  # small ones on top of large ones
    area, faces = _area(table.signal), _faces(ax, table, colours, cmap)
    edges = np.where(table.selected[:, None], (0.25, 0.25, 0.25, 1), (0.25, 0.25, 0.25, _PALE))
    places = table.x_km[order], table.y_km[order]
    ax.scatter(*places, s=area[order], color=faces[order], edgecolors=edges[order].tolist(), linewidths=0.6, zorder=3)
    rings = table.saturated
    places, area = (table.x_km[rings], table.y_km[rings]), (np.sqrt(area[rings]) + 5) ** 2
    ax.scatter(*places, s=area, facecolors="none", edgecolors=_SATURATED_COLOUR, linewidths=1.6, zorder=3)


def _faces(ax: "Axes", table: Stations, colours: Colours | None, cmap: str | None) -> NDArray[np.floating]:
    """Return the colour of each station, and draw the bar that explains it."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize, to_rgba

    if colours is None:
        faces = np.tile(to_rgba(_PLAIN_COLOUR), (len(table.x_km), 1))
    else:
        scale = ScalarMappable(Normalize(*colours.range), cmap or ("viridis_r" if colours.is_time else "viridis"))
        faces = scale.to_rgba(np.nan_to_num(colours.values))
        faces[np.isnan(colours.values)] = to_rgba(_UNKNOWN_COLOUR)
        bar = ax.figure.colorbar(scale, ax=ax, shrink=0.75, aspect=28, pad=0.02)
        bar.outline.set_visible(False)
        bar.set_label(_plain(colours.label))
    faces[~table.selected, 3] = _PALE
    return faces


def _draw_shower(ax: "Axes", table: Stations, shower: Shower) -> None:
    if not np.isfinite(shower.core_km).all():
        return
    if _has_direction(shower):
        extent = max(np.ptp(table.x_km), np.ptp(table.y_km), 1.0)
        azimuth = np.radians(shower.azimuth_deg)
        towards_origin = np.array([np.cos(azimuth), np.sin(azimuth)])
        tail = shower.core_km + extent * (0.1 + 0.25 * np.sin(np.radians(shower.zenith_deg))) * towards_origin
        style = {"arrowstyle": "-|>,head_width=0.28,head_length=0.6", "color": "0.1", "linewidth": 1.5}
        style |= {"shrinkA": 0, "shrinkB": 5}
        ax.annotate("", xy=tuple(shower.core_km), xytext=tuple(tail), arrowprops=style, zorder=4)
    ax.plot(*shower.core_km, marker="P", markersize=9, color="0.1", markeredgecolor="white", zorder=5, linestyle="none")


def _has_direction(shower: Shower) -> bool:
    return bool(np.isfinite(shower.azimuth_deg) and shower.zenith_deg >= _LEAST_ZENITH_DEG)


def _write_ids(ax: "Axes", table: Stations, max_ids: int) -> None:
    if table.ids is None:
        return
    largest = np.sort(np.argsort(-np.nan_to_num(table.signal), kind="stable")[:max_ids])
    radii = np.sqrt(_area(table.signal)) / 2 + np.where(table.saturated, 3, 0)
    for i in largest:
        place, above = (table.x_km[i], table.y_km[i]), (0, radii[i] + 1.5)
        style: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": "x-small", "color": "0.3", "zorder": 6}
        ax.annotate(_plain(table.ids[i]), place, above, textcoords="offset points", **style)


def _label(ax: "Axes", table: Stations, shower: Shower, title: str | None) -> None:
    ax.set_xlabel("East (km)")
    ax.set_ylabel("North (km)")
    if title:
        ax.set_title(_plain(title), loc="left", fontsize="medium")
    if table.n_left_out:
        ax.set_title(f"{table.n_left_out} without a position", loc="right", fontsize="small", color="0.4")
    handles = _legend_handles(table, shower)
    style = {"frameon": False, "fontsize": "small", "borderaxespad": 0, "columnspacing": 1.4, "handletextpad": 0.6}
    n_columns = len(handles) if len(handles) <= 5 else 4
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.11), ncols=n_columns, **style)


def _legend_handles(table: Stations, shower: Shower) -> list[Any]:
    from matplotlib.lines import Line2D

    def marker(label: str, **style: Any) -> Line2D:
        defaults: dict[str, Any] = {"marker": "o", "markeredgewidth": 0.6, "linestyle": "none", "label": label}
        return Line2D([], [], **defaults | style)

    grey: dict[str, Any] = {"markerfacecolor": "0.8", "markeredgecolor": "0.25"}
    handles = [
        marker(f"{signal:g} VEM", markersize=float(np.sqrt(_area(np.array(signal)))), **grey)
        for signal in _round_signals(table.signal)
    ]
    if table.saturated.any():
        ring = {"markerfacecolor": "none", "markeredgecolor": _SATURATED_COLOUR, "markeredgewidth": 1.6}
        handles.append(marker("saturated", markersize=11, **ring))
    if not table.selected.all():
        handles.append(marker("not selected", markersize=9, alpha=_PALE, **grey))
    if np.isfinite(shower.core_km).all():
        handles.append(marker("core", marker="P", markersize=8, color="0.1", markeredgecolor="white"))
        if _has_direction(shower):
            handles.append(marker(f"direction, zenith {shower.zenith_deg:.0f}°", marker=r"$\rightarrow$", color="0.1"))
            handles[-1].set_markersize(12)
    return handles


def _round_signals(signal: NDArray[np.floating]) -> list[float]:
    """Return up to three powers of ten that the signals span."""
    known = signal[signal > 0]
    if known.size == 0:
        return []
    low, high = np.floor(np.log10(known.min())), np.floor(np.log10(known.max()))
    exponents = np.unique(np.round(np.linspace(max(low, high - 4), high, 3)))
    return [float(10.0**exponent) for exponent in exponents]


def _plain(text: str) -> str:
    """Return text in which a dollar sign does not start a formula."""
    return text.replace("$", r"\$")
