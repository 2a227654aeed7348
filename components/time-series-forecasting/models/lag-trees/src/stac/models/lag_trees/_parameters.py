"""The parameters of the forecaster, checked before it learns."""

from typing import Any

import numpy as np


def check_parameters(model: Any) -> None:
    """Say which parameter of the forecaster is out of range."""
    for name in ("horizon", "n_lags", "n_estimators", "n_leaves", "min_samples_leaf", "max_rows"):
        value, least = getattr(model, name), 2 if name == "n_leaves" else 1
        if value is None and name in ("horizon", "n_lags"):
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name} is {value!r}: give a whole number of at least {least}")
    for name, highest in (
        ("learning_rate", 1),
        ("feature_fraction", 1),
        ("sample_fraction", 1),
        ("half_life", np.inf),
    ):
        value = getattr(model, name)
        if value is None and name == "half_life":
            continue
        if not isinstance(value, int | float | np.number) or not 0 < value <= highest:
            raise ValueError(f"{name} is {value!r}: give a number above 0" + f", at most {highest}" * (highest == 1))
    if not isinstance(model.n_jobs, int | np.integer) or model.n_jobs == 0 or model.n_jobs < -1:
        raise ValueError(f"n_jobs is {model.n_jobs!r}: give a number of threads, or -1 for one per processor")
