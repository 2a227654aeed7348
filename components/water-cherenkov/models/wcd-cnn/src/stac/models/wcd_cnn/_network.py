"""The convolutional network: strided convolutions over the PMTs' traces, then a small head with the summary."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from stac.models.wcd_cnn._inputs import StationInput

__all__ = ["PRESETS", "TraceConvolutions", "WcdCnn"]

PRESETS = {  # channels of the first and the widest convolution, width of the head
    "small": (16, 32, 32),
    "medium": (32, 64, 96),
    "large": (64, 128, 192),
}


class TraceConvolutions(nn.Sequential):
    """Strided convolutions along time that shorten a trace to at most ``max_steps`` steps.

    Parameters
    ----------
    n_channels, n_bins : int
        Shape of what comes in.
    width, max_width : int
        Channels of the first and the widest convolution.
    max_steps : int
        Longest output.
    """

    def __init__(self, n_channels: int, n_bins: int, width: int, max_width: int, max_steps: int):
        stride = 1 if n_bins < 64 else 4 if n_bins < 1024 else 8
        layers, steps = [], n_bins
        kernel = 5 if stride == 1 else 2 * stride + 1
        while True:
            layers += [nn.Conv2d(n_channels, width, (1, kernel), (1, stride), (0, kernel // 2)), nn.ReLU(inplace=True)]
            steps = math.ceil(steps / stride)
            n_channels, width, kernel, stride = width, min(width * 3 // 2, max_width), 5, 2
            if steps <= max_steps:
                break
        super().__init__(*layers)
        self.n_channels, self.n_steps = n_channels, steps
        self.to(memory_format=torch.channels_last)  # twice as fast as Conv1d on a processor


class WcdCnn(nn.Module):
    """Classify stations by their traces, or estimate what is in them.

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

    Examples
    --------
    >>> import torch
    >>> from stac.models.wcd_cnn import WcdCnn
    >>> network = WcdCnn(n_pmts=4, n_bins=30)
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
    ):
        super().__init__()
        self.hyperparameters: dict[str, Any] = {
            "n_pmts": n_pmts,
            "n_bins": n_bins,
            "n_features": n_features,
            "n_outputs": n_outputs,
            "preset": preset,
            "dropout": dropout,
        }
        if preset not in PRESETS:
            raise ValueError(f"preset={preset!r} is unknown: use one of {', '.join(PRESETS)}.")
        width, max_width, hidden = PRESETS[preset]
        self.input = StationInput(n_pmts, n_bins, n_features)
        self.convolutions = TraceConvolutions(n_pmts, n_bins, width, max_width, max_steps=8)
        self.head = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(self.convolutions.n_channels * self.convolutions.n_steps + self.input.n_summary, hidden),
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
        return self.head(torch.cat([steps.flatten(1), summary], 1))

    def set_feature_scaling(self, mean: Any, std: Any) -> None:
        """Keep the mean and standard deviation of the features, from the training data; saved with the weights.

        Parameters
        ----------
        mean, std : array-like of shape (n_features,)
            In the units of the features.
        """
        self.input.set_scaling(mean, std)
