"""Tables of series for the checks of forecasters, and forecasters fitted on them once."""

import copy
import functools
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

SEASON, N_TIMES, HORIZON = 4, 40, 8
QUANTILES = (0.1, 0.5, 0.9)
SIZES = {"b": 1.0, "a": 100.0, "c": 0.01}  # not in the order of their names


def make_series(name: str = "a", n_times: int = N_TIMES) -> "pd.DataFrame":
    """Return quarters of one series: a level, a slow trend, an obvious season and some noise."""
    import pandas as pd

    time = np.arange(n_times)
    noise = np.random.default_rng(len(name) + ord(name[0])).normal(size=n_times)
    y = SIZES.get(name, 1.0) * (20 + 0.02 * time + np.array([4.0, -2.0, 2.0, -4.0])[time % SEASON] + 0.3 * noise)
    times = pd.date_range("2010-01-01", periods=n_times, freq="QS")
    return pd.DataFrame({"unique_id": name, "ds": times, "y": y})


def make_table(n_times: int = N_TIMES) -> "pd.DataFrame":
    """Return three series of different size."""
    import pandas as pd

    return pd.concat([make_series(name, n_times) for name in SIZES], ignore_index=True)


def make_train_and_test() -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return three series, and what follows in the order of a forecast."""
    table = make_table(N_TIMES + HORIZON)
    late = table["ds"] >= np.sort(table["ds"].unique())[N_TIMES]
    return table[~late].reset_index(drop=True), table[late].sort_values(["unique_id", "ds"], ignore_index=True)


def make_uneven_table() -> "pd.DataFrame":
    """Return series that are constant, short, of one value, begin late, or end early, among others."""
    import pandas as pd

    odd = {
        "constant": make_series("constant").assign(y=7.0),
        "ended": make_series("ended").head(N_TIMES - 10),
        "late": make_series("late").tail(3 * SEASON),
        "short": make_series("short").tail(SEASON - 1),
        "value": make_series("value").tail(1),
    }
    return pd.concat([make_table(), *odd.values()], ignore_index=True)


TABLES = {"seasonal": lambda: make_train_and_test()[0], "uneven": make_uneven_table}


def fitted(forecaster: Any, table: str = "seasonal") -> Any:
    """Return a copy that is fitted on one of `TABLES`; what was fitted once is not fitted again."""
    try:
        pickled = pickle.dumps(forecaster)
    except Exception:  # that it cannot be pickled is for another check to say
        return copy.deepcopy(forecaster).fit(TABLES[table]())
    return copy.deepcopy(_fitted(pickled, table))


@functools.lru_cache(maxsize=32)
def _fitted(pickled: bytes, table: str) -> Any:
    return pickle.loads(pickled).fit(TABLES[table]())


def forecast(forecaster: Any, table: "pd.DataFrame", horizon: int = HORIZON) -> "pd.DataFrame":
    """Return what a copy of the forecaster, fitted on the table, forecasts with quantiles."""
    return copy.deepcopy(forecaster).fit(table).predict(horizon, quantiles=QUANTILES)


def numbers(forecasts: "pd.DataFrame", name: str | None = None) -> np.ndarray:
    """Return the forecasts and quantiles, of one series or all."""
    rows = forecasts if name is None else forecasts[forecasts["unique_id"] == name]
    return rows.drop(columns=["unique_id", "ds"]).to_numpy(np.float64)


def assert_sound(values: np.ndarray, n_rows: int) -> None:
    """There are so many rows of finite numbers, whose quantiles do not cross."""
    assert len(values) == n_rows, f"{len(values)} rows, expected {n_rows}"
    assert np.isfinite(values).all(), "a forecast is not finite"
    assert (np.diff(values[:, 1:], axis=1) >= 0).all(), "quantiles cross"


def assert_same(one: "pd.DataFrame", other: "pd.DataFrame") -> None:
    """Two tables of forecasts are the same, bit for bit."""
    import pandas as pd

    pd.testing.assert_frame_equal(one, other, check_exact=True)
