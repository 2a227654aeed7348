"""Tables become arrays that end together, and what is known of the future stands at its place."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.series_panel import SeriesPanel, forecast_table, series_panel
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def make(freq="D", n=20, ids=("a", "b"), start="2023-12-30"):
    """Make a table of several series with a column beside the values."""
    times = pd.date_range(start, periods=n, freq=freq)
    parts = [pd.DataFrame({"unique_id": name, "ds": times, "y": np.arange(n) + 10.0 * i}) for i, name in enumerate(ids)]
    return pd.concat(parts, ignore_index=True)


def test_series_end_together_and_gaps_are_nan():
    table = make().drop(index=[0, 1, 5, 22])
    panel = series_panel(table.sample(frac=1, random_state=0))
    assert panel.y.shape == (2, 20)
    assert np.flatnonzero(np.isnan(panel.y[0])).tolist() == [0, 1, 5]
    assert np.flatnonzero(np.isnan(panel.y[1])).tolist() == [2]
    assert panel.y[1, -1] == 29


@pytest.mark.parametrize(
    ("freq", "names"),
    [("h", ("hour", "weekday", "day_of_year")), ("D", ("weekday", "day_of_year")), ("W", ("day_of_year",)),
     ("MS", ("month",)), ("QE", ("month",)), ("YS", ())],
)  # fmt: skip
def test_the_calendar_has_what_the_frequency_makes_differ(freq, names):
    assert series_panel(make(freq), calendar="number").names == names
    assert len(series_panel(make(freq), calendar="cyclic").names) == 2 * len(names)
    assert series_panel(make(freq), calendar=None).names == ()


@pytest.mark.parametrize("freq", ["30min", "h", "D", "W", "MS", "QE"])
def test_the_future_goes_on_where_the_past_ends(freq):
    table = make(freq, n=40)
    whole = series_panel(table, frequency=freq)
    part = series_panel(table[table["ds"].isin(table["ds"].unique()[:35])], frequency=freq)
    times, columns = part.future(5)
    np.testing.assert_array_equal(columns, whole.columns[:, -5:])
    assert times["ds"].tolist() == table["ds"].unique()[35:].tolist() * 2


def test_one_step_ahead_has_the_same_calendar():
    table = make("MS", n=30, ids=("a",))
    panel = series_panel(table.iloc[:-1])
    np.testing.assert_array_equal(panel.future(1)[1], series_panel(table).columns[:, -1:])


def test_whole_numbers_have_no_calendar():
    panel = series_panel(pd.DataFrame({"ds": range(5), "y": range(5)}))
    assert panel.names == ()
    assert panel.season_length == 1
    assert panel.future(2)[0]["ds"].tolist() == [5, 6]


def test_exogenous_columns_are_found_or_named():
    table = make().assign(price=2.0, open=True, note="x")
    assert series_panel(table, calendar=None).names == ("price", "open")
    assert series_panel(table, calendar=None, exogenous=["price"]).exogenous == ("price",)
    assert series_panel(table, calendar=None, exogenous=()).exogenous == ()


def test_exogenous_columns_of_the_future_stand_at_their_times():
    table = make().assign(price=np.arange(40.0))
    past = table[table["ds"] < "2024-01-15"]
    panel = series_panel(past, calendar=None)
    _, columns = panel.future(3, table.sample(frac=1, random_state=0))
    assert columns[..., 0].tolist() == [[16, 17, 18], [36, 37, 38]]


def test_steps_that_are_not_given_are_nan():
    table = make().assign(price=1.0)
    panel = series_panel(table[table["ds"] < "2024-01-10"], calendar=None)
    _, columns = panel.future(4, table[table["ds"] < "2024-01-12"], given=2)
    np.testing.assert_array_equal(columns[..., 0], [[1, 1, np.nan, np.nan]] * 2)


def test_a_panel_comes_back_from_json():
    zone = make("h", n=30)
    zone["ds"] = zone["ds"].dt.tz_localize("Europe/Berlin")
    for table in (make().assign(price=1 / 3), zone, pd.DataFrame({"unique_id": [1, 1], "ds": [1, 2], "y": [0.1, 3]})):
        panel = series_panel(table).tail(7)
        again = SeriesPanel.from_dict(json.loads(json.dumps(panel.to_dict())))
        np.testing.assert_array_equal(again.y, panel.y)
        np.testing.assert_array_equal(again.columns, panel.columns)
        future = panel.times[["unique_id"]].assign(ds=table["ds"].iloc[-1], price=1)
        if not panel.exogenous:
            pd.testing.assert_frame_equal(again.future(2)[0], panel.future(2)[0])
        else:
            assert_clear_error(again.future, 2, future, mentions=("no value in 4 of 4",))


def test_forecasts_become_a_table():
    panel = series_panel(make())
    table = forecast_table(panel.future(2)[0], np.arange(4).reshape(2, 2), {"q0.9": np.ones((2, 2))})
    assert table.columns.tolist() == ["unique_id", "ds", "forecast", "q0.9"]
    assert table["forecast"].tolist() == [0, 1, 2, 3]


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 4), st.integers(2, 15), st.data())
def test_every_value_is_kept(n_series, n, data):
    lengths = [data.draw(st.integers(2, n)) for _ in range(n_series)]
    rng = np.random.default_rng(0)
    parts = [pd.DataFrame({"unique_id": i, "ds": range(k), "y": rng.normal(size=k)}) for i, k in enumerate(lengths)]
    panel = series_panel(pd.concat(parts))
    for row, part in zip(panel.y, parts, strict=True):
        np.testing.assert_array_equal(row[~np.isnan(row)], part["y"])


# ---------------------------------------------------------------------------------------------- bad input


def test_what_is_missing_in_the_future_is_named():
    panel = series_panel(make().assign(price=1.0))
    future = panel.future(3, make(n=30).assign(price=1.0))[0]
    assert_clear_error(panel.future, 3, mentions=("future is missing", "price", "exogenous=()"))
    assert_clear_error(panel.future, 3, future, mentions=("lacks", "price"))
    assert_clear_error(panel.future, 3, future.drop(columns="unique_id").assign(price=1), mentions=("unique_id",))
    assert_clear_error(panel.future, 3, future.iloc[1:].assign(price=1), mentions=("1 of 6", "'a'", "2024-01-19"))
    assert_clear_error(panel.future, 3, future.assign(price=np.nan), mentions=("6 of 6",))
    assert_clear_error(panel.future, 3, future.assign(price="much"), mentions=("price", "numbers"))
    assert isinstance(assert_clear_error(panel.future, 3, [1], mentions=("list",)), TypeError)
    assert_clear_error(panel.future, 0, mentions=("horizon",))


def test_bad_tables_and_parameters_are_refused():
    assert_clear_error(series_panel, make().assign(y=np.nan), mentions=("'a'", "all are missing", "2 such"))
    assert_clear_error(series_panel, make(), calendar="words", mentions=("cyclic",))
    assert_clear_error(series_panel, make(), season_length=0, mentions=("season_length",))
    assert_clear_error(series_panel, make(), exogenous=["price"], mentions=("'price'",))
    assert_clear_error(series_panel, [1, 2], mentions=("DataFrame",))
    assert_clear_error(series_panel, pd.concat([make(), make()]), mentions=("twice",))
