"""Guides and tutorials tell the truth: code runs, output is what it prints, commands exist, Spanish says the same."""

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDES = ROOT / "docs/src/content/docs"
PICTURES = ROOT / "docs/src/assets/tutorials"
TUTORIALS = sorted(f"tutorials/{file.name}" for file in (GUIDES / "tutorials").glob("*.md"))
PAGES = ["index.mdx", "introduction.md", "components-and-templates.md", "clearml.md", "contributing.md", *TUTORIALS]
TRANSLATED = [*PAGES, "installation.md", "publishing.md"]
FENCE = re.compile(r"^(?P<fence>```+)(?P<kind>\w*)[^\n]*\n(?P<code>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
CONTINUED = re.compile(r"\\\n\s*")
CATALOG = str(Path(sys.executable).with_name("catalog"))

spec = importlib.util.spec_from_file_location("refresh_tutorials", ROOT / "docs/refresh_tutorials.py")
refresh = importlib.util.module_from_spec(spec)
spec.loader.exec_module(refresh)


def text_of(page: str) -> str:
    return (GUIDES / page).read_text(encoding="utf-8")


def blocks(page: str, kind: str) -> list[str]:
    return [block["code"] for block in FENCE.finditer(text_of(page)) if block["kind"] == kind]


def commands(page: str) -> list[list[str]]:
    """Every command of the page's shell blocks, as a list of words, without comments."""
    lines = CONTINUED.sub(" ", "\n".join(blocks(page, "bash"))).replace("&&", "\n").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


# Running the code


@pytest.mark.slow
@pytest.mark.parametrize("page", refresh.pages())
def test_the_output_of_a_page_is_what_its_code_prints(page):
    outputs, drawn = refresh.run(page)
    assert refresh.filled(text_of(page), outputs, "Output") == text_of(page), "docs/refresh_tutorials.py renews it"
    shown = {picture["name"] for picture in refresh.SHOWN.finditer(text_of(page))}
    assert shown == set(drawn)


@pytest.mark.parametrize("page", TUTORIALS)
def test_pictures_are_small_and_described(page):
    pictures = list(refresh.SHOWN.finditer(text_of(page)))
    assert pictures
    for picture in pictures:
        assert len(picture["text"]) > 30
        assert (PICTURES / picture["name"]).stat().st_size < 100_000


def test_there_is_no_picture_that_no_page_shows():
    shown = {picture["name"] for page in TUTORIALS for picture in refresh.SHOWN.finditer(text_of(page))}
    assert {file.name for file in PICTURES.iterdir()} == shown


# Shell commands


def targets(*makefiles: Path) -> set[str]:
    return {name for file in makefiles for name in re.findall(r"^([\w-]+):", file.read_text(encoding="utf-8"), re.M)}


def slug(template: Path) -> str:
    return json.loads(template.read_text(encoding="utf-8"))["project_name"].lower().replace(" ", "_")


@pytest.mark.parametrize("page", PAGES)
def test_targets_folders_and_packages_of_shell_blocks_exist(page):
    of_catalog = targets(ROOT / "Makefile")
    templates = ROOT / "templates"
    of_projects = targets(templates / "shared/project/Makefile", *templates.glob("*/*/{{*/Makefile"))
    projects = {slug(file) for file in templates.glob("*/*/cookiecutter.json") if "{{" in file.read_text("utf-8")}
    packages = {f"stac-{folder.name}" for folder in ROOT.glob("components/*/*/*")}
    pinned = {line.split("==")[0] for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()}
    for words in commands(page):
        match words:
            case ["make", *rest]:
                asked = [word for word in rest if "=" not in word and "/" not in word and word != "-C"]
                assert set(asked) <= of_catalog | of_projects, words
            case ["cd", folder]:
                assert folder in projects, words
            case [".venv/bin/cookiecutter", folder]:
                assert (ROOT / folder / "cookiecutter.json").is_file(), words
            case ["uv", "pip", "install", *rest]:
                names = [word for word in rest if "://" not in word and not word.startswith("--")]
                assert set(names) <= packages | pinned, words
            case ["clearml-init"]:
                assert Path(sys.executable).with_name("clearml-init").exists()
            case [".venv/bin/catalog", *_] | ["python", "-m", *_]:
                pass  # these run below
            case _:
                pytest.fail(f"{' '.join(words)}: this test does not know such a command yet")


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_the_catalog_work(page):
    for words in commands(page):
        if words[0] != ".venv/bin/catalog":
            continue
        command, *rest = words[1:]
        if command in ("search", "info", "list"):
            run = subprocess.run([CATALOG, command, *rest], cwd=ROOT, capture_output=True, text=True, check=False)
            assert (run.returncode, run.stderr) == (0, ""), words
            assert not run.stdout.startswith("Nothing")
        else:
            run = subprocess.run([CATALOG, command, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
            assert {word for word in rest if word.startswith("--")} <= set(re.findall(r"--[\w-]+", run.stdout)), words


def test_commands_on_runs_work(tmp_path):
    from stac.tracking.track_run import track_run

    for number in range(2):
        with track_run("leaves", f"run {number}", runs_folder=tmp_path / "runs", clearml="off") as run:
            run.log_scalar("accuracy", 0.9)
    for words in commands("clearml.md"):
        if words[0] == "python":
            help_only = ["--help"] if "upload" in words else []
            done = subprocess.run(
                [sys.executable, *words[1:], *help_only], cwd=tmp_path, capture_output=True, check=False
            )
            assert done.returncode == 0, done.stderr.decode()
    assert list(tmp_path.glob("runs/*/report.html"))


# Translations


def without_comments(code: str) -> list[list[str]]:
    return [shlex.split(line, comments=True) for line in CONTINUED.sub(" ", code).splitlines()]


@pytest.mark.parametrize("page", TRANSLATED)
def test_the_spanish_page_has_the_same_code_headings_links_and_pictures(page):
    english, spanish = text_of(page), text_of(f"es/{page}")
    for kind in ("python", ""):  # the second: what a terminal shows
        assert blocks(f"es/{page}", kind) == blocks(page, kind)
    translated = [without_comments(code) for code in blocks(f"es/{page}", "bash")]
    assert translated == [without_comments(code) for code in blocks(page, "bash")]
    outputs = re.findall(r'^```text title="Output"[^\n]*\n(.*?)^```', english, re.MULTILINE | re.DOTALL)
    assert re.findall(r'^```text title="Salida"[^\n]*\n(.*?)^```', spanish, re.MULTILINE | re.DOTALL) == outputs

    prose, prosa = FENCE.sub("", english), FENCE.sub("", spanish)
    assert re.findall(r"^#+ ", prosa, re.MULTILINE) == re.findall(r"^#+ ", prose, re.MULTILINE)
    link = re.compile(r"(?:\]\(|(?:href|link)[=:] ?\"?)(/[^)\"#\s]*)")
    assert [to.removeprefix("/es") for to in link.findall(prosa)] == link.findall(prose)
    assert all(to.startswith("/es/") for to in link.findall(prosa))
    picture = re.compile(r"!\[[^\]]*\]\((?:\.\./)+(assets/[^)]+)\)")
    assert picture.findall(prosa) == picture.findall(prose)
    assert len(re.findall(r"^\|", prosa, re.MULTILINE)) == len(re.findall(r"^\|", prose, re.MULTILINE))


@pytest.mark.parametrize("page", TRANSLATED)
def test_the_spanish_page_is_translated(page):
    paragraphs, parrafos = (re.split(r"\n\n+", FENCE.sub("", text_of(one))) for one in (page, f"es/{page}"))
    copied = {part for part in paragraphs if len(part) > 60 and not part.startswith("import ")} & set(parrafos)
    assert not copied, f"still English: {sorted(copied)}"
