"""The pictures of what was found."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from stac.visualization.plot_anomalies import plot_anomalies

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from stac.tracking.record_anomalies import Detection

MAX_DETECTIONS = 6


def plot_overview(series: np.ndarray, scores: np.ndarray, labels: np.ndarray | None, threshold: float) -> "Figure":
    """Draw everything."""
    return plot_anomalies(series, scores, labels, threshold)[0].figure


def plot_detections(
    series: np.ndarray,
    scores: np.ndarray,
    found: Sequence["Detection"],
    labels: np.ndarray | None,
    threshold: float,
    window: int,
) -> "Figure":
    """Draw the highest detections from near, each with what was around it, on the channel that stands out most."""
    from matplotlib.figure import Figure

    found = found[:MAX_DETECTIONS]
    columns = min(len(found), 3)
    rows = -(-len(found) // columns)
    figure = Figure(figsize=(4.2 * columns, 3.2 * rows), layout="constrained")
    parts = np.ravel(figure.subfigures(rows, columns, squeeze=False))
    for number, (part, detection) in enumerate(zip(parts, found, strict=False), 1):
        around = max(2 * window, 2 * (detection.end - detection.start), 50)
        near = slice(max(detection.start - around, 0), detection.end + around)
        channel = _most_unusual_channel(series, detection)
        axes = part.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        plot_anomalies(
            series[channel, near],
            scores[near],
            None if labels is None else labels[near],
            threshold,
            time=np.arange(series.shape[1])[near],
            ax=axes,
        )
        name = f", channel {channel}" if len(series) > 1 else ""
        part.suptitle(f"{number}: {detection.start} to {detection.end}{name}", fontsize=9)
    return figure


def _most_unusual_channel(series: np.ndarray, detection: "Detection") -> int:
    """Return the channel that is farthest from its median within a detection, in units of its spread."""
    centre = np.nanmedian(series, axis=1, keepdims=True)
    spread = np.nanstd(series, axis=1) + 1e-12
    farthest = np.nanmax(np.abs(series - centre)[:, detection.start : detection.end], axis=1)
    return int(np.argmax(farthest / spread))
