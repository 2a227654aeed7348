"""Every component installs alone, from the index, into an empty environment, and can be imported there."""

import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMPONENTS = sorted(path.parent for path in ROOT.glob("components/*/*/*/pyproject.toml"))


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.name)
def test_the_wheel_works_alone(component, tmp_path, clean_environment):
    category = tomllib.loads((component / "pyproject.toml").read_text())["tool"]["stac"]["category"]
    module = f"stac.{category}.{component.name}".replace("-", "_")
    environment = clean_environment | {
        "VIRTUAL_ENV": str(tmp_path / ".venv"),
        "UV_INDEX": (ROOT / "dist/index").as_uri(),
    }

    def run(*command: str) -> str:
        result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    run("uv", "venv", "--quiet", ".venv")
    # During development the content of a wheel changes under the same version: uv must not take its cached copy.
    refresh = [f"--refresh-package=stac-{other.name}" for other in COMPONENTS]
    run("uv", "pip", "install", "--quiet", *refresh, f"stac-{component.name}")
    run("uv", "pip", "check")
    python = str(tmp_path / ".venv/bin/python")
    where = run(python, "-c", f"import {module} as m; print(m.__file__); assert all(hasattr(m, n) for n in m.__all__)")
    assert Path(where.strip()).is_relative_to(tmp_path)
