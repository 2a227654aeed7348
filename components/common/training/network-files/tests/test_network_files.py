"""A network comes back bit for bit, or one line says why not."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from stac.testing.component_checks import assert_clear_error, package_checks
from stac.training.network_files import load_network, read_metadata, save_network

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


class Net(torch.nn.Module):
    """A recurrent network with normalisation, buffers and tied weights."""

    def __init__(self, n_inputs=3, width=4, *, tied=True):
        if width < 1:
            raise ValueError(f"width={width} is too small: take 1 or more.")
        super().__init__()
        self.hyperparameters = {"n_inputs": n_inputs, "width": width, "tied": tied}
        self.gru = torch.nn.GRU(n_inputs, width, batch_first=True)
        self.norm = torch.nn.BatchNorm1d(width)
        self.first = torch.nn.Linear(width, width)
        self.second = torch.nn.Linear(width, width)
        if tied:
            self.second.weight = self.first.weight
        self.register_buffer("scale", torch.ones(n_inputs))

    def forward(self, x):
        return self.second(self.first(self.norm(self.gru(x * self.scale)[0][:, -1])))


class Other(Net):
    pass


def same_bits(a, b):
    a, b = a.state_dict(), b.state_dict()
    return a.keys() == b.keys() and all(a[k].dtype == b[k].dtype and torch.equal(a[k], b[k]) for k in a)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 5), st.integers(1, 9), st.booleans())
def test_a_network_comes_back_bit_for_bit(tmp_path_factory, n_inputs, width, tied):
    path = tmp_path_factory.mktemp("net") / "net.safetensors"
    network = Net(n_inputs, width, tied=tied)
    network(torch.randn(4, 7, n_inputs))  # moves the running statistics
    assert save_network(network, path) == path
    again = load_network(path, Net)
    assert same_bits(again, network)
    assert again.hyperparameters == network.hyperparameters
    assert not again.training
    x = torch.randn(2, 5, n_inputs)
    assert torch.equal(again(x), network.eval()(x))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_stay(tmp_path, dtype):
    network = Net().to(dtype)
    save_network(network, tmp_path / "net.safetensors")
    assert same_bits(load_network(tmp_path / "net.safetensors", Net), network)


def test_training_goes_on_after_loading(tmp_path):
    save_network(Net(), tmp_path / "net.safetensors")
    network = load_network(tmp_path / "net.safetensors", Net).train()
    network(torch.randn(4, 7, 3)).sum().backward()
    assert all(p.grad is not None for p in network.parameters())


def test_loading_leaves_random_numbers_alone(tmp_path):
    save_network(Net(), tmp_path / "net.safetensors")
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    load_network(tmp_path / "net.safetensors", Net)
    assert torch.equal(torch.rand(2), expected)


def test_notes_come_back_with_arrays_as_lists(tmp_path):
    notes = {"classes": np.array(["em", "muon"]), "auc": np.float32(0.5), "mean": torch.ones(2), "unit": "VEM · µs"}
    save_network(Net(), tmp_path / "net.safetensors", **notes)
    expected = {"classes": ["em", "muon"], "auc": 0.5, "mean": [1.0, 1.0], "unit": "VEM · µs"}
    assert read_metadata(tmp_path / "net.safetensors") == expected


def test_the_same_network_gives_the_same_file(tmp_path):
    network = Net()
    files = {save_network(network, tmp_path / "net.safetensors", note=1).read_bytes() for _ in range(20)}
    assert len(files) == 1


def test_a_compiled_network_is_stored_as_what_it_wraps(tmp_path):
    network = Net()
    save_network(torch.compile(network), tmp_path / "net.safetensors")  # compiled only when called
    assert same_bits(load_network(tmp_path / "net.safetensors", Net), network)


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(tmp_path, monkeypatch):
    path = save_network(Net(), tmp_path / "net.safetensors", version=1)

    def no_room(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_room)
    assert_clear_error(save_network, Net(), path, version=2, mentions=("no space left", "net.safetensors"))
    assert read_metadata(path) == {"version": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["net.safetensors"]


def test_importing_costs_no_torch():
    code = "import sys, stac.training.network_files; sys.exit('torch' in sys.modules or 'safetensors' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# ------------------------------------------------------------------------------------------ bad input


def test_missing_file_and_missing_folder(tmp_path):
    assert_clear_error(load_network, tmp_path / "no.safetensors", Net, mentions=("no.safetensors",))
    assert_clear_error(load_network, tmp_path, Net, mentions=("no network",))
    assert_clear_error(save_network, Net(), tmp_path / "no" / "net.safetensors", mentions=("folder",))


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 100, -1, -100])
def test_truncated_file(tmp_path, size):
    path = save_network(Net(), tmp_path / "net.safetensors")
    path.write_bytes(path.read_bytes()[:size])
    assert_clear_error(load_network, path, Net, mentions=("net.safetensors", "damaged", "again"))
    assert_clear_error(read_metadata, path, mentions=("damaged",))


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=200))
def test_any_other_file(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("net") / "net.safetensors"
    path.write_bytes(content)
    assert_clear_error(load_network, path, Net, mentions=("net.safetensors",))


def test_safetensors_of_others(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file({"weight": torch.ones(2)}, path)
    assert_clear_error(load_network, path, Net, mentions=("no network of save_network",))


def test_newer_format(tmp_path):
    path = tmp_path / "net.safetensors"
    save_file({}, path, {"stac_network": '{"format": 2}'})
    assert_clear_error(load_network, path, Net, mentions=("format 2", "update"))


def test_another_class(tmp_path):
    path = save_network(Net(), tmp_path / "net.safetensors")
    assert_clear_error(load_network, path, Other, mentions=("a Net", "not a Other"))


@pytest.mark.parametrize("arguments", [{"depth": 2}, {"width": 0}])
def test_arguments_the_class_does_not_take(tmp_path, arguments):
    network = Net()
    network.hyperparameters = arguments
    path = save_network(network, tmp_path / "net.safetensors")
    assert_clear_error(load_network, path, Net, mentions=("does not take", *arguments))


def test_another_shape_names_both(tmp_path):
    network = Net(width=4)
    network.hyperparameters = {"width": 5}
    path = save_network(network, tmp_path / "net.safetensors")
    assert_clear_error(load_network, path, Net, mentions=("of shape (4", "(5"))


def test_tensors_that_lack_or_are_unknown(tmp_path):
    header = {"stac_network": '{"format": 1, "class": "Net", "hyperparameters": {}, "metadata": {}}'}
    state = {name: tensor.clone() for name, tensor in Net().state_dict().items()}
    save_file(state | {"zzz": torch.ones(1)}, tmp_path / "more", header)
    assert_clear_error(load_network, tmp_path / "more", Net, mentions=("unknown zzz",))
    del state["first.bias"]
    save_file(state, tmp_path / "less", header)
    assert_clear_error(load_network, tmp_path / "less", Net, mentions=("lacks first.bias",))


def test_networks_and_notes_that_cannot_be_stored(tmp_path):
    assert_clear_error(save_network, torch.nn.Linear(2, 1), tmp_path / "a", mentions=("hyperparameters",))
    assert_clear_error(save_network, Net(), tmp_path / "a", note=object(), mentions=("metadata", "object"))
    assert_clear_error(save_network, Net(), tmp_path / "a", note=float("nan"), mentions=("metadata", "finite"))
    assert not list(tmp_path.iterdir())


def test_header_is_plain_json(tmp_path):
    content = save_network(Net(), tmp_path / "net.safetensors", note=1).read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    assert json.loads(header["stac_network"])["hyperparameters"] == {"n_inputs": 3, "width": 4, "tied": True}
