"""Variations do what they say, in numpy and torch alike, repeat with their seed, and leave their input alone."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.data_processing.series_augmentation import (
    SeriesAugmentation,
    channel_dropout,
    jitter,
    magnitude_warp,
    mixup,
    scale,
    time_warp,
    window_slice,
)
from stac.testing.component_checks import assert_clear_error, package_checks

COMPONENT = Path(__file__).parents[1]
EVERYTHING = SeriesAugmentation(0.2, 0.2, 0.2, 0.2, 0.2, 0.2)
VARIATIONS = (jitter, scale, magnitude_warp, time_warp, window_slice, channel_dropout)


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


def draw(*shape):
    return np.random.default_rng(0).normal(size=shape).cumsum(axis=-1).astype(np.float32)


@pytest.fixture(params=["numpy", "torch"])
def to_batch(request):
    if request.param == "numpy":
        return lambda X: X
    torch = pytest.importorskip("torch")
    return lambda X: torch.from_numpy(np.array(X))


@pytest.mark.parametrize("vary", [*VARIATIONS, None], ids=lambda vary: getattr(vary, "__name__", "all"))
@pytest.mark.parametrize("shape", [(6, 3, 50), (1, 1, 1), (2, 1, 2)])
def test_shape_and_type_stay_and_the_seed_decides(to_batch, vary, shape):
    X = to_batch(draw(*shape))
    before = X + 0
    call = (lambda X, seed: vary(X, np.float64(0.3), seed=seed)) if vary else EVERYTHING
    first, again, other = call(X, 3), call(X, 3), call(X, 4)
    assert tuple(first.shape) == shape
    assert first.dtype == X.dtype
    assert bool((first == again).all())
    assert bool((before == X).all())
    assert not np.isnan(np.asarray(first)).any()
    if shape == (6, 3, 50):
        assert not bool((first == other).all())


@pytest.mark.parametrize("vary", VARIATIONS)
def test_no_strength_changes_nothing(to_batch, vary):
    X = to_batch(draw(4, 2, 30))
    result = vary(X, 0, seed=0)
    np.testing.assert_allclose(np.asarray(result), np.asarray(X), atol=1e-4)
    assert result is not X


def test_nothing_switched_on_gives_a_copy(to_batch):
    X = to_batch(draw(4, 2, 30))
    result = SeriesAugmentation(jitter=0, scale=0)(X, 0)
    assert bool((result == X).all())
    result[0] = 0
    assert not bool((X[0] == 0).all())


def test_noise_is_a_share_of_the_spread_of_each_channel(to_batch):
    X = np.random.default_rng(0).normal(size=(20, 2, 500)).astype(np.float32) * np.array([[1], [100]], np.float32)
    noise = np.asarray(jitter(to_batch(X), 0.1, seed=0)) - X
    np.testing.assert_allclose(noise.std(axis=(0, 2)), [0.1, 10], rtol=0.05)


def test_factors_are_each_channels_own(to_batch):
    X = np.ones((500, 2, 5), np.float32)
    factors = np.asarray(scale(to_batch(X), 0.1, seed=0))
    assert np.ptp(factors, axis=-1).max() == 0
    np.testing.assert_allclose(np.log(factors[..., 0]).std(axis=0), 0.1, rtol=0.15)
    assert abs(np.corrcoef(factors[:, 0, 0], factors[:, 1, 0])[0, 1]) < 0.15


def test_drifting_factors_are_smooth_and_of_the_right_spread(to_batch):
    X = np.ones((500, 1, 200), np.float32)
    factors = np.log(np.asarray(magnitude_warp(to_batch(X), 0.1, seed=0)))
    assert factors.std() == pytest.approx(0.1, rel=0.1)
    assert np.abs(np.diff(factors)).max() < 0.05


def test_warped_time_runs_on_and_keeps_its_ends(to_batch):
    X = np.tile(np.arange(100, dtype=np.float32), (50, 2, 1))
    warped = np.asarray(time_warp(to_batch(X), 0.3, seed=0))
    assert (np.diff(warped) > 0).all()
    np.testing.assert_allclose(warped[..., 0], 0, atol=1e-4)
    np.testing.assert_allclose(warped[..., -1], 99, atol=1e-3)
    np.testing.assert_array_equal(warped[:, 0], warped[:, 1])
    assert np.abs(warped - X).max() > 3


def test_slices_are_parts_of_the_series(to_batch):
    X = np.tile(np.arange(101, dtype=np.float32), (200, 1, 1))
    sliced = np.asarray(window_slice(to_batch(X), 0.4, seed=0))[:, 0]
    lengths = sliced[:, -1] - sliced[:, 0]
    assert lengths.min() >= 60 - 1e-3
    assert lengths.min() < 65
    assert lengths.max() > 95
    np.testing.assert_allclose(np.diff(sliced), (lengths / 100)[:, None] * np.ones(100), atol=1e-3)


@settings(max_examples=20)
@given(strength=st.floats(0, 0.99), n_channels=st.integers(1, 4), seed=st.integers(0, 99))
def test_one_channel_always_stays(strength, n_channels, seed):
    X = np.ones((30, n_channels, 4), np.float32)
    result = channel_dropout(X, strength, seed=seed)
    assert set(np.unique(result)) <= {0, 1}
    assert (result.max(axis=(1, 2)) == 1).all()
    assert (np.ptp(result, axis=-1) == 0).all()


def test_missing_values_stay_missing(to_batch):
    X = draw(4, 2, 40)
    X[1, 0, 7] = np.nan
    X[2] = np.nan
    for vary in (jitter, scale, magnitude_warp):
        result = np.asarray(vary(to_batch(X), 0.1, seed=0))
        np.testing.assert_array_equal(np.isnan(result), np.isnan(X))
    for vary in (time_warp, window_slice):
        result = np.asarray(vary(to_batch(X), 0.1, seed=0))
        assert 0 < np.isnan(result[1, 0]).sum() <= 4
        assert np.isfinite(result[[0, 3]]).all()


def test_mixtures_of_series_have_the_mixture_of_targets(to_batch):
    X = np.repeat(np.arange(8, dtype=np.float32), 5).reshape(8, 1, 5)
    mixed, targets = mixup(to_batch(X), to_batch(np.eye(8, dtype=np.float32)), 0.5, seed=0)
    np.testing.assert_allclose(np.asarray(targets).sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(np.asarray(targets) @ np.arange(8), np.asarray(mixed)[:, 0, 0], atol=1e-5)
    assert np.asarray(mixed).std(axis=0).min() > 0
    values = mixup(to_batch(X), to_batch(X[:, 0, 0]), 0.5, seed=0)[1]
    np.testing.assert_allclose(np.asarray(values), np.asarray(mixed)[:, 0, 0], atol=1e-5)


def test_unequal_lengths_come_back_as_a_list():
    X = [draw(2, 30), draw(2, 17)]
    result = EVERYTHING(X, 0)
    assert [x.shape for x in result] == [(2, 30), (2, 17)]
    np.testing.assert_array_equal(result[1], EVERYTHING(X, 0)[1])


def test_it_varies_what_fit_torch_passes():
    torch = pytest.importorskip("torch")
    inputs = (torch.from_numpy(draw(6, 2, 30)), torch.arange(6))
    varied, rest = EVERYTHING(inputs, torch.Generator().manual_seed(0))
    assert rest is inputs[1]
    assert not torch.equal(varied, inputs[0])
    generator = torch.Generator().manual_seed(0)
    assert torch.equal(varied, EVERYTHING(inputs, generator)[0])
    assert not torch.equal(varied, EVERYTHING(inputs, generator)[0])  # the generator went on


def test_numpy_users_do_not_import_torch():
    code = (
        "import sys, numpy as np; from stac.data_processing.series_augmentation import SeriesAugmentation; "
        "SeriesAugmentation()(np.ones((1, 1, 9)), 0); print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_bad_input_is_explained(to_batch):
    X = to_batch(draw(4, 2, 30))
    assert_clear_error(jitter, X[0], mentions=("(2, 30)", "n_instances"))
    assert_clear_error(EVERYTHING, X[:0], mentions=("(0, 2, 30)",))
    assert_clear_error(EVERYTHING, [[1.0]], mentions=("n_instances",))
    assert_clear_error(EVERYTHING, "series", mentions=("str",))
    assert_clear_error(scale, to_batch(np.ones((1, 1, 3), np.int64)), mentions=("int64",))
    assert_clear_error(scale, X, -1, mentions=("scale=-1",))
    assert_clear_error(channel_dropout, X, 1, mentions=("channel_dropout=1",))
    assert_clear_error(SeriesAugmentation, jitter=float("nan"), mentions=("jitter=nan",))
    assert_clear_error(SeriesAugmentation, window_slice=1.5, mentions=("window_slice=1.5",))
    assert_clear_error(jitter, X, seed="lucky", mentions=("seed", "str"))
    assert_clear_error(mixup, X, to_batch(np.arange(4)), mentions=("int64", "n_classes"))
    assert_clear_error(mixup, X, to_batch(np.ones(3)), mentions=("(3,)", "4 series"))
    assert_clear_error(mixup, X, to_batch(np.ones(4)), 0, mentions=("strength=0",))
