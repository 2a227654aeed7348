"""A table is either clean or one sentence says why not; frequencies, gaps and future times follow the calendar."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.series_frame import (
    check_horizon,
    check_quantiles,
    check_series_frame,
    fill_gaps,
    future_times,
    infer_frequency,
    season_length_of,
    series_matrix,
    series_offsets,
)
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
FREQUENCIES = ["s", "15min", "30min", "h", "6h", "D", "B", "W-SUN", "W-WED", "MS", "ME", "BME", "2MS"]
FREQUENCIES += ["QS", "QE", "QS-FEB", "QE-OCT", "YS", "YE", "YS-JUL", "YE-JUN"]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def make(freq="D", n=20, ids=("a", "b"), start="2023-12-30"):
    """Make a table of several series with the same times."""
    times = pd.date_range(start, periods=n, freq=freq)
    parts = [pd.DataFrame({"unique_id": name, "ds": times, "y": np.arange(n) + 10.0 * i}) for i, name in enumerate(ids)]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("freq", FREQUENCIES)
def test_frequencies_are_inferred_in_any_order_and_with_gaps(freq):
    table = make(freq, n=40).sample(frac=0.9, random_state=0)
    inferred = infer_frequency(table)
    assert pd.tseries.frequencies.to_offset(inferred) == pd.tseries.frequencies.to_offset(freq)


@pytest.mark.parametrize("freq", FREQUENCIES)
def test_future_times_are_those_of_pandas(freq):
    table = make(freq, n=30)
    future = future_times(table[table["ds"] <= table["ds"].unique()[19]], horizon=10)
    assert future["unique_id"].tolist() == ["a"] * 10 + ["b"] * 10
    assert future["ds"].tolist() == table["ds"].unique()[20:].tolist() * 2


@pytest.mark.parametrize("freq", FREQUENCIES)
def test_gaps_are_counted_and_filled(freq):
    table = make(freq, n=30)
    holes = table.drop(index=[3, 4, 45])
    assert_clear_error(check_series_frame, holes, freq=freq, mentions=("3 times", "2 series", "'a'", "fill_gaps"))
    filled = fill_gaps(holes)
    assert filled["ds"].tolist() == table["ds"].tolist()
    assert filled.index[filled["y"].isna()].tolist() == [3, 4, 45]
    pd.testing.assert_frame_equal(
        check_series_frame(filled, allow_missing=True)[["unique_id", "ds"]], table.iloc[:, :2]
    )


def test_frequency_names_of_older_pandas_are_understood():
    for old, season in (("H", 24), ("30T", 48), ("M", 12), ("Q", 4), ("Q-OCT", 4), ("A", 1), ("Y-JUN", 1), ("W", 52)):
        assert season_length_of(old) == season


@pytest.mark.parametrize(
    ("freq", "season"),
    [("h", 24), ("30min", 48), ("5h", 1), ("6h", 4), ("15min", 96), ("s", 3600), ("D", 7), ("2D", 1), ("B", 5)],
)
def test_seasons_of_hours_and_days(freq, season):
    assert season_length_of(freq) == season


@pytest.mark.parametrize(
    ("freq", "season"),
    [("W-TUE", 52), ("2W", 26), ("MS", 12), ("2ME", 6), ("QS-FEB", 4), ("YE", 1), (1, 1), (7, 1)],
)
def test_seasons_of_weeks_months_and_numbers(freq, season):
    assert season_length_of(freq) == season


def test_months_at_any_day_keep_their_day():
    table = pd.DataFrame({"ds": pd.to_datetime(["2023-11-15 06:00", "2023-12-15 06:00"]), "y": 1})
    assert infer_frequency(table) == "MS"
    assert future_times(table, 2)["ds"].dt.strftime("%m-%d %H").tolist() == ["01-15 06", "02-15 06"]


def test_whole_numbers_are_times_too():
    table = pd.DataFrame({"unique_id": 7, "ds": [10, 0, 5, 20], "y": [1, 2, 3, 4]})
    assert infer_frequency(table) == 5
    assert_clear_error(check_series_frame, table, mentions=("1 times are missing", "fill_gaps"))
    assert fill_gaps(table)["ds"].tolist() == [0, 5, 10, 15, 20]
    future = future_times(table, 2)
    assert future["ds"].tolist() == [25, 30]
    assert future["unique_id"].tolist() == [7, 7]


def test_days_follow_the_local_calendar_and_hours_do_not():
    days = pd.date_range("2024-03-25", periods=5, freq="D", tz="Europe/Berlin")
    future = future_times(pd.DataFrame({"ds": days}), 4)  # the clocks change on March 31
    assert (future["ds"].dt.hour == 0).all()
    assert str(future["ds"].dt.tz) == "Europe/Berlin"
    hours = pd.date_range("2024-10-26 20:00", periods=12, freq="h", tz="Europe/Berlin")
    table = check_series_frame(pd.DataFrame({"ds": hours[:5], "y": 1.0}))
    assert future_times(table, 7)["ds"].tolist() == hours[5:].tolist()
    assert check_series_frame(pd.DataFrame({"ds": hours, "y": 1.0}))["ds"].tolist() == hours.tolist()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_the_resolution_of_times_stays(unit):
    table = make("MS")
    table["ds"] = table["ds"].astype(f"M8[{unit}]")
    assert check_series_frame(table)["ds"].dtype == f"M8[{unit}]"
    assert future_times(table, 3)["ds"].dtype == f"M8[{unit}]"
    assert fill_gaps(table.drop(index=3))["ds"].dtype == f"M8[{unit}]"


def test_one_series_needs_no_name():
    table = make(ids=("a",)).drop(columns="unique_id")
    assert check_series_frame(table)["unique_id"].unique().tolist() == ["series"]
    series = pd.Series(np.arange(5), index=pd.period_range("2020-01", periods=5, freq="M"))
    assert infer_frequency(check_series_frame(series)) == "MS"


def test_rows_in_any_order_give_the_same_and_the_input_stays():
    table = make(ids=("b", "a", "c")).assign(price=2, note="x")
    shuffled = table.sample(frac=1, random_state=1)
    before = shuffled.copy()
    clean = check_series_frame(shuffled, exogenous=["price"])
    pd.testing.assert_frame_equal(shuffled, before)
    assert clean.columns.tolist() == ["unique_id", "ds", "y", "price"]
    pd.testing.assert_frame_equal(clean, check_series_frame(table, exogenous=["price"]))
    assert clean["unique_id"].unique().tolist() == ["a", "b", "c"]
    clean.loc[0, "y"] = -1
    assert table["y"].min() == 0


@pytest.mark.parametrize("dtype", ["category", "string", object])
def test_any_kind_of_label_is_sorted_by_its_text(dtype):
    table = make(ids=("b", "a"))
    table["unique_id"] = table["unique_id"].astype(dtype)
    assert check_series_frame(table)["unique_id"].astype(str).unique().tolist() == ["a", "b"]


def test_nullable_and_boolean_columns_are_numbers():
    table = make()
    table["y"] = table["y"].astype("Int64")
    table["open"] = True
    table.loc[3, "y"] = pd.NA
    clean = check_series_frame(table, exogenous=["open"], allow_missing=True)
    assert clean["y"].dtype == clean["open"].dtype == np.float64
    assert np.isnan(clean["y"][3])


def test_dates_as_text_are_read():
    table = make()
    table["ds"] = table["ds"].dt.strftime("%Y-%m-%d")
    assert check_series_frame(table)["ds"].dtype.kind == "M"


def test_attributes_are_kept():
    table = make()
    table.attrs["season_length"] = 7
    assert check_series_frame(table).attrs == {"season_length": 7}


def test_further_columns_are_filled_with_nan():
    filled = fill_gaps(make().assign(price=2.0, note="x").drop(index=5))
    assert filled.columns.tolist() == ["unique_id", "ds", "y", "price"]
    assert np.isnan(filled["price"][5])


def test_series_are_the_rows_of_a_matrix_that_end_together():
    table = check_series_frame(pd.concat([make(n=3, ids=("a",)), make(n=5, ids=("b",)), make(n=1, ids=("c",))]))
    assert series_offsets(table).tolist() == [0, 3, 8, 9]
    matrix = series_matrix(table)
    assert matrix.shape == (3, 5)
    np.testing.assert_array_equal(matrix[0], [np.nan, np.nan, 0, 1, 2])
    np.testing.assert_array_equal(matrix[2], [np.nan] * 4 + [0])


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(FREQUENCIES), st.integers(3, 60), st.data())
def test_filling_restores_whatever_was_taken_out(freq, n, data):
    table = make(freq, n=n)
    inner = [i for i in range(1, 2 * n - 1) if i not in (n - 1, n)]
    taken = data.draw(st.sets(st.sampled_from(inner), max_size=n))
    filled = fill_gaps(table.drop(index=list(taken)).sample(frac=1, random_state=0), freq)
    assert filled["ds"].tolist() == table["ds"].tolist()
    assert set(np.flatnonzero(filled["y"].isna())) == taken


# ---------------------------------------------------------------------------------------------- bad input


def test_what_is_no_table_is_refused():
    assert isinstance(assert_clear_error(check_series_frame, [1, 2], mentions=("list", "DataFrame")), TypeError)
    assert_clear_error(check_series_frame, make().iloc[:0], mentions=("empty",))
    renamed = make().rename(columns={"ds": "date", "y": "sales"})
    assert_clear_error(check_series_frame, renamed, mentions=("'ds' and 'y'", "unique_id, date, sales", "rename"))
    assert_clear_error(check_series_frame, make(), exogenous=["price"], mentions=("'price'",))
    twice = pd.concat([make(), make()["y"]], axis=1)
    assert_clear_error(check_series_frame, twice, mentions=("two columns", "'y'"))


def test_duplicate_times_name_the_series_and_the_time():
    table = make()
    table = pd.concat([table, table.iloc[[25]]])
    assert_clear_error(check_series_frame, table, mentions=("'b'", "2024-01-04", "twice"))
    assert_clear_error(check_series_frame, table.drop(columns="unique_id"), mentions=("20 more", "column unique_id"))


def test_irregular_times_are_named():
    table = make("h")
    table.loc[4, "ds"] += pd.Timedelta(minutes=7)
    assert_clear_error(check_series_frame, table, mentions=("'a'", "04:07", "'h'", "grid"))
    assert_clear_error(check_series_frame, make("D"), freq="MS", mentions=("grid", "freq"))


def test_mixed_time_zones_are_refused():
    times = [pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-01-02", tz="Asia/Tokyo")]
    for ds in (times, [times[0], pd.Timestamp("2024-01-02")], ["2024-01-01T00:00+01:00", "2024-01-02T00:00+09:00"]):
        table = pd.DataFrame({"ds": pd.Series(ds, dtype=object), "y": [1, 2]})
        assert_clear_error(check_series_frame, table, mentions=("time zones", "utc=True"))


def test_what_is_no_time_is_refused():
    for ds in (["soon"] * 40, np.linspace(0, 1, 40), [None] * 40):
        assert_clear_error(check_series_frame, make().assign(ds=ds), mentions=("ds",))
    table = make()
    table.loc[7, "ds"] = pd.NaT
    assert_clear_error(check_series_frame, table, mentions=("ds is missing in 1 rows", "row 7"))


def test_what_is_no_number_is_refused():
    table = make()
    text = table.assign(y=table["y"].astype(str).replace("3.0", "n/a"))
    assert isinstance(assert_clear_error(check_series_frame, text, mentions=("y holds", "'n/a'")), TypeError)
    assert_clear_error(check_series_frame, table.assign(x=text["y"]), exogenous=["x"], mentions=("x holds",))
    assert_clear_error(check_series_frame, table.assign(y=table["ds"]), mentions=("y holds",))
    assert_clear_error(check_series_frame, table.assign(y=1j), mentions=("y holds",))


def test_missing_and_infinite_values_are_refused():
    table = make()
    table.loc[5, "y"] = np.nan
    assert_clear_error(check_series_frame, table, mentions=("missing", "1 rows", "'a'", "2024-01-04"))
    assert len(check_series_frame(table, allow_missing=True)) == 40
    table.loc[5, "y"] = np.inf
    assert_clear_error(check_series_frame, table, allow_missing=True, mentions=("infinite",))


def test_unnamed_series_are_refused():
    table = make()
    table.loc[2, "unique_id"] = None
    assert_clear_error(check_series_frame, table, mentions=("unique_id is missing in 1 rows",))


def test_short_series_are_named():
    table = pd.concat([make(n=3, ids=("a", "b")), make(n=9, ids=("c",))])
    assert_clear_error(check_series_frame, table, min_length=4, mentions=("'a'", "3 values", "4", "1 more"))


@pytest.mark.parametrize("freq", ["", "often", "-1D", 0, "SMS", 1.5, None, True])
def test_bad_frequencies_are_refused(freq):
    assert_clear_error(season_length_of, freq, mentions=("freq",))


def test_a_frequency_of_the_wrong_kind_is_refused():
    assert_clear_error(check_series_frame, make(), freq=2, mentions=("datetimes",))
    assert_clear_error(check_series_frame, make().assign(ds=np.arange(40)), freq="D", mentions=("whole number",))


def test_one_time_has_no_frequency():
    table = make(n=1)
    assert len(check_series_frame(table)) == 2
    assert_clear_error(infer_frequency, table, mentions=("freq=",))
    assert_clear_error(future_times, table, 3, mentions=("freq=",))
    assert len(future_times(table, 3, freq="D")) == 6
    assert len(fill_gaps(table)) == 2


@pytest.mark.parametrize("horizon", [0, -1, 1.5, "3", True, None])
def test_bad_horizons_are_refused(horizon):
    assert_clear_error(check_horizon, horizon, mentions=("horizon",))


@pytest.mark.parametrize("quantiles", [[0], [1], [0.5, 2], ["a"], 0.5, [np.nan], None])
def test_bad_quantiles_are_refused(quantiles):
    assert_clear_error(check_quantiles, quantiles, mentions=("quantiles", "0.9"))
    assert check_quantiles([0.9, 0.025, 0.9]) == {"q0.025": 0.025, "q0.9": 0.9}
