"""What kernels.py measures of ours: components, kernels without a component around them, and the floors below them.

Each function prepares the data of a work and returns what is measured. Floors say how many bytes or operations a cell
takes at least.
"""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from common import machine

Data = dict[str, np.ndarray]
WINDOW = 100
TAPS, N_KERNELS = 9, 84  # of MiniROCKET
N_JOBS = int(os.environ.get("OMP_NUM_THREADS", "1"))  # in a worker


# ------------------------------------------------------------------------------------ MiniROCKET


def minirocket(data: Data) -> Callable[[], Any]:
    from stac.models.minirocket import MiniRocketTransformer

    model = MiniRocketTransformer(random_state=0, n_jobs=N_JOBS).fit(data["X"])
    return lambda: model.transform(data["X"])


def minirocket_kernel(data: Data) -> Callable[[], Any]:
    from stac.models.minirocket import MiniRocketTransformer
    from stac.numerics.kernels import minirocket_features

    fitted = MiniRocketTransformer(random_state=0).fit(data["X"]).kernels_
    channels = {"channel_counts": fitted.channel_counts, "channel_indices": fitted.channel_indices}
    plan = fitted.dilations, fitted.features_per_dilation, fitted.biases
    return lambda: minirocket_features(data["X"], *plan, **channels, n_jobs=N_JOBS)


def minirocket_floor(data: Data) -> Callable[[], Any]:
    """Count, for each time point and dilation, 8 additions to sum nine taps, and those of the tree of kernels.

    A kernel adds three taps to that sum. Kernels share the sums with their first tap, 7 of them, and with their first
    two, 28 of them: 119 additions for all 84. Each feature costs a comparison and counting it. Half the kernels see all
    time points, half only those where all taps fit. Tripling the series once is left out, as are sums over channels.
    """
    from stac.models.minirocket import MiniRocketTransformer

    fitted = MiniRocketTransformer(random_state=0).fit(data["X"]).kernels_
    points = (fitted.n_timepoints - (TAPS - 1) / 2 * fitted.dilations) * len(data["X"])
    return machine.arithmetic(
        float_additions=int(((TAPS - 1 + 7 + 28 + N_KERNELS) * points).sum()),
        float_counts=int((N_KERNELS * fitted.features_per_dilation * points).sum()),
    )


# ------------------------------------------------------------------------------------ matrix profile


def profile(x: np.ndarray, other: np.ndarray | None = None) -> Callable[[], Any]:
    from stac.models.matrix_profile import matrix_profile

    def work() -> tuple[np.ndarray, np.ndarray]:
        found = matrix_profile(x, WINDOW, other, n_jobs=N_JOBS)
        return found.distances, found.neighbours

    return work


def profile_kernel(data: Data) -> Callable[[], Any]:
    from stac.numerics.kernels import ab_join, self_join

    def work() -> tuple[np.ndarray, np.ndarray]:
        if "other" in data:
            found = ab_join(data["x"], data["other"], WINDOW, n_jobs=N_JOBS)
        else:
            found = self_join(data["x"], WINDOW, exclusion(), n_jobs=N_JOBS)
        correlation, neighbour = found.best()
        return np.sqrt(np.maximum(2 * WINDOW * (1 - correlation), 0)), neighbour

    return work


def exclusion() -> int:
    return -(-WINDOW // 4)  # as stumpy's and the component's


def profile_floor(x: np.ndarray, other: np.ndarray | None = None) -> Callable[[], Any]:
    """Count the pairs of windows; the six operations of each are those in machine.c."""
    n = len(x) - WINDOW + 1
    far = n - exclusion() - 1
    return machine.arithmetic(profile_cells=far * (far + 1) // 2 if other is None else n * (len(other) - WINDOW + 1))


def stream(data: Data) -> Callable[[], Any]:
    from stac.models.matrix_profile import StreamingMatrixProfile

    past = StreamingMatrixProfile(WINDOW)
    past.update(data["x"])

    def work() -> tuple[np.ndarray, np.ndarray]:
        found = [past.update(point) for point in data["points"].reshape(-1, 1)]
        return np.concatenate([new.distances for new in found]), np.concatenate([new.neighbours for new in found])

    return work


def stream_kernel(data: Data) -> Callable[[], Any]:
    from stac.numerics.kernels import StreamingProfile

    past = StreamingProfile(WINDOW, exclusion())
    past.append(data["x"])

    def work() -> tuple[np.ndarray, np.ndarray]:
        found = [past.append(point) for point in data["points"].reshape(-1, 1)]
        return np.concatenate([distance for *_, distance in found]), np.concatenate([place for _, place, _ in found])

    return work


def stream_floor(data: Data) -> Callable[[], Any]:
    return machine.arithmetic(profile_cells=len(data["points"]) * (len(data["x"]) - WINDOW + 1 - exclusion()))


# ------------------------------------------------------------------------------------ dynamic time warping


def neighbours(window: float | None, data: Data) -> Callable[[], Any]:
    from stac.models.nearest_neighbour_dtw import NearestNeighbourDtw

    model = NearestNeighbourDtw(window=band(window, data), n_jobs=N_JOBS)
    return lambda: model.fit(data["X"], data["y"]).predict(data["Z"])


def all_pairs_kernel(window: float | None, data: Data) -> Callable[[], Any]:
    """Return what computes all distances, none given up: what is left to the search around the kernel shows."""
    from stac.numerics.kernels import dtw_of_pairs

    i, j = (part.ravel() for part in np.indices((len(data["Z"]), len(data["X"]))))
    reach = radius(data["X"].shape[2], window)

    def work() -> np.ndarray:
        squares = dtw_of_pairs(data["Z"], data["X"], (i, j), reach, n_jobs=N_JOBS)
        return data["y"][squares.reshape(len(data["Z"]), -1).argmin(axis=1)]

    return work


def band(window: float | None, data: Data) -> float | None:
    """Return the share of the length that is a whole number of time points: some round it up, some down."""
    n = data["X"].shape[2]
    return None if window is None else radius(n, window) / n


def radius(n: int, window: float | None) -> int:
    return n if window is None else round(window * n)


def cells(n: int, radius: int) -> int:
    """Return how many cells of an n x n table lie in the band."""
    outside = max(n - 1 - radius, 0)
    return n * n - outside * (outside + 1)


def search_floor(window: float | None, data: Data) -> Callable[[], Any]:
    """Count all cells in the band of all pairs; a search that leaves pairs out can be faster than this."""
    n, pairs = data["X"].shape[2], len(data["X"]) * len(data["Z"])
    return machine.arithmetic(warping_cells=pairs * cells(n, radius(n, window)))


def dtw_distances(data: Data) -> Callable[[], Any]:
    from stac.models.nearest_neighbour_dtw import dtw_distances

    return lambda: dtw_distances(data["X"], n_jobs=N_JOBS)


def dtw_kernel(data: Data) -> Callable[[], Any]:
    from stac.numerics.kernels import dtw_of_pairs

    i, j = np.triu_indices(len(data["X"]), 1)

    def work() -> np.ndarray:
        result = np.zeros((len(data["X"]), len(data["X"])))
        distances = np.sqrt(dtw_of_pairs(data["X"], data["X"], (i, j), data["X"].shape[2], n_jobs=N_JOBS))
        result[i, j] = result[j, i] = distances
        return result

    return work


def pairwise_floor(data: Data) -> Callable[[], Any]:
    n_series, _, n = data["X"].shape
    return machine.arithmetic(warping_cells=n_series * (n_series - 1) // 2 * n * n)


# ------------------------------------------------------------------------------------ single passes over series


def z_scores(data: Data) -> Callable[[], Any]:
    from stac.data_processing.standardize import Standardizer

    return lambda: Standardizer().fit_transform(data["X"])


def z_scores_kernel(data: Data) -> Callable[[], Any]:
    from stac.numerics.kernels import z_normalize

    return lambda: z_normalize(data["X"], n_jobs=N_JOBS)


def windows(data: Data) -> Callable[[], Any]:
    from stac.data_processing.sliding_window import sliding_windows

    return lambda: sliding_windows(data["X"], WINDOW).copy()


def windows_kernel(data: Data) -> Callable[[], Any]:
    from stac.numerics.kernels import copy_windows

    return lambda: copy_windows(data["X"], WINDOW, n_jobs=N_JOBS)


def windows_floor(data: Data) -> Callable[[], Any]:
    n_channels, n = data["X"].shape
    return machine.reading_and_writing(data["X"], ((n - WINDOW + 1, n_channels, WINDOW), np.float32))


def resample(data: Data) -> Callable[[], Any]:
    from stac.data_processing.resample_series import resample_series

    return lambda: resample_series(data["X"], 500)


def resample_kernel(data: Data) -> Callable[[], Any]:
    from stac.numerics.kernels import resample_linear

    return lambda: resample_linear(data["X"], 500, n_jobs=N_JOBS)


def resample_floor(data: Data) -> Callable[[], Any]:
    return machine.reading_and_writing(data["X"], ((len(data["X"]), 1, 500), np.float32))


def rolling(data: Data) -> Callable[[], Any]:
    from stac.numerics.kernels import rolling_statistics

    return lambda: rolling_statistics(data["X"], WINDOW, n_jobs=N_JOBS)


def numpy_rolling(data: Data) -> Callable[[], Any]:
    """Return what takes the windows as a view, some at a time, so that they stay in the cache."""
    views = np.lib.stride_tricks.sliding_window_view(data["X"], WINDOW)

    def work() -> list[np.ndarray]:
        parts = [views[start : start + 2_000] for start in range(0, len(views), 2_000)]
        moments = [(part.mean(axis=1, dtype=float), part.std(axis=1, dtype=float)) for part in parts]
        extremes = [(part.min(axis=1), part.max(axis=1)) for part in parts]
        return [np.concatenate(part) for part in (*zip(*moments, strict=True), *zip(*extremes, strict=True))]

    return work


def rolling_floor(data: Data) -> Callable[[], Any]:
    n = (len(data["X"]) - WINDOW + 1,)
    return machine.reading_and_writing(
        data["X"], *((n, kind) for kind in (np.float64, np.float64, np.float32, np.float32))
    )


def autocorrelation(n_lags: int, data: Data) -> Callable[[], Any]:
    from stac.numerics import kernels

    return lambda: kernels.autocorrelation(data["X"], n_lags, n_jobs=N_JOBS)


def fourier_autocorrelation(n_lags: int, data: Data) -> Callable[[], Any]:
    """Return what transforms all series at once, with zeros behind, so that ends do not meet beginnings."""
    length = 1 << (data["X"].shape[1] + n_lags - 1).bit_length()

    def work() -> np.ndarray:
        z = data["X"] - data["X"].mean(axis=1, keepdims=True, dtype=float)
        power = np.abs(np.fft.rfft(z, length)) ** 2
        products = np.fft.irfft(power, length)[:, :n_lags]
        return products / products[:, :1]

    return work
