"""N-HiTS: a network that learns from many series at once and forecasts quantiles at several rates."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from stac.models.nhits._network import NHitsNetwork

__all__ = ["NHits", "NHitsNetwork"]

LEVELS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)


@dataclass(eq=False)
class NHits:
    horizon: int | None = None
    input_length: int | None = None
    season_length: int | None = None
    exogenous: Sequence[str] | None = None
    calendar: bool = True
    n_networks: int = 3
    n_steps: int = 600
    batch_size: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    width: int = 256
    dropout: float = 0.0
    pooling: Sequence[int] = (4, 2, 1)
    downsampling: Sequence[int] = (8, 4, 1)
    max_windows: int = 50_000
    random_state: int | None = 0
    device: str = "auto"

    def fit(self, frame: "pd.DataFrame", *, run: Any = None) -> Self:
        import torch

        from stac.data_processing.series_panel import series_panel
        from stac.models.nhits._network import NHitsEnsemble, NHitsNetwork
        from stac.models.nhits._windows import training_windows
        from stac.training.fit_torch import fit_torch

        panel = series_panel(
            frame, exogenous=self.exogenous, season_length=self.season_length, calendar="cyclic" if self.calendar else None
        )
        horizon = self.horizon or max(panel.season_length, 12)
        length = self.input_length or _default_input_length(panel.season_length, horizon, panel.frequency)
        rng = np.random.default_rng(self.random_state)
        self.column_mean_, self.column_scale_ = _column_scaling(panel.columns, len(panel.exogenous))
        columns = (panel.columns - self.column_mean_) / self.column_scale_
        n_windows = min(self.max_windows, self.n_steps * self.batch_size)
        windows = training_windows(panel.y, columns, len(panel.exogenous), length, horizon, panel.season_length, n_windows, rng)
        self.n_windows_ = len(windows.target)
        arguments = {
            "input_length": length, "horizon": horizon, "n_quantiles": len(LEVELS),
            "n_past": len(panel.exogenous), "n_future": len(panel.names), "width": self.width, "dropout": self.dropout,
            "pooling": list(self.pooling), "downsampling": list(self.downsampling),
        }
        ensemble = NHitsEnsemble(self.n_networks, arguments, (len(panel.y), length, len(panel.names)))
        epochs = max(1, round(self.n_steps * self.batch_size / len(windows.target)))
        for i, seed in enumerate(rng.integers(2**31, size=self.n_networks).tolist()):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                network = NHitsNetwork(**arguments)
            fit_torch(
                network, (windows.inputs, windows.target), loss=pinball, epochs=epochs, batch_size=self.batch_size,
                learning_rate=self.learning_rate, weight_decay=self.weight_decay, seed=seed, device=self.device,
                precision="float32", run=run, name=f"network {i + 1}" if self.n_networks > 1 else "", progress=False,
            )
            ensemble.networks[i] = network
        self.network_ = ensemble
        self.panel_ = panel
        return self

    def predict(self, horizon: int, *, quantiles: Sequence[float] = (), future: "pd.DataFrame | None" = None) -> "pd.DataFrame":
        from stac.data_processing.series_frame import check_quantiles
        from stac.data_processing.series_panel import forecast_table
        from stac.models.nhits._windows import windows_at
        from stac.training.fit_torch import predict_torch
        panel=self.panel_
        a = self.network_.hyperparameters["network"]
        length, longest = a["input_length"], a["horizon"]
        times, known = panel.future(horizon, future)
        cols = np.concatenate([panel.columns[:, -length:], known, np.zeros((len(known), longest - horizon, known.shape[2]), np.float32)], 1)
        cols = (cols - self.column_mean_) / self.column_scale_
        y = panel.y[:, -length:]
        n = len(y)
        w = windows_at(y, cols, np.arange(n), np.full(n, y.shape[1]), len(panel.exogenous), length, longest, panel.season_length)
        out = np.sort(predict_torch(self.network_, w.inputs, device=self.device), axis=2)[:, :horizon].astype(float)
        values = w.level[:, :, None] + w.scale[:, :, None] * out
        return forecast_table(times, values[:, :, LEVELS.index(0.5)], {k: at_level(values, q) for k, q in check_quantiles(quantiles).items()})


def pinball(output, target):
    import torch
    levels = torch.tensor(LEVELS, dtype=output.dtype, device=output.device)
    weight = target[:, 1, :, None]
    error = target[:, 0, :, None] - output
    loss = torch.maximum(levels * error, (levels - 1) * error) * weight
    return loss.sum() / (weight.sum() * len(LEVELS)).clamp(min=1)


def at_level(values, level):
    from statistics import NormalDist
    z = np.array([NormalDist().inv_cdf(x) for x in LEVELS]); x = NormalDist().inv_cdf(level)
    i = int(np.clip(np.searchsorted(z, x) - 1, 0, len(z) - 2)); s = (x - z[i]) / (z[i + 1] - z[i])
    return (1 - s) * values[..., i] + s * values[..., i + 1]


def _column_scaling(columns, n_exogenous):
    mean, scale = np.zeros(columns.shape[2], np.float32), np.ones(columns.shape[2], np.float32)
    if n_exogenous:
        exogenous = columns[..., :n_exogenous].astype(float)
        mean[:n_exogenous] = np.nanmean(exogenous, axis=(0, 1))
        std = np.nanstd(exogenous, axis=(0, 1)); scale[:n_exogenous] = np.where(std > 0, std, 1)
    return mean, scale


def _default_input_length(season_length, horizon, frequency):
    return max(64, 3 * horizon, 2 * season_length) if season_length < 24 else max(7 * season_length, 3 * horizon) if season_length in (24,48,96) else max(3*horizon, 2*season_length)


def __getattr__(name: str) -> Any:
    """Import torch, which takes seconds, only for who asks for a network."""
    if name != "NHitsNetwork":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from stac.models.nhits._network import NHitsNetwork

    return NHitsNetwork
