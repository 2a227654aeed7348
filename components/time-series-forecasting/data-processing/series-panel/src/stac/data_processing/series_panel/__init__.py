"""Tables of many series as arrays for models that learn from all of them at once, and forecasts back as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from stac.data_processing.series_panel._calendar import calendar_columns
from stac.data_processing.series_panel._future import future_columns
from stac.data_processing.series_panel._plain import dict_to_fields, panel_to_dict

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SeriesPanel", "forecast_table", "series_panel"]


@dataclass(frozen=True)
class SeriesPanel:
    """Many series as arrays: rows are series, and all end in the last column.

    Attributes
    ----------
    y : ndarray of shape (n_series, n_times), float64
        Values; NaN before a series begins, in gaps, and where a value is missing.
    columns : ndarray of shape (n_series, n_times, n_columns), float32
        What is known in past and future: exogenous columns, then the calendar's; NaN as in `y`.
    names : tuple of str
        Names of these columns.
    exogenous : tuple of str
        Those that `future` has to give.
    times : DataFrame
        `unique_id, ds` of the last time of each series.
    frequency : str or int
        As in `stac.data_processing.series_frame.infer_frequency`.
    season_length : int
        Steps of a season; 1 if there is none.
    calendar : {"cyclic", "number"} or None
        How the calendar's columns are written.
    """

    y: np.ndarray
    columns: np.ndarray
    names: tuple[str, ...]
    exogenous: tuple[str, ...]
    times: "pd.DataFrame"
    frequency: str | int
    season_length: int
    calendar: str | None

    def future(
        self, horizon: int, future: "pd.DataFrame | None" = None, *, given: int | None = None
    ) -> "tuple[pd.DataFrame, np.ndarray]":
        """Return the times to forecast, and the columns known there.

        Parameters
        ----------
        horizon : int
            Steps after the end of each series.
        future : DataFrame, optional
            `unique_id, ds` and the exogenous columns at these times; further rows and columns do not matter.
        given : int, optional
            Only the first so many steps must be in `future`; exogenous columns are NaN where later ones are not. By
            default all.

        Returns
        -------
        times : DataFrame
            `unique_id, ds`: `horizon` rows for each series, in the order of `y`.
        columns : ndarray of shape (n_series, horizon, n_columns), float32
            As `columns` of the panel.

        Raises
        ------
        ValueError
            If exogenous columns or rows of them are missing in `future`, or `horizon` is no whole number above 0.
        TypeError
            If `future` is no table, or a column holds no numbers.
        """
        return future_columns(self, horizon, future, given)

    def tail(self, length: int) -> "SeriesPanel":
        """Return the last `length` times only, of which a model may need no more to forecast."""
        return replace(self, y=self.y[:, -length:].copy(), columns=self.columns[:, -length:].copy())

    def of_history(self, frame: "pd.DataFrame") -> "SeriesPanel":
        """Return other series as a panel like this one: with its columns, frequency and season.

        Parameters
        ----------
        frame : DataFrame
            `unique_id, ds, y` and the columns of `exogenous`.

        Returns
        -------
        SeriesPanel

        Raises
        ------
        ValueError, TypeError
            As `series_panel`, and if the times do not follow the frequency.
        """
        return series_panel(
            frame,
            exogenous=self.exogenous,
            season_length=self.season_length,
            calendar=self.calendar,
            frequency=self.frequency,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the panel as plain values that JSON can hold, exact to the bit."""
        return panel_to_dict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "SeriesPanel":
        """Return the panel of `to_dict`."""
        return cls(**dict_to_fields(content))


def series_panel(
    frame: "pd.DataFrame",
    *,
    exogenous: Sequence[str] | None = None,
    season_length: int | None = None,
    calendar: str | None = "cyclic",
    frequency: str | int | None = None,
) -> SeriesPanel:
    """Return a table of series as arrays.

    Parameters
    ----------
    frame : DataFrame
        `unique_id, ds, y` and exogenous columns, in any order; gaps in time and missing values become NaN.
    exogenous : sequence of str, optional
        Columns that are known in the future, too; by default all of numbers beside `unique_id, ds, y`.
    season_length : int, optional
        Steps of a season; by default of the frequency: 24 for hours, 12 for months.
    calendar : {"cyclic", "number"} or None, default="cyclic"
        Columns of hour, weekday, day and month, as far as the frequency makes them differ: as sine and cosine, as
        numbers, or none.
    frequency : str or int, optional
        By default inferred.

    Returns
    -------
    SeriesPanel

    Raises
    ------
    ValueError, TypeError
        If the table is none of series (see `stac.data_processing.series_frame.check_series_frame`), a series holds no
        value at all, or a parameter is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> months = pd.date_range("2024-01-01", periods=3, freq="MS")
    >>> frame = pd.DataFrame({"unique_id": ["a"] * 3 + ["b"] * 2, "ds": [*months, *months[1:]], "y": range(5)})
    >>> panel = series_panel(frame)
    >>> panel.y
    array([[ 0.,  1.,  2.],
           [nan,  3.,  4.]])
    >>> panel.season_length, panel.names
    (12, ('month_sin', 'month_cos'))
    >>> forecast_table(panel.future(1)[0], panel.y[:, -1:])
      unique_id         ds  forecast
    0         a 2024-04-01       2.0
    1         b 2024-04-01       4.0
    """
    from stac.data_processing.series_frame import (
        check_series_frame,
        fill_gaps,
        infer_frequency,
        season_length_of,
        series_matrix,
        series_offsets,
    )

    if calendar not in ("cyclic", "number", None):
        raise ValueError(f'calendar={calendar!r} is unknown: use "cyclic", "number" or None')
    exogenous = _exogenous_names(frame, exogenous)
    table = check_series_frame(frame, freq=frequency, exogenous=exogenous, allow_missing=True, allow_gaps=True)
    frequency = infer_frequency(table) if frequency is None else frequency
    table = fill_gaps(table, frequency)
    offsets = series_offsets(table)
    season_length = season_length_of(frequency) if season_length is None else _checked_season(season_length)
    for name, values in calendar_columns(table["ds"], calendar).items():
        table[name] = values
    names = tuple(name for name in table if name not in ("unique_id", "ds", "y"))
    y = series_matrix(table)
    _refuse_empty(y, table["unique_id"].iloc[offsets[:-1]].tolist())
    columns = np.empty((*y.shape, len(names)), np.float32)
    for i, name in enumerate(names):
        columns[..., i] = series_matrix(table, name)
    last = table.iloc[offsets[1:] - 1][["unique_id", "ds"]].reset_index(drop=True)
    return SeriesPanel(y, columns, names, tuple(exogenous), last, frequency, season_length, calendar)


def forecast_table(
    times: "pd.DataFrame", forecast: np.ndarray, quantiles: Mapping[str, np.ndarray] | None = None
) -> "pd.DataFrame":
    """Return forecasts as a table.

    Parameters
    ----------
    times : DataFrame
        `unique_id, ds`, as `SeriesPanel.future` gives them.
    forecast : ndarray of shape (n_series, horizon)
        Point forecasts.
    quantiles : mapping of str to ndarray of shape (n_series, horizon), optional
        Further columns, such as ``"q0.9"``.

    Returns
    -------
    DataFrame
        `unique_id, ds, forecast` and the further columns, float64.
    """
    columns: dict[str, Any] = {"forecast": forecast, **(quantiles or {})}
    return times.assign(**{name: np.asarray(values, np.float64).reshape(-1) for name, values in columns.items()})


def _exogenous_names(frame: Any, exogenous: Sequence[str] | None) -> list[str]:
    if exogenous is not None:
        return [exogenous] if isinstance(exogenous, str) else list(exogenous)
    columns = getattr(frame, "columns", ())
    return [name for name in columns if name not in ("unique_id", "ds", "y") and frame[name].dtype.kind in "biuf"]


def _checked_season(season_length: int) -> int:
    if isinstance(season_length, bool) or not isinstance(season_length, int | np.integer) or season_length < 1:
        raise ValueError(f"season_length is {season_length!r}: give a whole number of steps, 1 for no season")
    return int(season_length)


def _refuse_empty(y: np.ndarray, ids: list[Any]) -> None:
    empty = np.isnan(y).all(axis=1)
    if empty.any():
        raise ValueError(
            f"series {ids[int(empty.argmax())]!r} holds no value, all are missing ({empty.sum()} such series): "
            "leave it out"
        )
