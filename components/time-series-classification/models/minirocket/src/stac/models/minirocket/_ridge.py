"""Ridge classification with leave-one-out choice of the penalty, and a temperature for its probabilities."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

ALPHAS = np.logspace(-3, 3, 10)
COLUMNS = 1_024  # features handled at once: bounds the float64 copies
SAMPLE = 1_000  # instances whose left-out predictions judge the penalties when there are more than features
CONSTANT = 1e-10  # a share of positives that varies at all has a larger standard deviation


@dataclass(frozen=True)
class Ridge:
    """A linear classifier: ``features @ weights + intercept``, one column per class, or a single one for two."""

    weights: np.ndarray  # (n_features, n_targets) float64
    intercept: np.ndarray  # (n_targets,) float64
    alpha: float
    temperature: float

    def decide(self, features: np.ndarray) -> np.ndarray:
        """Return the decision values (n, n_classes); for two classes the columns are opposite."""
        return _both_sides(features @ self.weights + self.intercept)


def fit_ridge(features: np.ndarray, labels: np.ndarray, n_classes: int) -> Ridge:
    """Fit on `features` (n, n_features) with n <= n_features, where the Gram matrix of the instances is small."""
    targets = one_vs_rest(labels, n_classes)
    offset = targets.mean(axis=0)
    mean, scale = _moments(features)
    columns = [slice(i, i + COLUMNS) for i in range(0, features.shape[1], COLUMNS)]
    gram = np.zeros((len(features), len(features)))
    for c in columns:
        part = (features[:, c] - mean[c]) / scale[c]
        gram += part @ part.T
    # The intercept is not penalised: make its direction (all ones) the last eigenvector, and leave it out.
    gram += (2 * np.trace(gram) + 1) / len(gram)
    values, vectors = np.linalg.eigh(gram)
    values, vectors = values[:-1].clip(0), vectors[:, :-1]
    projected, squares = vectors.T @ (targets - offset), vectors**2

    def dual_and_errors(alpha: float) -> tuple[np.ndarray, np.ndarray]:
        shrink = 1 / (values + alpha)
        dual = vectors @ (shrink[:, None] * projected)
        return dual, dual / (squares @ shrink)[:, None]

    alpha, errors = _choose_alpha(lambda alpha: dual_and_errors(alpha)[1])
    dual, _ = dual_and_errors(alpha)
    weights = np.concatenate([((features[:, c] - mean[c]) / scale[c]).T @ dual for c in columns])
    weights /= scale[:, None]
    temperature = fit_temperature(_both_sides(targets - errors), labels)
    return Ridge(weights, offset - mean @ weights, alpha, temperature)


def fit_ridge_streaming(blocks: Iterable[np.ndarray], n_features: int, labels: np.ndarray, n_classes: int) -> Ridge:
    """Fit on more instances than features without holding them: each block (n_i, n_features) is seen once.

    The Gram matrix of the features is accumulated. The penalty is judged by the exact left-out errors of
    `SAMPLE` instances spread evenly over the data.
    """
    n = len(labels)
    targets = one_vs_rest(labels, n_classes)
    offset, n_targets = targets.mean(axis=0), targets.shape[1]
    sample = np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.intp))
    kept = np.empty((len(sample), n_features))
    columns = [slice(i, min(i + COLUMNS, n_features)) for i in range(0, n_features, COLUMNS)]
    gram = np.zeros((n_features, n_features))
    total, products = np.zeros(n_features), np.zeros((n_features, n_targets))
    start, shift = 0, None
    for block in blocks:
        shift = block.mean(axis=0, dtype=np.float64) if shift is None else shift
        block, stop = block - shift, start + len(block)  # small numbers keep their digits in the products
        here = (sample >= start) & (sample < stop)
        kept[here] = block[sample[here] - start]
        total += block.sum(axis=0)
        products += block.T @ (targets[start:stop] - offset)
        for c in columns:
            gram[c, : c.stop] += block[:, c].T @ block[:, : c.stop]
        start = stop

    mean = total / n
    variance = gram.diagonal() / n - mean**2
    scale = np.where(variance > CONSTANT**2, np.sqrt(variance.clip(0)), np.inf)  # constant features get no weight
    for c in columns:
        gram[c, : c.stop] -= n * mean[c, None] * mean[: c.stop]
        gram[c, : c.stop] /= scale[c, None] * scale[: c.stop]
        gram[: c.start, c] = gram[c, : c.start].T
    kept = (kept - mean) / scale
    sides = np.hstack([products / scale[:, None], kept.T])

    def solve(alpha: float) -> tuple[np.ndarray, np.ndarray]:
        gram.flat[:: n_features + 1] += alpha
        solved = np.linalg.solve(gram, sides)
        gram.flat[:: n_features + 1] -= alpha
        weights = solved[:, :n_targets]
        leverage = np.einsum("ij,ji->i", kept, solved[:, n_targets:]) + 1 / n
        return weights, (targets[sample] - offset - kept @ weights) / np.maximum(1 - leverage, 1e-9)[:, None]

    alpha, errors = _choose_alpha(lambda alpha: solve(alpha)[1])
    weights = solve(alpha)[0] / scale[:, None]
    temperature = fit_temperature(_both_sides(targets[sample] - errors), labels[sample])
    return Ridge(weights, offset - (mean + shift) @ weights, alpha, temperature)


def one_vs_rest(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return targets 1 and -1, (n, n_classes), or (n, 1) for two classes."""
    targets = np.where(labels[:, None] == np.arange(n_classes), 1.0, -1.0)
    return targets[:, 1:] if n_classes == 2 else targets


def fit_temperature(decisions: np.ndarray, labels: np.ndarray) -> float:
    """Return t such that softmax(t * decisions) has the least log loss, found by golden section.

    One virtual instance of every class per label (Laplace's rule) keeps t finite when all are right.
    """
    n, n_classes = decisions.shape
    wanted = decisions[np.arange(n), labels].mean()
    wanted = (n * wanted + n_classes * decisions.mean()) / (n + n_classes)

    def log_loss(log_t: float) -> float:
        scaled = np.exp(log_t) * decisions
        largest = scaled.max(axis=1)
        return (np.log(np.exp(scaled - largest[:, None]).sum(axis=1)) + largest).mean() - np.exp(log_t) * wanted

    low, high, ratio = np.log(0.01), np.log(100), (np.sqrt(5) - 1) / 2
    while high - low > 1e-3:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if log_loss(left) < log_loss(right) else (left, high)
    return float(np.exp((low + high) / 2))


def softmax(decisions: np.ndarray) -> np.ndarray:
    """Return rows that are positive and sum to one."""
    powers = np.exp(decisions - decisions.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _both_sides(decisions: np.ndarray) -> np.ndarray:
    return np.hstack([-decisions, decisions]) if decisions.shape[1] == 1 else decisions


def _moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each feature in float64; constant ones are left unscaled."""
    mean, scale = np.empty((2, features.shape[1]))
    for i in range(0, features.shape[1], COLUMNS):
        part = features[:, i : i + COLUMNS].astype(np.float64)
        mean[i : i + COLUMNS], scale[i : i + COLUMNS] = part.mean(axis=0), part.std(axis=0)
    return mean, np.where(scale < CONSTANT, 1, scale)


def _choose_alpha(errors_of: Callable[[float], np.ndarray]) -> tuple[float, np.ndarray]:
    """Return the penalty with the least mean squared left-out error, and these errors."""
    candidates = ((float(alpha), errors_of(alpha)) for alpha in ALPHAS)
    return min(candidates, key=lambda candidate: np.mean(candidate[1] ** 2))
