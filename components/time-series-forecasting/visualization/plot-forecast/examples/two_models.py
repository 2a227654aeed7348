"""Two models of two series in one picture."""

from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from stac.visualization.plot_forecast import plot_forecast

rng = np.random.default_rng(0)
months = pd.date_range("2018-01-01", periods=72, freq="MS")
tables, forecasts = [], []
for name, size in (("north", 100.0), ("south", 40.0)):
    y = size * (1 + 0.2 * np.sin(2 * np.pi * months.month / 12)) + 0.02 * size * rng.normal(size=72).cumsum()
    table = pd.DataFrame({"unique_id": name, "ds": months, "y": y})
    tables.append(table)
    ahead = table.iloc[60:].drop(columns="y")
    for model, point in (("last year", y[48:60]), ("last value", np.repeat(y[59], 12))):
        spread = 0.06 * size * np.sqrt(np.arange(1, 13))
        forecasts.append(ahead.assign(model=model, forecast=point, **{"q0.1": point - spread, "q0.9": point + spread}))

axes = plot_forecast(pd.concat(tables), pd.concat(forecasts))
with TemporaryDirectory() as folder:
    axes[0].figure.savefig(f"{folder}/forecast.png")
print([ax.get_title("left") for ax in axes], [text.get_text() for text in axes[0].get_legend().get_texts()])
