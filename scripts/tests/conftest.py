"""A small catalog in a temporary folder, with git, and the command line called as users call it."""

import contextlib
import io
import json
import os
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from packaging.tags import platform_tags

from catalog.cli import main
from catalog.model import Catalog, Component

GIT = {
    **{f"GIT_{who}_NAME": "Test" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "test@localhost" for who in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}

PYPROJECT = """[project]
name = "stac-{name}"
version = "0.1.0"
description = "Does {name} for tests."
readme = "README.md"
requires-python = ">=3.11"
license = "BSD-3-Clause"
authors = [{{ name = "The STAC contributors" }}]
dependencies = [{dependencies}]

[dependency-groups]
test = [{test_dependencies}]

[tool.stac]
problem = "{problem}"
category = "{category}"
kind = "{kind}"
tags = ["testing", "{name}"]

[tool.uv.sources]
{sources}
[tool.poetry]
packages = [{{ include = "stac", from = "src" }}]

[build-system]
requires = ["poetry-core>=2.1,<3"]
build-backend = "poetry.core.masonry.api"
"""
README = """# {name}

Does {name} for tests.

## Installation

```bash
pip install stac-{name}
```

## Usage

```python
# nothing to see
import {package}
```

## Tags

`testing`, `{name}`
"""

TEMPLATE_QUESTIONS = """{
  "project_name": "A project",
  "project_slug": "a_project",
  "stac_index": "local",
  "__prompts__": {"project_name": "Name", "project_slug": "Folder", "stac_index": "Index"},
  "_copy_without_render": ["requirements.txt"]
}
"""
TEMPLATE_README = """# A template

Starts a project.

## Installation

From a clone of the catalog.

## Usage

```bash
make install
make train
```

## Tags

`starter`
"""


@dataclass
class FakeCatalog:
    """A monorepo one can write to, change and run commands in."""

    root: Path

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new))

    def component(self, path: str, needs: tuple[str, ...] = (), tests_need: tuple[str, ...] = ()) -> Component:
        """Write a component without a fault; it imports what it needs."""
        one = Component(self.root, f"components/{path}")
        values = {
            "name": one.name,
            "package": one.package,
            "problem": one.problem,
            "category": one.category,
            "kind": "composite" if needs else "atomic",
            "dependencies": ", ".join(f'"stac-{name}>=0.1,<0.2"' for name in needs),
            "test_dependencies": ", ".join(f'"stac-{name}>=0.1,<0.2"' for name in tests_need),
            "sources": "".join(f"stac-{name} = {{ workspace = true }}\n" for name in sorted({*needs, *tests_need})),
        }
        package = f"{one.path}/src/{one.package.replace('.', '/')}"
        imports = "".join(f"import {Catalog(self.root).component(name).package}\n" for name in needs)
        self.write(f"{one.path}/pyproject.toml", PYPROJECT.format(**values))
        self.write(f"{one.path}/README.md", README.format(**values))
        self.write(f"{one.path}/CHANGELOG.md", "# Changelog\n\n## 0.1.0\n\n- First version.\n")
        self.write(f"{package}/__init__.py", f'"""Does {one.name}."""\n\n{imports}\nNAME = "{one.name}"\n')
        self.write(f"{package}/py.typed", "")
        self.write(f"{one.path}/tests/test_{one.name.replace('-', '_')}.py", "def test_nothing():\n    pass\n")
        self.write(f"{one.path}/examples/show.py", f"import {one.package}\n")
        return one

    def template(self, path: str, *needs: str) -> None:
        lines = ", ".join(f'"stac-{name}>=0.1,<0.2"' for name in needs)
        project = f'[project]\nname = "{{{{ cookiecutter.project_slug }}}}"\ndependencies = [{lines}]\n'
        files = {
            "cookiecutter.json": TEMPLATE_QUESTIONS,
            "README.md": TEMPLATE_README,
            "hooks/post_gen_project.py": "complete_project()\n",
            "{{cookiecutter.project_slug}}/pyproject.toml": f"{project}# STAC_INDEX_ADDRESS\n",
            "{{cookiecutter.project_slug}}/Makefile": "train:\n\tpython train.py\n",
            "{{cookiecutter.project_slug}}/README.md": "# {{ cookiecutter.project_name }}\n",
            "{{cookiecutter.project_slug}}/config.yaml": "seed: 0\n",
            "{{cookiecutter.project_slug}}/requirements.txt": "numpy==2.0\n",
            "{{cookiecutter.project_slug}}/tests/test_project.py": "",
        }
        for name, text in files.items():
            self.write(f"templates/{path}/{name}", text)
        menu = self.root / "cookiecutter.json"
        entries = json.loads(menu.read_text())["templates"] if menu.is_file() else {}
        entries[path] = {"path": f"./templates/{path}", "title": "A template", "description": "Starts a project"}
        self.write("cookiecutter.json", json.dumps({"templates": entries}, indent=2))

    def git(self, *arguments: str) -> str:
        run = subprocess.run(["git", *arguments], cwd=self.root, env=os.environ | GIT, capture_output=True, check=True)
        return run.stdout.decode().strip()

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "-qm", "A change")
        return self.git("rev-parse", "HEAD")

    def run(self, *arguments: str, cwd: str = ".") -> subprocess.CompletedProcess[str]:
        """Call `catalog` with the arguments, in this process, from a folder of the monorepo."""
        out, err = io.StringIO(), io.StringIO()
        streams = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
        with patch.dict(os.environ, GIT), contextlib.chdir(self.root / cwd), streams[0], streams[1]:
            try:
                main(list(arguments))
            except SystemExit as end:
                return subprocess.CompletedProcess(arguments, end.code or 0, out.getvalue(), err.getvalue())
        raise AssertionError("main() always ends with a status")

    def run_process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call `catalog` as users do, as a process of its own."""
        command = [sys.executable, "-m", "catalog", *arguments]
        return subprocess.run(command, cwd=self.root, env=os.environ | GIT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def master(tmp_path_factory):
    """Two monorepos to copy: one without any component, and a small one; both committed on the branch main."""
    empty = FakeCatalog(tmp_path_factory.mktemp("empty"))
    empty.write("pyproject.toml", '[tool.uv.workspace]\nmembers = ["components/*/*/*"]\n')
    empty.write(".gitignore", "dist/\n__pycache__/\n")
    empty.write("README.md", "# Fake\n")
    empty.git("init", "-q", "-b", "main")
    empty.commit()
    small = FakeCatalog(tmp_path_factory.mktemp("small"))
    shutil.copytree(empty.root, small.root, dirs_exist_ok=True)
    small.component("common/testing/checks")
    small.component("common/data-processing/scale", tests_need=("checks",))
    small.component("time-series-classification/models/forest", needs=("scale",))
    small.component("common/tracking/report", needs=("forest",))
    small.component("common/metrics/lonely")
    small.template("time-series-classification/starter", "forest")
    small.template("common/plain", "lonely")
    small.commit()
    return empty, small


@pytest.fixture
def empty(master, tmp_path):
    """A workspace without any component, on the branch main."""
    return FakeCatalog(Path(shutil.copytree(master[0].root, tmp_path / "monorepo")))


@pytest.fixture
def fake(master, tmp_path):
    """A small catalog: checks ← scale (tests only) ← forest ← report, a lonely component, and two templates."""
    return FakeCatalog(Path(shutil.copytree(master[1].root, tmp_path / "monorepo")))


# A component with compiled code


def elf(machine, *strings):
    return b"\x7fELF".ljust(18, b"\0") + struct.pack("<H", machine) + b"\0" + b"\0".join(strings) + b"\0"


def mach(machine, system=(11, 0), signed=True):
    commands = [struct.pack("<IIIIII", 0x32, 24, 1, system[0] << 16 | system[1] << 8, 0, 0)]
    commands += [struct.pack("<IIII", 0x1D, 16, 0, 0)] * signed
    header = struct.pack("<IIIIIIII", 0xFEEDFACF, machine, 0, 6, len(commands), 0, 0, 0)
    return header + b"".join(commands)


def pe(machine):
    return b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + b"PE\0\0" + struct.pack("<H", machine)


LIBRARIES = {
    "manylinux_2_17_x86_64": elf(0x3E, b"libc.so.6", b"GLIBC_2.2.5", b"GLIBC_2.14"),
    "manylinux_2_17_aarch64": elf(0xB7, b"libm.so.6", b"GLIBC_2.17"),
    "macosx_11_0_arm64": mach(0x0100000C),
    "macosx_11_0_x86_64": mach(0x01000007, signed=False),
    "win_amd64": pe(0x8664),
}
BACKEND = """
import io, pathlib, tarfile, zipfile

LIBRARIES = {libraries}
INFO, NAME = "stac_lonely-0.1.0.dist-info", "stac_lonely-0.1.0"
METADATA = "Metadata-Version: 2.1\\nName: stac-lonely\\nVersion: 0.1.0\\n"

def build_wheel(folder, config_settings=None, metadata_directory=None):
    platform = config_settings["platform"]
    name = f"{{NAME}}-py3-none-{{platform}}.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as archive:
        def write(name, content):
            archive.writestr(zipfile.ZipInfo(name), content)
        for file in sorted(pathlib.Path("src").rglob("*.*")):
            if "__pycache__" not in file.parts:
                write(file.relative_to("src").as_posix(), file.read_bytes())
        if platform != "any":
            write("stac/metrics/lonely/liblonely.so", LIBRARIES[platform])
        write(f"{{INFO}}/METADATA", METADATA)
        write(f"{{INFO}}/WHEEL", f"Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: py3-none-{{platform}}\\n")
        write(f"{{INFO}}/RECORD", "")
    return name

def build_sdist(folder, config_settings=None):
    with tarfile.open(pathlib.Path(folder, f"{{NAME}}.tar.gz"), "w:gz") as archive:
        for name, content in (("PKG-INFO", METADATA.encode()), ("pyproject.toml", b"")):
            info = tarfile.TarInfo(f"{{NAME}}/{{name}}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return f"{{NAME}}.tar.gz"
"""


@dataclass
class CompiledCatalog(FakeCatalog):
    """The small catalog, where `lonely` holds a library for each platform."""

    libraries: dict[str, bytes]
    here: str  # this machine's platform
    folder: str = "components/common/metrics/lonely"

    def change_library(self, platform: str, content: bytes) -> None:
        self.libraries = self.libraries | {platform: content}
        self.write(f"{self.folder}/building/lonely_backend.py", BACKEND.format(libraries=self.libraries))


@pytest.fixture
def compiled(fake):
    here = next((platform for platform in platform_tags() if platform in LIBRARIES), None)
    if here is None:
        pytest.skip("none of the platforms is this machine's")
    catalog = CompiledCatalog(fake.root, LIBRARIES, here)
    toml = f"{catalog.folder}/pyproject.toml"
    fake.replace(toml, '"poetry.core.masonry.api"', '"lonely_backend"\nbackend-path = ["building"]')
    fake.replace(toml, 'requires = ["poetry-core>=2.1,<3"]', "requires = []")  # so that nothing is fetched
    fake.replace(toml, "tags =", f"platforms = {json.dumps(list(LIBRARIES))}\ntags =")
    catalog.change_library(here, LIBRARIES[here])
    return catalog


@pytest.fixture(scope="session")
def libraries():
    """What makes the beginnings of libraries: for Linux, macOS and Windows."""
    return SimpleNamespace(elf=elf, mach=mach, pe=pe)
