"""From stations to a trained network in a file, for either network, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest
import torch

from stac.data_ingestion.station_data import StationData, simulate_station_data
from stac.models.station_classifier import StationClassifier, station_features
from stac.testing.component_checks import assert_clear_error, package_checks
from stac.tracking.track_run import track_run
from stac.training.network_files import save_network

COMPONENT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", package_checks())
def test_package(check):
    check(COMPONENT)


@pytest.fixture(scope="module")
def stations() -> StationData:
    return simulate_station_data(300, length=64, primaries=("photon", "iron"), missing_pmts=0.1, seed=0)


@pytest.fixture(scope="module")
def loud(stations) -> np.ndarray:
    """Label the stations with more signal than most."""
    return stations.table["signal_vem_charge"] > np.median(stations.table["signal_vem_charge"])


@pytest.fixture(scope="module")
def fitted(stations, loud) -> StationClassifier:
    return StationClassifier(epochs=4).fit(stations[:240], loud[:240])


@pytest.mark.parametrize("network", ["cnn", "rnn"])
def test_it_learns_what_is_easy(network, stations, loud):
    classifier = StationClassifier(network, epochs=8, batch_size=16).fit(stations[:240], loud[:240])
    assert (classifier.predict(stations[240:]) == loud[240:]).mean() > 0.85


def test_probabilities_follow_the_classes(fitted, stations):
    probability = fitted.predict_proba(stations)
    assert fitted.classes_.tolist() == [False, True]
    assert probability.shape == (300, 2)
    np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-5)


def test_a_file_holds_all_it_needs(fitted, stations, tmp_path):
    again = StationClassifier.load(fitted.save(tmp_path / "loud.safetensors"))
    np.testing.assert_array_equal(again.predict_proba(stations), fitted.predict_proba(stations))
    np.testing.assert_array_equal(again.is_unlike_training(stations), fitted.is_unlike_training(stations))
    assert again.get_params() == fitted.get_params()


def test_names_of_classes_and_variables_are_kept(stations, tmp_path):
    primary = stations.table["primary"]
    classifier = StationClassifier(features=False, variables=("distance_m", "zenith_deg"), epochs=1)
    again = StationClassifier.load(classifier.fit(stations, primary).save(tmp_path / "primary.safetensors"))
    assert again.classes_.tolist() == ["iron", "photon"]
    assert again.variables == ("distance_m", "zenith_deg")
    np.testing.assert_array_equal(again.predict(stations), classifier.predict(stations))


def test_the_seed_decides_and_leaves_the_generator_alone(fitted, stations, loud):
    before = torch.get_rng_state()
    again = StationClassifier(epochs=4).fit(stations[:240], loud[:240])
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(again.predict_proba(stations), fitted.predict_proba(stations))
    other = StationClassifier(epochs=4, random_state=1).fit(stations[:240], loud[:240])
    assert not np.array_equal(other.predict_proba(stations), fitted.predict_proba(stations))


def test_stations_beyond_the_training_are_marked(fitted, stations):
    far = stations[:5]
    assert fitted.is_unlike_training(stations[:240]).mean() <= 0.02
    giant = StationData(far.traces_vem_peak * 1e4, far.pmt_mask, far.table, far.bin_ns)
    assert fitted.is_unlike_training(giant).all()


def test_learning_curves_go_into_the_run(stations, loud, tmp_path):
    with track_run("muons", "first", runs_folder=tmp_path, clearml="off") as run:
        StationClassifier(epochs=2).fit(stations[:240], loud[:240], validation=(stations[240:], loud[240:]), run=run)
    curves = (run.folder / "scalars.jsonl").read_text()
    assert curves.count("cnn/validation/auc") == 2


def test_parameters_can_be_read_and_set():
    classifier = StationClassifier().set_params(network="rnn", epochs=3)
    assert (classifier.network, classifier.get_params()["epochs"]) == ("rnn", 3)
    assert_clear_error(classifier.set_params, epoch=3, mentions=("'epoch'", "epochs"))


def test_features_and_variables_stand_in_one_table(stations):
    table = station_features(stations, ("distance_m",))
    np.testing.assert_array_equal(table[:, -1], stations.table["distance_m"].astype(np.float32))
    assert np.isfinite(table).all()


# Bad input


def test_wrong_labels_are_explained(stations, loud):
    fit = StationClassifier(epochs=1).fit
    assert_clear_error(fit, stations, loud[:5], mentions=("(5,)", "300"))
    assert_clear_error(fit, stations, loud.astype(float), mentions=("float64",))
    assert_clear_error(fit, stations, np.zeros(300, int), mentions=("class 0",))
    validation = (stations[:4], np.array([0, 1, 2, 1]))
    assert_clear_error(fit, stations, loud.astype(int), validation=validation, mentions=("class 2",))


def test_wrong_parameters_are_explained(stations, loud):
    assert_clear_error(StationClassifier("cmm").fit, stations, loud, mentions=("'cmm'", "'cnn'"))
    missing = StationClassifier(variables=("distance",))
    assert_clear_error(missing.fit, stations, loud, mentions=("'distance'", "distance_m"))
    assert_clear_error(StationClassifier(variables=("primary",)).fit, stations, loud, mentions=("'primary'",))


def test_stations_of_another_detector_are_refused(fitted, stations):
    other = StationData(stations.traces_vem_peak, stations.pmt_mask, stations.table, bin_ns=8.0)
    assert_clear_error(fitted.predict_proba, other, mentions=("8 ns", "25 ns"))
    shorter = StationData(stations.traces_vem_peak[..., :50], stations.pmt_mask, stations.table, bin_ns=25)
    assert_clear_error(fitted.predict_proba, shorter, mentions=("50 bins", "64 bins"))


def test_what_is_not_fitted_cannot_be_used(stations, tmp_path):
    assert_clear_error(StationClassifier().predict_proba, stations, mentions=("not fitted",))
    assert_clear_error(StationClassifier().save, tmp_path / "x.safetensors", mentions=("not fitted",))


def test_a_file_of_another_kind_is_refused(fitted, tmp_path):
    path = save_network(fitted.network_, tmp_path / "bare.safetensors")
    assert_clear_error(StationClassifier.load, path, mentions=("no station classifier",))
    (tmp_path / "text.safetensors").write_text("no network")
    assert_clear_error(StationClassifier.load, tmp_path / "text.safetensors", mentions=("text.safetensors",))
