"""Classifies time series with MiniROCKET: thousands of fixed convolutions, the share of positives, a ridge."""

from dataclasses import dataclass

import numpy as np

from stac.models.minirocket._estimators import ROWS, RocketClassifier, RocketEstimator, RocketTransformer
from stac.models.minirocket._kernels import Kernels, fit_kernels
from stac.models.minirocket._transform import ConvolutionBlock, CountingBlock, Step, transform_into

try:
    from stac.numerics import kernels
except ImportError:  # the extra "fast": the same results, sooner
    kernels = None

__all__ = [
    "ConvolutionBlock",
    "Kernels",
    "MiniRocketClassifier",
    "MiniRocketTransformer",
    "RocketClassifier",
    "RocketEstimator",
    "RocketTransformer",
    "Step",
    "fit_kernels",
    "transform_into",
]


@dataclass(eq=False)
class _MiniRocket(RocketEstimator):
    """What the transformer and the classifier share."""

    def choose_kernels(self, X: np.ndarray) -> Kernels:
        """Return dilations, channels and biases for training series that were checked."""
        return fit_kernels(X, self.n_features, self.max_dilations_per_kernel, self.random_state)

    def compute_features(self, X: np.ndarray, out: np.ndarray, n_workers: int) -> None:
        """Write the shares of positive values, in [0, 1], into `out` (n_instances, n_features), float32."""
        if kernels is not None and kernels.in_use():
            _compute_compiled(X, self.kernels_, out, n_workers)
        else:
            transform_into(X, self.kernels_, out, n_workers, CountingBlock)


@dataclass(eq=False)
class MiniRocketTransformer(_MiniRocket, RocketTransformer):
    """Turn time series into some ten thousand features that a linear classifier can tell apart.

    84 kernels of length 9 (six weights -1, three 2) are dilated and slid over the series, which need at least 9
    points; a feature is the share of time points at which the result exceeds a bias, which is a quantile of what a
    training series gave.

    Parameters
    ----------
    n_features : int, default=10_000
        Features wanted, at least 84; rounded down to a multiple of 84.
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
    kernels_ : Kernels
        Dilations, channels and biases.

    References
    ----------
    A. Dempster, D. F. Schmidt, G. I. Webb, "MiniRocket: a very fast (almost) deterministic transform for time
    series classification", KDD 2021, https://doi.org/10.1145/3447548.3467231

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(20, 1, 100)).astype(np.float32)
    >>> MiniRocketTransformer(n_features=840).fit_transform(X).shape
    (20, 840)
    """


@dataclass(eq=False)
class MiniRocketClassifier(_MiniRocket, RocketClassifier):
    """Classify time series by a ridge on MiniROCKET features.

    The penalty of the ridge is the one of ten with the least leave-one-out error, which costs no refits. Series need at
    least 9 points.

    Parameters
    ----------
    n_features : int, default=10_000
        Features wanted, at least 84; rounded down to a multiple of 84.
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
    A. Dempster, D. F. Schmidt, G. I. Webb, "MiniRocket: a very fast (almost) deterministic transform for time
    series classification", KDD 2021, https://doi.org/10.1145/3447548.3467231

    Examples
    --------
    >>> import numpy as np
    >>> time = np.linspace(0, 20, 100)
    >>> X = np.sin(time * np.array([1, 2] * 10)[:, None, None]).astype(np.float32)
    >>> y = np.array(["slow", "fast"] * 10)
    >>> MiniRocketClassifier(n_features=840).fit(X, y).predict(X[:2]).tolist()
    ['slow', 'fast']
    """


def _compute_compiled(X: np.ndarray, chosen: Kernels, out: np.ndarray, n_workers: int) -> None:
    """Let the compiled kernels compute the features: in parts where the memory is not laid out as they need it."""
    fits = X.flags.c_contiguous and X.flags.aligned and out.flags.c_contiguous
    size = len(X) if fits else ROWS
    for start in range(0, len(X), size):
        features = kernels.minirocket_features(
            np.require(X[start : start + size], requirements="CA"),
            *(chosen.dilations, chosen.features_per_dilation, chosen.biases),
            channel_counts=chosen.channel_counts,
            channel_indices=chosen.channel_indices,
            n_jobs=n_workers,
            out=out if fits else None,
        )
        if not fits:
            out[start : start + size] = features
