"""Finds anomalies in a new series, as a run did.   make detect DATA=new.csv, or: python detect.py --help"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jsonargparse import auto_cli
from stac.data_ingestion.anomaly_archive import read_values
from stac.models.matrix_profile import MatrixProfileDetector
from stac.tracking.record_anomalies import detections_above, write_detections
from stac.tracking.track_run import find_run
from stac.visualization.plot_anomalies import plot_anomalies


@dataclass
class Config:
    """Score a new series against the training part of a run, with its threshold.

    Args:
        data: file (.csv with a row for each time point, .txt); labels are not needed, and left out
        run: run whose detector and threshold are used, by its folder or id
        output: file that is written, a line for each detection; a picture is drawn beside it
    """

    data: str
    run: str = "latest"
    output: str = "detections.csv"


def main(config: Config) -> None:
    """Read, score, write, and print what stands out most."""
    run = find_run(config.run, status="completed")
    series = read_values(config.data, label_column=run.config["label_column"])
    with np.load(run.folder / "models" / "detector.npz") as saved:
        training, window = saved["training"], int(saved["window"])
    scores = MatrixProfileDetector(window, run.config["compare_with"]).fit(training).score_samples(series)

    threshold = run.summary["threshold"]
    found = detections_above(scores, threshold, merge_within=window // 2)
    output = write_detections(config.output, found)
    picture = Path(config.output).with_suffix(".png")
    plot_anomalies(series, scores, threshold=threshold)[0].figure.savefig(picture, dpi=120)
    print(f"{series.shape[1]:,} time points, {len(found)} found (threshold {threshold:.4g} of {run.id})")
    for detection in found[:10]:
        print(f"  {detection.start:>8} to {detection.end:<8} score {detection.score:.4g} at {detection.peak}")
    print(f"{output}\n{picture}")


if __name__ == "__main__":
    try:
        main(auto_cli(Config, as_positional=False))
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
