"""Draw the end of a history, forecasts with their intervals, and what came."""

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_forecast"]

# Okabe and Ito's colours, which colour-blind readers tell apart; the history is black.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_MOST_SERIES = 6


def plot_forecast(
    history: "pd.DataFrame",
    forecast: "pd.DataFrame",
    *,
    actual: "pd.DataFrame | None" = None,
    series: "str | int | Sequence[Any] | None" = None,
    models: Sequence[str] | None = None,
    n_history: int | None = None,
    ax: "Axes | Sequence[Axes] | None" = None,
) -> Any:
    """Draw one row per series: the end of its history, each model's forecast and intervals, and what came.

    Parameters
    ----------
    history : DataFrame
        `unique_id, ds, y`; values from the first forecast on are drawn as what came.
    forecast : DataFrame
        `unique_id, ds, forecast`, a column per quantile such as `q0.1` and `q0.9`, and `model` where there are several.
        Of the table of `backtest` the last cutoff is drawn, with its `y` as what came.
    actual : DataFrame, optional
        `unique_id, ds, y`: what came.
    series : label or sequence of labels, optional
        Which series to draw; by default the first six.
    models : sequence of str, optional
        Which models to draw, by default all.
    n_history : int, optional
        How many values before the forecast are drawn, by default four times as many as are forecast, at least 24.
    ax : matplotlib Axes, or a sequence of one per series, optional
        Where to draw; by default a new figure, made without pyplot: no window, no global state; `ax.figure` is it.

    Returns
    -------
    matplotlib Axes
        The axes drawn on; an array of them where several series are drawn.

    Raises
    ------
    TypeError, ValueError
        If the tables lack columns, or have none of the series or models asked for.

    Examples
    --------
    >>> import pandas as pd
    >>> history = pd.DataFrame({"unique_id": "shop", "ds": range(30), "y": np.arange(30) % 7})
    >>> forecast = pd.DataFrame({"unique_id": "shop", "ds": range(30, 37), "forecast": 3.0, "q0.1": 1.0, "q0.9": 5.0})
    >>> ax = plot_forecast(history, forecast)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['history', 'forecast', '80 %']
    >>> ax.figure.savefig("forecast.png")  # doctest: +SKIP
    """
    history, forecast = _table(history, "history", "y"), _table(forecast, "forecast", "forecast")
    actual = None if actual is None else _table(actual, "actual", "y")
    if "cutoff" in forecast:
        last = forecast.groupby("unique_id")["cutoff"].transform("max")
        forecast = forecast[forecast["cutoff"] == last]
    if "model" not in forecast:
        forecast = forecast.assign(model="forecast")
    forecast = _with_models(forecast, models)
    names, n_left_out = _chosen_series(forecast, series)
    all_axes = _new_axes(len(names)) if ax is None else _given_axes(ax, len(names))
    for axes, name in zip(all_axes, names, strict=True):
        rows = forecast[forecast["unique_id"] == name]
        past = history[history["unique_id"] == name].sort_values("ds")
        came = None if actual is None else actual[actual["unique_id"] == name]
        _draw(axes, past, rows.sort_values("ds"), came, n_history)
        title = str(name).replace("$", r"\$")
        axes.set_title(title, loc="left", fontsize="medium")
        axes.spines[["top", "right"]].set_visible(False)
    if n_left_out:
        all_axes[-1].set_xlabel(f"the first {len(names)} of {len(names) + n_left_out} series", color="0.4")
    _legend(all_axes)
    if len(all_axes) == 1:
        return all_axes[0]
    boxed = np.empty(len(all_axes), dtype=object)
    boxed[:] = all_axes
    return boxed


def _draw(
    ax: "Axes", past: "pd.DataFrame", forecast: "pd.DataFrame", came: "pd.DataFrame | None", n_history: int | None
) -> None:
    start = forecast["ds"].min()
    if came is None:
        known = forecast.drop_duplicates("ds") if "y" in forecast else past
        came = known[(known["ds"] >= start) & (known["ds"] <= forecast["ds"].max())]
    past = past[past["ds"] < start]
    horizon = forecast["ds"].nunique()
    past = past.iloc[-(n_history or max(24, 4 * horizon)) :]
    ax.plot(past["ds"], past["y"], color="black", linewidth=1.1, label="history")
    several = forecast["model"].nunique() > 1
    labelled = False
    for (model, rows), colour in zip(forecast.groupby("model", sort=False), cycle(_COLOURS), strict=False):
        rows = _joined_to(past, rows)
        for low, high, percent, alpha in _intervals(rows, outer_only=several):
            label = None if several and labelled else f"{percent:g} %"
            ax.fill_between(rows["ds"], rows[low], rows[high], color=colour, alpha=alpha, linewidth=0, label=label)
            labelled = True
        ax.plot(rows["ds"], rows["forecast"], color=colour, linewidth=1.6, label=str(model), zorder=3)
    if came is not None and came["y"].notna().any():
        few = "o" if horizon <= 60 else None
        style = {"color": "black", "linewidth": 0.8, "linestyle": (0, (2, 2)), "marker": few, "markersize": 3}
        ax.plot(came["ds"], came["y"], label="what came", zorder=4, **style)


def _joined_to(past: "pd.DataFrame", rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return the forecast with the last known value in front, so that no gap opens between them."""
    import pandas as pd

    if past.empty or np.isnan(past["y"].iloc[-1]):
        return rows
    numbers = [name for name in rows if name == "forecast" or _level(name) is not None]
    first = pd.DataFrame({"ds": past["ds"].iloc[-1:].to_numpy(), **dict.fromkeys(numbers, past["y"].iloc[-1])})
    if getattr(rows["ds"].dtype, "tz", None) is not None:
        first["ds"] = past["ds"].iloc[-1:].to_list()
    return pd.concat([first, rows[["ds", *numbers]]], ignore_index=True)


def _intervals(rows: "pd.DataFrame", *, outer_only: bool) -> list[tuple[str, str, float, float]]:
    """Return columns of the ends, level in percent and opacity of each interval, the widest first."""
    levels = {name: level for name in rows if (level := _level(name)) is not None}
    pairs = []
    for low, level in sorted(levels.items(), key=lambda item: item[1]):
        high = next((name for name, other in levels.items() if abs(level + other - 1) < 1e-9), None)
        if level < 0.5 and high is not None:
            pairs.append((low, high, round(100 * (1 - 2 * level), 6)))
    shown = pairs[:1] if outer_only else pairs[:3]
    return [(*pair, 0.15 if outer_only else 0.18 + 0.1 * i) for i, pair in enumerate(shown)]


def _level(name: Any) -> float | None:
    if not (isinstance(name, str) and name.startswith("q0.")):
        return None
    try:
        return float(name[1:])
    except ValueError:
        return None


def _table(table: Any, argument: str, value: str) -> "pd.DataFrame":
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"{argument} is {type(table).__name__}, expected a pandas DataFrame with unique_id and ds")
    missing = [name for name in ("ds", value) if name not in table]
    if missing:
        raise ValueError(f"{argument} lacks {missing}, it has {list(table.columns)[:10]}: rename or add columns")
    if table.empty:
        raise ValueError(f"{argument} is empty: there is nothing to draw")
    return table if "unique_id" in table else table.assign(unique_id="series")


def _with_models(forecast: "pd.DataFrame", models: Sequence[str] | None) -> "pd.DataFrame":
    there = forecast["model"].unique().tolist()
    wanted = there if models is None else [models] if isinstance(models, str) else list(models)
    unknown = [name for name in wanted if name not in there]
    if unknown or not wanted:
        raise ValueError(f"models are {wanted}, and the forecasts have {there}: choose from these")
    return forecast[forecast["model"].isin(wanted)]


def _chosen_series(forecast: "pd.DataFrame", series: Any) -> tuple[list[Any], int]:
    there = forecast["unique_id"].unique().tolist()
    if series is None:
        return there[:_MOST_SERIES], max(0, len(there) - _MOST_SERIES)
    wanted = [series] if isinstance(series, str) or not isinstance(series, Sequence) else list(series)
    unknown = [name for name in wanted if name not in there]
    if unknown or not wanted:
        raise ValueError(f"series {wanted} are not in the forecasts, which have {there[:5]} …: choose from these")
    return wanted, 0


def _new_axes(n_series: int) -> "list[Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.0 + (2.6 if n_series == 1 else 1.9) * n_series), layout="constrained")
    return list(figure.subplots(n_series, 1, squeeze=False)[:, 0])


def _given_axes(ax: Any, n_series: int) -> "list[Axes]":
    axes = list(np.ravel(np.asarray(ax, dtype=object)))
    if len(axes) != n_series:
        raise ValueError(f"ax holds {len(axes)} axes and {n_series} series are drawn: give one for each")
    return axes


def _legend(all_axes: "list[Axes]") -> None:
    """Put one legend beside the first row, with what any row shows."""
    entries: dict[str, Any] = {}
    for axes in all_axes:
        handles, labels = axes.get_legend_handles_labels()
        entries = dict(zip(labels, handles, strict=True)) | entries
    order = ["history", "what came"]
    labels = sorted(entries, key=lambda label: (label not in order, label.endswith(" %")))
    all_axes[0].legend(
        [entries[label] for label in labels],
        labels,
        loc="upper left",
        bbox_to_anchor=(1, 1),
        frameon=False,
        fontsize="small",
    )
    for axes in all_axes:
        axes.tick_params(labelsize="small")
