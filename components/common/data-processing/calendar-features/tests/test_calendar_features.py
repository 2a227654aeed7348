"""Features agree with pandas, cycles close, time zones mean the clock on the wall, and what is no time is said."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.calendar_features import calendar_features, fourier_terms
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
ALL = (
    "second minute hour weekday day_of_month day_of_year week month quarter year is_weekend is_month_start is_month_end"
)


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


moments = st.lists(st.datetimes(datetime(1905, 1, 1), datetime(2200, 1, 1)), min_size=1, max_size=20)


@settings(max_examples=50)
@given(moments)
def test_numbers_agree_with_pandas(moments):
    index = pd.DatetimeIndex(moments)
    result = calendar_features(index, ALL.split(), encoding="number")
    pandas_names = {"day_of_month": "day", "weekday": "day_of_week"}
    for name in ALL.split():
        if name == "week":
            expected = index.isocalendar().week
        elif name == "is_weekend":
            expected = index.day_of_week >= 5
        else:
            expected = getattr(index, pandas_names.get(name, name))
        np.testing.assert_array_equal(result[name], np.asarray(expected, dtype=np.float32), err_msg=name)
        assert result[name].dtype == np.float32


@settings(max_examples=25)
@given(moments)
def test_cyclic_columns_lie_on_a_circle(moments):
    columns = calendar_features(moments, ALL.split())
    for name in ALL.split()[:9]:
        np.testing.assert_allclose(columns[f"{name}_sin"] ** 2 + columns[f"{name}_cos"] ** 2, 1, atol=1e-5)
    assert list(columns)[-4:] == ALL.split()[-4:]


def test_the_end_of_a_cycle_is_next_to_its_beginning():
    times = np.array(["2023-12-31T23:59", "2024-01-01T00:00"], dtype="datetime64[m]")
    columns = calendar_features(times, ["hour", "day_of_year", "day_of_month", "month"])
    for name, closeness in {"hour": 0.01, "day_of_year": 0.02, "day_of_month": 0.25, "month": 0.6}.items():
        steps = [np.diff(columns[f"{name}_{part}"])[0] for part in ("sin", "cos")]
        assert np.hypot(*steps) < closeness


def test_a_time_zone_means_the_clock_on_the_wall():
    utc = pd.date_range("2024-03-30", periods=72, freq="h", tz="UTC")
    berlin = utc.tz_convert("Europe/Berlin")
    hours = calendar_features(berlin, ["hour"], encoding="number")["hour"]
    np.testing.assert_array_equal(hours, berlin.hour)
    assert hours[0] == 1  # before the clocks change, two hours ahead afterwards
    assert hours[48] == 2
    for same in (pd.Series(berlin), berlin.to_pydatetime().tolist()):
        np.testing.assert_array_equal(calendar_features(same, ["hour"], encoding="number")["hour"], hours)


@pytest.mark.parametrize(
    "times",
    [
        np.array(["2024-05-01", "2024-06-02"], dtype="datetime64[D]"),
        np.array(["2024-05-01", "2024-06-02"], dtype="datetime64[ns]"),
        [date(2024, 5, 1), date(2024, 6, 2)],
        [datetime(2024, 5, 1), datetime(2024, 6, 2)],
        [np.datetime64("2024-05-01"), np.datetime64("2024-06-02")],
        pd.Series(["2024-05-01", "2024-06-02"], dtype="datetime64[s]", index=[7, 3]),
        pd.to_datetime(["2024-05-01", "2024-06-02"], utc=True),
        [pd.Timestamp("2024-05-01", tz="Asia/Tokyo"), pd.Timestamp("2024-06-02", tz="Asia/Tokyo")],
        pd.PeriodIndex(["2024-05-01", "2024-06-02"], freq="D"),
    ],
    ids=lambda times: type(times).__name__,
)
def test_every_kind_of_time_stamp_is_read(times):
    columns = calendar_features(times, ["month", "weekday"], encoding="number")
    assert columns["month"].tolist() == [5, 6]
    assert columns["weekday"].tolist() == [2, 6]


def test_months_and_years_as_units():
    months = np.array(["2024-05", "2025-01"], dtype="datetime64[M]")
    assert calendar_features(months, ["month", "year"], encoding="number")["year"].tolist() == [2024, 2025]


def test_missing_times_are_missing_features():
    for times in (np.array(["2024-05-01", "NaT"], "datetime64[D]"), [datetime(2024, 5, 1), None, pd.NaT][:2]):
        for values in calendar_features(times, ALL.split()).values():
            assert np.isfinite(values[0])
            assert np.isnan(values[1])
    assert np.isnan(calendar_features([datetime(2024, 5, 1), pd.NaT], ["hour"])["hour_sin"][1])
    assert np.isnan(fourier_terms(np.array(["NaT"], "datetime64[D]"), timedelta(days=7))["season_sin1"][0])


def test_no_times_give_empty_columns():
    columns = calendar_features(np.array([], dtype="datetime64[s]"))
    assert [values.shape for values in columns.values()] == [(0,)] * 8


def test_fourier_terms_repeat_after_a_period():
    days = np.arange("2024-01-01", "2024-01-22", dtype="datetime64[D]")
    for terms in (fourier_terms(days, np.timedelta64(7, "D"), order=3), fourier_terms(np.arange(21), 7, order=3)):
        assert list(terms) == [f"season_{part}{k}" for k in (1, 2, 3) for part in ("sin", "cos")]
        matrix = np.stack(list(terms.values()))
        np.testing.assert_allclose(matrix[:, :7], matrix[:, 7:14], atol=1e-6)
        np.testing.assert_allclose(matrix @ matrix.T, 21 / 2 * np.eye(6), atol=1e-4)  # each tells something else


def test_fourier_terms_of_two_calls_fit_together():
    times = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[h]")
    whole = fourier_terms(times, timedelta(hours=37))["season_sin1"]
    np.testing.assert_array_equal(fourier_terms(times[500:], timedelta(hours=37))["season_sin1"], whole[500:])


def test_bad_input_is_explained():
    times = np.arange("2024-01-01", "2024-01-05", dtype="datetime64[D]")
    assert_clear_error(calendar_features, np.arange(5), mentions=("int64", "fourier_terms"))
    assert_clear_error(calendar_features, ["2024-01-01"], mentions=("datetime64",))
    assert_clear_error(calendar_features, pd.Series(["2024-01-01"], dtype=object), mentions=("2024-01-01",))
    assert_clear_error(calendar_features, times[:, None], mentions=("(4, 1)",))
    assert_clear_error(calendar_features, times[0], mentions=("()",))
    assert_clear_error(calendar_features, times, ["hour", "moon"], mentions=("moon", "weekday"))
    assert_clear_error(calendar_features, times, encoding="one-hot", mentions=("one-hot",))
    zones = [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=2)))]
    assert_clear_error(calendar_features, zones, mentions=("different time zones", "UTC+02:00"))
    assert_clear_error(calendar_features, [zones[0], datetime(2024, 1, 1)], mentions=("time zones", "None"))
    assert_clear_error(fourier_terms, times, 7, mentions=("period=7", "timedelta64"))
    assert_clear_error(fourier_terms, np.arange(4), timedelta(days=1), mentions=("number",))
    assert_clear_error(fourier_terms, np.arange(4), 0, mentions=("period=0",))
    assert_clear_error(fourier_terms, times, timedelta(0), mentions=("period",))
    assert_clear_error(fourier_terms, np.arange(4), 4, 0, mentions=("order",))
    assert_clear_error(fourier_terms, np.zeros((2, 2)), 4, mentions=("(2, 2)",))
