"""A small catalog in a temporary folder, with git, and the command line called as users call it."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

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
