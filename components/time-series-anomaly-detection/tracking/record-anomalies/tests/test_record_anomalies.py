"""Stretches above a threshold become detections, and a run gets all that is to be known of them."""

import csv
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.tracking.record_anomalies import Detection, detections_above, record_anomalies, write_detections
from stac.tracking.track_run import read_run, track_run

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.fixture
def run(tmp_path):
    with track_run("test", "record", runs_folder=tmp_path, clearml="off") as run:
        yield run


def bursts(n_channels=1):
    series = np.random.default_rng(0).normal(0, 0.1, (n_channels, 600)).astype(np.float32)
    labels = np.zeros(600, bool)
    labels[200:220] = labels[400:410] = True
    series[:, labels] += 2
    return series, labels, np.abs(series).mean(axis=0)


def logged(run, kind):
    return {event["name"] for event in read_run(run.folder).events if event["kind"] == kind}


# Detections


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=40), st.integers(0, 3))
def test_detections_cover_what_is_above_and_are_apart(scores, merge_within):
    scores = np.array(scores, float)
    found = sorted(detections_above(scores, 2, merge_within=merge_within))
    covered = np.zeros(len(scores), bool)
    for detection in found:
        covered[detection.start : detection.end] = True
        assert scores[detection.start] >= 2 <= scores[detection.end - 1]
        assert scores[detection.peak] == detection.score == scores[detection.start : detection.end].max()
    assert covered[scores >= 2].all()
    assert all(b.start - a.end > merge_within for a, b in pairwise(found))
    gaps = np.flatnonzero(covered & (scores < 2))
    assert merge_within or not len(gaps)


def test_the_highest_peak_comes_first():
    assert [d.score for d in detections_above(np.array([0, 2, 0, 9, 0, 4]), 1)] == [9, 4, 2]


def test_scores_that_are_none_are_explained():
    assert_clear_error(detections_above, np.zeros((2, 3)), 1, mentions=("(2, 3)",))
    assert_clear_error(detections_above, np.array([1, np.nan]), 1, mentions=("finite",))
    assert_clear_error(detections_above, np.zeros(3), 1, merge_within=-1, mentions=("merge_within=-1",))


def test_detections_are_written_whole_or_not_at_all(tmp_path):
    path = write_detections(tmp_path / "d.csv", [Detection(3, 5, 4, 2.5)])
    assert path.read_text().splitlines() == ["start,end,peak,score", "3,5,4,2.5"]
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_detections(tmp_path / "folder.csv", [])
    assert {file.name for file in tmp_path.iterdir()} == {"d.csv", "folder.csv"}


# Records


def test_with_labels_detectors_are_compared(run, capsys):
    series, labels, height = bursts()
    found = record_anomalies(run, series, {"height": height, "none": height * 0 + 1}, 1.0, labels=labels, window=10)
    assert [(d.start, d.end) for d in sorted(found)] == [(200, 220), (400, 410)]
    summary = read_run(run.folder).summary
    assert summary["vus_pr"] > 0.8
    assert summary["range_f1_at_threshold"] == pytest.approx(1)
    table = json.loads((run.folder / "tables" / "detectors.json").read_text())
    assert [row[0] for row in table["rows"]] == ["height", "none"]
    assert "2 detections" in capsys.readouterr().out


def test_without_labels_there_are_detections_and_no_metrics(run):
    series, _, height = bursts(n_channels=3)
    record_anomalies(run, series, {"height": height}, 1.0)
    assert logged(run, "figure") == {"Series and scores", "Detections"}
    assert "vus_pr" not in read_run(run.folder).summary
    assert "detectors" not in logged(run, "table")
    assert {"scores", "detections"} <= logged(run, "artifact")


def test_labels_without_any_anomaly_give_no_metrics(run):
    series, labels, height = bursts()
    record_anomalies(run, series, {"height": height}, 1.0, labels=labels & False)
    assert "vus_pr" not in read_run(run.folder).summary


def test_nothing_found_is_said(run, capsys):
    series, _, height = bursts()
    assert record_anomalies(run, series, {"height": height}, 99.0) == []
    assert "0 detections" in capsys.readouterr().out
    assert logged(run, "figure") == {"Series and scores"}


def test_all_scores_are_kept(run):
    series, _, height = bursts()
    record_anomalies(run, series, {"height": height, "half": height / 2}, 1.0)
    with next((run.folder / "artifacts").glob("scores*")).open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 600
    assert float(rows[205]["half"]) == pytest.approx(height[205] / 2, rel=1e-4)


def test_what_does_not_fit_is_explained(run):
    series, labels, height = bursts()
    assert_clear_error(record_anomalies, run, series, {}, 1.0, mentions=("no detector",))
    assert_clear_error(record_anomalies, run, series, {"height": height[1:]}, 1.0, mentions=("height", "(599,)"))
    assert_clear_error(
        record_anomalies, run, series, {"height": height}, 1.0, labels=labels[1:], mentions=("labels", "(599,)")
    )
