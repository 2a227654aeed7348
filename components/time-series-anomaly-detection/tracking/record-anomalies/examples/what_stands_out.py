"""Two bursts in noise, found by their height."""

import tempfile

import numpy as np

from stac.tracking.record_anomalies import record_anomalies
from stac.tracking.track_run import track_run

series = np.random.default_rng(0).normal(size=(1, 1000))
labels = np.zeros(1000, bool)
for start in (300, 700):
    series[0, start : start + 20] += 6
    labels[start : start + 20] = True
scores = {"height": np.convolve(np.abs(series[0]), np.ones(9) / 9, "same")}
with (
    tempfile.TemporaryDirectory() as folder,
    track_run("bursts", "height", runs_folder=folder, clearml="off") as run,
):
    record_anomalies(run, series, scores, threshold=2.5, labels=labels, window=9)
