"""What members say is combined as promised, quantile by quantile, and members stay as they are."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stac.data_processing.series_frame import check_quantiles, future_times, series_offsets
from stac.models.forecast_ensemble import ForecastEnsemble
from stac.testing.component_checks import assert_clear_error, forecaster_checks, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@dataclass(eq=False)
class LastValue:
    """The last value and a bias; quantiles lie around it."""

    bias: float = 0.0
    width: float = 1.0

    def fit(self, frame):
        self.frame = frame
        return self

    def predict(self, horizon, *, quantiles=(), future=None):
        self.future = future
        last = self.frame["y"].to_numpy()[series_offsets(self.frame)[1:] - 1] + self.bias
        table = future_times(self.frame, horizon, freq=1).assign(forecast=np.repeat(last, horizon))
        levels = check_quantiles(quantiles)
        return table.assign(**{name: table["forecast"] + self.width * (q - 0.5) for name, q in levels.items()})


def make(*lengths):
    """Make constant series 1, 2, 3, … of some lengths."""
    parts = [pd.DataFrame({"unique_id": f"s{i}", "ds": np.arange(n), "y": i + 1.0}) for i, n in enumerate(lengths)]
    return pd.concat(parts, ignore_index=True)


class LastSeason(LastValue):
    """The last four values again and again, or the last one where there are fewer."""

    def predict(self, horizon, *, quantiles=(), future=None):
        offsets, values = series_offsets(self.frame), self.frame.groupby("unique_id")["y"].ffill().to_numpy()
        steps = np.arange(horizon)
        back = [4 - steps % 4 if n >= 4 else np.ones(horizon, int) for n in np.diff(offsets)]
        point = values[np.repeat(offsets[1:], horizon) - np.concatenate(back)]
        moves = self.frame.groupby("unique_id")["y"].transform("std").fillna(0)
        spread = np.repeat(moves.to_numpy()[offsets[:-1]], horizon) * self.width
        table = future_times(self.frame, horizon).assign(forecast=point)
        return table.assign(**{name: point + spread * (q - 0.5) for name, q in check_quantiles(quantiles).items()})


@pytest.mark.parametrize(
    "check",
    forecaster_checks(
        missing_values=True, exclude={"check_a_series_without_values_is_refused": "members say what they need"}
    ),
)
def test_contract(check):
    check(ForecastEnsemble({"a": LastSeason(), "b": LastSeason(width=2.0)}, "inverse_error"))


MEMBERS = {"a": LastValue(0.0, 1.0), "b": LastValue(3.0, 2.0), "c": LastValue(9.0, 6.0)}


@pytest.mark.parametrize(("method", "bias", "width"), [("mean", 4, 3), ("median", 3, 2)])
def test_points_and_quantiles_are_combined(method, bias, width):
    forecast = ForecastEnsemble(MEMBERS, method).fit(make(9, 5)).predict(2, quantiles=[0.9, 0.1])
    assert forecast.columns.tolist() == ["unique_id", "ds", "forecast", "q0.1", "q0.9"]
    assert forecast["ds"].tolist() == [9, 10, 5, 6]
    np.testing.assert_allclose(forecast["forecast"], np.array([1, 1, 2, 2]) + bias)
    np.testing.assert_allclose(forecast["q0.9"] - forecast["q0.1"], 0.8 * width)


def test_one_member_is_itself():
    table = make(9, 5)
    alone = LastValue(2.0).fit(table).predict(3, quantiles=[0.2])
    for method in ("mean", "median", "inverse_error"):
        pd.testing.assert_frame_equal(
            ForecastEnsemble({"it": LastValue(2.0)}, method).fit(table).predict(3, quantiles=[0.2]), alone
        )


def test_weights_are_inverse_errors():
    ensemble = ForecastEnsemble({"near": LastValue(1.0), "far": LastValue(-3.0)}, "inverse_error", 2).fit(make(9, 3))
    np.testing.assert_allclose(ensemble.weights_.loc["s0"], [0.75, 0.25])
    np.testing.assert_allclose(ensemble.weights_.loc["s1"], [0.5, 0.5])  # too short to tell
    assert ensemble.predict(1)["forecast"].tolist() == pytest.approx([1 + 0.75 - 0.75, 2 - 1])


def test_a_member_without_error_does_not_silence_the_others():
    weights = ForecastEnsemble({"exact": LastValue(), "off": LastValue(1.0)}, "inverse_error", 2).fit(make(9)).weights_
    assert weights.loc["s0", "off"] > 0.001
    both = ForecastEnsemble({"exact": LastValue(), "too": LastValue()}, "inverse_error", 2).fit(make(9)).weights_
    np.testing.assert_allclose(both, 0.5)


def test_weights_are_learnt_from_the_past_alone():
    table = make(20)
    seen = []

    class Recorder(LastValue):
        def fit(self, frame):
            seen.append(frame["ds"].max())
            return super().fit(frame)

    ForecastEnsemble({"it": Recorder()}, "inverse_error", 5).fit(table)
    assert seen == [14, 19]


def test_missing_values_do_not_disturb_the_weights():
    table = make(12)
    table.loc[10, "y"] = np.nan
    ensemble = ForecastEnsemble({"a": LastValue(1.0), "b": LastValue(3.0)}, "inverse_error", 3).fit(table)
    np.testing.assert_allclose(ensemble.weights_, [[0.75, 0.25]])


def test_columns_known_in_advance_reach_the_members():
    table = make(12).assign(price=np.arange(12))
    ensemble = ForecastEnsemble({"a": LastValue(), "b": LastValue()}, "inverse_error", 3).fit(table)
    future = pd.DataFrame({"unique_id": "s0", "ds": [12], "price": [5.0]})
    ensemble.predict(1, future=future)
    assert ensemble.members_["a"].future is future
    assert "price" in ensemble.members_["a"].frame


def test_members_stay_as_they_are():
    ForecastEnsemble(MEMBERS).fit(make(9)).predict(1)
    assert not hasattr(MEMBERS["a"], "frame")


def test_ensembles_can_be_members():
    inner = ForecastEnsemble({"a": LastValue(0.0), "b": LastValue(2.0)})
    outer = ForecastEnsemble({"inner": inner, "c": LastValue(5.0)}).fit(make(4))
    assert outer.predict(1)["forecast"].tolist() == [1 + 3]


# ---------------------------------------------------------------------------------------------- bad input


def test_bad_input_is_explained():
    table = make(9)
    for members in ({}, [LastValue()], None):
        assert_clear_error(ForecastEnsemble(members).fit, table, mentions=("dict",))
    assert_clear_error(ForecastEnsemble({"a": LastValue}).fit, table, mentions=("'a'", "fit and predict"))
    assert_clear_error(ForecastEnsemble(MEMBERS, "best").fit, table, mentions=("'best'", "median"))
    assert_clear_error(ForecastEnsemble(MEMBERS, validation_length=0).fit, table, mentions=("validation_length",))
    assert_clear_error(ForecastEnsemble(MEMBERS).fit, table.drop(index=4), mentions=("fill_gaps",))


def test_members_that_disagree_are_named():
    class Late(LastValue):
        def predict(self, horizon, *, quantiles=(), future=None):
            forecast = super().predict(horizon)
            return forecast.assign(ds=forecast["ds"] + 1)

    ensemble = ForecastEnsemble({"a": LastValue(), "late": Late()}).fit(make(9))
    assert_clear_error(ensemble.predict, 2, mentions=("'a'", "'late'"))
    assert_clear_error(
        ForecastEnsemble({"late": Late()}, "inverse_error").fit, make(20), mentions=("'late'", "asked for")
    )
    assert_clear_error(
        ForecastEnsemble({"late": Late()}).fit(make(9)).predict, 2, quantiles=[0.5], mentions=("'late'", "q0.5")
    )
