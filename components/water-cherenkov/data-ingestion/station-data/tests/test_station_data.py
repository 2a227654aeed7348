"""Stations from every source have one shape, come back from a file as they were, and bad files are explained."""

import json
from pathlib import Path

import numpy as np
import pytest

from stac.data_ingestion.station_data import StationData, read_station_data, simulate_station_data
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.fixture(scope="module")
def simulated() -> StationData:
    return simulate_station_data(60, length=128, missing_pmts=0.2, seed=3)


def station(name: int, pulse: list[float]) -> dict:
    own = {"id": name, "x": 0.0, "y": 0.0, "z": 0.0, "t": 0, "signal": 5.0, "signalStartBin": 240, "signalStopBin": 260}
    return own | {f"pmt{i}": pulse for i in (1, 2, 3)}


def write_event(path: Path, event: int, n_stations: int = 2) -> Path:
    pulse = [0.0] * 240 + [4.0 * 0.7**i for i in range(528)]
    document = {"info": {"id": event}, "sdrec": {"theta": 30.0, "x": 9.0, "y": 9.0}}
    path.write_text(json.dumps(document | {"stations": [station(i + 1, pulse) for i in range(n_stations)]}))
    return path


def same(a: StationData, b: StationData) -> bool:
    pairs = [(getattr(a, name), getattr(b, name)) for name in ("traces_vem_peak", "pmt_mask", "em_trace", "muon_trace")]
    pairs += [(a.table[name], b.table[name]) for name in a.table]
    return a.table.keys() == b.table.keys() and a.bin_ns == b.bin_ns and all(np.array_equal(x, y) for x, y in pairs)


# Sources


def test_simulated_stations_have_truth_and_measurement(simulated):
    assert simulated.traces_vem_peak.shape == (60, 3, 128)
    assert simulated.muon_trace.shape == (60, 128)
    signal = simulated.table["muon_signal_vem"] + simulated.table["em_signal_vem"]
    assert np.median(simulated.table["signal_vem_charge"] / signal) == pytest.approx(1, abs=0.1)
    inside = (simulated.muon_trace + simulated.em_trace).sum(axis=1)
    assert np.median(inside / signal) == pytest.approx(1, abs=0.1)  # the window holds the signal


def test_missing_pmts_are_masked_and_empty(simulated):
    assert not simulated.pmt_mask.all()
    assert not simulated.traces_vem_peak[~simulated.pmt_mask].any()


def test_the_seed_decides(simulated):
    assert same(simulated, simulate_station_data(60, length=128, missing_pmts=0.2, seed=3))
    assert not same(simulated, simulate_station_data(60, length=128, missing_pmts=0.2, seed=4))


def test_the_tank_with_four_pmts_works_alike():
    data = simulate_station_data(20, "swgo-tank", length=30)
    assert data.traces_vem_peak.shape == (20, 4, 30)
    assert data.bin_ns == 1


def test_open_data_are_cut_to_the_signal(tmp_path):
    data = read_station_data(write_event(tmp_path / "event.json", 7), length=50)
    assert data.traces_vem_peak.shape == (2, 3, 50)
    assert data.traces_vem_peak.max() == 4
    assert data.table["event"].tolist() == [7, 7]
    assert data.table["x_m"].tolist() == [0, 0]  # the station's, not the core's
    assert data.muon_trace is None


def test_a_bad_event_in_a_folder_is_left_out_with_a_warning(tmp_path):
    write_event(tmp_path / "good.json", 7)
    (tmp_path / "bad.json").write_text('{"stations": [')
    with pytest.warns(UserWarning, match=r"bad\.json"):
        assert len(read_station_data(tmp_path)) == 2


# Files


def test_a_file_gives_back_what_was_saved(simulated, tmp_path):
    assert same(simulated, read_station_data(simulated.save(tmp_path / "stations.npz")))
    assert [path.name for path in tmp_path.iterdir()] == ["stations.npz"]


def test_a_file_that_cannot_be_written_leaves_nothing(simulated, tmp_path):
    (tmp_path / "stations.npz").mkdir()
    with pytest.raises(OSError, match="stations"):
        simulated.save(tmp_path / "stations.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["stations.npz"]


def test_a_mask_is_not_needed(tmp_path):
    np.savez(tmp_path / "own.npz", traces_vem_peak=np.ones((4, 3, 20)), bin_ns=25, n_muons=np.arange(4))
    data = read_station_data(tmp_path / "own.npz")
    assert data.pmt_mask.all()
    assert data.table["n_muons"].tolist() == [0, 1, 2, 3]


# Choosing


@pytest.mark.parametrize("chosen", [slice(3), np.array([2, 0]), np.arange(60) < 5, 7, np.arange(60) < 0], ids=str)
def test_chosen_stations_keep_what_is_known_of_them(simulated, chosen):
    part = simulated[chosen]
    indices = np.atleast_1d(np.arange(60)[chosen])
    assert len(part) == len(indices)
    assert part.table["event"].tolist() == simulated.table["event"][indices].tolist()
    np.testing.assert_array_equal(part.muon_trace, simulated.muon_trace[indices])


# Bad input


@pytest.mark.parametrize(
    ("arrays", "mentions"),
    [
        ({"X": np.ones((2, 3, 9))}, ("traces_vem_peak", "bin_ns", "only X")),
        ({"traces_vem_peak": np.ones((2, 9)), "bin_ns": 25}, ("(2, 9)",)),
        ({"traces_vem_peak": np.ones((0, 3, 9)), "bin_ns": 25}, ("no station",)),
        ({"traces_vem_peak": np.ones((2, 3, 9)), "bin_ns": 0}, ("bin_ns=0",)),
        ({"traces_vem_peak": np.ones((2, 3, 9)), "bin_ns": 25, "n_muons": np.ones(3)}, ("n_muons", "(3,)")),
        ({"traces_vem_peak": np.ones((2, 3, 9)), "bin_ns": 25, "pmt_mask": np.ones((2, 4))}, ("pmt_mask", "(2, 4)")),
        ({"traces_vem_peak": np.ones((2, 3, 9)), "bin_ns": 25, "em_trace": np.ones((2, 8))}, ("em_trace", "(2, 8)")),
        ({"traces_vem_peak": np.full((2, 3, 9), np.nan), "bin_ns": 25}, ("54 values", "station 0")),
        (
            {"traces_vem_peak": np.ones((2, 3, 9)), "bin_ns": 25, "em_trace": np.full((2, 9), np.inf)},
            ("em_trace", "finite"),
        ),
    ],
)
def test_a_file_of_another_kind_is_explained(tmp_path, arrays, mentions):
    np.savez(tmp_path / "own.npz", **arrays)
    assert_clear_error(read_station_data, tmp_path / "own.npz", mentions=("own.npz", *mentions))


def test_what_is_no_file_of_stations_is_explained(tmp_path):
    (tmp_path / "text.npz").write_text("not a zip archive")
    assert_clear_error(read_station_data, tmp_path / "text.npz", mentions=("text.npz",))
    np.savez(tmp_path / "pickled.npz", traces_vem_peak=np.array([{}]), bin_ns=25)
    assert_clear_error(read_station_data, tmp_path / "pickled.npz", mentions=("pickled.npz",))
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz"):
        read_station_data(tmp_path / "nowhere.npz")
    assert_clear_error(simulate_station_data, 10, "hawc", mentions=("hawc", "auger-ub"))
