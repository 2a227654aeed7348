"""The project trains on a small file of its own, forecasts other series, and says what is wrong with a bad file."""

import csv
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
SMALL = ["--horizon=6", "--n_steps=150", "--batch_size=64", "--learning_rate=0.005", "--n_windows=1", "--compare=false"]


def run(script: str, *options: str, folder: Path) -> subprocess.CompletedProcess:
    """Run a script of the project from another folder, as `make` does from this one."""
    command = [sys.executable, str(PROJECT / script), *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


def write_series(path: Path, names: str, n: int = 72) -> Path:
    """Write monthly series with a season, and whether there was a sale, which is known in advance."""
    draw = random.Random(0)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["unique_id", "ds", "y", "sale"])
        for name in names:
            for i in range(n):
                sale = draw.randint(0, 1)
                y = 20 + 5 * math.sin(i * math.pi / 6) + 4 * sale + draw.gauss(0, 0.3)
                rows.writerow([name, f"{2018 + i // 12}-{i % 12 + 1:02}-01", f"{y:.3f}", sale])
    return path


def write_future(path: Path, names: str, year: int) -> Path:
    """Write six months with a sale in every second one."""
    lines = [f"{name},{year}-{i + 1:02}-01,{i % 2}" for name in names for i in range(6)]
    path.write_text("\n".join(["unique_id,ds,sale", *lines]))
    return path


def test_train_then_forecast(tmp_path):
    data = write_series(tmp_path / "sales.csv", "abcd")
    trained = run("train.py", f"--data={data}", *SMALL, folder=tmp_path)
    assert trained.returncode == 0, trained.stderr
    (run_folder,) = (tmp_path / "runs").iterdir()
    assert (run_folder / "report.html").exists()
    assert "mase" in trained.stdout

    forgotten = run("forecast.py", folder=tmp_path)
    assert (forgotten.returncode, forgotten.stdout) == (1, "")
    assert "sale" in forgotten.stderr

    others = write_series(tmp_path / "others.csv", "xy", n=48)
    future = write_future(tmp_path / "future.csv", "xy", 2022)
    forecast = run("forecast.py", f"--data={others}", f"--future={future}", folder=tmp_path)
    assert forecast.returncode == 0, forecast.stderr
    with (tmp_path / "forecast.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["unique_id"] for row in rows] == ["x"] * 6 + ["y"] * 6
    assert rows[0]["ds"] == "2022-01-01"
    expected = [20 + 5 * math.sin(i * math.pi / 6) + 4 * (i % 2) for i in range(6)] * 2
    assert sum(abs(float(row["forecast"]) - y) for row, y in zip(rows, expected, strict=True)) / 12 < 2


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
