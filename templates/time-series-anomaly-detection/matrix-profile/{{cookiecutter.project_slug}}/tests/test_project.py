"""The project finds an anomaly in a small file of its own, then in a new one, and says what is wrong with bad ones."""

import csv
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def run(script: str, *options: str, folder: Path) -> subprocess.CompletedProcess:
    """Run a script of the project from another folder, as `make` does from this one."""
    command = [sys.executable, str(PROJECT / script), *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def write_series(path: Path, n_timepoints: int, anomaly: range, *, labelled: bool, channels: int = 1) -> Path:
    """Write noisy waves of forty time points, flat where the anomaly is."""
    draw = random.Random(0)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*(f"sensor{i}" for i in range(channels)), *["label"] * labelled])
        for time in range(n_timepoints):
            value = 0 if time in anomaly else math.sin(2 * math.pi * time / 40)
            rows.writerow([*(value + draw.gauss(0, 0.1) for _ in range(channels)), *[int(time in anomaly)] * labelled])
    return path


def found_in(path: Path) -> list[tuple[int, int]]:
    """Return where detections begin and end, the highest first."""
    with path.open() as file:
        return [(int(row["start"]), int(row["end"])) for row in csv.DictReader(file)]


def trained_in(folder: Path, *options: str, labelled: bool) -> str:
    """Train, check that the anomaly of the test part stands out, and return what was printed."""
    past = write_series(folder / "past.csv", 1500, range(1200, 1230), labelled=labelled)
    trained = run("train.py", f"--data={past}", "--n_train=1000", *options, folder=folder)
    assert trained.returncode == 0, trained.stderr
    (run_folder,) = (folder / "runs").iterdir()
    assert (run_folder / "report.html").exists()
    start, end = found_in(run_folder / "artifacts" / "detections.csv")[0]
    assert start < 1215 - 1000 < end
    return trained.stdout


def test_a_series_needs_no_labels(tmp_path):
    assert "vus_pr" not in trained_in(tmp_path, "--label_column=false", "--compare=false", labelled=False)


def test_train_then_detect(tmp_path):
    assert "vus_pr" in trained_in(tmp_path, labelled=True)

    new = write_series(tmp_path / "new.csv", 700, range(400, 430), labelled=False)
    detected = run("detect.py", f"--data={new}", folder=tmp_path)
    assert detected.returncode == 0, detected.stderr
    start, end = found_in(tmp_path / "detections.csv")[0]
    assert start < 415 < end
    assert (tmp_path / "detections.png").exists()

    short = write_series(tmp_path / "short.csv", 12, range(0), labelled=False)
    wide = write_series(tmp_path / "wide.csv", 700, range(0), labelled=False, channels=2)
    text = tmp_path / "text.csv"
    text.write_text("sensor0\n1\nbroken\n")
    for data, explanation in [(short, "12 time points"), (wide, "2 channels"), (text, "broken"), ("no.csv", "no.csv")]:
        failed = run("detect.py", f"--data={data}", folder=tmp_path)
        assert failed.returncode != 0
        assert explanation in failed.stderr
        assert len(failed.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "explanation"),
    [
        (["--data=missing.csv"], "missing.csv"),
        (["--windwo=40"], "windwo"),
        (["--window=wide"], "window"),
        (["--window=100000"], "window"),
        (["--risk=2"], "risk"),
    ],
)
def test_a_mistake_is_explained(options, explanation, tmp_path):
    failed = run("train.py", *options, folder=tmp_path)
    assert failed.returncode != 0
    assert explanation in failed.stderr
    assert "Traceback" not in failed.stderr
    assert not (tmp_path / "runs").exists()
