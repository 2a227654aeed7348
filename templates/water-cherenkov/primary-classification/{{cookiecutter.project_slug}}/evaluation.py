"""What a run reports: how well each model tells the primaries of events apart, and on what it depends."""

from itertools import combinations

import numpy as np
from stac.data_ingestion.station_data import StationData
from stac.metrics.binned_metrics import metric_in_bins
from stac.metrics.classification_metrics import bootstrap_intervals, classification_metrics, confusion_matrix
from stac.metrics.merit_factor import merit_factor
from stac.metrics.roc_analysis import roc_auc, signal_efficiency
from stac.tracking.track_run import Run, print_table
from stac.visualization.plot_binned_metric import plot_binned_metric
from stac.visualization.plot_calibration import plot_calibration
from stac.visualization.plot_roc import plot_roc
from stac.visualization.plot_traces import plot_trace_gallery

# What the efficiency may depend on, of an event and of a station: name of the column, name of the axis.
OF_EVENTS = {"energy": ("lg_energy", "lg (energy / eV)"), "zenith": ("zenith_deg", "Zenith [°]")}
OF_STATIONS = {
    "distance": ("distance_m", "Distance to the shower axis [m]"),
    "signal": ("signal_vem_charge", "Signal [VEM]"),
}


def evaluate(run: Run, data: StationData, classes: np.ndarray, stations: dict[str, np.ndarray], signal: str) -> None:
    """Judge every model on the events of the test part; the first one is the run's own.

    ``stations`` holds, for each model, the probabilities of the classes for every station.
    """
    first = np.unique(data.table["event"], return_index=True)[1]  # a station of each event
    y, column = data.table["primary"], classes.tolist().index(signal)
    events = {name: of_events(probability, data.table["event"]) for name, probability in stations.items()}
    rows = [compared(name, probability, y[first], classes, column) for name, probability in events.items()]
    run.log_scalars({f"{key}{end}": x for key, estimate in rows[0].items() for end, x in named_ends(estimate)})
    run.log_table("models, by event", [{key: in_words(value) for key, value in row.items()} for row in rows])

    others = f"{signal} among " + " and ".join(name for name in classes if name != signal)
    run.log_figure(f"ROC, {others}", plot_roc({name: (y[first] == signal, p[:, column]) for name, p in events.items()}))
    own, probability = next(iter(events.items()))
    run.log_figure("ROC, each pair of primaries", plot_roc(dict(pairs(y[first], probability, classes))))
    truth, guess = y[first], classes[probability.argmax(axis=1)]
    run.log_confusion_matrix(*confusion_matrix(truth, guess, classes.tolist()))
    parts = (("events", OF_EVENTS, events, first), ("stations", OF_STATIONS, stations, slice(None)))
    for part, variables, scores, chosen in parts:
        for name, (variable, label) in variables.items():
            if variable in data.table:
                figure = by_variable(scores, y[chosen] == signal, data.table[variable][chosen], column, label)
                run.log_figure(f"{signal} efficiency of {part} by {name}".capitalize(), figure)
    run.log_figure("Calibration", plot_calibration({own: (y[first] == signal, probability[:, column])}))
    run.log_figure("Examples: typical stations, and the worst mistakes", examples(data, classes, stations[own]))
    show(rows)


def of_events(probability: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Return the probabilities of each event: the geometric mean of its stations', in ascending order."""
    of = np.unique(event, return_inverse=True)[1]
    logarithms = np.log(np.clip(probability, 1e-7, None))
    means = np.stack([np.bincount(of, column) for column in logarithms.T], axis=1) / np.bincount(of)[:, None]
    joint = np.exp(means - means.max(axis=1, keepdims=True))
    return joint / joint.sum(axis=1, keepdims=True)


def compared(name: str, probability: np.ndarray, y: np.ndarray, classes: np.ndarray, column: int) -> dict:
    """Return a model's row of the comparison: estimates are (value, low, high), intervals of 95 %."""
    scored = (y, classes[probability.argmax(axis=1)], probability, classes)
    metrics, intervals = classification_metrics(*scored), bootstrap_intervals(*scored, random_state=0)
    signal = classes[column]
    return {
        "model": name,
        f"{signal}_auc": roc_auc(y == signal, probability[:, column]),
        f"{signal}_efficiency_at_99": signal_efficiency(y == signal, probability[:, column], 0.99),
        **{key: (metrics[key], *intervals[key]) for key in ("accuracy", "macro_f1")},
        **{f"merit factor {a}/{b}": tuple(merit(y, probability, classes, a, b)) for a, b in combinations(classes, 2)},
    }


def merit(y: np.ndarray, probability: np.ndarray, classes: np.ndarray, a: str, b: str) -> tuple[float, float, float]:
    """Return how many standard deviations apart two primaries are, in the logarithm of their probabilities' ratio."""
    first, second = (classes.tolist().index(name) for name in (a, b))
    ratio = np.log(np.clip(probability[:, first], 1e-7, None) / np.clip(probability[:, second], 1e-7, None))
    return merit_factor(ratio[y == a], ratio[y == b])


def pairs(y: np.ndarray, probability: np.ndarray, classes: np.ndarray):
    """Yield, for each pair of primaries, what a ROC curve needs: the first is the signal."""
    for a, b in combinations(range(len(classes)), 2):
        chosen = (y == classes[a]) | (y == classes[b])
        score = probability[chosen, a] / (probability[chosen, a] + probability[chosen, b])
        yield f"{classes[a]} against {classes[b]}", (y[chosen] == classes[a], score)


def by_variable(scores: dict[str, np.ndarray], is_signal: np.ndarray, variable: np.ndarray, column: int, label: str):
    """Draw the signal efficiency, at 95 % rejection in each bin, for every model."""
    tables = {
        name: metric_in_bins(signal_efficiency, variable, is_signal, score[:, column], bins=6, min_count=50)
        for name, score in scores.items()
    }
    axes = {"xlabel": label, "ylabel": "Efficiency at 95 % rejection", "log_x": "Signal" in label}
    return plot_binned_metric(tables, counts=False, **axes)


def examples(data: StationData, classes: np.ndarray, probability: np.ndarray):
    """Draw, for each primary, its most typical station and the worst mistake, with the truth where it is known."""
    chosen, titles = [], []
    for column, name in enumerate(classes):
        own = np.flatnonzero(data.table["primary"] == name)
        for i in own[[probability[own, column].argmax(), probability[own, column].argmin()]]:
            chosen.append(i)
            titles.append(f"{name}, p({name}) = {probability[i, column]:.2f}")
    picked = data[chosen]
    truth = {} if picked.em_trace is None else {"em_trace": picked.em_trace, "muon_trace": picked.muon_trace}
    return plot_trace_gallery(
        picked.traces_vem_peak, titles, picked.pmt_mask, bin_ns=picked.bin_ns, n_columns=2, **truth
    )


def named_ends(estimate: object) -> list[tuple[str, float]]:
    """Return value and ends of an interval with the endings that the report knows."""
    return list(zip(("", "_low", "_high"), estimate, strict=True)) if isinstance(estimate, tuple) else []


def in_words(value: object) -> object:
    """Write an estimate for people."""
    return "{:.3f}  ({:.3f} to {:.3f})".format(*value) if isinstance(value, tuple) else value


def show(rows: list[dict]) -> None:
    """Print the comparison, with half the width of the intervals."""
    shown = [key for key, value in rows[0].items() if isinstance(value, tuple)][:4]
    headings = ["test part", *(key.replace("_", " ").replace("auc", "AUC") for key in shown)]
    estimates = [[row["model"], *(row[key] for key in shown)] for row in rows]
    print_table(headings, [[name, *map(with_half_width, cells)] for name, *cells in estimates])


def with_half_width(estimate: tuple[float, float, float]) -> str:
    """Write value and half the width of its interval."""
    value, low, high = estimate
    return f"{value:.3f} ± {(high - low) / 2:.3f}"
