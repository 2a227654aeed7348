"""The project finds a spike in a small file of its own, then in a new one, and says what is wrong with bad ones."""

{% include "test_head.py" %}
def write_series(path: Path, n_timepoints: int, spike: int) -> Path:
    """Write noisy waves of forty time points, with a spike."""
    draw = random.Random(0)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["sensor", "label"])
        for time in range(n_timepoints):
            value = math.sin(2 * math.pi * time / 40) + draw.gauss(0, 0.1) + 5 * (time == spike)
            rows.writerow([value, int(time == spike)])
    return path


def peaks_in(path: Path) -> list[int]:
    """Return where detections have their peaks, the highest first."""
    with path.open() as file:
        return [int(row["peak"]) for row in csv.DictReader(file)]


def test_train_then_detect(tmp_path):
    past = write_series(tmp_path / "past.csv", 1500, spike=1200)
    trained = run("train.py", f"--data={past}", "--n_train=1000", folder=tmp_path)
    assert trained.returncode == 0, trained.stderr
    (run_folder,) = (tmp_path / "runs").iterdir()
    assert (run_folder / "report.html").exists()
    assert "vus_pr" in trained.stdout

    new = write_series(tmp_path / "new.csv", 700, spike=400)
    detected = run("detect.py", f"--data={new}", folder=tmp_path)
    assert detected.returncode == 0, detected.stderr
    assert abs(peaks_in(tmp_path / "detections.csv")[0] - 400) <= 40
    assert (tmp_path / "detections.png").exists()
{% include "test_mistakes.py" %}
