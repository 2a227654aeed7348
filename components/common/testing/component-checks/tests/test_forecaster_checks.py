"""The checks of forecasters pass a sound one, and each catches one that breaks its promise."""

import random
from dataclasses import asdict, dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from stac.testing.component_checks import _forecaster_tables as tables
from stac.testing.component_checks import _forecasters as checks
from stac.testing.component_checks import _forecasters_odd_tables as odd
from stac.testing.component_checks import forecaster_checks


@dataclass(eq=False)
class LastSeason:
    """A forecaster that does its job, and believes whatever it is given."""

    season_length: int = 4

    def get_params(self, deep=True):
        return asdict(self)

    def set_params(self, **params):
        vars(self).update(params)
        return self

    def fit(self, frame):
        frame = frame if "unique_id" in frame else frame.assign(unique_id="series")
        self.parts_ = list(frame.sort_values(["unique_id", "ds"]).groupby("unique_id"))
        return self

    def predict(self, horizon, *, quantiles=(), future=None):
        parts = [self.one(name, part, horizon, sorted(quantiles)) for name, part in self.parts_]
        return pd.concat(parts, ignore_index=True)

    def one(self, name, part, horizon, levels):
        y, last = part["y"].ffill().to_numpy(), part["ds"].iloc[-1]
        season = self.season_length if len(y) > self.season_length else 1
        steps = np.arange(horizon)
        point = y[len(y) - season + steps % season]
        spread = np.nanstd(y[season:] - y[:-season]) if len(y) > 1 else 0.0
        numeric = part["ds"].dtype.kind == "i"
        ds = last + 5 * (1 + steps) if numeric else pd.date_range(last, periods=horizon + 1, freq="QS")[1:]
        table = pd.DataFrame({"unique_id": name, "ds": ds, "forecast": point})
        return table.assign(**{f"q{level:g}": point + spread * NormalDist().inv_cdf(level) for level in levels})


ERRORS = [
    odd.check_two_values_are_forecast_or_refused,
    odd.check_not_fitted_is_a_clear_error,
    odd.check_a_horizon_below_one_is_refused,
    odd.check_quantiles_outside_zero_and_one_are_refused,
    odd.check_times_that_appear_twice_are_refused,
    odd.check_irregular_times_are_refused,
    odd.check_mixed_time_zones_are_refused,
    odd.check_missing_columns_are_refused,
    odd.check_a_series_without_values_is_refused,
    odd.check_an_empty_table_is_refused,
    odd.check_what_is_no_table_is_refused,
    odd.check_text_is_refused,
    odd.check_infinities_are_refused,
    odd.check_missing_values_are_refused,
    odd.check_gaps_are_refused,
    checks.check_unknown_parameter_is_refused,
]


def every_check():
    some, others = forecaster_checks(), forecaster_checks(missing_values=True, gaps=True)
    return {parameter.id: parameter.values[0] for parameter in [*some, *others]}


@pytest.mark.parametrize("check", [check for check in every_check().values() if check not in ERRORS])
def test_a_sound_forecaster_passes(check):
    check(LastSeason())


# ---------------------------------------------------------------------------------------------- broken promises


class LatestFirst(LastSeason):
    def predict(self, horizon, **options):
        return super().predict(horizon, **options)[::-1].reset_index(drop=True)


class FitGivesNothing(LastSeason):
    def fit(self, frame):
        super().fit(frame)


class LastValue(LastSeason):
    def fit(self, frame):
        super().fit(frame)
        self.parts_ = [(name, part.assign(y=part["y"].iloc[-1])) for name, part in self.parts_]
        return self


class QuantilesCross(LastSeason):
    def predict(self, horizon, *, quantiles=(), future=None):
        table = super().predict(horizon, quantiles=quantiles)
        names = table.columns[3:].tolist()
        return table.set_axis([*table.columns[:3], *names[::-1]], axis=1)[["unique_id", "ds", "forecast", *names]]


class NoDoubt(LastSeason):
    def predict(self, horizon, *, quantiles=(), future=None):
        table = super().predict(horizon)
        return table.assign(**{f"q{level:g}": table["forecast"] for level in sorted(quantiles)})


class FurtherIsHigher(LastSeason):
    def predict(self, horizon, **options):
        table = super().predict(horizon, **options)
        return table.assign(forecast=table["forecast"] * (1 + 0.01 * horizon))


class PredictWearsOut(LastSeason):
    def predict(self, horizon, **options):
        self.parts_ = [(name, part.assign(y=part["y"] + 1)) for name, part in self.parts_]
        return super().predict(horizon, **options)


class RowsAsTheyCome(LastSeason):
    def fit(self, frame):
        self.parts_ = list(frame.groupby("unique_id"))
        return self


class WritesIntoTheTable(LastSeason):
    def fit(self, frame):
        frame["y"] += 1
        return super().fit(frame)


class Guesses(LastSeason):
    def fit(self, frame):
        return super().fit(frame.assign(y=frame["y"] + np.random.normal()))


class SeedsTheProgram(LastSeason):
    def fit(self, frame):
        random.seed(0)
        return super().fit(frame)


class RemembersTheFirstFit(LastSeason):
    def fit(self, frame):
        return self if hasattr(self, "parts_") else super().fit(frame)


class LosesItsHistory(LastSeason):
    def __getstate__(self):
        state = dict(vars(self))
        if "parts_" in state:
            state["parts_"] = [(name, part.head(4)) for name, part in self.parts_]
        return state

    def __deepcopy__(self, memo):
        return self


class AdjustsItsParameters(LastSeason):
    def __init__(self, season_length=4):
        super().__init__(season_length + 1)


class ForgetsToBeCloned(LastSeason):
    def fit(self, frame):
        self.season_length = frame["ds"].dt.quarter.max()
        return super().fit(frame.head(16))


class NoSmallUnits(LastSeason):
    def fit(self, frame):
        return super().fit(frame.assign(y=frame["y"].round(3)))


class StepsOfOne(LastSeason):
    def predict(self, horizon, **options):
        table = super().predict(horizon, **options)
        return table.assign(ds=table.groupby("unique_id").cumcount())


class NoZone(LastSeason):
    def predict(self, horizon, **options):
        table = super().predict(horizon, **options)
        return table.assign(ds=table["ds"].dt.tz_localize(None))


class ComparesSeries(LastSeason):
    def predict(self, horizon, **options):
        table = super().predict(horizon, **options)
        return table if len(self.parts_) > 1 else table.assign(forecast=np.nan)


class DividesByTheSpread(LastSeason):
    def one(self, name, part, horizon, levels):
        spread = np.ptp(part["y"].ffill()) if len(part) > 4 else 1.0
        table = super().one(name, part, horizon, levels)
        with np.errstate(all="ignore"):
            return table.assign(forecast=table["forecast"].to_numpy() / spread * spread)


class OneEndForAll(LastSeason):
    def predict(self, horizon, **options):
        table = super().predict(horizon, **options)
        return table.assign(ds=table["ds"].to_numpy()[-horizon:].tolist() * len(self.parts_))


class NothingFromLittle(LastSeason):
    def one(self, name, part, horizon, levels):
        table = super().one(name, part, horizon, levels)
        return table if len(part) > 3 else table.assign(forecast=np.nan)


class NothingForMissing(LastSeason):
    def one(self, name, part, horizon, levels):
        table = super().one(name, part, horizon, levels)
        return table if part["y"].notna().all() else table.assign(forecast=np.nan)


class GapsEndTheSeries(LastSeason):
    def one(self, name, part, horizon, levels):
        wide = (part["ds"].diff().dt.days > 100).to_numpy()
        return super().one(name, part[: wide.argmax() or None], horizon, levels)


BROKEN = {
    checks.check_the_table_is_sorted_with_the_columns_asked_for: LatestFirst,
    checks.check_fit_returns_itself: FitGivesNothing,
    checks.check_an_obvious_season_is_forecast: LastValue,
    checks.check_quantiles_never_cross: QuantilesCross,
    checks.check_noise_gives_intervals_a_width: NoDoubt,
    checks.check_fewer_steps_are_the_first_of_more: FurtherIsHigher,
    checks.check_predict_changes_nothing: PredictWearsOut,
    checks.check_order_of_rows_does_not_matter: RowsAsTheyCome,
    checks.check_input_is_not_changed: WritesIntoTheTable,
    checks.check_same_seed_gives_the_same_bits: Guesses,
    checks.check_random_numbers_of_the_program_stay_as_they_are: SeedsTheProgram,
    checks.check_refit_forgets_the_first_fit: RemembersTheFirstFit,
    checks.check_pickle_round_trip: LosesItsHistory,
    checks.check_parameters_can_be_read_and_set: AdjustsItsParameters,
    checks.check_clones_with_scikit_learn: ForgetsToBeCloned,
    checks.check_units_do_not_matter: NoSmallUnits,
    odd.check_times_of_numbers_go_on: StepsOfOne,
    odd.check_local_time_stays_local: NoZone,
    odd.check_one_series_is_enough: ComparesSeries,
    odd.check_a_constant_series_stays_constant: DividesByTheSpread,
    odd.check_nothing_but_constants_stay_constant: DividesByTheSpread,
    odd.check_series_shorter_than_the_season_join_in: NothingFromLittle,
    odd.check_series_may_begin_and_end_at_different_times: OneEndForAll,
    odd.check_more_horizon_than_history_is_forecast: NoDoubt,
    odd.check_two_values_are_forecast_or_refused: NothingFromLittle,
    odd.check_missing_values_are_bridged: NothingForMissing,
    odd.check_gaps_are_bridged: GapsEndTheSeries,
    **{check: LastSeason for check in ERRORS if check is not odd.check_two_values_are_forecast_or_refused},
}


@pytest.mark.parametrize(("check", "forecaster"), BROKEN.items(), ids=lambda value: value.__name__)
def test_a_broken_promise_is_caught(check, forecaster):
    with pytest.raises(AssertionError):
        check(forecaster())


def test_every_check_is_shown_to_catch_something():
    assert set(BROKEN) == set(every_check().values())


def test_checks_can_be_excluded():
    (excluded,) = [p for p in forecaster_checks(exclude={"check_pickle_round_trip": "why"}) if p.marks]
    assert excluded.id == "check_pickle_round_trip"


def test_what_was_fitted_once_is_not_fitted_again():
    first, again = tables.fitted(LastSeason()), tables.fitted(LastSeason())
    assert first is not again
    hits = tables._fitted.cache_info().hits
    tables.fitted(LastSeason(2))
    assert tables._fitted.cache_info().hits == hits
    tables.fitted(LastSeason(2))
    assert tables._fitted.cache_info().hits == hits + 1


def test_what_cannot_be_pickled_is_fitted_each_time():
    forecaster = LastSeason()
    forecaster.callback = lambda: None
    assert tables.fitted(forecaster).predict(1) is not None
