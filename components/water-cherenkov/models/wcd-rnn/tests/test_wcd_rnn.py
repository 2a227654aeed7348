"""The network takes any station, never reads a missing PMT, and learns."""

from pathlib import Path

import pytest

from stac.testing.component_checks import package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)
