"""`catalog update`: a generated project takes over what changed in its template, by a merge in its own repository.

What the template alone would have written stands in commits of its own, on the branch `template`: one as of the
catalog's commit that the project comes from, the next as of today. Merging the second is then an ordinary merge, with
the first as common ancestor: what only the template changed is taken over, what only the project changed stays, and
what both changed is a conflict.
"""

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from catalog.model import Catalog, CatalogError, parse_toml, requirements, table
from catalog.options import RootOption
from catalog.pins import merge_pins, without_components
from catalog.rendering import RECORD, extract, questions, read_record, render, write_record

ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}  # inside a hook of git: another repository


def update(
    project: Path = Path(), /, *, base: str | None = None, to: str | None = None, root: RootOption = None
) -> int:
    """Take over in a generated project what changed in its template since.

    The project has to be in a git repository, with everything committed. The template is rendered as it was at the
    commit that the project's .cookiecutter.json names, and as it is at the catalog's HEAD, both with the stored
    answers; the difference is merged into the current branch. Nothing of the project's own is lost: where both
    changed the same lines git leaves a conflict, the files are listed, and the status is 1. Runs and ignored files
    are not touched.

    For example:

        catalog update ../leaf_shapes
        catalog update ../leaf_shapes --to v1.2
        catalog update ../leaf_shapes --base 3f2c1e0      # where .cookiecutter.json has no commit
        make update CATALOG=/path/to/catalog              # the same, in the project

    Parameters
    ----------
    project
        The project's folder; the current one when none is given.
    base
        The catalog's commit that the project comes from, in place of the one it remembers.
    to
        The catalog's commit to go to; its HEAD when none is given.
    """
    record = read_record(project.resolve())
    catalog = Catalog(root or _remembered_catalog(record))
    repository = Repository.of(project.resolve())
    repository.require_clean()
    if base is None and record.get("commit") is None:
        raise CatalogError(
            f"{RECORD} names no commit of the catalog: name the one that the project comes from, as in "
            f"`catalog update {project} --base COMMIT`; `git log` in {catalog.root} shows them."
        )
    old, new = _commit(catalog.root, base or record["commit"]), _commit(catalog.root, to or "HEAD")
    target = repository.rendering(catalog.root, new, record)
    start = repository.known_rendering(old) or repository.rendering(catalog.root, old, record, is_base=True)
    if not repository.differ(start, target):
        print(f"Nothing new in {record['template']} between {old[:9]} and {new[:9]}.")
        return 0
    if record.get("uncommitted_changes"):
        print(f"The project was made with uncommitted changes beyond {old[:9]}: they count as the project's own.")
    return _merge(repository, start, target)


@dataclass
class Rendering:
    """What the template alone writes, as a tree of the project's repository; a commit once it is one."""

    template: str
    catalog_commit: str
    tree: str
    commit: str | None = None
    new_answers: dict = field(default_factory=dict)

    def message(self, place: str) -> str:
        """Return the message that `known_rendering` finds it by."""
        return (
            f"{self.template} as of {self.catalog_commit[:9]}, nothing but the template\n\n"
            f"Catalog-Commit: {self.catalog_commit}\nProject-Folder: {place}\nRendered-Tree: {self.tree}\n"
        )


@dataclass
class Repository:
    """The git repository that a project is in."""

    root: Path
    place: str  # the project's folder in it, "." for the repository itself

    @classmethod
    def of(cls, project: Path) -> "Repository":
        run = _run_git(project, "rev-parse", "--show-toplevel")
        is_ignored = _run_git(project, "check-ignore", "--quiet", ".").returncode == 0
        if run.returncode or is_ignored:
            raise CatalogError(
                f"{project} is not in a git repository. To make it one: {_first_commit(project, init=True)}"
            )
        root = Path(run.stdout.strip()).resolve()
        return cls(root, project.relative_to(root).as_posix())

    @property
    def project(self) -> Path:
        return self.root / self.place

    @property
    def branch(self) -> str:
        """The branch of the renderings."""
        return "template" if self.place == "." else f"template-{re.sub(r'[^A-Za-z0-9_]+', '-', self.place)}"

    def git(self, *arguments: str, **environment: str) -> str:
        """Run git in the repository; what it refuses is an error."""
        run = _run_git(self.root, *arguments, **environment)
        if run.returncode:
            raise CatalogError(f"git {' '.join(arguments[:2])}: {run.stderr.strip() or run.stdout.strip() or 'failed'}")
        return run.stdout.strip()

    def has(self, reference: str) -> bool:
        return _run_git(self.root, "rev-parse", "--verify", "--quiet", reference).returncode == 0

    def require_clean(self) -> None:
        """Refuse what a merge could mix up with the changes of the template."""
        project = self.project
        if self.has("MERGE_HEAD"):
            raise CatalogError(
                f"{self.root} is in the middle of a merge: finish it (edit, `git add`, `git commit`) or go back "
                "(`git merge --abort`), then run this again."
            )
        if not self.has("HEAD") or _run_git(project, "ls-files", "--error-unmatch", RECORD).returncode:
            raise CatalogError(f"{project} is not committed yet: {_first_commit(project)}")
        if changed := self.git("status", "--porcelain", "--untracked-files=no").splitlines():
            names = ", ".join(line.split(maxsplit=1)[1] for line in changed[:3])
            more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
            raise CatalogError(
                f"{self.root} has changes that are not committed ({names}{more}): commit them (`git commit --all`) "
                "or put them aside (`git stash`), then run this again."
            )
        head = _run_git(self.root, "symbolic-ref", "--short", "HEAD").stdout.strip()
        if head in ("", self.branch):
            where = f"on the branch {head!r}, which is the template's" if head else "on no branch"
            raise CatalogError(f"{self.root} is {where}: `git switch` to the branch that is to be updated.")
        if self.has(self.branch) and not self._is_rendering(f"refs/heads/{self.branch}"):
            raise CatalogError(
                f"the branch {self.branch!r}, where the template's renderings go, holds something else: rename it, "
                f"`git branch --move {self.branch} other-name`."
            )

    def rendering(self, catalog: Path, commit: str, record: dict, is_base: bool = False) -> Rendering:
        """Render the template as of a commit of the catalog, and store it as a tree of this repository."""
        with tempfile.TemporaryDirectory() as scratch:
            extract(catalog, commit, Path(scratch, "catalog"))
            template = Path(scratch, "catalog", "templates", *record["template"].split("/"))
            if not template.is_dir():
                raise CatalogError(f"the catalog has no template {record['template']} in commit {commit[:9]}.")
            stored = {name: value for name, value in record["answers"].items() if name in questions(template)}
            address = {"stac_index": _index_address(self.project, catalog)} if "stac_index" in stored else {}
            rendered = render(template, stored | address, Path(scratch))
            answers = (read_record(rendered) if (rendered / RECORD).is_file() else record)["answers"] | stored
            added = {name: value for name, value in answers.items() if name not in record["answers"]}
            kept = {name: value for name, value in record.items() if name != "uncommitted_changes"}
            write_record(rendered, record if is_base else {**kept, "commit": commit, "answers": answers})
            if is_base:  # as it stands there, so that it is no difference
                (rendered / RECORD).write_bytes((self.project / RECORD).read_bytes())
            tree = self._store(rendered, Path(scratch))
        return Rendering(record["template"], commit, tree, new_answers=added)

    def _store(self, rendered: Path, scratch: Path) -> str:
        """Store a folder as a tree, under the project's place, without a look at the working tree or the index."""
        top = scratch / "tree"
        (top / self.place).parent.mkdir(parents=True, exist_ok=True)
        rendered.rename(top / self.place)
        git_folder = self.git("rev-parse", "--absolute-git-dir")
        there = ("-C", str(top), f"--git-dir={git_folder}", f"--work-tree={top}")
        index = {"GIT_INDEX_FILE": str(scratch / "index")}
        self.git(*there, "add", "--all", "--force", ".", **index)
        return self.git(*there, "write-tree", **index)

    def known_rendering(self, catalog_commit: str) -> Rendering | None:
        """Find the rendering of that commit which the current branch has merged before."""
        wanted = [f"--grep=Catalog-Commit: {catalog_commit}", f"--grep=Project-Folder: {self.place}"]
        found = self.git("log", "--format=%H", "--fixed-strings", "--all-match", *wanted, "HEAD").split()
        commit = next((commit for commit in found if self._is_rendering(commit)), None)
        return commit and Rendering("", catalog_commit, self.git("rev-parse", f"{commit}^{{tree}}"), commit)

    def _is_rendering(self, commit: str) -> bool:
        """Whether a commit is a rendering and nothing else, whatever was squashed or committed upon it."""
        tree, _, message = self.git("log", "-1", "--format=%T%n%B", commit).partition("\n")
        return f"Rendered-Tree: {tree}" in message

    def differ(self, start: Rendering, target: Rendering) -> bool:
        record = (Path(self.place) / RECORD).as_posix()
        return bool(self.git("diff-tree", "-r", "--name-only", start.tree, target.tree, "--", ".", f":!{record}"))

    def commit_rendering(self, rendering: Rendering, *parents: str) -> str:
        options = [part for parent in parents for part in ("-p", parent)]
        return self.git("commit-tree", rendering.tree, *options, "-m", rendering.message(self.place))

    def remember_as_merged(self, commit: str) -> None:
        """Make a commit an ancestor of the current branch, whose files stay as they are."""
        head = self.git("rev-parse", "HEAD")
        message = "Remember which template this project was made from"
        merge = self.git("commit-tree", f"{head}^{{tree}}", "-p", head, "-p", commit, "-m", message)
        self.git("update-ref", "-m", message, "HEAD", merge, head)

    def text(self, commit: str, name: str) -> str | None:
        """A file of the project as of a commit."""
        run = _run_git(self.root, "show", f"{commit}:{(Path(self.place) / name).as_posix()}")
        return None if run.returncode else run.stdout


def _merge(repository: Repository, start: Rendering, target: Rendering) -> int:
    """Commit the renderings, merge, and say what is to be done; every step can be the last one of a run."""
    if start.commit is None:
        start.commit = repository.commit_rendering(start)
        repository.remember_as_merged(start.commit)
    target.commit = repository.commit_rendering(target, start.commit)
    repository.git("update-ref", "-m", "catalog update", f"refs/heads/{repository.branch}", target.commit)
    before = repository.git("rev-parse", "HEAD")
    message = f"Take over what changed in {target.template} until {target.catalog_commit[:9]}"
    merged = _run_git(repository.root, "merge", "--quiet", "--no-ff", "--no-commit", "-m", message, repository.branch)
    if not repository.has("MERGE_HEAD"):  # git did not even begin, for example because of an untracked file in the way
        raise CatalogError(f"no file was changed: {merged.stderr.strip() or merged.stdout.strip()}")
    repinned = _settle_pins(repository, start.commit, before, target.commit)
    conflicts = repository.git("diff", "--name-only", "--diff-filter=U", "-z").split("\0")
    conflicts = sorted(name for name in conflicts if name)
    if conflicts:
        return _tell_conflicts(repository, conflicts)
    finished = _run_git(repository.root, "commit", "--quiet", "--no-edit")
    if finished.returncode:
        reason = finished.stderr.strip() or finished.stdout.strip()
        raise CatalogError(f"all is merged, but `git commit` refused: {reason} Mend it, then `git commit`.")
    changed = repository.git("diff", "--name-status", before, "HEAD").splitlines()
    print(f"Took over {start.catalog_commit[:9]} → {target.catalog_commit[:9]} of {target.template}:")
    print("\n".join(f"  {line}" for line in changed))
    for name, value in target.new_answers.items():
        print(f"A new question was answered by default: {name} = {value}")
    if repinned:
        print("The components are pinned anew by the next `make install`.")
    print("Now: make install test")
    return 0


def _settle_pins(repository: Repository, base: str, ours: str, theirs: str) -> bool:
    """Merge requirements.txt package by package; tell whether the components' pins were dropped.

    It is written by a program, and lines of hashes that stand side by side would be conflicts that nobody can solve.
    Where the template's packages changed, the components' pins go: the next install pins what fits together.
    """
    name = "requirements.txt"
    versions = [repository.text(commit, name) for commit in (base, ours, theirs)]
    if None in versions:
        return False
    merged = merge_pins(*versions)
    needs = [_needs(repository.text(commit, "pyproject.toml")) for commit in (base, theirs)]
    is_changed = merged != versions[1] or needs[0] != needs[1]
    settled = without_components(merged) if is_changed else versions[1]
    file = repository.project / name
    file.write_text(settled, encoding="utf-8")
    repository.git("add", "--", str(file))
    return settled != merged


def _needs(pyproject: str | None) -> object:
    """What a pyproject.toml asks for, in a form to compare; the text itself where it cannot be read."""
    try:
        return requirements(parse_toml(pyproject or "", "pyproject.toml"))
    except CatalogError:
        return pyproject


def _tell_conflicts(repository: Repository, conflicts: list[str]) -> int:
    here = f"-C {repository.root} " if repository.root != Path.cwd() else ""
    print(f"Merged, but the template and the project changed the same lines in {len(conflicts)} of the files:")
    print("\n".join(f"  {name}" for name in conflicts))
    print(f"Go on: edit them, `git {here}add {' '.join(conflicts)}`, `git {here}commit`.")
    print(f"Or go back: `git {here}merge --abort`.")
    return 1


def _remembered_catalog(record: dict) -> Path | None:
    """The catalog that a project remembers, unless the current folder is in one."""
    folder = Path(str(record.get("catalog", "")))
    here = [Path.cwd(), *Path.cwd().parents]
    return folder if folder.is_dir() and not any((each / "templates/shared").is_dir() for each in here) else None


def _commit(catalog: Path, name: str) -> str:
    run = _run_git(catalog, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if run.returncode:
        raise CatalogError(f"{catalog} has no commit {name!r}: `git fetch` there, or name another one with --base.")
    return run.stdout.strip()


def _index_address(project: Path, catalog: Path) -> str:
    """Where the project takes components from now: its renderings say the same, so that this is no difference."""
    file = project / "pyproject.toml"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    indexes = table(parse_toml(text, str(file)), "tool", "uv").get("index", [])
    addresses = [index.get("url") for index in indexes if index.get("name") == "stac"]
    return addresses[0] if addresses else (catalog / "dist" / "index").as_uri()


def _first_commit(project: Path, init: bool = False) -> str:
    start = "git init && " if init else ""
    return f'cd {project} && {start}git add --all && git commit -m "As the template made it"'


def _run_git(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    try:
        return subprocess.run(
            ["git", "-c", "core.quotePath=false", "-C", str(folder), *arguments],
            env=inherited | {"LC_ALL": "C"} | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
    except OSError as error:
        raise CatalogError(f"git could not be run: {error}") from None
