"""Every layout becomes the same arrays and tables; what is damaged is named in one line."""

import copy
import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_ingestion.auger_open_data import event_table, read_event, read_events
from stac.data_ingestion.auger_open_data.__main__ import main
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def trace(height=5.0, length=768, start=240):
    """A pulse that decays with four samples, with noise before it, so that no sample is zero."""
    samples = np.random.default_rng(0).normal(0, 0.02, length)
    samples[start:] += height * np.exp(-np.arange(length - start) / 4)
    return samples.round(4).tolist()


def open_data_event(number=81847956000, n_stations=2):
    stations = [
        {
            "id": 100 + i, "name": f"Peteroa {i}", "x": 1500.0 * i, "y": 100.0, "z": 20.0, "t": 500_000_000 + i,
            "dt": 12.5, "signalStartBin": 240, "signalStopBin": 300, "signal": 6.5 + i, "dsignal": 1.5, "sat": i % 2,
            "isSelected": 1, "spDistance": 700.0 + i, "dspDistance": 9.0,
            "pmt1": trace(5), "pmt2": trace(6), "pmt3": trace(7),
        }
        for i in range(n_stations)
    ]  # fmt: skip
    rec = {
        "theta": 30.0, "dtheta": 0.5, "phi": 45.0, "dphi": 0.7, "energy": 10.0, "denergy": 1.0, "x": 100.0, "y": 200.0,
        "z": 30.0, "gpsnanotime": 499_999_000, "s1000": 50.1, "ra": 1.0, "dec": -2.0, "l": 3.0, "b": 4.0,
    }  # fmt: skip
    info = {"id": number, "sdid": 4321, "gpstime": 1_200_000_000}
    return {"meta": {"type": "auger open data"}, "info": info, "flags": {"sdStandard": 1}, "sdrec": rec,
            "stations": stations, "fdrec": {}, "eyes": []}  # fmt: skip


def catalogue_event():
    event = open_data_event()
    del event["flags"], event["fdrec"], event["eyes"]
    event["meta"]["type"] = "auger catalog"
    event["sdrec"] |= {"t0": event["sdrec"].pop("gpsnanotime"), "recstations": [100.0]}
    for station in event["stations"]:
        for name in ("name", "dt", "dspDistance", "isSelected"):
            del station[name]
        station |= {"riseTime": 43.5, "curvresidual": 1.5}
    return event


def older_event():
    stations = [
        {"id": 7 + i, "name": "Tina", "x": 0.0, "y": 1000.0 * i, "z": 0.0, "t": 123, "signal": 12.0,
         **{f"pmt{pmt}": trace(length=120 + 10 * i, start=10) for pmt in (1, 2, 3)},
         "extra": {"sat": [0, i, 0], "aop": [3.0, 3.2, 3.4]}}
        for i in range(2)
    ]  # fmt: skip
    return {"version": 1, "id": 99, "rawid": 8, "theta": 0.0, "phi": 0.0, "energy": 3.0, "x": 0.0, "y": 0.0, "z": 0.0,
            "time": 800_000_000, "stations": stations}  # fmt: skip


LAYOUTS = {"open data": open_data_event, "catalogue": catalogue_event, "older": older_event}


def write(path, event):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(event))
    return path


def write_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, str | bytes) else json.dumps(content))
    return path


def ids(events):
    return [event.event["event"] for event in events]


# --- what is read ---


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_arrays_and_columns(layout):
    event = read_event(LAYOUTS[layout]())
    reference = read_event(open_data_event())
    assert event.event["layout"] == layout
    assert event.traces_vem_peak.shape == (2, 3, 768)
    assert event.traces_vem_peak.dtype == np.float32
    assert event.traces_vem_peak.flags.c_contiguous
    assert event.pmt_mask.all()
    assert event.stations.keys() == reference.stations.keys()
    assert event.event.keys() == reference.event.keys()
    assert {name: column.dtype.kind for name, column in event.stations.items()} == {
        name: column.dtype.kind for name, column in reference.stations.items()
    }
    assert {len(column) for column in event.stations.values()} == {2}


def test_values_of_open_data_have_their_units():
    event = read_event(open_data_event())
    np.testing.assert_allclose(event.traces_vem_peak[1, 2], trace(7), rtol=1e-6)
    assert event.stations["station"].tolist() == [100, 101]
    assert event.stations["event"].tolist() == [81847956000] * 2
    assert event.stations["signal_vem_charge"].tolist() == [6.5, 7.5]
    assert event.stations["distance_m"].tolist() == [700.0, 701.0]
    assert event.stations["time_ns"].tolist() == [500_000_000, 500_000_001]
    assert event.stations["saturated"].tolist() == [False, True]
    assert (event.stations["start_bin"][0], event.stations["stop_bin"][0]) == (240, 300)
    assert event.event["lg_energy"] == pytest.approx(19)
    assert event.event["lg_energy_error"] == pytest.approx(0.1 / np.log(10))
    assert (event.event["zenith_deg"], event.event["azimuth_deg"]) == (30.0, 45.0)
    assert (event.event["gps_time"], event.event["sd_event"]) == (1_200_000_000, 4321)
    assert event.bin_ns == 25.0
    assert event.sections["flags"] == {"sdStandard": 1}
    assert "stations" not in event.sections


def test_catalogue_takes_the_selection_from_the_list_of_stations():
    event = read_event(catalogue_event())
    assert event.stations["selected"].tolist() == [True, False]
    assert event.stations["rise_time_ns"].tolist() == [43.5, 43.5]
    assert np.isnan(event.stations["time_error_ns"]).all()
    assert event.event["time_ns"] == 499_999_000


def test_station_is_selected_where_the_file_does_not_say():
    event = open_data_event()
    event["stations"][0]["isSelected"] = None
    event["stations"][1]["isSelected"] = 0
    assert read_event(event).stations["selected"].tolist() == [True, False]


def test_older_layout_starts_at_bin_10_and_is_filled_up():
    event = read_event(older_event())
    assert event.stations["start_bin"].tolist() == [10, 10]
    assert event.stations["stop_bin"].tolist() == [-1, -1]
    assert event.stations["saturated"].tolist() == [False, True]
    np.testing.assert_allclose(event.stations["area_over_peak"], 3.2)
    np.testing.assert_allclose(event.traces_vem_peak[1, 0, :130], trace(length=130, start=10), rtol=1e-6)
    assert not event.traces_vem_peak[0, :, 120:].any()
    assert not event.traces_vem_peak[1, :, 130:].any()
    assert (event.event["event"], event.event["sd_event"], event.event["gps_time"]) == (99, 8, 800_000_000)


def test_distance_is_computed_where_it_is_missing():
    event = older_event()
    event |= {"theta": 60.0, "phi": 90.0}  # a station 1 km north, towards the shower, is at cos(60°) km from its axis
    np.testing.assert_allclose(read_event(event).stations["distance_m"], [0, 500], atol=1e-9)


@pytest.mark.parametrize("missing", ["absent", None, [], [0.0] * 768])
def test_missing_pmt_is_masked(missing):
    event = open_data_event()
    event["stations"][0]["pmt2"] = missing
    if missing == "absent":
        del event["stations"][0]["pmt2"]
    read = read_event(event)
    assert read.pmt_mask.tolist() == [[True, False, True], [True, True, True]]
    assert not read.traces_vem_peak[0, 1].any()
    assert read.stations["n_pmts"].tolist() == [2, 3]


def test_station_without_pmts_stays_beside_others():
    event = open_data_event()
    for pmt in (1, 2, 3):
        event["stations"][0][f"pmt{pmt}"] = []
    assert read_event(event).pmt_mask.tolist() == [[False] * 3, [True] * 3]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(list(LAYOUTS)), st.data())
def test_any_value_may_be_missing(layout, data):
    event = copy.deepcopy(LAYOUTS[layout]())
    parts = [part for name, part in event.items() if isinstance(part, dict) and name != "meta"] + event["stations"]
    for part in (*parts, event):
        names = [name for name in part if name not in ("stations", "pmt1", "info", "sdrec", "meta", "flags")]
        for name in data.draw(st.sets(st.sampled_from(names)) if names else st.just(())):
            if data.draw(st.booleans()):
                del part[name]
            else:
                part[name] = None
    read = read_event(event)
    assert read.pmt_mask[:, 0].all()
    assert np.isfinite(read.traces_vem_peak).all()
    assert len(event_table([read])["event"]) == 2


def test_reading_changes_nothing_in_the_document():
    event = open_data_event()
    before = copy.deepcopy(event)
    read_event(event)
    assert event == before


# --- files, archives, folders ---


def test_gzipped_file(tmp_path):
    path = tmp_path / "event.json.gz"
    path.write_bytes(gzip.compress(json.dumps(open_data_event(5)).encode()))
    assert read_event(path).event["event"] == 5


def test_list_of_events_in_one_file(tmp_path):
    path = write(tmp_path / "events.json", [open_data_event(1), open_data_event(2)])
    assert ids(read_events(path)) == [1, 2]


def test_zip_with_nested_folders_and_other_files(tmp_path):
    members = {
        "data/2004/Auger_2.json": open_data_event(2),
        "data/2005/deep/Auger_1.json": open_data_event(1),
        "data/2005/Auger_3.json.gz": gzip.compress(json.dumps(open_data_event(3)).encode()),
        "data/summary.csv": "id,energy",
        "__MACOSX/data/._Auger_2.json": b"\x00\x05",
    }
    events = list(read_events(write_zip(tmp_path / "events.zip", members)))
    assert ids(events) == [2, 1, 3]
    assert events[0].source == f"{tmp_path / 'events.zip'}: data/2004/Auger_2.json"


def test_tar_archives(tmp_path):
    content = json.dumps(older_event()).encode()
    for name, mode in (("events.tgz", "w:gz"), ("events.tar", "w")):
        with tarfile.open(tmp_path / name, mode) as archive:
            for member in ("2004/1.json", "2004/2.json"):
                header = tarfile.TarInfo(member)
                header.size = len(content)
                archive.addfile(header, io.BytesIO(content))
        assert ids(read_events(tmp_path / name)) == [99, 99]


def test_folder_is_read_to_its_bottom_in_order(tmp_path):
    write(tmp_path / "b" / "Auger_1.json", open_data_event(1))
    write(tmp_path / "a.json", open_data_event(3))
    write_zip(tmp_path / "c.zip", {"x.json": open_data_event(2)})
    write(tmp_path / ".hidden" / "e.json", {})
    (tmp_path / "README.txt").write_text("not an event")
    assert ids(read_events(tmp_path)) == [3, 1, 2]


def test_memory_does_not_grow_with_the_number_of_events(tmp_path):
    text = json.dumps(open_data_event())

    def peak(n_events):
        path = write_zip(tmp_path / f"{n_events}.zip", {f"{i}.json": text for i in range(n_events)})
        tracemalloc.start()
        assert sum(1 for _ in read_events(path)) == n_events
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    traces = 2 * 3 * 768 * 4
    assert peak(120) - peak(20) < 100 * traces / 4


# --- tables ---


def test_table_has_a_row_for_each_station_of_each_event():
    table = event_table(iter([read_event(open_data_event(1, n_stations=3)), read_event(older_event())]))
    assert table["event"].tolist() == [1, 1, 1, 99, 99]
    assert table["event"].dtype == np.int64
    assert table["station"].tolist() == [100, 101, 102, 7, 8]
    assert table["layout"].tolist() == ["open data"] * 3 + ["older"] * 2
    assert {len(column) for column in table.values()} == {5}


def test_table_tells_core_and_station_apart():
    table = event_table([read_event(open_data_event())])
    assert table["x_m"].tolist() == [0.0, 1500.0]
    assert table["core_x_m"].tolist() == [100.0, 100.0]
    assert table["core_time_ns"].tolist() == [499_999_000] * 2


def test_long_table_is_the_same_as_its_parts():
    event = read_event(open_data_event())
    assert len(event_table(event for _ in range(1100))["event"]) == 2200


# --- what is wrong ---


def damaged(change):
    event = open_data_event()
    change(event)
    return event


BAD_EVENTS = {
    "no stations": (lambda e: e.update(stations=[]), ("no stations",)),
    "stations missing": (lambda e: e.pop("stations"), ("no stations",)),
    "stations not a list": (lambda e: e.update(stations={"id": 1}), ("list of stations",)),
    "no PMT anywhere": (lambda e: [s.update(pmt1=[], pmt2=None, pmt3=[0] * 768) for s in e["stations"]], ("missing",)),
    "short traces": (lambda e: [s.update(pmt1=[1.0] * 700) for s in e["stations"]], ("100", "pmt1", "700", "768")),
    "long trace": (lambda e: e["stations"][1].update(pmt3=[1.0] * 769), ("101", "pmt3", "769")),
    "NaN": (lambda e: e["stations"][1]["pmt2"].__setitem__(5, float("nan")), ("101", "pmt2", "NaN", "sample 5")),
    "infinity": (lambda e: e["stations"][1]["pmt2"].__setitem__(0, 1e300), ("101", "pmt2", "infinity")),
    "null in a trace": (lambda e: e["stations"][0]["pmt1"].__setitem__(0, None), ("100", "pmt1")),
    "text in a trace": (lambda e: e["stations"][0]["pmt1"].__setitem__(0, "x"), ("100", "pmt1", "numbers")),
    "nested trace": (lambda e: e["stations"][0].update(pmt1=[[1.0]] * 768), ("100", "pmt1")),
    "trace is text": (lambda e: e["stations"][0].update(pmt1="none"), ("100", "pmt1")),
    "text as a value": (lambda e: e["stations"][0].update(x="east"), ("'x'", "east", "100")),
    "huge id": (lambda e: e["stations"][1].update(id=10**30), ("'id'", "too large")),
    "section is a list": (lambda e: e.update(sdrec=[1]), ("sdrec",)),
}


@pytest.mark.parametrize("case", BAD_EVENTS)
def test_bad_event_is_named_with_its_file_and_member(case, tmp_path):
    change, words = BAD_EVENTS[case]
    path = write_zip(tmp_path / "events.zip", {"in/bad.json": damaged(change)})
    assert_clear_error(lambda: list(read_events(path)), mentions=("events.zip", "in/bad.json", *words))
    assert_clear_error(read_event, damaged(change), mentions=words)


def test_pmts_of_different_lengths_are_refused_in_the_older_layout():
    event = older_event()
    event["stations"][1]["pmt2"] = [1.0] * 50
    assert_clear_error(read_event, event, mentions=("station 8", "[50, 130]"))


def test_damaged_files_are_named(tmp_path):
    text = json.dumps(open_data_event())
    good_zip = write_zip(tmp_path / "good.zip", {"e.json": text}).read_bytes()
    damaged_files = {
        "cut.json": text[:5000].encode(),
        "empty.json": b"",
        "binary.json": bytes(range(256)),
        "number.json": b"5",
        "cut.json.gz": gzip.compress(text.encode())[:500],
        "not.json.gz": b"hello",
        "cut.zip": good_zip[:-40],
        "not.zip": b"hello",
        "not.tgz": b"hello",
        "empty.tar": b"",
    }
    for name, content in damaged_files.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert_clear_error(lambda path=path: list(read_events(path)), mentions=(name,))
        assert_clear_error(read_event, path, mentions=(name,))


def test_member_with_wrong_checksum_is_named(tmp_path):
    path = tmp_path / "events.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", json.dumps(open_data_event(1)))
        archive.writestr("b.json", json.dumps(open_data_event(2)))
    content = bytearray(path.read_bytes())
    content[3000] ^= 1
    path.write_bytes(content)
    assert_clear_error(lambda: list(read_events(path)), mentions=("events.zip", "a.json"))
    with pytest.warns(UserWarning, match=r"a\.json"):
        assert ids(read_events(path, on_error="warn")) == [2]


def test_bad_events_and_archives_are_skipped_with_a_warning(tmp_path):
    members = {"1.json": open_data_event(1), "2.json": '{"cut', "3.json": {}, "4.json": open_data_event(4)}
    write_zip(tmp_path / "b.zip", members)
    (tmp_path / "a.zip").write_bytes(b"hello")
    write(tmp_path / "c.json", open_data_event(5))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert ids(read_events(tmp_path, on_error="warn")) == [1, 4, 5]
    assert [word in str(one.message) for one, word in zip(caught, ("a.zip", "2.json", "3.json"), strict=True)]
    assert_clear_error(lambda: list(read_events(tmp_path)), mentions=("a.zip",))


@pytest.mark.filterwarnings("ignore:Skipped")
def test_nothing_readable_is_an_error_even_with_warnings(tmp_path):
    write(tmp_path / "a.json", {})
    assert_clear_error(lambda: list(read_events(tmp_path, on_error="warn")), mentions=("1 skipped",))
    (tmp_path / "a.json").unlink()
    assert_clear_error(lambda: list(read_events(tmp_path)), mentions=(str(tmp_path), ".json"))


def test_wrong_calls_are_explained_at_once(tmp_path):
    assert_clear_error(read_events, tmp_path / "nothing.json", mentions=("nothing.json",))
    assert_clear_error(read_events, tmp_path, on_error="ignore", mentions=("raise", "warn"))
    assert_clear_error(event_table, [], mentions=("no events",))
    path = write(tmp_path / "two.json", [open_data_event(1), open_data_event(2)])
    assert_clear_error(read_event, path, mentions=("two.json", "read_events"))


# --- the command ---


def run(*arguments):
    command = [sys.executable, "-m", "stac.data_ingestion.auger_open_data", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_command_prints_an_event_and_its_stations(tmp_path, capsys):
    assert main([str(write(tmp_path / "e.json", open_data_event(17)))]) == 0
    text = capsys.readouterr().out
    assert "event 17" in text
    assert "lg(E/eV) 19.00 ± 0.04" in text
    assert "saturated" in text
    assert len(text.splitlines()) == 3 + 2 + 2


def test_command_lists_an_archive_and_shows_one_of_its_events(tmp_path, capsys):
    path = str(write_zip(tmp_path / "e.zip", {f"{i}.json": open_data_event(i) for i in range(5)}))
    assert main([path, "--limit", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 3 + 1
    assert "--limit" in lines[-1]
    assert main([path, "--event", "4"]) == 0
    assert "event 4" in capsys.readouterr().out
    assert main([path, "--event", "77"]) == 1
    assert "no event 77" in capsys.readouterr().err


def test_command_shows_missing_values_as_question_marks(tmp_path, capsys):
    assert main([str(write(tmp_path / "e.json", {"stations": [{"pmt1": [1.0] * 768}]}))]) == 0
    text = capsys.readouterr().out
    assert "?" in text
    assert "nan" not in text
    assert "-1" not in text


def test_command_ends_with_one_line_and_a_status(tmp_path):
    (tmp_path / "cut.json").write_text('{"info": ')
    for path in (tmp_path / "cut.json", tmp_path / "nothing.json"):
        result = run(path)
        assert result.returncode == 1
        assert result.stdout == ""
        assert len(result.stderr.splitlines()) == 1
        assert path.name in result.stderr
    assert "examples:" in run("--help").stdout


# --- a real event ---


@pytest.mark.skipif("STAC_AUGER_EVENT" not in os.environ, reason="STAC_AUGER_EVENT names no file of a real event")
def test_real_event_agrees_with_its_geometry():
    """The times follow a shower front from the reconstructed direction; sums of traces follow the signals."""
    event = read_event(os.environ["STAC_AUGER_EVENT"])
    zenith, azimuth = np.radians([event.event["zenith_deg"], event.event["azimuth_deg"]])
    axis = [np.sin(zenith) * np.cos(azimuth), np.sin(zenith) * np.sin(azimuth), np.cos(zenith)]
    stations = event.stations
    core = [event.event["x_m"], event.event["y_m"], stations["z_m"][stations["signal_vem_charge"].argmax()]]
    from_core = np.stack([stations["x_m"], stations["y_m"], stations["z_m"]], axis=1) - core
    late_ns = stations["time_ns"] - event.event["time_ns"] + from_core @ axis / 0.299792458
    assert (np.abs(late_ns) < 1000).all()  # the front is curved: later far away from the axis
    computed = np.linalg.norm(np.cross(from_core, axis), axis=1)
    np.testing.assert_allclose(computed, stations["distance_m"], rtol=0.02)
    mean_trace = event.traces_vem_peak.sum(axis=(1, 2)) / event.pmt_mask.sum(axis=1)
    ratio = mean_trace / stations["signal_vem_charge"]
    assert ((ratio > 2) & (ratio < 4)).all()
    assert event.event["lg_energy"] > 18
