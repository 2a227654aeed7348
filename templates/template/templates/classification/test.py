"""The project trains on a small file of its own, says what is wrong with a bad one, and predicts."""

{% include "test_head.py" %}
@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Write forty noisy sines, slow ones and fast ones."""
    draw = random.Random(0)
    with (tmp_path / "sines.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*(f"t{i}" for i in range(60)), "label"])
        for name, frequency in [("slow", 0.2), ("fast", 0.6)] * 20:
            rows.writerow([*(math.sin(frequency * i) + draw.gauss(0, 0.1) for i in range(60)), name])
    return tmp_path / "sines.csv"


def test_train_then_predict(series, tmp_path):
    trained = run("train.py", f"--data={series}", folder=tmp_path)
    assert trained.returncode == 0, trained.stderr
    (run_folder,) = (tmp_path / "runs").iterdir()
    assert (run_folder / "report.html").exists()
    assert "accuracy" in trained.stdout

    predicted = run("predict.py", f"--data={series}", folder=tmp_path)
    assert predicted.returncode == 0, predicted.stderr
    with (tmp_path / "predictions.csv").open() as file:
        predictions = [row["prediction"] for row in csv.DictReader(file)]
    right = [guess == truth for guess, truth in zip(predictions, ["slow", "fast"] * 20, strict=True)]
    assert sum(right) >= 38
{% include "test_mistakes.py" %}
