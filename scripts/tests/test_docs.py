"""`catalog docs`: the pages that are collected for the documentation site."""

import json
import re

import pytest

PAGES = "docs/src/content/docs"
LONELY = "components/common/metrics/lonely"
MODULE = f"{LONELY}/src/stac/metrics/lonely"


@pytest.fixture(autouse=True)
def _not_on_gitlab(monkeypatch):
    monkeypatch.delenv("CI_PROJECT_URL", raising=False)
    monkeypatch.delenv("DOCS_SOURCE", raising=False)


def collect(fake, *arguments):
    run = fake.run("docs", *arguments)
    assert run.returncode == 0, run.stderr
    return run.stdout


def page(fake, name):
    """The front matter and the text of a collected page."""
    _, front, text = (fake.root / PAGES / name).read_text(encoding="utf-8").split("---\n", 2)
    lines = (line.split(": ", 1) for line in front.splitlines())
    return {key: json.loads(value) for key, value in lines}, text


def refused(fake):
    run = fake.run("docs")
    assert (run.returncode, len(run.stderr.splitlines())) == (2, 1), run.stderr
    return run.stderr


def test_every_component_and_template_has_a_page(fake):
    assert "8 pages" in collect(fake)
    found = {file.relative_to(fake.root / PAGES).as_posix() for file in (fake.root / PAGES).rglob("*.md")}
    components = {f"components/{name}.md" for name in ("checks", "scale", "forest", "report", "lonely")}
    assert found == components | {
        "templates/common/plain.md",
        "templates/time-series-classification/starter.md",
        "rules.md",
    }


def test_a_page_holds_what_its_folder_says(fake):
    collect(fake)
    front, text = page(fake, "components/forest.md")
    assert (front["title"], front["description"]) == ("forest", "Does forest for tests.")
    assert front["catalog"]["problem"] == "time-series-classification"
    assert front["catalog"]["kind"] == "composite"
    assert front["catalog"]["tags"] == ["testing", "forest"]
    headings = re.findall(r"^## (.+)", text, re.MULTILINE)
    assert headings == ["Installation", "Usage", "Dependencies", "Changelog"]
    assert "### 0.1.0\n\n- First version." in text
    assert "Does forest for tests." not in text  # the header of the page shows it


def test_an_installation_leads_to_the_guide_that_names_the_index(fake):
    collect(fake)
    assert "the guide" not in page(fake, "components/forest.md")[1]  # there is none
    fake.write(f"{PAGES}/installation.md", "---\ntitle: Installation\n---\n")
    collect(fake)
    _, text = page(fake, "components/forest.md")
    installation, usage = text.split("## Usage")
    assert (
        "pip install stac-forest\n```\n\nIt comes from your team's index: [the guide](../../installation/)"
        in installation
    )
    assert "the guide" not in usage


def test_dependencies_lead_to_the_pages_of_both_sides(fake):
    collect(fake)
    _, text = page(fake, "components/forest.md")
    assert "| Built on | [scale](../scale/) |" in text
    starter = "[time-series-classification/starter](../../templates/time-series-classification/starter/)"
    assert f"| Used by | [report](../report/), {starter} |" in text
    _, text = page(fake, "templates/time-series-classification/starter.md")
    assert "| Components | [forest](../../../components/forest/) |" in text


def test_what_only_tests_need_is_no_dependency(fake):
    collect(fake)
    assert "Used by" not in page(fake, "components/checks.md")[1]


def test_the_cards_tell_of_everything(fake):
    collect(fake)
    cards = json.loads((fake.root / "docs/src/collected.json").read_text())
    assert len(cards) == 7
    assert cards[-1]["page"] == "templates/time-series-classification/starter"
    assert cards[-1]["kind"] == "template"
    assert cards[-1]["title"] == "A template"


def test_rules_are_readable_text(fake):
    collect(fake)
    _, text = page(fake, "rules.md")
    section = text.split("## readme-sections\n", 1)[1].split("\n## ", 1)[0]
    assert "**What.** the title is" in section
    assert "`pip install stac-<name>`" in section


def test_a_second_call_writes_nothing_and_a_change_writes_one_page(fake):
    collect(fake)
    assert " 0 files written, 0 removed" in collect(fake)
    fake.replace(f"{LONELY}/README.md", "# nothing to see", "# something to see")
    assert " 1 files written, 0 removed" in collect(fake)
    assert "something to see" in page(fake, "components/lonely.md")[1]


def test_pages_of_what_is_gone_are_removed(fake):
    collect(fake)
    fake.git("rm", "-rq", LONELY, "templates/common/plain")
    assert "2 removed" in collect(fake)
    assert not (fake.root / PAGES / "components/lonely.md").exists()
    assert not (fake.root / PAGES / "templates/common").exists()


def test_an_mdx_readme_makes_an_mdx_page(fake):
    text = (fake.root / LONELY / "README.md").read_text()
    (fake.root / LONELY / "README.md").unlink()
    fake.write(f"{LONELY}/README.mdx", text)
    collect(fake)
    assert (fake.root / PAGES / "components/lonely.mdx").is_file()


def test_a_page_changes_its_type_without_a_double(fake):
    collect(fake)
    (fake.root / LONELY / "README.md").rename(fake.root / LONELY / "README.mdx")
    collect(fake)
    assert not (fake.root / PAGES / "components/lonely.md").exists()


def test_two_components_of_one_name_are_refused(fake):
    fake.component("time-series-classification/models/lonely")
    message = refused(fake)
    assert "components/common/metrics/lonely/README.md" in message
    assert "components/time-series-classification/models/lonely/README.md" in message


def test_a_component_may_be_called_like_a_template_or_a_guide(fake):
    fake.component("common/metrics/plain")
    fake.component("common/metrics/installation")
    collect(fake)
    assert page(fake, "components/plain.md")[0]["title"] == "plain"
    assert page(fake, "templates/common/plain.md")[0]["title"] == "A template"


# --- links ------------------------------------------------------------------------------------------------------------


def with_text(fake, text):
    fake.replace(f"{LONELY}/README.md", "## Tags", f"## More\n\n{text}\n\n## Tags")
    collect(fake)
    return page(fake, "components/lonely.md")[1].split("## More\n\n", 1)[1].split("\n\n## ", 1)[0]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[scale](../../data-processing/scale/README.md)", "[scale](../scale/)"),
        ("[scale](../../data-processing/scale)", "[scale](../scale/)"),
        ("[use](../../data-processing/scale/README.md#usage)", "[use](../scale/#usage)"),
        ("[plain](../../../../templates/common/plain/README.md)", "[plain](../../templates/common/plain/)"),
        ("[home](../../../../README.md)", "[home](../../)"),
        ("[news](CHANGELOG.md)", "[news](./#changelog)"),
        ("[here](#usage)", "[here](#usage)"),
        ("[there](https://example.org/a_(b))", "[there](https://example.org/a_(b))"),
        ("[example](examples/show.py)", "example"),
        ("`[code](../nowhere)`", "`[code](../nowhere)`"),
        ("```\n[code](../nowhere)\n```", "```\n[code](../nowhere)\n```"),
        ("[a][b]\n\n[b]: ../../data-processing/scale", "[a][b]\n\n[b]: ../scale/"),
    ],
)
def test_links_between_folders_become_links_between_pages(fake, link, expected):
    assert with_text(fake, link) == expected


def test_a_known_repository_is_linked_to(fake):
    fake.replace(f"{LONELY}/README.md", "## Tags", "[example](examples/show.py)\n\n## Tags")
    collect(fake, "--source", "https://git.example.org/stac/-/tree/main/")
    front, text = page(fake, "components/lonely.md")
    assert front["catalog"]["source"] == f"https://git.example.org/stac/-/tree/main/{LONELY}"
    assert f"[example](https://git.example.org/stac/-/tree/main/{LONELY}/examples/show.py)" in text


def test_pictures_come_along_and_go_again(fake):
    fake.write(f"{LONELY}/images/plot.svg", "<svg/>")
    assert with_text(fake, "[![a plot](images/plot.svg)](#usage)") == (
        f"[![a plot](../../../assets/collected/{LONELY}/images/plot.svg)](#usage)"
    )
    copy = fake.root / "docs/src/assets/collected" / LONELY / "images/plot.svg"
    assert copy.read_text() == "<svg/>"
    fake.replace(f"{LONELY}/README.md", "[![a plot](images/plot.svg)](#usage)", "")
    collect(fake)
    assert not copy.exists()


def test_a_document_beside_the_readme_is_a_page_of_its_own(fake):
    fake.write(f"{LONELY}/FORMAT.md", "# The format\n\nOf files.\n\n## Fields\n\nBack to [lonely](README.md).\n")
    assert with_text(fake, "See [the format](FORMAT.md#fields).") == "See [the format](format/#fields)."
    front, text = page(fake, "components/lonely/format.md")
    assert (front["title"], front["description"]) == ("The format", "Of files.")
    assert "[lonely](../)" in text


@pytest.mark.parametrize("link", ["[x](gone.md)", "[x](../../../../../outside.md)", "![x](gone.png)"])
def test_a_link_to_nowhere_is_one_line_and_nothing_is_written(fake, link):
    collect(fake)
    before = (fake.root / PAGES / "components/scale.md").read_bytes()
    fake.replace(f"{LONELY}/README.md", "## Tags", f"{link}\n\n## Tags")
    fake.replace("components/common/data-processing/scale/README.md", "# nothing", "# anything")
    assert f"{LONELY}/README.md links to" in refused(fake)
    assert (fake.root / PAGES / "components/scale.md").read_bytes() == before


# --- reference --------------------------------------------------------------------------------------------------------

ESTIMATOR = '''
"""Parts."""

from dataclasses import dataclass


class Base:
    def get_params(self) -> dict:
        """Return the parameters."""


@dataclass
class Estimator(Base):
    """Estimate <something> of a {set}.

    Parameters
    ----------
    per_channel : bool, default=True
        Each channel *alone*, as ``fit`` does.

    References
    ----------
    A book.

    Examples
    --------
    >>> Estimator(False)
    Estimator(per_channel=False)
    """

    per_channel: bool = True

    def fit(self, X: "Array", /, *, weights: dict[str, float] | None = None) -> "Estimator":
        """Learn.

        Raises
        ------
        ValueError
            If ``X`` is empty.
        """

    @property
    def size(self) -> int:
        """How large it is."""

    def _private(self):
        """Not told."""
'''


def reference(fake, init, parts=ESTIMATOR):
    fake.write(f"{MODULE}/__init__.py", init)
    fake.write(f"{MODULE}/_parts.py", parts)
    collect(fake)
    text = page(fake, "components/lonely.md")[1]
    return text.split("## API reference\n\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize(
    "init",
    [
        'from stac.metrics.lonely._parts import Estimator\n\n__all__ = ["Estimator"]\n',
        "from typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    from stac.metrics.lonely._parts import Estimator\n\n"
        '__all__ = ["Estimator"]\n\n\ndef __getattr__(name):\n    ...\n',
        '__all__ = ["Estimator"]\n\n\ndef __getattr__(name):\n    ...\n',
    ],
    ids=["re-exported", "lazy", "lazy without a hint"],
)
def test_the_reference_tells_of_what_is_exported_wherever_it_is_defined(fake, init):
    text = reference(fake, init)
    assert re.findall(r"^#+ .+", text, re.MULTILINE) == [
        "### Estimator",
        "#### Estimator.get\\_params",
        "#### Estimator.fit",
        "#### Estimator.size",
    ]
    assert "- `per_channel` : bool" in text
    assert "**References**\n\nA book." in text
    assert "- ValueError\n\n  If ``X`` is empty." in text
    assert "```python\n>>> Estimator(False)\nEstimator(per_channel=False)\n```" in text


def test_text_of_docstrings_is_no_markup(fake):
    text = reference(fake, 'from stac.metrics.lonely._parts import Estimator\n\n__all__ = ["Estimator"]\n')
    assert "Estimate &lt;something> of a &#123;set&#125;." in text
    assert "Each channel \\*alone\\*, as ``fit`` does." in text


def test_a_signature_is_written_as_one_writes_it(fake):
    text = reference(fake, 'from stac.metrics.lonely._parts import Estimator\n\n__all__ = ["Estimator"]\n')
    fit = text.split("#### Estimator.fit\n\n", 1)[1].split("\n", 1)[0]
    plain = re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), re.sub("<[^>]*>", "", fit))
    assert plain == (
        "Estimator.fit(\n    X: Array,\n    /,\n    *,\n    weights: dict[str, float] | None = None,\n) -> Estimator"
    )


def test_constants_and_functions_are_told_of(fake):
    init = (
        '__all__ = ["LIMIT", "halve"]\n\nLIMIT = 3\n"""Most."""\n\n\ndef halve(x: float) -> float:\n    """Halve."""\n'
    )
    text = reference(fake, init)
    assert "<b>LIMIT</b> = 3" in text
    assert "<b>halve</b>(x: float) -&#62; float" in text


def test_a_name_that_nothing_defines_is_one_line(fake):
    fake.write(f"{MODULE}/__init__.py", '__all__ = ["missing"]\n')
    assert f"{LONELY}: __all__ names missing, which none of its modules defines" in refused(fake)


def test_sources_that_are_no_python_are_one_line(fake):
    fake.write(f"{MODULE}/__init__.py", "def (:\n")
    assert f"{LONELY}: its documentation cannot be read" in refused(fake)


def test_nothing_is_imported(fake):
    text = reference(fake, 'raise SystemExit("imported")\n__all__ = ["LIMIT"]\nLIMIT = 3\n')
    assert "LIMIT" in text


def test_without_griffe_one_line_says_what_to_install(fake, monkeypatch):
    fake.write(f"{MODULE}/__init__.py", "__all__ = []\n")
    monkeypatch.setitem(__import__("sys").modules, "griffe", None)
    assert "uv pip install 'griffe>=2.4'" in refused(fake)
