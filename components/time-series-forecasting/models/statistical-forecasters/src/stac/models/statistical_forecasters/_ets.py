"""Exponential smoothing in state space form: fifteen models, fitted to many series at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stac.models.statistical_forecasters._minimize import minimize
from stac.models.statistical_forecasters._season import seasonal_figure
from stac.models.statistical_forecasters._smoothing import Fitted, smooth

Array = NDArray[np.float64]

# Error, trend (A: additive, D: damped), season. Additive errors with a multiplicative season are unstable.
MODELS = ("ANN", "AAN", "ADN", "MNN", "MAN", "MDN", "ANA", "AAA", "ADA", "MNA", "MAA", "MDA", "MNM", "MAM", "MDM")

# alpha, beta / alpha, gamma / (1 - alpha), phi
_LOW = np.array([1e-4, 1e-4, 1e-4, 0.8])
_HIGH = np.array([0.9999, 0.9999, 0.9999, 0.98])
_STARTS = np.array([[a, b, g, 0.95] for a in (0.05, 0.3, 0.8) for b, g in ((0.02, 0.1), (0.2, 0.4))])
_N_FIRST_SEASONS = 4  # from which the season begins
_MOST_CELLS = 3_000_000  # of one evaluation: more would leave the cache and fill the memory


class _Rows(NamedTuple):
    """Pairs of a series and a model, all with the same kind of season."""

    series: NDArray[np.intp]
    model: NDArray[np.intp]


def fit_ets(values: Array, season_length: int, models: tuple[str, ...] = MODELS, n_refined: int = 3) -> Fitted:
    """Choose and fit a model for each series.

    All models are tried with a few parameters each; the best ones by AICc are fitted fully, and the best of these wins.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_timepoints)
        Right-aligned, NaN in front.
    season_length : int
        1 for no season.
    models : tuple of str
        Which ones to choose from.
    n_refined : int
        How many are fitted fully.
    """
    step = max(1, _MOST_CELLS // (len(_STARTS) * len(models) * values.shape[1]))
    parts = [_fit(values[i : i + step], season_length, models, n_refined) for i in range(0, len(values), step)]
    joined = {
        name: np.concatenate(part, axis=1 if name == "season" else 0)
        for name, part in zip(Fitted._fields, zip(*parts, strict=True), strict=True)
    }
    return Fitted(**joined)


def _fit(values: Array, season_length: int, models: tuple[str, ...], n_refined: int) -> Fitted:
    scale = np.nanmean(np.abs(values), axis=1)
    scale[scale == 0] = 1
    problem = _Problem(values / scale[:, None], season_length)
    n_series = len(values)
    score, start = np.full((n_series, len(models)), np.inf), np.zeros((n_series, len(models), 4))
    allowed = problem.allowed(models)
    for rows in _by_season(*np.nonzero(allowed), models):
        points = np.repeat(_STARTS[None], len(rows.series), axis=0)
        found = problem.aicc(rows, points, models)
        best = found.argmin(axis=1)
        score[rows.series, rows.model] = found[np.arange(len(best)), best]
        start[rows.series, rows.model] = _STARTS[best]
    chosen = np.argsort(score, axis=1, kind="stable")[:, : min(n_refined, len(models))]
    finite = np.isfinite(np.take_along_axis(score, chosen, axis=1))
    series, place = np.nonzero(finite)
    for rows in _by_season(series, chosen[series, place], models):
        points, found = minimize(
            lambda points, rows=rows: problem.aicc(rows, points, models), start[rows.series, rows.model], _LOW, _HIGH
        )
        better = found <= score[rows.series, rows.model]
        score[rows.series[better], rows.model[better]] = found[better]
        start[rows.series[better], rows.model[better]] = points[better]
    none = np.isinf(score).all(axis=1)  # too short for any: the last value
    score[none, models.index("ANN")] = np.finfo(float).max
    start[none] = (0.9999, 1e-4, 1e-4, 0.9)
    return problem.final(score.argmin(axis=1), score.min(axis=1), start, models, scale)


def _by_season(series: NDArray[np.intp], model: NDArray[np.intp], models: tuple[str, ...]) -> list[_Rows]:
    kind = np.array([name[2] for name in models])[model]
    return [_Rows(series[kind == one], model[kind == one]) for one in "NAM" if (kind == one).any()]


class _Problem:
    """Series with what all models start from."""

    def __init__(self, values: Array, season_length: int) -> None:
        self.values, self.season_length = values, season_length
        self.first = np.isnan(values).sum(axis=1)
        self.n = values.shape[1] - self.first
        self.positive = np.nanmin(values, axis=1) > 0
        self.seasonal = (self.n >= 2 * season_length + 1) & (season_length > 1)
        n_series = len(values)
        self.figures = {
            "N": np.zeros((n_series, 1)),
            "A": np.zeros((n_series, season_length)),
            "M": np.ones((n_series, season_length)),
        }
        # A figure of the whole history would leave nothing to learn: the season would seem never to change.
        begun = np.arange(values.shape[1]) - self.first[:, None]
        early = np.where(begun <= _N_FIRST_SEASONS * season_length, values, np.nan)
        for kind, chosen in (("A", self.seasonal), ("M", self.seasonal & self.positive)):
            if chosen.any():
                self.figures[kind][chosen] = seasonal_figure(early[chosen], season_length, multiplicative=kind == "M")
        self.starts = {kind: self._first_level_and_trend(kind) for kind in "NAM"}

    def allowed(self, models: tuple[str, ...]) -> NDArray[np.bool_]:
        """Return which models suit each series, (n_series, n_models)."""
        suits = []
        for name in models:
            suits.append(self.n > _n_free(name, self.season_length) + 1)
            if name[2] != "N":
                suits[-1] = suits[-1] & self.seasonal
            if "M" in name:
                suits[-1] = suits[-1] & self.positive
        return np.column_stack(suits)

    def aicc(self, rows: _Rows, points: Array, models: tuple[str, ...]) -> Array:
        """Return AICc for points (n_rows, n_points, 4), as (n_rows, n_points)."""
        n_points = points.shape[1]
        series, model = np.repeat(rows.series, n_points), np.repeat(rows.model, n_points)
        errors, means, _ = self._run(series, [models[i] for i in rows.model], n_points, points.reshape(-1, 4))
        n = self.n[series]
        relative = np.array([name[0] == "M" for name in models])[model]
        with np.errstate(all="ignore"):
            squares = np.einsum("tr,tr->r", errors, errors)
            if relative.any():
                errors, means = errors[:, relative], means[:, relative]
                ratio = errors / means
                logs = np.log(np.abs(means)) * (np.arange(len(means))[:, None] >= self.first[series[relative]])
                squares[relative] = np.einsum("tr,tr->r", ratio, ratio) * np.exp(2 * logs.sum(axis=0) / n[relative])
                squares[np.flatnonzero(relative)[(means <= 0).any(axis=0)]] = np.inf
            k = np.array([_n_free(name, self.season_length) for name in models])[model]
            correction = np.where(n - k - 1 > 0, 2 * k * (k + 1) / np.maximum(n - k - 1, 1), 1e6)
            value = n * np.log(np.maximum(squares, 1e-20 * n)) + 2 * k + correction
        return np.where(np.isfinite(value), value, np.inf).reshape(len(rows.series), n_points)

    def final(
        self, best: NDArray[np.intp], aicc: Array, points: Array, models: tuple[str, ...], scale: Array
    ) -> Fitted:
        """Run the chosen models once more and keep their states."""
        n_series, m = len(self.values), self.season_length
        names = np.array(models)[best]
        chosen = points[np.arange(n_series), best]
        level, trend, sigma = np.zeros(n_series), np.zeros(n_series), np.zeros(n_series)
        season, used = np.zeros((m, n_series)), np.zeros((n_series, 4))
        for rows in _by_season(np.arange(n_series), best, models):
            i = rows.series
            errors, means, states = self._run(i, [models[j] for j in rows.model], 1, chosen[i])
            level[i], trend[i], at_end, used[i] = states
            if names[i[0]][2] == "N":
                season[:, i] = 0
            else:
                season[:, i] = np.roll(at_end, -(self.values.shape[1] % m), axis=0)
            relative = np.array([name[0] == "M" for name in names[i]])
            with np.errstate(all="ignore"):
                errors = np.where(relative, errors / means, errors)
            free = np.array([_n_free(name, m) for name in names[i]])
            sigma[i] = np.sqrt((errors**2).sum(axis=0) / np.maximum(self.n[i] - free, 1))
            sigma[i] = np.where(relative, sigma[i], sigma[i] * scale[i])
            additive = names[i[0]][2] != "M"
            season[:, i] *= scale[i] if additive else 1
        return Fitted(names, used, level * scale, trend * scale, season, sigma, aicc)

    def _first_level_and_trend(self, kind: str) -> tuple[Array, Array, Array]:
        """Return the mean, and the straight line, of the first values without season: level, level and trend."""
        n_first = np.minimum(np.maximum(10, 2 * self.season_length), self.n)
        length = int(n_first.max())
        at = np.minimum(self.first[:, None] + np.arange(length), self.values.shape[1] - 1)
        early = np.take_along_axis(self.values, at, axis=1)
        figure = np.take_along_axis(self.figures[kind], at % self.figures[kind].shape[1], axis=1)
        early = early / figure if kind == "M" else early - figure
        weight = (np.arange(length) < n_first[:, None]).astype(float)
        time = np.arange(1, length + 1)
        mean = (weight * early).sum(axis=1) / n_first
        middle = (n_first + 1) / 2
        spread = (weight * (time - middle[:, None]) ** 2).sum(axis=1)
        slope = (weight * (time - middle[:, None]) * early).sum(axis=1) / np.maximum(spread, 1e-9)
        return mean, mean - slope * middle, slope

    def _run(
        self, series: NDArray[np.intp], names: list[str], n_points: int, points: Array
    ) -> tuple[Array, Array, tuple[Array, Array, Array, Array]]:
        """Return errors and one-step forecasts, (n_timepoints, n_rows), and the last state."""
        kind = names[0][2]
        trend = np.repeat([name[1] for name in names], n_points)
        mean, intercept, slope = (start[series] for start in self.starts[kind])
        has_trend = trend != "N"
        alpha = points[:, 0]
        parameters = np.column_stack(
            [
                alpha,
                np.where(has_trend, points[:, 1] * alpha, 0),
                points[:, 2] * (1 - alpha) if kind != "N" else np.zeros_like(alpha),
                np.where(trend == "D", points[:, 3], 1.0),
            ]
        )
        level, step = np.where(has_trend, intercept, mean), np.where(has_trend, slope, 0.0)
        values = np.ascontiguousarray(self.values.T)[:, series]
        season = np.ascontiguousarray(self.figures[kind][series].T)
        errors, means, level, step = smooth(
            values, self.first[series], level, step, season, *np.ascontiguousarray(parameters.T), kind
        )
        return errors, means, (level, step, season, parameters)


def _n_free(name: str, season_length: int) -> int:
    """Return the number of parameters and initial states, and the variance."""
    n = {"N": 2, "A": 4, "D": 5}[name[1]] + 1
    return n if name[2] == "N" else n + season_length
