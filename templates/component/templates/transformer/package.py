"""{{ cookiecutter.description }}"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

ITS_IMPORTS
from stac.training.series_estimator import SeriesTransformer

__all__ = ["{{ cookiecutter.__class }}"]


@dataclass(eq=False)
class {{ cookiecutter.__class }}(SeriesTransformer):
    """{{ cookiecutter.description }}

    Fill me in: what a user must know of the method, and where it comes from.

    Parameters
    ----------
    center : {"mean", "median"}, default="mean"
        Fill me in: your parameters. This one says what is taken from each series.

    Examples
    --------
    >>> {{ cookiecutter.__class }}().fit_transform(np.array([[[1.0, 2.0, 6.0]]])).tolist()
    [[[-2.0, -1.0, 3.0]]]
    """

    center: str = "mean"

    def fit(self, X: NDArray[np.floating], y: Any = None) -> Self:
        """Learn what ``transform`` needs.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints)
            Series without missing values.
        y : ignored

        Returns
        -------
        {{ cookiecutter.__class }}
            Itself.

        Raises
        ------
        ValueError
            If ``X`` has other dimensions, is empty, or holds NaN or infinities, or a parameter is unknown.
        TypeError
            If ``X`` does not hold numbers.
        """
        if self.center not in ("mean", "median"):
            raise ValueError(f'center={self.center!r} is unknown: use "mean" or "median".')
        self.n_channels_in_ = _as_series(X).shape[1]
        return self

    def transform(self, X: NDArray[np.floating]) -> NDArray[np.float32]:
        """Transform the series.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints)
            Series with the channels of ``fit``.

        Returns
        -------
        ndarray of shape (n_instances, n_channels, n_timepoints), float32
            Fill me in: what it gives, and in which unit.

        Raises
        ------
        ValueError, TypeError
            As in ``fit``; or if the channels are others than in ``fit``, or ``fit`` was not called.
        """
        if not hasattr(self, "n_channels_in_"):
            raise ValueError("It is not fitted: call fit or fit_transform first.")
        X = _as_series(X)
        if X.shape[1] != self.n_channels_in_:
            raise ValueError(f"X has {X.shape[1]} channels, fit saw {self.n_channels_in_}: pass the same ones.")
        # Fill me in: the method. What stands here only holds its place.
        center = np.mean if self.center == "mean" else np.median
        return np.ascontiguousarray(X - center(X, axis=-1, keepdims=True), np.float32)

    def fit_transform(self, X: NDArray[np.floating], y: Any = None) -> NDArray[np.float32]:
        """Fit, then transform the same series; parameters and errors as in ``fit`` and ``transform``."""
        return self.fit(X, y).transform(X)


{% include "as_series.py" %}
