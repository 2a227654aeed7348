"""Draw ROC curves with confidence bands, areas with intervals, and a marked working point."""

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.metrics.roc_analysis import Estimate, RocBand, RocCurve, roc_auc, roc_band, roc_curve, signal_efficiency

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_roc"]

_MOST_POINTS = 1000  # of a drawn curve: more cannot be seen, and make an SVG heavy
# Okabe and Ito's colours, which colour-blind readers tell apart, without the yellow that white paper swallows.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B5B5B")


def plot_roc(
    curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
    ax: "Axes | None" = None,
    *,
    log_x: bool = False,
    band: Literal["pointwise", "simultaneous"] | None = "pointwise",
    background_rejection: float | None = None,
    confidence: float = 0.95,
    groups: ArrayLike | None = None,
    xlabel: str = "Background efficiency",
    ylabel: str = "Signal efficiency",
    seed: int = 0,
) -> "Axes":
    """Draw the ROC curve of each score, with its band, its area and the interval of the area.

    Parameters
    ----------
    curves : mapping of str to (y_true, score)
        Name of each curve to labels (n_instances,), True for signal, and scores (n_instances,), higher for signal.
    ax : matplotlib Axes, optional
        Where to draw. By default a new figure, made without pyplot: no window, no global state; `ax.figure` is it.
    log_x : bool
        Whether the background efficiency has a logarithmic axis, for working points where little background passes.
    band : {"pointwise", "simultaneous"} or None
        The confidence band: for each point, for the curve as a whole, or none.
    background_rejection : float, optional
        Mark this working point, such as 0.95, and say the signal efficiency there.
    confidence : float
        Of bands and intervals, between 0 and 1.
    groups : array-like (n_instances,), optional
        What instances belong together, such as the stations of one event: makes the interval of the area honest. All
        curves must then be of the same instances.
    xlabel, ylabel : str
        Names of the axes, such as "Electromagnetic efficiency" and "Muon efficiency".
    seed : int
        Of the bootstrap behind the bands: the same seed gives the same picture.

    Returns
    -------
    matplotlib Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If `curves` is not a mapping of pairs, or a score does not hold numbers.
    ValueError
        If there is no curve, labels are not boolean or of one class only, lengths differ, a score is NaN, or a
        parameter is out of range.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> is_muon = rng.random(500) < 0.3
    >>> ax = plot_roc({"network": (is_muon, is_muon + rng.normal(size=500))}, background_rejection=0.95)
    >>> print(ax.get_legend().get_texts()[0].get_text())
    network
    AUC 0.77 (0.72 to 0.81)
    26 % (12 to 36 %) at 95 % rejection
    >>> ax.figure.savefig("roc.png")  # doctest: +SKIP
    """
    _check_options(curves, band, background_rejection)
    options = band, background_rejection, confidence, groups, seed
    drawn = {name: _analyse(str(name), pair, *options) for name, pair in curves.items()}
    labels = _labels(drawn, background_rejection)
    beside = ax is None
    ax = _new_axes() if ax is None else ax
    for one, label, colour in zip(drawn.values(), labels, cycle(_COLOURS), strict=False):
        if one.band is not None:
            ax.fill_between(one.band.fpr, one.band.low, one.band.high, color=colour, alpha=0.18, linewidth=0)
        fpr, tpr = _visible(one.curve.fpr, one.curve.tpr, log_x)
        ax.plot(fpr, tpr, color=colour, linewidth=1.6, label=label, solid_joinstyle="round")
        if one.point is not None and background_rejection is not None:
            _draw_point(ax, 1 - background_rejection, one.point, colour)
    if background_rejection is not None:
        ax.axvline(1 - background_rejection, color="0.55", linewidth=0.8, linestyle=(0, (4, 3)), zorder=0.5)
    left = min(0.5, *(1 / one.n_background for one in drawn.values()))
    _finish(ax, log_x, left, xlabel, ylabel)
    _add_legend(ax, beside)
    _caption(ax, band, confidence, {(one.n_signal, one.n_background) for one in drawn.values()})
    return ax


class _Drawn(NamedTuple):
    curve: RocCurve
    auc: Estimate
    point: Estimate | None
    band: RocBand | None
    n_signal: int
    n_background: int


def _analyse(
    name: str, pair: Any, band: str | None, rejection: float | None, confidence: float, groups: Any, seed: int
) -> _Drawn:
    """Compute what is drawn of one curve; what is wrong with it is said with its name."""
    try:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError("what is drawn is not a pair: give (y_true, score)")
        y, score = pair
        options: dict[str, Any] = {"confidence": confidence, "seed": seed}
        point = None if rejection is None else signal_efficiency(y, score, rejection, **options)
        shade = None if band is None else roc_band(y, score, simultaneous=band == "simultaneous", **options)
        auc = roc_auc(y, score, confidence=confidence, groups=groups)
        n_signal = int(np.count_nonzero(y))
        return _Drawn(roc_curve(y, score), auc, point, shade, n_signal, len(np.asarray(y)) - n_signal)
    except (TypeError, ValueError) as error:
        raise type(error)(f"curve {name!r}: {error}") from error


def _check_options(curves: Any, band: Any, background_rejection: Any) -> None:
    if not isinstance(curves, Mapping):
        raise TypeError(f"curves is a {type(curves).__name__}: give a mapping such as {{'network': (y_true, score)}}")
    if not curves:
        raise ValueError("curves is empty: give at least one, such as {'network': (y_true, score)}")
    if band not in ("pointwise", "simultaneous", None):
        raise ValueError(f"band is {band!r}: give 'pointwise', 'simultaneous' or None")
    if background_rejection is not None and not 0 < background_rejection < 1:
        raise ValueError(f"background_rejection is {background_rejection!r}: give a number between 0 and 1, or None")


def _new_axes() -> "Axes":
    from matplotlib.figure import Figure

    return Figure(figsize=(7.2, 4.3), layout="constrained").add_subplot()


def _visible(
    fpr: NDArray[np.float64], tpr: NDArray[np.float64], log_x: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a line that looks the same with few points: evenly along its length on the page."""
    smallest = fpr[np.searchsorted(fpr, 0, side="right")]
    if len(fpr) > _MOST_POINTS:
        x = np.log(np.maximum(fpr, smallest)) / -np.log(smallest) if log_x and smallest < 1 else fpr
        length = np.cumsum(np.abs(np.diff(x, prepend=x[0])) + np.diff(tpr, prepend=0))
        at = np.searchsorted(length, np.linspace(length[0], length[-1], _MOST_POINTS)).clip(max=len(fpr) - 1)
        keep = np.unique(np.concatenate([[0], at, [len(fpr) - 1]]))
        fpr, tpr = fpr[keep], tpr[keep]
    if log_x:  # the straight line through a tie is bent there
        parts = np.linspace(0, 1, 20, endpoint=False)
        bent = (fpr[1:] > 1.2 * fpr[:-1]) & (tpr[1:] > tpr[:-1])
        pieces = [
            np.column_stack([fpr[i] + step * (fpr[i + 1] - fpr[i]), tpr[i] + step * (tpr[i + 1] - tpr[i])])
            for i, step in ((i, parts**3 if bent[i] else parts[:1]) for i in range(len(bent)))
        ]
        fpr, tpr = np.concatenate([*pieces, [[fpr[-1], tpr[-1]]]]).T
    return fpr, tpr


def _draw_point(ax: "Axes", fpr: float, point: Estimate, colour: str) -> None:
    spread = [[point.value - point.low], [point.high - point.value]]
    ax.errorbar(
        fpr, point.value, yerr=spread, color=colour, marker="o", markersize=5.5, markeredgecolor="white",
        markeredgewidth=0.9, elinewidth=1.2, zorder=4,
    )  # fmt: skip


def _labels(drawn: Mapping[str, _Drawn], rejection: float | None) -> list[str]:
    """Return the legend's texts, with as many decimals as the narrowest interval justifies."""
    auc_digits = _digits([one.auc for one in drawn.values()])
    point_digits = _digits([one.point for one in drawn.values() if one.point is not None]) - 2
    labels = []
    for name, one in drawn.items():
        value, low, high = (f"{number:.{auc_digits}f}" for number in one.auc)
        lines = [str(name).replace("$", r"\$"), f"AUC {value} ({low} to {high})"]
        if one.point is not None and rejection is not None:
            value, low, high = (f"{100 * number:.{point_digits}f}" for number in one.point)
            lines.append(f"{value} % ({low} to {high} %) at {100 * rejection:g} % rejection")
        labels.append("\n".join(lines))
    return labels


def _digits(estimates: list[Estimate]) -> int:
    widths = [one.high - one.low for one in estimates] or [1]
    return int(np.clip(np.ceil(-np.log10(max(min(widths), 1e-9))), 2, 4))


def _finish(ax: "Axes", log_x: bool, left: float, xlabel: str, ylabel: str) -> None:
    x = np.geomspace(left, 1, 200) if log_x else np.array([0, 1])
    ax.plot(x, x, color="0.55", linewidth=0.9, linestyle=(0, (1, 2)), zorder=0.5)
    if log_x:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(_plain_number)
    ax.set(xlim=(left if log_x else -0.01, 1.01), ylim=(-0.01, 1.015), xlabel=xlabel, ylabel=ylabel)
    ax.set_box_aspect(1)
    ax.grid(color="0.93", linewidth=0.7)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def _add_legend(ax: "Axes", beside: bool) -> None:
    """Put the legend beside the curves in a figure of our own, and inside where the neighbours are not known."""
    if beside:
        place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.03, 1), "frameon": False, "borderaxespad": 0}
    else:
        place = {"loc": "lower right", "framealpha": 0.85, "edgecolor": "none"}
    ax.legend(fontsize="small" if beside else "x-small", labelspacing=1.0 if beside else 0.6, **place)


def _plain_number(value: float, _: Any) -> str:
    return f"{value:g}" if value >= 1e-4 else f"$10^{{{np.log10(value):.0f}}}$"


def _caption(ax: "Axes", band: str | None, confidence: float, sizes: set[tuple[int, int]]) -> None:
    notes = []
    if band is not None:
        notes.append(
            f"band: {100 * confidence:g} % {'at each point' if band == 'pointwise' else 'for the whole curve'}"
        )
    if len(sizes) == 1:
        n_signal, n_background = sizes.pop()
        notes.append(f"{n_signal:,} signal, {n_background:,} background")
    ax.set_title("  ·  ".join(notes), loc="left", fontsize="small", color="0.4")
