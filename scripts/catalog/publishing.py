"""`catalog publish`: brings a package index up to the state of the repository."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from pathlib import Path
from time import perf_counter

from catalog.building import build_files, in_build_order, with_progress
from catalog.model import Catalog, CatalogError, Component, stac_names
from catalog.options import RootOption
from catalog.pinning import with_needs
from catalog.remote_index import CONNECTIONS, Access, NotAccepted, PublishedFile, RemoteIndex
from catalog.wheels import platform_of, wheel_difference

NEW = "would be uploaded"
BAD = ("refused", "failed", "held back")
OUTCOMES = ("uploaded", NEW, "there already", *BAD)


def publish(
    names: tuple[str, ...] = (),
    /,
    *,
    dry_run: bool = False,
    index_url: str | None = None,
    upload_url: str | None = None,
    root: RootOption = None,
) -> int:
    """Bring the package index up to the state of the repository.

    Every component whose version the index lacks is built, installed into an empty environment, imported, uploaded
    and verified there, in the order in which they need each other; one with compiled code for every platform that it
    names, and as source, of which the wheel for this machine is tried. What the index has is left alone; other content
    under a version that the index has is refused before anything is uploaded. The index alone tells what is left to
    do, so that an interrupted run is simply started again.

    STAC_INDEX_USERNAME and STAC_INDEX_PASSWORD say who uploads; the password is never given as an option.

    For example:

        STAC_INDEX_URL=https://index.example/simple/ catalog publish --dry-run
        catalog publish minirocket --index-url http://127.0.0.1:8765/simple/

    Parameters
    ----------
    names
        Components by name, distribution or folder, published with all that they need; every one when none is named.
    dry_run
        Tell what would happen, and upload nothing.
    index_url
        The simple address of the index, which installers use; STAC_INDEX_URL when it is not given.
    upload_url
        Where uploads go, when it is not the address before /simple/; STAC_INDEX_UPLOAD_URL when it is not given.
    """
    started = perf_counter()
    catalog = Catalog(root)
    index = RemoteIndex(Access.from_environment(index_url, upload_url))
    releases = compare(catalog, names, index)
    if any(release.outcome == "refused" for release in releases):
        show([release for release in releases if release.outcome == "refused"])
        print(f"Nothing was uploaded. {summary(releases, started)}: {index.access.simple}")
        return 1
    upload_new(releases, index, catalog, dry_run=dry_run)
    print(f"{summary(releases, started)}: {index.access.simple}")
    return int(any(release.outcome in BAD for release in releases))


@dataclass
class Release:
    """A component on its way to the index."""

    component: Component
    files: list[Path] = field(default_factory=list)  # a wheel; of compiled code one for each platform, and the sources
    missing: list[Path] = field(default_factory=list)  # those that the index lacks
    outcome: str = NEW  # what became of it so far
    reason: str = ""

    @property
    def own_wheel(self) -> Path | None:
        """The wheel that this machine can install."""
        return next((file for file in self.files if platform_of(file.name) == self.component.own_platform), None)


def compare(catalog: Catalog, names: tuple[str, ...], index: RemoteIndex) -> list[Release]:
    """Build what has changed and find what the index has of it; nothing there is changed."""
    wanted = {component.distribution for component in catalog.select(names)}
    needed = with_needs(wanted, catalog) if names else wanted
    ordered = in_build_order([component for component in catalog.components if component.distribution in needed])
    if not ordered:
        return []
    index.files(ordered[0].distribution)  # a wrong address or password is found here, once
    pool = ThreadPoolExecutor(CONNECTIONS)
    try:
        pages = ask_for_pages(ordered, index, pool)  # while wheels are built
        releases = [build(component, catalog) for component in with_progress(ordered, "building")]
        list(pool.map(partial(compare_one, index), releases, pages))
    finally:
        pool.shutdown(cancel_futures=True)
    return releases


def ask_for_pages(
    components: list[Component], index: RemoteIndex, pool: ThreadPoolExecutor
) -> Iterable[dict[str, PublishedFile]]:
    """Return what the index has of each component: from one page of everything where there is one, or from its own."""
    # Should a page of everything lack something, its upload is answered with "taken", and compared then.
    if len(components) > 10 and (everything := index.all_files()):
        return repeat(everything, len(components))
    return pool.map(index.files, [component.distribution for component in components])


def build(component: Component, catalog: Catalog) -> Release:
    try:
        files = build_files(component, catalog.root / "dist" / "wheels", all_platforms=True)[0]
        return Release(component, files, files)
    except CatalogError as error:
        return Release(component, outcome="failed", reason=str(error))


def compare_one(index: RemoteIndex, release: Release, published: dict[str, PublishedFile]) -> None:
    """Find out which of the files the index has, or others under their names."""
    if release.outcome == "failed":
        return
    release.missing = [file for file in release.files if file.name not in published]
    for file in release.files:
        if file in release.missing:
            continue
        content, theirs = file.read_bytes(), published[file.name]
        # Another version of the build tool packs the same content into other bytes: only then is the file fetched.
        differing = [] if theirs.is_exactly(content) else wheel_difference(content, index.download(theirs))
        if differing:
            more = f" and {len(differing) - 1} more" if differing[1:] else ""
            release.outcome = "refused"
            release.reason = (
                f"the index has other content under this version (it differs in {differing[0]}{more}): raise the "
                f"version in {release.component.path}/pyproject.toml and add an entry to CHANGELOG.md"
            )
            return
    if not release.missing:
        release.outcome = "there already"


def upload_new(releases: list[Release], index: RemoteIndex, catalog: Catalog, *, dry_run: bool) -> None:
    """Try, upload and verify what the index lacks, and hold back what needs something that failed."""
    failed: set[str] = set()
    by_name = {release.component.distribution: release for release in releases}
    waiting = [release.component for release in releases if release.outcome != "there already"]
    width = max([len(component.distribution) for component in waiting], default=0)
    for component in with_progress(waiting, "publishing"):
        release = by_name[component.distribution]
        missing = failed & stac_names({"": component.requirements["dependencies"]})
        if missing:
            release.outcome, release.reason = "held back", f"it needs {min(missing)}, which is not published"
        elif release.outcome != "failed" and not dry_run:
            publish_one(release, index, catalog)
        if release.outcome in BAD:
            failed.add(component.distribution)
        show([release], width)


def publish_one(release: Release, index: RemoteIndex, catalog: Catalog) -> None:
    """Install and import what this machine can; upload and verify each file; what fails is noted in the release."""
    try:
        if release.own_wheel:
            try_out(release, index.access, catalog)
        taken = [file for file in release.missing if not index.upload(file)]
        if not taken:
            release.outcome = "uploaded"
            verify(release, index)
        else:  # another run was faster
            compare_one(index, release, index.files(release.component.distribution))
            if release.outcome == NEW:
                raise NotAccepted("the index says that it has this version, but does not list it")
    except NotAccepted as error:
        release.outcome, release.reason = "failed", str(error)


def try_out(release: Release, access: Access, catalog: Catalog) -> None:
    """Install the wheel into an empty environment and import it there; what it needs is in the index by now."""
    # What is tried is other people's code as well: it gets no password. uv needs one to read what is not public.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("STAC_INDEX_")}
    login = {"UV_INDEX_PUBLISHED_USERNAME": access.username, "UV_INDEX_PUBLISHED_PASSWORD": access.password}
    indexes = {
        # The first index that knows a name is the only one asked for it, so that nobody else's package comes in.
        "UV_INDEX": f"published={access.simple} {os.environ.get('UV_INDEX', '')}".strip(),
        "UV_INDEX_STRATEGY": "first-index",
        **(login if access.username else {}),
    }
    # uv remembers for minutes which versions an index has: it must see those that were uploaded just now.
    needed = with_needs([release.component.distribution], catalog)
    fresh = [f"--refresh-package={name}" for name in sorted(needed)]
    with tempfile.TemporaryDirectory(prefix="catalog-publish-") as folder:
        python = Path(folder, "env", "Scripts" if os.name == "nt" else "bin", "python")
        run(["uv", "venv", "--quiet", "--python", sys.executable, "env"], "has no empty environment", folder, plain)
        install = ["uv", "pip", "install", "--quiet", "--python", python, *fresh, release.own_wheel]
        run(install, "cannot be installed", folder, plain | indexes)
        run([python, "-I", "-c", f"import {release.component.package}"], "cannot be imported", folder, plain)


def run(command: list, failure: str, folder: str, environment: dict[str, str]) -> None:
    try:
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=900)
    except FileNotFoundError:
        raise CatalogError(f"{command[0]} is not on PATH: install it, wheels are tried out with it.") from None
    except subprocess.TimeoutExpired:
        raise NotAccepted(f"{failure}: it took more than 15 minutes") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or [f"status {error.returncode}"]
        said = lines[-1] if command[0] != "uv" else " ".join(" ".join(lines).replace("╰─▶", "").split())
        raise NotAccepted(f"{failure}: {said[:500]}") from None


def verify(release: Release, index: RemoteIndex) -> None:
    """Make sure that the index lists what was uploaded and hands it out as it is."""
    published = index.files(release.component.distribution)
    for file in release.missing:
        listed = published.get(file.name)
        if listed is None:
            raise NotAccepted("it was uploaded, but the index does not list it")
        theirs = index.download(listed)
        if differing := wheel_difference(file.read_bytes(), theirs):
            raise NotAccepted(f"the index hands out other content than was uploaded (it differs in {differing[0]})")
        if listed.hashes and not listed.is_exactly(theirs):
            raise NotAccepted("the index lists it with the hash of something else")


def show(releases: list[Release], width: int = 0) -> None:
    """Print one line for each; what the index has already is only counted."""
    width = width or max([len(release.component.distribution) for release in releases], default=0)
    for release in releases:
        name, reason = release.component.distribution, " ".join(release.reason.split())
        outcome = f"{release.outcome}: {reason}" if reason else release.outcome
        print(f"{name:{width}}  {release.component.version:7}  {outcome}", flush=True)


def summary(releases: list[Release], started: float) -> str:
    """Count the outcomes: `2 uploaded, 78 there already, 3.1 s`."""
    found = [release.outcome for release in releases]
    counts = [f"{found.count(outcome)} {outcome}" for outcome in OUTCOMES if outcome in found]
    return ", ".join([*counts, f"{perf_counter() - started:.1f} s"])
