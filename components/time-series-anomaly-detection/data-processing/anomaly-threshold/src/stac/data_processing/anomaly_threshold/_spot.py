"""Thresholds that follow a stream of scores."""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stac.data_processing.anomaly_threshold._thresholds import (
    FEWEST_SCORES,
    check_scores,
    check_share,
    tail_threshold,
)


class Detections(NamedTuple):
    """What came of new scores, one value each."""

    alarms: NDArray[np.bool_]
    thresholds: NDArray[np.float64]  # that each score was compared with


@dataclass(eq=False)
class Spot:
    """A threshold for a stream whose distribution stays: each high but normal score makes the tail better known.

    Parameters
    ----------
    risk : float, default=1e-4
        Probability of an alarm at a normal time point.
    initial : float, default=0.98
        Quantile of the calibration scores above which the tail begins.
    max_excesses : int, default=2000
        The tail is fitted to the last so many scores in it, so that memory and time stay constant.

    Attributes
    ----------
    threshold_ : float
        ``score >= threshold_`` is an alarm, for the next score.
    n_seen_ : int
        Normal scores seen.

    References
    ----------
    Siffer, A., et al. (2017). Anomaly detection in streams with extreme value theory. KDD, 1067-1075.
    DOI 10.1145/3097983.3098144

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> spot = Spot(risk=1e-4).fit(rng.normal(size=2000))
    >>> alarms, thresholds = spot.update([0.3, 9.0, -1.0])
    >>> alarms.tolist()
    [False, True, False]
    """

    risk: float = 1e-4
    initial: float = 0.98
    max_excesses: int = 2000

    def fit(self, scores: ArrayLike) -> Self:
        """Calibrate with scores of a part that is mostly normal.

        Parameters
        ----------
        scores : array-like of shape (n_timepoints,)
            20 or more, better a thousand; higher = more anomalous.

        Returns
        -------
        Spot
            Itself.

        Raises
        ------
        ValueError
            If scores are too few or not finite, or a parameter is out of range.
        TypeError
            If scores are not numbers.
        """
        self._check_parameters()
        scores = check_scores(scores)
        if len(scores) < FEWEST_SCORES:
            raise ValueError(f"There are {len(scores)} scores to calibrate with: give {FEWEST_SCORES} or more")
        self._calibrate(scores)
        return self

    def update(self, scores: ArrayLike) -> Detections:
        """Judge new scores, one after the other, and learn from those that raise no alarm.

        Parameters
        ----------
        scores : array-like of shape (n_new,), or float
            In the order of time.

        Returns
        -------
        Detections
            ``alarms`` (n_new,) and the ``thresholds`` the scores were compared with.

        Raises
        ------
        ValueError
            If ``fit`` was not called, or a score is not finite.
        TypeError
            If scores are not numbers.
        """
        if not hasattr(self, "threshold_"):
            raise ValueError(f"This {type(self).__name__} is not calibrated: call fit with normal scores first")
        scores = check_scores(np.atleast_1d(np.asarray(scores)))
        alarms, thresholds = np.zeros(len(scores), dtype=bool), np.empty(len(scores))
        for place, score in enumerate(scores.tolist()):
            thresholds[place] = self.threshold_
            alarms[place] = self._judge(score)
        return Detections(alarms, thresholds)

    def _check_parameters(self) -> None:
        check_share(self.risk, "risk")
        check_share(self.initial, "initial")
        if not isinstance(self.max_excesses, int | np.integer) or self.max_excesses < 10:
            raise ValueError(f"max_excesses is {self.max_excesses!r}: give a whole number, 10 or more")

    def _calibrate(self, scores: NDArray[np.float64]) -> None:
        self._start = float(np.quantile(scores, self.initial))
        excesses = scores[scores > self._start] - self._start
        self._excesses = deque(excesses.tolist(), self.max_excesses)
        self.n_seen_, self._n_excesses = len(scores), len(excesses)
        self._highest = float(scores.max())
        self._set_threshold()

    def _judge(self, score: float) -> bool:
        if score >= self.threshold_:
            return True
        self._learn(score)
        return False

    def _learn(self, score: float) -> None:
        self.n_seen_ += 1
        if score > self._start:
            self._excesses.append(score - self._start)
            self._n_excesses += 1
            self._set_threshold()

    def _set_threshold(self) -> None:
        excesses = np.fromiter(self._excesses, np.float64)
        n_scores = self.n_seen_ * len(excesses) / max(self._n_excesses, 1)  # of which the kept ones are the tail
        self.threshold_ = tail_threshold(self._start, excesses, n_scores, self.risk, self._highest)


@dataclass(eq=False)
class DSpot(Spot):
    """A threshold for a stream whose level drifts: scores are judged by how far they are above the last normal ones.

    Parameters
    ----------
    risk, initial, max_excesses
        As for ``Spot``.
    depth : int, default=100
        How many normal scores the level is the mean of; with correlated scores, several times their memory.

    Attributes
    ----------
    threshold_ : float
        ``score >= threshold_`` is an alarm, for the next score.
    n_seen_ : int
        Normal scores seen.

    References
    ----------
    Siffer, A., et al. (2017). Anomaly detection in streams with extreme value theory. KDD, 1067-1075.
    DOI 10.1145/3097983.3098144

    Examples
    --------
    >>> import numpy as np
    >>> drifting = np.linspace(0, 50, 6000) + np.random.default_rng(0).normal(size=6000)
    >>> drifting[5000] += 9
    >>> alarms, _ = DSpot(risk=1e-5, depth=50).fit(drifting[:2000]).update(drifting[2000:])
    >>> np.flatnonzero(alarms).tolist()
    [3000]
    """

    depth: int = 100

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if not isinstance(self.depth, int | np.integer) or self.depth < 1:
            raise ValueError(f"depth is {self.depth!r}: give how many scores the level is the mean of, 1 or more")

    def _calibrate(self, scores: NDArray[np.float64]) -> None:
        if len(scores) < self.depth + FEWEST_SCORES:
            raise ValueError(
                f"There are {len(scores)} scores to calibrate with: give depth + {FEWEST_SCORES} = "
                f"{self.depth + FEWEST_SCORES} or more"
            )
        totals = np.concatenate([[0], np.cumsum(scores)])
        level = (totals[self.depth : -1] - totals[: -self.depth - 1]) / self.depth
        self._last = deque(scores[-self.depth :].tolist(), self.depth)
        super()._calibrate(scores[self.depth :] - level)

    def _learn(self, score: float) -> None:
        level = self._level()
        self._last.append(score)
        super()._learn(score - level)
        if score - level <= self._start:
            self.threshold_ = self._relative + self._level()

    def _set_threshold(self) -> None:
        super()._set_threshold()
        self._relative = self.threshold_
        self.threshold_ += self._level()

    def _level(self) -> float:
        return sum(self._last) / len(self._last)
