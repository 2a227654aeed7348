"""Print every check with the sentence that says what it holds."""

from stac.testing.component_checks import (
    classifier_checks,
    detector_checks,
    forecaster_checks,
    package_checks,
    transformer_checks,
)

for kind, checks in {
    "package": package_checks(),
    "transformer": transformer_checks(),
    "classifier": classifier_checks(),
    "detector": detector_checks(),
    "forecaster": forecaster_checks(),
}.items():
    print(f"\n{kind}")
    for parameter in checks:
        check = parameter.values[0]
        print(f"  {check.__name__}: {check.__doc__.splitlines()[0]}")
