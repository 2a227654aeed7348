"""The features of MiniROCKET: shares of time points at which dilated convolutions exceed biases."""

import ctypes
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.numerics.kernels._library import in_threads, kernel

N_KERNELS, KERNEL_LENGTH = 84, 9
TAPS = np.array([(*taps, k) for k, taps in enumerate(combinations(range(KERNEL_LENGTH), 3))], np.int32)
WIDEST = 16  # floats in a vector: so far behind the end is read
# Kernels of one dilation with the same channels and padding: the same order as in c/kernels.h, addresses last.
STEP_SIZES = ("dilation", "padded", "n_biases", "first_feature", "n_channels", "n_kernels")
STEP = np.dtype([(name, np.int64) for name in (*STEP_SIZES, "channels", "kernels", "biases")])
PIECE = 2**23  # time points times features that a thread takes at a time


class Plan(ctypes.Structure):
    """All steps."""

    _fields_ = [
        *[(name, ctypes.c_int64) for name in ("n_channels", "n_timepoints", "padding", "n_features", "n_steps")],
        ("steps", ctypes.c_void_p),
    ]


def minirocket_features(
    X: NDArray[np.float32],
    dilations: ArrayLike,
    features_per_dilation: ArrayLike,
    biases: ArrayLike,
    *,
    channel_counts: ArrayLike | None = None,
    channel_indices: ArrayLike | None = None,
    n_jobs: int | None = 1,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Convolve series with the 84 kernels of MiniROCKET, and count where the results exceed the biases.

    Parameters
    ----------
    X : ndarray of shape (n_instances, n_channels, n_timepoints), float32, C-contiguous
        Finite series.
    dilations : array-like of shape (n_dilations,)
        Distances between taps, at least 1; nine taps must fit into the series.
    features_per_dilation : array-like of shape (n_dilations,)
        Biases that each of the 84 kernels has at each dilation.
    biases : array-like of shape (n_features,)
        Ordered by dilation, kernel, feature.
    channel_counts : array-like of shape (n_dilations * 84,), optional
        Channels that each kernel sees; by default all see the first one.
    channel_indices : array-like of shape (sum of channel_counts,), optional
        Which, one kernel after the other.
    n_jobs : int or None, default=1
        Threads; -1 for one per processor, None for ``OMP_NUM_THREADS``, else all processors. They do not change a bit.
    out : ndarray of shape (n_instances, n_features), float32, optional
        Where to write; rows must be contiguous.

    Returns
    -------
    ndarray of shape (n_instances, n_features), float32
        Shares in [0, 1]; convolutions are in single precision.

    Raises
    ------
    ValueError, TypeError
        If shapes or types do not fit, or nine taps at a dilation do not fit into the series.

    References
    ----------
    A. Dempster, D. F. Schmidt, G. I. Webb, "MiniRocket: a very fast (almost) deterministic transform for time series
    classification", KDD 2021, https://doi.org/10.1145/3447548.3467231

    Examples
    --------
    >>> import numpy as np
    >>> X = np.sin(np.arange(100, dtype=np.float32) / 3)[None, None]
    >>> minirocket_features(X, dilations=[1], features_per_dilation=[1], biases=np.zeros(84)).shape
    (1, 84)
    """
    if (
        not isinstance(X, np.ndarray)
        or X.ndim != 3
        or X.dtype != np.float32
        or not X.flags.c_contiguous
        or not X.flags.aligned
    ):
        raise TypeError("X must be a C-contiguous, aligned float32 array, (n_instances, n_channels, n_timepoints).")
    plan = _plan(X.shape, dilations, features_per_dilation, biases, channel_counts, channel_indices)
    shape = len(X), plan.n_features
    out = np.empty(shape, np.float32) if out is None else out
    if out.shape != shape or out.dtype != np.float32 or not out.flags.c_contiguous or not out.flags.writeable:
        raise ValueError(f"out must be a C-contiguous, writeable float32 array of shape {shape}.")
    call = kernel("minirocket")

    def work(start: int, stop: int, halt: object) -> None:
        scratch = np.empty(plan.scratch, np.float32)
        places = X.ctypes.data, start, stop, out.ctypes.data, scratch.ctypes.data
        call(ctypes.addressof(plan), *places, halt)

    in_threads(work, len(X), max(1, PIECE // (X.shape[2] * plan.n_features)), n_jobs)
    return out


def _plan(shape: tuple[int, int, int], dilations: Any, counts: Any, biases: Any, subsets: Any, channels: Any) -> Plan:
    """Check the kernels, and sort the work so that what sees the same sums stands together: see c/kernels.h."""
    _, n_channels, n_timepoints = shape
    dilations, counts = (np.ascontiguousarray(part, np.int64) for part in (dilations, counts))
    biases = np.ascontiguousarray(biases, np.float32)
    if dilations.ndim != 1 or dilations.shape != counts.shape or not len(dilations):
        raise ValueError(f"dilations have shape {dilations.shape}, features_per_dilation {counts.shape}: give as many.")
    if dilations.min() < 1 or dilations.max() * (KERNEL_LENGTH - 1) >= n_timepoints:
        raise ValueError(f"dilations must lie from 1 to {(n_timepoints - 1) // 8}, for {n_timepoints} time points.")
    if counts.min() < 1 or biases.shape != (N_KERNELS * counts.sum(),):
        raise ValueError(f"biases have shape {biases.shape}: {N_KERNELS} kernels need {N_KERNELS * counts.sum()}.")
    subsets = np.ones(N_KERNELS * len(dilations)) if subsets is None else subsets
    subsets = np.ascontiguousarray(subsets, np.int64)
    channels = np.zeros(subsets.sum(), np.int32) if channels is None else np.ascontiguousarray(channels, np.int32)
    if subsets.shape != (N_KERNELS * len(dilations),) or subsets.min() < 1 or channels.shape != (subsets.sum(),):
        raise ValueError("channel_counts and channel_indices do not fit the dilations: give 84 subsets for each.")
    if channels.min() < 0 or channels.max() >= n_channels:
        raise ValueError(f"channel_indices must lie from 0 to {n_channels - 1}.")
    steps, keep = _steps(dilations, counts, biases, subsets, channels)
    padding = KERNEL_LENGTH // 2 * int(dilations.max())
    plan = Plan(n_channels, n_timepoints, padding, len(biases), len(steps), steps.ctypes.data)
    plan.arrays = steps, biases, keep  # live as long as the plan
    plan.scratch = 3 * (n_timepoints + WIDEST) + 4 * padding + N_KERNELS * int(counts.max())
    return plan


def _steps(
    dilations: np.ndarray, counts: np.ndarray, biases: np.ndarray, subsets: np.ndarray, channels: np.ndarray
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the steps, and the arrays that they point at."""
    d, k = np.divmod(np.arange(len(subsets)), N_KERNELS)
    padded = (d + k) % 2 == 0
    ends = np.cumsum(subsets)
    places: dict[tuple[int, ...], int] = {}  # of each subset of channels, where it comes first
    values, parts = channels.tolist(), zip((ends - subsets).tolist(), ends.tolist(), strict=True)
    place = np.array([places.setdefault(tuple(values[start:end]), start) for start, end in parts])
    order = np.lexsort((padded, place, d))
    keys = np.stack([d, place, padded])[:, order]
    first = np.flatnonzero(np.append(True, (keys[:, 1:] != keys[:, :-1]).any(0)))
    d, place, padded = keys[:, first]
    kernels = TAPS[k[order]]
    steps = np.empty(len(first), STEP)
    features = N_KERNELS * (np.cumsum(counts) - counts)
    n_kernels = np.diff(np.append(first, len(order)))
    sizes = dilations[d], padded, counts[d], features[d], subsets[order[first]], n_kernels
    for name, size in zip(STEP_SIZES, sizes, strict=True):
        steps[name] = size
    steps["channels"] = channels.ctypes.data + place * channels.itemsize
    steps["kernels"] = kernels.ctypes.data + first * kernels[0].nbytes
    steps["biases"] = biases.ctypes.data + features[d] * biases.itemsize
    return steps, [kernels, channels]
