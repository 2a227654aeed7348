"""{{ cookiecutter.description }}"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

ITS_IMPORTS
from stac.training.series_estimator import SeriesClassifier

__all__ = ["{{ cookiecutter.__class }}"]


@dataclass(eq=False)
class {{ cookiecutter.__class }}(SeriesClassifier):
    """{{ cookiecutter.description }}

    Fill me in: what a user must know of the method, and where it comes from.

    Parameters
    ----------
    temperature : float, default=1.0
        Fill me in: your parameters. The higher this one is, the less certain are the probabilities.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.

    Examples
    --------
    >>> X = np.array([[[0.0, 1.0]], [[1.0, 0.0]]])
    >>> {{ cookiecutter.__class }}().fit(X, ["up", "down"]).predict(X).tolist()
    ['up', 'down']
    """

    temperature: float = 1.0

    def fit(self, X: NDArray[np.floating], y: ArrayLike) -> Self:
        """Learn from labelled series.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints)
            Series without missing values.
        y : array-like of shape (n_instances,)
            Their labels, numbers or strings, of at least two classes.

        Returns
        -------
        {{ cookiecutter.__class }}
            Itself.

        Raises
        ------
        ValueError
            If ``X`` has other dimensions, is empty, or holds NaN or infinities, ``y`` does not fit to it or
            holds a single class, or a parameter is out of range.
        TypeError
            If ``X`` does not hold numbers.
        """
        if not self.temperature > 0:
            raise ValueError(f"temperature={self.temperature!r} is out of range: pass a number above 0.")
        X, y = _as_series(X), np.asarray(y)
        if y.shape != X.shape[:1]:
            raise ValueError(f"y has shape {y.shape} for {len(X)} series: pass one label for each.")
        classes, index = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"y holds the single class {classes[0]!r}: pass series of at least two.")
        self.classes_ = classes
        # Fill me in: the method. The mean series of each class only hold its place.
        self.means_ = np.array([X[index == i].mean(axis=0) for i in range(len(classes))])
        return self

    def predict_proba(self, X: NDArray[np.floating]) -> NDArray[np.floating]:
        """Give the probability of each class.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints)
            Series with the channels and length of ``fit``.

        Returns
        -------
        ndarray of shape (n_instances, n_classes)
            In the order of ``classes_``; rows sum to 1.

        Raises
        ------
        ValueError, TypeError
            As in ``fit``; or if channels or length are others than in ``fit``, or ``fit`` was not called.
        """
        if not hasattr(self, "classes_"):
            raise ValueError("It is not fitted: call fit first.")
        X = _as_series(X)
        if X.shape[1:] != self.means_.shape[1:]:
            seen = " and ".join(map(str, self.means_.shape[1:]))
            raise ValueError(f"X has shape {X.shape}, fit saw {seen} channels and time points: pass the same.")
        distances = np.array([np.square(X - mean).mean(axis=(1, 2)) for mean in self.means_]).T
        weights = np.exp((distances.min(axis=1, keepdims=True) - distances) / self.temperature)
        return weights / weights.sum(axis=1, keepdims=True)

    def predict(self, X: NDArray[np.floating]) -> NDArray[Any]:
        """Give the most probable class of each series; parameters and errors as in ``predict_proba``."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


{% include "as_series.py" %}
