"""The newest entry of the changelog is the current version.

What: CHANGELOG.md begins with `# Changelog`; its first `## ` heading is the version of pyproject.toml, with at least
one line below that tells people what changes for them. Versions go from the newest to the oldest.

Why: a version without an entry is a surprise to everyone who upgrades.

Fix: add the heading and a line, or raise the version in pyproject.toml.
"""

import re

from packaging.version import InvalidVersion, Version

from catalog.checks import Problems
from catalog.model import Catalog, Component


def check(component: Component, catalog: Catalog) -> Problems:
    if "CHANGELOG.md" in component.files:  # required-files tells otherwise
        text = component.text("CHANGELOG.md")
        yield from (
            (f"{component.path}/CHANGELOG.md", message, fix) for message, fix in _problems(text, component.version)
        )


def _problems(text, version):
    if not text.startswith("# Changelog\n"):
        yield "does not begin with its title", "begin with: # Changelog"
    entries = re.findall(r"(?ms)^## +(\S+)[^\n]*\n(.*?)(?=^## |\Z)", text)
    newest = entries[0][0] if entries else None
    if newest != version:
        yield f"the newest entry is {newest}, the version is {version}", f"add ## {version} at the top"
    for name, body in entries:
        if not body.strip():
            yield f"{name} says nothing", "tell what changes for its users"
    try:
        versions = [Version(name) for name, _ in entries]
    except InvalidVersion as error:
        yield str(error), "make every heading a version"
    else:
        if versions != sorted(set(versions), reverse=True):
            yield "versions are not in order", "put the newest first, each once"
