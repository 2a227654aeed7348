"""The contract checks that every component of a kind passes, ready for ``pytest.mark.parametrize``."""

from stac.testing.component_checks._clear_errors import assert_clear_error
from stac.testing.component_checks._detectors import detector_checks
from stac.testing.component_checks._estimators import classifier_checks, transformer_checks
from stac.testing.component_checks._forecasters import forecaster_checks
from stac.testing.component_checks._package import package_checks

__all__ = [
    "assert_clear_error",
    "classifier_checks",
    "detector_checks",
    "forecaster_checks",
    "package_checks",
    "transformer_checks",
]
