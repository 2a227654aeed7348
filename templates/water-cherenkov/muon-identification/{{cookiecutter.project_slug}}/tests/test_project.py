"""The project trains on a few stations, looks for muons in an event, and says what is wrong with bad input."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PROJECT = Path(__file__).parents[1]
SMALL = ["--simulation.n_stations=800", "--epochs=1", "--compare=false"]


def run(script: str, *options: str, folder: Path) -> subprocess.CompletedProcess:
    """Run a script of the project from another folder, as `make` does from this one."""
    command = [sys.executable, str(PROJECT / script), *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


@pytest.fixture
def event(tmp_path: Path) -> Path:
    """Write an event of two stations in the layout of Auger's open data; a photomultiplier of one is missing."""
    pulse = [0.0] * 242 + [5.0 * np.exp(-i / 2.4) for i in range(526)]
    station = {"x": 0.0, "y": 0.0, "z": 0.0, "t": 0, "signal": 6.0, "signalStartBin": 242, "signalStopBin": 270}
    stations = [
        station | {"id": 101, "pmt1": pulse, "pmt2": pulse, "pmt3": pulse},
        station | {"id": 102, "x": 1500.0, "pmt1": pulse, "pmt2": pulse},
    ]
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"info": {"id": 7}, "sdrec": {"theta": 30.0}, "stations": stations}))
    return path


def test_train_then_apply(event, tmp_path):
    trained = run("train.py", *SMALL, folder=tmp_path)
    assert trained.returncode == 0, trained.stderr
    (run_folder,) = (tmp_path / "runs").iterdir()
    assert (run_folder / "report.html").exists()
    assert "AUC" in trained.stdout

    applied = run("apply.py", f"--event={event}", folder=tmp_path)
    assert applied.returncode == 0, applied.stderr
    assert "101" in applied.stdout
    assert (tmp_path / "applied" / "event-7-ground.png").exists()


@pytest.mark.parametrize(
    ("script", "options", "explanation"),
    [
        ("train.py", ["--data=missing.npz"], "missing.npz"),
        ("train.py", ["--simulation.detector=hawc"], "auger-ub"),
        ("train.py", ["--network=cmm"], "cnn"),
        ("apply.py", ["--event=missing.json"], "train first"),
    ],
)
def test_a_mistake_is_explained(script, options, explanation, tmp_path):
    failed = run(script, *options, folder=tmp_path)
    assert failed.returncode != 0
    assert explanation in failed.stderr
    assert "Traceback" not in failed.stderr
    assert not (tmp_path / "runs").exists()
