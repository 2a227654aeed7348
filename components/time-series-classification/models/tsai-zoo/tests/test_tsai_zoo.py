"""Architectures of tsai keep our contracts."""

from pathlib import Path

import numpy as np
import pytest
import torch

from stac.models.tsai_zoo import TsaiClassifier, list_architectures
from stac.testing.component_checks import assert_clear_error, classifier_checks, package_checks

COMPONENT = Path(__file__).parents[1]
torch.set_num_threads(1)  # networks as small as these only wait for each other
SMALL = TsaiClassifier("LSTMPlus", {"hidden_size": 8}, epochs=12, learning_rate=0.06)


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.mark.parametrize("check", classifier_checks())
def test_classifier_contract(check):
    check(TsaiClassifier(**SMALL.get_params()))


@pytest.fixture(scope="module")
def speeds():
    generator = np.random.default_rng(0)
    y = np.arange(24) % 2
    X = np.sin((1.0 + y)[:, None, None] * np.linspace(0, 20, 60)) + generator.normal(scale=0.1, size=(24, 2, 60))
    return X, y


@pytest.mark.parametrize("architecture", ["InceptionTimePlus", "GRU_FCN", "ResNet", "XCM", "TSTPlus", "OmniScaleCNN"])
def test_architectures_are_trained_and_come_back_from_their_files(architecture, speeds, tmp_path):
    classifier = TsaiClassifier(architecture, epochs=1).fit(*speeds)
    again = TsaiClassifier.load(classifier.save(tmp_path / "network.safetensors"))
    np.testing.assert_array_equal(again.predict_proba(speeds[0]), classifier.predict_proba(speeds[0]))
    assert again.get_params() == classifier.get_params()


def test_the_list_names_architectures():
    assert {"InceptionTimePlus", "PatchTST", "TSTPlus", "LSTM_FCN"} <= set(list_architectures())


def test_what_is_no_classifier_is_explained(speeds):
    fit = TsaiClassifier("InceptionTimPlus").fit
    assert_clear_error(fit, *speeds, mentions=("InceptionTimPlus", "InceptionTimePlus"))
    assert_clear_error(TsaiClassifier("MovingAverage").fit, *speeds, mentions=("classifies no series",))
    assert_clear_error(TsaiClassifier("PatchTST").fit, *speeds, mentions=("network returns",))  # it forecasts
    fit = TsaiClassifier("InceptionTimePlus", {"nf": "many"}).fit
    assert_clear_error(fit, *speeds, mentions=("InceptionTimePlus", "many"))


def test_unequal_lengths_are_refused(speeds):
    X = [x[:, : 60 - i] for i, x in enumerate(speeds[0])]
    assert_clear_error(TsaiClassifier().fit, X, speeds[1], mentions=("37", "60", "resample"))
