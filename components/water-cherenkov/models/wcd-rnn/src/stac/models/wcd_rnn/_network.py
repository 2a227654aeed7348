"""The recurrent network: convolutions shorten the traces, a GRU or LSTM reads them, a small head answers."""

from typing import Any

import torch
from torch import Tensor, nn

from stac.models.wcd_cnn import StationHead, StationInput, TraceConvolutions

__all__ = ["WcdRnn"]

PRESETS = {  # channels of the convolutions, units of the recurrence in each direction, width of the head
    "small": ((16, 16, 24), 24, 24),
    "medium": ((32, 48, 48), 64, 64),
    "large": ((64, 96, 96), 128, 128),
}
MAX_STEPS = 32
CELLS = {"gru": nn.GRU, "lstm": nn.LSTM}


class WcdRnn(nn.Module):
    """Classify stations by their traces, or estimate what is in them, with a recurrent network.

    Parameters
    ----------
    n_pmts : int, default=3
        PMTs of a station.
    n_bins : int, default=200
        Samples of a trace, 16 or more.
    n_features : int, default=0
        Variables of a station given beside its traces, such as its distance to the core.
    n_outputs : int, default=2
        Classes, or values to estimate; ``n_bins`` for a trace, such as the muons' one.
    preset : {"small", "medium", "large"}, default="small"
        Size of the network: about 13, 74 or 290 thousand parameters, more for long traces.
    dropout : float, default=0.1
        Share of the head's inputs that are dropped in training.
    cell : {"gru", "lstm"}, default="gru"
        Recurrent unit.
    bidirectional : bool, default=True
        Whether the trace is read from both ends.
    ring : bool, default=True
        PMTs are numbered around the tank, and which is the first means nothing; False where their places differ.

    Attributes
    ----------
    hyperparameters : dict
        The arguments above.

    Examples
    --------
    >>> import torch
    >>> from stac.models.wcd_rnn import WcdRnn
    >>> network = WcdRnn(n_pmts=4, n_bins=30)
    >>> traces, pmt_mask = torch.rand(5, 4, 30), torch.ones(5, 4, dtype=torch.bool)
    >>> network(traces, pmt_mask).shape
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
        ring: bool = True,
    ):
        super().__init__()
        if preset not in PRESETS:
            raise ValueError(f"preset={preset!r} is unknown: use one of {', '.join(PRESETS)}.")
        if cell not in CELLS:
            raise ValueError(f"cell={cell!r} is unknown: use one of {', '.join(CELLS)}.")
        self.hyperparameters: dict[str, Any] = {
            "n_pmts": n_pmts,
            "n_bins": n_bins,
            "n_features": n_features,
            "n_outputs": n_outputs,
            "preset": preset,
            "dropout": dropout,
            "cell": cell,
            "bidirectional": bidirectional,
            "ring": ring,
        }
        widths, units, hidden = PRESETS[preset]
        self.input = StationInput(n_pmts, n_bins, n_features, ring)
        self.convolutions = TraceConvolutions(self.input.n_channels, n_bins, widths, MAX_STEPS)
        self.recurrence = CELLS[cell](self.convolutions.n_channels, units, bidirectional=bidirectional)
        n_inputs = units * (2 if bidirectional else 1) + self.input.n_summary
        self.head = StationHead(n_inputs, hidden, n_outputs, dropout, self.input.n_channels, n_bins)

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
        maps, summary, mean_trace = self.input(traces, pmt_mask, features)
        steps = self.convolutions(maps)[:, :, 0].permute(2, 0, 1)  # time first
        _, last = self.recurrence(steps)
        if isinstance(last, tuple):  # an LSTM's second is its memory
            last = last[0]
        found = last.transpose(0, 1).flatten(1)  # each direction after its last step
        return self.head(torch.cat([found, summary], 1), maps, mean_trace)

    def set_feature_scaling(self, mean: Any, std: Any) -> None:
        """Keep the mean and standard deviation of the features, from the training data; saved with the weights.

        Parameters
        ----------
        mean, std : array-like of shape (n_features,)
            In the units of the features; a constant feature (std 0) is only shifted.
        """
        self.input.set_feature_scaling(mean, std)
