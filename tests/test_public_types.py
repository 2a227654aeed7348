"""A user's own code type-checks strictly against the public surface of the components, which must be typed."""

import subprocess
import sys

USER_CODE = """
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

MISTAKES = """
from stac.models.minirocket import MiniRocketClassifier
from stac.tracking.track_run import track_run

MiniRocketClassifier(n_features="many")
with track_run("leaves", 7) as run:
    run.log_scalar("accuracy", "high")
"""


def type_check(code, folder):
    (folder / "user_code.py").write_text(code)
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "user_code.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


def test_correct_use_is_accepted(tmp_path):
    checked = type_check(USER_CODE, tmp_path)
    assert checked.returncode == 0, checked.stdout


def test_mistakes_are_found(tmp_path):
    assert type_check(MISTAKES, tmp_path).stdout.count("error:") == 3
