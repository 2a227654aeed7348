"""{{ cookiecutter.description }}"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

ITS_IMPORTS
__all__ = ["{{ cookiecutter.__package }}"]


def {{ cookiecutter.__package }}(X: NDArray[np.floating]) -> NDArray[np.floating]:
    """{{ cookiecutter.description }}

    Fill me in: what a user must know of the method, and where it comes from.

    Parameters
    ----------
    X : ndarray of shape (n_instances, n_channels, n_timepoints)
        Series without missing values.

    Returns
    -------
    ndarray of shape (n_instances, n_channels)
        Fill me in: what it gives, and in which unit.

    Raises
    ------
    ValueError
        If ``X`` has other dimensions, is empty, or holds NaN or infinities.
    TypeError
        If ``X`` does not hold numbers.

    Examples
    --------
    >>> {{ cookiecutter.__package }}(np.array([[[1.0, 2.0, 6.0]]]))
    array([[3.]])
    """
    return _as_series(X).mean(axis=-1)  # Fill me in: the method. The mean only holds its place.


{% include "as_series.py" %}
