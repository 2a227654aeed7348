"""`catalog bake`: makes a project from a template in place, to try the template and to edit it as what it becomes.

dist/baked/<slug> is the project that its author edits; dist/baked/.rendered/<slug> keeps what the template had written
there, so that `catalog carry-back` can tell the author's edits.
"""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from catalog.model import Catalog, CatalogError, Template
from catalog.options import RootOption
from catalog.rendering import RECORD, questions, read_record, render

BAKED = "dist/baked"


def bake(
    name: str,
    /,
    *,
    answers: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    force: bool = False,
    root: RootOption = None,
) -> int:
    """Make a project from a template in dist/baked, to try the template and to edit it in place.

    The components come from dist/index (`make index`). Baking again renews the files and keeps what is ignored by git,
    such as the environment and the runs; edits that were not carried back yet are never overwritten.

    For example:

        catalog bake time-series-classification/minirocket
        make -C dist/baked/leaf_shapes install train
        catalog bake minirocket --answers project_name="Oak leaves" stac_index=https://index.example

    Parameters
    ----------
    name
        The template: problem and technique, or the technique alone.
    answers
        Answers to the template's questions, as key=value; the rest by default.
    force
        Drop edits that were not carried back.
    """
    catalog = Catalog(root)
    template = catalog.template(name)
    with tempfile.TemporaryDirectory() as scratch:
        fresh = render(template.root / template.path, _parse_answers(template, answers), Path(scratch))
        baked = Baked(catalog, fresh.name)
        if baked.folder.exists():
            _refuse_to_lose(baked, template, fresh, force)
        _renew(baked, fresh)
    shown = baked.folder.relative_to(catalog.root)
    print(f"{template.name} is baked into {shown}. Now:\n")
    for command in (f"make -C {shown} install train", f"catalog carry-back {shown}"):
        print(f"  {command}")
    print("\nEdit the project until it is right; carry-back shows what that means for the template.")
    return 0


@dataclass
class Baked:
    """A baked project, and what the template had written when it was baked."""

    catalog: Catalog
    slug: str

    @property
    def folder(self) -> Path:
        return self.catalog.root / BAKED / self.slug

    @property
    def rendered(self) -> Path:
        return self.catalog.root / BAKED / ".rendered" / self.slug

    @property
    def answers(self) -> dict:
        return read_record(self.rendered)["answers"]

    def files(self) -> set[str]:
        """The project's files, without those that its .gitignore names."""
        with tempfile.TemporaryDirectory() as scratch:
            run_git("init", "--quiet", "--bare", scratch)
            where = (f"--git-dir={scratch}", f"--work-tree={self.folder}")
            listed = run_git("-C", str(self.folder), *where, "ls-files", "--others", "--exclude-standard", "-z").stdout
        return {name for name in listed.decode(errors="surrogateescape").split("\0") if name}


def find_baked(catalog: Catalog, name: str) -> tuple[Baked, Template]:
    """Find the baked project of a template, or the one in a folder."""
    rendered = sorted(path.parent for path in (catalog.root / BAKED / ".rendered").glob(f"*/{RECORD}"))
    rendered = [folder for folder in rendered if (catalog.root / BAKED / folder.name).is_dir()]
    found = {folder.name: read_record(folder)["template"] for folder in rendered}
    slug = name.rstrip("/").removeprefix(f"{BAKED}/")
    if slug in found:
        return Baked(catalog, slug), catalog.template(found[slug])
    template = catalog.template(name)
    slugs = [slug for slug, made_from in found.items() if made_from == template.name]
    if not slugs:
        raise CatalogError(f"{template.name} is not baked: catalog bake {template.name}")
    if len(slugs) > 1:
        folders = " or ".join(f"catalog carry-back {BAKED}/{slug}" for slug in slugs)
        raise CatalogError(f"{template.name} is baked several times; say which: {folders}")
    return Baked(catalog, slugs[0]), template


def _parse_answers(template: Template, answers: tuple[str, ...]) -> dict[str, str]:
    known = questions(template.root / template.path)
    parsed = {}
    for answer in answers:
        name, equals, value = answer.partition("=")
        if not equals or name not in known:
            raise CatalogError(f"{answer!r} is no answer: write key=value, with one of {', '.join(known)}.")
        parsed[name] = value
    return parsed


def _refuse_to_lose(baked: Baked, template: Template, fresh: Path, force: bool) -> None:
    """End with a sentence where baking would overwrite somebody's work."""
    from catalog.carrying import find_changes

    shown = f"{BAKED}/{baked.slug}"
    if not (baked.rendered / RECORD).is_file():
        raise CatalogError(f"{shown} was not made by `catalog bake`: move it away.")
    made_from = read_record(baked.rendered)["template"]
    if made_from != template.name:
        raise CatalogError(f"{shown} is made from {made_from}: give another --answers project_slug=… or delete it.")
    changes = [] if force else find_changes(baked, template, fresh)
    if changes:
        names = ", ".join(change.name for change in changes[:3])
        raise CatalogError(
            f"{shown} has edits that are not in the template ({names}): `catalog carry-back {shown}` shows them, "
            "--force drops them."
        )


def _renew(baked: Baked, fresh: Path) -> None:
    """Bring the baked project to the fresh rendering; what the template never wrote stays."""
    for name in files_below(baked.rendered) - files_below(fresh):
        (baked.folder / name).unlink(missing_ok=True)
    for name in files_below(fresh):
        text, target = (fresh / name).read_bytes(), baked.folder / name
        is_settled = name == "requirements.txt" and target.is_file() and read(baked.rendered / name) == text
        if not is_settled and read(target) != text:  # an installed project has pinned the components, too
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(fresh / name, target)
    unfinished = baked.rendered.with_name(f".{baked.slug}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(fresh, unfinished)
    shutil.rmtree(baked.rendered, ignore_errors=True)
    unfinished.replace(baked.rendered)


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def read(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def run_git(*arguments: str, accepted: range = range(1)) -> subprocess.CompletedProcess[bytes]:
    try:
        run = subprocess.run(["git", *arguments], capture_output=True, check=False)
    except OSError as error:
        raise CatalogError(f"git could not be run: {error}") from None
    if run.returncode not in accepted:
        raise CatalogError(f"git {arguments[0]}: {run.stderr.decode(errors='replace').strip()}")
    return run
