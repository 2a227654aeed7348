"""The Inception network: modules of convolutions with long kernels of several lengths, and shortcuts around them."""

from typing import Any

import torch
from torch import Tensor, nn

from stac.models.inception_time._convolution import MaxOfThree, convolve_all

__all__ = ["InceptionNetwork"]


class InceptionNetwork(nn.Module):
    """Classify series by modules of long convolutions, an average over time, and a linear layer.

    Parameters
    ----------
    n_channels : int
        Channels of a series.
    n_classes : int
        Classes, or values to estimate.
    n_filters : int, default=32
        Filters of each of the four branches of a module.
    depth : int, default=6
        Modules; a shortcut goes around every three.
    kernel_sizes : sequence of int, default=(40, 20, 10)
        Lengths of the kernels of a module, in time points.

    Attributes
    ----------
    hyperparameters : dict
        The arguments above.

    References
    ----------
    H. Ismail Fawaz et al., "InceptionTime: finding AlexNet for time series classification", Data Mining and Knowledge
    Discovery 34 (2020) 1936, https://doi.org/10.1007/s10618-020-00710-y

    Examples
    --------
    >>> import torch
    >>> from stac.models.inception_time import InceptionNetwork
    >>> InceptionNetwork(n_channels=3, n_classes=2)(torch.rand(5, 3, 100)).shape
    torch.Size([5, 2])
    """

    accepts_lengths = True

    def __init__(
        self,
        n_channels: int,
        n_classes: int,
        n_filters: int = 32,
        depth: int = 6,
        kernel_sizes: tuple[int, ...] = (40, 20, 10),
    ) -> None:
        super().__init__()
        if min(n_channels, n_classes, n_filters, depth, *kernel_sizes) < 1 or not kernel_sizes:
            raise ValueError("n_channels, n_classes, n_filters, depth and all kernel_sizes must be 1 or more.")
        self.hyperparameters: dict[str, Any] = {
            "n_channels": n_channels,
            "n_classes": n_classes,
            "n_filters": n_filters,
            "depth": depth,
            "kernel_sizes": list(kernel_sizes),
        }
        width = n_filters * (len(kernel_sizes) + 1)
        n_inputs = [n_channels] + [width] * (depth - 1)
        self.blocks = nn.ModuleList(InceptionModule(n, n_filters, kernel_sizes) for n in n_inputs)
        self.shortcuts = nn.ModuleList(Shortcut(n, width) for n in n_inputs[: 3 * (depth // 3) : 3])
        self.head = nn.Linear(width, n_classes)

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
            return self.head(self._features(x, 1).mean(dim=2))
        inside = torch.arange(x.shape[2], device=x.device) < lengths[:, None]
        return self.head(self._features(x, inside[:, None].float()).sum(dim=2) / lengths[:, None])

    def _features(self, x: Tensor, inside: Tensor | int) -> Tensor:
        x = before = x * inside
        for i, module in enumerate(self.blocks):
            x, is_third = module(x), i % 3 == 2
            if is_third:
                x = x + self.shortcuts[i // 3](before)
            x = torch.relu_(x)
            if isinstance(inside, Tensor):  # so that padding stays what convolutions take the ends for
                x = x * inside
            if is_third:
                before = x
        return x


class InceptionModule(nn.Module):
    """Convolutions of several lengths behind one bottleneck, beside a pooled view; then batch normalisation."""

    def __init__(self, n_inputs: int, n_filters: int, kernel_sizes: tuple[int, ...]) -> None:
        super().__init__()
        self.bottleneck = Pointwise(n_inputs, n_filters) if n_inputs > 1 else None
        width = n_filters if n_inputs > 1 else 1
        self.kernels = nn.ParameterList(torch.empty(n_filters, width, size) for size in kernel_sizes)
        self.pooled = Pointwise(n_inputs, n_filters)
        self.norm = nn.BatchNorm1d(n_filters * (len(kernel_sizes) + 1))
        for weight in self.kernels:
            nn.init.xavier_uniform_(weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, (len(kernel_sizes) + 1) * n_filters, n_timepoints)."""
        narrow = x if self.bottleneck is None else self.bottleneck(x)
        pooled = self.pooled(MaxOfThree.apply(x))
        return self.norm(torch.cat([convolve_all(narrow, list(self.kernels)), pooled], dim=1))


class Shortcut(nn.Module):
    """What is added to the output of three modules: their input, in as many channels."""

    def __init__(self, n_inputs: int, n_outputs: int) -> None:
        super().__init__()
        self.convolution = Pointwise(n_inputs, n_outputs)
        self.norm = nn.BatchNorm1d(n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, n_outputs, n_timepoints)."""
        return self.norm(self.convolution(x))


class Pointwise(nn.Conv1d):
    """A convolution with kernels of length 1, which is a product of matrices, and faster as one."""

    def __init__(self, n_inputs: int, n_outputs: int) -> None:
        super().__init__(n_inputs, n_outputs, 1, bias=False)
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, n_outputs, n_timepoints)."""
        return torch.bmm(self.weight[:, :, 0].expand(len(x), -1, -1), x)
