"""A model that looks beside one that always says the same."""

import tempfile

import numpy as np

from stac.tracking.record_classification import record_classification
from stac.tracking.track_run import track_run

draw = np.random.default_rng(0)
classes = np.array(["fast", "slow"])
y_test = classes[draw.integers(2, size=200)]
clue = (y_test == "slow") + draw.normal(0, 0.5, 200)
chance = 1 / (1 + np.exp(-4 * (clue - 0.5)))
models = {
    "looks": (np.column_stack([1 - chance, chance]), classes),
    "says slow": (np.tile([0.4, 0.6], (200, 1)), classes),
}
with (
    tempfile.TemporaryDirectory() as folder,
    track_run("speeds", "two models", runs_folder=folder, clearml="off") as run,
):
    record_classification(run, y_test, models)
