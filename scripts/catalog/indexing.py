"""`catalog index`: a static package index in a folder, the private index that needs no server."""

import hashlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.files import write_whole
from catalog.model import Catalog, CatalogError
from catalog.options import RootOption
from catalog.wheels import parse_metadata, read_metadata

if TYPE_CHECKING:
    from packaging.version import Version

PAGE = """<!DOCTYPE html>
<html>
<head><meta charset="utf-8"><meta name="pypi:repository-version" content="1.0"><title>{title}</title></head>
<body>
<h1>{title}</h1>
{links}
</body>
</html>
"""


def index(*, output: Path = Path("dist/index"), root: RootOption = None) -> int:
    """Publish the wheels of dist/wheels into a static index, a plain folder.

    Versions that are in the index already stay there, as do wheels for other platforms. A wheel whose content changed
    under the same version is replaced, and one line says so: right for a folder on one's own machine, never for an
    index others use.

    For example:

        catalog index
        uv pip install --index file:///path/to/repository/dist/index stac-minirocket
        pip install --index-url file:///path/to/repository/dist/index stac-minirocket
        python -m http.server --directory dist/index 8000      # the same for others: http://HOST:8000/

    Parameters
    ----------
    output
        The index's folder; a relative one is taken from the repository's root.
    """
    catalog = Catalog(root)
    folder = catalog.root / "dist" / "wheels"
    wheels = sorted([*folder.glob("*.whl"), *folder.glob("*.tar.gz")])
    if not wheels:
        raise CatalogError("dist/wheels holds no wheel; run `catalog build` first.")
    target = catalog.root / output
    outcomes = [_publish(wheel, target) for wheel in wheels]
    projects = sorted(page.parent.name for page in target.glob("[!.]*/index.html"))
    write_whole(target / "index.html", _page("Packages", [f'<a href="{name}/">{name}</a><br>' for name in projects]))
    new, same = outcomes.count("new"), outcomes.count("same")
    print(f"{new} wheels added, {len(wheels) - new - same} replaced, {same} unchanged: {target.as_uri()}")
    return 0


def _publish(wheel: Path, target: Path) -> str:
    """Put one wheel into its project's folder and renew the project's page: files first, then the page."""
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename

    try:
        project = _project_and_version(wheel.name)[0]
    except (InvalidWheelFilename, InvalidSdistFilename) as error:
        raise CatalogError(f"dist/wheels/{wheel.name}: {error}; delete it.") from None
    metadata = read_metadata(wheel)
    folder = target / project
    folder.mkdir(parents=True, exist_ok=True)
    published = folder / wheel.name
    outcome = "new"
    if published.is_file():
        outcome = "same" if published.read_bytes() == wheel.read_bytes() else "replaced"
    if outcome == "replaced":
        caution = f"uv may hold the old one: install with --refresh-package {project}"
        print(f"replaced {wheel.name}: other content under the same version; {caution}")
    if outcome != "same":
        write_whole(published, wheel.read_bytes())
    if wheel.suffix == ".whl":
        write_whole(folder / f"{wheel.name}.metadata", metadata)
    write_whole(folder / "index.html", _page(project, [_link(path) for path in _newest_last(folder)]))
    return outcome


def _newest_last(folder: Path) -> list[Path]:
    files = [*folder.glob("*.whl"), *folder.glob("*.tar.gz")]
    return sorted(files, key=lambda path: (_project_and_version(path.name)[1], path.name))


def _project_and_version(name: str) -> tuple[str, "Version"]:
    from packaging.utils import parse_sdist_filename, parse_wheel_filename

    return parse_sdist_filename(name) if name.endswith(".tar.gz") else parse_wheel_filename(name)[:2]


def _link(wheel: Path) -> str:
    """One anchor of a project's page, as PEP 503, 592 and 658 want it."""
    metadata = read_metadata(wheel)
    core = f"sha256={hashlib.sha256(metadata).hexdigest()}"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    python = escape(parse_metadata(metadata)["Requires-Python"] or "", quote=True)
    requires = f' data-requires-python="{python}"' if python else ""
    beside = f' data-core-metadata="{core}" data-dist-info-metadata="{core}"' if wheel.suffix == ".whl" else ""
    return f'<a href="{wheel.name}#sha256={digest}"{requires}{beside}>{wheel.name}</a><br>'


def _page(title: str, links: list[str]) -> bytes:
    return PAGE.format(title=title, links="\n".join(links)).encode()
