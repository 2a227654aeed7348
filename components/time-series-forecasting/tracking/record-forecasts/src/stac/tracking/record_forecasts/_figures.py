"""The pictures of a backtest."""

from typing import TYPE_CHECKING, Any

import numpy as np

from stac.visualization.plot_forecast import plot_forecast

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_examples(
    backtested: "pd.DataFrame", frame: "pd.DataFrame", per_series: "pd.DataFrame", models: list[str]
) -> "Figure":
    """Draw the last forecast of up to four series, from the one that went best to the one that went worst."""
    own = per_series[per_series["model"] == models[0]].sort_values("mase")  # those without a score come last
    names = [own["unique_id"].iloc[i] for i in np.unique(np.linspace(0, len(own) - 1, 4).astype(int))]
    return _figure_of(plot_forecast(frame, backtested[backtested["model"] == models[0]], series=names))


def plot_future(forecast: "pd.DataFrame", history: "pd.DataFrame") -> "Figure":
    """Draw the forecasts of the first six series after their history."""
    return _figure_of(plot_forecast(history, forecast))


def plot_error_by_step(backtested: "pd.DataFrame", per_series: "pd.DataFrame", models: list[str]) -> "Figure":
    """Draw the scaled error of each model against how far ahead it forecasts."""
    figure, ax = _one_axes()
    table = backtested.assign(error=(backtested["y"] - backtested["forecast"]).abs())
    table["step"] = table.groupby(["model", "unique_id", "cutoff"], sort=False).cumcount() + 1
    first = per_series[per_series["model"] == models[0]].set_index("unique_id")
    scale = first["mae"] / first["mase"]  # the mean error of a seasonal naive forecast within the history
    table["error"] = table["error"] / table["unique_id"].map(scale)
    for model in models:
        by_step = table[table["model"] == model].groupby("step")["error"].mean()
        ax.plot(by_step.index, by_step, marker="o", markersize=3, label=model)
    ax.set(xlabel="Steps ahead", ylabel="Scaled error (MASE)", ylim=(0, None))
    ax.legend(frameon=False, fontsize=8)
    return figure


def plot_skill(per_series: "pd.DataFrame", models: list[str]) -> "Figure":
    """Draw the first model's score of each series against the baseline's, which is the last model."""
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    table = per_series.pivot(index="unique_id", columns="model", values="mase")[[models[-1], models[0]]]
    table = table.replace([np.inf, 0], np.nan).dropna()
    baseline, own = table[models[-1]], table[models[0]]
    figure, ax = _one_axes()
    ax.scatter(baseline, own, s=14, alpha=0.6)
    limits = (table.min().min() / 1.1, table.max().max() * 1.1) if len(table) else (0.1, 1)
    ax.plot(limits, limits, color="0.6", linewidth=1)
    ax.set(xscale="log", yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_minor_formatter(NullFormatter())
        axis.set_major_formatter(ScalarFormatter())
    ax.set(xlim=limits, ylim=limits, aspect="equal")
    ax.set(xlabel=f"MASE of {models[-1]}", ylabel=f"MASE of {models[0]}")
    ax.set_title(
        f"{models[0]} is better on {np.mean(own < baseline):.0%} of {len(table)} series", fontsize=9, loc="left"
    )
    return figure


def plot_calibration(backtested: "pd.DataFrame", models: list[str]) -> "Figure":
    """Draw how often the truth lay below each forecast quantile, against how often it should."""
    figure, ax = _one_axes()
    names = sorted((name for name in backtested.columns if name.startswith("q0")), key=lambda name: float(name[1:]))
    levels = [float(name[1:]) for name in names]
    ax.plot([0, 1], [0, 1], color="0.6", linewidth=1)
    for model in models:
        rows = backtested[backtested["model"] == model].dropna(subset=["y"])
        below = [float((rows["y"] <= rows[name]).mean()) for name in names]
        ax.plot(levels, below, marker="o", markersize=4, label=model)
    ax.set(xlabel="Quantile forecast", ylabel="Share of values below it", xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.legend(frameon=False, fontsize=8)
    return figure


def _one_axes() -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5, 4.5), layout="constrained")
    ax = figure.subplots()
    ax.spines[["top", "right"]].set_visible(False)
    return figure, ax


def _figure_of(axes: Any) -> "Figure":
    return np.ravel(axes)[0].figure
