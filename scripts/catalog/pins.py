"""Merges requirements.txt package by package: the pins of the template, and those of the project."""

import re

ENTRY = re.compile(r"^\S.*(?:\n[ \t].*)*\n?", re.MULTILINE)
PIN = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(?:\[.*?\])?==(?P<version>[^\s;\\]+)")


def merge_pins(base: str, ours: str, theirs: str) -> str:
    """Merge three versions of a requirements.txt: a package is as who changed it has it, the higher where both did."""
    versions = [_by_package(text) for text in (base, ours, theirs)]
    names = sorted(set().union(*versions))
    return "".join(_merge_one(*(version.get(name, "") for version in versions)) for name in names)


def without_components(pins: str) -> str:
    """Leave out the pins of the catalog's own components."""
    return "".join(entry for entry in ENTRY.findall(pins) if not entry.startswith("stac-"))


def _merge_one(base: str, ours: str, theirs: str) -> str:
    if theirs in (base, ours):
        return ours
    if ours == base:
        return theirs
    if not ours or not theirs:  # one dropped what the other moved: whoever needs it keeps it
        return ours
    return max(theirs, ours, key=_version)


def _by_package(text: str) -> dict[str, str]:
    """All entries of each package together (there is one for each environment), under its name."""
    found: dict[str, str] = {}
    for entry in ENTRY.findall(text):
        pin = PIN.match(entry)
        name = pin["name"].lower() if pin else entry
        found[name] = found.get(name, "") + (entry if entry.endswith("\n") else f"{entry}\n")
    return found


def _version(entries: str) -> object:
    from packaging.version import InvalidVersion, Version

    versions = []
    for pin in PIN.finditer(entries):
        try:
            versions.append(Version(pin["version"]))
        except InvalidVersion:
            continue
    return max(versions, default=Version("0"))
