"""One number that makes the probabilities of an over-confident network fit."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.metrics.probability_calibration._inputs import check_binary, check_classes, check_probability

_SMALLEST = 1e-12  # a probability of exactly 0 has no logarithm


def fit_temperature(y_true: ArrayLike, probability: ArrayLike) -> float:
    """Return the temperature that makes probabilities fit a validation part best: above 1 they were over-confident.

    Parameters
    ----------
    y_true : array-like (n_instances,)
        Booleans; with a table of probabilities the column of each instance's class, 0 to n_classes - 1.
    probability : array-like (n_instances,) or (n_instances, n_classes)
        Of True, or of all classes.

    Returns
    -------
    float
        Between 0.01 and 100: what the logits (logarithms of the probabilities) are to be divided by.

    Raises
    ------
    TypeError, ValueError
        As in `reliability_curve`, or if the rows of a table do not sum to 1.

    References
    ----------
    Guo, Pleiss, Sun & Weinberger (2017), On calibration of modern neural networks, https://arxiv.org/abs/1706.04599.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.random.default_rng(0).random(20_000)
    >>> y = np.random.default_rng(1).random(20_000) < p
    >>> bold = p**2 / (p**2 + (1 - p)**2)
    >>> round(fit_temperature(y, bold), 1)
    2.0
    """
    p = check_probability(probability)
    if p.ndim == 2:
        codes = check_classes(y_true, p)
    else:
        y, p = check_binary(y_true, p)
        p, codes = np.column_stack([1 - p, p]), y.astype(np.intp)
    logits = np.log(np.maximum(p, _SMALLEST))
    of_truth = logits[np.arange(len(p)), codes].mean()
    # The loss is convex in 1 / temperature: its slope has one zero.
    low, high = math.log(0.01), math.log(100)
    for _ in range(40):
        middle = (low + high) / 2
        slope = np.sum(_softmax(logits * math.exp(middle)) * logits, axis=1).mean() - of_truth
        low, high = (middle, high) if slope < 0 else (low, middle)
    return math.exp(-(low + high) / 2)


def apply_temperature(probability: ArrayLike, temperature: float) -> NDArray[np.float64]:
    """Return probabilities with their logits divided by a temperature; which class is ahead does not change.

    Parameters
    ----------
    probability : array-like (n_instances,) or (n_instances, n_classes)
        Of True, or of all classes.
    temperature : float
        From `fit_temperature`, above 0.

    Returns
    -------
    array of the shape of `probability`, float64
        Calibrated probabilities.

    Raises
    ------
    TypeError, ValueError
        As in `fit_temperature`, or if the temperature is not above 0.

    Examples
    --------
    >>> apply_temperature([0.9, 0.5], 2.0).round(2).tolist()
    [0.75, 0.5]
    """
    p = check_probability(probability)
    if isinstance(temperature, str) or not 0 < temperature < math.inf:
        raise ValueError(f"temperature is {temperature!r}: give a number above 0")
    table = np.column_stack([1 - p, p]) if p.ndim == 1 else p
    scaled = _softmax(np.log(np.maximum(table, _SMALLEST)) / temperature)
    return scaled[:, 1] if p.ndim == 1 else scaled


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)
