"""The network takes any station, never reads a missing PMT, learns, and explains bad input."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.models.wcd_cnn import StationHead, StationInput, TraceConvolutions, WcdCnn
from stac.testing.component_checks import assert_clear_error, package_checks
from stac.training.network_files import load_network, save_network

COMPONENT = Path(__file__).parents[1]
torch.set_num_threads(1)  # tests run side by side, and threads that wait for each other take ten times as long


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
    *(st.sampled_from(["small", "medium"]), st.booleans()),
)
def test_any_station_gives_finite_outputs(n, n_pmts, n_bins, n_features, n_outputs, preset, ring):
    network = WcdCnn(n_pmts, n_bins, n_features=n_features, n_outputs=n_outputs, preset=preset, ring=ring).eval()
    outputs = network(*stations(n, n_pmts, n_bins, n_features))
    assert outputs.shape == (n, n_outputs)
    assert torch.isfinite(outputs).all()


@pytest.mark.parametrize(
    ("n_pmts", "n_bins", "steps"), [(4, 16, 4), (4, 30, 8), (3, 100, 13), (3, 200, 13), (3, 768, 12), (3, 2048, 16)]
)
def test_traces_of_all_detectors_are_shortened(n_pmts, n_bins, steps):
    network = WcdCnn(n_pmts, n_bins).eval()
    assert network.convolutions.n_steps == steps
    assert network(*stations(2, n_pmts, n_bins)).shape == (2, 2)


@pytest.mark.parametrize(
    ("preset", "tank", "auger"), [("small", 11_946, 14_954), ("medium", 70_210, 90_882), ("large", 310_978, 393_282)]
)
def test_number_of_parameters(preset, tank, auger):
    counts = [
        sum(p.numel() for p in WcdCnn(n_pmts, n_bins, preset=preset).parameters())
        for n_pmts, n_bins in ((4, 30), (3, 200))
    ]
    assert counts == [tank, auger]


def test_one_station_and_no_station():
    network = WcdCnn(3, 40).eval()
    assert network(*stations(1)).shape == (1, 2)
    assert network(*stations(0)).shape == (0, 2)


# --------------------------------------------------------------------------------------- missing PMTs


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 4), st.sampled_from([0.0, 1e30, -5.0, float("nan"), float("inf")]), st.integers(0, 99))
def test_samples_of_missing_pmts_never_change_the_output(n_pmts, junk, seed):
    traces, pmt_mask, _ = stations(5, n_pmts, missing=0.5, seed=seed)
    for training in (False, True):
        torch.manual_seed(0)
        network = WcdCnn(n_pmts, 40, dropout=0.0).train(training)
        expected = network(traces, pmt_mask)
        assert torch.equal(network(traces.masked_fill(~pmt_mask[..., None], junk), pmt_mask), expected)


@pytest.mark.parametrize("n_outputs", [2, 40])
def test_a_station_without_pmts_gives_finite_outputs_and_gradients(n_outputs):
    network = WcdCnn(3, 40, n_outputs=n_outputs)
    traces, pmt_mask, _ = stations()
    traces[0], pmt_mask[0] = torch.nan, False
    outputs = network(traces, pmt_mask)
    outputs.square().sum().backward()
    assert torch.isfinite(outputs).all()
    assert all(torch.isfinite(p.grad).all() for p in network.parameters())
    assert torch.isfinite(network.eval()(traces[:1], pmt_mask[:1])).all()


def test_no_mask_means_all_pmts_work():
    network = WcdCnn(3, 40).eval()
    traces, _, _ = stations()
    assert torch.equal(network(traces), network(traces, torch.ones(6, 3, dtype=torch.bool)))


def test_a_missing_pmt_is_not_the_same_as_a_silent_one():
    network = WcdCnn(3, 40).eval()
    traces, _, _ = stations()
    traces[:, 1] = 0
    mask = torch.tensor([True, False, True]).expand(6, 3)
    assert not torch.equal(network(traces), network(traces, mask))


# -------------------------------------------------------------------------------------- order of PMTs


@pytest.mark.parametrize("n_pmts", [1, 2, 3, 4])
def test_it_does_not_matter_where_counting_around_the_ring_begins(n_pmts):
    network = WcdCnn(n_pmts, 40).eval()
    traces, pmt_mask, _ = stations(20, n_pmts)
    expected = network(traces, pmt_mask)
    for turn in range(n_pmts):
        torch.testing.assert_close(network(traces.roll(turn, 1), pmt_mask.roll(turn, 1)), expected)
        mirrored = network(traces.roll(turn, 1).flip(1), pmt_mask.roll(turn, 1).flip(1))
        torch.testing.assert_close(mirrored, expected)


def test_opposite_pmts_differ_from_neighbours():
    traces, _, _ = stations(6, 4)
    swapped = traces[:, [0, 2, 1, 3]]
    network = WcdCnn(4, 40).eval()
    assert not torch.allclose(network(traces), network(swapped))


def test_places_matter_without_ring():
    traces, _, _ = stations()
    network = WcdCnn(3, 40, ring=False).eval()
    assert not torch.allclose(network(traces), network(traces.roll(1, 1)))


# --------------------------------------------------------------------------------- features and traces


def test_features_are_scaled_and_saved_with_the_weights(tmp_path):
    network = WcdCnn(3, 40, n_features=2).eval()
    traces, pmt_mask, features = stations(n_features=2)
    expected = network(traces, pmt_mask, features)
    network.set_feature_scaling(np.array([5.0, -3.0]), [10.0, 0.0])
    shifted = features * torch.tensor([10.0, 1.0]) + torch.tensor([5.0, -3.0])
    torch.testing.assert_close(network(traces, pmt_mask, shifted), expected)
    save_network(network, tmp_path / "net.safetensors")
    again = load_network(tmp_path / "net.safetensors", WcdCnn)
    assert torch.equal(again(traces, pmt_mask, shifted), network(traces, pmt_mask, shifted))


def test_a_trace_is_a_share_of_the_mean_trace():
    network = WcdCnn(3, 40, n_outputs=40).eval()
    traces, pmt_mask, _ = stations(missing=0.0)
    share = network(traces.abs(), pmt_mask) / traces.abs().mean(1)
    assert share.shape == (6, 40)
    assert ((share > 0) & (share < 1)).all()


# ------------------------------------------------------------------------------- training and storage


@pytest.mark.parametrize("n_outputs", [1, 2, 30])
def test_gradients_reach_every_parameter_and_are_finite(n_outputs):
    network = WcdCnn(4, 30, n_features=2, n_outputs=n_outputs)
    network(*stations(8, 4, 30, 2)).square().mean().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.any(), name


def test_the_seed_decides_everything():
    def trained(seed):
        torch.manual_seed(seed)
        network = WcdCnn(3, 40)
        optimizer = torch.optim.AdamW(network.parameters())
        for step in range(3):
            network(*stations(8, seed=step)).square().mean().backward()
            optimizer.step()
        return network.eval()(*stations())

    assert torch.equal(trained(1), trained(1))
    assert not torch.equal(trained(1), trained(2))


def test_late_muon_pulses_are_learnt_in_seconds():
    torch.manual_seed(0)
    label = torch.arange(512) % 2
    traces = 0.1 * torch.randn(512, 3, 64)
    traces[:, :, 10:13] += 1
    traces[label == 1, 1, 40:42] += 0.7
    network = WcdCnn(3, 64)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    for _ in range(40):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(traces[:256]), label[:256]).backward()
        optimizer.step()
    assert (network.eval()(traces[256:]).argmax(1) == label[256:]).float().mean() > 0.95


@pytest.mark.parametrize("preset", ["small", "medium", "large"])
def test_saved_networks_come_back_bit_for_bit(tmp_path, preset):
    torch.manual_seed(0)
    network = WcdCnn(4, 30, preset=preset, n_outputs=3)
    network(*stations(8, 4, 30))  # moves the running statistics
    save_network(network, tmp_path / "net.safetensors")
    torch.manual_seed(9)
    again = load_network(tmp_path / "net.safetensors", WcdCnn)
    assert again.hyperparameters == network.hyperparameters
    assert torch.equal(again(*stations(8, 4, 30)), network.eval()(*stations(8, 4, 30)))


@pytest.mark.filterwarnings("ignore")
def test_it_can_be_exported_for_any_number_of_stations():
    network = WcdCnn(4, 30).eval()
    traces, pmt_mask, _ = stations(6, 4, 30)
    n = torch.export.Dim("n", min=2)
    program = torch.export.export(network, (traces, pmt_mask), dynamic_shapes=({0: n}, {0: n}))
    more = stations(9, 4, 30, seed=1)[:2]
    torch.testing.assert_close(program.module()(*more), network(*more))


def test_half_precision_is_close():
    network = WcdCnn(4, 30).eval()
    traces, pmt_mask, _ = stations(6, 4, 30)
    with torch.autocast("cpu", torch.bfloat16):
        outputs = network(traces, pmt_mask)
    torch.testing.assert_close(outputs.float(), network(traces, pmt_mask), atol=0.05, rtol=0.05)


# ------------------------------------------------------------------------------------------ bad input


def test_wrong_shapes_are_named_with_the_right_ones():
    traces, pmt_mask, features = stations(n_features=2)
    network = WcdCnn(3, 40, n_features=2)
    assert_clear_error(network, traces[:, :2], pmt_mask, features, mentions=("(6, 2, 40)", "(n_stations, 3, 40)"))
    assert_clear_error(network, traces[..., :30], pmt_mask, features, mentions=("(6, 3, 30)", "(n_stations, 3, 40)"))
    assert_clear_error(network, traces[0], pmt_mask, features, mentions=("(3, 40)",))
    assert_clear_error(network, traces, pmt_mask[:, :2], features, mentions=("(6, 2)", "(6, 3)"))
    assert_clear_error(network, traces, pmt_mask.float(), features, mentions=("float32", "bool"))
    assert_clear_error(network, traces, pmt_mask, mentions=("features are missing", "(6, 2)"))
    assert_clear_error(network, traces, pmt_mask, features[:, :1], mentions=("(6, 1)", "(6, 2)"))
    assert_clear_error(WcdCnn(3, 40), traces, pmt_mask, features, mentions=("(6, 2)", "(6, 0)"))


@pytest.mark.parametrize(
    "arguments",
    [{"preset": "huge"}, {"n_pmts": 0}, {"n_bins": 15}, {"n_features": -1}, {"n_outputs": 0}, {"dropout": 1.0}],
)
def test_unknown_presets_and_numbers_out_of_range(arguments):
    assert_clear_error(WcdCnn, **arguments, mentions=tuple(arguments))


def test_scalings_that_do_not_fit():
    network = WcdCnn(3, 40, n_features=2)
    assert_clear_error(network.set_feature_scaling, [1.0], [1.0, 2.0], mentions=("(1,)", "(2,)"))
    assert_clear_error(network.set_feature_scaling, [1.0, np.nan], [1.0, 2.0], mentions=("NaN",))
    assert_clear_error(network.set_feature_scaling, [1.0, 2.0], [1.0, -2.0], mentions=("negative",))


def test_parts_make_a_network_of_ones_own():
    station_input = StationInput(4, 30)
    convolutions = TraceConvolutions(station_input.n_channels, 30, (8, 8), max_steps=30)
    head = StationHead(convolutions.n_channels + station_input.n_summary, 8, 1, 0.0, station_input.n_channels, 30)
    maps, summary, mean_trace = station_input(*stations(5, 4, 30))
    assert head(torch.cat([convolutions(maps).amax((2, 3)), summary], 1), maps, mean_trace).shape == (5, 1)
