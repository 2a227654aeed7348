"""The ways to vary a batch of series; each is written once for numpy and torch."""

from typing import Any

import numpy as np

from stac.data_processing.series_augmentation._source import NumpySource, TorchSource, source_for

_N_WAVES = 4  # of which a smooth random curve consists
_SHARES = ("window_slice", "channel_dropout")


def jitter(X: Any, strength: float = 0.03, *, seed: Any = None) -> Any:
    """Add white noise.

    Parameters
    ----------
    X : ndarray or tensor of shape (n_instances, n_channels, n_timepoints)
        Floating-point series; NaN stays.
    strength : float, default=0.03
        Standard deviation of the noise, as a share of that of each channel of each series.
    seed : int, or numpy or torch Generator, optional
        Source of the random numbers; without one, every call differs.

    Returns
    -------
    ndarray or tensor
        A new batch of the same shape and type; errors as in ``SeriesAugmentation``.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.sin(np.arange(1000, dtype=np.float32))[None, None]
    >>> float(np.std(jitter(X, 0.1, seed=0) - X) / np.std(X)).__round__(2)
    0.1
    """
    source, strength = prepare(X, strength, "jitter", seed)
    known = X == X
    count = known.sum(-1)[..., None]
    count = source.like(source.xp.where(count > 0, count, 1))
    zero = source.like(np.zeros(1))
    mean = source.xp.where(known, X, zero).sum(-1)[..., None] / count
    variance = (source.xp.where(known, X - mean, zero) ** 2).sum(-1)[..., None] / count
    return X + strength * source.xp.sqrt(variance) * source.normal(*X.shape)


def scale(X: Any, strength: float = 0.1, *, seed: Any = None) -> Any:
    """Multiply every channel of every series by a factor of its own.

    Parameters
    ----------
    X, seed
        As in ``jitter``.
    strength : float, default=0.1
        Sigma of the log-normal factor: 0.1 being 10 %.

    Returns
    -------
    ndarray or tensor
        A new batch of the same shape and type.

    Examples
    --------
    >>> import numpy as np
    >>> scale(np.ones((2, 1, 3), np.float32), seed=0).shape
    (2, 1, 3)
    """
    source, strength = prepare(X, strength, "scale", seed)
    return X * source.xp.exp(strength * source.normal(*X.shape[:2], 1))


def magnitude_warp(X: Any, strength: float = 0.2, *, seed: Any = None) -> Any:
    """Multiply by a factor that drifts smoothly along every channel of every series.

    Parameters
    ----------
    X, seed
        As in ``jitter``.
    strength : float, default=0.2
        Spread of the factor: 0.2 being 20 %.

    Returns
    -------
    ndarray or tensor
        A new batch of the same shape and type.

    References
    ----------
    .. [1] Um, T. T. et al. (2017). Data augmentation of wearable sensor data for Parkinson's disease monitoring using
       convolutional neural networks. ICMI, 216-220. doi:10.1145/3136755.3136817

    Examples
    --------
    >>> import numpy as np
    >>> bool((magnitude_warp(np.ones((2, 1, 50), np.float32), seed=0) > 0).all())
    True
    """
    source, strength = prepare(X, strength, "magnitude_warp", seed)
    return X * source.xp.exp(strength * _smooth_curves(source, *X.shape))


def time_warp(X: Any, strength: float = 0.2, *, seed: Any = None) -> Any:
    """Let time run faster and slower: all channels of a series alike, first and last value stay where they are.

    Parameters
    ----------
    X, seed
        As in ``jitter``; values next to NaN become NaN.
    strength : float, default=0.2
        Spread of the speed: 0.2 being 20 %.

    Returns
    -------
    ndarray or tensor
        A new batch of the same shape and type.

    References
    ----------
    .. [1] Um, T. T. et al. (2017). Data augmentation of wearable sensor data for Parkinson's disease monitoring using
       convolutional neural networks. ICMI, 216-220. doi:10.1145/3136755.3136817

    Examples
    --------
    >>> import numpy as np
    >>> x = time_warp(np.arange(50, dtype=np.float32)[None, None], seed=0)
    >>> float(x[0, 0, 0]), round(float(x[0, 0, -1])), bool((np.diff(x) > 0).all())
    (0.0, 49, True)
    """
    source, strength = prepare(X, strength, "time_warp", seed)
    n, _, n_timepoints = X.shape
    if n_timepoints == 1:
        return X + 0
    speed = source.xp.exp(strength * _smooth_curves(source, n, 1, n_timepoints - 1))
    time = source.xp.cumsum(speed, -1)
    time = time / time[..., -1:]
    start = source.like(np.zeros((n, 1, 1)))
    return _at(X, source.xp.concatenate((start, time), -1), source)


def window_slice(X: Any, strength: float = 0.2, *, seed: Any = None) -> Any:
    """Cut something off at both ends of every series and stretch the rest to full length.

    Parameters
    ----------
    X, seed
        As in ``jitter``; values next to NaN become NaN.
    strength : float, default=0.2
        Largest share that is cut off, below 1.

    Returns
    -------
    ndarray or tensor
        A new batch of the same shape and type.

    References
    ----------
    .. [1] Le Guennec, A., Malinowski, S., Tavenard, R. (2016). Data augmentation for time series classification using
       convolutional neural networks. ECML/PKDD workshop on advanced analytics and learning on temporal data.

    Examples
    --------
    >>> import numpy as np
    >>> x = window_slice(np.arange(50, dtype=np.float32)[None, None], seed=0)
    >>> x.shape, bool(np.ptp(x) >= 0.8 * 49)
    ((1, 1, 50), True)
    """
    source, strength = prepare(X, strength, "window_slice", seed)
    n, _, n_timepoints = X.shape
    cut = strength * source.uniform(n, 1, 1)
    start = cut * source.uniform(n, 1, 1)
    return _at(X, start + (1 - cut) * source.like(np.linspace(0, 1, n_timepoints)), source)


def channel_dropout(X: Any, strength: float = 0.1, *, seed: Any = None) -> Any:
    """Set channels to zero, but at least one of each series stays.

    Parameters
    ----------
    X, seed
        As in ``jitter``.
    strength : float, default=0.1
        Probability that a channel is lost, below 1.

    Returns
    -------
    ndarray or tensor
        A new batch of the same shape and type.

    Examples
    --------
    >>> import numpy as np
    >>> channel_dropout(np.ones((1, 3, 2), np.float32), 0.9, seed=0).sum().tolist()
    2.0
    """
    source, strength = prepare(X, strength, "channel_dropout", seed)
    luck = source.uniform(*X.shape[:2], 1)
    best = source.xp.amax(luck, 1)[:, None]
    return source.xp.where((luck >= strength) | (luck == best), X, source.like(np.zeros(1)))


def check_strength(strength: float, name: str) -> None:
    """Refuse what is no strength of this variation."""
    if not (isinstance(strength, int | float | np.number) and 0 <= strength < np.inf):
        raise ValueError(f"{name}={strength!r} is no strength: pass a number of at least 0, where 0 changes nothing.")
    if name in _SHARES and strength >= 1:
        raise ValueError(f"{name}={strength} is out of range: pass a share below 1, such as 0.1.")


def prepare(X: Any, strength: float, name: str, seed: Any) -> tuple[NumpySource | TorchSource, float]:
    """Check batch and strength; return the batch's source of random numbers, and the strength as Python's float."""
    check_strength(strength, name)
    return source_for(X, seed), float(strength)  # a float64 of numpy would make float64 of the batch


def _smooth_curves(source: NumpySource | TorchSource, *shape: int) -> Any:
    """Return random sums of slow cosines with mean square 1, so smooth that they vary with the series as a whole."""
    time = (np.arange(shape[-1]) + 0.5) / shape[-1]
    waves = np.cos(np.pi * np.arange(1, _N_WAVES + 1)[:, None] * time) * np.sqrt(2 / _N_WAVES)
    return source.normal(*shape[:-1], _N_WAVES) @ source.like(waves)


def _at(X: Any, shares: Any, source: NumpySource | TorchSource) -> Any:
    """Return the series at shares (n_instances, 1, n_timepoints) of their duration, on the line between neighbours."""
    last = X.shape[-1] - 1
    position = source.xp.clip(shares * last, 0, last)
    left = source.floor(position)
    right = source.xp.clip(left + 1, 0, last)
    weight = position - source.like(left)
    return source.take(X, left) * (1 - weight) + source.take(X, right) * weight
