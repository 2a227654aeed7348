"""The parameters of the forecaster, checked before it learns."""

from typing import Any

import numpy as np


def check_parameters(model: Any) -> None:
    """Say which parameter of the forecaster is out of range."""
    least = {"horizon": 1, "input_length": 2, "n_networks": 1, "n_steps": 1, "batch_size": 1, "width": 1}
    for name in (*least, "max_windows"):
        value = getattr(model, name)
        if value is None and name in ("horizon", "input_length"):
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least.get(name, 1):
            raise ValueError(f"{name} is {value!r}: give a whole number of at least {least.get(name, 1)}")
    if not isinstance(model.dropout, int | float) or not 0 <= model.dropout < 1:
        raise ValueError(f"dropout is {model.dropout!r}: give a number from 0 to below 1")
    rates = [*model.pooling, *model.downsampling]
    if len(model.pooling) != len(model.downsampling) or not rates or not all(type(x) is int and x > 0 for x in rates):
        raise ValueError(
            f"pooling is {model.pooling!r} and downsampling {model.downsampling!r}: give one whole number above 0 "
            "for each block in both"
        )
