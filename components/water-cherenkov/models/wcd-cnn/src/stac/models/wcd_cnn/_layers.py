"""Layers that networks for stations share: convolutions that shorten the traces, and the head that answers."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["StationHead", "TraceConvolutions"]


class TraceConvolutions(nn.Sequential):
    """Convolutions along time that shorten a trace, the more the longer it is.

    The first has stride 1, 2, 4 or 8 (from 64, 128 and 1024 bins on); the second keeps what has 64 steps or less; every
    further one halves, until there are at most ``max_steps`` steps. They are `Conv2d` in channels-last layout, which
    on a processor are up to twice as fast as `Conv1d`.

    Parameters
    ----------
    n_channels, n_bins : int
        Shape of the maps.
    widths : sequence of int
        Channels of the layers, one for each that there is at least; the last holds for further ones.
    max_steps : int
        Longest output.

    Attributes
    ----------
    n_channels, n_steps : int
        Shape of the output: (n_stations, n_channels, 1, n_steps).

    Examples
    --------
    >>> from stac.models.wcd_cnn import TraceConvolutions
    >>> [TraceConvolutions(4, n_bins, (16, 16, 24, 24), 16).n_steps for n_bins in (16, 30, 200, 768, 2048)]
    [4, 8, 13, 12, 16]
    """

    def __init__(self, n_channels: int, n_bins: int, widths: Sequence[int], max_steps: int):
        super().__init__()
        self.n_channels, self.n_steps = n_channels, n_bins
        first = 1 if n_bins < 64 else 2 if n_bins < 128 else 4 if n_bins < 1024 else 8
        layer = 0
        while layer < len(widths) or self.n_steps > max_steps:
            stride = first if layer == 0 else 1 if layer == 1 and self.n_steps <= 64 else 2
            self._add(widths[min(layer, len(widths) - 1)], stride)
            layer += 1
        self.to(memory_format=torch.channels_last)

    def _add(self, width: int, stride: int) -> None:
        kernel = max(5, 2 * stride + 1)
        self.append(nn.Conv2d(self.n_channels, width, (1, kernel), (1, stride), (0, kernel // 2), bias=False))
        self.append(nn.BatchNorm2d(width))
        self.append(nn.ReLU(inplace=True))
        self.n_channels, self.n_steps = width, math.ceil(self.n_steps / stride)


class StationHead(nn.Module):
    """Two dense layers; for as many outputs as there are bins, a share of the mean trace in each bin.

    Parameters
    ----------
    n_inputs, hidden, n_outputs : int
        Widths of the dense layers.
    dropout : float
        Share of the inputs that are dropped in training, 0 to below 1.
    n_channels, n_bins : int
        Shape of the maps.
    """

    def __init__(self, n_inputs: int, hidden: int, n_outputs: int, dropout: float, n_channels: int, n_bins: int):
        super().__init__()
        if not isinstance(n_outputs, int) or n_outputs < 1:
            raise ValueError(f"n_outputs={n_outputs!r} is out of range: pass the number of classes or values.")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout={dropout!r} is out of range: pass a share from 0 to below 1, such as 0.1.")
        self.dense = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(n_inputs, hidden), nn.ReLU(inplace=True), nn.Linear(hidden, n_outputs)
        )
        self.bins = None
        if n_outputs == n_bins:
            self.bins = nn.Sequential(
                nn.Conv2d(n_channels, 16, (1, 9), padding=(0, 4)),
                nn.ReLU(inplace=True),
                nn.Conv2d(16, 1, (1, 9), padding=(0, 4)),
            ).to(memory_format=torch.channels_last)
            self.log_scale = nn.Parameter(torch.zeros(()))  # from the unit of the traces to that of the target

    def forward(self, inputs: Tensor, maps: Tensor, mean_trace: Tensor) -> Tensor:
        """Return logits or values.

        Parameters
        ----------
        inputs : Tensor of shape (n_stations, n_inputs)
            What the layers before found, with the summary of the station.
        maps, mean_trace : Tensor
            As ``StationInput`` gives them; used for a trace only.

        Returns
        -------
        Tensor of shape (n_stations, n_outputs)
            Logits or values; a trace is never larger than the mean trace times one learnt factor.
        """
        outputs = self.dense(inputs)
        if self.bins is None:
            return outputs
        share = torch.sigmoid(outputs + self.bins(maps)[:, 0, 0])
        return share * mean_trace * self.log_scale.exp()
