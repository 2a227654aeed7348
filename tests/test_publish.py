"""Real components travel from the repository through a team's index into a clean environment."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def index(tmp_path, clean_environment):
    """Serve an empty index as a team does, and return its address."""
    command = [sys.executable, "-m", "catalog", "serve", "--port", "0", "--packages", str(tmp_path / "packages")]
    environment = clean_environment | {"STAC_INDEX_PASSWORD": "a secret"}
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **options) as server:
        yield server.stdout.readline().split()[-1]
        server.send_signal(signal.SIGINT)


@pytest.mark.slow
def test_real_components_are_published_once_and_install_from_there(index, tmp_path, clean_environment):
    login = {"STAC_INDEX_URL": index, "STAC_INDEX_USERNAME": "stac", "STAC_INDEX_PASSWORD": "a secret"}

    def run(*command: str, cwd: Path = tmp_path, **variables: str) -> str:
        environment = clean_environment | variables
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    publish = [sys.executable, "-m", "catalog", "publish", "run-report", "standardize"]
    first = run(*publish, cwd=ROOT, **login).splitlines()
    names = [line.split()[0] for line in first[:-1]]
    assert sorted(names) == ["stac-run-report", "stac-series-estimator", "stac-standardize", "stac-track-run"]
    assert names.index("stac-track-run") < names.index("stac-run-report")
    assert names.index("stac-series-estimator") < names.index("stac-standardize")
    assert first[-1].startswith("4 uploaded, ")
    assert run(*publish, cwd=ROOT, **login).startswith("4 there already, ")

    run("uv", "venv", "--quiet", "--python", sys.executable)
    python = str(tmp_path / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
    run("uv", "pip", "install", "--quiet", "--python", python, "--index", index, "stac-run-report", "stac-standardize")
    code = "import stac.tracking.run_report as r, stac.data_processing.standardize as s; print(r.__file__, s.__file__)"
    assert all(Path(file).is_relative_to(tmp_path) for file in run(python, "-c", code).split())
