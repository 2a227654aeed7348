"""The network computes what the paper says, faster; the classifier keeps the contracts."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from stac.models.inception_time import InceptionNetwork, InceptionTimeClassifier
from stac.models.inception_time._convolution import MaxOfThree, convolve_all
from stac.testing.component_checks import assert_clear_error, classifier_checks, package_checks
from stac.tracking.track_run import track_run

COMPONENT = Path(__file__).parents[1]
torch.set_num_threads(1)  # networks as small as these only wait for each other
SMALL = {"n_filters": 4, "depth": 3, "kernel_sizes": (9, 5), "n_models": 1, "epochs": 10, "learning_rate": 0.02}


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", classifier_checks())
def test_classifier_contract(check):
    check(InceptionTimeClassifier(**SMALL))


# The network


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 700), st.lists(st.integers(1, 60), min_size=1, max_size=3))
def test_convolutions_and_their_gradients_are_those_of_torch(n, n_inputs, n_timepoints, lengths):
    generator = torch.Generator().manual_seed(n_timepoints)
    x = torch.randn(n, n_inputs, n_timepoints, generator=generator, requires_grad=True)
    kernels = [torch.randn(2, n_inputs, k, generator=generator, requires_grad=True) for k in lengths]
    padded = [functional.pad(x, ((k - 1) // 2, k // 2)) for k in lengths]
    expected = torch.cat([functional.conv1d(p, k) for p, k in zip(padded, kernels, strict=True)], dim=1)
    result = convolve_all(x, kernels)
    gradient = torch.randn(expected.shape, generator=generator)
    theirs = torch.autograd.grad(expected, [x, *kernels], gradient)
    ours = torch.autograd.grad(result, [x, *kernels], gradient)
    for a, b in zip((result, *ours), (expected, *theirs), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5 * float(b.detach().abs().max()) + 1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 50))
def test_pooling_and_its_gradient_are_those_of_torch(n_timepoints):
    x = torch.randn(2, 3, n_timepoints, generator=torch.Generator().manual_seed(n_timepoints), requires_grad=True)
    expected, result = functional.max_pool1d(functional.pad(x, (1, 1)), 3, stride=1), MaxOfThree.apply(x)
    torch.testing.assert_close(result, expected)
    theirs, ours = (torch.autograd.grad((y * torch.arange(n_timepoints)).sum(), x)[0] for y in (expected, result))
    torch.testing.assert_close(ours, theirs)


def test_short_precision_takes_plain_convolutions_and_agrees():
    torch.manual_seed(0)
    network, x = InceptionNetwork(2, 3, n_filters=4).eval(), torch.randn(4, 2, 60)
    with torch.autocast("cpu", torch.bfloat16):
        short = network(x).float()
    torch.testing.assert_close(short, network(x), rtol=0.05, atol=0.05)


def test_size_is_that_of_the_paper():
    # Of six modules the first has no bottleneck to pass for one channel; twice four shortcuts' and norms' parts.
    network = InceptionNetwork(1, 2)
    modules = 32 * 70 + 32 + 5 * (128 * 32 + 32 * 32 * 70 + 128 * 32)
    shortcuts = 128 + 128 * 128
    norms = (6 + 2) * 2 * 128
    assert sum(p.numel() for p in network.parameters()) == modules + shortcuts + norms + 128 * 2 + 2


def test_every_weight_learns():
    network = InceptionNetwork(3, 2, n_filters=4, depth=7)
    network(torch.randn(8, 3, 30)).square().sum().backward()
    assert all(p.grad.abs().max() > 0 for p in network.parameters())


@settings(max_examples=4, deadline=None)
@given(st.lists(st.integers(1, 80), min_size=2, max_size=4))
def test_padding_changes_nothing(lengths):
    torch.manual_seed(0)
    network = InceptionNetwork(2, 3, n_filters=2, kernel_sizes=(9, 4))
    network(torch.randn(16, 2, 50) + 0.5)  # moves the running statistics
    network.eval()
    series = [torch.randn(2, n) for n in lengths]
    padded = torch.nn.utils.rnn.pad_sequence([x.T for x in series], batch_first=True, padding_value=7.0).mT
    together = network(padded, torch.tensor(lengths))
    alone = torch.cat([network(x[None]) for x in series])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_sizes_that_make_no_network_are_explained():
    assert_clear_error(InceptionNetwork, 0, 2, mentions=("n_channels",))
    assert_clear_error(InceptionTimeClassifier(depth=0).fit, np.zeros((2, 1, 9)), [0, 1], mentions=("depth",))


# The classifier


@pytest.fixture(scope="module")
def bumps():
    generator = np.random.default_rng(0)
    y = np.array(["narrow", "wide"] * 20)
    centre, width = generator.uniform(15, 45, (40, 1, 1)), np.where(y == "narrow", 2, 5)[:, None, None]
    return np.exp(-(((np.arange(60) - centre) / width) ** 2)).astype(np.float32), y


def test_an_ensemble_comes_back_from_its_file(bumps, tmp_path):
    X, y = bumps
    classifier = InceptionTimeClassifier(**SMALL | {"n_models": 2, "epochs": 2}).fit(X, y)
    again = InceptionTimeClassifier.load(classifier.save(tmp_path / "bumps.safetensors"))
    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))
    assert again.get_params() == classifier.get_params()


def test_series_of_unequal_lengths_are_learnt(bumps):
    X, y = bumps
    series = [np.tile(x, 2)[:, : 60 + 3 * (i % 8)] for i, x in enumerate(X)]
    classifier = InceptionTimeClassifier(**SMALL).fit(series[:30], y[:30])
    assert classifier.score(series[30:], y[30:]) >= 0.8


def test_series_shorter_than_the_kernels_are_learnt(bumps):
    X, y = bumps
    short = X[:, :, 28:32] + (y == "wide")[:, None, None]
    assert (
        InceptionTimeClassifier(n_filters=4, n_models=1, epochs=6, learning_rate=0.02).fit(short, y).score(short, y)
        > 0.9
    )


def test_constant_series_stay_finite():
    X = np.repeat([0.0, 1.0], 4)[:, None, None] * np.ones((8, 2, 30))
    classifier = InceptionTimeClassifier(**SMALL).fit(X, np.repeat([0, 1], 4))
    assert np.isfinite(classifier.predict_proba(X)).all()
    assert classifier.score(X, np.repeat([0, 1], 4)) == 1


def test_learning_curves_go_into_the_run(bumps, tmp_path):
    with track_run("bumps", "inception", runs_folder=tmp_path, clearml="off") as run:
        InceptionTimeClassifier(**SMALL | {"epochs": 2, "n_models": 2}).fit(*bumps, run=run)
    assert (run.folder / "scalars.jsonl").read_text().count("network-2/train/loss") == 2
