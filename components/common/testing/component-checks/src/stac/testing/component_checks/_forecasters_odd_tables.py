"""Contract checks of what forecasters do with odd tables, and with those that are none."""

import copy
from typing import Any

import numpy as np

from stac.testing.component_checks._clear_errors import assert_clear_error
from stac.testing.component_checks._forecaster_tables import (
    HORIZON,
    N_TIMES,
    QUANTILES,
    SEASON,
    SIZES,
    assert_sound,
    fitted,
    forecast,
    make_series,
    make_table,
    make_train_and_test,
    make_uneven_table,
    numbers,
)


def check_times_of_numbers_go_on(forecaster: Any) -> None:
    """Whole numbers as times go on in the same steps, and may have series named by numbers."""
    table = make_table().assign(ds=lambda rows: 100 + 5 * rows.groupby("unique_id").cumcount())
    table["unique_id"] = table["unique_id"].map({"b": 7, "a": 11, "c": 2})
    forecasts = forecast(forecaster, table)
    assert_sound(numbers(forecasts), len(SIZES) * HORIZON)
    assert forecasts["unique_id"].unique().tolist() == [2, 7, 11]
    assert forecasts["ds"].tolist() == [100 + 5 * (N_TIMES + step) for step in range(HORIZON)] * len(SIZES)


def check_local_time_stays_local(forecaster: Any) -> None:
    """Times with a time zone go on by the clock of that zone."""
    train, test = make_train_and_test()
    local = train.assign(ds=train["ds"].dt.tz_localize("Europe/Madrid"))
    forecasts = forecast(forecaster, local)
    assert forecasts["ds"].tolist() == test["ds"].dt.tz_localize("Europe/Madrid").tolist()
    assert_sound(numbers(forecasts), len(test))


def check_one_series_is_enough(forecaster: Any) -> None:
    """A single series needs no others, and no name."""
    forecasts = forecast(forecaster, make_series().drop(columns="unique_id"))
    assert forecasts["unique_id"].nunique() == 1
    assert_sound(numbers(forecasts), HORIZON)


def check_a_constant_series_stays_constant(forecaster: Any) -> None:
    """A constant among others is forecast as that constant, with no doubt."""
    forecasts = fitted(forecaster, "uneven").predict(HORIZON, quantiles=QUANTILES)
    np.testing.assert_allclose(numbers(forecasts, "constant"), 7.0, rtol=1e-6)


def check_nothing_but_constants_stay_constant(forecaster: Any) -> None:
    """Constants of any size stay what they are where there is nothing else to learn from."""
    table = make_table(16)
    values = {"a": 0.0, "b": -0.1, "c": 1e12}
    forecasts = forecast(forecaster, table.assign(y=table["unique_id"].map(values)))
    for name, value in values.items():
        np.testing.assert_allclose(numbers(forecasts, name), value, rtol=1e-6)


def check_series_shorter_than_the_season_join_in(forecaster: Any) -> None:
    """A series of three quarters, or of a single one, is forecast among longer ones."""
    forecasts = fitted(forecaster, "uneven").predict(HORIZON, quantiles=QUANTILES)
    for name in ("short", "value"):
        assert_sound(numbers(forecasts, name), HORIZON)


def check_series_may_begin_and_end_at_different_times(forecaster: Any) -> None:
    """Each series is forecast from its own end."""
    table = make_uneven_table()
    forecasts = fitted(forecaster, "uneven").predict(HORIZON, quantiles=QUANTILES)
    assert_sound(numbers(forecasts, "late"), HORIZON)
    assert_sound(numbers(forecasts, "ended"), HORIZON)
    expected = make_series("ended")["ds"].iloc[N_TIMES - 10 : N_TIMES - 10 + HORIZON]
    assert forecasts[forecasts["unique_id"] == "ended"]["ds"].tolist() == expected.tolist()
    assert (forecasts.groupby("unique_id")["ds"].min() > table.groupby("unique_id")["ds"].max()).all()


def check_more_horizon_than_history_is_forecast(forecaster: Any) -> None:
    """Twelve steps are forecast from six values, and the last is not said to be far more certain than the first."""
    forecasts = forecast(forecaster, make_table(6), horizon=12)
    assert_sound(numbers(forecasts), 12 * len(SIZES))
    width = (forecasts["q0.9"] - forecasts["q0.1"]).groupby(forecasts["unique_id"])
    assert (width.last() > 0.25 * width.first()).all(), "intervals become narrow where nothing was seen"


def check_two_values_are_forecast_or_refused(forecaster: Any) -> None:
    """The shortest series that has a frequency, alone, gives a finite forecast or a clear error."""
    table = make_table(2).query("unique_id == 'a'")
    try:
        forecasts = forecast(forecaster, table)
    except Exception:
        assert_clear_error(forecaster.fit, table)
    else:
        assert_sound(numbers(forecasts), HORIZON)


def check_not_fitted_is_a_clear_error(forecaster: Any) -> None:
    """Use before ``fit`` says so."""
    assert_clear_error(forecaster.predict, 3, mentions=("fit",))


def check_a_horizon_below_one_is_refused(forecaster: Any) -> None:
    """A horizon is a whole number of at least 1."""
    for horizon in (0, -1, 1.5, None):
        assert_clear_error(fitted(forecaster).predict, horizon, mentions=("horizon", repr(horizon)))


def check_quantiles_outside_zero_and_one_are_refused(forecaster: Any) -> None:
    """Levels lie between 0 and 1, and are numbers."""
    for levels in ((0.1, 1.5), (-0.1,), (0.0, 1.0), (10, 90), (np.nan,), ("high",)):
        assert_clear_error(fitted(forecaster).predict, 3, quantiles=levels, mentions=("quantiles",))


def check_times_that_appear_twice_are_refused(forecaster: Any) -> None:
    """A second row for a series and time is a clear error that names the series."""
    table = make_table().iloc[[*range(3 * N_TIMES), 5]]
    assert_clear_error(forecaster.fit, table, mentions=("twice", "'b'"))


def check_irregular_times_are_refused(forecaster: Any) -> None:
    """A time off the grid of the others is a clear error that names the series."""
    table = make_table()
    table.loc[5, "ds"] += np.timedelta64(17, "D")
    assert_clear_error(forecaster.fit, table, mentions=("series",))


def check_mixed_time_zones_are_refused(forecaster: Any) -> None:
    """Local times beside such without a zone are a clear error."""
    table = make_table()
    times = [time.tz_localize("UTC") if row % 2 else time for row, time in enumerate(table["ds"])]
    assert_clear_error(forecaster.fit, table.assign(ds=times), mentions=("time zone",))


def check_missing_columns_are_refused(forecaster: Any) -> None:
    """A table without times or values is a clear error that names the column."""
    for name in ("ds", "y"):
        assert_clear_error(forecaster.fit, make_table().rename(columns={name: "other"}), mentions=(f"'{name}'",))


def check_a_series_without_values_is_refused(forecaster: Any) -> None:
    """NaN alone, in one series or all, is a clear error."""
    table = make_table()
    assert_clear_error(copy.deepcopy(forecaster).fit, table.assign(y=np.nan))
    table.loc[table["unique_id"] == "b", "y"] = np.nan
    assert_clear_error(forecaster.fit, table, mentions=("'b'",))


def check_an_empty_table_is_refused(forecaster: Any) -> None:
    """No rows are a clear error."""
    assert_clear_error(forecaster.fit, make_table().iloc[:0], mentions=("empty",))


def check_what_is_no_table_is_refused(forecaster: Any) -> None:
    """An array or a list of values is a clear error that says what was expected."""
    for values in (np.arange(20.0), [1.0, 2.0, 3.0], None):
        assert_clear_error(forecaster.fit, values, mentions=("DataFrame",))


def check_text_is_refused(forecaster: Any) -> None:
    """Words where numbers or times should be are a clear error."""
    assert_clear_error(copy.deepcopy(forecaster).fit, make_table().assign(y="many"), mentions=("number", "many"))
    assert_clear_error(forecaster.fit, make_table().assign(ds="soon"), mentions=("time", "soon"))


def check_infinities_are_refused(forecaster: Any) -> None:
    """Infinities are a clear error that names the series."""
    table = make_table()
    table.loc[5, "y"] = np.inf
    assert_clear_error(forecaster.fit, table, mentions=("infinit", "'b'"))


def check_missing_values_are_bridged(forecaster: Any) -> None:
    """NaN at the begin, inside and at the end of a series leaves forecasts of the times that follow."""
    table = make_table()
    table.loc[[0, 1, 8, 9, 10, N_TIMES - 2, N_TIMES - 1], "y"] = np.nan
    forecasts = forecast(forecaster, table)
    assert_sound(numbers(forecasts), len(SIZES) * HORIZON)
    first = make_series(n_times=N_TIMES + 1)["ds"].iloc[-1]
    assert forecasts["ds"].iloc[::HORIZON].tolist() == [first] * len(SIZES)


def check_missing_values_are_refused(forecaster: Any) -> None:
    """NaN is a clear error where the method cannot handle it."""
    table = make_table()
    table.loc[8, "y"] = np.nan
    assert_clear_error(forecaster.fit, table, mentions=("NaN",))


def check_gaps_are_bridged(forecaster: Any) -> None:
    """Times that are missing inside a series leave forecasts of the times that follow."""
    table = make_table().drop(index=[8, 9, 10, N_TIMES + 3, N_TIMES + 3 + SEASON])
    forecasts = forecast(forecaster, table)
    assert_sound(numbers(forecasts), len(SIZES) * HORIZON)
    first = make_series(n_times=N_TIMES + 1)["ds"].iloc[-1]
    assert forecasts["ds"].iloc[::HORIZON].tolist() == [first] * len(SIZES)


def check_gaps_are_refused(forecaster: Any) -> None:
    """A time that is missing inside a series is a clear error that names the series."""
    assert_clear_error(forecaster.fit, make_table().drop(index=8), mentions=("'b'",))


ODD_TABLE_CHECKS = [
    check_times_of_numbers_go_on,
    check_local_time_stays_local,
    check_one_series_is_enough,
    check_a_constant_series_stays_constant,
    check_nothing_but_constants_stay_constant,
    check_series_shorter_than_the_season_join_in,
    check_series_may_begin_and_end_at_different_times,
    check_more_horizon_than_history_is_forecast,
    check_two_values_are_forecast_or_refused,
    check_not_fitted_is_a_clear_error,
    check_a_horizon_below_one_is_refused,
    check_quantiles_outside_zero_and_one_are_refused,
    check_times_that_appear_twice_are_refused,
    check_irregular_times_are_refused,
    check_mixed_time_zones_are_refused,
    check_missing_columns_are_refused,
    check_a_series_without_values_is_refused,
    check_an_empty_table_is_refused,
    check_what_is_no_table_is_refused,
    check_text_is_refused,
    check_infinities_are_refused,
]
