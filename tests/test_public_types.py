"""A user's own code type-checks strictly against the public surface of the components, which must be typed."""

import subprocess
import sys

SERIES = """
import numpy as np
from stac.data_ingestion.series_files import read_series
from stac.data_ingestion.ucr_archive import list_ucr, load_ucr
from stac.data_processing.split_series import stratified_split
from stac.data_processing.standardize import Standardizer
from stac.metrics.classification_metrics import bootstrap_intervals, classification_metrics
from stac.models.minirocket import MiniRocketClassifier, MiniRocketTransformer
from stac.tracking.run_report import write_report
from stac.tracking.track_run import list_runs, read_run, track_run
from stac.visualization.plot_confusion_matrix import plot_confusion_matrix
from stac.visualization.plot_series import plot_series

X, y = read_series("series.csv", label_column="species")
X_train, y_train, X_test, y_test = load_ucr("OSULeaf")
assert isinstance(X_train, np.ndarray) and isinstance(X_test, np.ndarray)
train, test = stratified_split(y_train, test_size=0.2)
standardizer: Standardizer = Standardizer(per="channel").fit(X_train)
with track_run("leaves", "first", {"n_features": 840}, seed=1) as run:
    model = MiniRocketClassifier(n_features=840, random_state=run.seed).fit(X_train, y_train)
    metrics: dict[str, float] = classification_metrics(y_test, model.predict(X_test), model.predict_proba(X_test))
    run.log_scalars(metrics)
    run.log_figure("series", plot_series(X_train, y_train))
write_report(run.folder).read_text()
print(read_run(run.folder).status.upper(), [record.summary for record in list_runs()], sorted(list_ucr()))
print(MiniRocketTransformer().fit(X_train).transform(X_test).shape, MiniRocketClassifier.load("model.npz").classes_)
"""

STATIONS = """
import numpy as np
from stac.data_ingestion.auger_open_data import event_table, read_event, read_events
from stac.data_ingestion.station_data import StationData, read_station_data, simulate_station_data
from stac.data_ingestion.wcd_simulator import DETECTORS, simulate_single_muons, simulate_stations
from stac.data_processing.saturation_recovery import recover_saturation
from stac.data_processing.signal_window import cut_signal_window, find_signal_window
from stac.data_processing.split_series import grouped_split
from stac.data_processing.trace_augmentation import TraceAugmentation
from stac.data_processing.trace_baseline import estimate_baseline, subtract_baseline
from stac.data_processing.vem_calibration import to_vem_charge, to_vem_peak
from stac.data_processing.wcd_features import FEATURES, wcd_features
from stac.data_processing.wcd_preprocessing import WcdPreprocessing
from stac.metrics.binned_metrics import metric_in_bins
from stac.metrics.merit_factor import merit_factor
from stac.metrics.probability_calibration import brier_score, reliability_curve
from stac.metrics.regression_resolution import bias_and_resolution
from stac.metrics.roc_analysis import best_f1, delong_test, roc_auc, roc_curve, signal_efficiency
from stac.models.station_classifier import StationClassifier, station_features
from stac.models.wcd_boosted_trees import WcdBoostedTrees
from stac.models.wcd_cnn import WcdCnn
from stac.models.wcd_rnn import WcdRnn
from stac.training.fit_torch import FitResult, fit_torch, predict_torch
from stac.training.network_files import load_network, read_metadata, save_network
from stac.visualization.plot_binned_metric import plot_binned_metric
from stac.visualization.plot_calibration import plot_calibration
from stac.visualization.plot_footprint import plot_footprint
from stac.visualization.plot_roc import plot_roc
from stac.visualization.plot_traces import plot_trace_gallery, plot_traces

data: StationData = simulate_station_data(300, "auger-ub", length=96, seed=1)
y = data.table["n_muons"] > 2
classifier: StationClassifier = StationClassifier("rnn", epochs=2).fit(data, y, validation=(data, y))
score = classifier.predict_proba(data)[:, 1]
trees = WcdBoostedTrees(n_jobs=2).fit(station_features(data), y)
print(roc_auc(y, score), delong_test(y, score, trees.predict_proba(station_features(data))[:, 1]).difference)
print(signal_efficiency(y, score, 0.95).value, best_f1(y, score).threshold, merit_factor(score[y], score[~y]))
network: WcdCnn = WcdCnn(3, 96, n_outputs=1)
fitted: FitResult = fit_torch(network, ((data.traces_vem_peak, data.pmt_mask), y), loss="binary_cross_entropy")
again: WcdCnn = load_network(save_network(network, "cnn.safetensors", auc=fitted.best_score), WcdCnn)
values: np.ndarray = predict_torch(again, (data.traces_vem_peak, data.pmt_mask), activation="sigmoid")
axes = plot_roc({"CNN": (y, values[:, 0])}, background_rejection=0.95)
plot_traces(data.traces_vem_peak[0], data.pmt_mask[0], bin_ns=data.bin_ns)
print(len(read_station_data("event.json")), DETECTORS["auger-uub"].n_bins, wcd_features(data.traces_vem_peak).shape)
print([event.event for event in read_events("events.zip")], read_event("event.json").traces_vem_peak.shape)
"""

FORECASTS = """
from stac.data_ingestion.forecasting_archive import list_forecasting, load_forecasting
from stac.data_processing.calendar_features import calendar_features, fourier_terms
from stac.data_processing.series_frame import check_series_frame, fill_gaps
from stac.data_processing.series_panel import SeriesPanel, series_panel
from stac.metrics.forecast_metrics import forecast_metrics, mase
from stac.models.forecast_ensemble import ForecastEnsemble
from stac.models.lag_trees import LagTrees
from stac.models.nhits import NHits
from stac.models.seasonal_naive import SeasonalNaive
from stac.models.statistical_forecasters import AutoARIMA, AutoETS, AutoTheta
from stac.tracking.record_forecasts import record_forecasts, write_forecasts
from stac.tracking.track_run import print_table, track_run
from stac.training.backtest import backtest
from stac.visualization.plot_forecast import plot_forecast

frame = fill_gaps(check_series_frame(load_forecasting("tourism")))
panel: SeriesPanel = series_panel(frame)
network: NHits = NHits(8, n_networks=1).fit(frame, progress=True)
again: NHits = NHits.load(network.save("network.safetensors"))
forecast = again.predict(8, quantiles=(0.1, 0.9), history=frame)
trees: LagTrees = LagTrees(8).fit(frame)
statistical = {"ETS": AutoETS(), "Theta": AutoTheta(4), "ARIMA": AutoARIMA(4, max_order=2)}
models = {"network": network, "trees": trees, "all": ForecastEnsemble(statistical), "naive": SeasonalNaive(4)}
table = backtest(models, frame, 8, n_windows=2, quantiles=(0.1, 0.9))
with track_run("tourism", "first", seed=1) as run:
    record_forecasts(run, table, frame, season_length=4)
write_forecasts("forecast.csv", forecast, frame)
plot_forecast(frame, forecast)
print_table(["feature", "share"], list(trees.importance_table().items()))
print(forecast_metrics(table, training=frame).overall, list_forecasting(), panel.y.shape, network.horizon_ + 1)
print(calendar_features(frame["ds"].to_numpy())["hour_sin"], fourier_terms([1, 2], 12, order=2))
"""

ANOMALIES = """
import numpy as np
from stac.data_ingestion.anomaly_archive import AnomalySeries, load_anomaly, read_values
from stac.data_processing.anomaly_threshold import Spot, pot_threshold, quantile_threshold
from stac.data_processing.impute_series import impute_series
from stac.data_processing.resample_series import resample_series
from stac.data_processing.sliding_window import count_windows, sliding_windows
from stac.data_processing.spectral_features import magnitude_spectrum
from stac.metrics.anomaly_metrics import affiliation_f1, anomaly_metrics, vus_pr
from stac.models.anomaly_autoencoder import AnomalyAutoencoder
from stac.models.isolation_forest_windows import IsolationForestWindows
from stac.models.matrix_profile import MatrixProfileDetector, StreamingMatrixProfile, discords, matrix_profile
from stac.models.spectral_residual import SpectralResidual
from stac.models.sub_pca import SubPca
from stac.tracking.record_anomalies import detections_above, write_detections
from stac.visualization.plot_anomalies import plot_anomalies

loaded: AnomalySeries = load_anomaly("kdd_tsad_135")
train, test, labels = loaded
assert labels is not None
detector: MatrixProfileDetector = MatrixProfileDetector(window=100).fit(train)
scores: np.ndarray = detector.score_samples(test)
threshold: float = pot_threshold(scores, 1e-3) + quantile_threshold(scores, 0.99)
network: AnomalyAutoencoder = AnomalyAutoencoder(100, epochs=2).fit(train)
others = [SubPca(100).fit(train).score_samples(test), SpectralResidual().fit(train).score_samples(test)]
others.append(IsolationForestWindows(100).fit(train).score_samples(test))
value: float = vus_pr(labels, scores) + affiliation_f1(labels, scores)
found = detections_above(scores, threshold, merge_within=50)
write_detections("found.csv", found)
plot_anomalies(test, scores, labels, threshold)
print(discords(matrix_profile(test, 100), k=3)[0].start + 1, StreamingMatrixProfile(100).update(test).distances.shape)
print(anomaly_metrics(labels, scores)["vus_pr"], Spot, [other.max() for other in others])
print(sliding_windows(test, 10), count_windows(100, 10) + 1, magnitude_spectrum(impute_series(test[None])))
print(resample_series(test[None], 50), read_values("pump.csv").shape, network.window_ + 1)
"""

CLASSIFIERS = """
import numpy as np
from stac.data_ingestion.labelled_series import load_labelled
from stac.models.inception_time import InceptionNetwork, InceptionTimeClassifier
from stac.models.lite_time import LiteTimeClassifier
from stac.models.multirocket import MultiRocketClassifier, MultiRocketTransformer
from stac.models.nearest_neighbour_dtw import NearestNeighbourDtw, dtw_distance, dtw_distances
from stac.models.recurrent_classifier import RecurrentClassifier
from stac.tracking.record_classification import record_classification
from stac.tracking.track_run import track_run

X, y, X_test, y_test = load_labelled("ItalyPowerDemand")
assert isinstance(X, np.ndarray) and isinstance(X_test, np.ndarray)
inception: InceptionTimeClassifier = InceptionTimeClassifier(n_models=1, epochs=2).fit(X, y)
lite: LiteTimeClassifier = LiteTimeClassifier.load(LiteTimeClassifier(epochs=1).fit(X, y).save("lite.safetensors"))
recurrent = RecurrentClassifier(cell="lstm", epochs=2).fit(X, y)
rocket: MultiRocketClassifier = MultiRocketClassifier(random_state=1, n_jobs=2).fit(X, y)
nearest: NearestNeighbourDtw = NearestNeighbourDtw(window="learned").fit(X, y)
probabilities: np.ndarray = rocket.predict_proba(X_test) + inception.predict_proba(X_test)
with track_run("power", "first", seed=1) as run:
    record_classification(run, y_test, {"LITE": (lite.predict_proba(X_test), lite.classes_)})
print(dtw_distance(X[0], X[1]) + 1, dtw_distances(X[:3], X[:3]).shape, recurrent.classes_, InceptionNetwork)
print(nearest.predict(X_test), MultiRocketTransformer().fit(X).transform(X).shape)
"""

MISTAKES = """
from stac.models.minirocket import MiniRocketClassifier
from stac.tracking.track_run import track_run

MiniRocketClassifier(n_features="many")
with track_run("leaves", 7) as run:
    run.log_scalar("accuracy", "high")
"""

CORRECT = {
    "series": SERIES,
    "stations": STATIONS,
    "forecasts": FORECASTS,
    "anomalies": ANOMALIES,
    "classifiers": CLASSIFIERS,
}

# What is wrong inside of libraries is not ours to find, and torch alone would take a minute.
SETTINGS = """
[mypy]
strict = true
follow_imports = silent
[mypy-torch.*,matplotlib.*,pandas.*]
follow_imports = skip
"""


def test_correct_use_is_accepted_and_mistakes_are_found(tmp_path):
    (tmp_path / "mypy.ini").write_text(SETTINGS)
    for name, code in (CORRECT | {"mistakes": MISTAKES}).items():
        (tmp_path / f"{name}.py").write_text(code)
    command = [sys.executable, "-m", "mypy", "."]  # once: it reads the libraries below for most of its time
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    errors = [line for line in checked.stdout.splitlines() if ": error:" in line]
    assert [line for line in errors if not line.startswith("mistakes.py:")] == [], checked.stdout
    assert len(errors) == 3, checked.stdout
