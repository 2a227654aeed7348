"""A forecaster sees the past and nothing else, and what it says stands beside what came."""

import io
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.series_frame import check_quantiles, future_times, series_offsets
from stac.testing.component_checks import assert_clear_error, package_checks
from stac.training.backtest import backtest

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


SEEN = []


class Recorder:
    """Forecasts the last value, and records what it is shown (in a global list: it is copied for each fit)."""

    def fit(self, frame):
        self.frame = frame
        return self

    def predict(self, horizon, *, quantiles=(), future=None):
        SEEN.append((self.frame.copy(), None if future is None else future.copy()))
        last = self.frame["y"].to_numpy()[series_offsets(self.frame)[1:] - 1]
        forecast = future_times(self.frame, horizon, freq=1).assign(forecast=np.repeat(last, horizon))
        return forecast.assign(
            **{name: forecast["forecast"] + level for name, level in check_quantiles(quantiles).items()}
        )


@pytest.fixture(autouse=True)
def _forget():
    SEEN.clear()


def make(lengths=(20, 20), ends=None):
    """Make series whose values are their times, counted from their ends."""
    ends = ends or [100] * len(lengths)
    parts = []
    for i, (length, end) in enumerate(zip(lengths, ends, strict=True)):
        ds = np.arange(end - length, end)
        parts.append(pd.DataFrame({"unique_id": "abcdefgh"[i], "ds": ds, "y": ds * 1.0, "price": ds * 2.0}))
    return pd.concat(parts, ignore_index=True)


def test_windows_roll_to_the_end_of_the_data():
    result = backtest({"last": Recorder()}, make(), 3, n_windows=2, step=2)
    assert result.columns.tolist() == ["model", "unique_id", "cutoff", "ds", "y", "forecast"]
    assert result["unique_id"].tolist() == ["a"] * 3 + ["b"] * 3 + ["a"] * 3 + ["b"] * 3
    assert result["cutoff"].tolist() == [94] * 6 + [96] * 6
    assert result["ds"].tolist() == [95, 96, 97] * 2 + [97, 98, 99] * 2
    assert (result["forecast"] == result["cutoff"]).all()
    assert (result["y"] == result["ds"]).all()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=4),
    st.integers(1, 6),
    st.integers(1, 4),
    st.integers(1, 8),
    st.booleans(),
)
def test_no_forecaster_sees_what_comes(lengths, horizon, n_windows, step, common_times):
    SEEN.clear()
    table = make([*lengths, 40], ends=[100 - i for i in range(len(lengths))] + [100])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"n_windows": n_windows, "step": step, "exogenous": ["price"], "common_times": common_times}
        result = backtest({"last": Recorder()}, table, horizon, **options)
    assert (result["ds"] > result["cutoff"]).all()
    assert (result["forecast"] == result["cutoff"]).all()
    truth = result.merge(table, on=["unique_id", "ds"])
    assert (truth["y_x"] == truth["y_y"]).all()
    for past, future in SEEN:
        assert future.columns.tolist() == ["unique_id", "ds", "price"]
        assert past["unique_id"].unique().tolist() == future["unique_id"].unique().tolist()
        last, first = past.groupby("unique_id")["ds"].max(), future.groupby("unique_id")["ds"].min()
        assert (first == last + 1).all()
        assert future.groupby("unique_id").size().eq(horizon).all()
        if common_times:
            assert last.nunique() == 1
        # The whole past is there, from the first value on.
        expected = table[table["ds"] <= table["unique_id"].map(last).fillna(-1)]
        pd.testing.assert_frame_equal(past, expected.reset_index(drop=True), check_dtype=False)


def test_each_window_fits_a_fresh_copy():
    class Counter(Recorder):
        fits = 0

        def fit(self, frame):
            self.fits += 1
            assert self.fits == 1
            frame["y"] = -1.0  # spoiling what it got spoils nothing else
            return super().fit(frame)

    table, counter = make(), Counter()
    before = table.copy()
    result = backtest({"one": counter, "two": counter}, table, 3)
    assert counter.fits == 0
    assert (result["y"] == result["ds"]).all()
    pd.testing.assert_frame_equal(table, before)


def test_models_quantiles_and_seconds_are_in_the_table():
    result = backtest({"b": Recorder(), "a": Recorder()}, make(), 2, n_windows=1, quantiles=(0.9, 0.1))
    assert result["model"].unique().tolist() == ["b", "a"]
    assert result.columns[-2:].tolist() == ["q0.1", "q0.9"]
    assert list(result.attrs["seconds"]) == ["b", "a"]


def test_future_is_given_only_where_something_is_known_in_advance():
    backtest({"last": Recorder()}, make(), 2, n_windows=1)
    assert SEEN[0][1] is None
    assert "price" not in SEEN[0][0]


def test_calendar_times_work_like_whole_numbers():
    table = make()
    table["ds"] = pd.Timestamp("2020-01-31", tz="Europe/Berlin") + table["ds"] * pd.offsets.MonthEnd()

    class Month(Recorder):
        def predict(self, horizon, *, quantiles=(), future=None):
            return future_times(self.frame, horizon).assign(forecast=0.0)

    for common_times in (False, True):
        result = backtest({"zero": Month()}, table, 3, n_windows=2, common_times=common_times)
        assert (result["ds"] > result["cutoff"]).all()
        assert result["ds"].max() == table["ds"].max()


def test_missing_values_are_passed_on():
    table = make()
    table.loc[5, "y"] = np.nan
    backtest({"last": Recorder()}, table, 2, n_windows=1)
    assert SEEN[0][0]["y"].isna().sum() == 1


def test_short_series_are_left_out_with_one_warning():
    with pytest.warns(UserWarning, match=r"2 of 3 series are too short.*\(1 left out altogether\).*'b'") as caught:
        result = backtest({"last": Recorder(), "again": Recorder()}, make((20, 9, 4)), 3, n_windows=3)
    assert len(caught) == 1
    assert result[result["model"] == "last"].groupby("unique_id").size().to_dict() == {"a": 9, "b": 6}


def test_series_that_ended_earlier_are_left_out_of_common_times():
    table = make((20, 20), ends=(100, 90))
    assert set(backtest({"last": Recorder()}, table, 3, n_windows=2)["unique_id"]) == {"a", "b"}
    with pytest.warns(UserWarning, match="1 of 2 series"):
        result = backtest({"last": Recorder()}, table, 3, n_windows=2, common_times=True)
    assert set(result["unique_id"]) == {"a"}


def test_the_bar_is_drawn_on_standard_error_of_a_terminal_only(monkeypatch, capsys):
    backtest({"last": Recorder()}, make(), 2)
    assert capsys.readouterr().err == ""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    backtest({"last": Recorder()}, make(), 2, progress=True)
    assert capsys.readouterr().out == ""


# ---------------------------------------------------------------------------------------------- bad input


def test_all_series_too_short():
    error = assert_clear_error(
        backtest, {"last": Recorder()}, make((5, 4)), 4, mentions=("no series", "5 values", "min_history")
    )
    assert isinstance(error, ValueError)
    assert_clear_error(backtest, {"last": Recorder()}, make(), 40, mentions=("no series", "20 values"))


@pytest.mark.parametrize("options", [{"n_windows": 0}, {"step": 0}, {"step": 1.5}, {"min_history": True}])
def test_bad_numbers_are_refused(options):
    assert_clear_error(backtest, {"last": Recorder()}, make(), 2, mentions=tuple(options), **options)


def test_bad_forecasters_are_refused():
    for wrong in (Recorder(), {}, [Recorder()]):
        assert_clear_error(backtest, wrong, make(), 2, mentions=("dict",))
    assert_clear_error(backtest, {"last": Recorder}, make(), 2, mentions=("'last'", "add ()"))
    assert_clear_error(backtest, {"last": 3}, make(), 2, mentions=("'last'", "fit and predict"))


def test_faults_of_the_table_are_named():
    table = make()
    assert_clear_error(backtest, {"last": Recorder()}, table.drop(index=4), 2, mentions=("fill_gaps",))
    assert_clear_error(backtest, {"last": Recorder()}, table, 2, exogenous=["rain"], mentions=("'rain'",))


def test_a_forecaster_that_returns_something_else_is_named():
    class Short(Recorder):
        def predict(self, horizon, *, quantiles=(), future=None):
            return super().predict(horizon - 1)

    class Late(Recorder):
        def predict(self, horizon, *, quantiles=(), future=None):
            forecast = super().predict(horizon)
            return forecast.assign(ds=forecast["ds"] + 1)

    for wrong in (Short(), Late()):
        assert_clear_error(backtest, {"odd": wrong}, make(), 3, mentions=("'odd'", "3 steps"))

    class NoQuantiles(Recorder):
        def predict(self, horizon, *, quantiles=(), future=None):
            return super().predict(horizon)

    assert_clear_error(backtest, {"odd": NoQuantiles()}, make(), 3, quantiles=[0.5], mentions=("'odd'", "q0.5"))


def test_an_error_inside_a_forecaster_says_where():
    class Broken(Recorder):
        def fit(self, frame):
            raise RuntimeError("no luck")

    with pytest.raises(RuntimeError, match="no luck") as caught:
        backtest({"broken": Broken()}, make(), 3)
    assert "'broken', window 1 of 3" in caught.value.__notes__[0]
