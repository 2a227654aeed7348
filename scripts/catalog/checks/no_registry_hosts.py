"""No tracked file names the host of a public package registry, and no lock file is tracked.

What: neither a component's files nor any other tracked file holds the address of a public registry; `uv.lock`,
`pylock.toml` and their like are not tracked.

Why: a team's machines may reach packages only through its own index; an address in a file silently goes round it.

Fix: delete the address and leave the index to the machine's settings; pin with requirements (names, versions and
hashes, no index lines) in place of a lock file.
"""

from catalog.checks import Problems
from catalog.git import Uncertain, files_with, tracked_files
from catalog.model import Catalog, Component

# Put together from parts, so that this file passes its own rule.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("conda", "anaconda", "org"),
        ("index", "crates", "io"),
    )
]
LOCKS = (":(glob)**/uv.lock", ":(glob)**/pylock*.toml", ":(glob)**/poetry.lock", ":(glob)**/pdm.lock")


def check(component: Component, catalog: Catalog) -> Problems:
    needles = [host.encode() for host in HOSTS]
    for name, content in component.files.items():
        lower = content.lower()
        if any(needle in lower for needle in needles):
            yield f"{component.path}/{name}", "names the host of a public registry", "delete the address"


def check_repository(catalog: Catalog) -> Problems:
    try:
        for path in files_with(catalog.root, HOSTS, ".", ":!components"):
            yield path, "names the host of a public registry", "delete the address"
        for path in tracked_files(catalog.root, *LOCKS):
            yield path, "is a lock file with addresses", f"git rm --cached {path}, and ignore it"
    except Uncertain as doubt:
        yield ".", f"git cannot tell what is tracked: {doubt}", "run it in a git work tree"
