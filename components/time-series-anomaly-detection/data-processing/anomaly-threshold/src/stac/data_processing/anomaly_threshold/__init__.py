"""Thresholds of anomaly scores that need no labels: quantiles, and peaks over threshold for alarms that are rare.

``score >= threshold`` is an alarm.
"""

from stac.data_processing.anomaly_threshold._spot import Detections, DSpot, Spot
from stac.data_processing.anomaly_threshold._thresholds import pot_threshold, quantile_threshold

__all__ = ["DSpot", "Detections", "Spot", "pot_threshold", "quantile_threshold"]
