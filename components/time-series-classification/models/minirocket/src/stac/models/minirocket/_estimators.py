"""The estimators that every ROCKET is made of: scikit-learn protocol, transform, ridge, saving and loading."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from stac.models.minirocket._inputs import (
    LARGEST,
    SHORTEST,
    check_labels,
    check_parameters,
    check_same_shape,
    check_series,
)
from stac.models.minirocket._kernels import N_KERNELS, Kernels
from stac.models.minirocket._ridge import Ridge, fit_ridge, fit_ridge_streaming, softmax
from stac.training.series_estimator import SeriesClassifier, SeriesEstimator, SeriesTransformer

ROWS = 512  # instances whose features are held at once where not all are wanted


@dataclass(eq=False)
class RocketEstimator(SeriesEstimator, ABC):
    """What transformers and classifiers of all ROCKETs share: parameters, checks, files, scikit-learn's protocol.

    A method fills in `choose_kernels` and `compute_features`, and the three constants if its limits are others. Its
    kernels are a `Kernels`, or a class of its own (`kernels_type`) with the attributes ``n_features``, ``n_channels``
    and ``n_timepoints`` and the methods `to_arrays` and `from_arrays`.
    """

    n_features: int = 10_000
    max_dilations_per_kernel: int = 32
    random_state: int | None = 0
    n_jobs: int = 1

    kernels_type: ClassVar[type] = Kernels
    fewest_features: ClassVar[int] = N_KERNELS
    shortest: ClassVar[int] = SHORTEST  # time points
    largest: ClassVar[float] = LARGEST  # absolute value in a series

    @abstractmethod
    def choose_kernels(self, X: np.ndarray) -> Any:
        """Return the kernels for training series that were checked."""

    @abstractmethod
    def compute_features(self, X: np.ndarray, out: np.ndarray, n_workers: int) -> None:
        """Write the features of series that were checked into `out` (n_instances, n_features), float32."""

    def _check(self, X: Any) -> np.ndarray:
        return check_series(X, self.shortest, self.largest)

    def _fit_kernels(self, X: np.ndarray) -> None:
        check_parameters(self.fewest_features, **self.get_params())
        self.kernels_ = self.choose_kernels(X)
        _, self.n_channels_, self.n_timepoints_ = X.shape

    def _check_fitted_and(self, X: Any) -> np.ndarray:
        if not hasattr(self, "kernels_"):
            raise ValueError(f"This {type(self).__name__} is not fitted: call fit first, or load a saved one.")
        X = self._check(X)
        check_same_shape(X, self.n_channels_, self.n_timepoints_)
        return X

    def _transform(self, X: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        out = np.empty((len(X), self.kernels_.n_features), dtype=np.float32) if out is None else out
        self.compute_features(X, out, _n_workers(self.n_jobs))
        return out

    def _save(self, path: str | Path, **arrays: np.ndarray) -> Path:
        if not hasattr(self, "kernels_"):
            raise ValueError(f"This {type(self).__name__} is not fitted: there is nothing to save yet.")
        from stac.training.array_files import save_arrays  # late: it imports more than the rest, for files alone

        return save_arrays(path, type(self).__name__, self.get_params(), self.kernels_.to_arrays() | arrays)

    @classmethod
    def _load(cls, path: str | Path) -> tuple[Self, dict[str, np.ndarray]]:
        from stac.training.array_files import load_arrays

        params, arrays = load_arrays(path, cls.__name__)
        try:
            model = cls(**params)
            model.kernels_ = cls.kernels_type.from_arrays(arrays)
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path} lacks {error}: it is damaged; save the model again.") from error
        model.n_channels_, model.n_timepoints_ = model.kernels_.n_channels, model.kernels_.n_timepoints
        return model, arrays


@dataclass(eq=False)
class RocketTransformer(RocketEstimator, SeriesTransformer):
    """Turns time series into features, in blocks; the kernels come from the methods that a ROCKET fills in."""

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Choose dilations for the length of the series, and biases from randomly drawn ones.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints)
            Series of equal length, finite; see the class for the shortest.
        y : ignored

        Returns
        -------
        RocketTransformer
            Itself.

        Raises
        ------
        ValueError
            If ``X`` has another shape or holds NaN or infinities, or a parameter is out of range.
        TypeError
            If ``X`` does not hold numbers.
        """
        self._fit_kernels(self._check(X))
        return self

    def transform(self, X: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Compute the features, block by block.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints)
            Series as in ``fit``.
        out : ndarray of shape (n_instances, n_features), float32, optional
            Where to write: a memory map (``np.lib.format.open_memmap``) for more features than fit in memory.

        Returns
        -------
        ndarray of shape (n_instances, n_features), float32
            Features; ``out`` if given.

        Raises
        ------
        ValueError
            As in ``fit``; or if ``X`` has other channels or time points than in ``fit``, ``out`` has another
            shape, or ``fit`` was not called.
        TypeError
            If ``X`` does not hold numbers.
        """
        X = self._check_fitted_and(X)
        shape = len(X), self.kernels_.n_features
        if out is not None and (out.shape != shape or out.dtype != np.float32):
            raise ValueError(f"out has shape {out.shape} and dtype {out.dtype}, expected {shape} and float32.")
        return self._transform(X, out)

    def fit_transform(self, X: np.ndarray, y: Any = None) -> np.ndarray:
        """Fit, then transform the same series; parameters and errors as in ``fit`` and ``transform``."""
        X = self._check(X)
        self._fit_kernels(X)
        return self._transform(X)

    def save(self, path: str | Path) -> Path:
        """Write parameters and kernels to one `.npz` file (no pickle), all or nothing; return its path."""
        return self._save(path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what ``save`` has written; a foreign or damaged file raises ``ValueError``."""
        return cls._load(path)[0]


@dataclass(eq=False)
class RocketClassifier(RocketEstimator, SeriesClassifier):
    """Classifies by a ridge on the features, whose penalty is the one of ten with the least leave-one-out error."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit kernels and ridge.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints)
            Series of equal length, finite; see the class for the shortest.
        y : array-like of shape (n_instances,)
            Labels: integers or strings, at least two different ones.

        Returns
        -------
        RocketClassifier
            Itself.

        Raises
        ------
        ValueError
            If ``X`` or ``y`` have another shape, ``X`` holds NaN or infinities, there is only one class, or a
            parameter is out of range.
        TypeError
            If ``X`` does not hold numbers, or ``y`` mixes types.
        """
        X = self._check(X)
        classes, labels = check_labels(y, len(X))
        self._fit_kernels(X)
        if len(X) <= self.kernels_.n_features:
            self.ridge_ = fit_ridge(self._transform(X), labels, len(classes))
        else:
            self.ridge_ = fit_ridge_streaming(self._blocks(X), self.kernels_.n_features, labels, len(classes))
        self.classes_, self.alpha_ = classes, self.ridge_.alpha
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return how much each class is favoured; around 1 for the class and -1 for the others.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints)
            Series as in ``fit``.

        Returns
        -------
        ndarray of shape (n_instances, n_classes), or (n_instances,) for two classes: the second's value
            Decision values.

        Raises
        ------
        ValueError
            As in ``fit``; or if ``X`` has other channels or time points than in ``fit``, or ``fit`` was not called.
        """
        decisions = self._decide(X)
        return decisions[:, 1] if len(self.classes_) == 2 else decisions

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the most likely label of each series.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints)
            Series as in ``fit``.

        Returns
        -------
        ndarray of shape (n_instances,)
            Labels, of the type that ``fit`` saw.

        Raises
        ------
        ValueError
            As in ``decision_function``.
        """
        return self.classes_[self._decide(X).argmax(axis=1)]

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return probabilities: a softmax of the decision values, sharpened to fit left-out training series.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints)
            Series as in ``fit``.

        Returns
        -------
        ndarray of shape (n_instances, n_classes), float64
            Rows sum to one; columns as in ``classes_``.

        Raises
        ------
        ValueError
            As in ``decision_function``.
        """
        decisions = self._decide(X)
        return softmax(self.ridge_.temperature * decisions)

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        """Return the share of series whose label is predicted.

        Parameters
        ----------
        X : ndarray of shape (n_instances, n_channels, n_timepoints)
            Series as in ``fit``.
        y : array-like of shape (n_instances,)
            Their labels.

        Returns
        -------
        float
            Accuracy, from 0 to 1.
        """
        return float(np.mean(self.predict(X) == np.asarray(y)))

    def save(self, path: str | Path) -> Path:
        """Write parameters, kernels, ridge and labels to one `.npz` file (no pickle), all or nothing."""
        ridge = asdict(self.ridge_) if hasattr(self, "ridge_") else {}
        return self._save(path, classes=getattr(self, "classes_", np.empty(0)), **ridge)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what ``save`` has written; a foreign or damaged file raises ``ValueError``."""
        model, arrays = cls._load(path)
        try:
            alpha, temperature = float(arrays["alpha"]), float(arrays["temperature"])
            model.ridge_ = Ridge(arrays["weights"], arrays["intercept"], alpha, temperature)
            model.classes_, model.alpha_ = arrays["classes"], alpha
        except KeyError as error:
            raise ValueError(f"{path} lacks {error}: it is damaged; save the model again.") from error
        return model

    def _blocks(self, X: np.ndarray) -> Iterator[np.ndarray]:
        for start in range(0, len(X), ROWS):
            yield self._transform(X[start : start + ROWS])

    def _decide(self, X: np.ndarray) -> np.ndarray:
        X = self._check_fitted_and(X)
        return np.concatenate([self.ridge_.decide(block) for block in self._blocks(X)])


def _n_workers(n_jobs: int) -> int:
    return (
        n_jobs if n_jobs > 0 else len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    )
