"""The same work in the way of each peer: functions that import it, and return what does the work.

Series are arrays (n_instances, n_channels, n_timepoints) of float32. Turning them into the
layout that a library asks for, and its results back, counts as its time, as it does for its users.
"""

from collections.abc import Callable

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]


# ------------------------------------------------------------------------------------ windows of 100


def aeon_windows() -> Function:
    from aeon.utils.windowing import sliding_windows as windows

    return lambda x: windows(x.T, 100, axis=0)[0].reshape(-1, len(x), 100)


def tsai_windows() -> Function:
    from tsai.data.preparation import SlidingWindow

    return lambda x: SlidingWindow(100, stride=1, seq_first=False, get_y=[], horizon=0)(x)[0]


# ------------------------------------------------------------------------------------ resampling to 500 time points


def aeon_resample() -> Function:
    from aeon.transformations.collection.unequal_length import Resizer

    return lambda X: Resizer(500).fit_transform(X)


def tslearn_resample() -> Function:
    from tslearn.preprocessing import TimeSeriesResampler

    return lambda X: TimeSeriesResampler(sz=500).fit_transform(X.transpose(0, 2, 1)).transpose(0, 2, 1)


def sktime_resample() -> Function:
    from sktime.transformations.interpolate import TSInterpolator

    return lambda X: sktime_array(TSInterpolator(500).fit_transform(X))


def tsai_resample() -> Function:
    from tsai.data.core import TSTensor
    from tsai.data.transforms import TSResize

    # Places the points otherwise than all others: only its time can be compared.
    return lambda X: TSResize(size=500, mode="linear").encodes(TSTensor(X)).data.numpy()


# ------------------------------------------------------------------------------------ z-scores


def aeon_z_scores() -> Function:
    from aeon.transformations.collection import Normalizer

    return lambda X: Normalizer().fit_transform(X)


def tslearn_z_scores() -> Function:
    from tslearn.preprocessing import TimeSeriesScalerMeanVariance

    return lambda X: TimeSeriesScalerMeanVariance().fit_transform(X.transpose(0, 2, 1)).transpose(0, 2, 1)


def sktime_z_scores() -> Function:
    from sklearn.preprocessing import StandardScaler
    from sktime.transformations.adapt import TabularToSeriesAdaptor

    return lambda X: sktime_array(TabularToSeriesAdaptor(StandardScaler()).fit_transform(X))


def tsai_z_scores() -> Function:
    from tsai.data.core import TSTensor
    from tsai.data.preprocessing import TSStandardize

    return lambda X: TSStandardize(by_sample=True, by_var=True).encodes(TSTensor(X)).data.numpy()


def sktime_array(frame: object) -> np.ndarray:
    """Return what sktime gave as an array (n, channels, time)."""
    if isinstance(frame, np.ndarray):
        return frame
    from sktime.datatypes import convert_to

    return convert_to(frame, "numpy3D")


# ------------------------------------------------------------------------------------ statistics of windows of 100


def pandas_rolling() -> Function:
    import pandas

    def rolling(x: np.ndarray) -> tuple[np.ndarray, ...]:
        windows = pandas.Series(x).rolling(100)
        parts = windows.mean(), windows.std(ddof=0), windows.min(), windows.max()
        return tuple(part.to_numpy()[99:] for part in parts)

    return rolling


# ------------------------------------------------------------------------------------ autocorrelation


def statsmodels_autocorrelation(n_lags: int) -> Function:
    from statsmodels.tsa.stattools import acf

    return lambda X: np.stack([acf(x, nlags=n_lags - 1, fft=True) for x in X])


# ------------------------------------------------------------------------------------ MiniROCKET


def aeon_minirocket(X: np.ndarray, n_jobs: int) -> Function:
    from aeon.transformations.collection.convolution_based import MiniRocket

    return MiniRocket(random_state=0, n_jobs=n_jobs).fit(X).transform


def sktime_minirocket(X: np.ndarray, n_jobs: int) -> Function:
    from sktime.transformations.panel import rocket

    # Another class for several channels; both give a data frame, as sktime's users get it.
    kind = rocket.MiniRocket if X.shape[1] == 1 else rocket.MiniRocketMultivariate
    return kind(random_state=0, n_jobs=n_jobs).fit(X).transform


# ------------------------------------------------------------------------------------ matrix profile, windows of 100


def stumpy_profile(x: np.ndarray, other: np.ndarray | None = None) -> Callable[[], tuple]:
    from stumpy import stump

    def profile() -> tuple[np.ndarray, np.ndarray]:
        table = stump(x, 100) if other is None else stump(x, 100, other, ignore_trivial=False)
        return table[:, 0].astype(float), table[:, 1].astype(int)

    return profile


def stumpy_stream(past: np.ndarray, points: np.ndarray) -> Callable[[], tuple]:
    from stumpy import stumpi

    stream = stumpi(past, 100, egress=False)

    def append() -> tuple[np.ndarray, np.ndarray]:
        for point in points:
            stream.update(point)
        return stream.left_P_[-len(points) :], stream.left_I_[-len(points) :]

    return append


# ------------------------------------------------------------------------------------ dynamic time warping


def aeon_neighbours(window: float | None, n_jobs: int) -> Callable[..., np.ndarray]:
    from aeon.classification.distance_based import KNeighborsTimeSeriesClassifier

    parameters = {"distance": "dtw", "distance_params": {"window": window}, "n_jobs": n_jobs}
    return lambda X, y, Z: KNeighborsTimeSeriesClassifier(**parameters).fit(X, y).predict(Z)


def sktime_neighbours(window: float | None, n_jobs: int) -> Callable[..., np.ndarray]:
    from sktime.classification.distance_based import KNeighborsTimeSeriesClassifier

    parameters = {"distance": "dtw", "distance_params": {"window": window}, "n_jobs": n_jobs}
    return lambda X, y, Z: KNeighborsTimeSeriesClassifier(**parameters).fit(X, y).predict(Z)


def tslearn_neighbours(window: float | None, n_jobs: int) -> Callable[..., np.ndarray]:
    from tslearn.neighbors import KNeighborsTimeSeriesClassifier

    def predict(X: np.ndarray, y: np.ndarray, Z: np.ndarray) -> np.ndarray:
        X, Z = (part.astype(float).transpose(0, 2, 1) for part in (X, Z))
        band = {} if window is None else {"global_constraint": "sakoe_chiba"}
        if band:
            band["sakoe_chiba_radius"] = int(np.ceil(window * X.shape[1]))
        model = KNeighborsTimeSeriesClassifier(1, metric="dtw", n_jobs=n_jobs, metric_params=band or None)
        return model.fit(X, y).predict(Z)

    return predict


def aeon_distances() -> Function:
    from aeon.distances import dtw_pairwise_distance

    return lambda X: np.sqrt(dtw_pairwise_distance(X.astype(float)))


def tslearn_distances() -> Function:
    from tslearn.metrics import cdist_dtw

    return lambda X: cdist_dtw(X.astype(float).transpose(0, 2, 1))
