"""The recurrent network: a GRU or LSTM reads the series, beside it three convolutions, and both answer together."""

from typing import Any

import torch
from torch import Tensor, nn

from stac.models.recurrent_classifier._recurrence import Gru, Lstm

__all__ = ["RecurrentNetwork"]

CELLS = {"gru": Gru, "lstm": Lstm}
CONVOLUTIONS = ((128, 8), (256, 5), (128, 3))  # filters and kernel sizes of the paper


class RecurrentNetwork(nn.Module):
    """Classify series by a recurrent branch, joined by a fully convolutional one.

    Parameters
    ----------
    n_channels : int
        Channels of a series.
    n_classes : int
        Classes, or values to estimate.
    n_timepoints : int, optional
        Length of the series: only with ``shuffle``, and required there.
    cell : {"gru", "lstm"}, default="gru"
        Recurrent unit.
    n_units : int, default=64
        Units in each direction.
    n_layers : int, default=1
        Recurrent layers, one on top of the other.
    bidirectional : bool, default=False
        Whether the series is read from both ends.
    fcn : bool, default=True
        Join the convolutional branch.
    shuffle : bool, default=False
        As in the paper, read the channels one after the other, each as a vector of all its time points, instead of the
        time points.
    dropout : float, default=0.0
        Share of the recurrent branch's outputs that is dropped in training.

    Attributes
    ----------
    hyperparameters : dict
        The arguments above.

    References
    ----------
    F. Karim, S. Majumdar, H. Darabi, S. Chen, "LSTM fully convolutional networks for time series classification", IEEE
    Access 6 (2018) 1662, https://doi.org/10.1109/ACCESS.2017.2779939

    Examples
    --------
    >>> import torch
    >>> from stac.models.recurrent_classifier import RecurrentNetwork
    >>> RecurrentNetwork(n_channels=3, n_classes=2)(torch.rand(5, 3, 100)).shape
    torch.Size([5, 2])
    """

    def __init__(
        self,
        n_channels: int,
        n_classes: int,
        n_timepoints: int | None = None,
        *,
        cell: str = "gru",
        n_units: int = 64,
        n_layers: int = 1,
        bidirectional: bool = False,
        fcn: bool = True,
        shuffle: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"cell={cell!r} is unknown: use one of {', '.join(map(repr, CELLS))}.")
        if min(n_channels, n_classes, n_units, n_layers) < 1 or not 0 <= dropout < 1:
            raise ValueError("n_channels, n_classes, n_units, n_layers must be 1 or more, dropout from 0 to below 1.")
        if shuffle and n_timepoints is None:
            raise ValueError("shuffle=True needs n_timepoints, the length of the series.")
        self.hyperparameters: dict[str, Any] = {
            "n_channels": n_channels,
            "n_classes": n_classes,
            "n_timepoints": n_timepoints,
            "cell": cell,
            "n_units": n_units,
            "n_layers": n_layers,
            "bidirectional": bidirectional,
            "fcn": fcn,
            "shuffle": shuffle,
            "dropout": dropout,
        }
        self.shuffle, self.accepts_lengths = shuffle, not shuffle
        n_inputs = n_timepoints if shuffle else n_channels
        self.recurrence = CELLS[cell](n_inputs, n_units, n_layers, batch_first=True, bidirectional=bidirectional)
        self.dropout = nn.Dropout(dropout)
        widths = [n_channels, *(n_filters for n_filters, _ in CONVOLUTIONS)]
        self.convolutions = nn.ModuleList(
            Convolution(n, *sizes) for n, sizes in zip(widths, CONVOLUTIONS if fcn else (), strict=False)
        )
        self.head = nn.Linear(n_units * (1 + bidirectional) + widths[-1] * fcn, n_classes)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return logits.

        Parameters
        ----------
        x : Tensor of shape (n, n_channels, n_timepoints)
            Series, each channel of about unit variance.
        lengths : Tensor of shape (n,), optional
            Time points of each series, where those beyond are padding: they change nothing.

        Returns
        -------
        Tensor of shape (n, n_classes)
            Logits.
        """
        if lengths is None:
            found = [self._read(x if self.shuffle else x.mT, None)]
            if self.convolutions:
                found.append(self._convolve(x, None).mean(dim=2))
            return self.head(torch.cat(found, dim=1))
        inside = (torch.arange(x.shape[2], device=x.device) < lengths[:, None])[:, None].float()
        found = [self._read((x * inside).mT, lengths)]
        if self.convolutions:
            found.append(self._convolve(x * inside, inside).sum(dim=2) / lengths[:, None])
        return self.head(torch.cat(found, dim=1))

    def _read(self, steps: Tensor, lengths: Tensor | None) -> Tensor:
        """Return each direction after its last step."""
        last = self.recurrence(steps, lengths)
        n_directions = 1 + self.recurrence.bidirectional
        return self.dropout(last[-n_directions:].transpose(0, 1).flatten(1))

    def _convolve(self, x: Tensor, inside: Tensor | None) -> Tensor:
        for convolution in self.convolutions:
            x = convolution(x)
            if inside is not None:
                x = x * inside
        return x


class Convolution(nn.Module):
    """A convolution, normalisation, ReLU."""

    def __init__(self, n_inputs: int, n_filters: int, size: int) -> None:
        super().__init__()
        self.margins = (size - 1) // 2, size // 2
        self.convolution = nn.Conv2d(n_inputs, n_filters, (1, size), bias=False)
        self.norm = nn.BatchNorm1d(n_filters)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, n_filters, n_timepoints)."""
        padded = nn.functional.pad(x, self.margins)
        if torch.is_autocast_enabled("cpu"):  # processors with short precision prefer channels last
            convolved = self.convolution(padded[:, :, None].contiguous(memory_format=torch.channels_last))[:, :, 0]
        else:
            convolved = nn.functional.conv1d(padded, self.convolution.weight[:, :, 0])
        return torch.relu_(self.norm(convolved))
