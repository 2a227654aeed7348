"""The templates for series other than MiniROCKET's: they train on real sample data, twice with the same bits."""

import json
from dataclasses import dataclass

import pytest
import yaml


@dataclass
class Example:
    """What is run, and what must come of it."""

    options: str
    columns: tuple[str, ...]  # printed
    score: str
    low: float
    high: float
    figures: set[str]


EXAMPLES = {
    "time-series-classification/inception-time": Example(
        "--network=lite-time --n_models=1 --epochs=30", ("lite-time", "MiniROCKET"), "accuracy", 0.9, 1,
        {"training-series"},
    ),
    "time-series-forecasting/statistical": Example(
        "--n_windows=1", ("Ensemble", "AutoETS", "Seasonal naive"), "mase", 0.8, 1.05, {"forecasts", "calibration"}
    ),
    "time-series-forecasting/neural": Example(
        "--n_windows=1 --n_steps=100 --compare=false", ("N-HiTS", "Seasonal naive"), "mase", 0.7, 1.1, {"forecasts"}
    ),
    "time-series-anomaly-detection/matrix-profile": Example(
        "--compare=false", ("Matrix profile",), "vus_pr", 0.1, 1, {"detections"}
    ),
    "time-series-anomaly-detection/autoencoder": Example(
        "--epochs=5 --compare=false", ("Autoencoder",), "vus_roc", 0.8, 1, {"detections"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("template", EXAMPLES)
def test_the_sample_data_give_a_good_model_and_the_same_one_again(copied, template):
    project, example = copied(template), EXAMPLES[template]
    for _ in range(2):
        trained = project.make("train", f"ARGS={example.options}", STAC_CLEARML="off", OMP_NUM_THREADS="1")
        assert trained.returncode == 0, trained.stdout + trained.stderr
    first, second = sorted((project.folder / "runs").iterdir())
    assert f"{second}/report.html" in trained.stdout
    for words in example.columns:
        assert words in trained.stdout
    assert yaml.safe_load((first / "run.yaml").read_text())["status"] == "completed"
    assert example.figures <= {path.stem for path in (first / "figures").iterdir()}
    scalars = [json.loads(line) for line in (first / "scalars.jsonl").read_text().splitlines()]
    score = next(scalar["value"] for scalar in scalars if scalar["name"] == example.score)
    assert example.low <= score <= example.high
    files = [path.relative_to(first) for kind in ("models", "artifacts") for path in first.glob(f"{kind}/*")]
    assert files
    for name in files:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
