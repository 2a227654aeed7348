"""Each event gets its pictures, each station its line; what does not fit is refused before anything is written."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_ingestion.station_data import StationData
from stac.testing.component_checks import assert_clear_error, package_checks
from stac.visualization.event_scores import draw_events, write_scores

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def stations(events=(7, 7, 8), positions=True) -> StationData:
    n = len(events)
    table = {"event": np.array(events), "station": np.arange(100, 100 + n), "signal_vem_charge": np.linspace(3, 30, n)}
    if positions:
        table |= {"x_m": np.arange(n) * 1500.0, "y_m": np.zeros(n)}
    traces = np.zeros((n, 3, 60), np.float32)
    traces[:, :, 10:30] = np.exp(-np.arange(20) / 2.4)
    return StationData(traces, np.ones((n, 3), bool), table, 25.0)


def test_every_event_is_drawn_on_the_ground_and_by_its_traces(tmp_path):
    files = draw_events(stations(), np.array([0.1, 0.5, 0.9]), tmp_path / "new")
    assert [file.name for file in files] == [f"event-{i}-{what}.png" for i in (7, 8) for what in ("ground", "traces")]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)


def test_without_positions_only_traces_are_drawn(tmp_path):
    files = draw_events(stations(positions=False), np.full(3, 0.5), tmp_path)
    assert [file.name for file in files] == ["event-7-traces.png", "event-8-traces.png"]


def test_no_more_events_are_drawn_than_asked_for(tmp_path):
    assert len(draw_events(stations(), np.full(3, 0.5), tmp_path, max_events=1)) == 2


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_the_table_has_a_line_for_each_station(tmp_path_factory, scores):
    path = tmp_path_factory.mktemp("scores") / "scores.csv"
    write_scores(path, stations(range(len(scores))), {"p_muons": np.array(scores), "unusual": np.array(scores) > 0.5})
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["station"]) for row in rows] == list(range(100, 100 + len(scores)))
    np.testing.assert_allclose([float(row["p_muons"]) for row in rows], scores, rtol=1e-5)
    assert {row["unusual"] for row in rows} <= {"True", "False"}


def test_what_does_not_fit_is_explained_and_nothing_written(tmp_path):
    assert_clear_error(draw_events, stations(), np.zeros(2), tmp_path / "new", mentions=("(2,)", "(3,)"))
    assert_clear_error(draw_events, stations(), np.full(3, 1.5), tmp_path / "new", mentions=("0 and 1",))
    assert_clear_error(draw_events, stations(), np.full(3, np.nan), tmp_path / "new", mentions=("0 and 1",))
    assert_clear_error(write_scores, tmp_path / "s.csv", stations(), {"p": np.zeros(2)}, mentions=("p has shape (2,)",))
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "scores.csv").mkdir()
    with pytest.raises(OSError, match="scores"):
        write_scores(tmp_path / "scores.csv", stations(), {"p": np.zeros(3)})
    assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"]
