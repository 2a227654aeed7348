"""Records how forecasters did on the past, and prints it."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stac.metrics.forecast_metrics import forecast_metrics
from stac.tracking.track_run import print_table

if TYPE_CHECKING:
    import pandas as pd

    from stac.tracking.track_run import Run

__all__ = ["record_forecasts", "write_forecasts"]


def record_forecasts(
    run: "Run", backtested: "pd.DataFrame", frame: "pd.DataFrame", *, season_length: int | None = None
) -> "pd.DataFrame":
    """Record what a backtest says of forecasters; the first one is the run's own, the last one the baseline.

    Parameters
    ----------
    run : stac.tracking.track_run.Run
        Gets the scores of the first model as scalars, the tables "models" and "hardest series", pictures, and all
        scores and forecasts as CSV.
    backtested : DataFrame
        The table of ``stac.training.backtest.backtest``: ``model, unique_id, cutoff, ds, y, forecast`` and quantiles.
    frame : DataFrame
        The data, ``unique_id, ds, y``; scores are scaled by what comes before each cutoff.
    season_length : int, optional
        Of the seasonal naive forecast that scores are scaled by; by default from the frequency.

    Returns
    -------
    DataFrame
        A row for each model, in the order of the table: scores, means over series, and the interval of the first one.

    Raises
    ------
    ValueError
        If the tables lack columns, or nothing can be compared.

    Examples
    --------
    >>> import pandas as pd
    >>> from stac.models.seasonal_naive import SeasonalNaive
    >>> from stac.tracking.track_run import track_run
    >>> from stac.training.backtest import backtest
    >>> months = pd.date_range("2020-01-01", periods=48, freq="MS")
    >>> frame = pd.DataFrame({"unique_id": "shop", "ds": months, "y": np.arange(48) % 12 + np.arange(48) / 9})
    >>> table = backtest({"seasonal": SeasonalNaive(), "last": SeasonalNaive(season_length=1)}, frame, 6)
    >>> with tempfile.TemporaryDirectory() as folder, track_run("p", "n", runs_folder=folder, clearml="off") as run:
    ...     scores = record_forecasts(run, table, frame)
    ┏━━━...
    >>> scores["model"].tolist()
    ['seasonal', 'last']
    """
    from stac.tracking.record_forecasts._figures import (
        plot_calibration,
        plot_error_by_step,
        plot_examples,
        plot_skill,
    )

    if missing := [name for name in ("model", "unique_id", "cutoff", "ds", "y", "forecast") if name not in backtested]:
        raise ValueError(f"The table has no column {', '.join(missing)}: give what stac.training.backtest returns.")
    models = list(dict.fromkeys(backtested["model"]))
    scores = forecast_metrics(backtested, training=frame, season_length=season_length)
    per_series = scores.per_series
    overall = scores.overall.set_index("model").loc[models].reset_index()
    overall = _with_intervals(overall, per_series, run.seed)
    seconds = backtested.attrs.get("seconds", {})
    overall["seconds"] = [seconds.get(model, np.nan) for model in models]

    own = overall.iloc[0]
    kept = [
        name for name in overall.columns if name in ("mase", "rmsse", "smape", "wql") or name.startswith("coverage")
    ]
    run.log_scalars({name: float(own[name]) for name in kept if np.isfinite(own[name])})
    for end in ("low", "high"):
        run.log_scalars({f"mase_{end}": float(own[f"mase_{end}"])})
    run.log_table("models", [_row_in_words(row, kept) for _, row in overall.iterrows()])
    run.log_table("hardest series", _hardest(per_series, models))
    if scores.notes:
        run.log_text("notes on the scores", "\n".join(scores.notes))

    run.log_figure("Forecasts", plot_examples(backtested, frame, per_series, models))
    run.log_figure("Error by step", plot_error_by_step(backtested, per_series, models))
    if len(models) > 1:
        run.log_figure("Skill by series", plot_skill(per_series, models))
    if any(column.startswith("q0") for column in backtested.columns):
        run.log_figure("Calibration", plot_calibration(backtested, models))
    with tempfile.TemporaryDirectory() as folder:
        for name, table in {"scores_per_series": per_series, "backtest": backtested}.items():
            path = Path(folder, f"{name}.csv")
            table.to_csv(path, index=False, float_format="%.6g")
            run.log_artifact(name, path)
    _print(overall)
    return overall


def write_forecasts(path: str | Path, forecast: "pd.DataFrame", history: "pd.DataFrame") -> list[Path]:
    """Write forecasts as CSV, and draw up to six of them beside it.

    Parameters
    ----------
    path : str or Path
        File that is written; an older one is replaced when the new one is complete.
    forecast : DataFrame
        ``unique_id, ds, forecast`` and quantiles.
    history : DataFrame
        ``unique_id, ds, y``: what the pictures begin with.

    Returns
    -------
    list of Path
        The CSV file, and a PNG file of the same name.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    from stac.tracking.record_forecasts._figures import plot_future

    path = Path(path)
    picture = path.with_suffix(".png")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        unfinished = [Path(folder, path.name), Path(folder, picture.name)]
        forecast.to_csv(unfinished[0], index=False, float_format="%.6g")
        plot_future(forecast, history).savefig(unfinished[1], dpi=120)
        for file, target in zip(unfinished, (path, picture), strict=True):
            file.replace(target)
    return [path, picture]


def _with_intervals(overall: "pd.DataFrame", per_series: "pd.DataFrame", seed: int) -> "pd.DataFrame":
    """Add the 95 % bootstrap interval of the mean MASE over series, the same resamples for all models."""
    table = per_series.pivot(index="unique_id", columns="model", values="mase").dropna()
    draws = np.random.default_rng(seed).integers(max(len(table), 1), size=(1000, len(table)))
    columns: dict[str, list[float]] = {"mase_low": [], "mase_high": []}
    for model in overall["model"]:
        means = table[model].to_numpy()[draws].mean(axis=1) if len(table) else np.array([np.nan])
        for name, level in (("mase_low", 0.025), ("mase_high", 0.975)):
            columns[name].append(float(np.quantile(means, level)))
    return overall.assign(**columns)


def _row_in_words(row: Any, kept: list[str]) -> dict[str, Any]:
    """Return a model's row for the report."""
    words = {name: f"{row[name]:.1f} %" if name == "smape" else f"{row[name]:.3f}" for name in kept}
    words["mase"] = f"{row['mase']:.3f} ({row['mase_low']:.3f} to {row['mase_high']:.3f})"
    return {"model": row["model"]} | words | {"seconds": round(float(row["seconds"]), 2)}


def _hardest(per_series: "pd.DataFrame", models: list[str]) -> list[dict[str, Any]]:
    """Return the ten series that the first model does worst on, with the other models' scores beside it."""
    table = per_series.pivot(index="unique_id", columns="model", values="mase")[models]
    table = table.sort_values(models[0], ascending=False).head(10).round(3)
    return [{"series": str(name), **{f"MASE of {m}": row[m] for m in models}} for name, row in table.iterrows()]


def _print(overall: "pd.DataFrame") -> None:
    coverages = [name for name in overall.columns if name.startswith("coverage")]
    shown = [name for name in ("mase", "smape", "wql", *coverages[-1:]) if name in overall.columns]
    rows = []
    for _, row in overall.iterrows():
        cells = [f"{row[name]:.1f} %" if name == "smape" else f"{row[name]:.3f}" for name in shown]
        rows.append([row["model"], *cells, f"{row['seconds']:.1f}"])
    print_table(["model", *shown, "seconds"], rows)
