"""The recurrent network takes any station, never reads a missing PMT, learns, and explains bad input."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.models.wcd_rnn import WcdRnn
from stac.testing.component_checks import assert_clear_error, package_checks
from stac.training.network_files import load_network, save_network

COMPONENT = Path(__file__).parents[1]
torch.set_num_threads(1)  # tests run side by side, and threads that wait for each other take ten times as long
CELLS = [("gru", True), ("gru", False), ("lstm", True), ("lstm", False)]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def stations(n=6, n_pmts=3, n_bins=40, n_features=0, missing=0.3, seed=0):
    """Traces with heavy tails and negative samples, masks with missing PMTs, features or None."""
    generator = torch.Generator().manual_seed(seed)
    traces = torch.randn(n, n_pmts, n_bins, generator=generator)
    traces = traces * 10 ** (2 * torch.rand(n, 1, 1, generator=generator) - 1)
    pmt_mask = torch.rand(n, n_pmts, generator=generator) >= missing
    features = torch.randn(n, n_features, generator=generator) if n_features else None
    return traces, pmt_mask, features


# ----------------------------------------------------------------------------------- shapes and sizes


@settings(max_examples=15, deadline=None)
@given(
    *(st.integers(1, 5), st.integers(1, 5), st.integers(16, 300), st.integers(0, 3), st.integers(1, 4)),
    *(st.sampled_from(CELLS), st.booleans()),
)
def test_any_station_gives_finite_outputs(n, n_pmts, n_bins, n_features, n_outputs, cell, ring):
    cell, bidirectional = cell
    network = WcdRnn(
        *(n_pmts, n_bins), n_features=n_features, n_outputs=n_outputs, cell=cell, bidirectional=bidirectional, ring=ring
    ).eval()
    outputs = network(*stations(n, n_pmts, n_bins, n_features))
    assert outputs.shape == (n, n_outputs)
    assert torch.isfinite(outputs).all()


@pytest.mark.parametrize(
    ("n_pmts", "n_bins", "steps"), [(4, 16, 8), (4, 30, 15), (3, 200, 25), (3, 768, 24), (3, 2048, 32)]
)
def test_the_recurrence_walks_few_steps(n_pmts, n_bins, steps):
    network = WcdRnn(n_pmts, n_bins).eval()
    assert network.convolutions.n_steps == steps
    assert network(*stations(2, n_pmts, n_bins)).shape == (2, 2)


@pytest.mark.parametrize(
    ("preset", "gru", "lstm"), [("small", 12_762, 15_162), ("medium", 73_922, 88_514), ("large", 288_642, 346_498)]
)
def test_number_of_parameters(preset, gru, lstm):
    networks = [WcdRnn(4, 30, preset=preset, cell=cell) for cell in ("gru", "lstm")]
    assert [sum(p.numel() for p in network.parameters()) for network in networks] == [gru, lstm]


# --------------------------------------------------------------------------------------- missing PMTs


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(CELLS), st.sampled_from([0.0, 1e30, float("nan"), float("-inf")]), st.integers(0, 99))
def test_samples_of_missing_pmts_never_change_the_output(cell, junk, seed):
    traces, pmt_mask, _ = stations(5, missing=0.5, seed=seed)
    torch.manual_seed(0)
    network = WcdRnn(3, 40, cell=cell[0], bidirectional=cell[1]).eval()
    expected = network(traces, pmt_mask)
    assert torch.equal(network(traces.masked_fill(~pmt_mask[..., None], junk), pmt_mask), expected)


@pytest.mark.parametrize("n_outputs", [2, 40])
def test_a_station_without_pmts_gives_finite_outputs_and_gradients(n_outputs):
    network = WcdRnn(3, 40, n_outputs=n_outputs)
    traces, pmt_mask, _ = stations()
    traces[0], pmt_mask[0] = torch.nan, False
    outputs = network(traces, pmt_mask)
    outputs.square().sum().backward()
    assert torch.isfinite(outputs).all()
    assert all(torch.isfinite(p.grad).all() for p in network.parameters())


@pytest.mark.parametrize("n_pmts", [1, 2, 3, 4])
def test_it_does_not_matter_where_counting_around_the_ring_begins(n_pmts):
    network = WcdRnn(n_pmts, 40).eval()
    traces, pmt_mask, _ = stations(20, n_pmts)
    torch.testing.assert_close(network(traces.roll(1, 1), pmt_mask.roll(1, 1)), network(traces, pmt_mask))


def test_both_ends_are_read_only_if_bidirectional():
    traces, _, _ = stations()
    for bidirectional in (True, False):
        network = WcdRnn(3, 40, bidirectional=bidirectional)
        assert network.recurrence.bidirectional == bidirectional
        assert network(traces).shape == (6, 2)


# ------------------------------------------------------------------------------- training and storage


@pytest.mark.parametrize(("cell", "bidirectional"), CELLS)
@pytest.mark.parametrize("n_outputs", [2, 30])
def test_gradients_reach_every_parameter_and_are_finite(cell, bidirectional, n_outputs):
    network = WcdRnn(4, 30, n_features=2, n_outputs=n_outputs, cell=cell, bidirectional=bidirectional)
    network(*stations(8, 4, 30, 2)).square().mean().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


def test_the_seed_decides_everything():
    def trained(seed):
        torch.manual_seed(seed)
        network = WcdRnn(3, 40)
        optimizer = torch.optim.AdamW(network.parameters())
        for step in range(3):
            network(*stations(8, seed=step)).square().mean().backward()
            optimizer.step()
        return network.eval()(*stations())

    assert torch.equal(trained(1), trained(1))
    assert not torch.equal(trained(1), trained(2))


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_order_of_two_pulses_is_learnt_in_seconds(cell):
    torch.manual_seed(0)
    label = torch.arange(512) % 2
    traces = 0.1 * torch.randn(512, 3, 64)
    traces[label == 0, :, 10:13] += 1
    traces[label == 0, :, 30:32] += 0.5
    traces[label == 1, :, 10:12] += 0.5
    traces[label == 1, :, 30:33] += 1
    network = WcdRnn(3, 64, cell=cell)
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    for _ in range(40):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(traces[:256]), label[:256]).backward()
        optimizer.step()
    assert (network.eval()(traces[256:]).argmax(1) == label[256:]).float().mean() > 0.95


@pytest.mark.parametrize(("cell", "bidirectional"), CELLS)
def test_saved_networks_come_back_bit_for_bit(tmp_path, cell, bidirectional):
    network = WcdRnn(4, 30, n_features=2, cell=cell, bidirectional=bidirectional)
    network.set_feature_scaling([1.0, 2.0], [3.0, 4.0])
    save_network(network, tmp_path / "net.safetensors")
    again = load_network(tmp_path / "net.safetensors", WcdRnn)
    assert again.hyperparameters == network.hyperparameters
    assert torch.equal(again(*stations(8, 4, 30, 2)), network.eval()(*stations(8, 4, 30, 2)))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_it_can_be_exported_for_any_number_of_stations(cell):
    network = WcdRnn(4, 30, cell=cell).eval()
    traces, pmt_mask, _ = stations(6, 4, 30)
    n = torch.export.Dim("n", min=2)
    program = torch.export.export(network, (traces, pmt_mask), dynamic_shapes=({0: n}, {0: n}))
    more = stations(9, 4, 30, seed=1)[:2]
    torch.testing.assert_close(program.module()(*more), network(*more))


# ------------------------------------------------------------------------------------------ bad input


def test_wrong_shapes_are_named_with_the_right_ones():
    traces, pmt_mask, _ = stations()
    network = WcdRnn(3, 40)
    assert_clear_error(network, traces[:, :2], pmt_mask[:, :2], mentions=("(6, 2, 40)", "(n_stations, 3, 40)"))
    assert_clear_error(network, traces[..., :30], pmt_mask, mentions=("(6, 3, 30)", "(n_stations, 3, 40)"))
    assert_clear_error(WcdRnn(3, 40, n_features=1), traces, pmt_mask, mentions=("features are missing", "(6, 1)"))


@pytest.mark.parametrize("arguments", [{"preset": "huge"}, {"cell": "rnn"}, {"n_bins": 15}, {"dropout": -0.1}])
def test_unknown_presets_and_cells(arguments):
    assert_clear_error(WcdRnn, **arguments, mentions=tuple(arguments))
