"""Draw a confusion matrix that stays readable from two classes to fifty."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_confusion_matrix"]

_MOST_ANNOTATED = 25  # beyond it numbers would be too small to read
_MOST_DOUBLE = 12  # up to here a cell has room for the count and its share
_LONG_LABEL = 24  # characters
_SHARE_OF = {"true": "of the true class", "pred": "of the predicted class", "all": "of all instances"}


def plot_confusion_matrix(
    matrix: ArrayLike,
    labels: Sequence[Any] | None = None,
    *,
    normalize: Literal["true", "pred", "all"] | None = None,
    cmap: str = "RdBu",
    title: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a confusion matrix: what is right in blue, what is wrong in red, both stronger with their share.

    Up to 12 classes a cell shows its count and its share, up to 25 its count alone (or its share, with
    `normalize`); beyond that the colours speak, beside a colour bar.

    Parameters
    ----------
    matrix : array-like (n_classes, n_classes)
        Counts, rows true and columns predicted. Weighted counts need not be whole.
    labels : sequence, optional
        The name of each class; by default their numbers.
    normalize : {"true", "pred", "all"}, optional
        Write shares instead of counts: of the true class (row), of the predicted class (column) or of all
        instances. By default counts are written, and shares and colours are of the true class. A row or
        column without instances has no shares and stays blank.
    cmap : str
        A diverging matplotlib colour map: its upper half is for the diagonal, its lower half for the errors.
    title : str, optional
        Text above the matrix.
    ax : matplotlib Axes, optional
        Where to draw. By default a new figure, made without pyplot: no window, no global state; `ax.figure`
        is it.

    Returns
    -------
    matplotlib Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If the matrix does not hold numbers.
    ValueError
        If it is not square, is empty, holds negative or missing values, or labels do not fit.

    Examples
    --------
    >>> ax = plot_confusion_matrix([[8, 2], [1, 9]], ["cat", "dog"])
    >>> ax.get_xlabel(), [label.get_text() for label in ax.get_xticklabels()]
    ('Predicted', ['cat', 'dog'])
    >>> ax.figure.savefig("confusion.png")  # doctest: +SKIP
    """
    counts = _check_matrix(matrix)
    names = _check_labels(labels, len(counts))
    if normalize not in (None, *_SHARE_OF):
        raise ValueError(f"normalize is {normalize!r}: give 'true', 'pred', 'all' or None")
    ax = _new_axes(names) if ax is None else ax
    shares = _shares(counts, normalize or "true")
    image = _draw_cells(ax, shares, cmap)
    if len(counts) <= _MOST_ANNOTATED:
        _annotate(ax, image, counts, shares, normalize)
    else:
        _draw_colour_bar(ax, image, _SHARE_OF[normalize or "true"])
    _label_axes(ax, names, title)
    return ax


def _check_matrix(matrix: ArrayLike) -> NDArray[Any]:
    counts = np.asarray(matrix)
    if counts.dtype.kind not in "iufb":
        raise TypeError(f"matrix holds {counts.dtype} values: give counts as numbers")
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
        raise ValueError(
            f"matrix has shape {counts.shape}: give a square one, a row for each true class and a column "
            "for each predicted class"
        )
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("matrix holds negative, missing or infinite values: give counts of 0 or more")
    return counts.astype(np.int64) if counts.dtype.kind == "b" else counts


def _check_labels(labels: Sequence[Any] | None, n_classes: int) -> list[str]:
    if isinstance(labels, str):
        raise ValueError(f"labels is the text {labels!r}: give a list with one name per class")
    names = [str(label) for label in (range(n_classes) if labels is None else labels)]
    if len(names) != n_classes:
        raise ValueError(f"labels has {len(names)} names and matrix {n_classes} classes: give one name per class")
    # A dollar sign would start a formula.
    shortened = [name if len(name) <= _LONG_LABEL else name[: _LONG_LABEL - 1] + "…" for name in names]
    return [name.replace("$", r"\$") for name in shortened]


def _new_axes(names: list[str]) -> "Axes":
    from matplotlib.figure import Figure

    size = float(np.clip(2.6 + 0.42 * len(names), 3.6, 8.5))
    return Figure(figsize=(size + 0.6, size), layout="constrained").add_subplot()


def _shares(counts: NDArray[Any], normalize: str) -> NDArray[np.float64]:
    totals = counts.sum(axis={"true": 1, "pred": 0, "all": None}[normalize], keepdims=True)
    shares = np.full(counts.shape, np.nan)
    np.divide(counts, totals, out=shares, where=np.broadcast_to(totals > 0, counts.shape))
    return shares


def _draw_cells(ax: "Axes", shares: NDArray[np.float64], cmap: str) -> Any:
    """Draw right cells as positive and wrong ones as negative shares; the root makes small ones visible."""
    from matplotlib.colors import FuncNorm

    signed = np.where(np.eye(len(shares), dtype=bool), shares, -shares)
    norm = FuncNorm((_signed_root, _signed_square), vmin=-1.3, vmax=1.3)
    image = ax.imshow(signed, cmap=cmap, norm=norm, interpolation="nearest")
    if len(shares) <= _MOST_ANNOTATED:
        edges = np.arange(len(shares) + 1) - 0.5
        ax.set_xticks(edges, minor=True)
        ax.set_yticks(edges, minor=True)
        ax.grid(which="minor", color="0.88", linewidth=0.8)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    return image


def _signed_root(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sign(share) * np.sqrt(np.abs(share))


def _signed_square(root: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sign(root) * np.square(root)


def _annotate(ax: "Axes", image: Any, counts: NDArray[Any], shares: NDArray[np.float64], normalize: str | None) -> None:
    texts = {cell: _cell_text(counts[cell], shares[cell], normalize, len(counts)) for cell in np.ndindex(counts.shape)}
    size = _font_size(ax, len(counts), list(texts.values()))
    colours = image.cmap(image.norm(image.get_array().filled(0)))
    for (row, column), text in texts.items():
        if text:
            colour = _text_colour(colours[row, column], counts[row, column])
            label = ax.text(column, row, text, ha="center", va="center", fontsize=size, linespacing=1.1, color=colour)
            label.set_in_layout(False)  # it lies inside the axes: laying out hundreds of them takes seconds


def _cell_text(count: Any, share: Any, normalize: str | None, n_classes: int) -> str:
    if count == 0:
        return "0" if n_classes <= _MOST_DOUBLE and not np.isnan(share) else ""
    if normalize is not None:
        return _percent(share)
    number = f"{count:,}" if isinstance(count, np.integer) else f"{count:,.4g}"
    return f"{number}\n{_percent(share)}" if n_classes <= _MOST_DOUBLE else number


def _percent(share: float) -> str:
    """Round to whole per cent, but never to 0 or 100 what is not."""
    if 0 < share < 0.01:
        return "<1 %"
    if 0.99 < share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def _font_size(ax: "Axes", n_classes: int, texts: list[str]) -> float:
    """Return the size in points at which the widest text fits its cell."""
    box = ax.get_window_extent()
    cell = min(box.width, box.height) / n_classes / ax.figure.dpi * 72
    widest = max(len(line) for text in texts for line in (text or " ").split("\n"))
    return float(np.clip(min(cell / (0.66 * widest), 0.3 * cell), 4.5, 12))


def _text_colour(background: NDArray[np.float64], count: Any) -> str:
    """Return black or white, whichever stands out more; an empty cell steps back."""
    if count == 0:
        return "0.7"
    linear = np.where(background <= 0.04045, background / 12.92, ((background + 0.055) / 1.055) ** 2.4)
    luminance = linear[:3] @ (0.2126, 0.7152, 0.0722)
    return "white" if luminance < 0.18 else "black"


def _draw_colour_bar(ax: "Axes", image: Any, share_of: str) -> None:
    ticks = [-1, -0.5, -0.1, 0, 0.1, 0.5, 1]
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.6, ticks=ticks, label=f"wrong  ←  share {share_of}  →  right")
    bar.ax.set_ylim(-1, 1)
    bar.ax.set_yticklabels([f"{abs(tick):.0%}".replace("%", " %") for tick in ticks])
    bar.ax.minorticks_off()
    bar.outline.set_visible(False)


def _label_axes(ax: "Axes", names: list[str], title: str | None) -> None:
    size = float(np.clip(12 - 0.16 * len(names), 5, 10))
    widest = max(len(name) for name in names)
    steep = widest * len(names) > 40
    ax.set_xticks(range(len(names)), names, fontsize=size)
    ax.set_yticks(range(len(names)), names, fontsize=size)
    if steep:
        upright = {"rotation": 90, "ha": "center", "va": "top"}
        slanted = {"rotation": 45, "ha": "right", "va": "top", "rotation_mode": "anchor"}
        for label in ax.get_xticklabels():
            label.set(**(upright if len(names) > _MOST_ANNOTATED else slanted))
    ax.set(xlabel="Predicted", ylabel="True")
    if title:
        ax.set_title(title)
