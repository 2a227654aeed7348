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
