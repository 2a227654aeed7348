"""Two shops of different age: their values as one array, and the calendar of the days to come."""

import numpy as np
import pandas as pd

from stac.data_processing.series_panel import forecast_table, series_panel

days = pd.date_range("2024-03-01", periods=21, freq="D")
old = pd.DataFrame({"unique_id": "old", "ds": days, "y": 10.0 + days.dayofweek})
new = pd.DataFrame({"unique_id": "new", "ds": days[10:], "y": 3.0}).drop(index=4)

panel = series_panel(pd.concat([old, new]), calendar="number")
print(f"{panel.y.shape[0]} series, {np.isnan(panel.y).sum()} values missing, columns {panel.names}")
times, columns = panel.future(2)
print(forecast_table(times, panel.y[:, -7:-5]).assign(weekday=columns[..., 0].ravel()))
