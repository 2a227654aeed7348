"""Varies series while a network trains, so that it learns what does not matter: noise, size, speed, a lost channel."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from stac.data_processing.series_augmentation import _variations
from stac.data_processing.series_augmentation._mixup import mixup
from stac.data_processing.series_augmentation._source import source_for
from stac.data_processing.series_augmentation._variations import (
    channel_dropout,
    check_strength,
    jitter,
    magnitude_warp,
    scale,
    time_warp,
    window_slice,
)

__all__ = [
    "SeriesAugmentation",
    "channel_dropout",
    "jitter",
    "magnitude_warp",
    "mixup",
    "scale",
    "time_warp",
    "window_slice",
]


@dataclass(frozen=True)
class SeriesAugmentation:
    """Vary batches of series in several ways, one after the other: every series draws its own.

    An object of it is what ``augment=`` of ``stac.training.fit_torch`` takes, and works on numpy arrays as well.

    Parameters
    ----------
    time_warp : float, default=0.0
        Spread of a speed that drifts smoothly along the series; 0.2 being 20 %.
    window_slice : float, default=0.0
        Largest share of the series that is cut off, at both ends together; what is left is stretched to full length.
    magnitude_warp : float, default=0.0
        Spread of a factor that drifts smoothly along the series.
    scale : float, default=0.1
        Spread of a factor for each channel of each series: log-normal with this sigma, 0.1 being 10 %.
    jitter : float, default=0.03
        Standard deviation of white noise, as a share of that of each channel of each series.
    channel_dropout : float, default=0.0
        Probability that a channel becomes zero; at least one of a series stays.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(8, 3, 100)).astype(np.float32)
    >>> augmentation = SeriesAugmentation(time_warp=0.2, channel_dropout=0.1)
    >>> augmentation(X, 0).shape
    (8, 3, 100)
    """

    # In the order in which they are applied: what moves values in time before what changes them.
    time_warp: float = 0.0
    window_slice: float = 0.0
    magnitude_warp: float = 0.0
    scale: float = 0.1
    jitter: float = 0.03
    channel_dropout: float = 0.0

    def __post_init__(self):
        for name, strength in asdict(self).items():
            check_strength(strength, name)

    def __call__(self, inputs: Any, generator: Any = None) -> Any:
        """Return a varied batch.

        Parameters
        ----------
        inputs : ndarray or tensor of shape (n_instances, n_channels, n_timepoints), tuple, or list
            Series; NaN marks missing values. Of a tuple, as ``fit_torch`` passes it, the first member is varied and
            the rest handed on. A list of arrays (n_channels, n_timepoints_i) holds series of unequal lengths.
        generator : int, or numpy or torch Generator, optional
            Seed, or source of the random numbers; without one, every call differs.

        Returns
        -------
        ndarray, tensor, tuple or list
            As ``inputs``: new arrays or tensors of the same shape and type.

        Raises
        ------
        ValueError
            If the series have other dimensions, or are empty.
        TypeError
            If they hold no floating-point numbers.
        """
        if isinstance(inputs, tuple):
            return (self(inputs[0], generator), *inputs[1:])
        if isinstance(inputs, list):
            shared = np.random.default_rng(generator)
            return [self(np.asarray(series)[None], shared)[0] for series in inputs]
        source = source_for(inputs, generator)
        varied = inputs
        for name, strength in asdict(self).items():
            if strength > 0:
                varied = getattr(_variations, name)(varied, strength, seed=source.generator)
        return varied + 0 if varied is inputs else varied
