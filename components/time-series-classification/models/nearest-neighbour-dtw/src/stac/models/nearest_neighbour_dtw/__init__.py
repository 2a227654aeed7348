"""Classifies time series by the nearest training series under dynamic time warping (1-NN DTW), exactly."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from stac.models.nearest_neighbour_dtw._compiled import compiled_nearest, is_available
from stac.models.nearest_neighbour_dtw._inputs import (
    check_labels,
    check_n_jobs,
    check_one,
    check_same_channels,
    check_series,
    check_window,
)
from stac.models.nearest_neighbour_dtw._search import Search, learn_window
from stac.models.nearest_neighbour_dtw._warping import Series, squared_distances
from stac.training.array_files import load_arrays, save_arrays
from stac.training.series_estimator import SeriesClassifier

__all__ = ["NearestNeighbourDtw", "dtw_distance", "dtw_distances"]

BOUNDS = 2**22  # pairs of series whose bounds are held at once


def dtw_distance(a: np.ndarray, b: np.ndarray, window: float | None = None) -> float:
    """Return the dynamic time warping distance of two series.

    The square root of the least sum of squared differences along a path through both; channels are warped together
    ("dependent" DTW). With ``window=0`` and equal lengths it is the Euclidean distance.

    Parameters
    ----------
    a, b : array of shape (n_timepoints,) or (n_channels, n_timepoints)
        The series; their lengths may differ.
    window : float or None, default=None
        How far the path may leave the diagonal (Sakoe-Chiba band): a share of the longer series, rounded up to time
        points, and at least the difference of the lengths. None for no limit.

    Returns
    -------
    float
        The distance, in the units of the series; computed in double precision.

    Raises
    ------
    ValueError
        If a series is empty, has other dimensions or channels, or holds NaN or infinities; if ``window`` is no share.
    TypeError
        If a series or the window are no numbers.

    References
    ----------
    H. Sakoe, S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Transactions on
    Acoustics, Speech, and Signal Processing 26 (1978) 43, https://doi.org/10.1109/TASSP.1978.1163055

    Examples
    --------
    >>> dtw_distance([0, 0, 1, 2, 1, 0], [0, 1, 2, 1, 0, 0])
    0.0
    >>> dtw_distance([0, 0, 1, 2, 1, 0], [0, 1, 2, 1, 0, 0], window=0)
    2.0
    """
    one, other = (check_one(x, np.float64, name, one_dimension=True) for x, name in ((a, "a"), (b, "b")))
    return float(dtw_distances(one[None], other[None], window)[0, 0])


def dtw_distances(
    A: np.ndarray | list[np.ndarray],
    B: np.ndarray | list[np.ndarray] | None = None,
    window: float | None = None,
    *,
    n_jobs: int = 1,
) -> np.ndarray:
    """Return the dynamic time warping distances of all series in A to all in B.

    Parameters
    ----------
    A : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
        Series.
    B : like A, or None, default=None
        Series; None for those in A.
    window : float or None, default=None
        As in ``dtw_distance``.
    n_jobs : int, default=1
        Threads; -1 for one per processor.

    Returns
    -------
    ndarray of shape (n_instances of A, n_instances of B), float64
        Distances, in the units of the series; computed in double precision.

    Raises
    ------
    ValueError, TypeError
        As ``dtw_distance``.

    Examples
    --------
    >>> import numpy as np
    >>> dtw_distances([np.array([[0, 1, 0]]), np.array([[0, 0, 1, 1, 0]]), np.array([[3, 3]])]).round(2).tolist()
    [[0.0, 0.0, 4.69], [0.0, 0.0, 5.92], [4.69, 5.92, 0.0]]
    """
    window, n_jobs = check_window(window), check_n_jobs(n_jobs)
    first = check_series(A, np.float64, "A")
    if B is None:
        i, j = np.triu_indices(len(first), 1)
        result = np.zeros((len(first), len(first)))
        result[i, j] = result[j, i] = np.sqrt(squared_distances(first, first, i, j, window, n_jobs=n_jobs))
        return result
    second = check_series(B, np.float64, "B")
    check_same_channels(first.values.shape[1], second.values.shape[1], "A", "B has")
    i, j = (index.ravel() for index in np.indices((len(first), len(second))))
    squares = squared_distances(first, second, i, j, window, n_jobs=n_jobs)
    return np.sqrt(squares).reshape(len(first), len(second))


@dataclass(eq=False)
class NearestNeighbourDtw(SeriesClassifier):
    """Give each series the label of the nearest training series under dynamic time warping.

    Most distances are never computed, because cheap bounds tell that they cannot be the least; the neighbour found is
    the nearest all the same, and of several equally near ones the first. Series are compared as they are: standardise
    them first where level and amplitude mean nothing.

    Parameters
    ----------
    window : float, None or "learned", default=None
        How far paths may leave the diagonal (Sakoe-Chiba band): a share of the longer series, rounded up to time
        points, and at least the difference of the lengths; None (or "full") for no limit. "learned" takes, of 0, 1,
        ..., 100 %, the narrowest of those with which most training series are like their nearest other one.
    n_jobs : int, default=1
        Threads; -1 for one per processor. They do not change the result.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    n_channels_ : int
        Channels of the series.
    window_ : float
        The window used, a share from 0 to 1.
    window_scores_ : ndarray of shape (101,)
        Leave-one-out accuracies with 0, 1, ..., 100 %; only with ``window="learned"``.

    References
    ----------
    H. A. Dau et al., "The UCR time series archive", IEEE/CAA J. Autom. Sinica 6 (2019) 1293,
    https://doi.org/10.1109/JAS.2019.1911747; E. Keogh, C. A. Ratanamahatana, "Exact indexing of dynamic time warping",
    Knowledge and Information Systems 7 (2005) 358, https://doi.org/10.1007/s10115-004-0154-9

    Examples
    --------
    >>> import numpy as np
    >>> shift = np.random.default_rng(0).uniform(0, 2, (20, 1, 1))
    >>> X = np.sin((np.linspace(0, 10, 60) + shift) * np.array([1, 2] * 10)[:, None, None]).astype(np.float32)
    >>> y = np.array(["slow", "fast"] * 10)
    >>> NearestNeighbourDtw(window=0.2).fit(X[:10], y[:10]).predict(X[10:14]).tolist()
    ['slow', 'fast', 'slow', 'fast']
    """

    window: float | str | None = None
    n_jobs: int = 1

    def fit(self, X: np.ndarray | list[np.ndarray], y: np.ndarray) -> Self:
        """Keep the training series; learn the window where asked to.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Series, finite; kept as float32.
        y : array-like of shape (n_instances,)
            Labels: integers or strings, at least two different ones.

        Returns
        -------
        NearestNeighbourDtw
            Itself.

        Raises
        ------
        ValueError
            If ``X`` or ``y`` have another shape, ``X`` holds NaN or infinities, there is only one class, or a
            parameter is out of range.
        TypeError
            If ``X`` does not hold numbers, or ``y`` mixes types.
        """
        window, n_jobs = check_window(self.window, learnable=True), check_n_jobs(self.n_jobs)
        series = check_series(X, np.float32)
        classes, labels = check_labels(y, len(series))
        vars(self).pop("window_scores_", None)
        if window == "learned":
            window, self.window_scores_ = learn_window(series, labels, n_jobs)
        own = series.values if series.values is not X else series.values.copy()
        self.series_, self.labels_, self.classes_ = Series(own, series.lengths), labels, classes
        self.window_, self.n_channels_ = window, own.shape[1]
        return self

    def predict(self, X: np.ndarray | list[np.ndarray]) -> np.ndarray:
        """Return the label of the nearest training series of each series.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Series with the channels that ``fit`` saw, of any lengths.

        Returns
        -------
        ndarray of shape (n_instances,)
            Labels, of the type that ``fit`` saw.

        Raises
        ------
        ValueError
            As in ``fit``; or if ``X`` has other channels than in ``fit``, or ``fit`` was not called.
        TypeError
            If ``X`` does not hold numbers.
        """
        return self.classes_[self.labels_[self._nearest(self._check_fitted_and(X))]]

    def predict_with_neighbours(self, X: np.ndarray | list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return, beside the labels, why: the nearest training series and their distances.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Series as in ``predict``.

        Returns
        -------
        labels : ndarray of shape (n_instances,)
            As from ``predict``.
        neighbours : ndarray of shape (n_instances,), int64
            Positions of the nearest series in what ``fit`` saw; of equally near ones the first.
        distances : ndarray of shape (n_instances,), float64
            As from ``dtw_distance``.

        Raises
        ------
        ValueError, TypeError
            As in ``predict``.
        """
        series = self._check_fitted_and(X)
        nearest = self._nearest(series)
        n_jobs = check_n_jobs(self.n_jobs)
        squares = squared_distances(series, self.series_, np.arange(len(X)), nearest, self.window_, n_jobs=n_jobs)
        return self.classes_[self.labels_[nearest]], nearest, np.sqrt(squares)

    def predict_proba(self, X: np.ndarray | list[np.ndarray]) -> np.ndarray:
        """Return 1 for the class of the nearest training series and 0 for all others: one neighbour knows no doubt.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Series as in ``predict``.

        Returns
        -------
        ndarray of shape (n_instances, n_classes), float64
            Rows sum to one; columns as in ``classes_``.

        Raises
        ------
        ValueError, TypeError
            As in ``predict``.
        """
        series = self._check_fitted_and(X)
        return np.eye(len(self.classes_))[self.labels_[self._nearest(series)]]

    def score(self, X: np.ndarray | list[np.ndarray], y: np.ndarray) -> float:
        """Return the share of series whose label is predicted.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints), or list of (n_channels, n_timepoints_i)
            Series as in ``predict``.
        y : array-like of shape (n_instances,)
            Their labels.

        Returns
        -------
        float
            Accuracy, from 0 to 1.
        """
        return float(np.mean(self.predict(X) == np.asarray(y)))

    def save(self, path: str | Path) -> Path:
        """Write parameters, training series and labels to one `.npz` file (no pickle), all or nothing."""
        self._check_fitted()
        arrays = {"values": self.series_.values, "lengths": self.series_.lengths, "labels": self.labels_}
        learned = {"window_scores": self.window_scores_} if hasattr(self, "window_scores_") else {}
        arrays |= {"classes": self.classes_, "window": np.array(self.window_)} | learned
        return save_arrays(path, type(self).__name__, self.get_params(), arrays)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what ``save`` has written; a foreign or damaged file raises ``ValueError``."""
        params, arrays = load_arrays(path, cls.__name__)
        try:
            model = cls(**params)
            model.series_ = Series(arrays["values"], arrays["lengths"])
            model.labels_, model.classes_ = arrays["labels"], arrays["classes"]
            model.window_, model.n_channels_ = float(arrays["window"]), model.series_.values.shape[1]
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"{path} lacks {error}: it is damaged; save the model again.") from error
        if "window_scores" in arrays:
            model.window_scores_ = arrays["window_scores"]
        return model

    def _check_fitted(self) -> None:
        if not hasattr(self, "series_"):
            raise ValueError(f"This {type(self).__name__} is not fitted: call fit first, or load a saved one.")

    def _check_fitted_and(self, X: Any) -> Series:
        self._check_fitted()
        series = check_series(X, np.float32)
        check_same_channels(series.values.shape[1], self.n_channels_, "X", "fit saw")
        return series

    def _nearest(self, series: Series) -> np.ndarray:
        n_jobs = check_n_jobs(self.n_jobs)
        if is_available():
            sides = (series.values, series.lengths), (self.series_.values, self.series_.lengths)
            return compiled_nearest(*sides, self.window_, n_jobs)
        rows = max(1, BOUNDS // len(self.series_))
        found = []
        for start in range(0, len(series), rows):
            search = Search(series[start : start + rows], self.series_, n_jobs)
            found.append(search.nearest(self.window_, *search.bounds(self.window_)))
        return np.concatenate(found)
