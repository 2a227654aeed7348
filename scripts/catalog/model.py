"""What the catalog is made of: components, templates, and the repository that holds them.

Nothing is read before it is asked for, so that a command about one component never pays for the others.
"""

import contextlib
import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tomli

from catalog.git import changed_files

PROBLEMS = (
    "common",
    "tabular",
    "time-series-anomaly-detection",
    "time-series-classification",
    "time-series-forecasting",
    "water-cherenkov",
)
CATEGORIES = (
    "data-ingestion",
    "data-processing",
    "metrics",
    "models",
    "monitoring",
    "numerics",
    "serving",
    "testing",
    "tracking",
    "training",
    "tuning",
    "visualization",
)
LEFT_BEHIND = {"__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".hypothesis", "dist", "build", ".venv"}
COMPILED = (".so", ".dylib", ".dll")


class CatalogError(Exception):
    """Something the user can mend; the command line shows it as one line."""


@dataclass(frozen=True)
class Component:
    """One folder under `components/`, which is one package; everything but the path is read late."""

    root: Path
    path: str  # relative to the root, with forward slashes: components/<problem>/<category>/<name>

    @cached_property
    def folder(self) -> Path:
        return self.root / self.path

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[1]

    @property
    def distribution(self) -> str:
        return f"stac-{self.name}"

    @property
    def problem(self) -> str:
        return self.path.split("/")[1]

    @property
    def category(self) -> str:
        return self.path.split("/")[2]

    @property
    def package(self) -> str:
        """The import name that follows from the path: `stac.<category>.<component>`."""
        return f"stac.{self.category}.{self.name}".replace("-", "_")

    @cached_property
    def package_folder(self) -> Path:
        return self.folder / "src" / Path(*self.package.split("."))

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The content of each file under its path in the folder, without what tools leave behind."""
        found = {}
        for place, folders, names in os.walk(self.folder):
            folders[:] = sorted(name for name in folders if name not in LEFT_BEHIND)
            inside = place[len(str(self.folder)) + 1 :].replace(os.sep, "/")
            for name in sorted(name for name in names if not name.endswith(COMPILED)):
                # Ten thousand files: paths as text are fast. A link that leads nowhere is no file.
                with contextlib.suppress(FileNotFoundError), open(f"{place}/{name}", "rb") as file:  # noqa: PTH123
                    found[f"{inside}/{name}" if inside else name] = file.read()
        return found

    def text(self, name: str) -> str:
        """One of its files as text, with the line ends of any system."""
        return self.files[name].decode("utf-8", "replace").replace("\r\n", "\n")

    @cached_property
    def pyproject(self) -> dict:
        return read_toml(self.folder / "pyproject.toml", shown_as=f"{self.path}/pyproject.toml")

    @property
    def project(self) -> dict:
        return table(self.pyproject, "project")

    @property
    def stac(self) -> dict:
        return table(self.pyproject, "tool", "stac")

    @property
    def version(self) -> str:
        return str(self.project.get("version", "?"))

    @property
    def file_stem(self) -> str:
        """What the names of its wheels begin with; the version as written where it is none."""
        from packaging.version import InvalidVersion, Version

        try:
            version = str(Version(self.version))
        except InvalidVersion:
            version = self.version
        return f"{self.distribution.replace('-', '_')}-{version}"

    @property
    def platforms(self) -> list[str]:
        """The platforms with a wheel of their own, as their tags name them; none where one wheel serves all."""
        return strings(self.stac.get("platforms"))

    @property
    def own_platform(self) -> str:
        """That of its platforms which this machine installs; "any" where one wheel serves all, or none is for it."""
        from packaging.tags import platform_tags

        return next((platform for platform in platform_tags() if platform in self.platforms), "any")

    @property
    def requirements(self) -> dict[str, list[str]]:
        """Every requirement as written, under the place where it stands."""
        return requirements(self.pyproject)

    @cached_property
    def stac_dependencies(self) -> frozenset[str]:
        """The distributions of the catalog named anywhere: dependencies, extras and dependency groups."""
        return stac_names(self.requirements)

    @property
    def built_on(self) -> frozenset[str]:
        """The distributions of the catalog that it needs at work, extras included; those of its tests do not count."""
        listed = self.requirements.items()
        return stac_names({place: texts for place, texts in listed if not place.startswith("dependency-groups")})


@dataclass(frozen=True)
class Template:
    """One folder `templates/<problem>/<technique>` with a `cookiecutter.json`: it makes projects."""

    root: Path
    path: str

    @property
    def name(self) -> str:
        return self.path.removeprefix("templates/")

    @property
    def problem(self) -> str:
        return self.name.split("/")[0] if "/" in self.name else ""

    @property
    def project_folder(self) -> Path:
        """The folder that cookiecutter renders."""
        return self.root / self.path / "{{cookiecutter.project_slug}}"

    @cached_property
    def readme(self) -> str:
        file = self.root / self.path / "README.md"
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    @property
    def description(self) -> str:
        """The first paragraph under the title of the template's README."""
        match = re.search(r"\A# .*\n+(?P<first>[^#\s](?:.|\n(?!\n))*)", self.readme)
        return " ".join(match["first"].split()) if match else ""

    @property
    def tags(self) -> list[str]:
        section = re.search(r"^## Tags\n(?P<tags>(?:(?!^#).*\n?)*)", self.readme, re.MULTILINE)
        return re.findall(r"`([^`]+)`", section["tags"]) if section else []

    @cached_property
    def stac_dependencies(self) -> frozenset[str]:
        """The components that the project it generates asks for; an error where that cannot be read."""
        file = self.project_folder / "pyproject.toml"
        shown_as = f"{self.path}/{self.project_folder.name}/pyproject.toml"
        if not file.is_file():
            raise CatalogError(f"{shown_as}: is missing, so that the template's components are unknown")
        plain = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        plain = re.sub(r"\{\{.*?\}\}", "0", plain, flags=re.DOTALL)
        return stac_names(requirements(parse_toml(plain, shown_as)))


class Catalog:
    """The repository: finds components and templates by their folders alone."""

    def __init__(self, root: Path | None = None, base: str | None = None) -> None:
        self.root = find_root(root)
        self.base = base  # what changes are compared with; origin/main (or main) when it is None

    @cached_property
    def components(self) -> list[Component]:
        found = (f"{category}/{name}" for category in self._categories() for name in _folders(self.root / category))
        return [Component(self.root, path) for path in found if (self.root / path / "pyproject.toml").is_file()]

    @cached_property
    def templates(self) -> list[Template]:
        """The templates of projects, in `templates/<problem>/`; those one level higher make parts of the catalog."""
        problems = [f"templates/{name}" for name in _folders(self.root / "templates")]
        problems = [path for path in problems if not (self.root / path / "cookiecutter.json").is_file()]
        found = (f"{path}/{name}" for path in problems for name in _folders(self.root / path))
        return [Template(self.root, path) for path in found if (self.root / path / "cookiecutter.json").is_file()]

    @cached_property
    def changed_files(self) -> list[str]:
        """Files that differ from the base, relative to the root; `Uncertain` where git cannot tell."""
        return changed_files(self.root, self.base)

    def component(self, name: str) -> Component:
        """Find one by its name, its distribution's name or its folder, looking at folder names only."""
        plain = Path(name).name.removeprefix("stac-").replace("_", "-")
        for category in self._categories():
            if plain and (self.root / category / plain / "pyproject.toml").is_file():
                return Component(self.root, f"{category}/{plain}")
        names = [component.name for component in self.components]
        close = difflib.get_close_matches(plain, names, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else "`catalog list` shows all."
        raise CatalogError(f"no component is called {name!r}; {hint}")

    def template(self, name: str) -> Template:
        """Find one by its name, its folder, or its technique alone where that is clear."""
        plain = name.strip("/").removeprefix("templates/")
        found = [each for each in self.templates if plain in (each.name, each.name.rsplit("/", 1)[-1])]
        if len(found) == 1:
            return found[0]
        names = [each.name for each in found or self.templates]
        if found:
            raise CatalogError(f"several templates are called {name!r}; say which: {' or '.join(names)}")
        close = difflib.get_close_matches(plain, names, n=2, cutoff=0.3)
        hint = f"did you mean {' or '.join(close)}?" if close else "`catalog list --kind template` shows all."
        raise CatalogError(f"no template is called {name!r}; {hint}")

    def select(self, names: tuple[str, ...]) -> list[Component]:
        """The named components, each once and in the order asked for; all of them when none is named."""
        return list(dict.fromkeys(self.component(name) for name in names)) if names else self.components

    def _categories(self) -> Iterator[str]:
        for problem in _folders(self.root / "components"):
            for category in _folders(self.root / "components" / problem):
                yield f"components/{problem}/{category}"


def find_root(start: Path | None = None) -> Path:
    """Walk up to the folder whose pyproject.toml declares the workspace."""
    begin = (start or Path.cwd()).resolve()
    for folder in (begin, *begin.parents):
        file = folder / "pyproject.toml"
        if file.is_file() and b"[tool.uv.workspace]" in file.read_bytes():
            return folder
    raise CatalogError(f"{begin} is not inside a catalog: no pyproject.toml with [tool.uv.workspace] here or above.")


def table(data: dict, *keys: str) -> dict:
    """The table under the keys, empty where something is missing or is no table."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def strings(value: object) -> list[str]:
    """The strings of a list, none where the value is something else."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def requirements(pyproject: dict) -> dict[str, list[str]]:
    """Every requirement of a pyproject.toml as written, under the place where it stands."""
    found = {"dependencies": strings(table(pyproject, "project").get("dependencies"))}
    for extra, listed in table(pyproject, "project", "optional-dependencies").items():
        found[f"optional-dependencies.{extra}"] = strings(listed)
    for group, listed in table(pyproject, "dependency-groups").items():
        found[f"dependency-groups.{group}"] = strings(listed)
    return found


def stac_names(found: dict[str, list[str]]) -> frozenset[str]:
    """The normalised names of the catalog's own distributions among the requirements."""
    texts = [text for listed in found.values() for text in listed if text.lstrip().lower().startswith("stac")]
    names = (requirement_name(text) for text in texts)
    return frozenset(name for name in names if name.startswith("stac-"))


def requirement_name(text: str) -> str:
    """The normalised name of one requirement."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement as error:
        raise CatalogError(f"{text!r} is no requirement: {str(error).splitlines()[0]}") from None


def read_toml(file: Path, shown_as: str) -> dict:
    try:
        return parse_toml(file.read_bytes().decode(), shown_as)
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{shown_as}: cannot be read ({error})") from None


def parse_toml(text: str, shown_as: str) -> dict:
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise CatalogError(f"{shown_as}: is not valid TOML: {error}") from None


def _folders(parent: Path) -> list[str]:
    try:
        with os.scandir(parent) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and entry.name[0] not in "._")
    except (FileNotFoundError, NotADirectoryError):
        return []
