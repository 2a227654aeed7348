"""Compare forecasters on the past as time would have: learn up to a moment, forecast what follows, move on."""

import copy
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stac.data_processing.series_frame import check_horizon, check_quantiles, check_series_frame, series_offsets

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["backtest"]


def backtest(
    forecasters: Mapping[str, Any],
    frame: "pd.DataFrame",
    horizon: int,
    *,
    n_windows: int = 3,
    step: int | None = None,
    quantiles: Sequence[float] = (),
    exogenous: Sequence[str] = (),
    freq: str | int | None = None,
    min_history: int | None = None,
    common_times: bool = False,
    progress: bool | None = None,
) -> "pd.DataFrame":
    """Fit each forecaster on each window's past and return its forecasts beside what came.

    A forecaster gets a copy of the rows up to the cutoff and, as `future`, the exogenous columns after it; nothing
    else. Each window fits a fresh copy of the forecaster, so that the ones passed in stay as they are.

    Parameters
    ----------
    forecasters : mapping of str to forecaster
        By the name that the table shall show. A forecaster has `fit(frame)` and
        `predict(horizon, quantiles=…, future=…)`.
    frame : DataFrame
        `unique_id, ds, y` and the exogenous columns, as in `check_series_frame`; NaN in `y` is passed on.
    horizon : int
        How many steps to forecast in each window.
    n_windows : int
        How many windows; the last one ends where the data ends.
    step : int, optional
        How many steps lie between two windows, by default `horizon`.
    quantiles : sequence of float
        Levels to forecast beside the point, such as (0.1, 0.9).
    exogenous : sequence of str
        Columns that are known in advance, such as holidays or prices.
    freq : str or int, optional
        The frequency, by default inferred.
    min_history : int, optional
        A series enters a window with at least so many values before it, by default `horizon`, at least 2.
    common_times : bool
        Whether windows have the same times in all series, counted back from the latest time of all. By default they
        count back from each series' own end, which makes use of series that ended earlier, but lets a forecaster that
        learns from all series know one's future from another's past.
    progress : bool, optional
        Whether to draw a progress bar on standard error; by default on a terminal only.

    Returns
    -------
    DataFrame
        Columns `model, unique_id, cutoff, ds, y, forecast` and one per quantile, sorted by model (in the order given),
        cutoff window, series and time. `cutoff` is the last time the forecaster saw of the series.
        `attrs["seconds"]` tells how long each model took in all.

    Raises
    ------
    TypeError
        If `forecasters` is no mapping of forecasters.
    ValueError
        If a number is out of range, the table has faults, no series is long enough, or a forecaster returns other
        rows or columns than asked for.

    Warns
    -----
    UserWarning
        Once, if series are too short for some windows; they are left out of these.

    Examples
    --------
    >>> import pandas as pd
    >>> class Last:
    ...     def fit(self, frame):
    ...         self.frame = frame
    ...         return self
    ...     def predict(self, horizon, *, quantiles=(), future=None):
    ...         last = self.frame.iloc[[-1] * horizon].reset_index(drop=True)
    ...         return last.assign(ds=last["ds"] + last.index + 1, forecast=last["y"])
    >>> frame = pd.DataFrame({"ds": range(6), "y": [0.0, 1, 2, 3, 4, 5]})
    >>> print(backtest({"last": Last()}, frame, 1, n_windows=2).to_string(index=False))
    model unique_id  cutoff  ds   y  forecast
     last    series       3   4 4.0       3.0
     last    series       4   5 5.0       4.0
    """
    _check_forecasters(forecasters)
    horizon = check_horizon(horizon)
    step = horizon if step is None else _check_count(step, "step")
    min_history = max(2, horizon) if min_history is None else _check_count(min_history, "min_history")
    names = list(check_quantiles(quantiles))
    table = check_series_frame(frame, freq=freq, exogenous=exogenous, allow_missing=True)
    n_windows = _check_count(n_windows, "n_windows")
    windows = list(_windows(table, horizon, n_windows, step, min_history, common_times))
    _warn_of_short_series(table, windows, n_windows, horizon, min_history)

    import pandas as pd

    parts, seconds = [], dict.fromkeys(forecasters, 0.0)
    with _progress_bar(len(forecasters) * len(windows), progress) as advance:
        for model, forecaster in forecasters.items():
            for number, window in enumerate(windows):
                advance(f"{model}, window {number + 1} of {len(windows)}")
                started = time.perf_counter()
                try:
                    forecast = _forecast(forecaster, table, window, horizon, quantiles, exogenous)
                except Exception as error:
                    error.add_note(f"This happened in forecaster {model!r}, window {number + 1} of {len(windows)}.")
                    raise
                seconds[model] += time.perf_counter() - started
                parts.append(_beside_actual(model, forecast, table, window, horizon, names))
            advance(None)
    result = pd.concat(parts, ignore_index=True)
    result.attrs = {**table.attrs, "seconds": seconds}
    return result


class _Window(NamedTuple):
    """Rows of the table: what is known, what is to be forecast, and the last known one of each series."""

    past: NDArray[np.bool_]
    ahead: NDArray[np.bool_]
    last: NDArray[np.intp]


def _windows(
    table: "pd.DataFrame", horizon: int, n_windows: int, step: int, min_history: int, common_times: bool
) -> Iterator[_Window]:
    """Yield the windows that at least one series is long enough for, the oldest first."""
    offsets = series_offsets(table)
    lengths = np.diff(offsets)
    series = np.repeat(np.arange(len(lengths)), lengths)
    position = np.arange(len(table)) - offsets[series]
    times = table["ds"].drop_duplicates().sort_values()
    for window in reversed(range(n_windows)):
        back = horizon + window * step
        if back >= len(times):
            continue
        known = np.bincount(series, weights=table["ds"] <= times.iloc[-1 - back]) if common_times else lengths - back
        enters = (known >= min_history) & (known + horizon <= lengths)
        known = np.where(enters, known, 0).astype(np.intp)
        past = position < known[series]
        ahead = ~past & (position < (known + horizon)[series]) & enters[series]
        if enters.any():
            yield _Window(past, ahead, (offsets[:-1] + known - 1)[enters])


def _forecast(
    forecaster: Any,
    table: "pd.DataFrame",
    window: _Window,
    horizon: int,
    quantiles: Sequence[float],
    exogenous: Sequence[str],
) -> "pd.DataFrame":
    """Let a copy of the forecaster see the past and, of what follows, the columns that are known in advance."""
    past = table[window.past].reset_index(drop=True)
    ahead = table.loc[window.ahead, ["unique_id", "ds", *exogenous]].reset_index(drop=True)
    more = {"future": ahead} if exogenous else {}
    return copy.deepcopy(forecaster).fit(past).predict(horizon, quantiles=tuple(quantiles), **more)


def _beside_actual(
    model: str, forecast: "pd.DataFrame", table: "pd.DataFrame", window: _Window, horizon: int, names: list[str]
) -> "pd.DataFrame":
    """Return the rows of a window, or say what the forecaster should have returned."""
    columns = ["unique_id", "ds", "forecast", *names]
    missing = [name for name in columns if name not in forecast]
    if missing:
        raise ValueError(f"forecaster {model!r} returned no {', '.join(missing)}: predict must give {columns}")
    forecast = forecast[columns].sort_values(["unique_id", "ds"], ignore_index=True)
    actual = table.loc[window.ahead, ["unique_id", "ds", "y"]].reset_index(drop=True)
    if len(forecast) != len(actual) or not all(
        np.array_equal(forecast[name].astype(object), actual[name].astype(object)) for name in ("unique_id", "ds")
    ):
        raise ValueError(
            f"forecaster {model!r} returned {len(forecast)} rows, not the {len(actual)} series and times asked for: "
            f"predict must give {horizon} steps after each series' last time"
        )
    actual.insert(0, "model", model)
    actual.insert(2, "cutoff", table["ds"].iloc[np.repeat(window.last, horizon)].reset_index(drop=True))
    return actual.assign(**{name: forecast[name] for name in ("forecast", *names)})


def _warn_of_short_series(
    table: "pd.DataFrame", windows: list[_Window], n_windows: int, horizon: int, min_history: int
) -> None:
    offsets = series_offsets(table)
    lengths = np.diff(offsets)
    if not windows:
        raise ValueError(
            f"no series is long enough: the longest has {lengths.max()} values, a window needs {min_history} before "
            f"and {horizon} after the cutoff: take a shorter horizon or a smaller min_history"
        )
    entered = sum(np.add.reduceat(window.ahead, offsets[:-1], dtype=np.intp) for window in windows) / horizon
    short = entered < n_windows
    if short.any():
        name, length = table["unique_id"].iloc[offsets[short.argmax()]], lengths[short.argmax()]
        warnings.warn(
            f"{short.sum()} of {len(lengths)} series are too short for some of {n_windows} windows and left out "
            f"of these ({(entered == 0).sum()} left out altogether), such as {name!r} with {length} values.",
            UserWarning,
            stacklevel=3,
        )


def _check_forecasters(forecasters: Mapping[str, Any]) -> None:
    if not isinstance(forecasters, Mapping) or not forecasters:
        raise TypeError(
            f"forecasters is {type(forecasters).__name__}, expected a dict such as {{'naive': SeasonalNaive()}}"
        )
    for name, forecaster in forecasters.items():
        lacks = [method for method in ("fit", "predict") if not callable(getattr(forecaster, method, None))]
        if lacks or isinstance(forecaster, type):
            what = "is a class: add ()" if isinstance(forecaster, type) else f"has no {' and '.join(lacks)}"
            raise TypeError(f"forecaster {name!r} {what}; expected an object with fit and predict")


def _check_count(value: int, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} is {value!r}: give a whole number of at least 1")
    return int(value)


@contextmanager
def _progress_bar(total: int, progress: bool | None) -> Iterator[Any]:
    """Yield a function that moves the bar on and says what is being done."""
    if not (sys.stderr.isatty() if progress is None else progress):
        yield lambda text: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        started = 0

        def advance(text: str | None) -> None:
            nonlocal started
            started += text is not None
            bar.update(task, completed=started - (text is not None), description=text or "")

        yield advance
