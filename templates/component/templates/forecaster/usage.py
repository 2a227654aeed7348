import numpy as np
import pandas as pd
from {{ cookiecutter.__module }} import {{ cookiecutter.__class }}

months = pd.date_range("2020-01-01", periods=48, freq="MS")
sales = 100 + 20 * np.sin(2 * np.pi * np.arange(48) / 12)
frame = pd.DataFrame({"unique_id": "shop", "ds": months, "y": sales})
print({{ cookiecutter.__class }}().fit(frame).predict(12, quantiles=(0.1, 0.9)))
