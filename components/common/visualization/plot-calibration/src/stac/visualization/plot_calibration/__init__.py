"""Draw a reliability diagram: what probabilities say against how often it was true, with a histogram below."""

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.metrics.probability_calibration import (
    ReliabilityCurve,
    calibration_error_by_chance,
    expected_calibration_error,
    reliability_curve,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_calibration"]

_HISTOGRAM_EDGES = np.linspace(0, 1, 41)
# Okabe and Ito's colours, which colour-blind readers tell apart, without the yellow that white paper swallows.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B5B5B")
_MARKERS = ("o", "s", "D", "^", "v", "P", "X")


def plot_calibration(
    models: Mapping[str, tuple[ArrayLike, ArrayLike]],
    ax: "Axes | None" = None,
    *,
    n_bins: int = 10,
    confidence: float = 0.95,
    xlabel: str = "Predicted probability",
    ylabel: str = "Observed share",
) -> "Axes":
    """Draw for each model how often it was true against the probability, and below how often that is given.

    Parameters
    ----------
    models : mapping of str to (y_true, probability)
        Name of each model to labels (n_instances,), booleans or 1 and 0, and probabilities of True (n_instances,).
    ax : matplotlib Axes, optional
        Where to draw; its lower part becomes the histogram. By default a new figure, made without pyplot: no window, no
        global state; `ax.figure` is it.
    n_bins : int
        Bins of equally many instances.
    confidence : float
        Of the Wilson intervals, between 0 and 1.
    xlabel, ylabel : str
        Names of the axes.

    Returns
    -------
    matplotlib Axes
        The axes of the diagram; the histogram is the last of `ax.figure.axes`.

    Raises
    ------
    TypeError
        If `models` is not a mapping of pairs, or probabilities are no numbers.
    ValueError
        If there is no model, labels are not boolean, lengths differ, a probability is NaN or not from 0 to 1, or a
        parameter is out of range.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.random(2000)
    >>> ax = plot_calibration({"network": (rng.random(2000) < p, p)})
    >>> print(ax.get_legend().get_texts()[0].get_text())
    network
    calibration error 0.029 (chance 0.022)
    >>> ax.figure.savefig("calibration.png")  # doctest: +SKIP
    """
    if not isinstance(models, Mapping):
        raise TypeError(
            f"models is a {type(models).__name__}: give a mapping such as {{'network': (y_true, probability)}}"
        )
    if not models:
        raise ValueError("models is empty: give at least one, such as {'network': (y_true, probability)}")
    drawn = {str(name): _analyse(str(name), pair, n_bins, confidence) for name, pair in models.items()}
    beside = ax is None
    ax = _new_axes() if ax is None else ax
    below = _axes_below(ax)
    ax.plot([0, 1], [0, 1], color="0.55", linewidth=0.9, linestyle=(0, (1, 2)), zorder=0.5)
    for (name, one), colour, marker in zip(drawn.items(), cycle(_COLOURS), cycle(_MARKERS), strict=False):
        _draw_model(ax, one, colour, marker, name.replace("$", r"\$"))
        below.stairs(one.shares, _HISTOGRAM_EDGES, color=colour, linewidth=1.3)
        below.stairs(one.shares, _HISTOGRAM_EDGES, color=colour, alpha=0.12, fill=True)
    _finish(ax, below, xlabel, ylabel)
    _add_legend(ax, beside)
    ax.set_title(
        f"bins of equally many instances  ·  bars: {100 * confidence:g} %", loc="left", fontsize="small", color="0.4"
    )
    return ax


class _Drawn(NamedTuple):
    curve: ReliabilityCurve
    error: float
    by_chance: float
    shares: NDArray[np.float64]  # of the instances in each bin of the histogram


def _analyse(name: str, pair: Any, n_bins: int, confidence: float) -> _Drawn:
    """Compute what is drawn of one model; what is wrong with it is said with its name."""
    try:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError("what is drawn is not a pair: give (y_true, probability)")
        curve = reliability_curve(*pair, n_bins=n_bins, confidence=confidence)
        error, chance = (
            expected_calibration_error(*pair, n_bins=n_bins),
            calibration_error_by_chance(pair[1], n_bins=n_bins),
        )
        counts = np.histogram(np.asarray(pair[1], dtype=np.float64), _HISTOGRAM_EDGES)[0]
        return _Drawn(curve, error, chance, counts / counts.sum())
    except (TypeError, ValueError) as problem:
        raise type(problem)(f"model {name!r}: {problem}") from problem


def _new_axes() -> "Axes":
    from matplotlib.figure import Figure

    return Figure(figsize=(7.2, 4.8), layout="constrained").add_subplot()


def _axes_below(ax: "Axes") -> "Axes":
    """Give the lower part of a subplot's place to a histogram; axes that were placed by hand get an inset."""
    place = ax.get_subplotspec()
    if place is None:
        return ax.inset_axes((0, -0.36, 1, 0.28), sharex=ax)
    upper, lower = place.subgridspec(2, 1, height_ratios=(3.4, 1))
    ax.set_subplotspec(upper)
    return ax.figure.add_subplot(lower, sharex=ax)


def _draw_model(ax: "Axes", one: _Drawn, colour: str, marker: str, name: str) -> None:
    curve = one.curve
    spread = np.stack([curve.observed - curve.observed_low, curve.observed_high - curve.observed])
    label = f"{name}\ncalibration error {one.error:.3f} (chance {one.by_chance:.3f})"
    ax.plot(curve.predicted, curve.observed, color=colour, linewidth=0.9, alpha=0.5, zorder=2)
    ax.errorbar(
        curve.predicted, curve.observed, yerr=spread, color=colour, marker=marker, linestyle="none", markersize=5.5,
        markeredgecolor="white", markeredgewidth=0.7, elinewidth=1.4, label=label, zorder=3,
    )  # fmt: skip


def _finish(ax: "Axes", below: "Axes", xlabel: str, ylabel: str) -> None:
    ax.set(xlim=(-0.015, 1.015), ylim=(-0.015, 1.015), ylabel=ylabel)
    ax.tick_params(labelbottom=False)
    below.set(xlabel=xlabel, ylabel="Instances")
    below.set_ylim(bottom=0)
    below.yaxis.set_major_locator(_few_ticks())
    below.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    for one in (ax, below):
        one.grid(color="0.93", linewidth=0.7)
        one.set_axisbelow(True)
        one.spines[["top", "right"]].set_visible(False)


def _add_legend(ax: "Axes", beside: bool) -> None:
    """Put the legend beside the diagram in a figure of our own, and inside where the neighbours are not known."""
    if beside:
        place: dict[str, Any] = {"bbox_to_anchor": (1.03, 1), "frameon": False, "borderaxespad": 0}
    else:
        place = {"frameon": True, "framealpha": 0.85, "edgecolor": "none"}
    ax.legend(loc="upper left", fontsize="small" if beside else "x-small", labelspacing=1.0 if beside else 0.6, **place)


def _few_ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(2)
