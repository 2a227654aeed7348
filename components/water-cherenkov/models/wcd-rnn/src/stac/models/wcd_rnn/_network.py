"""The recurrent network: a strided convolution shortens the traces, a GRU or LSTM reads them, a small head decides."""

from typing import Any

import torch
from torch import Tensor, nn

from stac.models.wcd_cnn import StationInput, TraceConvolutions

__all__ = ["PRESETS", "WcdRnn"]

PRESETS = {"small": (16, 16, 32), "medium": (32, 48, 96), "large": (64, 96, 192)}  # convolution, recurrence, head


class WcdRnn(nn.Module):
    """Classify stations by their traces, or estimate what is in them, with a recurrent network.

    Parameters
    ----------
    n_pmts : int, default=3
        PMTs of a station.
    n_bins : int, default=200
        Samples of a trace, 16 or more.
    n_features : int, default=0
        Variables of a station given beside its traces.
    n_outputs : int, default=2
        Classes, or values to estimate; ``n_bins`` for a trace, such as the muons' one.
    preset : {"small", "medium", "large"}, default="small"
        Size of the network.
    dropout : float, default=0.1
        Share of the head's inputs that are dropped in training.
    cell : {"gru", "lstm"}, default="gru"
        Recurrent unit.
    bidirectional : bool, default=True
        Whether the trace is read from both ends.

    Examples
    --------
    >>> import torch
    >>> from stac.models.wcd_rnn import WcdRnn
    >>> WcdRnn(n_pmts=4, n_bins=30)(torch.rand(5, 4, 30)).shape
    torch.Size([5, 2])
    """

    def __init__(
        self,
        n_pmts: int = 3,
        n_bins: int = 200,
        *,
        n_features: int = 0,
        n_outputs: int = 2,
        preset: str = "small",
        dropout: float = 0.1,
        cell: str = "gru",
        bidirectional: bool = True,
    ):
        super().__init__()
        self.hyperparameters: dict[str, Any] = {
            "n_pmts": n_pmts,
            "n_bins": n_bins,
            "n_features": n_features,
            "n_outputs": n_outputs,
            "preset": preset,
            "dropout": dropout,
            "cell": cell,
            "bidirectional": bidirectional,
        }
        if preset not in PRESETS:
            raise ValueError(f"preset={preset!r} is unknown: use one of {', '.join(PRESETS)}.")
        if cell not in ("gru", "lstm"):
            raise ValueError(f'cell={cell!r} is unknown: use "gru" or "lstm".')
        width, units, hidden = PRESETS[preset]
        self.input = StationInput(n_pmts, n_bins, n_features)
        self.convolutions = TraceConvolutions(n_pmts, n_bins, width, width, max_steps=32)
        recurrence = {"gru": nn.GRU, "lstm": nn.LSTM}[cell]
        self.recurrence = recurrence(width, units, bidirectional=bidirectional)
        n_units = units * (2 if bidirectional else 1)
        self.head = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(2 * n_units + self.input.n_summary, hidden),
            nn.ReLU(),
            nn.Linear(hidden, n_outputs),
        )

    def forward(self, traces: Tensor, pmt_mask: Tensor | None = None, features: Tensor | None = None) -> Tensor:
        """Return logits (or values) of stations.

        Parameters
        ----------
        traces : Tensor of shape (n_stations, n_pmts, n_bins)
            In units of the VEM peak, with the baseline at zero; heavy tails are compressed inside.
        pmt_mask : Tensor of shape (n_stations, n_pmts), bool, optional
            True where the PMT works; samples elsewhere are never read. By default all work.
        features : Tensor of shape (n_stations, n_features), optional
            Required if the network was built with ``n_features``.

        Returns
        -------
        Tensor of shape (n_stations, n_outputs)
            Logits for classes, values for regression.

        Raises
        ------
        ValueError
            If a shape is another one than the network was built for.
        """
        maps, summary = self.input(traces, pmt_mask, features)
        steps = self.convolutions(maps.contiguous(memory_format=torch.channels_last))
        states, _ = self.recurrence(steps[:, :, 0].permute(2, 0, 1))
        return self.head(torch.cat([states.mean(0), states.amax(0), summary], 1))

    def set_feature_scaling(self, mean: Any, std: Any) -> None:
        """Keep the mean and standard deviation of the features, from the training data; saved with the weights.

        Parameters
        ----------
        mean, std : array-like of shape (n_features,)
            In the units of the features.
        """
        self.input.set_scaling(mean, std)
