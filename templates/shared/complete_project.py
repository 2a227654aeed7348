"""Completes a freshly generated project: called by every template's hook, with the standard library only."""

import keyword
import re
import shutil
import sys
from pathlib import Path

SHARED = Path(__file__).parent
CATALOG = SHARED.parents[1]


def complete_project(project: Path, answers: dict) -> None:
    """Check the answers, add the shared files, and write down where the components come from.

    A wrong answer ends the hook with one sentence; cookiecutter then removes the project.
    """
    complaint = complaint_about_name(answers["project_name"]) or complaint_about_slug(answers["project_slug"])
    if complaint:
        sys.exit(complaint)
    index = index_address(answers["stac_index"])
    targets = (project / "Makefile").read_text("utf-8")  # those of this template alone
    shutil.copytree(SHARED / "project", project, dirs_exist_ok=True)
    fill_in(project / "Makefile", "TARGETS_OF_THE_TEMPLATE", targets.rstrip())
    fill_in(project / "pyproject.toml", "STAC_INDEX_ADDRESS", index)
    print(f"\nCreated {project.name}. Now:\n\n  cd {project}\n  make install\n  make train\n")


def fill_in(file: Path, mark: str, text: str) -> None:
    """Replace a mark in a file."""
    file.write_text(file.read_text("utf-8").replace(mark, text), "utf-8")


def complaint_about_name(name: str) -> str | None:
    """Return what is wrong with the project's name, if anything."""
    if not re.fullmatch(r"\w[\w .,()+-]{2,79}", name):
        return (
            f"The project name {name!r} cannot be used: give 3 to 80 letters, digits, spaces or . , ( ) + - _, "
            'beginning with a letter or digit, such as "Leaf shapes".'
        )
    return None


def complaint_about_slug(slug: str) -> str | None:
    """Return what is wrong with the folder's name, if anything."""
    if not slug.isidentifier() or keyword.iskeyword(slug) or slug != slug.lower() or len(slug) < 3:
        suggestion = re.sub(r"\W+", "_", slug.lower()).strip("_")
        suggestion = suggestion if len(suggestion) > 2 and not keyword.iskeyword(suggestion) else "leaf_shapes"
        suggestion = suggestion if suggestion.isidentifier() else f"project_{suggestion}"
        return (
            f"project_slug={slug!r} is no Python identifier of at least three lower-case letters, digits and _: "
            f"give another, such as project_slug={suggestion}."
        )
    return None


def index_address(answer: str) -> str:
    """Return the address of the components' index, or end with a sentence where there is none."""
    if re.match(r"(https?|file)://", answer):
        return answer
    folder = CATALOG / "dist" / "index" if answer == "local" else Path(answer).expanduser()
    if not folder.is_absolute():
        sys.exit(f"stac_index={answer!r} is a relative folder: give an absolute one, an address, or 'local'.")
    if not (folder / "index.html").is_file():
        fix = f"run 'make index' in {CATALOG}" if answer == "local" else "build it with 'make index'"
        sys.exit(f"There is no index of components in {folder}: {fix}, or give your team's address as stac_index.")
    return folder.resolve().as_uri()
