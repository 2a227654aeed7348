"""Every component installs alone, from the index, into an empty environment, and can be imported there."""

import subprocess
import tomllib
from pathlib import Path

import pytest

from catalog.pins import ENTRY

ROOT = Path(__file__).parents[1]
COMPONENTS = sorted(path.parent for path in ROOT.glob("components/*/*/*/pyproject.toml"))


@pytest.fixture(scope="session")
def place(tmp_path_factory) -> Path:
    """Return a folder whose environment each test begins anew, so that what Python compiled in the last one serves."""
    folder = tmp_path_factory.mktemp("alone")
    # tsai asks for an older scikit-learn than the rest of the workspace is tested with.
    pins = ENTRY.findall((ROOT / "requirements.txt").read_text())
    (folder / "constraints.txt").write_text("".join(pin for pin in pins if not pin.startswith("scikit-learn==")))
    return folder


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.name)
def test_the_wheel_works_alone(component, place, clean_environment):
    category = tomllib.loads((component / "pyproject.toml").read_text())["tool"]["stac"]["category"]
    module = f"stac.{category}.{component.name}".replace("-", "_")
    environment = clean_environment | {
        "PYTHONPYCACHEPREFIX": str(place / "compiled"),
        "VIRTUAL_ENV": str(place / ".venv"),
        "UV_INDEX": (ROOT / "dist/index").as_uri(),
    }

    def run(*command: str) -> str:
        result = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=300)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    run("uv", "venv", "--quiet", "--clear", ".venv")
    # During development the content of a wheel changes under the same version: uv must not take its cached copy.
    options = [f"--refresh-package=stac-{other.name}" for other in COMPONENTS]
    run("uv", "pip", "install", "--quiet", *options, "--constraints", "constraints.txt", f"stac-{component.name}")
    run("uv", "pip", "check")
    python = str(place / ".venv/bin/python")
    where = run(python, "-c", f"import {module} as m; print(m.__file__); assert all(hasattr(m, n) for n in m.__all__)")
    assert Path(where.strip()).is_relative_to(place)
