"""Every format is read as it was written, and whatever is wrong with a file is said in one line."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_ingestion.series_files import read_series, write_series
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.fixture
def save(tmp_path):
    """Return a function that writes text (or bytes) to a file of this name."""

    def write(content, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def assert_series(X, expected):
    assert isinstance(X, np.ndarray) == (not isinstance(expected, list))
    for series, other in zip(X, expected, strict=True):
        assert series.dtype == np.float32
        assert series.flags.c_contiguous
        np.testing.assert_array_equal(series, np.asarray(other, np.float32))


# ---------------------------------------------------------------------------------------------- numbers

finite = st.floats(-(2.0**99), 2.0**99, width=32, allow_subnormal=False)
numbers = st.one_of(
    finite.map(str),
    finite.map(lambda number: f"{number:.7e}"),
    st.floats(-1e15, 1e15).map(lambda number: f"{number:.6f}"),
    st.floats(-10, 10).map(repr),
    st.integers(-(10**15), 10**15).map(str),
    st.decimals(-1000, 1000, places=9).map(str),
    st.sampled_from(["0", "-0.0", "1.", ".5", "-.5", "+3.5", "1E5", "1e+05", "00012.50", "12345678901234567890.5"]),
)


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=20))
@settings(deadline=None)
def test_numbers_are_read_as_python_reads_them(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("numbers") / "data.csv"
    path.write_text("a,b,c\n" + "\n".join(",".join(row) for row in rows))
    X, y = read_series(path)
    assert y is None
    np.testing.assert_array_equal(X[:, 0], np.array([[float(cell) for cell in row] for row in rows], np.float32))


@given(st.text(alphabet="0123456789.-+eE_ ?x", min_size=1, max_size=8))
@settings(deadline=None)
def test_odd_text_is_a_number_for_python_or_an_error(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("odd") / "data.csv"
    path.write_text(f"a,b,c\n1.5,{text},2.5\n")
    try:
        with np.errstate(over="ignore"):
            expected = np.float32(np.nan if text.strip() in ("", "?") else float(text.replace("_", "x")))
    except ValueError:
        expected = None
    if expected is None or np.isinf(expected):
        with pytest.raises(ValueError, match="line 2: column 'b'"):
            read_series(path)
    else:
        np.testing.assert_array_equal(read_series(path)[0][0, 0], np.float32([1.5, expected, 2.5]))


@pytest.mark.parametrize("missing", ["", "?", "NaN", "nan", "NA", "null", "None", " ", "-nan"])
def test_missing_values_are_nan(save, missing):
    X, _ = read_series(save(f"a,b,label\n1,{missing},x\n2,3,y\n"))
    assert_series(X, np.array([[[1, np.nan]], [[2, 3]]]))


# ---------------------------------------------------------------------------------------------- round trips


@st.composite
def labelled_series(draw, n_channels=None, equal=None):
    n, channels = draw(st.integers(1, 5)), n_channels or draw(st.integers(1, 3))
    lengths = draw(st.lists(st.integers(1, 6), min_size=n, max_size=n))
    if equal:
        lengths = [lengths[0]] * n
    value = st.floats(width=32, allow_infinity=False)
    series = [
        np.array(draw(st.lists(value, min_size=channels * t, max_size=channels * t)), np.float32).reshape(channels, t)
        for t in lengths
    ]
    words = st.text(alphabet="abcXYZäé-", min_size=1, max_size=5).filter(lambda word: word.lower() != "na")
    label = draw(st.sampled_from([st.integers(-3, 10), words]))
    y = np.array(draw(st.lists(label, min_size=n, max_size=n)))
    return (np.stack(series) if len(set(lengths)) == 1 else series), y


@pytest.mark.parametrize("suffix", [".npz", ".ts", ".csv"])
@given(labelled_series())
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read(tmp_path_factory, suffix, data):
    X, y = data
    path = write_series(tmp_path_factory.mktemp("round") / f"data{suffix}", X, y)
    X_read, y_read = read_series(path)
    assert_series(X_read, X)
    np.testing.assert_array_equal(y_read, y)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".npz", ".ts", ".csv"])
@given(labelled_series())
@settings(deadline=None, max_examples=20)
def test_series_without_labels_are_read(tmp_path_factory, suffix, data):
    X, _ = data
    X_read, y = read_series(write_series(tmp_path_factory.mktemp("round") / f"data{suffix}", X))
    assert_series(X_read, X)
    assert y is None


@given(labelled_series(n_channels=1, equal=True))
@settings(deadline=None, max_examples=20)
def test_parquet_is_read_as_csv_is(tmp_path_factory, data):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    X, y = data
    path = tmp_path_factory.mktemp("parquet") / "data.parquet"
    columns = {f"t{place}": X[:, 0, place] for place in range(X.shape[2])}
    pq.write_table(pa.table({**columns, "label": y}), path)
    X_read, y_read = read_series(path)
    assert_series(X_read, X)
    np.testing.assert_array_equal(y_read, y)


def test_large_file_of_many_blocks_is_read(tmp_path):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2000, 1, 100)).astype(np.float32), rng.integers(0, 3, 2000)
    for name in ("data.ts", "data.csv"):
        X_read, y_read = read_series(write_series(tmp_path / name, X, y))
        assert_series(X_read, X)
        np.testing.assert_array_equal(y_read, y)


def test_writing_wrong_series_leaves_nothing_behind(tmp_path):
    X = np.zeros((2, 1, 3))
    assert_clear_error(lambda: write_series(tmp_path / "a.ts", X, ["a", "b c"]))
    assert_clear_error(lambda: write_series(tmp_path / "a.ts", X, ["a"]))
    assert_clear_error(lambda: write_series(tmp_path / "a.xls", X))
    assert_clear_error(lambda: write_series(tmp_path / "a.npz", [np.zeros((1, 3)), np.zeros((2, 3))]))
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------------- .ts

TS = """\
# A comment.
@problemName Steps
@timeStamps false
@missing true
@univariate false
@dimensions 2
@equalLength false
@classLabel true walk run
@data
1,2.5,?:4,5,6:walk
7,8:9,10:run
"""


def test_ts_with_channels_and_unequal_lengths(save):
    X, y = read_series(save(TS, "a.ts"))
    assert_series(X, [[[1, 2.5, np.nan], [4, 5, 6]], [[7, 8], [9, 10]]])
    assert y.tolist() == ["walk", "run"]


def test_ts_with_targets_to_predict_gives_floats(save):
    _, y = read_series(save("@targetLabel true\n@data\n1,2:0.5\n3,4:7e-1\n", "a.ts"))
    assert y.dtype == np.float64
    assert y.tolist() == [0.5, 0.7]


def test_ts_class_names_that_look_like_numbers_stay_names(save):
    _, y = read_series(save("@classLabel true 0.5 1.5\n@data\n1,2:0.5\n3,4:1.5\n", "a.ts"))
    assert y.tolist() == ["0.5", "1.5"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("@timeStamps false", "@timeStamps true", "line 3: series with time stamps"),
        ("@dimensions 2", "@dimensions 3", "line 10: 2 channels where 3 were expected"),
        ("@dimensions 2", "@dimensions two", "line 6: @dimensions needs one whole number"),
        ("@univariate false\n@dimensions 2", "@univariate true", "line 9: 2 channels where 1"),
        ("@equalLength false", "@equalLength true\n@seriesLength 3", "line 12: 2 values where @seriesLength says 3"),
        (":walk", ":fly", r"line 10: the class 'fly' is not in @classLabel \(walk, run\)"),
        (":walk", "", "line 10: the class '4,5,6' is not in @classLabel"),
        ("9,10:run", "9:run", "line 11: channel 2 has 1 values, channel 1 has 2"),
        ("2.5", "abc", "line 10: channel 1, value 2: 'abc' is not a number"),
        ("9,10", "9,inf", "line 11: channel 2, value 2: 'inf' is infinite"),
        ("@data", "", "line 10: '1,2.5,"),
        ("1,2.5,?:4,5,6:walk\n7,8:9,10:run\n", "", "no series follow @data"),
        ("@data\n1,2.5,?:4,5,6:walk\n7,8:9,10:run\n", "", "ends without a line @data"),
        ("true walk run", "true", "nothing"),
    ],
)
def test_wrong_ts_files_are_explained(save, old, new, message):
    assert old in TS
    path = save(TS.replace(old, new), "a.ts")
    if message == "nothing":
        assert len(read_series(path)[0]) == 2
        return
    assert_clear_error(lambda: read_series(path))
    with pytest.raises(ValueError, match=message):
        read_series(path)


# ---------------------------------------------------------------------------------------------- wide tables

EXPECTED = np.array([[[1, 2]], [[3, 4]]])


@pytest.mark.parametrize(
    "text",
    [
        "t0,t1,label\n1,2,a\n3,4,b\n",
        "label,t0,t1\na,1,2\nb,3,4\n",
        "t0,label,t1\n1,a,2\n3,b,4\n",
        "id,t0,t1,Class\n7,1,2,a\n8,3,4,b\n",
        "0,1,label\n1,2,a\n3,4,b\n",
        "1,2,a\n3,4,b\n",
        "a,1,2\nb,3,4\n",
        "t0;t1;label\n1;2;a\n3;4;b\n",
        "t0\tt1\tlabel\n1\t2\ta\n3\t4\tb\n",
        "  a   1.0e+00   2.0e+00\n  b   3.0e+00   4.0e+00",
        '"t0","t1","label"\n"1","2","a"\n3,4,"b"\n',
        "t0,t1,label\r\n1,2,a\r\n3,4,b\r\n",
        "\ufefft0,t1,label\n1,2,a\n\n3, 4,b\n\n\n",
        "\n\nt0,t1,label\n1,2,a\n3,4,b",
    ],
)
def test_wide_tables_are_recognised(save, text):
    X, y = read_series(save(text))
    assert_series(X, EXPECTED)
    assert y.tolist() == ["a", "b"]


def test_ucr_files_have_the_label_first(save):
    X, y = read_series(save("2\t1.5\t2\n1\t3\t4\n", "a.tsv"))
    assert_series(X, np.array([[[1.5, 2]], [[3, 4]]]))
    assert y.tolist() == [2, 1]
    assert y.dtype == np.int64


@pytest.mark.parametrize(
    ("options", "X", "y"),
    [
        ({"label_column": "b"}, [[[1, 3]], [[4, 6]]], [2, 5]),
        ({"label_column": 0}, [[[2, 3]], [[5, 6]]], [1, 4]),
        ({"label_column": -1}, [[[1, 2]], [[4, 5]]], [3, 6]),
        ({"label_column": False}, [[[1, 2, 3]], [[4, 5, 6]]], None),
        ({"label_column": "c", "id_column": "a"}, [[[2]], [[5]]], [3, 6]),
    ],
)
def test_columns_can_be_chosen(save, options, X, y):
    X_read, y_read = read_series(save("a,b,c\n1,2,3\n4,5,6\n"), **options)
    assert_series(X_read, np.array(X))
    assert y is None if y_read is None else y_read.tolist() == y


def test_columns_that_only_count_are_a_header(save):
    X, y = read_series(save("0,1,2,species\n1,2,3,a\n"), label_column=-1)
    assert_series(X, np.array([[[1, 2, 3]]]))
    assert y.tolist() == ["a"]


def test_a_header_can_be_denied_and_demanded(save):
    path = save("nan,nan,x\n1,2,y\n")
    assert len(read_series(path, header=False)[0]) == 2
    assert len(read_series(path, label_column="x", header=True)[0]) == 1


def test_label_column_from_a_command_line_may_be_a_number_in_text(save):
    assert read_series(save("1,2,5\n3,4,6\n"), "-1")[1].tolist() == [5, 6]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["1", "2"], np.array([1, 2])),
        (["1.0", "2.0e+00"], np.array([1, 2])),
        (["-1", "0.5"], np.array([-1, 0.5])),
        (["1", "x"], np.array(["1", "x"])),
        (["1_0", "2"], np.array(["1_0", "2"])),
        (["9007199254740993", "1.5e300"], np.array([9007199254740993, 1.5e300])),
    ],
)
def test_labels_are_numbers_only_when_all_are(save, labels, expected):
    _, y = read_series(save("a,label\n1,{}\n2,{}\n".format(*labels)))
    assert y.dtype.kind == expected.dtype.kind
    assert y.tolist() == expected.tolist()


def test_compressed_tables_are_read(save):
    path = save(gzip.compress(b"t0,t1,label\n1,2,a\n3,4,b\n"), "data.csv.gz")
    assert_series(read_series(path)[0], EXPECTED)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("t0,t1,label\n1,2,a\n3,x,b\n", {}, "line 3: column 't1': 'x' is not a number"),
        ("t0,t1,label\n1,2,a\n\n3,1_0,b\n", {}, "line 4: column 't1': '1_0' is not a number"),
        ("t0,t1,label\n1,2,a\n3,-inf,b\n", {}, "line 3: column 't1': '-inf' is infinite"),
        ("t0,t1,label\n1,2,a\n3,1e39,b\n", {}, "line 3: column 't1': '1e39' is infinite as float32"),
        ("t0,t1,species\n1,2,a\n3,4,b\n", {}, "If this column is the label, say label_column='species'"),
        ("t0,t1,label\n1,2,a\n3,4\n", {}, "line 3: 2 columns where the first line has 3"),
        ("t0,label,t1\n1,a,2\n3,b\n", {}, "line 3: 2 columns where the first line has 3"),
        ("t0,t1,label\n1,2,a\n3,4,b,oops\n", {}, "line 3: 4 columns where the first line has 3"),
        ("t0,t1,label\n1,2\n3,4,5,a\n", {}, "line 2: 2 columns where the first line has 3"),
        ("t0,t1,label\n1,2,a\n3,4,\n", {}, "line 3: the label is missing"),
        ("t0,t1,label\n", {}, "only a header"),
        ("t0,t1,label\n1,2,a\n", {"label_column": "lable"}, "Did you mean 'label'"),
        ("t0,t1,label\n1,2,a\n", {"label_column": "kind"}, "the columns are t0, t1, label"),
        ("t0,t1,label\n1,2,a\n", {"label_column": 3}, "no column 3: there are 3 columns"),
        ("t0,t1,label\n1,2,a\n", {"label_column": True}, "no column True"),
        ("t0,t1,label\n1,2,a\n", {"label_column": "t0", "id_column": "t0"}, "cannot be both label_column and id_col"),
        ("t0,class,label\n1,2,a\n", {}, "more than one column could be the label_column"),
        ("id,label\n1,a\n", {}, "no column is left for the values"),
        ("0.5,0.25\n0.75,1\n", {}, "'0.5', does not look like a label. Say label_column=0"),
        ("1,2\n3,4\n", {"label_column": "kind"}, "there is no header, so no column 'kind'"),
        ("t0\n1\n2\n", {}, "only one column, 't0'"),
        ("\n\n \n", {}, "only blank lines"),
        ("t0;t1;label\n1,5;2;a\n", {}, "'1,5' has a decimal comma. Write numbers with a point: 1.5"),
        ("t0;label;t1\n1;a;2,5\n", {}, "column 't1': '2,5' has a decimal comma"),
        ("1,5;2;a\n", {}, "column '0': '1,5' has a decimal comma"),
        ('t0,label\n"1,5",a\n', {}, "'1,5' has a decimal comma"),
        ('t0,label\n1,"a\n', {}, "a quotation mark"),
        ("t0,label\n1,caf\u00e9\n".encode("latin-1"), {}, "line 2: byte 0xe9 is not UTF-8"),
        ("t0,t1,label\n1,2,a\n".encode("utf-16"), {}, "UTF-16"),
        (bytes(range(256)) * 4, {}, "not a text file|not UTF-8"),
        (bytes(100), {}, "not a text file"),
        ("", {}, "is empty"),
        ("a,b\n1,2\n", {"layout": "tall"}, "layout must be 'wide', 'long' or None, not 'tall'"),
    ],
)
def test_wrong_tables_are_explained(save, text, options, message):
    path = save(text)
    assert_clear_error(lambda: read_series(path, **options))
    with pytest.raises(ValueError, match=message):
        read_series(path, **options)


# ---------------------------------------------------------------------------------------------- long tables

LONG = """\
id,time,x,y,label
b,2,3,30,one
a,1,5,50,two
b,1,2,20,one
a,2,,60,two
"""


def test_long_tables_are_sorted_by_time_and_keep_the_order_of_ids(save):
    X, y = read_series(save(LONG))
    assert_series(X, np.array([[[2, 3], [20, 30]], [[5, np.nan], [50, 60]]]))
    assert y.tolist() == ["one", "two"]


def test_long_tables_keep_unequal_lengths(save):
    X, y = read_series(save(LONG + "a,3,7,70,two\n"))
    assert_series(X, [[[2, 3], [20, 30]], [[5, np.nan, 7], [50, 60, 70]]])
    assert y.tolist() == ["one", "two"]


@given(labelled_series(n_channels=2), st.randoms())
@settings(deadline=None, max_examples=30)
def test_the_order_of_rows_does_not_matter(tmp_path_factory, data, random):
    path = write_series(tmp_path_factory.mktemp("long") / "data.csv", *data)
    header, *lines = path.read_text().splitlines()
    random.shuffle(lines)
    path.write_text("\n".join([header, *lines]))
    X, y = read_series(path)
    order = list(dict.fromkeys(int(line.split(",")[0]) for line in lines))
    for place, original in enumerate(order):
        np.testing.assert_array_equal(X[place], data[0][original])
        assert y[place] == data[1][original]


def test_dates_sort_as_dates(save):
    text = "unique_id,ds,y\na,2025-02-01,2\na,2024-12-31,1\na,2025-02-01 12:00:00,3\n"
    X, y = read_series(save(text))
    assert_series(X, np.array([[[1, 2, 3]]]))
    assert y is None


def test_times_that_float32_cannot_tell_apart_stay_apart(save):
    X, _ = read_series(save("id,time,v\na,1700000001,2\na,1700000000,1\na,1700000002,3\n"))
    assert_series(X, np.array([[[1, 2, 3]]]))


def test_long_columns_can_be_named(save):
    path = save("run;when;v\n1;2;6\n1;1;5\n")
    X, _ = read_series(path, id_column="run", time_column="when")
    assert_series(X, np.array([[[5, 6]]]))
    assert_clear_error(lambda: read_series(path, time_column="when"))
    assert_clear_error(lambda: read_series(path, layout="long", id_column="run"))


def test_layout_wide_overrules_the_names(save):
    X, _ = read_series(save("id,time,v\n1,2,3\n4,5,6\n"), layout="wide")
    assert_series(X, np.array([[[2, 3]], [[5, 6]]]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LONG + "b,2,9,9,one\na,1,9,9,two\n", "line 6: series 'b' has the time 2 twice"),
        (LONG + "b,3,9,9,two\n", "line 6: series 'b' has the label 'one' and here 'two'"),
        (LONG + "b,soon,9,9,one\n", "line 2: the time '2' is neither|line 6: the time 'soon' is neither"),
        (LONG + "b,,9,9,one\n", "line 6: the time is missing"),
        (LONG + ",7,9,9,one\n", "line 6: the id is missing"),
        (LONG + "b,7,9,9,\n", "line 6: the label is missing"),
        (LONG + "b,7,9,x,one\n", "line 6: column 'y': 'x' is not a number"),
        (LONG + "b,7,9\n", "line 6: 3 columns where the first line has 5"),
        (LONG.replace(",", ";") + "b;7;1,5;9;one\n", "line 6: column 'x': '1,5' has a decimal comma"),
        ("id,time,v,label\n", "only a header"),
        ("id,time,v\na,2025-01-01,1\na,2025-01-01 00:00:00,1\n", "has the time 2025-01-01 00:00:00.* twice"),
    ],
)
def test_wrong_long_tables_are_explained(save, text, message):
    path = save(text)
    assert_clear_error(lambda: read_series(path))
    with pytest.raises(ValueError, match=message):
        read_series(path)


# ---------------------------------------------------------------------------------------------- npz and Parquet


def test_npz_of_one_channel_may_have_two_dimensions(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.arange(6.0).reshape(2, 3), y=["a", "b"])
    X, y = read_series(tmp_path / "a.npz")
    assert_series(X, np.arange(6).reshape(2, 1, 3))
    assert y.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"data": np.zeros((2, 3))}, "no array X; it holds data"),
        ({"X": np.zeros((2, 3)), "y": [1]}, r"y has the shape \(1,\), but X holds 2 series"),
        ({"X": np.zeros(3)}, r"shape \(3,\)"),
        ({"X": np.zeros((0, 1, 3))}, r"shape \(0, 1, 3\)"),
        ({"X": np.array([[1, np.inf]])}, r"X\[0, 1\] is infinite"),
        ({"X": np.array([["a", "b"]])}, "dtype <U1; expected numbers"),
        ({"X": np.array([[1], [2, 3]], dtype=object)}, "holds Python objects"),
        ({"X": np.zeros((2, 3)), "y": np.array(["a", None])}, "holds Python objects"),
        ({"X": np.zeros((1, 5)), "lengths": [2, 2]}, "add up to 5"),
    ],
)
def test_wrong_npz_files_are_explained(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    assert_clear_error(lambda: read_series(tmp_path / "a.npz"))
    with pytest.raises(ValueError, match=message):
        read_series(tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["a.npz", "a.parquet", "a.csv.gz", "a.ts.gz"])
@pytest.mark.parametrize("content", [b"rubbish", b"PK\x03\x04 cut off", b"PAR1 cut off PAR1", b"\x1f\x8b\x08 cut"])
def test_cut_off_binary_files_are_explained(save, name, content):
    pytest.importorskip("pyarrow")
    assert_clear_error(lambda: read_series(save(content, name)))


def test_half_a_gzip_file_is_explained(save):
    text = "a,b,label\n" + "\n".join(f"{place * 0.37},{place},x" for place in range(5000))
    path = save(gzip.compress(text.encode())[:-2000], "a.csv.gz")
    assert_clear_error(lambda: read_series(path))


@pytest.fixture
def save_parquet(tmp_path):
    """Return a function that writes columns to a Parquet file."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")

    def write(**columns):
        pq.write_table(pa.table(columns), tmp_path / "data.parquet")
        return tmp_path / "data.parquet"

    return write


def test_long_parquet(save_parquet):
    times = np.array(["2025-01-02", "2025-01-01", "2025-01-01"], "datetime64[ns]")
    path = save_parquet(id=["b", "b", "a"], time=times, v=[2.5, None, 1.0], label=["x", "x", "y"])
    X, y = read_series(path)
    assert_series(X, [[[np.nan, 2.5]], [[1]]])
    assert y.tolist() == ["x", "y"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"t0": [1.0], "kind": ["a"]}, "column 'kind' holds string, not numbers. If it is the label, say label_column"),
        ({"t0": [1.0, np.inf], "label": ["a", "b"]}, "row 2, column 't0' is infinite"),
        ({"t0": [1.0, 2.0], "label": ["a", None]}, "row 2, column 'label' is empty"),
        ({"t0": np.zeros(0), "label": np.zeros(0)}, "there are no rows"),
        ({"id": [1, 1], "time": [3, 3], "v": [1.0, 2.0]}, "series '1' has the time 3 twice"),
    ],
)
def test_wrong_parquet_files_are_explained(save_parquet, columns, message):
    path = save_parquet(**columns)
    assert_clear_error(lambda: read_series(path))
    with pytest.raises(ValueError, match=message):
        read_series(path)


def test_missing_pyarrow_names_what_to_install(save, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install stac-series-files\[parquet\]"):
        read_series(save("x", "a.parquet"))


# ---------------------------------------------------------------------------------------------- paths


def test_missing_file_names_similar_ones(save):
    path = save("a,b\n", "steps.csv")
    with pytest.raises(FileNotFoundError, match=r"Did you mean steps\.csv\?"):
        read_series(path.with_name("step.csv"))


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nor does its folder"):
        read_series(tmp_path / "nowhere" / "a.csv")


def test_a_folder_is_refused(save):
    path = save("a,b\n", "steps.csv")
    with pytest.raises(ValueError, match=r"is a folder: name one file in it, such as steps\.csv"):
        read_series(path.parent)


def test_unknown_suffixes_name_the_known_ones(save):
    with pytest.raises(ValueError, match=r"\.ts, \.npz, \.csv"):
        read_series(save("a,b\n", "steps.xlsx"))
