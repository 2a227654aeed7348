"""The project compares models on a small file of its own, forecasts, and says what is wrong with a bad file."""

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
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Write two monthly series with a season."""
    draw = random.Random(0)
    with (tmp_path / "sales.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["unique_id", "ds", "y"])
        for name in ("north", "south"):
            for i in range(60):
                value = 20 + 5 * math.sin(i * math.pi / 6) + draw.gauss(0, 0.5)
                rows.writerow([name, f"{2018 + i // 12}-{i % 12 + 1:02}-01", f"{value:.3f}"])
    return tmp_path / "sales.csv"


def test_train_then_forecast(series, tmp_path):
    trained = run("train.py", f"--data={series}", "--horizon=6", folder=tmp_path)
    assert trained.returncode == 0, trained.stderr
    (run_folder,) = (tmp_path / "runs").iterdir()
    assert (run_folder / "report.html").exists()
    assert "mase" in trained.stdout

    forecast = run("forecast.py", folder=tmp_path)
    assert forecast.returncode == 0, forecast.stderr
    with (tmp_path / "forecast.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 6
    assert rows[0]["ds"] == "2023-01-01"
    expected = [20 + 5 * math.sin(i * math.pi / 6) for i in range(6)] * 2
    assert all(abs(float(row["forecast"]) - y) < 2 for row, y in zip(rows, expected, strict=True))


@pytest.mark.parametrize(
    ("options", "explanation"),
    [
        (["--data=missing.csv"], "missing"),
        (["--hroizon=6"], "hroizon"),
        (["--horizon=many"], "horizon"),
    ],
)
def test_a_mistake_is_explained(options, explanation, tmp_path):
    failed = run("train.py", *options, folder=tmp_path)
    assert failed.returncode != 0
    assert explanation in failed.stderr
    assert "Traceback" not in failed.stderr
