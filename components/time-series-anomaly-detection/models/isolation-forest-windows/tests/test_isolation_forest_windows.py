"""The detector keeps the contract of detectors."""

from pathlib import Path

import pytest

from stac.models.isolation_forest_windows import IsolationForestWindows
from stac.testing.component_checks import detector_checks, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", detector_checks())
def test_contract(check):
    check(IsolationForestWindows())
