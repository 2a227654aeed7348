"""The network has the paper's size and filters; the classifier keeps the contracts."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.models.lite_time import LiteNetwork, LiteTimeClassifier
from stac.models.lite_time._filters import handcrafted_filters
from stac.models.lite_time._network import Depthwise, _same_convolution
from stac.testing.component_checks import assert_clear_error, classifier_checks, package_checks

COMPONENT = Path(__file__).parents[1]
torch.set_num_threads(1)  # networks as small as these only wait for each other
SMALL = {"n_filters": 4, "kernel_size": 8, "n_models": 1, "epochs": 12, "learning_rate": 0.05}


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", classifier_checks())
def test_classifier_contract(check):
    check(LiteTimeClassifier(**SMALL))


def test_size_is_that_of_the_paper():
    assert sum(p.numel() for p in LiteNetwork(1, 2).parameters()) == 9814 + 2 * 32 + 2


def test_handcrafted_filters_answer_to_what_they_are_for():
    filters = handcrafted_filters()
    assert filters.shape == (17, 96)
    torch.testing.assert_close(filters.sum(dim=1), torch.zeros(17), atol=1e-5, rtol=0)  # the level does not matter
    rise = torch.arange(96.0)
    assert (filters[:6] @ rise > 0).all()
    assert (filters[6:12] @ rise < 0).all()
    peak = torch.exp(-(((torch.arange(96) - 47.5) / 2) ** 2))
    assert (filters[12:] @ peak > 0).all()


def test_handcrafted_filters_are_not_trained():
    network = LiteNetwork(2, 2)
    assert "handcrafted" not in {name for name, _ in network.named_parameters()}
    network(torch.randn(4, 2, 50)).square().sum().backward()
    assert all(p.grad.abs().max() > 0 for p in network.parameters())


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 90), st.integers(1, 12), st.integers(1, 4))
def test_gradients_of_separate_channels_are_those_of_torch(n, n_channels, n_timepoints, size, dilation):
    generator = torch.Generator().manual_seed(n_timepoints)
    x = torch.randn(n, n_channels, n_timepoints, generator=generator, requires_grad=True)
    kernel = torch.randn(n_channels, 1, size, generator=generator, requires_grad=True)
    ours, theirs = Depthwise.apply(x, kernel, dilation), _same_convolution(x, kernel, dilation)
    gradient = torch.randn(theirs.shape, generator=generator)
    for a, b in zip(
        torch.autograd.grad(ours, [x, kernel], gradient),
        torch.autograd.grad(theirs, [x, kernel], gradient),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


def test_short_precision_takes_plain_convolutions_and_agrees():
    torch.manual_seed(0)
    network, x = LiteNetwork(2, 3).eval(), torch.randn(4, 2, 100)
    with torch.autocast("cpu", torch.bfloat16):
        short = network(x).float()
        short.sum().backward()
    torch.testing.assert_close(short, network(x), rtol=0.05, atol=0.05)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(1, 80), min_size=2, max_size=4))
def test_padding_changes_nothing(lengths):
    torch.manual_seed(0)
    network = LiteNetwork(2, 3)
    network(torch.randn(16, 2, 50) + 0.5)  # moves the running statistics
    network.eval()
    series = [torch.randn(2, n) for n in lengths]
    padded = torch.nn.utils.rnn.pad_sequence([x.T for x in series], batch_first=True, padding_value=7.0).mT
    together = network(padded, torch.tensor(lengths))
    alone = torch.cat([network(x[None]) for x in series])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_sizes_that_make_no_network_are_explained():
    assert_clear_error(LiteNetwork, 1, 2, kernel_size=3, mentions=("kernel_size",))
    assert_clear_error(LiteTimeClassifier(n_filters=0).fit, np.zeros((2, 1, 9)), [0, 1], mentions=("n_filters",))


@pytest.fixture(scope="module")
def bumps():
    generator = np.random.default_rng(0)
    y = np.array(["narrow", "wide"] * 20)
    centre, width = generator.uniform(15, 45, (40, 1, 1)), np.where(y == "narrow", 2, 5)[:, None, None]
    return np.exp(-(((np.arange(60) - centre) / width) ** 2)).astype(np.float32), y


def test_an_ensemble_comes_back_from_its_file(bumps, tmp_path):
    X, y = bumps
    classifier = LiteTimeClassifier(**SMALL | {"n_models": 2, "epochs": 2}).fit(X, y)
    again = LiteTimeClassifier.load(classifier.save(tmp_path / "bumps.safetensors"))
    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))


def test_series_of_unequal_lengths_are_learnt(bumps):
    X, y = bumps
    series = [np.tile(x, 2)[:, : 60 + 3 * (i % 8)] for i, x in enumerate(X)]
    assert LiteTimeClassifier(**SMALL).fit(series[:30], y[:30]).score(series[30:], y[30:]) >= 0.8


def test_series_shorter_than_the_kernels_are_learnt(bumps):
    X, y = bumps
    short = X[:, :, 28:32] + (y == "wide")[:, None, None]
    assert (
        LiteTimeClassifier(n_filters=8, n_models=1, epochs=10, learning_rate=0.03).fit(short, y).score(short, y) > 0.9
    )


def test_constant_series_stay_finite():
    X, y = np.repeat([0.0, 1.0], 4)[:, None, None] * np.ones((8, 2, 30)), np.repeat([0, 1], 4)
    classifier = LiteTimeClassifier(**SMALL).fit(X, y)
    assert np.isfinite(classifier.predict_proba(X)).all()
    assert classifier.score(X, y) == 1
