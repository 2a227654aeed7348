"""What a run reports: how well each model finds muons, on what it depends, and where it is wrong."""

import numpy as np
from matplotlib.figure import Figure
from stac.data_ingestion.station_data import StationData
from stac.metrics.binned_metrics import metric_in_bins
from stac.metrics.classification_metrics import confusion_matrix
from stac.metrics.roc_analysis import best_f1, delong_test, roc_auc, signal_efficiency
from stac.tracking.track_run import Run, print_table
from stac.visualization.plot_binned_metric import plot_binned_metric
from stac.visualization.plot_calibration import plot_calibration
from stac.visualization.plot_roc import plot_roc
from stac.visualization.plot_traces import plot_trace_gallery

# What the muon efficiency may depend on: name of the column, name of the axis.
VARIABLES = {
    "distance": ("distance_m", "Distance to the shower axis [m]"),
    "signal": ("signal_vem_charge", "Signal [VEM]"),
    "zenith": ("zenith_deg", "Zenith [°]"),
}


def evaluate(
    run: Run, data: StationData, y: np.ndarray, scores: dict[str, np.ndarray], validation: np.ndarray, test: np.ndarray
) -> None:
    """Judge every model on the test part, thresholds come from the validation part; the first model is the run's."""
    rows = [compared(name, scores, y, data.table["event"], validation, test) for name in scores]
    run.log_scalars({f"{key}{end}": x for key, estimate in rows[0].items() for end, x in named_ends(estimate)})
    run.log_table("models", [{key: in_words(value) for key, value in row.items()} for row in rows])
    curves = {name: (y[test], score[test]) for name, score in scores.items()}
    axes = {"xlabel": "Share of stations without muons", "ylabel": "Muon efficiency"}
    run.log_figure("ROC", plot_roc(curves, background_rejection=0.95, groups=data.table["event"][test], **axes))
    for name, (column, label) in VARIABLES.items():
        if column in data.table:
            run.log_figure(f"Muon efficiency by {name}", by_variable(scores, y, data.table[column], test, label))
    own, probability = next(iter(scores.items()))
    run.log_figure("Calibration", plot_calibration({own: (y[test], probability[test])}))
    threshold = best_f1(y[validation], probability[validation]).threshold
    truth, guess = (np.where(values[test], "muons", "no muons") for values in (y, probability >= threshold))
    run.log_confusion_matrix(*confusion_matrix(truth, guess, ["muons", "no muons"]))
    pictures = examples(data[test], y[test], probability[test], threshold)
    run.log_figure("Examples: the worst mistakes, and easy ones", pictures)
    show(rows)


def compared(
    name: str, scores: dict, y: np.ndarray, event: np.ndarray, validation: np.ndarray, test: np.ndarray
) -> dict:
    """Return a model's row of the comparison: estimates are (value, low, high), intervals of 95 %."""
    score = scores[name]
    threshold = best_f1(y[validation], score[validation]).threshold
    own = next(iter(scores))
    better = delong_test(y[test], scores[own][test], score[test], groups=event[test]) if name != own else None
    return {
        "model": name,
        "auc": roc_auc(y[test], score[test], groups=event[test]),
        "muon_efficiency_at_95": signal_efficiency(y[test], score[test], 0.95),
        "muon_efficiency_at_99": signal_efficiency(y[test], score[test], 0.99),
        "f1": best_f1(y[test], score[test], threshold)[:3],
        f"auc of {own} is higher by": better[:3] if better else None,
    }


def named_ends(estimate: object) -> list[tuple[str, float]]:
    """Return value and ends of an interval with the endings that the report knows."""
    return list(zip(("", "_low", "_high"), estimate, strict=True)) if isinstance(estimate, tuple) else []


def in_words(value: object) -> object:
    """Write an estimate for people."""
    return "{:.3f}  ({:.3f} to {:.3f})".format(*value) if isinstance(value, tuple) else value


def by_variable(scores: dict[str, np.ndarray], y: np.ndarray, variable: np.ndarray, test: np.ndarray, label: str):
    """Draw the muon efficiency, at 95 % rejection in each bin, for every model."""
    tables = {
        name: metric_in_bins(signal_efficiency, variable[test], y[test], score[test], bins=6, min_count=50)
        for name, score in scores.items()
    }
    axes = {"xlabel": label, "ylabel": "Muon efficiency at 95 % rejection", "log_x": "Signal" in label}
    return plot_binned_metric(tables, counts=False, **axes)


def examples(data: StationData, y: np.ndarray, probability: np.ndarray, threshold: float) -> Figure:
    """Draw the stations with the worst mistakes, those with muons above those without, and two that were easy."""
    order = np.argsort(np.where(y, 1, -1) * (probability - threshold))
    missed, invented = ([i for i in order if y[i] == kind][:3] for kind in (True, False))
    chosen = [*missed, order[-1], *invented, next(i for i in order[::-1] if not y[i])]
    titles = [f"{data.table['n_muons'][i]} muons, p = {probability[i]:.2f}" for i in chosen]
    picked = data[chosen]
    truth = {} if picked.em_trace is None else {"em_trace": picked.em_trace, "muon_trace": picked.muon_trace}
    return plot_trace_gallery(
        picked.traces_vem_peak, titles, picked.pmt_mask, bin_ns=picked.bin_ns, n_columns=4, **truth
    )


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
