"""Finds nearest neighbours exactly while computing few distances, and learns the window by leave-one-out."""

import numpy as np

from stac.models.nearest_neighbour_dtw._bounds import bounds
from stac.models.nearest_neighbour_dtw._warping import Series, radius_of, squared_distances

FEWEST_PAIRS = 256  # computed at once: fewer take as long


class Search:
    """Nearest neighbours of the series in A among those in B, or of A among themselves when B is A.

    Distances are bounded, then computed in single precision, where that may still matter; what lies too close to be
    told apart is decided in double precision. So the result is the one of double precision, the first of equals.
    """

    def __init__(self, A: Series, B: Series, n_jobs: int = 1) -> None:
        self.exact = A, B
        self.alone = A is B
        largest = max(float(np.abs(series.values).max()) for series in (A, B))
        # Squares must stay within single precision; powers of two scale exactly.
        scale = 1.0 if 2.0**-20 < largest < 2.0**20 or not largest else 2.0 ** -np.frexp(largest)[1]
        self.coarse = A.scaled(scale), B.scaled(scale)
        self.n_jobs = n_jobs
        n_terms = A.values.shape[1] * (A.values.shape[2] + B.values.shape[2])
        self.error = np.float32((n_terms + 4) * 2.0**-24)  # relative, of a sum of squares
        self.tiny = np.float32(n_terms * 2.0**-147)  # absolute, where squares underflow

    def bounds(self, window: float) -> tuple[np.ndarray, np.ndarray]:
        """Return safe bounds of what the single-precision distances will be."""
        lower, upper = bounds(*self.coarse, window, self.n_jobs)
        lower = np.maximum(lower * (1 - 4 * self.error) - self.tiny, 0)
        upper = upper * (1 + 4 * self.error) + self.tiny
        if self.alone:
            np.fill_diagonal(lower, np.inf)
            np.fill_diagonal(upper, np.inf)
        return lower, upper

    def nearest(self, window: float, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """Return the index of the nearest in B for each in A; write what was learnt into the bounds.

        A distance is known when its bounds are equal.
        """
        share = 1
        while True:
            limits = self._within_reach(upper.min(axis=1))
            rows = np.flatnonzero(((lower <= limits[:, None]) & (lower < upper)).any(axis=1))
            if not len(rows):
                break
            share = max(share, FEWEST_PAIRS // len(rows))
            i, j = self._most_promising(rows, limits, lower, upper, share)
            found = squared_distances(*self.coarse, i, j, window, limits[i], self.n_jobs, np.float32)
            known = np.isfinite(found)
            least = np.where(known, found, np.maximum(lower[i, j], np.nextafter(limits[i], np.float32(np.inf))))
            most = np.where(known, found, upper[i, j])
            lower[i, j], upper[i, j] = least, most
            if self.alone:
                lower[j, i], upper[j, i] = least, most
            share *= 2
        return self._first_of_least(window, lower, limits)

    def _within_reach(self, least: np.ndarray) -> np.ndarray:
        """Return up to where a distance could be the least, too, for all that rounding did."""
        return least * (1 + 3 * self.error) + self.tiny

    def _most_promising(
        self, rows: np.ndarray, limits: np.ndarray, lower: np.ndarray, upper: np.ndarray, share: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs that must be looked at: for each row up to `share` with the least lower bounds."""
        bound = lower[rows]
        bound[(bound > limits[rows, None]) | (bound == upper[rows])] = np.inf
        share = min(share, bound.shape[1])
        columns = np.argpartition(bound, share - 1, axis=1)[:, :share]
        wanted = np.isfinite(np.take_along_axis(bound, columns, axis=1))
        i, j = np.repeat(rows, share)[wanted.ravel()], columns[wanted]
        if not self.alone:
            return i, j
        # The distance is symmetric: of (i, j) and (j, i) the one with the wider limit is enough.
        order = np.argsort(-limits[i], kind="stable")
        i, j = i[order], j[order]
        first = np.unique(np.minimum(i, j) * len(lower) + np.maximum(i, j), return_index=True)[1]
        return i[first], j[first]

    def _first_of_least(self, window: float, lower: np.ndarray, limits: np.ndarray) -> np.ndarray:
        """Return each row's nearest; where several are too close for single precision, ask double precision."""
        nearest = lower.argmin(axis=1)
        close = lower <= limits[:, None]
        rows = np.flatnonzero(np.count_nonzero(close, axis=1) > 1)
        i, j = np.nonzero(close[rows])
        if len(i):
            exact = squared_distances(*self.exact, rows[i], j, window, n_jobs=self.n_jobs)
            order = np.lexsort((j, exact, i))
            nearest[rows] = j[order][np.flatnonzero(np.diff(i, prepend=-1))]
        return nearest


def learn_window(X: Series, labels: np.ndarray, n_jobs: int = 1) -> tuple[float, np.ndarray]:
    """Return the window, of 0, 1, ..., 100 %, with most series like their nearest other, and all those shares.

    Of equals the narrowest is taken. A distance does not grow with the window, so that what is known of a narrow
    and of a wide one bounds all between; often nothing is left to compute.
    """
    search = Search(X, X, n_jobs)
    windows = np.arange(101) / 100
    if X.equal:  # many shares may mean the same number of time points
        radii = radius_of(windows, *X.lengths[:1].repeat(2))
        windows, place = windows[np.unique(radii, return_index=True)[1]], np.unique(radii, return_inverse=True)[1]
    else:
        place = np.arange(101)
    scores = np.empty(len(windows))

    def score(w: int, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nearest = search.nearest(windows[w], lower, upper)
        scores[w] = np.mean(labels[nearest] == labels)
        return lower, upper

    def between(narrow: int, wide: int, upper: np.ndarray, lower: np.ndarray) -> None:
        if wide - narrow < 2:
            return
        middle = (narrow + wide) // 2
        low, high = score(middle, lower.copy(), upper.copy())
        between(narrow, middle, upper, low)
        between(middle, wide, high, lower)

    lower, _ = score(len(windows) - 1, *search.bounds(1.0))
    _, upper = score(0, lower.copy(), search.bounds(0.0)[1])
    between(0, len(windows) - 1, upper, lower)
    return float(windows[scores.argmax()]), scores[place]
