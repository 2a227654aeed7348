"""Mixes series and their targets; written once for numpy and torch."""

from typing import Any

import numpy as np

from stac.data_processing.series_augmentation._variations import prepare


def mixup(X: Any, y: Any, strength: float = 0.2, *, seed: Any = None) -> tuple[Any, Any]:
    """Mix every series, and its target, with another one of the batch.

    Parameters
    ----------
    X, seed
        As in ``jitter``.
    y : ndarray or tensor of shape (n_instances,) or (n_instances, n_classes), floating point
        Values, or probabilities of classes: ``np.eye(n_classes)[labels]`` makes them of labels.
    strength : float, default=0.2
        Both parameters of the beta distribution of the shares: below 1 mostly little is mixed in, 1 is uniform.

    Returns
    -------
    X, y : ndarray or tensor
        A new batch of the same shapes and types, and its targets.

    Raises
    ------
    ValueError
        If ``y`` does not fit ``X``, or the strength is not above 0.
    TypeError
        If ``y`` holds no floating-point numbers.

    References
    ----------
    .. [1] Zhang, H., Cisse, M., Dauphin, Y. N., Lopez-Paz, D. (2018). mixup: beyond empirical risk minimization. ICLR.
       doi:10.48550/arXiv.1710.09412

    Examples
    --------
    >>> import numpy as np
    >>> X, y = mixup(np.zeros((4, 1, 9), np.float32), np.eye(2)[[0, 0, 1, 1]], seed=0)
    >>> y.sum(axis=1).round(6).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    source, strength = prepare(X, strength, "mixup", seed)
    if strength == 0:
        raise ValueError("strength=0 mixes nothing: pass a number above 0, such as 0.2.")
    if type(y).__module__.partition(".")[0] != type(X).__module__.partition(".")[0] or "float" not in str(y.dtype):
        kind = getattr(y, "dtype", type(y).__name__)
        raise TypeError(f"y is {kind}, expected floating-point targets of X's kind, such as np.eye(n_classes)[labels].")
    if y.ndim not in (1, 2) or len(y) != len(X):
        raise ValueError(f"y has shape {tuple(y.shape)}, but X {len(X)} series: expected one target for each.")
    generator = source.numpy_generator()
    share = generator.beta(strength, strength, size=len(X))
    partner = generator.permutation(len(X))
    of_series = source.like(share[:, None, None])
    of_target = source.like(share.reshape(-1, *[1] * (y.ndim - 1)))
    mixed = of_series * X + (1 - of_series) * X[partner]
    targets = of_target * y + (1 - of_target) * y[partner]
    return mixed, targets.astype(y.dtype) if isinstance(targets, np.ndarray) else targets.to(y.dtype)
