"""The hot loops of time series in plain C, compiled for every platform: no compiler, no waiting at the first call."""

from stac.numerics.kernels._library import available_instruction_sets, in_use, instruction_set, use_instruction_set
from stac.numerics.kernels._minirocket import minirocket_features
from stac.numerics.kernels._profile import PartialProfile, Profile, StreamingProfile, ab_join, self_join
from stac.numerics.kernels._series import (
    RollingStatistics,
    autocorrelation,
    copy_windows,
    resample_linear,
    rolling_statistics,
    z_normalize,
)
from stac.numerics.kernels._warping import dtw_of_pairs, nearest_by_dtw

__all__ = [
    "PartialProfile",
    "Profile",
    "RollingStatistics",
    "StreamingProfile",
    "ab_join",
    "autocorrelation",
    "available_instruction_sets",
    "copy_windows",
    "dtw_of_pairs",
    "in_use",
    "instruction_set",
    "minirocket_features",
    "nearest_by_dtw",
    "resample_linear",
    "rolling_statistics",
    "self_join",
    "use_instruction_set",
    "z_normalize",
]
