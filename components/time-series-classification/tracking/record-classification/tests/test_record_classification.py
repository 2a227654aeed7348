"""A run gets all that is to be known of its model, and the others beside it."""

import json
from pathlib import Path

import numpy as np
import pytest

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.tracking.record_classification import record_classification, write_predictions
from stac.tracking.track_run import read_run, track_run

COMPONENT = Path(__file__).parents[1]
CLASSES = np.array(["a", "b", "c"])
Y = np.array(["a", "b", "c", "c"] * 25)
GOOD = np.where(Y[:, None] == CLASSES, 0.8, 0.1)
BAD = np.tile([0.2, 0.2, 0.6], (100, 1))


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.fixture
def run(tmp_path):
    with track_run("test", "record", runs_folder=tmp_path, clearml="off") as run:
        yield run


def test_the_first_model_is_the_runs_own(run, capsys):
    metrics = record_classification(run, Y, {"good": (GOOD, CLASSES), "bad": (BAD, CLASSES)})
    assert (metrics[0]["metric"], metrics[0]["value"]) == ("accuracy", 1.0)
    record = read_run(run.folder)
    assert record.summary["accuracy"] == 1
    tables = {event["name"] for event in record.events if event["kind"] == "table"}
    assert {"metrics", "per class", "models"} <= tables
    assert "gets more right" in capsys.readouterr().out


def test_models_are_compared_on_the_same_instances(run):
    record_classification(run, Y, {"good": (GOOD, CLASSES), "bad": (BAD, CLASSES)})
    table = json.loads((run.folder / "tables" / "models.json").read_text())
    good, bad = (dict(zip(table["columns"], row, strict=True)) for row in table["rows"])
    assert (good["model"], bad["model"]) == ("good", "bad")
    assert good["good gets more right"] == ""
    assert bad["good gets more right"].startswith("+0.500 (+0.4")
    assert bad["accuracy"].startswith("0.500 (0.4")


def test_one_model_is_printed_metric_by_metric(run, capsys):
    record_classification(run, Y, {"good": (GOOD, CLASSES)})
    shown = capsys.readouterr().out
    assert "accuracy" in shown
    assert "1.000 to 1.000" in shown
    assert not (run.folder / "tables" / "models.json").exists()


def test_predictions_are_written_with_and_without_labels(tmp_path):
    path = write_predictions(tmp_path / "p.csv", GOOD[:2], CLASSES, Y[:2])
    assert path.read_text().splitlines() == [
        "label,prediction,probability_a,probability_b,probability_c",
        "a,a,0.8,0.1,0.1",
        "b,b,0.1,0.8,0.1",
    ]
    write_predictions(path, GOOD[:2], CLASSES)
    assert path.read_text().startswith("prediction,probability_a")
    assert [file.name for file in tmp_path.iterdir()] == ["p.csv"]


def test_predictions_that_cannot_be_written_leave_nothing(tmp_path):
    (tmp_path / "p.csv").mkdir()
    with pytest.raises(OSError, match=r"p\.csv"):
        write_predictions(tmp_path / "p.csv", GOOD, CLASSES)
    assert [file.name for file in tmp_path.iterdir()] == ["p.csv"]


def test_what_does_not_fit_is_explained(run):
    assert_clear_error(record_classification, run, Y, {}, mentions=("no model",))
    short = {"good": (GOOD[:5], CLASSES)}
    assert_clear_error(record_classification, run, Y, short, mentions=("good", "(5, 3)", "(100, 3)"))
