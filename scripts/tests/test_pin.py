"""`catalog pin`: the project of a template is bound to the index of its components, far ones too."""

import pytest

from catalog.model import Catalog
from catalog.pinning import bind, compatible

PROJECT = """[project]
name = "{{ cookiecutter.project_slug }}"
dependencies = [
    "rich>=13",
    "stac-report[html]>=0.1,<0.2",
]

[dependency-groups]
dev = ["pytest>=8"]
# Why they are here.
indirect = ["stac-gone>=0.1,<0.2"]

[tool.uv.sources]
stac-gone = { index = "stac" }

[tool.ruff]
line-length = 120
"""
BOUND = """[project]
name = "{{ cookiecutter.project_slug }}"
dependencies = [
    "rich>=13",
    "stac-report[html]>=0.1,<0.2",
]

[dependency-groups]
dev = ["pytest>=8"]
# Why they are here.
indirect = [
    "stac-forest>=0.1,<0.2",
    "stac-scale>=0.1,<0.2",
]

[tool.uv.sources]
stac-forest = { index = "stac" }
stac-report = { index = "stac" }
stac-scale = { index = "stac" }

[tool.ruff]
line-length = 120
"""


def test_what_components_need_is_named_with_its_index_and_what_nothing_needs_is_dropped(fake):
    file = fake.write("templates/common/plain/{{cookiecutter.project_slug}}/pyproject.toml", PROJECT)
    catalog = Catalog(fake.root)
    template = next(template for template in catalog.templates if template.name == "common/plain")
    for _ in range(2):  # the second time changes nothing
        bind(template, catalog)
        assert file.read_text() == BOUND


@pytest.mark.parametrize(
    ("version", "expected"), [("0.1.0", ">=0.1,<0.2"), ("0.12.3", ">=0.12,<0.13"), ("1.4.0", ">=1.4,<2")]
)
def test_the_range_admits_what_is_compatible(version, expected):
    assert compatible(version) == expected
