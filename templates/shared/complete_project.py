"""Completes a freshly generated project: called by every template's hook, with the standard library only."""

import json
import keyword
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SHARED = Path(__file__).parent
CATALOG = SHARED.parents[1]


def complete_project(project: Path, answers: dict) -> None:
    """Check the answers, add the shared files, and write down where the components and the template come from.

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
    record = json.dumps(origin_of(answers), indent=2, ensure_ascii=False)
    (project / ".cookiecutter.json").write_text(f"{record}\n", "utf-8")
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


def origin_of(answers: dict) -> dict:
    """Return what `make update` needs later: the template, the catalog, its commit, and the answers."""
    # The template's folder may be relative to where cookiecutter was called.
    places = [Path(base, answers["_repo_dir"]) for base in (os.environ.get("PWD", "."), answers["_output_dir"])]
    template = next(place for place in places if place.is_dir()).resolve().relative_to(CATALOG / "templates").as_posix()
    is_clone = git("rev-parse", "--show-prefix") == ""  # not part of another repository
    address = git("remote", "get-url", "origin") if is_clone else None
    changed = is_clone and git("status", "--porcelain", "--", f"templates/{template}", "templates/shared")
    return {
        "template": template,
        "catalog": without_password(address) if address and is_remote(address) else str(CATALOG),
        "commit": git("rev-parse", "--verify", "--quiet", "HEAD") if is_clone else None,
        **({"uncommitted_changes": True} if changed else {}),
        "answers": {name: value for name, value in answers.items() if not name.startswith("_")},
    }


def git(*arguments: str) -> str | None:
    """Return what git says about the catalog, None where it fails."""
    command = ["git", "--no-optional-locks", "-C", str(CATALOG), *arguments]
    try:
        run = subprocess.run(command, capture_output=True, check=False)
    except OSError:  # git is not installed
        return None
    return None if run.returncode else run.stdout.decode("utf-8", "replace").strip()


def is_remote(address: str) -> bool:
    """Tell whether others can reach the address, as in https://host/catalog.git or git@host:catalog.git."""
    return bool(re.match(r"(?!file:)\w[\w+]*://|[\w.-]+@[\w.-]+:", address))


def without_password(address: str) -> str:
    """Return an address without the account or token in it: the project's repository keeps no credentials."""
    return re.sub(r"^(https?://)[^/@]*@", r"\1", address)
