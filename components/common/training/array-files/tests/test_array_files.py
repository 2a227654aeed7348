"""Arrays and parameters come back bit for bit, or one line says why not."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.training.array_files import load_arrays, save_arrays

COMPONENT = Path(__file__).parents[1]
DTYPES = st.sampled_from([np.float32, np.float64, np.int64, np.bool_, np.dtype("U3"), np.complex64])


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@settings(max_examples=25, deadline=None)
@given(st.data(), DTYPES.flatmap(lambda dtype: of_numpy.arrays(dtype, of_numpy.array_shapes(min_dims=0, min_side=0))))
def test_arrays_come_back_bit_for_bit(tmp_path_factory, data, array):
    path = tmp_path_factory.mktemp("model") / "model.npz"
    params = data.draw(st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text()))
    assert save_arrays(path, "Model", params, {"a": array, "b": np.arange(3)}) == path
    again, arrays = load_arrays(path, "Model")
    assert again == params
    assert list(arrays) == ["a", "b"]
    assert arrays["a"].dtype == array.dtype
    assert arrays["a"].tobytes() == array.tobytes()


def test_foreign_and_damaged_files_are_refused(tmp_path):
    path = save_arrays(tmp_path / "model.npz", "Model", {}, {"a": np.arange(1000)})
    content = path.read_bytes()
    for wrong in (b"", b"some text", content[:-100], content[:500]):
        path.write_bytes(wrong)
        assert_clear_error(load_arrays, path, "Model", mentions=("model.npz", "damaged"))
    np.savez(path, a=np.zeros(3))
    assert_clear_error(load_arrays, path, "Model", mentions=("model.npz",))
    np.save(tmp_path / "model.npy", np.array([{}]), allow_pickle=True)
    assert_clear_error(load_arrays, tmp_path / "model.npy", "Model", mentions=("model.npy",))
    with pytest.raises(FileNotFoundError, match=r"none\.npz"):
        load_arrays(tmp_path / "none.npz", "Model")


def test_other_kinds_and_formats_are_named(tmp_path):
    path = save_arrays(tmp_path / "model.npz", "Transformer", {}, {})
    assert_clear_error(load_arrays, path, "Classifier", mentions=("Transformer", "Classifier"))
    np.savez(path, header=np.array(json.dumps({"kind": "Model", "format": 99, "params": {}})))
    assert_clear_error(load_arrays, path, "Model", mentions=("99", "update"))


@pytest.mark.parametrize("name", ["a", "header"])
def test_what_cannot_be_stored_is_refused_and_the_old_file_stays(tmp_path, name):
    path = save_arrays(tmp_path / "model.npz", "Model", {"old": True}, {})
    array = np.array([{}]) if name == "a" else np.zeros(2)
    assert_clear_error(save_arrays, path, "Model", {}, {name: array}, mentions=(name,))
    with pytest.raises(TypeError):
        save_arrays(path, "Model", {"function": print}, {})
    assert load_arrays(path, "Model") == ({"old": True}, {})
    assert os.listdir(tmp_path) == ["model.npz"]  # noqa: PTH208


def test_save_to_a_missing_folder_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="missing"):
        save_arrays(tmp_path / "missing" / "model.npz", "Model", {}, {})
    assert not any(tmp_path.iterdir())
