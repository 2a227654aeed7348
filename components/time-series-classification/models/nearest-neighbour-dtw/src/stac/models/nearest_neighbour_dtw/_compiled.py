"""The same distances and neighbours by compiled kernels, where they are installed."""

import numpy as np

try:
    from stac.numerics import kernels
except ImportError:  # the extra "fast": the same results, sooner
    kernels = None


def is_available() -> bool:
    """Return whether kernels can be used."""
    return kernels is not None and kernels.in_use()


def compiled_distances(
    A: tuple[np.ndarray, np.ndarray],
    B: tuple[np.ndarray, np.ndarray],
    pairs: tuple[np.ndarray, np.ndarray],
    radii: np.ndarray,
    limits: np.ndarray | None,
    n_jobs: int,
) -> np.ndarray:
    """Return squared distances of pairs of series, each side as values and lengths, in double precision."""
    lengths = A[1], B[1]
    return kernels.dtw_of_pairs(A[0], B[0], pairs, radii, lengths=lengths, limits=limits, n_jobs=n_jobs)


def compiled_nearest(
    A: tuple[np.ndarray, np.ndarray], B: tuple[np.ndarray, np.ndarray], window: float, n_jobs: int
) -> np.ndarray:
    """Return the index of the nearest in B for each in A, of equally near ones the first."""
    return kernels.nearest_by_dtw(A[0], B[0], window, lengths=(A[1], B[1]), n_jobs=n_jobs)[0]
