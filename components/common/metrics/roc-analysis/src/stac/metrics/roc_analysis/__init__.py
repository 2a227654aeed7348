"""ROC curves with everything around them: areas, bands, efficiencies and F1, each with its interval.

Labels are booleans, True for signal; a higher score means more signal-like, and `score >= threshold` is accepted.
"""

from stac.metrics.roc_analysis._curves import (
    Comparison,
    Estimate,
    RocBand,
    RocCurve,
    delong_test,
    roc_auc,
    roc_band,
    roc_curve,
)
from stac.metrics.roc_analysis._cuts import BestF1, best_f1, signal_efficiency, threshold_at_rejection

__all__ = [
    "BestF1",
    "Comparison",
    "Estimate",
    "RocBand",
    "RocCurve",
    "best_f1",
    "delong_test",
    "roc_auc",
    "roc_band",
    "roc_curve",
    "signal_efficiency",
    "threshold_at_rejection",
]
