"""Contract checks of forecasters."""

import copy
import pickle
import random
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from stac.testing.component_checks._estimators import (
    _parameters,
    check_parameters_can_be_read_and_set,
    check_unknown_parameter_is_refused,
)
from stac.testing.component_checks._forecaster_tables import (
    HORIZON,
    QUANTILES,
    SIZES,
    assert_same,
    assert_sound,
    fitted,
    forecast,
    make_table,
    make_train_and_test,
    make_uneven_table,
    numbers,
)
from stac.testing.component_checks._forecasters_odd_tables import (
    ODD_TABLE_CHECKS,
    check_gaps_are_bridged,
    check_gaps_are_refused,
    check_missing_values_are_bridged,
    check_missing_values_are_refused,
)

__all__ = ["forecaster_checks"]


def forecaster_checks(
    *, missing_values: bool = False, gaps: bool = False, exclude: Mapping[str, str] | None = None
) -> list[Any]:
    """Return the checks of a forecaster, each a function that takes an unfitted one.

    The forecaster finds its frequency and season itself, and can forecast 12 steps of quarters. Fits are repeated, so
    it should be quick to fit: few trees, few steps.

    Parameters
    ----------
    missing_values : bool, default=False
        Whether the forecaster accepts NaN in ``y``; if not, it must refuse it with a clear error.
    gaps : bool, default=False
        Whether times may be missing; if not, they must be refused with a clear error.
    exclude : mapping of str to str, optional
        Checks that cannot hold here: name of the check to the reason.

    Returns
    -------
    list of pytest parameters
        For ``pytest.mark.parametrize("check", ...)``.

    Raises
    ------
    ValueError
        If ``exclude`` names a check that does not exist.

    Examples
    --------
    >>> forecaster_checks()[0].id
    'check_the_table_is_sorted_with_the_columns_asked_for'
    >>> forecaster_checks(gaps=True)[-1].id
    'check_gaps_are_bridged'
    """
    nan_check = check_missing_values_are_bridged if missing_values else check_missing_values_are_refused
    gap_check = check_gaps_are_bridged if gaps else check_gaps_are_refused
    return _parameters([*FORECASTER_CHECKS, *ODD_TABLE_CHECKS, nan_check, gap_check], exclude)


def check_the_table_is_sorted_with_the_columns_asked_for(forecaster: Any) -> None:
    """Series and times follow each other, then come the forecast and quantiles in ascending order, all finite."""
    _, test = make_train_and_test()
    model = fitted(forecaster)
    table = model.predict(HORIZON, quantiles=(0.9, 0.1))
    assert table.columns.tolist() == ["unique_id", "ds", "forecast", "q0.1", "q0.9"]
    assert table.index.tolist() == list(range(len(test)))
    assert table["unique_id"].tolist() == test["unique_id"].tolist()
    assert table["ds"].tolist() == test["ds"].tolist()
    assert_sound(numbers(table), len(test))
    assert model.predict(1).columns.tolist() == ["unique_id", "ds", "forecast"]


def check_fit_returns_itself(forecaster: Any) -> None:
    """``fit`` returns the forecaster, so that calls can be chained."""
    assert forecaster.fit(make_table(12)) is forecaster


def check_an_obvious_season_is_forecast(forecaster: Any) -> None:
    """Where a season is obvious, the error is less than 0.7 times that of the last value, in series of any size."""
    train, test = make_train_and_test()
    table = fitted(forecaster).predict(HORIZON)
    last = test["unique_id"].map(train.groupby("unique_id")["y"].last())
    for name in SIZES:
        own = (test["unique_id"] == name).to_numpy()
        ours, naive = (np.abs(test["y"] - other)[own].mean() for other in (table["forecast"], last))
        assert ours < 0.7 * naive, f"the error in series {name!r} is {ours:.3g}, that of the last value {naive:.3g}"


def check_quantiles_never_cross(forecaster: Any) -> None:
    """A higher level has no lower quantile, in regular series and odd ones, and far out."""
    levels = (0.01, 0.1, 0.35, 0.5, 0.8, 0.975, 0.999)
    n_series = make_uneven_table()["unique_id"].nunique()
    assert_sound(numbers(fitted(forecaster, "uneven").predict(HORIZON, quantiles=levels)), n_series * HORIZON)


def check_noise_gives_intervals_a_width(forecaster: Any) -> None:
    """What is not certain is not said to be."""
    table = fitted(forecaster).predict(HORIZON, quantiles=QUANTILES)
    assert (table["q0.9"] > table["q0.1"]).all()


def check_fewer_steps_are_the_first_of_more(forecaster: Any) -> None:
    """The forecast of a step does not depend on how many follow."""
    model = fitted(forecaster)
    few, many = (model.predict(horizon, quantiles=QUANTILES) for horizon in (3, HORIZON))
    first = many.groupby("unique_id").head(3).reset_index(drop=True)
    assert few["ds"].tolist() == first["ds"].tolist()
    np.testing.assert_allclose(numbers(few), numbers(first), rtol=1e-5)


def check_predict_changes_nothing(forecaster: Any) -> None:
    """``predict`` gives the same when it is called again, whatever was asked for in between."""
    model = fitted(forecaster)
    first = model.predict(3, quantiles=QUANTILES)
    model.predict(HORIZON, quantiles=(0.99,), future=None)
    assert_same(model.predict(3, quantiles=QUANTILES), first)


def check_order_of_rows_does_not_matter(forecaster: Any) -> None:
    """A shuffled table gives the same bits."""
    train, _ = make_train_and_test()
    expected = fitted(forecaster).predict(HORIZON, quantiles=QUANTILES)
    assert_same(forecast(forecaster, train.sample(frac=1, random_state=0)), expected)


def check_input_is_not_changed(forecaster: Any) -> None:
    """Neither ``fit`` nor ``predict`` writes into the table, or sorts it."""
    table = make_table(16).sample(frac=1, random_state=0)
    before = table.copy()
    forecaster.fit(table).predict(HORIZON, quantiles=QUANTILES)
    assert_same(table, before)


def check_same_seed_gives_the_same_bits(forecaster: Any) -> None:
    """Two fits agree bit for bit, whatever was drawn from the global generators."""
    first = fitted(forecaster).predict(HORIZON, quantiles=QUANTILES)
    _draw_globally()
    assert_same(forecast(forecaster, make_train_and_test()[0]), first)


def check_random_numbers_of_the_program_stay_as_they_are(forecaster: Any) -> None:
    """The state of the global generators (Python, numpy, torch) is after ``fit`` and ``predict`` what it was before."""
    fitted(forecaster)  # has imported what the forecaster needs

    def states() -> list[Any]:
        torch = [sys.modules["torch"].get_rng_state().tolist()] if "torch" in sys.modules else []
        return [random.getstate(), *(str(part) for part in np.random.get_state()), *torch]

    _draw_globally()
    before = states()
    forecast(forecaster, make_table(12))
    assert states() == before, "global random numbers were drawn, or a global generator was seeded"


def check_refit_forgets_the_first_fit(forecaster: Any) -> None:
    """A second ``fit`` gives what a fresh fit gives."""
    train, _ = make_train_and_test()
    refitted = fitted(forecaster, "uneven").fit(train)
    expected = fitted(forecaster).predict(HORIZON, quantiles=QUANTILES)
    assert_same(refitted.predict(HORIZON, quantiles=QUANTILES), expected)


def check_pickle_round_trip(forecaster: Any) -> None:
    """A pickled forecaster (as processes exchange it) gives the same forecast."""
    original = fitted(forecaster)
    again = pickle.loads(pickle.dumps(original))
    assert_same(again.predict(HORIZON, quantiles=QUANTILES), original.predict(HORIZON, quantiles=QUANTILES))


def check_clones_with_scikit_learn(forecaster: Any) -> None:
    """``sklearn.base.clone`` gives an unfitted twin, and ``fit`` leaves the parameters as they were."""
    base = pytest.importorskip("sklearn.base")
    twin = base.clone(fitted(forecaster))
    # Parameters may be forecasters themselves, of which clones are copies: they look alike.
    assert repr(twin.get_params()) == repr(forecaster.get_params())
    assert not any(name.endswith("_") and not name.endswith("__") for name in vars(twin))


def check_units_do_not_matter(forecaster: Any) -> None:
    """Each series in units of its own, large or small, gives the same forecast in these units."""
    table = make_uneven_table()
    factors = {"a": 2.0**40, "b": 2.0**-40}  # powers of two change no digit
    table["y"] *= table["unique_id"].map(factors).fillna(1.0)
    expected = fitted(forecaster, "uneven").predict(HORIZON, quantiles=QUANTILES)
    scaled = copy.deepcopy(forecaster).fit(table).predict(HORIZON, quantiles=QUANTILES)
    factor = expected["unique_id"].map(factors).fillna(1.0).to_numpy()[:, None]
    np.testing.assert_allclose(numbers(scaled) / factor, numbers(expected), rtol=1e-3)


def _draw_globally() -> None:
    random.random()
    np.random.random()
    if "torch" in sys.modules:
        sys.modules["torch"].rand(1)


FORECASTER_CHECKS = [
    check_the_table_is_sorted_with_the_columns_asked_for,
    check_fit_returns_itself,
    check_an_obvious_season_is_forecast,
    check_quantiles_never_cross,
    check_noise_gives_intervals_a_width,
    check_fewer_steps_are_the_first_of_more,
    check_predict_changes_nothing,
    check_order_of_rows_does_not_matter,
    check_input_is_not_changed,
    check_same_seed_gives_the_same_bits,
    check_random_numbers_of_the_program_stay_as_they_are,
    check_refit_forgets_the_first_fit,
    check_pickle_round_trip,
    check_parameters_can_be_read_and_set,
    check_unknown_parameter_is_refused,
    check_clones_with_scikit_learn,
    check_units_do_not_matter,
]
