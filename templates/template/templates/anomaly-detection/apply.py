"""Finds anomalies in a new series, as a run did.   make detect DATA=new.csv, or: python detect.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path

from jsonargparse import auto_cli
from stac.data_ingestion.anomaly_archive import load_anomaly, read_values
from stac.tracking.record_anomalies import detections_above, write_detections
from stac.tracking.track_run import find_run
from stac.visualization.plot_anomalies import plot_anomalies

from train import make_model


@dataclass
class Config:
    """Score a new series as a run did, with its training part and its threshold.

    Args:
        data: file (.csv with a row for each time point, .txt); labels are not needed, and left out
        run: run whose training part and threshold are used, by its folder or id
        output: file that is written, a line for each detection; a picture is drawn beside it
    """

    data: str
    run: str = "latest"
    output: str = "detections.csv"


def main(config: Config) -> None:
    """Read, fit as the run did, score, write, and print what stands out most."""
    run = find_run(config.run, status="completed")
    settings = run.config
    series = read_values(config.data, label_column=settings["label_column"])
    train, _, _ = load_anomaly(settings["data"], n_train=settings["n_train"], label_column=settings["label_column"])
    # Fill me in: where training takes long, save the detector when it is trained (run.log_model), and load it here.
    scores = make_model().fit(train).score_samples(series)

    threshold = run.summary["threshold"]
    found = detections_above(scores, threshold)
    output = write_detections(config.output, found)
    picture = Path(config.output).with_suffix(".png")
    plot_anomalies(series, scores, threshold=threshold)[0].figure.savefig(picture, dpi=120)
    print(f"{series.shape[1]:,} time points, {len(found)} found (threshold {threshold:.4g} of {run.id})")
    for detection in found[:10]:
        print(f"  {detection.start:>8} to {detection.end:<8} score {detection.score:.4g} at {detection.peak}")
    print(f"{output}\n{picture}")
{% include "main_apply.py" %}
