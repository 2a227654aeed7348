"""Time intervals around metrics against loops over scikit-learn and scipy.stats.bootstrap, and the imports.

Run `uv run --no-config benchmarks/classification_metrics.py`: two minutes.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["stac-classification-metrics", "numpy>=1.26", "rich>=13", "scikit-learn>=1.6", "scipy>=1.11"]
#
# [tool.uv.sources]
# stac-classification-metrics = { path = "../components/common/metrics/classification-metrics", editable = true }
# ///

import importlib.util
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table

from stac.metrics.classification_metrics import bootstrap_intervals, classification_metrics

N_INSTANCES, N_CLASSES, N_RESAMPLES = 10_000, 6, 1000
N_PEER_RESAMPLES = 20  # their time grows in proportion: measured on so many and multiplied
INSTALL = "uv pip install scikit-learn scipy"


def main() -> None:
    """Print one table for the intervals and one for the imports."""
    console = Console(width=110)
    peers = [name for name in ("sklearn", "scipy") if importlib.util.find_spec(name)]
    for name in {"sklearn", "scipy"} - set(peers):
        console.print(f"[yellow]{name} is missing and left out; it comes with: {INSTALL}")
    console.print(intervals_table(peers))
    console.print(imports_table(peers))


def intervals_table(peers: list[str]) -> Table:
    """Compare the time for intervals of all five metrics."""
    case = make_case()
    ours = best_of(3, lambda: bootstrap_intervals(*case, n_resamples=N_RESAMPLES))
    rows = [
        ("bootstrap_intervals", ours),
        ("loop over our classification_metrics", scaled(lambda: loop(ours_once, case))),
    ]
    if "sklearn" in peers:
        rows.append(("loop over scikit-learn's metrics", scaled(lambda: loop(scikit_learn_once, case))))
    if "scipy" in peers and "sklearn" in peers:
        rows.append(("scipy.stats.bootstrap over scikit-learn's metrics", scaled(lambda: scipy_bootstrap(case))))
    return ratio_table(f"{N_RESAMPLES:,} resamples of {N_INSTANCES:,} instances, {N_CLASSES} classes, 5 metrics", rows)


def imports_table(peers: list[str]) -> Table:
    """Compare the time of the import that the metrics cost a script which has imported numpy."""
    modules = ["stac.metrics.classification_metrics"] + (["sklearn.metrics"] if "sklearn" in peers else [])
    rows = [(name, min(import_seconds(name) for _ in range(5))) for name in modules]
    return ratio_table("import, beyond numpy's own", rows)


def make_case() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, predictions and probabilities of a classifier that is right in about 60 %."""
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, N_CLASSES, N_INSTANCES)
    scores = rng.normal(size=(N_INSTANCES, N_CLASSES))
    scores[np.arange(N_INSTANCES), y_true] += 1.5
    y_proba = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return y_true, y_proba.argmax(axis=1), y_proba


def ours_once(y_true: np.ndarray, y_pred: np.ndarray, y_proba: np.ndarray) -> list[float]:
    return list(classification_metrics(y_true, y_pred, y_proba).values())


def scikit_learn_once(y_true: np.ndarray, y_pred: np.ndarray, y_proba: np.ndarray) -> list[float]:
    from sklearn import metrics

    return [
        metrics.accuracy_score(y_true, y_pred),
        metrics.balanced_accuracy_score(y_true, y_pred),
        metrics.f1_score(y_true, y_pred, average="macro"),
        metrics.log_loss(y_true, y_proba),
        metrics.roc_auc_score(y_true, y_proba, multi_class="ovr"),
    ]


def loop(metrics: Callable[..., list[float]], case: tuple[np.ndarray, ...]) -> np.ndarray:
    rng = np.random.default_rng(0)
    drawn = (rng.integers(0, N_INSTANCES, N_INSTANCES) for _ in range(N_PEER_RESAMPLES))
    return np.quantile([metrics(*(array[rows] for array in case)) for rows in drawn], [0.025, 0.975], axis=0)


def scipy_bootstrap(case: tuple[np.ndarray, ...]) -> None:
    from scipy import stats

    y_true, y_pred, y_proba = case

    def statistic(rows: np.ndarray) -> np.ndarray:
        return np.array(scikit_learn_once(y_true[rows], y_pred[rows], y_proba[rows]))

    resamples = {"n_resamples": N_PEER_RESAMPLES, "method": "percentile", "vectorized": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stats.bootstrap((np.arange(N_INSTANCES),), statistic, **resamples)


def import_seconds(module: str) -> float:
    code = f"import time, numpy; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
    return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


def scaled(work: Callable[[], object]) -> float:
    work()  # imports and caches are not what is compared here
    return best_of(1, work) * N_RESAMPLES / N_PEER_RESAMPLES


def best_of(times: int, work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def ratio_table(title: str, rows: list[tuple[str, float]]) -> Table:
    table = Table("", "ratio", "seconds", title=title, title_justify="left")
    for name, seconds in rows:
        table.add_row(name, f"{seconds / rows[0][1]:.1f}", f"{seconds:.3g}")
    return table


if __name__ == "__main__":
    main()
