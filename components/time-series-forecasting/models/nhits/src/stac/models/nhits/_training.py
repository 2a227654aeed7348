"""Train the networks of an ensemble, one after the other, on the same windows."""

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stac.models.nhits._network import NHitsEnsemble
from stac.models.nhits._quantiles import LEVELS, pinball
from stac.models.nhits._windows import training_windows
from stac.training.fit_torch import fit_torch

if TYPE_CHECKING:
    from stac.data_processing.series_panel import SeriesPanel
    from stac.models.nhits import NHits


def default_input_length(season_length: int, horizon: int) -> int:
    """Return how much of the past is looked at: a week where a season is a day."""
    return max(3 * horizon, 7 * season_length if season_length in (24, 48, 96) else 2 * season_length, 64)


def train_networks(
    model: "NHits", panel: "SeriesPanel", columns: np.ndarray, run: Any, progress: bool
) -> tuple[NHitsEnsemble, int, int]:
    """Return the trained networks, the number of windows that they have learnt from, and of steps these have shown."""
    rng = np.random.default_rng(model.random_state)
    n_past, n_future = len(panel.exogenous), len(panel.names)
    shape = model.input_length_, model.horizon_, panel.season_length, n_past
    n_windows = min(model.max_windows, model.n_steps * model.batch_size)
    windows = training_windows(panel.y, columns, shape, n_windows, rng)
    n_windows = len(windows.target)
    if n_windows == 0:
        raise ValueError("no series holds more than one value: there is nothing to learn from; give longer series")
    network_of = {
        "input_length": model.input_length_,
        "horizon": model.horizon_,
        "n_quantiles": len(LEVELS),
        "n_past": n_past,
        "n_future": n_future,
        **{name: getattr(model, name) for name in ("pooling", "downsampling", "width", "dropout")},
    }
    seeds = rng.integers(2**31, size=model.n_networks).tolist()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds[0])
        ensemble = NHitsEnsemble(model.n_networks, network_of)
    for i, seed in enumerate(seeds):
        fit_torch(
            ensemble.networks[i],
            (windows.inputs, windows.target),
            loss=pinball,
            epochs=max(1, round(model.n_steps * min(1.0, model.batch_size / n_windows))),
            batch_size=model.batch_size,
            learning_rate=model.learning_rate,
            weight_decay=model.weight_decay,
            precision="float32",
            device=model.device,
            seed=seed,
            run=run,
            name=f"network {i + 1}" if model.n_networks > 1 else "",
            progress=progress,
        )
    shown = np.flatnonzero(windows.target[:, 1].any(axis=0))
    return ensemble, n_windows, int(shown[-1]) + 1 if len(shown) else model.horizon_
