"""Fill me in: what these tests show, in one sentence."""

from pathlib import Path

import numpy as np
{% if cookiecutter.what == "forecaster" %}
import pandas as pd
{% endif %}
import pytest

{% set checks = "assert_clear_error, package_checks" if cookiecutter.what == "function" else
  "assert_clear_error, package_checks, transformer_checks" if cookiecutter.what == "transformer" else
  "assert_clear_error, " ~ cookiecutter.what ~ "_checks, package_checks" %}
{{ ["from " ~ cookiecutter.__module ~ " import " ~ cookiecutter.__public,
  "from stac.testing.component_checks import " ~ checks]|sort|join("\n") }}

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)
