"""Both branches do what they are for, padding does not count, and the classifier keeps the contracts."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stac.models.recurrent_classifier import RecurrentClassifier, RecurrentNetwork
from stac.models.recurrent_classifier._recurrence import GRU_STEPS, LSTM_STEPS, Gru, Lstm
from stac.testing.component_checks import assert_clear_error, classifier_checks, package_checks

COMPONENT = Path(__file__).parents[1]
torch.set_num_threads(1)  # networks as small as these only wait for each other
SMALL = {"n_units": 8, "fcn": False, "epochs": 12, "learning_rate": 0.08}
VARIANTS = [
    {"cell": "gru", "fcn": True},
    {"cell": "lstm", "fcn": True},
    {"cell": "gru", "fcn": False, "bidirectional": True, "n_layers": 2, "dropout": 0.1},
    {"cell": "lstm", "fcn": False, "bidirectional": True},
]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", classifier_checks())
def test_classifier_contract(check):
    check(RecurrentClassifier(**SMALL))


# The network


@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("ours", "theirs"), [(Gru, torch.nn.GRU), (Lstm, torch.nn.LSTM)])
@settings(max_examples=4, deadline=None)
@given(n=st.integers(1, 3), n_steps=st.sampled_from([1, 2, GRU_STEPS, 2 * GRU_STEPS + 5, LSTM_STEPS + 1]))
def test_states_and_gradients_are_those_of_torch(ours, theirs, bidirectional, n_layers, n, n_steps):
    torch.manual_seed(n_steps)
    ours, theirs = (c(2, 5, n_layers, batch_first=True, bidirectional=bidirectional) for c in (ours, theirs))
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(n, n_steps, 2, requires_grad=True)
    result, expected = ours(x), theirs(x)[1]
    expected = expected[0] if isinstance(expected, tuple) else expected
    torch.testing.assert_close(result, expected)
    weight = torch.randn(expected.shape)
    found = torch.autograd.grad(result, [x, *ours.parameters()], weight)
    for a, b in zip(found, torch.autograd.grad(expected, [x, *theirs.parameters()], weight), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5 * (1 + float(b.abs().max())))


def test_a_gru_agrees_where_short_precision_is_on():
    torch.manual_seed(0)
    network, x = RecurrentNetwork(2, 3, fcn=False).eval(), torch.randn(4, 2, 50)
    with torch.autocast("cpu", torch.bfloat16):
        short = network(x).float()
    short.sum().backward()
    torch.testing.assert_close(short, network(x), rtol=0.05, atol=0.05)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_weight_learns(variant):
    network = RecurrentNetwork(2, 3, n_units=4, **variant)
    network(torch.randn(8, 2, 20)).square().sum().backward()
    assert all(p.grad.abs().max() > 0 for p in network.parameters())


@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=4, deadline=None)
@given(lengths=st.lists(st.integers(1, 40), min_size=2, max_size=4))
def test_padding_changes_nothing(variant, lengths):
    torch.manual_seed(0)
    network = RecurrentNetwork(2, 3, n_units=4, **variant)
    network(torch.randn(16, 2, 30) + 0.5)  # moves the running statistics
    network.eval()
    series = [torch.randn(2, n) for n in lengths]
    padded = torch.nn.utils.rnn.pad_sequence([x.T for x in series], batch_first=True, padding_value=7.0).mT
    together = network(padded, torch.tensor(lengths))
    alone = torch.cat([network(x[None]) for x in series])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_the_shuffled_recurrence_reads_channels():
    network = RecurrentNetwork(3, 2, 500, cell="lstm", n_units=8, shuffle=True)
    assert network.recurrence.input_size == 500
    assert network(torch.randn(4, 3, 500)).shape == (4, 2)


def test_size_of_lstm_fcn_is_that_of_the_paper():
    network = RecurrentNetwork(1, 2, 150, cell="lstm", n_units=8, shuffle=True)
    convolutions = 128 * 8 + 256 * 128 * 5 + 128 * 256 * 3
    norms = 2 * (128 + 256 + 128)
    lstm = 4 * 8 * (150 + 8 + 2)
    assert sum(p.numel() for p in network.parameters()) == convolutions + norms + lstm + (128 + 8 + 1) * 2


def test_sizes_that_make_no_network_are_explained():
    assert_clear_error(RecurrentNetwork, 1, 2, cell="rnn", mentions=("'rnn'", "'gru'"))
    assert_clear_error(RecurrentNetwork, 1, 2, n_units=0, mentions=("n_units",))
    assert_clear_error(RecurrentNetwork, 1, 2, shuffle=True, mentions=("n_timepoints",))


# The classifier


@pytest.fixture(scope="module")
def speeds():
    generator = np.random.default_rng(0)
    y = np.array(["slow", "fast"] * 20)
    X = [
        np.sin((1.5 if label == "slow" else 3.0) * np.arange(length) / 3 + generator.uniform(0, 6, (2, 1)))
        for label, length in zip(y, generator.integers(12, 24, 40), strict=True)
    ]
    return X, y


@pytest.mark.parametrize("variant", VARIANTS)
def test_series_of_unequal_lengths_are_learnt(speeds, variant):
    X, y = speeds
    epochs = 6 if variant["fcn"] else 15
    classifier = RecurrentClassifier(**SMALL | variant | {"epochs": epochs}).fit(X[:30], y[:30])
    assert classifier.score(X[30:], y[30:]) >= 0.8


def test_lstm_fcn_learns_and_comes_back_from_its_file(speeds, tmp_path):
    X, y = np.stack([x[:, :12] for x in speeds[0]]), speeds[1]
    classifier = RecurrentClassifier(cell="lstm", n_units=8, shuffle=True, dropout=0.8, n_models=2, epochs=8)
    classifier.fit(X, y)
    again = RecurrentClassifier.load(classifier.save(tmp_path / "speeds.safetensors"))
    assert classifier.score(X, y) > 0.9
    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))


def test_unequal_lengths_cannot_be_shuffled(speeds):
    assert_clear_error(RecurrentClassifier(shuffle=True).fit, *speeds, mentions=("12", "23", "resample"))


def test_unknown_cells_are_explained(speeds):
    assert_clear_error(RecurrentClassifier(cell="transformer").fit, *speeds, mentions=("'transformer'", "'lstm'"))


def test_a_single_time_point_is_enough():
    X, y = np.repeat([0.0, 1.0], 8)[:, None, None], np.repeat([0, 1], 8)
    assert RecurrentClassifier(n_units=4, epochs=10).fit(X, y).score(X, y) == 1


def test_constant_series_stay_finite():
    X, y = np.repeat([0.0, 1.0], 4)[:, None, None] * np.ones((8, 2, 30)), np.repeat([0, 1], 4)
    classifier = RecurrentClassifier(**SMALL).fit(X, y)
    assert np.isfinite(classifier.predict_proba(X)).all()
    assert classifier.score(X, y) == 1
