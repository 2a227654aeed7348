"""What scikit-learn asks of an estimator of time series, to inherit from: parameters that are fields, and tags."""

from dataclasses import fields
from typing import Any, Self

__all__ = ["AnomalyDetector", "Forecaster", "SeriesClassifier", "SeriesEstimator", "SeriesTransformer"]


class SeriesEstimator:
    """An estimator whose parameters are the fields of a dataclass.

    Inherit from it, or from one of its kinds, and decorate with ``@dataclass(eq=False)``: two estimators with the same
    parameters may have been fitted to different series. ``sklearn.base.clone``, ``GridSearchCV`` and
    ``make_pipeline`` take it then; scikit-learn itself is imported by none but those who use it.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(eq=False)
    ... class Smoother(SeriesTransformer):
    ...     width: int = 3
    >>> Smoother().set_params(width=5).get_params()
    {'width': 5}
    """

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name, as scikit-learn asks for."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name, as scikit-learn asks for; an unknown name raises ``ValueError``."""
        known = list(self.get_params())
        if unknown := sorted(params.keys() - set(known)):
            raise ValueError(f"{type(self).__name__} has no parameter {unknown}: it has {known}.")
        vars(self).update(params)
        return self


class SeriesTransformer(SeriesEstimator):
    """Takes series (n_instances, n_channels, n_timepoints) and gives float32."""

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="transformer",
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=["float32"]),
            input_tags=InputTags(two_d_array=False, three_d_array=True),
        )


class SeriesClassifier(SeriesEstimator):
    """Takes series (n_instances, n_channels, n_timepoints) and gives a label for each."""

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(two_d_array=False, three_d_array=True),
        )


class AnomalyDetector(SeriesEstimator):
    """Takes one series (n_channels, n_timepoints) and gives a score for each time point."""

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            estimator_type="outlier_detector",
            target_tags=TargetTags(required=False),
            input_tags=InputTags(two_d_array=True),
        )


class Forecaster(SeriesEstimator):
    """Takes a table of many series, `unique_id, ds, y`, and gives what follows each."""

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            input_tags=InputTags(two_d_array=False, allow_nan=True),
        )
