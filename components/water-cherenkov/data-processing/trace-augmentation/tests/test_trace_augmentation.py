"""Batches are varied as promised, reproducibly, and nothing else changes."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.trace_augmentation import TraceAugmentation
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
OFF = {"pmt_dropout": 0.0, "time_jitter": 0, "gain": 0.0}


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def stations(n=1000, n_pmts=3, n_bins=40, missing=0.0, seed=0):
    generator = seeded(seed)
    pmt_mask = torch.rand(n, n_pmts, generator=generator) >= missing
    return torch.rand(n, n_pmts, n_bins, generator=generator).masked_fill(~pmt_mask[..., None], 0), pmt_mask


@settings(max_examples=25, deadline=None)
@given(
    *(st.integers(1, 6), st.integers(1, 4), st.integers(1, 20)),
    *(st.floats(0, 0.99), st.integers(0, 30), st.floats(0, 1), st.integers(0, 99)),
)
def test_any_batch_keeps_its_shape_and_its_promises(n, n_pmts, n_bins, pmt_dropout, time_jitter, gain, seed):
    traces, pmt_mask = stations(n, n_pmts, n_bins, missing=0.4, seed=seed)
    before = traces.clone(), pmt_mask.clone()
    augmentation = TraceAugmentation(pmt_dropout, time_jitter, gain)
    varied, mask = augmentation((traces, pmt_mask), seeded(seed))
    assert varied.shape == traces.shape
    assert varied.dtype == traces.dtype
    assert varied.is_contiguous()
    assert torch.isfinite(varied).all()
    assert not varied[~mask].any()
    assert not (mask & ~pmt_mask).any(), "a missing PMT came back"
    assert torch.equal(mask.any(1), pmt_mask.any(1)), "a station lost its last PMT"
    assert torch.equal(traces, before[0])
    assert torch.equal(pmt_mask, before[1])


def test_share_of_lost_pmts_is_the_probability():
    _, mask = TraceAugmentation(pmt_dropout=0.2)(stations(20_000), seeded())
    lost = 0.2 - 0.2**3 / 3  # one of the three stays when all would go
    assert 1 - mask.float().mean().item() == pytest.approx(lost, abs=0.005)


def test_all_pmts_of_a_station_shift_together_by_every_distance():
    traces = torch.zeros(2000, 3, 20)
    traces[:, :, 10] = 1
    varied, _ = TraceAugmentation(**OFF | {"time_jitter": 2})((traces, None), seeded())
    where = varied.argmax(-1)
    assert (where == where[:, :1]).all()
    assert set(where[:, 0].tolist()) == {8, 9, 10, 11, 12}
    assert torch.equal(varied.sum(-1), torch.ones(2000, 3))


def test_what_is_shifted_in_is_zero_and_what_is_shifted_out_is_gone():
    varied, _ = TraceAugmentation(**OFF | {"time_jitter": 1})((torch.ones(300, 1, 4), None), seeded())
    found = {tuple(row) for row in varied[:, 0].tolist()}
    assert found == {(1, 1, 1, 1), (0, 1, 1, 1), (1, 1, 1, 0)}


def test_gains_differ_among_pmts_and_have_the_given_spread():
    varied, _ = TraceAugmentation(**OFF | {"gain": 0.1})((torch.ones(20_000, 3, 4), None), seeded())
    factor = varied[..., 0]
    assert torch.equal(varied, factor[..., None].expand_as(varied))
    assert factor.log().mean().item() == pytest.approx(0, abs=0.003)
    assert factor.log().std().item() == pytest.approx(0.1, abs=0.003)
    assert torch.corrcoef(factor.T)[0, 1].abs() < 0.03


def test_switched_off_nothing_changes():
    traces, pmt_mask = stations(missing=0.3)
    varied, mask = TraceAugmentation(**OFF)((traces, pmt_mask), seeded())
    assert torch.equal(varied, traces)
    assert torch.equal(mask, pmt_mask)


def test_targets_and_features_are_handed_on_as_they_are():
    target, features = torch.arange(1000), torch.rand(1000, 5)
    batch = TraceAugmentation()((*stations(), features, target), seeded())
    assert batch[2] is features
    assert batch[3] is target


def test_the_generator_decides_and_nothing_else():
    batch = stations()
    first, second, other = (TraceAugmentation()(batch, seeded(seed)) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not torch.equal(first[0], other[0])
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    TraceAugmentation()(batch, seeded())
    assert torch.equal(torch.rand(1), expected)


def test_changing_one_variation_leaves_the_others():
    batch = stations()
    _, mask = TraceAugmentation(0.3, 2, 0.1)(batch, seeded())
    _, same = TraceAugmentation(0.3, 0, 0.0)(batch, seeded())
    assert torch.equal(mask, same)


def test_nan_in_a_missing_pmt_becomes_zero():
    traces, pmt_mask = stations(4)
    pmt_mask[:, 1] = False
    traces[:, 1] = torch.nan
    varied, mask = TraceAugmentation()((traces, pmt_mask), seeded())
    assert torch.isfinite(varied).all()
    assert not mask[:, 1].any()


def test_half_precision_stays():
    traces, pmt_mask = stations(4)
    assert TraceAugmentation()((traces.bfloat16(), pmt_mask), seeded())[0].dtype == torch.bfloat16


# ------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    "parameters",
    [{"pmt_dropout": 1.0}, {"pmt_dropout": -0.1}, {"time_jitter": -1}, {"time_jitter": 1.5}, {"gain": -1}, {"gain": 5}],
)
def test_parameters_out_of_range(parameters):
    assert_clear_error(TraceAugmentation, **parameters, mentions=tuple(parameters))


def test_batches_that_do_not_fit():
    traces, pmt_mask = stations(5)
    augmentation = TraceAugmentation()
    assert_clear_error(augmentation, (traces, pmt_mask[:4]), mentions=("(4, 3)", "(5, 3, 40)"))
    assert_clear_error(augmentation, (traces[0], pmt_mask), mentions=("(3, 40)", "n_bins"))
    assert_clear_error(augmentation, (traces.long(), pmt_mask), mentions=("int64",))
    assert_clear_error(augmentation, (traces.numpy(), pmt_mask), mentions=("float32", "tensor"))
    assert_clear_error(augmentation, (traces, pmt_mask.float()), mentions=("boolean",))
    assert_clear_error(augmentation, traces, mentions=("tuple",))
