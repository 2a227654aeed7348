"""`catalog carry-back`: what the edits of a baked project mean for its template's own files.

Each file is a merge of three: from what was rendered, to the edited file on one side, and to the template's own file on
the other, whose `{{ cookiecutter... }}` count as changes of that side.
"""

import difflib
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from catalog.baking import BAKED, Baked, files_below, find_baked, read, run_git
from catalog.model import Catalog, CatalogError, Template
from catalog.options import RootOption
from catalog.rendering import RECORD, render

SHARED = "templates/shared/project"
TARGETS = b"TARGETS_OF_THE_TEMPLATE"  # where the shared Makefile takes in the template's own
MADE_BY_PROGRAMS = {RECORD, "requirements.txt"}
BETWEEN = b"\x1e\n"  # put between any two lines, so that changes of neighbouring lines do not meet
BRACES = re.compile(rb"\{[{%#]")
COLOURS = {"+": "\033[32m", "-": "\033[31m", "@": "\033[36m"}


def carry_back(name: str, /, *, apply: bool = False, root: RootOption = None) -> int:
    """Show what the edits of a baked project mean for its template's own files; with --apply, write it.

    Lines with `{{ cookiecutter... }}` stay as they are in the template unless they were edited. Files that all
    templates share are carried back to templates/shared. Where the edited lines hold variables in the template, or
    changed there meanwhile, there is a conflict: the template's file stays, the merged one with its marks is laid
    beside the project, and the status is 1. Deleted files are only named; requirements.txt is left to `make lock`.

    For example:

        catalog carry-back time-series-classification/minirocket
        catalog carry-back minirocket --apply
        catalog carry-back dist/baked/oak_leaves --apply

    Parameters
    ----------
    name
        The template, or the folder of the baked project where there are several of one template.
    apply
        Write the files.
    """
    catalog = Catalog(root)
    baked, template = find_baked(catalog, name)
    with tempfile.TemporaryDirectory() as scratch:
        fresh = render(template.root / template.path, baked.answers, Path(scratch))
        changes = find_changes(baked, template, fresh)
        clean = [change for change in changes if change.new is not None and not change.conflict]
        _show(changes)
        if clean:
            _try_out(baked, template, fresh, clean, Path(scratch, "catalog"))
    conflicts = [change for change in changes if change.conflict]
    for change in conflicts:
        copy = _keep_conflict(baked, change)
        print(f"conflict: {change.path} stays. The merged file, with marks, is {copy}:")
        print(f"  edit that, copy it over '{change.path}', and bake again.")
    if apply:
        _write(baked, clean)
    elif clean:
        print(f"Nothing is written yet: catalog carry-back {name} --apply")
    if not changes:
        print(f"{template.name} says the same as {BAKED}/{baked.slug}: nothing to carry back.")
    return 1 if conflicts else 0


@dataclass
class Change:
    """What happens to one file of the template."""

    name: str  # in the project
    path: str  # in the catalog
    old: bytes | None  # None: it is new
    new: bytes | None  # None: the project has deleted it
    conflict: bool = False
    notes: list[str] = field(default_factory=list)


def find_changes(baked: Baked, template: Template, fresh: Path) -> list[Change]:
    """Compare the edited project with what the template wrote, and find what its own files have to become."""
    changes = []
    for name in sorted((baked.files() | files_below(baked.rendered)) - MADE_BY_PROGRAMS):
        base, edited = read(baked.rendered / name), read(baked.folder / name)
        if edited in (base, read(fresh / name)):
            continue  # untouched, or in the template already
        if name == "Makefile" and edited is not None and base is not None:
            changes += _carry_makefile(template, base, edited)
        else:
            path = _source(template, name, baked.answers)
            old = read(template.root / path)
            changes.append(Change(name, path, old, *_merge(old, base, edited)))
    for change in changes:
        change.notes = _notes(change, baked.answers)
    return [change for change in changes if change.new != change.old or change.conflict]


def _carry_makefile(template: Template, base: bytes, edited: bytes) -> list[Change]:
    """The project's Makefile is the shared one with the template's own targets in it: merge both, and part them."""
    paths = [f"{SHARED}/Makefile", f"{template.path}/{template.project_folder.name}/Makefile"]
    shared, own = (read(template.root / path) or b"" for path in paths)
    begin, end = b"# >>> begin of the template's own\n", b"# <<< end of the template's own\n"
    merged, conflict = _merge(shared.replace(TARGETS + b"\n", begin + own.rstrip() + b"\n" + end), base, edited)
    if conflict or merged is None:
        return [Change("Makefile", f"{paths[0]} or {paths[1]}", shared, merged, conflict=True)]
    before, _, rest = merged.partition(begin)
    targets, _, after = rest.partition(end)
    parts = (before + TARGETS + b"\n" + after, targets.rstrip() + b"\n")
    return [Change("Makefile", path, old, new) for path, old, new in zip(paths, (shared, own), parts, strict=True)]


def _merge(ours: bytes | None, base: bytes | None, theirs: bytes | None) -> tuple[bytes | None, bool]:
    """Merge one file line by line; return it, and whether there are conflicts marked in it."""
    if theirs is None:
        return None, False
    if ours is None or base is None:  # a new file; or the template lost it, or got one of that name, meanwhile
        return _keep_braces(theirs, b""), ours is not base
    if any(b"\0" in text for text in (ours, base, theirs)):
        return theirs, ours != base
    with tempfile.TemporaryDirectory() as scratch:
        names = ("the template", "as it was rendered", "the edited project")
        files = [Path(scratch, name) for name in names]
        for file, text in zip(files, (ours, base, _keep_braces(theirs, base)), strict=True):
            file.write_bytes(b"".join(line + BETWEEN for line in text.splitlines(keepends=True)))
        run = run_git("merge-file", "-p", *(f"-L{name}" for name in names), *map(str, files), accepted=range(128))
    return run.stdout.replace(BETWEEN, b""), run.returncode != 0


def _keep_braces(text: bytes, base: bytes) -> bytes:
    """Write `{{`, `{%` and `{#` in the edited lines so that rendering leaves them as they are."""
    if b"\0" in text:
        return text
    untouched = set(base.splitlines(keepends=True))
    lines = text.splitlines(keepends=True)
    return b"".join(line if line in untouched else BRACES.sub(rb"{{ '\g<0>' }}", line) for line in lines)


def _notes(change: Change, answers: dict) -> list[str]:
    """Point at new lines that hold an answer of this one project."""
    if change.new is None or change.conflict or b"\0" in change.new:
        return []
    old = set((change.old or b"").decode(errors="replace").splitlines())
    lines = enumerate(change.new.decode(errors="replace").splitlines(), start=1)
    return [
        f"line {number} holds {answers[name]!r}: should it be {{{{ cookiecutter.{name} }}}}?"
        for number, line in lines
        for name in ("project_name", "project_slug")
        if line not in old and answers.get(name) and answers[name] in line
    ]


def _show(changes: list[Change]) -> None:
    """Print a unified diff of the template's own files, in colours on a terminal."""
    colours = COLOURS if sys.stdout.isatty() and not os.getenv("NO_COLOR") else {}
    for change in changes:
        if change.new is None:
            print(f"deleted: {change.name}; if the template is to lose it, too: git rm '{change.path}'")
            continue
        texts = [(text or b"").decode(errors="replace").splitlines() for text in (change.old, change.new)]
        before = "/dev/null" if change.old is None else f"a/{change.path}"
        for line in difflib.unified_diff(*texts, before, f"b/{change.path}", lineterm=""):
            colour = colours.get(line[0])
            print(f"{colour}{line}\033[0m" if colour else line)
        if change.path.startswith(SHARED):
            print(f"note: {change.path} is shared: the projects of all templates change with it")
        for note in change.notes:
            print(f"note: {change.path}: {note}")


def _try_out(baked: Baked, template: Template, fresh: Path, changes: list[Change], scratch: Path) -> None:
    """Render a copy of the changed template: what comes out has to be what was edited."""
    for part in (template.path, "templates/shared"):
        if (template.root / part).is_dir():
            shutil.copytree(template.root / part, scratch / part)
    for change in changes:
        (scratch / change.path).parent.mkdir(parents=True, exist_ok=True)
        (scratch / change.path).write_bytes(change.new or b"")
    index = (template.root / "dist" / "index").as_uri()  # the copy has none of its own
    answers = baked.answers | ({"stac_index": index} if baked.answers.get("stac_index") == "local" else {})
    try:
        rendered = render(scratch / template.path, answers, scratch)
    except CatalogError as error:
        raise CatalogError(f"with these changes the template cannot be rendered: {error}") from None
    for name in sorted({change.name for change in changes}):
        is_as_baked = read(fresh / name) == read(baked.rendered / name)  # else the template has changed meanwhile
        if is_as_baked and read(rendered / name) != read(baked.folder / name):
            raise CatalogError(f"{name} would not come out of the template as it was edited: carry it back by hand.")


def _write(baked: Baked, changes: list[Change]) -> None:
    """Write the template's files; what they say counts as rendered from now on."""
    for change in changes:
        target, edited = baked.catalog.root / change.path, baked.folder / change.name
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f"{target.name}.unfinished")
        unfinished.write_bytes(change.new or b"")
        shutil.copymode(target if target.exists() else edited, unfinished)
        unfinished.replace(target)
        base = baked.rendered / change.name
        base.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(edited, base)
        print(f"wrote {change.path}")


def _keep_conflict(baked: Baked, change: Change) -> str:
    copy = baked.catalog.root / BAKED / ".conflicts" / baked.slug / change.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(change.new or b"")
    return copy.relative_to(baked.catalog.root).as_posix()


def _source(template: Template, name: str, answers: dict) -> str:
    """Where a file of the project comes from in the catalog, or would: shared, or the template's own."""
    if (template.root / SHARED / name).is_file():
        return f"{SHARED}/{name}"
    folder = template.project_folder
    with_variables = {each for each in files_below(folder) if "{{" in each}
    own = {_render_name(each, answers): each for each in with_variables}
    return f"{template.path}/{folder.name}/{own.get(name, name)}"


def _render_name(name: str, answers: dict) -> str:
    from cookiecutter.environment import StrictEnvironment

    return StrictEnvironment(context={"cookiecutter": answers}).from_string(name).render(cookiecutter=answers)
