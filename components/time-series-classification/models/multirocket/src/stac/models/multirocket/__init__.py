"""Classifies time series with MultiROCKET: fixed convolutions of series and differences, four poolings, a ridge."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from stac.models.minirocket import (
    Kernels,
    RocketClassifier,
    RocketEstimator,
    RocketTransformer,
    fit_kernels,
    transform_into,
)
from stac.models.multirocket._pooling import PoolingBlock

__all__ = ["MultiRocketClassifier", "MultiRocketTransformer"]

CHUNK = 4_194_304  # numbers of the series whose differences are held at once


@dataclass(frozen=True)
class MultiKernels:
    """The kernels of the series, and those of its differences."""

    series: Kernels
    differences: Kernels

    @property
    def n_features(self) -> int:
        return PoolingBlock.n_pools * (self.series.n_features + self.differences.n_features)

    @property
    def n_channels(self) -> int:
        return self.series.n_channels

    @property
    def n_timepoints(self) -> int:
        return self.series.n_timepoints

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return what is saved to a file, by name."""
        parts = {"series": self.series, "differences": self.differences}
        return {f"{part}_{name}": a for part, kernels in parts.items() for name, a in kernels.to_arrays().items()}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> Self:
        """Take out of `arrays` what `to_arrays` gave; what is missing raises ``KeyError``."""
        parts = {}
        for part in ("series", "differences"):
            names = [name for name in arrays if name.startswith(f"{part}_")]
            parts[part] = Kernels.from_arrays({name.removeprefix(f"{part}_"): arrays.pop(name) for name in names})
        return cls(**parts)


@dataclass(eq=False)
class _MultiRocket(RocketEstimator):
    """What the transformer and the classifier share."""

    n_features: int = 50_000

    kernels_type: ClassVar[type] = MultiKernels
    fewest_features: ClassVar[int] = 672  # 84 kernels, series and differences, four poolings
    shortest: ClassVar[int] = 10  # of which nine differences are left
    largest: ClassVar[float] = 1e30  # sums over all time points still fit in float32

    def choose_kernels(self, X: np.ndarray) -> MultiKernels:
        """Return the kernels for training series that were checked."""
        n_pairs = self.n_features // (2 * PoolingBlock.n_pools)
        seed = np.random.SeedSequence().generate_state(1)[0] if self.random_state is None else self.random_state
        options = n_pairs, self.max_dilations_per_kernel, seed
        return MultiKernels(fit_kernels(X, *options), fit_kernels(np.diff(X), *options))

    def compute_features(self, X: np.ndarray, out: np.ndarray, n_workers: int) -> None:
        """Write the features into `out` (n_instances, n_features), float32: of the series, then of the differences."""
        n_series = PoolingBlock.n_pools * self.kernels_.series.n_features
        size = max(CHUNK // X[0].size, 512)
        for start in range(0, len(X), size):
            part, target = X[start : start + size], out[start : start + size]
            transform_into(part, self.kernels_.series, target[:, :n_series], n_workers, PoolingBlock)
            transform_into(np.diff(part), self.kernels_.differences, target[:, n_series:], n_workers, PoolingBlock)


@dataclass(eq=False)
class MultiRocketTransformer(_MultiRocket, RocketTransformer):
    """Turn time series into some fifty thousand features that a linear classifier can tell apart.

    The 84 kernels of MiniROCKET are dilated and slid over the series, which need at least 10 points, and over their
    first differences. Of what exceeds a bias there are four features: the share of time points, the mean of the
    excess, the mean index (-1 if there is none), and the length of the longest stretch.

    Parameters
    ----------
    n_features : int, default=50_000
        Features wanted, at least 672; rounded down to a multiple of 672.
    max_dilations_per_kernel : int, default=32
        Dilations of each kernel, at most.
    random_state : int or None, default=0
        Seed of what is drawn: the training series behind each bias, and the channels of each kernel. The same
        seed gives the same bits, whatever ``n_jobs`` is. None draws another seed each time.
    n_jobs : int, default=1
        Threads; -1 for one per processor.

    Attributes
    ----------
    n_channels_, n_timepoints_ : int
        Shape of the series that ``fit`` saw, and that ``transform`` takes.
    kernels_ : MultiKernels
        Dilations, channels and biases for the series and for its differences.

    References
    ----------
    C. W. Tan, A. Dempster, C. Bergmeir, G. I. Webb, "MultiRocket: multiple pooling operators and transformations for
    fast and effective time series classification", Data Mining and Knowledge Discovery 36 (2022) 1623-1646,
    https://doi.org/10.1007/s10618-022-00844-1

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(20, 1, 100)).astype(np.float32)
    >>> MultiRocketTransformer(n_features=6720).fit_transform(X).shape
    (20, 6720)
    """


@dataclass(eq=False)
class MultiRocketClassifier(_MultiRocket, RocketClassifier):
    """Classify time series by a ridge on MultiROCKET features.

    The penalty of the ridge is the one of ten with the least leave-one-out error, which costs no refits. Series need at
    least 10 points.

    Parameters
    ----------
    n_features : int, default=50_000
        Features wanted, at least 672; rounded down to a multiple of 672.
    max_dilations_per_kernel : int, default=32
        Dilations of each kernel, at most.
    random_state : int or None, default=0
        Seed of what is drawn: the training series behind each bias, and the channels of each kernel. None draws
        another seed each time.
    n_jobs : int, default=1
        Threads of the transform; -1 for one per processor. It does not change the result.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    n_channels_, n_timepoints_ : int
        Shape of the series that ``fit`` saw, and that ``predict`` takes.
    alpha_ : float
        The penalty chosen.
    kernels_, ridge_
        What was fitted.

    References
    ----------
    C. W. Tan, A. Dempster, C. Bergmeir, G. I. Webb, "MultiRocket: multiple pooling operators and transformations for
    fast and effective time series classification", Data Mining and Knowledge Discovery 36 (2022) 1623-1646,
    https://doi.org/10.1007/s10618-022-00844-1

    Examples
    --------
    >>> import numpy as np
    >>> time = np.linspace(0, 20, 100)
    >>> X = np.sin(time * np.array([1, 2] * 10)[:, None, None]).astype(np.float32)
    >>> y = np.array(["slow", "fast"] * 10)
    >>> MultiRocketClassifier(n_features=1344).fit(X, y).predict(X[:2]).tolist()
    ['slow', 'fast']
    """
