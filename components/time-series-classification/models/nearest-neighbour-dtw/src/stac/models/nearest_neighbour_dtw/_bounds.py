"""Bounds of squared DTW distances at a fraction of their cost: LB_Kim and LB_Keogh below, Euclid above."""

import numpy as np

from stac.models.nearest_neighbour_dtw._warping import Series, in_threads, radius_of

ROWS = 16  # queries in a piece of work


def bounds(A: Series, B: Series, window: float, n_jobs: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper bounds of the squared distances of all A to all B, true but for rounding."""
    lower = np.empty((len(A), len(B)), np.float32)
    upper = np.full_like(lower, np.inf)
    alike = A.equal and B.equal and A.values.shape[2] == B.values.shape[2]
    longest = max(A.values.shape[2], B.values.shape[2])
    low, high = _envelopes(B, window, longest, alike)
    low_a, high_a = _envelopes(A, window, longest, alike)

    def run(start: int) -> None:
        space = np.empty_like(low)
        for q in range(start, min(start + ROWS, len(A))):
            n = A.lengths[q]
            x, part = A.values[q, :, :n], space[..., :n]
            np.subtract(np.clip(x, low[..., :n], high[..., :n], out=part), x, out=part)
            lower[q] = _square_sums(part)
            if alike:
                np.subtract(np.clip(B.values, low_a[q], high_a[q], out=space), B.values, out=space)
                np.maximum(lower[q], _square_sums(space), out=lower[q])
                upper[q] = _square_sums(np.subtract(B.values, x, out=space))

    in_threads(run, range(0, len(A), ROWS), n_jobs)
    return lower, upper


def _envelopes(series: Series, window: float, longest: int, alike: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest value that each point of another series can be aligned with.

    The first points are aligned with each other, and so are the last ones (which LB_Kim uses). Where lengths differ,
    the range of the whole series has to do.
    """
    values = series.values
    if alike and window < 1:
        radius = int(radius_of(window, longest, longest))
        low, high = -_running_maximum(-values, radius), _running_maximum(values, radius)
    else:
        real = np.arange(values.shape[2]) < series.lengths[:, None, None]
        low = np.repeat(values.min(axis=2, keepdims=True, where=real, initial=np.inf), longest, axis=2)
        high = np.repeat(values.max(axis=2, keepdims=True, where=real, initial=-np.inf), longest, axis=2)
    for envelope in (low, high):
        envelope[..., 0] = values[..., 0]
        if alike:
            envelope[..., -1] = values[..., -1]
    return low, high


def _running_maximum(values: np.ndarray, radius: int) -> np.ndarray:
    """Return the maximum over `radius` points on either side, by doubling the width."""
    width = 2 * radius + 1
    edges = [(0, 0)] * (values.ndim - 1) + [(radius, radius)]
    result, done = np.pad(values, edges, constant_values=-np.inf), 1
    while done < width:
        shift = min(done, width - done)
        result = np.maximum(result[..., :-shift], result[..., shift:])
        done += shift
    return result


def _square_sums(differences: np.ndarray) -> np.ndarray:
    """Return the sum of squares of each instance."""
    flat = differences.reshape(len(differences), -1)
    return np.einsum("ij,ij->i", flat, flat)
