"""The matrix profile of a series that is still being recorded."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from stac.data_processing.check_series import check_series
from stac.models.matrix_profile._compiled import compiled_stream, is_available
from stac.models.matrix_profile._join import NOT_SEEN, one_blas_thread
from stac.models.matrix_profile._profile import MatrixProfile, check_exclusion, check_window
from stac.models.matrix_profile._windows import BLOCK_SIZE, Floats, Ints, Windows, correlate, exact_distances, measure

FEW = 4  # new windows: products of matrices would not pay


class StreamingMatrixProfile:
    """Distance of each new window to its nearest neighbour in the past: the left matrix profile, point by point.

    Parameters
    ----------
    window : int
        Time points in a window, 3 or more.
    history : int, optional
        Compare only with the last so many time points, the new window included, so that memory and time stay
        constant; by default with everything seen.
    exclusion : int, optional
        Windows that start this near are no neighbours; by default a quarter of the window, rounded up.

    Attributes
    ----------
    n_seen : int
        Time points seen.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> series = np.sin(2 * np.pi * np.arange(1000) / 50)
    >>> stream = StreamingMatrixProfile(window=50)
    >>> past = stream.update(series)
    >>> normal, strange = stream.update(series[:1]), stream.update([0.9])
    >>> normal.distances.round(3), strange.distances.round(3)
    (array([0.]), array([1.071]))
    """

    def __init__(self, window: int, *, history: int | None = None, exclusion: int | None = None) -> None:
        self.window = check_window(window)
        self.exclusion = check_exclusion(exclusion, self.window)
        least = self.window + self.exclusion + 1
        if history is not None and (not isinstance(history, int | np.integer) or history < least):
            raise ValueError(f"history is {history!r}: give {least} time points or more, for a neighbour to fit in")
        self.history = history
        self.n_seen = 0
        self._series: Floats | None = None
        self._compiled: Any = None  # compares what is new, where there are kernels

    def update(self, points: ArrayLike) -> MatrixProfile:
        """Add new time points, and return the profile of the windows that end at them.

        Parameters
        ----------
        points : array-like of shape (n_channels, n_new) or (n_new,)
            What was recorded since.

        Returns
        -------
        MatrixProfile
            ``distances`` (n_new,) and ``neighbours``, where the nearest window starts in the series as a whole; fewer
            after the very first points. Infinite and -1 where the past holds no window yet.

        Raises
        ------
        ValueError
            If points hold NaN or infinities, or other channels than before.
        TypeError
            If points are not numbers.
        """
        known = self._series
        points = check_series(points, n_channels=None if known is None else len(known))
        if known is None:
            self._series = np.empty((len(points), 0))
            self._mean = self._scale = np.empty((0, len(points)))
            if is_available(points):
                self._compiled = compiled_stream(self.window, self.exclusion, self.history)
        if self._compiled is not None:
            self.n_seen += points.shape[1]
            _, neighbours, distances = self._compiled.append(points[0])
            return MatrixProfile(distances, neighbours, self.window, 1.0)
        parts = [self._append(points[:, start : start + BLOCK_SIZE]) for start in range(0, points.shape[1], BLOCK_SIZE)]
        distances, neighbours = (np.concatenate(column) for column in zip(*parts, strict=True))
        return MatrixProfile(distances, neighbours, self.window, 1.0)

    def _append(self, points: Floats) -> tuple[Floats, Ints]:
        series = np.concatenate([self._series, points], axis=1)
        self.n_seen += points.shape[1]
        n_old = len(self._mean)
        if series.shape[1] >= self.window:
            mean, scale = measure(series[:, n_old:], self.window, np.finfo(points.dtype).eps)
            self._mean, self._scale = np.concatenate([self._mean, mean]), np.concatenate([self._scale, scale])
            windows = Windows(series, self._mean, self._scale, self.window)
            result = self._nearest_before(windows, np.arange(n_old, windows.n_windows))
        else:
            result = np.empty(0), np.empty(0, np.intp)
        n_forgotten = 0 if self.history is None else max(series.shape[1] - self.history, 0)
        self._series = series[:, n_forgotten:]
        self._mean, self._scale = self._mean[n_forgotten:], self._scale[n_forgotten:]
        return result

    def _nearest_before(self, windows: Windows, new: Ints) -> tuple[Floats, Ints]:
        first = 0 if self.history is None else np.maximum(new + self.window - self.history, 0)
        last = new - self.exclusion - 1
        find = self._find_for_few if len(new) <= FEW else self._find_for_many
        place = find(windows, new, np.broadcast_to(first, new.shape), last)
        known = place >= 0
        distances, neighbours = np.full(len(new), np.inf), np.full(len(new), -1)
        distances[known] = exact_distances(windows, new[known], windows, place[known], windows.n_channels)
        neighbours[known] = place[known] + self.n_seen - self.window + 1 - windows.n_windows
        return distances, neighbours

    def _find_for_few(self, windows: Windows, new: Ints, first: Ints, last: Ints) -> Ints:
        """Compare each new window with the raw series: a window without mean does not see the other's."""
        place = np.full(len(new), -1)
        for row, at in enumerate(new):
            past = slice(first[row], max(last[row] + 1, 0))
            if past.stop <= past.start:
                continue
            total = np.zeros(past.stop - past.start)
            for channel, one in enumerate(windows.normalized(np.array([at]), np.float64)[0]):
                product = np.correlate(
                    windows.series[channel, past.start : past.stop + self.window - 1], one, mode="valid"
                )
                total += product * windows.scale[past, channel]
            total += 0.5 * ((windows.scale[past] == 0).sum(axis=1) + (windows.scale[at] == 0).sum())
            place[row] = past.start + total.argmax()
        return place

    def _find_for_many(self, windows: Windows, new: Ints, first: Ints, last: Ints) -> Ints:
        best, place = np.full(len(new), NOT_SEEN), np.full(len(new), -1)
        values, halves = windows.normalized(new), windows.halves(new)
        with one_blas_thread():
            for start in range(first[0], last[-1] + 1, BLOCK_SIZE):
                past = slice(start, min(start + BLOCK_SIZE, last[-1] + 1))
                both = halves, windows.halves(past)
                tile = correlate(values, windows.normalized(past), both, windows.n_channels)
                columns = np.arange(past.start, past.stop)
                tile[(columns > last[:, None]) | (columns < first[:, None])] = NOT_SEEN
                at = tile.argmax(axis=1)
                highest = tile[np.arange(len(new)), at]
                better = highest > best
                best[better], place[better] = highest[better], columns[at[better]]
        return place
