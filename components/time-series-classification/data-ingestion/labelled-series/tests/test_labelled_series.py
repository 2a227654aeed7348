"""Both parts come with labels and share no instance; what cannot be used is explained."""

from pathlib import Path

import numpy as np
import pytest

from stac.data_ingestion.labelled_series import load_labelled
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def write(path, n=20, length=5, label=True):
    rows = [",".join([*(str(i + t) for t in range(length)), *(["ab"[i % 2]] if label else [])]) for i in range(n)]
    header = ",".join([*(f"t{t}" for t in range(length)), *(["label"] if label else [])])
    path.write_text("\n".join([header, *rows]))
    return path


def test_each_class_is_split_and_no_instance_is_shared(tmp_path):
    X_train, _, X_test, y_test = load_labelled(write(tmp_path / "own.csv"), test_size=0.3)
    assert (len(X_train), len(X_test)) == (14, 6)
    assert (y_test == "a").sum() == 3
    assert set(X_train[:, 0, 0]).isdisjoint(X_test[:, 0, 0])


def test_the_seed_decides(tmp_path):
    path = write(tmp_path / "own.csv")
    first, again, other = (load_labelled(path, random_state=seed)[0] for seed in (0, 0, 1))
    assert (first == again).all()
    assert not (first == other).all()


def test_a_test_file_is_taken_whole(tmp_path):
    X_train, _, X_test, y_test = load_labelled(write(tmp_path / "a.csv"), test_data=write(tmp_path / "b.csv", n=4))
    assert (len(X_train), len(X_test), len(y_test)) == (20, 4, 4)


def test_a_named_data_set_has_its_own_split(tmp_path, monkeypatch):
    (tmp_path / "Steps").mkdir()
    for part, rows in (("TRAIN", "1\t0.5\t0.7\n2\t0.1\t0.2\n"), ("TEST", "2\t0.3\t0.4\n")):
        (tmp_path / "Steps" / f"Steps_{part}.tsv").write_text(rows)
    monkeypatch.setenv("STAC_UCR_ARCHIVE", str(tmp_path))
    X_train, y_train, X_test, y_test = load_labelled("Steps")
    assert (X_train.shape, X_test.shape) == ((2, 1, 2), (1, 1, 2))
    assert (y_train.tolist(), y_test.tolist()) == ([1, 2], [2])


def test_different_lengths_are_refused_unless_they_are_welcome(tmp_path):
    path = tmp_path / "long.csv"
    rows = [f"{i},{t},{t},{'ab'[i % 2]}" for i in range(8) for t in range(3 + i % 3)]
    path.write_text("\n".join(["id,time,value,label", *rows]))
    assert_clear_error(load_labelled, path, mentions=("long.csv", "different lengths", "resample"))
    X_train, y_train, *_ = load_labelled(path, equal_length=False)
    assert len(X_train) == len(y_train)


def test_what_cannot_be_used_is_explained(tmp_path):
    bare, own = write(tmp_path / "bare.csv", label=False), write(tmp_path / "own.csv")
    assert_clear_error(load_labelled, bare, mentions=("bare.csv", "no labels", "label_column"))
    assert_clear_error(load_labelled, own, test_data=bare, mentions=("bare.csv", "no labels"))
    short = write(tmp_path / "short.csv", length=4)
    assert_clear_error(load_labelled, own, test_data=short, mentions=("(1, 5)", "(1, 4)"))
    assert_clear_error(load_labelled, own, test_size=0.0, mentions=("test_size",))
    assert_clear_error(load_labelled, "NoSuchSet", mentions=("NoSuchSet",))
    with pytest.raises(OSError, match="missing"):
        load_labelled(tmp_path / "missing.csv")


def test_labels_stay_in_the_order_of_the_file(tmp_path):
    X_train, y_train, *_ = load_labelled(write(tmp_path / "a.csv"), test_data=write(tmp_path / "b.csv", n=4))
    np.testing.assert_array_equal(X_train[:, 0, 0], np.arange(20))
    assert "".join(y_train) == "ab" * 10
