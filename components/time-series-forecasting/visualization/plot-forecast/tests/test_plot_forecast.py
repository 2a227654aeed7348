"""The picture shows what the tables hold, and says which series and models there are when it cannot."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.visualization.plot_forecast import plot_forecast

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def make(n_series=1, horizon=5, zone=None):
    """Make histories, forecasts and what came."""
    days = pd.date_range("2024-01-01", periods=60 + horizon, freq="D", tz=zone)
    tables = [pd.DataFrame({"unique_id": f"s{i}", "ds": days, "y": np.arange(60.0 + horizon)}) for i in range(n_series)]
    history = pd.concat([table.iloc[:60] for table in tables], ignore_index=True)
    actual = pd.concat([table.iloc[60:] for table in tables], ignore_index=True)
    forecast = actual[["unique_id", "ds"]].assign(forecast=60.0)
    for level in (0.025, 0.1, 0.5, 0.9, 0.975):
        forecast[f"q{level}"] = 60.0 + level
    return history, forecast, actual


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_history_forecast_intervals_and_what_came():
    history, forecast, actual = make()
    ax = plot_forecast(history, forecast, actual=actual)
    assert labels(ax) == ["history", "what came", "forecast", "95 %", "80 %"]
    assert len(ax.lines[0].get_xdata()) == 24
    assert len(ax.lines[1].get_xdata()) == 6  # from the last known value on
    assert ax.lines[1].get_ydata()[0] == 59
    assert ax.lines[2].get_ydata().tolist() == [60, 61, 62, 63, 64]


def test_history_may_hold_what_came():
    history, forecast, actual = make()
    ax = plot_forecast(pd.concat([history, actual]), forecast, n_history=7)
    assert len(ax.lines[0].get_xdata()) == 7
    assert labels(ax)[1] == "what came"


def test_the_last_cutoff_of_a_backtest_is_drawn():
    history, forecast, actual = make()
    result = forecast.merge(actual).assign(model="m", cutoff=history["ds"].max())
    early = result.assign(ds=result["ds"] - pd.Timedelta(days=9), cutoff=history["ds"].max() - pd.Timedelta(days=9))
    ax = plot_forecast(history, pd.concat([early, result]))
    assert len(ax.lines[1].get_xdata()) == 6
    assert labels(ax)[:3] == ["history", "what came", "m"]


def test_models_have_a_colour_each_and_one_interval():
    history, forecast, _ = make()
    both = pd.concat([forecast.assign(model="a"), forecast.assign(model="b")])
    ax = plot_forecast(history, both)
    assert labels(ax) == ["history", "a", "b", "95 %"]
    assert len(ax.collections) == 2
    assert len({line.get_color() for line in ax.lines}) == 3
    assert labels(plot_forecast(history, both, models=["b"])) == ["history", "b", "95 %", "80 %"]


def test_series_have_a_row_each():
    history, forecast, actual = make(n_series=8)
    axes = plot_forecast(history, forecast, actual=actual)
    assert [ax.get_title("left") for ax in axes] == [f"s{i}" for i in range(6)]
    assert axes[-1].get_xlabel() == "the first 6 of 8 series"
    axes = plot_forecast(history, forecast, series=["s7", "s2"])
    assert [ax.get_title("left") for ax in axes] == ["s7", "s2"]
    assert plot_forecast(history, forecast, series="s7").get_title("left") == "s7"


def test_whole_numbers_time_zones_gaps_and_points_alone_can_be_drawn(tmp_path):
    history, forecast, _ = make(zone="Europe/Berlin")
    plot_forecast(history, forecast).figure.savefig(tmp_path / "zone.png")
    history, forecast, _ = make()
    for table in (history, forecast):
        table["ds"] = (table["ds"] - pd.Timestamp("2024-01-01")).dt.days
    history.loc[[30, 59], "y"] = np.nan
    plot_forecast(history, forecast[["ds", "unique_id", "forecast"]]).figure.savefig(tmp_path / "numbers.svg")
    unnamed = history.drop(columns="unique_id"), forecast.drop(columns="unique_id")
    assert plot_forecast(*unnamed).get_title("left") == "series"
    alone = plot_forecast(history.assign(unique_id="other"), forecast)  # no history of it
    assert len(alone.lines[1].get_xdata()) == 5


def test_given_axes_are_drawn_on():
    from matplotlib.figure import Figure

    history, forecast, _ = make(n_series=2)
    axes = Figure().subplots(2)
    assert plot_forecast(history, forecast, ax=axes)[1] is axes[1]
    assert_clear_error(plot_forecast, history, forecast, ax=axes[0], mentions=("1 axes", "2 series"))


def test_the_input_stays():
    history, forecast, actual = make()
    before = [table.copy() for table in (history, forecast, actual)]
    plot_forecast(history, forecast, actual=actual)
    for table, copy in zip((history, forecast, actual), before, strict=True):
        pd.testing.assert_frame_equal(table, copy)


def test_bad_input_is_explained():
    history, forecast, _ = make()
    assert_clear_error(plot_forecast, [1], forecast, mentions=("history", "DataFrame"))
    assert_clear_error(plot_forecast, history, history, mentions=("forecast lacks",))
    assert_clear_error(plot_forecast, history.iloc[:0], forecast, mentions=("history is empty",))
    assert_clear_error(plot_forecast, history, forecast, series="s9", mentions=("s9", "s0"))
    assert_clear_error(plot_forecast, history, forecast, models=["x"], mentions=("x", "forecast"))
