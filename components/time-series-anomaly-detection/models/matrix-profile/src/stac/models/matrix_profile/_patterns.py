"""Discords and motifs: the windows farthest from all others, and the nearest pairs."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stac.models.matrix_profile._profile import MatrixProfile


class Discord(NamedTuple):
    """A window unlike all others."""

    start: int  # first time point
    distance: float  # to its nearest neighbour
    neighbour: int  # where that starts


class Motif(NamedTuple):
    """Two windows that are alike."""

    start: int  # first time point of the earlier one
    neighbour: int  # and of the other
    distance: float


def discords(profile: MatrixProfile, k: int = 3) -> list[Discord]:
    """Return the windows farthest from their nearest neighbours, which do not overlap each other.

    Parameters
    ----------
    profile : MatrixProfile
        From ``matrix_profile``.
    k : int, default=3
        How many; fewer where no more fit into the series.

    Returns
    -------
    list of Discord
        ``(start, distance, neighbour)``, farthest first.

    Raises
    ------
    ValueError
        If ``k`` is less than 1.
    TypeError
        If ``profile`` is no MatrixProfile.

    Examples
    --------
    >>> import numpy as np
    >>> series = np.sin(2 * np.pi * np.arange(1000) / 50)
    >>> series[600:620] = 0.3
    >>> [discord.start for discord in discords(matrix_profile(series, window=50), k=1)]
    [567]
    """
    _check(profile, k)
    left = np.where(np.isfinite(profile.distances), profile.distances, -np.inf)
    found: list[Discord] = []
    while len(found) < k and left.max() > -np.inf:
        start = int(left.argmax())
        found.append(Discord(start, float(left[start]), int(profile.neighbours[start])))
        _forget(left, start, profile.window, -np.inf)
    return found


def motifs(profile: MatrixProfile, k: int = 3) -> list[Motif]:
    """Return the pairs of windows nearest to each other; no window overlaps one of another pair.

    Parameters
    ----------
    profile : MatrixProfile
        From ``matrix_profile`` of one series (not of one series in another).
    k : int, default=3
        How many; fewer where no more fit into the series.

    Returns
    -------
    list of Motif
        ``(start, neighbour, distance)``, nearest first.

    Raises
    ------
    ValueError
        If ``k`` is less than 1.
    TypeError
        If ``profile`` is no MatrixProfile.

    Examples
    --------
    >>> import numpy as np
    >>> series = np.random.default_rng(0).normal(size=1000)
    >>> series[700:740] = series[200:240]
    >>> motifs(matrix_profile(series, window=40), k=1)
    [Motif(start=200, neighbour=700, distance=0.0)]
    """
    _check(profile, k)
    left = profile.distances.copy()
    taken = np.zeros(len(left), dtype=bool)
    found: list[Motif] = []
    while len(found) < k and left.min() < np.inf:
        start = int(left.argmin())
        neighbour = int(profile.neighbours[start])
        if taken[neighbour]:
            left[start] = np.inf
            continue
        found.append(Motif(min(start, neighbour), max(start, neighbour), float(left[start])))
        for one in (start, neighbour):
            _forget(left, one, profile.window, np.inf)
            _forget(taken, one, profile.window, True)
    return found


def _forget(values: NDArray, start: int, window: int, value: float | bool) -> None:
    values[max(start - window + 1, 0) : start + window] = value


def _check(profile: MatrixProfile, k: int) -> None:
    if not isinstance(profile, MatrixProfile):
        raise TypeError(f"profile is a {type(profile).__name__}: give what matrix_profile returns")
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ValueError(f"k is {k!r}: give how many to find, 1 or more")
