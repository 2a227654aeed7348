"""Every template of projects is the same handful of files, and stands in the menu.

What: a template has cookiecutter.json with `project_name`, `project_slug` and `stac_index`, a prompt for each question,
and requirements.txt among `_copy_without_render`; a hook that calls `complete_project`; README.md with a description
below its title, then `## Installation`, `## Usage` with `make install` and `make train`, and `## Tags` in back-ticks.
Its project has Makefile with the target `train`, README.md, config.yaml, pyproject.toml with the mark
STAC_INDEX_ADDRESS, requirements.txt without the catalog's own components, and tests; and no file, beside Makefile, that
templates/shared has, too. The root cookiecutter.json has an entry with path, title and description for each template,
and every entry leads to one.

Why: who knows one project knows all; `cookiecutter .`, the search, `make lock` and `make update` rely on it.

Fix: add or correct what the message names; another template shows how.
"""

import json
import re

from catalog.checks import Problems
from catalog.model import Catalog, Template, table

QUESTIONS = ("project_name", "project_slug", "stac_index")
PROJECT = ("Makefile", "README.md", "config.yaml", "pyproject.toml", "requirements.txt")
SECTIONS = ["Installation", "Usage", "Tags"]


def check_template(template: Template, catalog: Catalog) -> Problems:
    folder = template.root / template.path
    for where, messages in (
        ("cookiecutter.json", _questions(_read(folder / "cookiecutter.json"))),
        ("README.md", _readme(template)),
        ("hooks/post_gen_project.py", _hook(_read(folder / "hooks/post_gen_project.py"))),
    ):
        yield from ((f"{template.path}/{where}", message, fix) for message, fix in messages)
    project = f"{template.path}/{template.project_folder.name}"
    yield from ((f"{project}/{name}", message, fix) for name, message, fix in _project(template))
    yield from (("cookiecutter.json", message, fix) for message, fix in _menu_entry(template))


def check_repository(catalog: Catalog) -> Problems:
    for name, entry in _menu(catalog).items():
        path = str(table({"entry": entry}, "entry").get("path", ""))
        if not (catalog.root / path / "cookiecutter.json").is_file() or not path:
            yield (
                "cookiecutter.json",
                f"{name} leads to {path!r}, where no template is",
                "correct its path, or delete it",
            )


def _questions(text):
    try:
        asked = json.loads(text)
    except ValueError as error:
        yield f"is not valid JSON: {error}", "mend it"
        return
    for name in (name for name in QUESTIONS if name not in asked):
        yield f"does not ask for {name}", "ask it as the other templates do"
    prompts = asked.get("__prompts__", {})
    for name in (name for name in asked if name[0] != "_" and name not in prompts):
        yield f"asks for {name} without saying what it is", f"add a sentence to __prompts__: {name}"
    if "requirements.txt" not in asked.get("_copy_without_render", []):
        yield "lets cookiecutter render requirements.txt", "name it in _copy_without_render"


def _readme(template):
    if not template.readme:
        yield "is missing", "add it"
        return
    if not template.description:
        yield "has no description below its title", "begin with the title, an empty line and a sentence"
    headings = [name for name in re.findall(r"(?m)^## (.+?) *$", template.readme) if name in SECTIONS]
    if headings != SECTIONS:
        yield f"has the sections {', '.join(headings) or 'of no template'}", f"order them {', '.join(SECTIONS)}"
    if not template.tags:
        yield "has no tags", "end with ## Tags and the words that people search for, in back-ticks"
    if not re.search(r"(?m)^make install\nmake train$", template.readme):
        yield "does not show the first two commands", "put `make install` and `make train` into a bash block"


def _hook(text):
    if "complete_project(" not in text:
        yield "does not complete the project", "copy the file from another template"


def _project(template):
    folder = template.project_folder
    for name in (name for name in PROJECT if not (folder / name).is_file()):
        yield name, "is missing", "add it"
    if not any(folder.glob("tests/test_*.py")):
        yield "tests", "holds no test", "add tests/test_project.py, which trains on a small file of its own"
    shared = template.root / "templates/shared/project"
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != "Makefile" and (shared / name).is_file():
            yield name, "is overwritten by the file in templates/shared/project", "delete it, or change that one"
    if not re.search(r"(?m)^train:", _read(folder / "Makefile", "train:")):
        yield "Makefile", "has no target train", "add one; `make train` works with nothing read"
    if "STAC_INDEX_ADDRESS" not in _read(folder / "pyproject.toml", "STAC_INDEX_ADDRESS"):
        yield (
            "pyproject.toml",
            "does not say where components come from",
            'write url = "STAC_INDEX_ADDRESS" in [[tool.uv.index]]',
        )
    if re.search(r"(?m)^stac-", _read(folder / "requirements.txt")):
        yield (
            "requirements.txt",
            "pins components of the catalog",
            "run `make lock`",
        )


def _menu_entry(template):
    entry = table(_menu(template), template.name)
    if entry.get("path") != f"./{template.path}":
        yield f"the menu does not lead to {template.name}", f'add "{template.name}" with "path": "./{template.path}"'
    elif not entry.get("title") or not entry.get("description"):
        yield f"{template.name} has no title or no description", "add both: people choose by them"


def _menu(place):
    try:
        return table(json.loads(_read(place.root / "cookiecutter.json", "{}")), "templates")
    except ValueError:
        return {}


def _read(file, missing=""):
    return file.read_text(encoding="utf-8") if file.is_file() else missing
