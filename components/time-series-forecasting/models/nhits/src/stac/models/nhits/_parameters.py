"""The parameters of the forecaster: as scikit-learn asks for them, and checked before it learns."""

from dataclasses import fields
from typing import Any, Self

import numpy as np


class Parameters:
    """Parameters are the fields of a dataclass."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name, as scikit-learn asks for."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name, as scikit-learn asks for; an unknown name raises ``ValueError``."""
        unknown = params.keys() - self.get_params().keys()
        if unknown:
            raise ValueError(
                f"{type(self).__name__} has no parameter {sorted(unknown)}: it has {list(self.get_params())}."
            )
        vars(self).update(params)
        return self

    def __sklearn_tags__(self) -> Any:
        # scikit-learn takes seconds to import: only those who use it pay.
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            input_tags=InputTags(two_d_array=False, allow_nan=True),
        )


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
