"""The project judges its model on a small file of its own, forecasts, and says what is wrong with a bad file."""

{% include "test_head.py" %}
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
    assert all(abs(float(row["forecast"]) - y) < 3 for row, y in zip(rows, expected, strict=True))
{% include "test_mistakes.py" %}
